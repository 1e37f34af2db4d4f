//! The published schemas of Kubernetes 1.37, made strict: a field that they don't know is an error.
//!
//! They come from k8s-openapi; enumerations are not in there, so a wrong word in `type` passes. Those of
//! the Gateway API are in `schema/gateway-api.json`: what the CRDs of its standard channel say, without
//! their texts and rules; `schema/argo-rollouts.json` has those of Argo Rollouts in the same way, without
//! the pods in them. The conformance suite holds both files against the CRDs.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{
    ConfigMap, LimitRange, Namespace, ResourceQuota, Secret, Service, ServiceAccount,
};
use k8s_openapi::api::networking::v1::{Ingress, NetworkPolicy};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The validators, by apiVersion and kind, each built when it is first asked for.
static KINDS: LazyLock<BTreeMap<(&str, &str), LazyLock<Validator>>> = LazyLock::new(|| {
    BTreeMap::from([
        custom(ARGO_ROLLOUTS, "AnalysisTemplate", || {
            from_crd(ARGO, "AnalysisTemplate")
        }),
        custom(ARGO_ROLLOUTS, "Rollout", || from_crd(ARGO, "Rollout")),
        custom(GATEWAY_API, "GRPCRoute", || from_crd(GATEWAY, "GRPCRoute")),
        custom(GATEWAY_API, "HTTPRoute", || from_crd(GATEWAY, "HTTPRoute")),
        custom(GATEWAY_API, "ListenerSet", || {
            from_crd(GATEWAY, "ListenerSet")
        }),
        kind::<ConfigMap>(),
        kind::<CronJob>(),
        kind::<Deployment>(),
        kind::<HorizontalPodAutoscaler>(),
        kind::<Ingress>(),
        kind::<Job>(),
        kind::<LimitRange>(),
        kind::<Namespace>(),
        kind::<NetworkPolicy>(),
        kind::<PodDisruptionBudget>(),
        kind::<ResourceQuota>(),
        kind::<Role>(),
        kind::<RoleBinding>(),
        kind::<Secret>(),
        kind::<Service>(),
        kind::<ServiceAccount>(),
    ])
});

/// What the published schema says against one object: a JSON pointer and a sentence each.
pub(crate) fn check(doc: &Value) -> Vec<String> {
    let word = |key: &str| doc.get(key).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (word("apiVersion"), word("kind"));
    let Some(validator) = KINDS.get(&(api_version, kind)) else {
        return vec![format!(
            "/: no schema for apiVersion {api_version:?}, kind {kind:?}"
        )];
    };
    validator
        .iter_errors(doc)
        .map(|error| match error.instance_path().as_str() {
            "" => format!("/: {}", error.masked()),
            path => format!("{path}: {}", error.masked()),
        })
        .collect()
}

const GATEWAY_API: &str = "gateway.networking.k8s.io/v1";
const ARGO_ROLLOUTS: &str = "argoproj.io/v1alpha1";

fn custom(
    api_version: &'static str,
    kind: &'static str,
    validator: fn() -> Validator,
) -> ((&'static str, &'static str), LazyLock<Validator>) {
    ((api_version, kind), LazyLock::new(validator))
}

const ARGO: &str = include_str!("schema/argo-rollouts.json");
const GATEWAY: &str = include_str!("schema/gateway-api.json");

/// The validator of a custom kind.
fn from_crd(all: &str, kind: &str) -> Validator {
    let all: Value = serde_json::from_str(all).unwrap();
    let mut schema = all[kind].clone();
    harden(&mut schema);
    schema["required"] = json!(["apiVersion", "kind", "metadata", "spec"]);
    let options = jsonschema::options().should_validate_formats(true);
    let built = options.build(&schema);
    built.unwrap_or_else(|error| panic!("{kind}: {error}"))
}

fn kind<T: Resource + JsonSchema>() -> ((&'static str, &'static str), LazyLock<Validator>) {
    ((T::API_VERSION, T::KIND), LazyLock::new(validator::<T>))
}

