//! The disruption budget: how many pods a drain may take at once. Never none, or it waits for ever.

use serde::Serialize;

use super::{Component, Manifests};
use crate::spec::{App, AppType};

/// From this many pods on, one at a time would make the upgrade of a cluster take hours.
const MANY_PODS: u32 = 20;

/// Makes the PodDisruptionBudget, for what runs all the time.
pub(super) struct Disruption;

#[derive(Serialize)]
struct BudgetView {
    /// More than one at a time.
    many: bool,
}

impl Component for Disruption {
    fn name(&self) -> &'static str {
        "disruption"
    }

    fn summary(&self) -> &'static str {
        "A disruption budget that lets every drain go on"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        if app.kind == AppType::Cronjob {
            return;
        }
        let view = out.views.plain(&BudgetView {
            many: app.replicas.min() >= MANY_PODS,
        });
        let template = "disruption/pod-disruption-budget.yaml";
        out.add("poddisruptionbudget", app.name.as_str(), template, view);
    }
}
