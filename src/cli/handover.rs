//! Pods that change hands between a Deployment and a Rollout: never at once. For a while both have all
//! of them, so that a service that runs is never without.

use super::canary::out_of_turn;
use super::start::checked_size;
use super::{Stop, render};
use crate::component::{Owner, pods};
use crate::files::FileSet;
use crate::project::{MANIFESTS, Project};
use crate::spec::canary::{Holder, Mover, TakeoverSpec};
use crate::spec::value::Wrong;
use crate::spec::{App, AppSpec, Settled};

/// Who makes the pods of a service as it was rendered last; none where that was never.
fn rendered(base: &FileSet, app: &App) -> Option<Owner> {
    let file = |kind: &str| {
        let name = format!("{MANIFESTS}/{kind}-{}.yaml", app.name);
        base.iter()
            .find(|(path, _)| path.as_str() == name)
            .map(|(_, text)| text)
    };
    let deployment = file("deployment")?;
    // The text is one of ours, as it was made.
    let is_idle = deployment.lines().any(|line| line == "  replicas: 0");
    Some(match (file("rollout"), is_idle) {
        (None, _) => Owner::Deployment,
        (Some(_), true) => Owner::Rollout,
        (Some(_), false) => Owner::Both,
    })
}

/// Refuses a spec that would take the pods from one and give them to the other in one change.
pub(super) fn guard(base: &FileSet, app: &App) -> Result<(), Stop> {
    let (what, help) = match (rendered(base, app), pods(app).owner) {
        (Some(Owner::Deployment), Owner::Rollout) => (
            "the Deployment would lose its pods before the Rollout has any",
            "take `engine: argo` out of `canary` again; `prodgen remove canary` if there is another engine, then \
             `prodgen add canary --engine argo` lets both run until the Rollout has its pods",
        ),
        (Some(Owner::Rollout), Owner::Deployment) => (
            "the Rollout would be gone before the Deployment has its pods back",
            "put `engine: argo` back into `canary`; `prodgen remove canary` gives them back in two steps",
        ),
        _ => return Ok(()),
    };
    Err(out_of_turn(Wrong::new(what).help(help)))
}

/// The spec with which a Rollout takes over the pods that run now, where `added` brings that engine.
pub(super) fn begun(
    project: &Project,
    settled: &Settled,
    mut added: AppSpec,
    size: Option<u32>,
) -> Result<AppSpec, Stop> {
    let app = &settled.app;
    let policy = added.canary.get_or_insert_default();
    if policy.engine.unwrap_or_default().mover() != Mover::Controller {
        if size.is_none() {
            return Ok(added);
        }
        let what = "`--size` is how many pods a Rollout takes over, and this engine has none";
        let help = "leave it out; `prodgen canary start` takes it";
        return Err(out_of_turn(Wrong::new(what).help(help)));
    }
    let size = checked_size(app.replicas, size, app.replicas.min())?;
    // What was never rendered runs nowhere: the Rollout makes the first pods.
    if rendered(&project.state()?.base, app).is_some() {
        policy.takeover = Some(TakeoverSpec {
            size,
            to: Holder::Rollout,
        });
    }
    Ok(added)
}

/// The spec with which the Deployment takes its pods back; none where it has them, or nothing runs yet.
pub(super) fn back(
    found: &render::Found,
    settled: &Settled,
    size: Option<u32>,
) -> Result<Option<AppSpec>, Stop> {
    let app = &settled.app;
    let has_rollout =
        rendered(&found.project.state()?.base, app).is_some_and(|owner| owner != Owner::Deployment);
    let is_back = app
        .takeover()
        .is_some_and(|one| one.to == Holder::Deployment);
    if pods(app).owner == Owner::Deployment || is_back || !has_rollout {
        return Ok(None);
    }
    let least = app.takeover().map_or(0, |takeover| takeover.size);
    let least = least.max(app.replicas.min());
    let size = checked_size(app.replicas, size, least)?;
    let mut spec = found.layers.given();
    spec.canary.get_or_insert_default().takeover = Some(TakeoverSpec {
        size,
        to: Holder::Deployment,
    });
    Ok(Some(spec))
}
