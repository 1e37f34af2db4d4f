//! A new version beside the one in use: how many pods of each there are at every step, and which step
//! may follow which. Pure arithmetic: it knows no file and no cluster.
//!
//! One apply a step is enough because a step takes from stable only what the step before made
//! superfluous: however the two Deployments overtake each other, the ready pods never get fewer.

pub(super) mod round;
#[cfg(test)]
mod tests;
mod verb;

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::value::{ImageRef, Wrong};
use crate::diag::shown;

pub use round::{Ladder, Round, TooFine, usual_steps};
pub use verb::start;

/// What moves the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The ratio of ready pods behind one Service.
    Replicas,
}

/// Engines that a later version has.
const LATER: &[&str] = &["gateway", "argo", "istio", "flagger"];

impl<'de> Deserialize<'de> for Engine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Engine;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an engine, `replicas`")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Engine, E> {
                if word == "replicas" {
                    return Ok(Engine::Replicas);
                }
                let shown = shown(word);
                let wrong = if LATER.contains(&word) {
                    Wrong::new(format!("`{shown}`: not in this version"))
                } else {
                    Wrong::new(format!("`{shown}` is no engine"))
                };
                let help = "write `replicas`, which needs nothing in the cluster";
                Err(E::custom(wrong.help(help)))
            }
        }
        deserializer.deserialize_str(Word)
    }
}

/// How a rollout ends, once that is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Stable takes the new version; the canary waits for it.
    Promote,
    /// Stable is brought back; the canary waits for it.
    Abort,
}

/// `canary.run`: a rollout under way. The verbs write it, and it is gone when the rollout ends.
///
/// It holds counts and no percentages, so that an edit of the policy or of the size moves no pod of a
/// rollout that has begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunSpec {
    /// The new version.
    pub image: ImageRef,
    /// The step that was taken last, from 1.
    #[schemars(range(min = 1))]
    pub step: u32,
    /// How many pods there were at the start; there are never fewer.
    #[schemars(range(min = 1))]
    pub size: u32,
    /// How many pods of the new version each step has.
    #[schemars(length(min = 1), inner(range(min = 1)))]
    pub pods: Vec<u32>,
    /// How it ends, once that is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// How many pods each track has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tracks {
    /// Of the version in use, at least.
    pub stable: u32,
    /// Of the new version.
    pub canary: u32,
}

impl Tracks {
    /// Percent of the pods that are the new version's, rounded up: more never meet it.
    pub fn share(self) -> u32 {
        let all = u64::from(self.stable) + u64::from(self.canary);
        let percent = (u64::from(self.canary) * 100).div_ceil(all.max(1));
        u32::try_from(percent).unwrap_or(100)
    }
}

impl RunSpec {
    /// How many steps it has.
    pub fn steps(&self) -> u32 {
        u32::try_from(self.pods.len()).unwrap_or(u32::MAX)
    }

    /// The pods of the new version after this step; none before the first.
    fn pods_at(&self, step: u32) -> u32 {
        let index = usize::try_from(step)
            .ok()
            .and_then(|step| step.checked_sub(1));
        index
            .and_then(|index| self.pods.get(index))
            .copied()
            .unwrap_or(0)
    }

    /// The pods of each track, where the service has `least` pods or more by now.
    pub fn tracks(&self, least: u32) -> Tracks {
        let size = self.size.max(least);
        let superfluous = match self.end {
            // The pods that the step before made superfluous: those of this one may not be ready yet.
            None => self.pods_at(self.step.saturating_sub(1)),
            // Stable has to carry everything before the canary goes.
            Some(End::Promote | End::Abort) => 0,
        };
        Tracks {
            stable: size.saturating_sub(superfluous).max(1),
            canary: self.pods_at(self.step),
        }
    }
}