fn validator<T: Resource + JsonSchema>() -> Validator {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    harden(&mut schema);
    let root = schema.as_object_mut().unwrap();
    // The schema requires no spec, and no object of ours goes without one where there is one.
    let properties = root["properties"].as_object().unwrap();
    let required: Vec<&str> = ["apiVersion", "kind", "metadata"]
        .into_iter()
        .chain(needs_spec(T::KIND, properties))
        .collect();
    root.insert("required".into(), json!(required));
    let options = jsonschema::options().should_validate_formats(true);
    options
        .build(&schema)
        .unwrap_or_else(|error| panic!("{}: {error}", T::KIND))
}

/// A namespace is the one kind whose spec is left to the server.
fn needs_spec(kind: &str, properties: &Map<String, Value>) -> Option<&'static str> {
    (kind != "Namespace" && properties.contains_key("spec")).then_some("spec")
}

/// Refuses unknown properties, and says in JSON Schema what Kubernetes says in its own words.
fn harden(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                match (key.as_str(), value) {
                    // Names of properties are not keywords: step over them.
                    ("properties" | "$defs", Value::Object(named)) => {
                        named.values_mut().for_each(harden);
                    }
                    (_, value) => harden(value),
                }
            }
            if map.get("properties").is_some_and(Value::is_object) {
                map.entry("additionalProperties").or_insert(json!(false));
            }
            if map.get("x-kubernetes-int-or-string") == Some(&json!(true)) {
                map.insert("type".into(), json!(["integer", "string"]));
                map.insert("format".into(), json!("int32"));
                let quantity = map.get("description").and_then(Value::as_str);
                if quantity.is_some_and(|text| text.starts_with("Quantity is ")) {
                    map.remove("format");
                    map.insert("type".into(), json!(["number", "string"]));
                    map.insert("pattern".into(), json!(QUANTITY));
                }
            }
            match map.get("format").and_then(Value::as_str) {
                Some("int32") => bound(map, i32::MIN.into(), i32::MAX.into()),
                Some("int64") => bound(map, i64::MIN, i64::MAX),
                Some("byte") => {
                    map.insert("pattern".into(), json!(BASE64));
                }
                _ => {}
            }
        }
        Value::Array(list) => list.iter_mut().for_each(harden),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The grammar that stands in the description of `resource.Quantity`.
const QUANTITY: &str =
    r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$";

/// Standard base64 with padding (RFC 4648, section 4).
const BASE64: &str = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

fn bound(map: &mut Map<String, Value>, least: i64, most: i64) {
    map.remove("format");
    map.insert("minimum".into(), json!(least));
    map.insert("maximum".into(), json!(most));
}

mod tests {
    use super::*;

    #[test]
    fn kinds_of_the_gateway_api_are_of_the_standard_channel() {
        let route = |rule: Value| {
            json!({
                "apiVersion": "gateway.networking.k8s.io/v1",
                "kind": "HTTPRoute",
                "metadata": { "name": "a" },
                "spec": {
                    "parentRefs": [{ "name": "a", "namespace": "b", "sectionName": "https" }],
                    "hostnames": ["*.example.com"],
                    "rules": [rule],
                },
            })
        };
        let backend = json!([{ "name": "a", "port": 80, "weight": 95 }]);
        assert_eq!(check(&route(json!({ "backendRefs": backend }))), [""; 0]);
        let mut strange = route(json!({ "backendRefs": backend }));
        strange["spec"]["hostnames"] = json!(["*"]);
        for bad in [
            strange,
            route(json!({ "backendRefs": [{ "port": 80 }] })),
            route(json!({ "backendRefs": [{ "name": "a", "port": "http" }] })),
            // A field of the experimental channel, which the standard one prunes.
            route(json!({ "backendRefs": backend, "retry": { "attempts": 3 } })),
        ] {
            assert_ne!(check(&bad), [""; 0], "{bad}");
        }
    }

