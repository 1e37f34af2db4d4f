//! A new version beside the one in use: a Deployment without pods until a rollout begins, and what the
//! engine that moves the traffic needs around it.
//!
//! A further engine is a file here, a folder of templates where it has objects of its own, and a line in
//! [`engine`] and in `ENGINES` of `spec::canary`. Disruption budget and network policies select every track whatever the
//! engine.

mod argo;
mod gateway;
mod replicas;
pub(super) mod wait;

use serde::Serialize;

use super::view::Views;
use super::{Component, Manifests, deployment};
use crate::diag::Diagnostic;
use crate::spec::canary;
use crate::spec::value::{HeaderName, HeaderValue};
use crate::spec::{App, AppType, Replicas, Track};
use crate::template::View;

/// Makes what a service has for new versions that go out in steps.
pub(super) struct Canary;

/// What makes pods: whose count a number or an autoscaler is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The Deployment.
    Deployment,
    /// A Rollout, from the Deployment's template.
    Rollout,
    /// Each of them all of the pods, while they change hands.
    Both,
}

/// Who makes the pods of stable, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pods {
    /// The number that the Deployment names; none where somebody else says how many it has.
    pub count: Option<u32>,
    /// Who makes them.
    pub owner: Owner,
    /// Whose count the autoscaler has, where there is one.
    pub scaled: Owner,
    /// How many there are, and within which bounds an autoscaler moves them.
    pub replicas: Replicas,
}

/// When a person may have something to do in the cluster that no file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A rollout is under way.
    Run,
    /// The new version stays.
    Promoted,
    /// The version from before comes back.
    Aborted,
}

/// What an engine renders, and what whoever moves a rollout with it has to know.
pub trait Engine: Sync {
    /// The track that callers within the cluster meet, where each has a Service of its own; none is every
    /// track, behind one.
    fn of_callers(&self) -> Option<Track>;
    /// Whether callers in one zone may be kept to the pods there.
    fn keeps_zones(&self, app: &App) -> bool;
    /// The Services that a route leads to, each with its percent of the requests; none where it is that of callers alone.
    fn backends(&self, _: &App) -> Option<Vec<(String, u32)>> {
        None
    }
    /// The header that testers send, what it says, and the Service that they meet.
    fn testers<'a>(&self, _: &'a App) -> Option<(&'a HeaderName, &'a HeaderValue, String)> {
        None
    }
    /// Who makes the pods of stable, and how many.
    fn pods(&self, app: &App) -> Pods {
        of_deployment(app)
    }
    /// The service as its Deployment describes it.
    fn deployed(&self, app: &App) -> App {
        app.clone()
    }
    /// The labels by which pods of one revision know each other, whoever makes them.
    fn revision(&self) -> &'static [&'static str] {
        OF_DEPLOYMENT
    }
    /// Resources of the group `argoproj.io` that whoever deploys has to write.
    fn resources(&self, _: &App) -> Vec<&'static str> {
        Vec::new()
    }
    /// The command that shows a rollout, where the engine has one of its own.
    fn watch(&self, _: &App) -> Option<String> {
        None
    }
    /// What a person may do in the cluster, each a command.
    fn commands(&self, _: &App, _: Moment) -> Vec<String> {
        Vec::new()
    }
    /// Adds its manifests.
    fn manifests(&self, app: &App, out: &mut Manifests);
    /// The command line that ends when the cluster is where the files are, and the next verb may be called.
    fn wait(&self, app: &App) -> String {
        wait::is_reached(app)
    }
    /// What makes the share that is met other than the one that is planned.
    fn caution(&self, app: &App) -> Diagnostic;
}

/// The engine of a service, where new versions go out in steps.
pub fn engine(app: &App) -> Option<&'static dyn Engine> {
    let canary = app.canary.as_ref()?;
    Some(match canary.engine {
        canary::Engine::Replicas => &replicas::Replicas,
        canary::Engine::Gateway => &gateway::Gateway,
        canary::Engine::Argo => &argo::Argo,
    })
}

/// A Deployment that makes its own pods.
fn of_deployment(app: &App) -> Pods {
    let replicas = app.stable();
    Pods {
        count: match replicas {
            Replicas::Fixed(count) => Some(count),
            Replicas::Auto { .. } => None,
        },
        owner: Owner::Deployment,
        scaled: Owner::Deployment,
        replicas,
    }
}

/// Who makes the pods of stable, and how many.
pub fn pods(app: &App) -> Pods {
    engine(app).map_or_else(|| of_deployment(app), |engine| engine.pods(app))
}

/// What a Deployment writes on its pods, to tell revisions apart.
const OF_DEPLOYMENT: &[&str] = &["pod-template-hash"];

/// The labels by which pods of one revision know each other.
pub(super) fn revision(app: &App) -> &'static [&'static str] {
    engine(app).map_or(OF_DEPLOYMENT, Engine::revision)
}

/// The service as its Deployment describes it.
pub(super) fn deployed(app: &App) -> App {
    engine(app).map_or_else(|| app.clone(), |engine| engine.deployed(app))
}

/// The name of the objects of the canary alone.
pub(super) fn name(app: &App) -> String {
    format!("{}-{}", app.name, Track::Canary.as_str())
}

/// What a template of the canary's Deployment sees beside what one of stable does.
#[derive(Serialize)]
struct ShareView {
    /// What its number of pods is for.
    share: &'static str,
}

/// How many pods the Deployment of the new version has.
fn pods_of_canary(app: &App) -> u32 {
    let run = app.run();
    run.map_or(0, |run| run.tracks(app.replicas.min()).canary)
}

/// Adds the Deployment of the new version; `share` says what its number of pods is for.
fn deployment(app: &App, share: &'static str, out: &mut Manifests) {
    let canary = app.next();
    let own = deployment::view(canary, Track::Canary, Some(pods_of_canary(app)));
    let view = Views::of(canary).workload(&own);
    let view = view.and(View::of(&ShareView { share }));
    let template = "canary/deployment.yaml";
    let fragment = deployment::fragment(canary);
    out.push("deployment", &name(app), template, view, Some(fragment));
}

impl Component for Canary {
    fn name(&self) -> &'static str {
        "canary"
    }

    fn summary(&self) -> &'static str {
        "What takes a new version out in steps: a second Deployment, or a Rollout"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        if app.kind != AppType::Service {
            return;
        }
        if let Some(engine) = engine(app) {
            engine.manifests(app, out);
        }
    }
}
