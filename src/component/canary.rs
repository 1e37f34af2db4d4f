//! A new version beside the one in use: a Deployment without pods until a rollout begins, and what the
//! engine that moves the traffic needs around it.
//!
//! A further engine is a file here, a folder of templates, and a line in [`engine`] and in
//! `spec::canary::Engine`. Disruption budget and network policies select every track whatever the
//! engine.

mod gateway;
mod replicas;

use serde::Serialize;

use super::view::Views;
use super::{Component, Manifests, deployment};
use crate::diag::Diagnostic;
use crate::spec::canary::{self, RunSpec};
use crate::spec::value::{HeaderName, HeaderValue};
use crate::spec::{App, AppType, Track};
use crate::template::View;

/// Makes what a service has for new versions that go out in steps.
pub(super) struct Canary;

/// What an engine renders, and what whoever moves a rollout with it has to know.
pub trait Engine: Sync {
    /// The track that callers within the cluster meet; none is every track.
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
    /// Adds its manifests.
    fn manifests(&self, app: &App, out: &mut Manifests);
    /// The command that ends when the next verb may be called.
    fn wait(&self, app: &App, run: &RunSpec) -> String;
    /// The command that ends when the canary of a rollout that is over is gone.
    fn gone(&self, app: &App) -> String {
        canary_is_gone(app)
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
    })
}

/// The name of the objects of the canary alone.
fn name(app: &App) -> String {
    format!("{}-{}", app.name, Track::Canary.as_str())
}

/// What a template of the canary's Deployment sees beside what one of stable does.
#[derive(Serialize)]
struct ShareView {
    /// What its number of pods is for.
    share: &'static str,
}

/// Adds the Deployment of the new version; `share` says what its number of pods is for.
fn deployment(app: &App, share: &'static str, out: &mut Manifests) {
    let pods = app
        .run()
        .map_or(0, |run| run.tracks(app.replicas.min()).canary);
    let canary = app.next();
    let own = deployment::view(canary, Track::Canary, Some(pods));
    let view = Views::of(canary).workload(&own);
    let view = view.and(View::of(&ShareView { share }));
    let template = "canary/deployment.yaml";
    let fragment = deployment::fragment(canary);
    out.push("deployment", &name(app), template, view, Some(fragment));
}

/// The command that ends when the pods of a Deployment are ready.
fn rollout_status(app: &App, deployment: &str) -> String {
    format!(
        "kubectl -n {} rollout status deployment/{deployment}",
        app.namespace
    )
}

/// The command that ends when no pod of the canary is left.
fn canary_is_gone(app: &App) -> String {
    let (name, namespace) = (&app.name, &app.namespace);
    format!(
        "kubectl -n {namespace} wait --for=delete pod -l \
         app.kubernetes.io/instance={name},prodgen.dev/track=canary --timeout=10m"
    )
}

impl Component for Canary {
    fn name(&self) -> &'static str {
        "canary"
    }

    fn summary(&self) -> &'static str {
        "A second Deployment that takes over from the first in steps"
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
