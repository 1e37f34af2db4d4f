//! `undo`: takes back the last command that wrote.

use clap::Args;

use super::canary::known::Known;
use super::canary::owner;
use super::show::Report;
use super::{Outcome, Session, Stop, Writing, canary, plan, render};
use crate::component::Moment;
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
        let [now, then] = plan.states();
        let way = owner::Way::Back(&then);
        let known = Known::of(&now);
        owner::guard(&known, &now.base, &then.base, way, &undo.writing)?;
        let report = plan::finish(session, &project, &plan, &undo.writing, "undone")?;
        moved(session, report, &known, &Known::of(&then))?
    };
    report.diagnostics.splice(0..0, notes);
    Ok(report)
}

/// Says how it goes on where a rollout was moved.
fn moved(
    session: &mut Session<'_>,
    report: Report,
    now: &Known,
    then: &Known,
) -> Result<Report, Stop> {
    if !now.differs(then) || !report.wrote {
        return Ok(report);
    }
    // A spec that somebody has kept may not hold: what was taken back is said without it.
    let Ok(loaded) = render::load(session, None, &[]) else {
        return Ok(report);
    };
    let lock = loaded.project.state()?.lock;
    let is_behind = |text: &String| lock.is_none_or(|lock| lock.is_behind(text));
    // A spec that was edited before the command is so again: it is not what the tree has.
    if loaded.settled.app.canary.is_none() || loaded.text.as_ref().is_some_and(is_behind) {
        return Ok(report);
    }
    let is_over = now.run().is_some() && then.run().is_none();
    let end = is_over.then_some(Moment::Aborted);
    canary::told(session, report, end)
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
