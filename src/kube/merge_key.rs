//! How Kubernetes tells the items of a list apart: by keys, as a set, or not at all.
//!
//! The source is the `x-kubernetes-list-type` and `x-kubernetes-list-map-keys` of the published API,
//! which server-side apply follows. What is not in the table is one value, whole.

use super::kinds::KINDS;

/// How the items of a list are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// By the values of these fields; of one that holds more than a word, by all its words.
    Keyed(&'static [&'static str]),
    /// By what they are; order and repetition mean nothing.
    Set,
    /// Not at all: the list is one value.
    Atomic,
}

/// A list whose items are told apart.
#[derive(Debug, Clone, Copy)]
pub struct ListRow {
    /// The kind that it belongs to: `Pod` is the template of any workload, `*` is every kind.
    pub kind: &'static str,
    /// The list: `spec.containers[].ports`.
    pub path: &'static str,
    /// How its items are told apart.
    pub list: ListKind,
}

const fn keyed(kind: &'static str, path: &'static str, keys: &'static [&'static str]) -> ListRow {
    ListRow {
        kind,
        path,
        list: ListKind::Keyed(keys),
    }
}

/// The lists of a container, below each kind of container.
const CONTAINER: &[(&str, &[&str])] = &[
    ("env", &["name"]),
    ("ports", &["containerPort", "protocol"]),
    ("volumeMounts", &["mountPath"]),
    ("volumeDevices", &["devicePath"]),
    ("resources.claims", &["name"]),
];

/// The lists of containers of a pod.
const CONTAINERS: &[&str] = &[
    "spec.containers[].",
    "spec.initContainers[].",
    "spec.ephemeralContainers[].",
];

/// The table, but for the lists inside containers.
pub const LISTS: &[ListRow] = &[
    ListRow {
        kind: "*",
        path: "metadata.finalizers",
        list: ListKind::Set,
    },
    keyed("*", "metadata.ownerReferences", &["uid"]),
    keyed("Pod", "spec.containers", &["name"]),
    keyed("Pod", "spec.initContainers", &["name"]),
    keyed("Pod", "spec.ephemeralContainers", &["name"]),
    keyed("Pod", "spec.volumes", &["name"]),
    keyed("Pod", "spec.imagePullSecrets", &["name"]),
    keyed("Pod", "spec.hostAliases", &["ip"]),
    keyed("Pod", "spec.resourceClaims", &["name"]),
    keyed("Pod", "spec.schedulingGates", &["name"]),
    keyed(
        "Pod",
        "spec.topologySpreadConstraints",
        &["topologyKey", "whenUnsatisfiable"],
    ),
    keyed("Service", "spec.ports", &["port", "protocol"]),
    keyed("ServiceAccount", "secrets", &["name"]),
];

/// The lists of kinds that are not Kubernetes' own. The source is their CRDs, of the standard channel of
/// `sigs.k8s.io/gateway-api` v1.6.1; but all lists of a route that prodgen writes are atomic there, so
/// that who has given a rule a filter would meet a conflict at every move of a weight. Here rules are told
/// apart by what they match, and Services by their names.
pub const CUSTOM_LISTS: &[ListRow] = &[
    keyed("ListenerSet", "spec.listeners", &["name"]),
    keyed("HTTPRoute", "spec.rules", &["matches"]),
    keyed("HTTPRoute", "spec.rules[].backendRefs", &["name"]),
    keyed("GRPCRoute", "spec.rules", &["matches"]),
    keyed("GRPCRoute", "spec.rules[].backendRefs", &["name"]),
];

/// Values that Kubernetes fills in where a key is not given.
const DEFAULTS: &[(&str, &str)] = &[("protocol", "TCP"), ("matches", "all")];

/// What a key field is where it is not given, if that says anything.
pub fn default_of(key: &str) -> Option<&'static str> {
    let row = DEFAULTS.iter().find(|(name, _)| *name == key);
    row.map(|(_, value)| *value)
}

