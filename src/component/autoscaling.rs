//! The autoscaler: more pods when the cpu is busy, fewer when it has been idle for a while.

use serde::Serialize;

use super::canary::{self, Owner};
use super::{Component, Manifests};
use crate::spec::{App, AppType, Replicas};

/// Makes the HorizontalPodAutoscaler, where the count is not fixed.
pub(super) struct Autoscaling;

#[derive(Serialize)]
struct AutoscalerView {
    /// What it counts the pods of.
    api_version: &'static str,
    kind: &'static str,
    min: u32,
    max: u32,
    cpu: u32,
}

impl Component for Autoscaling {
    fn name(&self) -> &'static str {
        "autoscaling"
    }

    fn summary(&self) -> &'static str {
        "An autoscaler on the cpu of the app's own container"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        // Stable alone: a canary has the pods that its step gives it.
        let pods = canary::pods(app);
        let Replicas::Auto { min, max, cpu } = pods.replicas else {
            return;
        };
        if app.kind == AppType::Cronjob {
            return;
        }
        let (api_version, kind) = match pods.scaled {
            Owner::Rollout => ("argoproj.io/v1alpha1", "Rollout"),
            Owner::Deployment | Owner::Both => ("apps/v1", "Deployment"),
        };
        let view = out.views.plain(&AutoscalerView {
            api_version,
            kind,
            min,
            max,
            cpu,
        });
        let template = "autoscaling/horizontal-pod-autoscaler.yaml";
        out.add("horizontalpodautoscaler", app.name.as_str(), template, view);
    }
}
