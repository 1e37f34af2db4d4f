//! The Deployment of a new version, beside the one in use: without pods until a rollout begins.
//!
//! Service, disruption budget and network policies need nothing for it: they select every track.

use super::view::Views;
use super::{Component, Manifests, deployment};
use crate::spec::{App, AppType, Track};

/// Makes the second Deployment, where new versions go out in steps.
pub(super) struct Canary;

/// The service as the canary runs it: it differs in the image, and in nothing else.
fn as_canary(app: &App) -> App {
    let mut canary = app.clone();
    if let Some(run) = app.run() {
        canary.image.reference = run.image.clone();
    }
    canary
}

impl Component for Canary {
    fn name(&self) -> &'static str {
        "canary"
    }

    fn summary(&self) -> &'static str {
        "A second Deployment that takes over from the first in steps"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        if app.canary.is_none() || app.kind != AppType::Service {
            return;
        }
        let pods = app
            .run()
            .map_or(0, |run| run.tracks(app.replicas.min()).canary);
        let canary = as_canary(app);
        let own = deployment::view(&canary, Track::Canary, Some(pods));
        let view = Views::of(&canary).workload(&own);
        let name = format!("{}-{}", app.name, Track::Canary.as_str());
        let template = "canary/deployment.yaml";
        let fragment = deployment::fragment(&canary);
        out.push("deployment", &name, template, view, Some(fragment));
    }
}
