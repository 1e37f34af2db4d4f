//! The Deployment of a service or worker.

use serde::Serialize;

use super::canary::{self, Owner};
use super::view::{Views, Words, annotations, track_selector, workload_labels};
use super::{Component, Fragment, Manifests, config, pod};
use crate::spec::{App, AppType, Track};
use crate::template::View;

/// Seconds that a pod must be ready before it counts as available.
const MIN_READY: u32 = 10;
/// Seconds without progress after which a rollout is reported as failed, at least.
const LEAST_DEADLINE: u32 = 600;

/// Makes the Deployment, for what runs all the time.
pub(super) struct Deployment;

/// What a template of a Deployment sees.
#[derive(Serialize)]
pub(super) struct DeploymentView {
    annotations: Words,
    replicas: Option<u32>,
    pub(super) min_ready: u32,
    pub(super) progress_deadline: u32,
    pub(super) surge: String,
    track_selector: Words,
    pod_labels: Words,
    pod_annotations: Words,
}

/// What a template of the Deployment of stable sees beside that.
#[derive(Serialize)]
struct OwnerView {
    /// Whether somebody else makes the pods.
    is_idle: bool,
    /// Whether it keeps the pods that the autoscaler has left it with.
    is_left: bool,
}

/// The Deployment of one track: `app` is the service as that track runs it.
pub(super) fn view(app: &App, track: Track, replicas: Option<u32>) -> DeploymentView {
    let track_selector = track_selector(app, track);
    let mut pod_labels = workload_labels(app);
    pod_labels.extend(track_selector.clone());
    let start = app.probes.startup.count();
    DeploymentView {
        annotations: annotations(app),
        replicas,
        min_ready: MIN_READY,
        // Always longer than the slowest start that the probes allow.
        progress_deadline: LEAST_DEADLINE.max(start.saturating_mul(2) + MIN_READY),
        surge: format!("{}%", super::capacity::SURGE_PERCENT),
        track_selector,
        pod_labels,
        pod_annotations: pod_annotations(app),
    }
}

/// The pod of a Deployment.
pub(super) fn fragment(app: &App) -> Fragment {
    Fragment {
        name: "pod",
        template: "pod/pod.yaml",
        view: pod::view(app),
    }
}

/// The annotations of every pod: which container a person means, and what restarts it.
pub(super) fn pod_annotations(app: &App) -> Words {
    let mut annotations: Words = [(
        "kubectl.kubernetes.io/default-container".to_owned(),
        app.name.to_string(),
    )]
    .into();
    // Where the name of the ConfigMap says what it holds, another content is another pod already.
    if let Some(config) = &app.config
        && !config::is_named_by_content(app)
    {
        let hash = config::hash_of(&[config]);
        annotations.insert("checksum/config".to_owned(), hash);
    }
    annotations
}

impl Component for Deployment {
    fn name(&self) -> &'static str {
        "deployment"
    }

    fn summary(&self) -> &'static str {
        "A Deployment that rolls out without losing capacity"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        if app.kind == AppType::Cronjob {
            return;
        }
        let pods = canary::pods(app);
        let app = &canary::deployed(app);
        let own = view(app, Track::Stable, pods.count);
        let owner = OwnerView {
            is_idle: pods.owner == Owner::Rollout,
            is_left: pods.owner == Owner::Both && pods.scaled == Owner::Rollout,
        };
        let view = Views::of(app).workload(&own).and(View::of(&owner));
        let name = app.name.as_str();
        let template = "deployment/deployment.yaml";
        out.push("deployment", name, template, view, Some(fragment(app)));
    }
}