/// Where the pod template of a workload stands.
fn pod_template(api_version: &str, kind: &str) -> Option<&'static str> {
    let known = KINDS
        .iter()
        .find(|row| row.api_version == api_version && row.kind == kind);
    match (known.and_then(|row| row.pod_template), api_version, kind) {
        (Some(path), ..) => Some(path),
        (None, "v1", "Pod") => Some(""),
        (None, "apps/v1", "StatefulSet" | "DaemonSet" | "ReplicaSet")
        | (None, "batch/v1", "Job") => Some("spec.template"),
        (None, ..) => None,
    }
}

/// How the items of the list at `path` (`spec.template.spec.containers[].ports`) are told apart.
pub fn list_kind(api_version: &str, kind: &str, path: &str) -> ListKind {
    let found = |kind: &str, path: &str| {
        let mut rows = LISTS.iter().chain(CUSTOM_LISTS);
        let row = rows.find(|row| (row.kind == kind || row.kind == "*") && row.path == path);
        row.map(|row| row.list)
    };
    // A name alone says nothing: a custom kind may be called `Service` too.
    let is_known = KINDS
        .iter()
        .any(|row| row.api_version == api_version && row.kind == kind);
    if let Some(list) = found(if is_known { kind } else { "" }, path) {
        return list;
    }
    let Some(inner) = in_pod(api_version, kind, path) else {
        return ListKind::Atomic;
    };
    found("Pod", inner)
        .or_else(|| in_container(inner))
        .unwrap_or(ListKind::Atomic)
}

/// The path below the pod of a workload (`spec.volumes`), of one that goes there.
pub(super) fn in_pod<'p>(api_version: &str, kind: &str, path: &'p str) -> Option<&'p str> {
    let inner = path.strip_prefix(pod_template(api_version, kind)?)?;
    Some(inner.strip_prefix('.').unwrap_or(inner))
}

/// The path below a container (`env`), of one below the pod that goes there.
pub(super) fn below_container(path: &str) -> Option<&str> {
    let mut prefixes = CONTAINERS.iter();
    prefixes.find_map(|prefix| path.strip_prefix(prefix))
}

