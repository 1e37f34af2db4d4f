//! `canary`: the policy with its default steps, and the rollout under way.

use super::replicas;
use crate::spec::app::{Canary, Objective};
use crate::spec::canary::RunSpec;
use crate::spec::model::{AppSpec, ObjectiveSpec, TestersSpec};
use crate::spec::value::{HeaderName, HeaderValue, Seconds};

/// How a new version goes out.
pub(super) fn canary(spec: &AppSpec) -> Option<Canary> {
    let given = spec.canary.as_ref()?;
    let engine = given.engine.unwrap_or_default();
    let usual = || engine.usual_steps(replicas(spec));
    Some(Canary {
        engine,
        steps: given.steps.clone().unwrap_or_else(usual),
        testers: given.testers.as_ref().and_then(testers),
        objective: given.objective.as_ref().and_then(objective),
        image: spec.image.as_ref()?.reference.clone(),
        takeover: given.takeover,
        run: given.run.clone(),
        next: None,
        back: None,
    })
}

/// What a new version must hold; the rules have seen to it that Prometheus is named.
fn objective(given: &ObjectiveSpec) -> Option<Objective> {
    const PAUSE: u32 = 600;
    let usual = |name: &str| name.parse().ok();
    Some(Objective {
        prometheus: given.prometheus.clone()?,
        success_rate: given.success_rate.clone(),
        latency: given.latency.clone(),
        pause: given
            .pause
            .clone()
            .unwrap_or_else(|| Seconds::from_count(PAUSE)),
        requests: given
            .requests
            .clone()
            .or_else(|| usual("http_requests_total"))?,
        code: given.code.clone().or_else(|| "code".parse().ok())?,
        duration: given
            .duration
            .clone()
            .or_else(|| usual("http_request_duration_seconds"))?,
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
