//! What a writing command does with its plan: show it, refuse it, or carry it out.

use std::fmt::Write as _;

use super::show::{Report, Row};
use super::whole::whole;
use super::{Outcome, Session, Stop, Writing, accept, left};
use crate::diag::{Diagnostic, Origin, Sides, Span};
use crate::project::{self, Action, Change, Conflict, Plan, Project, SPEC, Why};
use crate::report::{apart, unified};

/// What to do about a tree of which nothing is known.
pub(super) const UNKNOWN: &str = "where `.prodgen` is gone or was never committed, bring it back from version control, or let \
     `prodgen render -w --adopt` take the tree as it stands for your edits";

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
            Action::New | Action::Updated | Action::Merged | Action::Removed | Action::Conflict => {
                true
            }
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

/// Shows, refuses or writes the plan, once it is decided. `done` is the word for a plan that was written.
pub(super) fn carry_out(
    session: &mut Session<'_>,
    project: &Project,
    plan: Plan,
    writing: &Writing,
    done: &'static str,
) -> Result<Report, Stop> {
    let plan = decided(session, project, plan, writing)?;
    finish(session, project, &plan, writing, done)
}

/// The plan with what the person has decided.
pub(super) fn decided(
    session: &Session<'_>,
    project: &Project,
    plan: Plan,
    writing: &Writing,
) -> Result<Plan, Stop> {
    if writing.accept.is_empty() {
        return Ok(plan);
    }
    accept::settle(session, project, plan, &writing.accept)
}

/// Shows, refuses or writes a plan that is decided.
pub(super) fn finish(
    session: &mut Session<'_>,
    project: &Project,
    plan: &Plan,
    writing: &Writing,
    done: &'static str,
) -> Result<Report, Stop> {
    if !plan.is_clean() && plan.is_outdated(project)? {
        let path = project.root.join(project::LOCK);
        return Err(project::Error::ChangedMeanwhile { path }.into());
    }
    let mut report = Report::new(Outcome::Done, done);
    report.rows = rows(session, project, plan);
    if writing.diff {
        report.data = Some(diff(session, project, plan));
    }
    open(session, project, plan, &mut report);
    if report.outcome != Outcome::Done {
        report.hints.push("Nothing was written.".to_owned());
        return Ok(report);
    }
    if plan.is_unchanged() {
        report.word = "unchanged";
        return Ok(report);
    }
    report.hints.extend(left::told(plan));
    if writing.dry_run || writing.diff {
        report.word = "planned";
        report
            .hints
            .push("Nothing was written: this is the plan.".to_owned());
        return Ok(report);
    }
    whole(|| project::write(project, plan))?;
    report.wrote = true;
    Ok(report)
}

/// Says what stands against writing a plan, and ends the run accordingly.
pub(super) fn open(session: &mut Session<'_>, project: &Project, plan: &Plan, report: &mut Report) {
    for change in plan.in_the_way() {
        report.outcome = Outcome::Wrong;
        report.word = "invalid";
        let path = session.shown(project, change.path.as_str());
        let help = if change.path.as_str() == SPEC || !plan.knows_nothing() {
            "move it elsewhere, or take it out if it is not needed".to_owned()
        } else {
            format!("move it elsewhere; or, {UNKNOWN}")
        };
        report.diagnostics.push(
            Diagnostic::error(format!("`{path}` is in the way: prodgen did not write it"))
                .in_file(path)
                .help(help),
        );
    }
    for change in plan.conflicts() {
        if report.outcome == Outcome::Done {
            report.outcome = Outcome::No;
            report.word = "conflict";
        }
        let path = session.shown(project, change.path.as_str());
        report.diagnostics.extend(conflicts(session, &path, change));
    }
}

/// What a person has to decide about one file, each thing with its place.
fn conflicts(session: &mut Session<'_>, path: &str, change: &Change) -> Vec<Diagnostic> {
    let help = "run this again with `--accept ours` to keep yours or `--accept theirs` to take the render's, or \
                `--accept FILE:FIELD=ours` for one of several; `--diff` beside it shows what comes of it";
    if change.open.is_empty() {
        let message = format!("`{path}` was edited, and this render changes it too");
        return vec![Diagnostic::error(message).in_file(path).help(help)];
    }
    let text = change.before.as_deref().unwrap_or_default();
    let origin = Origin::File(path.to_owned());
    let source = session.sources.add(origin, text);
    let one = |conflict: &Conflict| {
        let whole = conflict.path.0.is_empty();
        let place = match (&conflict.object, whole) {
            (Some(object), false) => format!("`{}` of `{object}`: ", conflict.path),
            (Some(object), true) => format!("`{object}`: "),
            (None, false) => format!("`{}`: ", conflict.path),
            (None, true) => String::new(),
        };
        let value = |value: Option<String>| match value {
            Some(value) => format!("`{value}`"),
            None => "nothing".to_owned(),
        };
        let mut message = format!("{place}{}", conflict.why.words());
        let values = [&conflict.base, &conflict.ours, &conflict.theirs];
        if values.iter().any(|value| value.is_some()) {
            let [base, ours, theirs] = apart(values.map(|value| value.as_deref())).map(value);
            // Writing to a String cannot fail.
            let _infallible = write!(
                message,
                "; it was {base}, yours is {ours}, the render's {theirs}"
            );
        }
        let rest = text.get(conflict.place.start..).unwrap_or_default();
        let line_end = rest.find('\n');
        let line_end = line_end.map_or(text.len(), |end| conflict.place.start + end);
        let end = conflict.place.end.min(line_end);
        let mut diagnostic = Diagnostic::error(message)
            .at(Span::new(source, conflict.place.start, end))
            .sides(Sides {
                object: conflict.object.clone(),
                base: conflict.base.clone(),
                ours: conflict.ours.clone(),
                theirs: conflict.theirs.clone(),
            });
        if !whole {
            diagnostic = diagnostic.key(conflict.path.to_string());
        }
        // Whose values are not shown, the lines are not either.
        let is_secret = |object: &String| object.starts_with("Secret/");
        if conflict.object.as_ref().is_some_and(is_secret) {
            diagnostic = diagnostic.concealed();
        }
        diagnostic
    };
    let cannot = |conflict: &Conflict| matches!(conflict.why, Why::Anchor | Why::Unclear);
    let help = if change.open.iter().any(cannot) {
        "run this again with `--accept ours` to keep yours; or change by hand what is not edited, and run it again"
    } else {
        help
    };
    let mut found: Vec<Diagnostic> = change.open.iter().map(one).collect();
    if let Some(last) = found.pop() {
        found.push(last.help(help));
    }
    found
}

/// Finishes or takes back what an interrupted run left, and says so.
pub(super) fn recover(project: &Project) -> Result<Vec<Diagnostic>, Stop> {
    Ok(match whole(|| project::recover(project))? {
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
