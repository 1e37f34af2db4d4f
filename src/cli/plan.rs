//! What a writing command does with its plan: show it, refuse it, or carry it out.

use super::show::{Report, Row};
use super::{Outcome, Session, Side, Stop, Writing};
use crate::diag::Diagnostic;
use crate::project::{self, Action, Plan, Project};
use crate::report::unified;

/// The rows of a plan, paths as the user would type them.
pub(super) fn rows(session: &Session<'_>, project: &Project, plan: &Plan) -> Vec<Row> {
    plan.changes
        .iter()
        .map(|change| Row {
            path: session.shown(project, change.path.as_str()),
            action: change.action.word(),
            why: change.why,
        })
        .collect()
}

/// A plan as a diff.
pub(super) fn diff(session: &Session<'_>, project: &Project, plan: &Plan) -> String {
    let mut out = String::new();
    for change in &plan.changes {
        let touches = match change.action {
            Action::New | Action::Updated | Action::Removed | Action::Conflict => true,
            Action::Same | Action::Kept | Action::InTheWay => false,
        };
        if touches {
            let path = session.shown(project, change.path.as_str());
            let (before, after) = (change.before.as_deref(), change.after.as_deref());
            out.push_str(&unified(before, after, &path, false));
        }
    }
    out
}

/// Shows, refuses or writes the plan. `done` is the word for a plan that was written.
pub(super) fn carry_out(
    session: &Session<'_>,
    project: &Project,
    mut plan: Plan,
    writing: &Writing,
    done: &'static str,
) -> Result<Report, Stop> {
    if let Some(side) = writing.accept {
        plan = plan.accept(match side {
            Side::Ours => project::Side::Ours,
            Side::Theirs => project::Side::Theirs,
        });
    }
    let mut report = Report::new(Outcome::Done, done);
    report.rows = rows(session, project, &plan);
    if writing.diff {
        report.data = Some(diff(session, project, &plan));
    }
    let shown = |path: &crate::files::RelPath| session.shown(project, path.as_str());
    for change in plan.in_the_way() {
        report.outcome = Outcome::Wrong;
        report.word = "invalid";
        let path = shown(&change.path);
        report.diagnostics.push(
            Diagnostic::error(format!("`{path}` is in the way: prodgen did not write it"))
                .in_file(path)
                .help("move it elsewhere, or take it out if it is not needed"),
        );
    }
    for change in plan.conflicts() {
        if report.outcome == Outcome::Done {
            report.outcome = Outcome::No;
            report.word = "conflict";
        }
        let path = shown(&change.path);
        report.diagnostics.push(
            Diagnostic::error(format!("`{path}` was edited, and this render changes it too"))
                .in_file(path)
                .help(
                    "see `prodgen diff`; then run this again with `--accept ours` to keep your edits or \
                     `--accept theirs` to take the render",
                ),
        );
    }
    if report.outcome != Outcome::Done {
        report.hints.push("Nothing was written.".to_owned());
        return Ok(report);
    }
    if plan.is_unchanged() {
        report.word = "unchanged";
        return Ok(report);
    }
    if writing.dry_run || writing.diff {
        report.word = "planned";
        report
            .hints
            .push("Nothing was written: this is the plan.".to_owned());
        return Ok(report);
    }
    project::write(project, &plan)?;
    Ok(report)
}

/// Finishes or takes back what an interrupted run left, and says so.
pub(super) fn recover(project: &Project) -> Result<Vec<Diagnostic>, Stop> {
    Ok(match project::recover(project)? {
        None => Vec::new(),
        Some(project::Recovered::Finished(paths)) => vec![Diagnostic::note(format!(
            "an earlier run was interrupted; its {} changes are finished now",
            paths.len()
        ))],
        Some(project::Recovered::Discarded(paths)) => vec![Diagnostic::note(format!(
            "an earlier run was interrupted before it changed anything; {} leftovers are gone",
            paths.len()
        ))],
    })
}
