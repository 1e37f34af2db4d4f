//! `canary`: the policy with its default steps, and which version stable has in a rollout.

use std::borrow::Cow;

use super::replicas;
use crate::spec::app::Canary;
use crate::spec::canary::RunSpec;
use crate::spec::model::{AppSpec, TestersSpec};
use crate::spec::value::{HeaderName, HeaderValue};

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
        next: None,
    })
}

/// What testers send.
fn testers(given: &TestersSpec) -> Option<(HeaderName, HeaderValue)> {
    // `always` is a good value, so that there is always one.
    let value = given.value.clone().or_else(|| "always".parse().ok())?;
    Some((given.header.clone(), value))
}

/// The rollout under way.
pub(super) fn run(spec: &AppSpec) -> Option<&RunSpec> {
    spec.canary.as_ref()?.run.as_ref()
}

/// The spec as stable runs it. It takes the new version before `image` names that: until the rollout
/// is over, what is named there is where a way back leads.
pub(super) fn stable(spec: &AppSpec) -> Cow<'_, AppSpec> {
    match run(spec).filter(|run| run.is_promoted()) {
        Some(run) => Cow::Owned(run.version(spec)),
        None => Cow::Borrowed(spec),
    }
}
