//! `canary status`: how far a rollout is, and what stands in its way.

use super::known::Known;
use super::{hand_edits, has_one, rollout, turn};
use crate::cli::show::Report;
use crate::cli::{Outcome, Session, Stop, plan, render, road};
use crate::component::config_hash;
use crate::diag::Diagnostic;
use crate::project::Lock;
use crate::render as rendering;

pub(super) fn run(session: &mut Session<'_>) -> Result<Report, Stop> {
    let mut loaded = render::load(session, None, &[])?;
    let mut report = Report::new(Outcome::Done, "status");
    report.diagnostics.append(&mut loaded.notes);
    has_one(&loaded.project, &loaded.settled)?;
    let place = rollout::place(&loaded.settled.app);
    let state = loaded.project.state()?;
    let app = &loaded.settled.app;
    let config = config_hash(app);
    let is_behind = |text: &String| {
        let is_other = |lock: &Lock| lock.is_behind(text) || lock.config != config;
        state.lock.as_ref().is_some_and(is_other)
    };
    let given = loaded.settled.spec().image.map(|image| image.reference);
    if state.lock.is_none() {
        let what = "nothing is known of the last render: this is what the spec says";
        report
            .diagnostics
            .push(Diagnostic::note(what).help("`prodgen render -w` renders it"));
    } else if let Err(stop) = turn::image(&Known::of(&state), &state.base, app, given.as_ref(), "")
    {
        let told = road::warnings(stop.diagnostics, Vec::new());
        report.diagnostics.extend(told);
    } else if loaded.text.as_ref().is_some_and(is_behind)
        && !hand_edits::is_as_rendered(&loaded.project, app)?
    {
        let what = "the spec or its configuration was edited since the last render: this is what it says, not what was \
                    rendered";
        report
            .diagnostics
            .push(Diagnostic::note(what).help("see `prodgen diff`, then `prodgen render -w`"));
    }
    report.diagnostics.extend(held_up(session, &loaded)?);
    report.data = Some(place.text());
    report.canary = Some(Box::new(place));
    Ok(report)
}

/// What a verb would refuse for the files as they are, or a wait would never see.
fn held_up(session: &mut Session<'_>, loaded: &render::Loaded) -> Result<Vec<Diagnostic>, Stop> {
    let app = &loaded.settled.app;
    if loaded.text.is_none() {
        return Ok(Vec::new());
    }
    let manifests = rendering::one(app)?;
    let plan = render::tree_plan(loaded, &manifests)?;
    let render = render::files(&manifests)?;
    let mut found = hand_edits::look(session, &loaded.project, app, &plan, &render);
    let mut open = Report::new(Outcome::Done, "status");
    plan::open(session, &loaded.project, &plan, &mut open);
    found.wrong.append(&mut open.diagnostics);
    Ok(road::warnings(found.wrong, found.notes))
}