    fn deployment() -> Value {
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": { "name": "a", "namespace": "a", "labels": { "x": "y" } },
            "spec": {
                "replicas": 3,
                "selector": { "matchLabels": { "x": "y" } },
                "strategy": { "rollingUpdate": { "maxSurge": 1, "maxUnavailable": "25%" } },
                "template": {
                    "metadata": { "labels": { "x": "y" } },
                    "spec": {
                        "containers": [{
                            "name": "a",
                            "image": "registry.example.com/a:1",
                            "ports": [{ "name": "http", "containerPort": 8080 }],
                            "resources": { "requests": { "cpu": "100m", "memory": "128Mi" } },
                            "readinessProbe": { "httpGet": { "path": "/", "port": "http" } },
                        }],
                        "volumes": [{ "name": "tmp", "emptyDir": { "sizeLimit": "64Mi" } }],
                    },
                },
            },
        })
    }

    /// The one complaint about the good Deployment with `change` made to it.
    fn complaint(change: impl FnOnce(&mut Value)) -> String {
        let mut doc = deployment();
        change(&mut doc);
        let found = check(&doc);
        assert_eq!(found.len(), 1, "{found:?}");
        found.into_iter().next().unwrap()
    }

    fn without(doc: &mut Value, pointer: &str, key: &str) {
        doc.pointer_mut(pointer)
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove(key)
            .unwrap();
    }

    #[test]
    fn a_good_deployment_has_none() {
        assert_eq!(check(&deployment()), [""; 0]);
    }

    #[test]
    fn each_slip_is_found_at_its_place() {
        let container = "/spec/template/spec/containers/0";
        let found = complaint(|doc| without(doc, "/spec", "selector"));
        assert!(
            found.starts_with("/spec: ") && found.contains("selector"),
            "{found}"
        );
        let found = complaint(|doc| without(doc, container, "name"));
        assert!(
            found.starts_with(&format!("{container}: ")) && found.contains("name"),
            "{found}"
        );
        let found = complaint(|doc| without(doc, "", "spec"));
        assert!(
            found.starts_with("/: ") && found.contains("spec"),
            "{found}"
        );
        let table = [
            (
                "/spec/template/spec",
                "hostNetwrok",
                json!(true),
                "/spec/template/spec: ",
            ),
            (
                container,
                "imagePullPolcy",
                json!("Always"),
                &format!("{container}: "),
            ),
            ("/metadata", "label", json!({}), "/metadata: "),
            ("", "sepc", json!({}), "/: "),
            ("/spec", "replicas", json!("3"), "/spec/replicas: "),
            ("/spec", "replicas", json!(3.5), "/spec/replicas: "),
            ("/spec", "replicas", json!(1_u64 << 31), "/spec/replicas: "),
            ("/metadata/labels", "x", json!(true), "/metadata/labels/x: "),
            (
                "/spec/strategy/rollingUpdate",
                "maxSurge",
                json!(true),
                "/spec/strategy/rollingUpdate/",
            ),
            (
                container,
                "ports",
                json!({}),
                &format!("{container}/ports: "),
            ),
            (
                &format!("{container}/resources/requests"),
                "memory",
                json!("128MB"),
                &format!("{container}/resources/requests/memory: "),
            ),
        ];
        for (pointer, key, value, place) in table {
            let found = complaint(|doc| doc.pointer_mut(pointer).unwrap()[key] = value);
            assert!(found.starts_with(place), "{found}");
        }
    }

    #[test]
    fn unknown_kinds_are_errors() {
        for (api_version, kind) in [("apps/v1beta1", "Deployment"), ("v1", "Pods"), ("", "")] {
            let found = check(&json!({ "apiVersion": api_version, "kind": kind }));
            assert_eq!(found.len(), 1);
            assert!(found[0].contains("no schema"), "{found:?}");
        }
        assert_eq!(check(&json!(3)).len(), 1);
    }

    #[test]
    fn every_kind_has_a_validator_that_refuses_strange_fields() {
        for (api_version, kind) in KINDS.keys() {
            let doc = json!({ "apiVersion": api_version, "kind": kind, "strange": 1 });
            let found = check(&doc);
            assert!(
                found.iter().any(|error| error.contains("strange")),
                "{kind}: {found:?}"
            );
            assert!(
                found.iter().any(|error| error.contains("metadata")),
                "{kind}: {found:?}"
            );
        }
        assert_eq!(KINDS.len(), 21);
    }

    #[test]
    fn base64_and_times_are_looked_at() {
        let secret = |data: &str| {
            check(&json!({
                "apiVersion": "v1", "kind": "Secret", "metadata": {}, "data": { "a": data },
            }))
        };
        assert_eq!(secret("YQ=="), [""; 0]);
        assert!(secret("YQ=")[0].starts_with("/data/a: "));
        let doc = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "creationTimestamp": "today" },
        });
        assert!(check(&doc)[0].starts_with("/metadata/creationTimestamp: "));
    }
}
