//! The one road of a rendered spec into its tree: what may not go out is refused, hand edits are merged, the
//! plan is shown or written, and where a rollout is then is said, whoever has moved it.

use super::canary::hand_edits::{self, Move};
use super::canary::known::Known;
use super::canary::{owner, turn, unasked};
use super::plan::{decided, finish};
use super::show::Report;
use super::{Session, Stop, Writing, canary, render};
use crate::diag::{Diagnostic, Severity};
use crate::files::FileSet;
use crate::project::{Plan, Project, Wanted};
use crate::render as rendering;
use crate::spec::edit::rewrite;
use crate::spec::{App, AppSpec, Layers};

/// Who has changed the spec since the last render.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// A verb, which moves a rollout like this.
    Verb(Move),
    /// A person, or a command for other keys.
    Hand,
    /// Nobody: there is another version of prodgen.
    Version,
}

/// Shows or writes what `wanted` is, which `app` was settled and rendered to; `given` is what the file says
/// until then, and `done` the word for what was written.
pub(super) fn write(
    session: &mut Session<'_>,
    project: &Project,
    (app, wanted): (&App, Wanted),
    (by, given): (By, &AppSpec),
    writing: &Writing,
    done: &'static str,
) -> Result<Report, Stop> {
    let state = project.state()?;
    let known = Known::of(&state);
    let before = (&known, &state.base);
    guard(
        session,
        project,
        before,
        (app, &wanted),
        (by, given),
        writing,
    )?;
    let step = match by {
        By::Verb(step) => Some(step),
        By::Hand | By::Version if !known.moves(app) => None,
        By::Hand | By::Version => match (known.run(), app.run()) {
            (None, Some(_)) => Some(Move::Start),
            _ => Some(Move::Step),
        },
    };
    let begins = known.stand().is_none() && app.canary.is_some();
    let render = (step.is_some() || begins).then(|| wanted.manifests.clone());
    let plan = Plan::new(project, &state, wanted)?;
    let plan = decided(session, project, plan, writing)?;
    let mut notes = Vec::new();
    match (step, &render) {
        (Some(step), Some(render)) => {
            notes = hand_edits::check(session, project, (app, step), &plan, render)?;
        }
        (None, Some(render)) => {
            let found = hand_edits::look(session, project, app, &plan, render);
            notes = warnings(found.wrong, found.notes);
        }
        (_, None) => {}
    }
    let mut report = finish(session, project, &plan, writing, done)?;
    report.diagnostics.splice(0..0, notes);
    if matches!(by, By::Hand) && step.is_some() && app.canary.is_some() {
        return canary::told(session, report, known.end(app));
    }
    Ok(report)
}

/// What a step would be refused for, where none is taken.
pub(super) fn warnings(wrong: Vec<Diagnostic>, notes: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let warning = |one| Diagnostic {
        severity: Severity::Warning,
        ..one
    };
    wrong.into_iter().map(warning).chain(notes).collect()
}

/// Refuses what goes out beside the steps of a rollout, or leaves pods behind.
fn guard(
    session: &mut Session<'_>,
    project: &Project,
    (known, base): (&Known, &FileSet),
    (app, wanted): (&App, &Wanted),
    (by, given): (By, &AppSpec),
    writing: &Writing,
) -> Result<(), Stop> {
    let bypass = writing.on_purpose.bypass_canary;
    if !bypass {
        let image = given.image.as_ref().map(|image| &image.reference);
        turn::image(known, base, app, image, "; `--bypass-canary` does without")?;
    }
    let way = match by {
        By::Verb(_) => {
            let canary = given.canary.as_ref();
            owner::Way::Verb(canary.and_then(|canary| canary.run.as_ref()))
        }
        By::Hand | By::Version => owner::Way::On(app),
    };
    owner::guard(known, base, &wanted.manifests, way, writing)?;
    if bypass || !matches!(by, By::Hand) {
        return Ok(());
    }
    let direct = unasked::guard(known, base, &wanted.manifests, app);
    if direct.is_ok() || !known.is_other(app) {
        return direct;
    }
    // A step that a person has written moves pods and nothing else: without it, all is as it was.
    match former(session, project, known, wanted.spec.text())? {
        Some((app, render)) => unasked::guard(known, base, &render, &app),
        None => direct,
    }
}

/// The spec with the rollout of the last render, and what that makes; none where nobody knows of one.
fn former(
    session: &mut Session<'_>,
    project: &Project,
    known: &Known,
    text: &str,
) -> Result<Option<(App, FileSet)>, Stop> {
    let layers = |session: &mut Session<'_>, text: &str| -> Result<Layers, Stop> {
        let mut layers = Layers::default();
        layers.push(render::read(session, project, text)?);
        Ok(layers)
    };
    let given = layers(session, text)?.given();
    let mut was = canary::with_run(&given, known.run().cloned());
    if let (Some(stand), Some(image)) = (known.stand(), &mut was.image) {
        image.reference = stand.image.clone();
    }
    let Ok(text) = rewrite(text, &given, &was) else {
        return Ok(None);
    };
    let layers = layers(session, &text)?;
    let Ok(settled) = render::settle(session, project, &layers) else {
        return Ok(None);
    };
    let files = render::files(&rendering::one(&settled.app)?)?;
    Ok(Some((settled.app, files)))
}
