//! A namespace of its own: Pod Security labels, a quota that a rollout fits, and limits.

use serde::Serialize;

use super::view::{Words, admin_labels, annotations};
use super::{Capacity, Component, Manifests};
use crate::spec::canary::Mover;
use crate::spec::{App, AppType};

/// Makes the namespace, its quota and its limits, unless the namespace is shared.
pub(super) struct Namespace;

#[derive(Serialize)]
struct NamespaceView {
    annotations: Words,
    /// The labels again, for further ones stand beside them.
    each_label: Words,
    /// The Pod Security policy that is enforced: that of the oldest cluster, so that none is newer.
    policy_version: String,
}

#[derive(Serialize)]
struct QuotaView {
    /// Runs at set times, and no rollouts.
    runs: bool,
    pods: u32,
    full: u32,
    /// Pods of a new version; none where it goes out to all at once.
    canary: Option<u32>,
    /// Whether these are all pods of another workload, while the pods change hands.
    is_twice: bool,
    surge: u32,
    terminating: u32,
    cpu: String,
    memory: String,
    memory_limit: String,
}

#[derive(Serialize)]
struct LimitsView {
    cpu: String,
    memory: String,
    memory_limit: String,
    disk: String,
    disk_limit: String,
}

impl Component for Namespace {
    fn name(&self) -> &'static str {
        "namespace"
    }

    fn summary(&self) -> &'static str {
        "A namespace of its own with Pod Security labels, quota and limits"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        if !app.owns_namespace {
            return;
        }
        let name = app.name.as_str();
        let own = NamespaceView {
            annotations: annotations(app),
            each_label: admin_labels(app),
            policy_version: format!("v{}", app.kubernetes),
        };
        out.add(
            "namespace",
            name,
            "namespace/namespace.yaml",
            out.views.admin(&own),
        );

        let capacity = Capacity::of(app);
        let own = QuotaView {
            runs: app.kind == AppType::Cronjob,
            pods: capacity.pods(),
            full: capacity.full,
            canary: Some(capacity.canary).filter(|pods| *pods > 0),
            is_twice: app
                .canary
                .as_ref()
                .is_some_and(|canary| canary.engine.mover() == Mover::Controller),
            surge: capacity.surge,
            terminating: capacity.terminating,
            cpu: capacity.cpu(app).to_string(),
            memory: capacity.memory(app).to_string(),
            memory_limit: capacity.memory_limit(app).to_string(),
        };
        out.add(
            "resourcequota",
            name,
            "namespace/resource-quota.yaml",
            out.views.admin(&own),
        );

        let own = LimitsView {
            cpu: app.container.cpu_request.to_string(),
            memory: app.container.memory_request.to_string(),
            memory_limit: app.container.memory_limit.to_string(),
            disk: capacity.disk_request.to_string(),
            disk_limit: capacity.disk_limit.to_string(),
        };
        out.add(
            "limitrange",
            name,
            "namespace/limit-range.yaml",
            out.views.admin(&own),
        );
    }
}
