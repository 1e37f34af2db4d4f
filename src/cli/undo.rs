//! `undo`: takes back the last command that wrote.

use clap::Args;

use super::show::Report;
use super::{Outcome, Session, Stop, Writing, owner, plan};
use crate::diag::Diagnostic;
use crate::project::{Plan, Project, UNDO};

/// Take back the last command that wrote, once
#[derive(Debug, Args)]
pub(super) struct Undo {
    #[command(flatten)]
    writing: Writing,
}

/// Runs `undo`.
pub(super) fn run(undo: &Undo, session: &mut Session<'_>) -> Result<Report, Stop> {
    // The command may have been the one that made the spec, or the spec may be gone since: then it is
    // not the last command of a service in a folder above that is meant.
    let here = Project::at(session.folder.clone());
    let project = if session.folder.join(UNDO).exists() {
        here
    } else {
        Project::find(&session.folder).unwrap_or(here)
    };
    let notes = plan::recover(&project)?;
    let Some(plan) = Plan::undo(&project)? else {
        let mut report = Report::new(Outcome::No, "nothing");
        report.diagnostics = notes;
        report
            .diagnostics
            .push(Diagnostic::error("there is nothing to take back").help(
                "only the last command is remembered, once; older states are in version control",
            ));
        return Ok(report);
    };
    let mut report = if undo.writing.accept.is_empty() && !plan.is_clean() {
        changed_since(session, &project, &plan)
    } else {
        let plan = plan::decided(session, &project, plan, &undo.writing)?;
        let (now, then) = plan.renders();
        owner::guard(&now, &then, owner::Way::Back, &undo.writing)?;
        plan::finish(session, &project, &plan, &undo.writing, "undone")?
    };
    report.diagnostics.splice(0..0, notes);
    Ok(report)
}

/// Files that are not as the command left them: their owner says what becomes of them.
fn changed_since(session: &Session<'_>, project: &Project, plan: &Plan) -> Report {
    let mut report = Report::new(Outcome::No, "conflict");
    report.rows = plan::rows(session, project, plan);
    for change in plan.conflicts() {
        let path = session.shown(project, change.path.as_str());
        report.diagnostics.push(
            Diagnostic::error(format!("`{path}` was changed since"))
                .in_file(path)
                .help(
                    "run this again with `--accept ours` to leave it as it is and take the rest back, or \
                     with `--accept theirs` to take it back too",
                ),
        );
    }
    report.hints.push("Nothing was written.".to_owned());
    report
}
