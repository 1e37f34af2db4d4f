//! `canary`: how a new version goes out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slice;
use crate::spec::canary::{Engine, RunSpec};
use crate::spec::value::{HeaderName, HeaderValue};

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
