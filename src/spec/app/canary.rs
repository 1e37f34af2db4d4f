//! How a new version of a settled service goes out.

use super::{App, Config};
use crate::spec::canary::{Engine, Mover, RunSpec, TakeoverSpec, round};
use crate::spec::value::{
    HeaderName, HeaderValue, ImageRef, Latency, MetricLabel, MetricName, PrometheusUrl, Seconds,
    SuccessRate,
};

/// How a new version goes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Canary {
    /// What moves the traffic.
    pub engine: Engine,
    /// Percent of the pods that are the new version's after each step.
    pub steps: Vec<u32>,
    /// The header, and what it says, of requests that meet the new version at every step.
    pub testers: Option<(HeaderName, HeaderValue)>,
    /// What a new version must hold to go on by itself.
    pub objective: Option<Objective>,
    /// The image that the spec names, to which a way back leads until the end.
    pub image: ImageRef,
    /// The pods change hands.
    pub takeover: Option<TakeoverSpec>,
    /// The rollout under way.
    pub run: Option<RunSpec>,
    /// The service as its new version runs it.
    pub next: Option<Box<App>>,
    /// The configuration of the version from before, which a way back leads to until the end.
    pub back: Option<Config>,
}

/// What Prometheus says of the requests of a good version.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// Where it answers.
    pub prometheus: PrometheusUrl,
    /// Percent of the requests that end without an error of the server.
    pub success_rate: Option<SuccessRate>,
    /// The time within which 99 of 100 requests are answered.
    pub latency: Option<Latency>,
    /// How long each step is measured.
    pub pause: Seconds,
    /// The counter of requests.
    pub requests: MetricName,
    /// Its label with the status code.
    pub code: MetricLabel,
    /// The histogram of seconds.
    pub duration: MetricName,
}

impl Canary {
    /// The most pods of the new version, where a service has `full` at most.
    pub fn most(&self, full: u32) -> u32 {
        if self.engine.mover() == Mover::Controller {
            // Deployment and Rollout have all of them while they change hands.
            return full;
        }
        let planned = round::most(full, &self.steps);
        let begun = self.run.as_ref().and_then(|run| run.pods.last().copied());
        planned.max(begun.unwrap_or(0))
    }
}
