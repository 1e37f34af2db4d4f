//! `canary`: how a new version goes out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slice;
use crate::spec::canary::{Engine, RunSpec, TakeoverSpec};
use crate::spec::value::{
    HeaderName, HeaderValue, Latency, MetricLabel, MetricName, PrometheusUrl, Seconds, SuccessRate,
};

slice! {
    /// `canary`: how a new version goes out.
    CanarySpec {
        /// What moves the traffic.
        engine: Engine,
        /// Percent of the traffic, or of the pods where these are the share, that the new version has
        /// after each step.
        #[schemars(length(min = 1), inner(range(max = 100)))]
        steps: Vec<u32>,
        /// Requests that meet the new version whatever the step, for an engine that has a route.
        testers: TestersSpec,
        /// What a new version must hold to go on by itself, for an engine that measures it.
        objective: ObjectiveSpec,
        /// The pods change hands; `prodgen add canary`, `canary step` and `remove canary` write it.
        takeover: TakeoverSpec,
        /// A rollout under way; `prodgen canary` writes it.
        run: RunSpec,
    }
}

/// `canary.testers`: the requests of those who try a new version before others meet it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestersSpec {
    /// The header that they send.
    pub header: HeaderName,
    /// What it says; `always` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<HeaderValue>,
}

slice! {
    /// `canary.objective`: what Prometheus says of the requests of a good version.
    ObjectiveSpec {
        /// Where Prometheus answers.
        prometheus: PrometheusUrl,
        /// Percent of the requests that end without an error of the server.
        success_rate: SuccessRate,
        /// The time within which 99 of 100 requests are answered.
        latency: Latency,
        /// How long each step is measured before the next one; 10 minutes if left out.
        pause: Seconds,
        /// The counter of requests: `http_requests_total` if left out.
        requests: MetricName,
        /// Its label with the status code: `code` if left out.
        code: MetricLabel,
        /// The histogram of seconds, without `_bucket`: `http_request_duration_seconds` if left out.
        duration: MetricName,
    }
}