fn in_container(path: &str) -> Option<ListKind> {
    let inner = below_container(path)?;
    let (_, keys) = CONTAINER.iter().find(|(name, _)| *name == inner)?;
    Some(ListKind::Keyed(keys))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::DeepMerge;
    use k8s_openapi::api::core::v1::{Pod, Service, ServiceAccount};
    use serde_json::{Value, json};

    use super::*;

    /// `{a: {b: [{c: [items]}]}}` for `a.b[].c`, and the way back down to the list.
    fn object(path: &str, items: &Value) -> Value {
        path.rsplit('.')
            .fold(items.clone(), |inner, step| match step.strip_suffix("[]") {
                Some(step) => {
                    let Value::Object(mut item) = inner else {
                        panic!("{path}")
                    };
                    item.insert("name".to_owned(), json!("same"));
                    json!({ step: [item] })
                }
                None => json!({ step: inner }),
            })
    }

    fn items(path: &str, object: &Value) -> usize {
        let list = path
            .split('.')
            .fold(object, |at, step| match step.strip_suffix("[]") {
                Some(step) => &at[step][0],
                None => &at[step],
            });
        list.as_array().map_or(0, Vec::len)
    }

    fn merged<T: DeepMerge + serde::de::DeserializeOwned + serde::Serialize>(
        path: &str,
        one: &Value,
        other: &Value,
    ) -> usize {
        let typed =
            |item: &Value| -> T { serde_json::from_value(object(path, &json!([item]))).unwrap() };
        let mut both = typed(one);
        both.merge_from(typed(other));
        items(path, &serde_json::to_value(both).unwrap())
    }

    fn item(keys: &[&str], count: usize) -> Value {
        let value = |key: &str, count: usize| match key {
            "containerPort" | "port" => json!(8000 + count),
            "protocol" => json!(["TCP", "UDP"][count]),
            _ => json!(format!("value-{count}")),
        };
        let mut item: serde_json::Map<String, Value> = keys
            .iter()
            .enumerate()
            // Only the first key differs: the others are told below.
            .map(|(at, key)| {
                (
                    (*key).to_owned(),
                    value(key, if at == 0 { count } else { 0 }),
                )
            })
            .collect();
        for (key, text) in [
            ("kind", "A"),
            ("apiVersion", "v1"),
            ("name", "n"),
            ("uid", "u"),
        ] {
            item.entry(key).or_insert_with(|| json!(text));
        }
        Value::Object(item)
    }

    fn holds(kind: &str, path: &str, keys: &[&str]) {
        let merge = |one: &Value, other: &Value| match kind {
            "Service" => merged::<Service>(path, one, other),
            "ServiceAccount" => merged::<ServiceAccount>(path, one, other),
            _ => merged::<Pod>(path, one, other),
        };
        assert_eq!(merge(&item(keys, 0), &item(keys, 0)), 1, "{kind} {path}");
        assert_eq!(merge(&item(keys, 0), &item(keys, 1)), 2, "{kind} {path}");
    }

    /// `DeepMerge` knows the first key of each list only; the second ones are those of server-side
    /// apply, which tells items by all of them.
    #[test]
    fn each_row_is_as_the_types_merge() {
        for row in LISTS {
            match row.list {
                ListKind::Keyed(keys) => holds(row.kind, row.path, keys),
                ListKind::Set => {
                    let merge = |one, other| merged::<Pod>(row.path, &json!(one), &json!(other));
                    assert_eq!((merge("a", "a"), merge("a", "b")), (1, 2));
                }
                ListKind::Atomic => panic!("{} needs no row", row.path),
            }
        }
        for prefix in CONTAINERS {
            for (name, keys) in CONTAINER {
                // Ephemeral containers have no resources in a spec, but the type has.
                holds("Pod", &format!("{prefix}{name}"), keys);
            }
        }
    }

    /// The second object's list stands where a list is one value.
    #[test]
    fn lists_without_a_row_are_one_value() {
        for (path, one, other) in [
            ("spec.tolerations", json!({"key": "a"}), json!({"key": "b"})),
            ("spec.containers[].args", json!("a"), json!("b")),
            ("spec.containers[].command", json!("a"), json!("b")),
            (
                "spec.containers[].envFrom",
                json!({"prefix": "a"}),
                json!({"prefix": "b"}),
            ),
        ] {
            assert_eq!(merged::<Pod>(path, &one, &other), 1, "{path}");
            assert_eq!(list_kind("v1", "Pod", path), ListKind::Atomic, "{path}");
        }
        for (api_version, kind, path) in [
            ("networking.k8s.io/v1", "NetworkPolicy", "spec.ingress"),
            ("networking.k8s.io/v1", "NetworkPolicy", "spec.egress[].to"),
            ("rbac.authorization.k8s.io/v1", "Role", "rules"),
            ("rbac.authorization.k8s.io/v1", "RoleBinding", "subjects"),
            ("autoscaling/v2", "HorizontalPodAutoscaler", "spec.metrics"),
            ("v1", "ServiceAccount", "imagePullSecrets"),
            ("v1", "LimitRange", "spec.limits"),
            ("example.com/v1", "Service", "spec.ports"),
            (
                "example.com/v1",
                "Deployment",
                "spec.template.spec.containers",
            ),
        ] {
            assert_eq!(
                list_kind(api_version, kind, path),
                ListKind::Atomic,
                "{kind} {path}"
            );
        }
    }

    #[test]
    fn pods_are_found_in_every_workload() {
        let ports = ListKind::Keyed(&["containerPort", "protocol"]);
        for (api_version, kind, path) in [
            ("v1", "Pod", "spec.containers[].ports"),
            (
                "apps/v1",
                "Deployment",
                "spec.template.spec.containers[].ports",
            ),
            (
                "apps/v1",
                "StatefulSet",
                "spec.template.spec.initContainers[].ports",
            ),
            (
                "batch/v1",
                "CronJob",
                "spec.jobTemplate.spec.template.spec.containers[].ports",
            ),
        ] {
            assert_eq!(list_kind(api_version, kind, path), ports, "{kind}");
        }
        let service = list_kind("v1", "Service", "spec.ports");
        assert_eq!(service, ListKind::Keyed(&["port", "protocol"]));
        assert_eq!(list_kind("x/v1", "Y", "metadata.finalizers"), ListKind::Set);
    }
}
