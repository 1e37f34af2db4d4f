//! What the last render had of a canary, as the lock remembers it, and what a new one makes of that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::owner::{Rendered, deployment_of};
use crate::component::{Moment, Owner, config_name};
use crate::diag::SourceId;
use crate::files::FileSet;
use crate::project::State;
use crate::spec::canary::{Mover, RunSpec, TakeoverSpec};
use crate::spec::value::{DnsLabel, ImageRef, ObjectName};
use crate::spec::{App, SecretMount, Track};
use crate::yaml::parse_one;

/// What stable reads while the one template is that of the new version: no manifest says it meanwhile.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Left {
    /// The name of its ConfigMap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    config: Option<String>,
    /// Its Secrets, by what they are called.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    secrets: BTreeMap<DnsLabel, ObjectName>,
}

impl Left {
    fn of(app: &App) -> Self {
        let named = |one: &SecretMount| (one.name.clone(), one.secret.clone());
        let config = app.config.as_ref();
        Self {
            config: config.map(|config| config_name(app, config)),
            secrets: app.secrets.iter().map(named).collect(),
        }
    }
}

/// What a render had of the keys that the verbs of a canary write.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Stand {
    /// That of the spec: what stable has, or had when the rollout began.
    pub(in crate::cli) image: ImageRef,
    /// What a controller goes back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Left>,
    /// The rollout under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) run: Option<RunSpec>,
    /// Pods that change hands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) takeover: Option<TakeoverSpec>,
}

impl Stand {
    /// That of a service; none without the key.
    fn of(app: &App) -> Option<Self> {
        let has_left = |run: &&RunSpec| run.mover() == Mover::Controller && !run.is_promoted();
        Some(Self {
            image: app.canary.as_ref()?.image.clone(),
            left: app.run().filter(has_left).map(|_| Left::of(app)),
            run: app.run().cloned(),
            takeover: app.takeover(),
        })
    }
}

/// What the lock keeps of a canary; none of a service without the key.
pub(in crate::cli) fn remembered(app: &App) -> Option<Value> {
    // Plain data, of which there is always such a form.
    serde_json::to_value(Stand::of(app)?).ok()
}

/// What is known of the canary of a render.
pub(in crate::cli) enum Known {
    /// It had none, or it was at rest and an older version has made it.
    Rest,
    /// It stood at this.
    At(Box<Stand>),
    /// Nothing is: there was no render, or an older version has made it and does not say.
    Nothing,
}

impl Known {
    pub(in crate::cli) fn of(state: &State) -> Self {
        let Some(lock) = &state.lock else {
            return Self::Nothing;
        };
        match &lock.canary {
            Some(stand) => serde_json::from_value(stand.clone())
                .map_or(Self::Nothing, |stand| Self::At(Box::new(stand))),
            None if may_move(&state.base) => Self::Nothing,
            None => Self::Rest,
        }
    }

    pub(in crate::cli) fn stand(&self) -> Option<&Stand> {
        match self {
            Self::At(stand) => Some(stand),
            Self::Rest | Self::Nothing => None,
        }
    }

    pub(in crate::cli) fn run(&self) -> Option<&RunSpec> {
        self.stand()?.run.as_ref()
    }

    pub(in crate::cli) fn takeover(&self) -> Option<TakeoverSpec> {
        self.stand()?.takeover
    }

    /// Where it was, in a few words.
    pub(in crate::cli) fn words(&self) -> String {
        match (self.run(), self.takeover()) {
            (Some(run), _) => format!("a canary is under way, {}", run.words()),
            (None, Some(_)) => "pods are changing hands".to_owned(),
            (None, None) => "no canary is under way".to_owned(),
        }
    }

    /// Whether the spec that comes to `app` has another rollout under way, or it at another place.
    pub(in crate::cli) fn is_other(&self, app: &App) -> bool {
        self.run() != app.run()
    }

    /// Whether the rollout, or who has the pods, is at another place than there.
    pub(in crate::cli) fn differs(&self, other: &Self) -> bool {
        self.run() != other.run() || self.takeover() != other.takeover()
    }

    /// Whether it moves the rollout, or who has the pods, on; not where nobody knows from where.
    pub(in crate::cli) fn moves(&self, app: &App) -> bool {
        let is_known = !matches!(self, Self::Nothing);
        is_known && (self.is_other(app) || self.takeover() != app.takeover())
    }

    /// Whether a controller would go back to other files or Secrets than it came from.
    pub(in crate::cli) fn goes_back_elsewhere(&self, app: &App) -> bool {
        let pair = self.stand().zip(Stand::of(app));
        let both = pair.and_then(|(was, is)| was.left.as_ref().zip(is.left));
        both.is_some_and(|(was, is)| *was != is)
    }

    /// How the rollout that was under way has ended, if it has. What a person may do in the cluster of a
    /// controller was said when the end was decided.
    pub(in crate::cli) fn end(&self, app: &App) -> Option<Moment> {
        let run = self.run().filter(|_| app.run().is_none())?;
        if run.mover() == Mover::Controller && run.end.is_some() {
            return None;
        }
        Some(if run.image == app.image.reference {
            Moment::Promoted
        } else {
            Moment::Aborted
        })
    }
}

/// Whether pods of a render may be those of a rollout, or change hands: there are some of the canary, or a
/// controller makes them.
fn may_move(files: &FileSet) -> bool {
    let has_pods = |text: &str| {
        let document = parse_one(SourceId::RENDERED, text).ok()?;
        let spec = document.root()?.get("spec")?;
        let labels = spec.get("selector")?.get("matchLabels")?;
        let is_canary = labels.get("prodgen.dev/track")?.text() == Track::Canary.as_str();
        Some(is_canary && spec.get("replicas")?.text() != "0")
    };
    let is_made = |name: &str| {
        let rendered = Rendered::of(files, name);
        rendered.is_some_and(|one| one.owner() != Owner::Deployment)
    };
    files.iter().any(|(path, text)| {
        deployment_of(path).is_some_and(|(_, name)| has_pods(text) == Some(true) || is_made(name))
    })
}
