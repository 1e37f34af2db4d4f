//! `canary`: the policy with its default steps, and which image stable has in a rollout.

use super::replicas;
use crate::spec::app::Canary;
use crate::spec::canary::End;
use crate::spec::model::AppSpec;
use crate::spec::value::ImageRef;

/// How a new version goes out.
pub(super) fn canary(spec: &AppSpec) -> Option<Canary> {
    let given = spec.canary.as_ref()?;
    let engine = given.engine.unwrap_or_default();
    let usual = || engine.usual_steps(replicas(spec));
    Some(Canary {
        engine,
        steps: given.steps.clone().unwrap_or_else(usual),
        run: given.run.clone(),
    })
}

/// The version that stable takes before `image` names it: until the rollout is over, that is where a
/// way back leads.
pub(super) fn promoted(spec: &AppSpec) -> Option<ImageRef> {
    let run = spec.canary.as_ref()?.run.as_ref()?;
    matches!(run.end, Some(End::Promote | End::Promoted)).then(|| run.image.clone())
}
