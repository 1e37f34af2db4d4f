//! What a write that takes objects out of the files means in the cluster: pods that restart, and what
//! stays there where applying prunes nothing. Who takes that away, when, and with which command, is said
//! here for every command that writes.

use std::collections::{BTreeMap, BTreeSet};

use crate::merge::{Id, identity};
use crate::project::{Action, Plan};

/// The kinds of object that lead users to a service.
const ROUTES: &[&str] = &["HTTPRoute", "GRPCRoute", "Ingress"];

/// A line about pods that restart, and one for each namespace that objects are left in.
pub(super) fn told(plan: &Plan) -> Vec<String> {
    let mut stays: BTreeSet<Id> = BTreeSet::new();
    let mut gone: BTreeSet<Id> = BTreeSet::new();
    let mut has_new_map = false;
    let mut rolled: Option<Id> = None;
    for change in &plan.changes {
        if let Some(id) = change.after.as_deref().and_then(identity) {
            let is_changed = matches!(change.action, Action::Updated | Action::Merged);
            has_new_map |= id.kind() == "ConfigMap" && change.action == Action::New;
            if id.kind() == "Deployment" && is_changed {
                // That of a canary, which has no pods at rest, has the longer name.
                let length = |id: &Id| id.to_string().len();
                rolled = rolled
                    .take()
                    .into_iter()
                    .chain([id.clone()])
                    .min_by_key(length);
            }
            stays.insert(id);
        } else if change.action == Action::Removed {
            gone.extend(change.before.as_deref().and_then(identity));
        }
    }
    let kept: BTreeSet<&str> = stays.iter().map(Id::kind).collect();
    let mut lines = Vec::new();
    let has_old_map = gone.iter().any(|id| id.kind() == "ConfigMap");
    if let Some(id) = rolled.filter(|_| has_old_map && has_new_map) {
        let wait = format!(
            "; `kubectl -n {} rollout status {}` ends when they have",
            id.namespace(),
            id.to_string().to_lowercase()
        );
        lines.push(format!(
            "The ConfigMap has another name now: when this is applied, the pods that read it restart once, a few at a \
             time{}",
            // A Rollout has a plan of its own.
            if kept.contains("Rollout") { "" } else { &wait }
        ));
    }
    let mut left: BTreeMap<&str, Vec<&Id>> = BTreeMap::new();
    // With a namespace everything in it would go, whoever it belongs to.
    for id in gone
        .difference(&stays)
        .filter(|id| id.kind() != "Namespace")
    {
        left.entry(id.namespace()).or_default().push(id);
    }
    for (namespace, ids) in left {
        let has = |kind: &str| ids.iter().any(|id| id.kind() == kind);
        // What still acts, where nothing of its kind has taken its place.
        let acts = |kind: &str| has(kind) && !kept.contains(kind);
        // It goes with the name of a service alone, or with its namespace.
        let what = if has("ServiceAccount") {
            "the service from before stays beside the new one; once nobody calls it, an administrator runs"
        } else if ROUTES.iter().any(|kind| acts(kind)) {
            "users still reach it until an administrator runs"
        } else if acts("HorizontalPodAutoscaler") && kept.contains("Deployment") {
            "the autoscaler goes on to change the number until an administrator runs"
        } else if has("ConfigMap") {
            "an administrator does, once no pod of before is left"
        } else {
            "an administrator does"
        };
        let mut names: Vec<String> = ids.iter().map(|id| id.to_string().to_lowercase()).collect();
        names.sort();
        lines.push(format!(
            "Where applying prunes nothing, {what}: kubectl -n {namespace} delete {}",
            names.join(" ")
        ));
    }
    lines
}
