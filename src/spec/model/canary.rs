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
        /// Percent of the pods that are the new version's after each step.
        #[schemars(length(min = 1), inner(range(min = 1, max = 100)))]
        steps: Vec<u32>,
        /// A rollout under way; `prodgen canary` writes it.
        run: RunSpec,
    }
}
