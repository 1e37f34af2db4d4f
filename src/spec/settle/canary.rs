//! `canary`: the policy with its default steps, and which image stable has in a rollout.

use super::replicas;
use crate::spec::app::Canary;
use crate::spec::canary::End;
use crate::spec::model::{AppSpec, TestersSpec};
use crate::spec::value::{HeaderName, HeaderValue, ImageRef};

/// How a new version goes out.
pub(super) fn canary(spec: &AppSpec) -> Option<Canary> {
    let given = spec.canary.as_ref()?;
    let engine = given.engine.unwrap_or_default();
    let usual = || engine.usual_steps(replicas(spec));
    Some(Canary {
        engine,
        steps: given.steps.clone().unwrap_or_else(usual),
        testers: given.testers.as_ref().and_then(testers),
        run: given.run.clone(),
    })
}

/// What testers send.
fn testers(given: &TestersSpec) -> Option<(HeaderName, HeaderValue)> {
    // `always` is a good value, so that there is always one.
    let value = given.value.clone().or_else(|| "always".parse().ok())?;
    Some((given.header.clone(), value))
}

/// The version that stable takes before `image` names it: until the rollout is over, that is where a
/// way back leads.
pub(super) fn promoted(spec: &AppSpec) -> Option<ImageRef> {
    let run = spec.canary.as_ref()?.run.as_ref()?;
    matches!(run.end, Some(End::Promote | End::Promoted)).then(|| run.image.clone())
}
