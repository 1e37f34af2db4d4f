//! The engines by name, and the three ways in which they move a rollout. What an engine renders, and
//! what it says, is in a file of its own among the components.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::{Ladder, Round, TooFine, round};
use crate::diag::{nearest, shown};
use crate::spec::Replicas;
use crate::spec::value::Wrong;

/// What moves the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The ratio of ready pods behind one Service.
    #[default]
    Replicas,
    /// The weights of a Gateway API route.
    Gateway,
    /// A Rollout of Argo Rollouts.
    Argo,
}

/// How an engine moves a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mover {
    /// By the number of pods of each version: each step is a render.
    Pods,
    /// By weights between two Services: each step is a render.
    Weights,
    /// A controller in the cluster does, by its own plan.
    Controller,
}

/// Every engine with its name and its way.
const ENGINES: &[(Engine, &str, Mover)] = &[
    (Engine::Replicas, "replicas", Mover::Pods),
    (Engine::Gateway, "gateway", Mover::Weights),
    (Engine::Argo, "argo", Mover::Controller),
];

/// Engines that a later version has.
const LATER: &[&str] = &["istio", "flagger"];

/// Steps of an engine that can hold any.
const ANY: &[u32] = &[5, 25, 50];

impl Engine {
    /// The names of all engines.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ENGINES.iter().map(|(_, name, _)| *name)
    }

    /// Its name in the spec.
    pub fn as_str(self) -> &'static str {
        let row = ENGINES.iter().find(|(engine, ..)| *engine == self);
        row.map_or("replicas", |(_, name, _)| name)
    }

    /// How it moves a rollout.
    pub fn mover(self) -> Mover {
        let row = ENGINES.iter().find(|(engine, ..)| *engine == self);
        row.map_or(Mover::Pods, |(.., mover)| *mover)
    }

    /// The number of pods that a rollout is made for where nobody names it: pods of one service share
    /// its traffic whatever their number, while a weight sends its share of the highest load.
    pub fn usual_size(self, replicas: Replicas) -> u32 {
        match self.mover() {
            Mover::Pods | Mover::Controller => replicas.min(),
            Mover::Weights => replicas.max(),
        }
    }

    /// The steps of a service that names none.
    pub fn usual_steps(self, replicas: Replicas) -> Vec<u32> {
        match self.mover() {
            Mover::Pods | Mover::Controller => round::usual_steps(replicas.min()),
            Mover::Weights => ANY.to_vec(),
        }
    }

    /// What `size` pods make of these steps, or which of them they cannot hold.
    pub fn ladder(
        self,
        size: u32,
        steps: &[u32],
        round: Option<Round>,
    ) -> Result<Ladder, Vec<TooFine>> {
        match self.mover() {
            Mover::Pods => Ladder::new(size, steps, round),
            Mover::Weights => Ok(Ladder::weighted(size, steps)),
            // It counts pods too, as many as there are at each moment: what does not hold now is no plan.
            Mover::Controller => Ladder::new(size, steps, None).map(|ladder| Ladder {
                pods: Vec::new(),
                ..ladder
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Engine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Engine;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an engine, such as `replicas`")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Engine, E> {
                if let Some((engine, ..)) = ENGINES.iter().find(|(_, name, _)| *name == word) {
                    return Ok(*engine);
                }
                let shown = shown(word);
                let wrong = if LATER.contains(&word) {
                    Wrong::new(format!("`{shown}`: not in this version"))
                } else {
                    Wrong::new(format!("`{shown}` is no engine"))
                };
                let help = match nearest(word, Engine::names()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => {
                        "write `replicas`, which needs nothing in the cluster, `gateway` or `argo`"
                            .to_owned()
                    }
                };
                Err(E::custom(wrong.help(help)))
            }
        }
        deserializer.deserialize_str(Word)
    }
}
