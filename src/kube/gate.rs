//! Which field came with which Kubernetes minor, as data: nothing newer than the chosen minimum
//! is ever emitted, and nothing that a stock API server drops or refuses at all.
//!
//! The source of a row is the enhancement or release note named beside it; a minor is the first in
//! which the field is on by default, or safe to rely on where that came later.

use super::kinds::KindRow;
use crate::diag::Span;
use crate::yaml::{Kind, NodeRef};

/// A field, or a value of one, that not every supported cluster has.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// The kind that it belongs to; `Pod` is the template of any workload.
    pub kind: &'static str,
    /// The field: `spec.containers[].lifecycle.stopSignal`; with `=value`, only that value.
    pub field: &'static str,
    /// The first minor that has it; none has it yet where this is empty.
    pub since: Option<u32>,
    /// Where that is written.
    pub source: &'static str,
}

const fn since(kind: &'static str, field: &'static str, minor: u32, source: &'static str) -> Gate {
    Gate {
        kind,
        field,
        since: Some(minor),
        source,
    }
}

const fn never(kind: &'static str, field: &'static str, source: &'static str) -> Gate {
    Gate {
        kind,
        field,
        since: None,
        source,
    }
}

/// The table. Fields that 1.34, the oldest supported minor, has are not in it.
pub const GATES: &[Gate] = &[
    since(
        "HorizontalPodAutoscaler",
        "spec.behavior.scaleUp.tolerance",
        37,
        "KEP-4951",
    ),
    since(
        "HorizontalPodAutoscaler",
        "spec.behavior.scaleDown.tolerance",
        37,
        "KEP-4951",
    ),
    since(
        "HorizontalPodAutoscaler",
        "spec.minReplicas=0",
        37,
        "KEP-2021",
    ),
    since("Pod", "spec.hostUsers", 36, "KEP-127"),
    since("Pod", "spec.hostnameOverride", 37, "KEP-4762"),
    since("Pod", "spec.volumes[].image", 36, "KEP-4639"),
    since(
        "Pod",
        "spec.volumes[].projected.sources[].podCertificate",
        37,
        "KEP-4317",
    ),
    since(
        "Pod",
        "spec.volumes[].projected.sources[].clusterTrustBundle",
        37,
        "KEP-3257",
    ),
    never("Pod", "spec.resources", "KEP-2837, beta"),
    never(
        "Pod",
        "spec.containers[].env[].valueFrom.fileKeyRef",
        "KEP-3721, beta",
    ),
    never(
        "Pod",
        "spec.containers[].restartPolicyRules",
        "KEP-5307, beta",
    ),
    never("Pod", "spec.schedulingGroup", "KEP-4671, off"),
    never("Pod", "spec.evictionResponders", "KEP-4563, alpha"),
    never(
        "Pod",
        "spec.containers[].lifecycle.stopSignal",
        "KEP-4960, alpha",
    ),
    never(
        "Pod",
        "spec.containers[].volumeMounts[].bindMountOptions",
        "1.37 API, alpha",
    ),
    never(
        "Pod",
        "spec.containers[].startupProbe.grpc.mode",
        "KEP-4939, alpha",
    ),
    never(
        "Pod",
        "spec.containers[].readinessProbe.grpc.mode",
        "KEP-4939, alpha",
    ),
    never(
        "Pod",
        "spec.containers[].livenessProbe.grpc.mode",
        "KEP-4939, alpha",
    ),
    never(
        "Pod",
        "spec.containers[].startupProbe.httpGet.protocol",
        "1.37 API, alpha",
    ),
    never(
        "Pod",
        "spec.containers[].readinessProbe.httpGet.protocol",
        "1.37 API, alpha",
    ),
    never(
        "Pod",
        "spec.containers[].livenessProbe.httpGet.protocol",
        "1.37 API, alpha",
    ),
    never("Pod", "spec.volumes[].emptyDir.mode", "1.37 API, alpha"),
    never(
        "Pod",
        "spec.volumes[].secret.defaultUser",
        "KEP-5936, alpha",
    ),
    never(
        "Pod",
        "spec.volumes[].configMap.defaultUser",
        "KEP-5936, alpha",
    ),
    never(
        "Pod",
        "spec.volumes[].projected.defaultUser",
        "KEP-5936, alpha",
    ),
    never(
        "Pod",
        "spec.volumes[].downwardAPI.defaultUser",
        "KEP-5936, alpha",
    ),
    never(
        "Pod",
        "spec.volumes[].secret.items[].user",
        "KEP-5936, alpha",
    ),
    never(
        "Pod",
        "spec.volumes[].configMap.items[].user",
        "KEP-5936, alpha",
    ),
    never("Pod", "spec.tolerations[].operator=Lt", "KEP-5471, alpha"),
    never("Pod", "spec.tolerations[].operator=Gt", "KEP-5471, alpha"),
    never(
        "CronJob",
        "spec.jobTemplate.spec.scheduling",
        "1.37 API, alpha",
    ),
];

