//! The engine `argo`: a Rollout of Argo Rollouts makes the pods, and its controller takes a new version
//! out by the plan in it. The Deployment stays as the pod template, without pods.
//!
//! Where a Deployment has run before, both have all pods for a while (`canary.takeover`), and only the
//! autoscaler changes over at once: nobody but its owner ever writes a count.

use serde::Serialize;

use super::{Engine, Moment, Owner, Pods, wait};
use crate::component::view::{Words, annotations, track_selector};
use crate::component::{Manifests, deployment};
use crate::diag::Diagnostic;
use crate::spec::canary::{End, Holder};
use crate::spec::value::{Latency, SuccessRate};
use crate::spec::{App, Replicas, Track};

pub(super) struct Argo;

#[derive(Serialize)]
struct RolloutView<'a> {
    annotations: Words,
    replicas: Option<u32>,
    track_selector: Words,
    min_ready: u32,
    progress_deadline: u32,
    surge: String,
    steps: &'a [u32],
    has_objective: bool,
    /// How long a step is measured.
    pause: Option<&'a str>,
}

#[derive(Serialize)]
struct AnalysisView<'a> {
    prometheus: &'a str,
    /// Part of one.
    success_rate: Option<String>,
    /// Seconds.
    latency: Option<String>,
    requests: &'a str,
    code: &'a str,
    duration: &'a str,
}

/// A command of the plugin of `kubectl`.
fn plugin(app: &App, words: &str) -> String {
    let (name, namespace) = (&app.name, &app.namespace);
    format!("kubectl argo rollouts {words} {name} -n {namespace}")
}

impl Engine for Argo {
    fn of_callers(&self) -> Option<Track> {
        None
    }

    fn keeps_zones(&self, app: &App) -> bool {
        // A zone with a pod of the canary would meet it more often than planned.
        app.run().is_none()
    }

    fn pods(&self, app: &App) -> Pods {
        let Some(takeover) = app.takeover() else {
            return Pods {
                count: Some(0),
                owner: Owner::Rollout,
                scaled: Owner::Rollout,
                replicas: app.replicas,
            };
        };
        let (count, replicas) = match app.replicas {
            Replicas::Fixed(count) => (Some(count), app.replicas),
            // A number would be another one than the autoscaler has left there.
            Replicas::Auto { min, max, cpu } => (
                None,
                Replicas::Auto {
                    min: min.max(takeover.size).min(max),
                    max,
                    cpu,
                },
            ),
        };
        Pods {
            count,
            owner: Owner::Both,
            scaled: match takeover.to {
                Holder::Rollout => Owner::Rollout,
                Holder::Deployment => Owner::Deployment,
            },
            replicas,
        }
    }

    fn deployed(&self, app: &App) -> App {
        // The template from which the controller makes both versions, one after the other.
        match app.run() {
            Some(run) if run.end == Some(End::Abort) => app.clone(),
            _ => app.next().clone(),
        }
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let Some(canary) = &app.canary else { return };
        let base = deployment::view(app, Track::Stable, None);
        let objective = canary.objective.as_ref();
        let view = out.views.plain(&RolloutView {
            annotations: annotations(app),
            replicas: match app.replicas {
                Replicas::Fixed(count) => Some(count),
                Replicas::Auto { .. } => None,
            },
            track_selector: track_selector(app, Track::Stable),
            min_ready: base.min_ready,
            progress_deadline: base.progress_deadline,
            surge: base.surge,
            steps: &canary.steps,
            has_objective: objective.is_some(),
            pause: objective.map(|objective| objective.pause.as_str()),
        });
        out.add(
            "rollout",
            app.name.as_str(),
            "canary/argo/rollout.yaml",
            view,
        );
        if let Some(objective) = objective {
            let view = out.views.plain(&AnalysisView {
                prometheus: objective.prometheus.as_str(),
                success_rate: objective.success_rate.as_ref().map(SuccessRate::fraction),
                latency: objective.latency.as_ref().map(Latency::seconds),
                requests: objective.requests.as_str(),
                code: objective.code.as_str(),
                duration: objective.duration.as_str(),
            });
            let template = "canary/argo/analysis-template.yaml";
            out.add("analysistemplate", app.name.as_str(), template, view);
        }
    }

    fn revision(&self) -> &'static [&'static str] {
        // Both make pods from the one template while these change hands. A key that a pod has not is passed over.
        &["pod-template-hash", "rollouts-pod-template-hash"]
    }

    fn resources(&self, app: &App) -> Vec<&'static str> {
        let has_objective = app
            .canary
            .as_ref()
            .is_some_and(|one| one.objective.is_some());
        // With `status`, the plugin takes a Rollout to its next step.
        let mut resources = vec!["rollouts", "rollouts/status"];
        if has_objective {
            resources.insert(0, "analysistemplates");
        }
        resources
    }

    fn watch(&self, app: &App) -> Option<String> {
        let (name, namespace) = (&app.name, &app.namespace);
        Some(match app.takeover() {
            None => plugin(app, "get rollout") + " -w",
            // A pod of the Rollout has the label, one of the Deployment has not.
            Some(_) => format!(
                "kubectl -n {namespace} get pods -l app.kubernetes.io/instance={name} -L rollouts-pod-template-hash -w"
            ),
        })
    }

    fn wait(&self, app: &App) -> String {
        match app.takeover() {
            Some(takeover) => wait::is_handed_over(app, takeover),
            None => wait::is_out(app),
        }
    }

    fn commands(&self, app: &App, moment: Moment) -> Vec<String> {
        let say = |words: &str, why: &str| format!("{}  # {why}", plugin(app, words));
        match moment {
            Moment::Run => vec![
                say("promote", "from a step that waits to the next"),
                say("get rollout", "which step that is"),
            ],
            Moment::Promoted => vec![say(
                "promote --full",
                "if steps are left, and nobody wants to wait for them",
            )],
            Moment::Aborted => vec![say(
                "abort",
                "at once, before this is applied: the controller goes back without waiting for it",
            )],
        }
    }

    fn caution(&self, app: &App) -> Diagnostic {
        let has_objective = app
            .canary
            .as_ref()
            .is_some_and(|one| one.objective.is_some());
        let what = "the controller takes the steps by itself, each in whole pods out of as many as there are then, to \
                    the nearest one";
        let help = if has_objective {
            "what measures it has no traffic of a pod that nobody scrapes: see that the label \
             `rollouts-pod-template-hash` is among the `podTargetLabels`"
        } else {
            "with `canary.objective` it measures each step and goes on or back; without, a person says so"
        };
        Diagnostic::note(what).key("canary").help(help)
    }
}
