//! A new version beside the one in use: how many pods of each there are at every step, and which step
//! may follow which. Pure arithmetic: it knows no file and no cluster.
//!
//! One apply a step is enough. Where pods are the share, a step takes from stable only what the step
//! before made superfluous: however the two Deployments overtake each other, the ready pods never get
//! fewer. Where a route shares the traffic out, a step moves it to pods that the step before made.

mod between;
mod engine;
pub(super) mod round;
#[cfg(test)]
mod tests;
mod verb;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::AppSpec;
use super::value::{DnsLabel, ImageRef, ObjectName, RelFolder};

pub use between::{in_turn, keeps_pods};
pub use engine::{Engine, Mover};
pub use round::{Ladder, Round, TooFine, usual_steps};
pub use verb::start;

/// How a rollout ends, once that is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum End {
    /// Stable takes the new version; the canary waits for it.
    Promote,
    /// Stable has it, and all traffic; the canary waits until nothing reaches it any more.
    Promoted,
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
    /// The step that was taken last: 0 while the new version waits for its first traffic.
    pub step: u32,
    /// How many pods the whole traffic takes.
    #[schemars(range(min = 1))]
    pub size: u32,
    /// How many pods of the new version each step has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(range(min = 1)))]
    pub pods: Vec<u32>,
    /// Percent of the traffic at each step, where a route shares it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<u32>,
    /// The folder of its configuration, where that is not the one in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<RelFolder>,
    /// Secrets that it reads instead of those in use, by what they are called here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<DnsLabel, ObjectName>,
    /// How it ends, once that is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<End>,
}

/// `canary.takeover`: the pods of a service change hands between its Deployment and a Rollout, and for
/// a while both have all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TakeoverSpec {
    /// How many pods the whole traffic takes.
    pub size: u32,
    /// Whose they are going to be.
    pub to: Holder,
}

/// What makes the pods of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// A Rollout, which takes the pod template from the Deployment.
    Rollout,
    /// The Deployment itself.
    Deployment,
}

/// How many pods each track has, and who gets the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tracks {
    /// Of the version in use, at least.
    pub stable: u32,
    /// Of the new version.
    pub canary: u32,
    /// Percent of the traffic that goes to the new version, where a route shares it out.
    pub weight: Option<u32>,
}

impl Tracks {
    /// Percent of the traffic that meets the new version, rounded up: more never meet it.
    pub fn share(self) -> u32 {
        if let Some(weight) = self.weight {
            return weight;
        }
        let all = u64::from(self.stable) + u64::from(self.canary);
        let percent = (u64::from(self.canary) * 100).div_ceil(all.max(1));
        u32::try_from(percent).unwrap_or(100)
    }
}

/// What a list of steps has at this one; nothing before the first.
fn of_step(each: &[u32], step: u32) -> u32 {
    let index = usize::try_from(step)
        .ok()
        .and_then(|step| step.checked_sub(1));
    index
        .and_then(|index| each.get(index))
        .copied()
        .unwrap_or(0)
}

impl RunSpec {
    /// What moves it.
    pub fn mover(&self) -> Mover {
        match (self.pods.is_empty(), self.weights.is_empty()) {
            (true, _) => Mover::Controller,
            (false, true) => Mover::Pods,
            (false, false) => Mover::Weights,
        }
    }

    /// How many steps it has; none where the cluster counts them.
    pub fn steps(&self) -> u32 {
        u32::try_from(self.pods.len()).unwrap_or(u32::MAX)
    }

    /// The spec with the answers of the new version in place of those in use.
    pub fn version(&self, spec: &AppSpec) -> AppSpec {
        let mut spec = spec.clone();
        if let Some(image) = &mut spec.image {
            image.reference = self.image.clone();
        }
        if let (Some(config), Some(folder)) = (&mut spec.config, &self.config) {
            config.folder = Some(folder.clone());
        }
        for secret in spec.secrets.iter_mut().flatten() {
            if let Some(other) = self.secrets.get(&secret.name) {
                secret.secret = Some(other.clone());
            }
        }
        spec
    }

    /// Whether stable has the new version, or is taking it.
    pub fn is_promoted(&self) -> bool {
        matches!(self.end, Some(End::Promote | End::Promoted))
    }

    /// Whether it has only begun: stable is as it was, and the first pods come or have come.
    pub fn is_at_first_step(&self) -> bool {
        self.step == self.first()
    }

    /// Whether testers meet the new version: its pods were there before the step was taken.
    pub fn has_testers(&self) -> bool {
        self.step > 0 && matches!(self.end, None | Some(End::Promote))
    }

    /// The pods of each track, where the service has `least` pods or more by now.
    pub fn tracks(&self, least: u32) -> Tracks {
        match self.mover() {
            Mover::Pods => {
                let superfluous = match self.end {
                    // The pods that the step before made superfluous: those of this one may not be
                    // ready yet.
                    None => of_step(&self.pods, self.step.saturating_sub(1)),
                    // Stable has to carry everything before the canary goes.
                    Some(_) => 0,
                };
                Tracks {
                    stable: self.size.max(least).saturating_sub(superfluous).max(1),
                    canary: of_step(&self.pods, self.step),
                    weight: None,
                }
            }
            Mover::Weights => Tracks {
                // Whole at every step, so that there is a way back at once.
                stable: self.size.max(least),
                // Those of the next step: traffic goes only where pods are ready already.
                canary: of_step(&self.pods, (self.step + 1).min(self.steps())),
                weight: Some(match self.end {
                    None | Some(End::Promote) => of_step(&self.weights, self.step),
                    Some(End::Promoted | End::Abort) => 0,
                }),
            },
            Mover::Controller => Tracks {
                stable: least,
                canary: 0,
                weight: None,
            },
        }
    }
}
