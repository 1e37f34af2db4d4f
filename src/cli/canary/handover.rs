//! Pods that change hands between a Deployment and a Rollout: never at once. For a while both have all
//! of them, so that a service that runs is never without.

use super::owner::Rendered;
use super::size_of_nothing;
use super::start::checked_size;
use crate::cli::{Stop, render};
use crate::component::{Owner, pods};
use crate::project::Project;
use crate::spec::canary::{Holder, Mover, TakeoverSpec};
use crate::spec::{AppSpec, Settled};

/// The spec with which a Rollout takes over the pods that run now, where `added` brings that engine.
pub(in crate::cli) fn begun(
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
        return Err(size_of_nothing());
    }
    // Nobody here knows how many the autoscaler has made by now: never more than its maximum.
    let size = checked_size(app.replicas, size, app.replicas.max())?;
    // What was never rendered runs nowhere: the Rollout makes the first pods.
    if Rendered::of(&project.state()?.base, app.name.as_str()).is_some() {
        policy.takeover = Some(TakeoverSpec {
            size,
            to: Holder::Rollout,
        });
    }
    Ok(added)
}

/// The spec with which the Deployment takes its pods back; none where it has them, or nothing runs yet.
pub(in crate::cli) fn back(
    found: &render::Found,
    settled: &Settled,
    size: Option<u32>,
) -> Result<Option<AppSpec>, Stop> {
    let app = &settled.app;
    let rendered = Rendered::of(&found.project.state()?.base, app.name.as_str());
    let has_rollout = rendered.is_some_and(|rendered| rendered.owner() != Owner::Deployment);
    let is_back = app
        .takeover()
        .is_some_and(|one| one.to == Holder::Deployment);
    if pods(app).owner == Owner::Deployment && size.is_some() {
        return Err(size_of_nothing());
    }
    if pods(app).owner == Owner::Deployment || is_back || !has_rollout {
        return Ok(None);
    }
    let size = checked_size(app.replicas, size, app.replicas.max())?;
    let mut spec = found.layers.given();
    spec.canary.get_or_insert_default().takeover = Some(TakeoverSpec {
        size,
        to: Holder::Deployment,
    });
    Ok(Some(spec))
}
