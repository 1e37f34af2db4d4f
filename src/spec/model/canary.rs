//! `canary`: how a new version goes out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slice;
use crate::spec::canary::{Engine, RunSpec};

slice! {
    /// `canary`: how a new version goes out.
    CanarySpec {
        /// What moves the traffic.
        engine: Engine,
        /// Percent of the traffic, or of the pods where these are the share, that the new version has
        /// after each step.
        steps: Vec<u32>,
        /// A rollout under way; `prodgen canary` writes it.
        run: RunSpec,
    }
}