/// The fields of an object that a cluster of that minor does not have, with their places.
pub fn beyond(object: NodeRef<'_>, row: &KindRow, minor: u32) -> Vec<(&'static Gate, Span)> {
    let pod = row
        .pod_template
        .and_then(|path| path.split('.').try_fold(object, NodeRef::get));
    let mut found = Vec::new();
    for gate in GATES
        .iter()
        .filter(|gate| gate.since.is_none_or(|since| since > minor))
    {
        let root = match gate.kind {
            "Pod" => pod,
            kind if kind == row.kind => Some(object),
            _ => None,
        };
        if let Some(root) = root {
            walk(root, gate.field, &mut |span| found.push((gate, span)));
        }
    }
    found
}

fn walk(node: NodeRef<'_>, path: &str, found: &mut impl FnMut(Span)) {
    let (step, rest) = match path.split_once('.') {
        Some((step, rest)) => (step, rest),
        None => (path, ""),
    };
    let (step, value) = match step.split_once('=') {
        Some((step, value)) => (step, Some(value)),
        None => (step, None),
    };
    let (key, each) = match step.strip_suffix("[]") {
        Some(key) => (key, true),
        None => (step, false),
    };
    let Some(child) = node.get(key) else { return };
    if each && child.kind() == Kind::Seq {
        child.items().for_each(|item| walk(item, rest, found));
    } else if !rest.is_empty() {
        walk(child, rest, found);
    } else if value.is_none_or(|value| child.text() == value) {
        found(child.span());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Origin, SourceMap};
    use crate::kube::KINDS;
    use crate::yaml::parse_one;

    fn fields(text: &str, kind: &str, minor: u32) -> Vec<&'static str> {
        let id = SourceMap::default().add(Origin::Stdin, text);
        let document = parse_one(id, text).unwrap();
        let row = KINDS.iter().find(|row| row.kind == kind).unwrap();
        beyond(document.root().unwrap(), row, minor)
            .iter()
            .map(|(gate, _)| gate.field)
            .collect()
    }

    #[test]
    fn a_field_is_beyond_until_its_minor() {
        let hpa = "spec: {minReplicas: 0, behavior: {scaleDown: {tolerance: 0.1}}}\n";
        let kind = "HorizontalPodAutoscaler";
        assert_eq!(
            fields(hpa, kind, 36),
            ["spec.behavior.scaleDown.tolerance", "spec.minReplicas=0"]
        );
        assert!(fields(hpa, kind, 37).is_empty());
        assert!(fields("spec: {minReplicas: 2}\n", kind, 34).is_empty());
    }

    #[test]
    fn pod_fields_are_found_in_every_template_and_list() {
        let pod =
            "spec: {hostUsers: false, containers: [{name: a}, {lifecycle: {stopSignal: SIGINT}}]}";
        let found = fields(
            &format!("spec: {{template: {{{pod}}}}}\n"),
            "Deployment",
            35,
        );
        assert_eq!(
            found,
            ["spec.hostUsers", "spec.containers[].lifecycle.stopSignal"]
        );
        let deep = format!("spec: {{jobTemplate: {{spec: {{template: {{{pod}}}}}}}}}\n");
        assert_eq!(
            fields(&deep, "CronJob", 37),
            ["spec.containers[].lifecycle.stopSignal"]
        );
    }
}
