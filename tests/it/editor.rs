//! The JSON Schema that editors get: an independent validator holds every example, every preset and
//! both forms of every key against it, and finds what is wrong in shape.

use std::collections::BTreeSet;

use jsonschema::Validator;
use prodgen::diag::SourceId;
use prodgen::spec::{self, KEYS, NoFiles, schema};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::support::{self, BASICS, Folder, HEADER};

fn complaints(validator: &Validator, value: &Value) -> Vec<String> {
    let say =
        |error: jsonschema::ValidationError<'_>| format!("{}: {error}", error.instance_path());
    validator.iter_errors(value).map(say).collect()
}

fn validator(schema: &Value) -> Validator {
    jsonschema::meta::validate(schema).unwrap();
    jsonschema::validator_for(schema).unwrap()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// The texts of the files with this ending below a folder of the project, by path.
fn files(folder: &str, ending: &str) -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.display().to_string(), text));
            }
        }
    }
    assert!(found.len() > 5, "{folder}");
    found
}

#[test]
fn every_example_and_every_preset_is_valid() {
    let of_spec = validator(&schema::spec());
    for (path, text) in files("examples", "prodgen.yaml") {
        assert_eq!(complaints(&of_spec, &yaml(&text)), [""; 0], "{path}");
        // The long form of all of it too.
        let folder = std::path::Path::new(&path).parent().unwrap();
        let settled = support::settled(&text, &Folder(folder)).unwrap();
        let long = serde_json::to_value(settled.spec()).unwrap();
        let Value::Object(mut long) = long else {
            panic!("{path}")
        };
        long.extend([
            ("apiVersion".to_owned(), json!("prodgen.dev/v1alpha1")),
            ("kind".to_owned(), json!("App")),
        ]);
        assert_eq!(complaints(&of_spec, &long.into()), [""; 0], "{path}");
    }
    let of_preset = validator(&schema::preset());
    for (path, text) in files("presets", ".yaml") {
        assert_eq!(complaints(&of_preset, &yaml(&text)), [""; 0], "{path}");
    }
}

/// Both forms of each key that has two, and the only one of the others.
const FORMS: &[&str] = &[
    "type: worker",
    "preset: web",
    "image: a.io/b:1",
    "image: {ref: a.io/b:1, pullSecret: registry}",
    "namespace: shop",
    "namespace: {name: shop, create: false}",
    "kubernetes: \"1.36\"",
    "port: 8080",
    "ports: [{port: 8080}, {name: admin, port: 9090, protocol: grpc}]",
    "command: [/app]",
    "args: [-v, \"1\"]",
    "user: 1000",
    "user: {uid: 1000, gid: 2000}",
    "env: {A: \"1\"}",
    "config: config",
    "config: {mount: /etc/x, files: {a.toml: b.toml}}",
    "secrets: [db, {name: api, secret: api-v2, keys: [token], mount: /run/api, pathEnv: {T: token}}]",
    "writable: [/tmp, {path: /cache, size: 1Gi, memory: true}]",
    "resources: {cpu: 2, memory: 1Gi}",
    "resources: {requests: {cpu: 100m}, limits: {cpu: \"2\", memory: 1Gi}}",
    "replicas: 3",
    "replicas: {min: 3, max: 12, cpu: 60}",
    "probes: /healthz",
    "probes: {exec: [/bin/check]}",
    "probes: {ready: grpc, live: false, startup: 90}",
    "shutdown: 45s",
    "shutdown: {delay: 5s, grace: 30}",
    "callers: [storefront, {service: a, namespace: b, labels: {c: d}}, {cidr: 10.0.0.0/8}]",
    "needs: [ledger:50051, {cidr: 10.0.0.0/8, port: 443, host: x.org}, {internet: true, port: 443}]",
    "expose: shop.example.com",
    "expose: {}",
    "expose: {hosts: [a.example.com, \"*.example.org\"], path: /v1, gateway: edge/public, tls: cert}",
    "expose: {gateway: {namespace: a, name: b, listener: c, podNamespace: d, labels: {e.f/g: h}, cidrs: [10.0.0.0/8]}}",
    "expose: {gateway: {ingressClass: nginx, namespace: ingress-nginx}}",
    "permissions: [{group: apps, resources: [deployments], names: [a], verbs: [get]}]",
    "access: {viewers: [a], deployers: [b], debuggers: [c]}",
    "serviceAccount: {annotations: {a.b/c: d}}",
    "schedule: \"17 3 * * *\"",
    "schedule: {cron: \"17 3 * * *\", timeZone: UTC, overlap: forbid, deadline: 1h, retries: 2}",
    "about: {description: a, contact: b, runbook: c, source: d, launched: e, userExposed: true, storesPii: false}",
    "labels: {a.b/c: d}",
    "annotations: {a.b/c: d}",
    "canary: {engine: replicas, steps: [34, 67]}",
    "canary: {run: {image: a.io/b:2, step: 1, size: 3, pods: [1, 2], end: abort}}",
];

#[test]
fn both_forms_of_every_key_are_valid() {
    let validator = validator(&schema::spec());
    let mut keys: BTreeSet<&str> = ["name", "team"].into();
    for form in FORMS {
        let (key, _) = form.split_once(':').unwrap();
        keys.insert(key);
        let rest: String = BASICS
            .lines()
            .filter(|line| !line.starts_with(&format!("{key}:")))
            .flat_map(|line| [line, "\n"])
            .collect();
        let spec = yaml(&format!("{HEADER}{rest}{form}\n"));
        assert_eq!(complaints(&validator, &spec), [""; 0], "{form}");
    }
    let every: BTreeSet<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(keys, every);
}

/// A spec is held as data while keys are added to it: no other key may get lost there.
#[test]
fn every_form_comes_back_from_json() {
    for form in FORMS {
        let (key, _) = form.split_once(':').unwrap();
        let text = format!("{HEADER}{form}\n");
        let mut layers = spec::Layers::default();
        layers.push(spec::read(SourceId::RENDERED, &text, false).unwrap());
        let given = layers.given();
        let data = serde_json::to_value(&given).unwrap();
        // Right in shape is not always right: a time without a unit is said to be none.
        assert!(
            data.get(key).is_some() || form.contains("90") || form.contains("30}"),
            "{form}"
        );
        assert_eq!(
            serde_json::from_value::<spec::AppSpec>(data).unwrap(),
            given,
            "{form}"
        );
    }
}

#[test]
fn what_is_wrong_in_shape_is_underlined() {
    let validator = validator(&schema::spec());
    for wrong in [
        "nmae: a",
        "port: http",
        "port: 70000",
        "port:",
        "kubernetes: \"1.20\"",
        "user: 0",
        "user: {uid: 1, group: 2}",
        "replicas: {minimum: 1}",
        "probes: healthz",
        "probes: {ready: true}",
        "needs: [ledger]",
        "callers: storefront",
        "secrets: [{secret: db}]",
        "resources: {cpus: 1}",
        "about: {userExposed: maybe}",
        "schedule: {cron: \"* * * * *\", overlap: never}",
        "canary: {steps: 50}",
        "canary: {engine: magic}",
        "canary: {steps: []}",
        "canary: {steps: [50, 101]}",
        "canary: {run: {image: a.io/b:2, step: 1, size: 3, pods: [0]}}",
        "replicas: 0",
        "replicas: {min: 0}",
        "replicas: {max: 0}",
        "replicas: {cpu: 101}",
        "ports: []",
        "canary: {run: {step: 1}}",
        "expose: [a.example.com]",
        "expose: {host: a.example.com}",
        "expose: {gateway: a/b/c}",
        "expose: {gateway: {ingress: nginx}}",
        "waivers: []",
        "env: [A]",
    ] {
        let spec = yaml(&format!("{HEADER}{BASICS}{wrong}\n"));
        assert_ne!(complaints(&validator, &spec), [""; 0], "{wrong}");
        let text = format!("{HEADER}{BASICS}{wrong}\n");
        assert!(support::settle(&text, &NoFiles).is_err(), "{wrong}");
    }
    for gone in ["name", "team", "image", "apiVersion", "kind"] {
        let mut spec = yaml(&format!("{HEADER}{BASICS}"));
        spec.as_object_mut().unwrap().remove(gone);
        assert_ne!(complaints(&validator, &spec), [""; 0], "{gone}");
    }
}

#[test]
fn the_command_prints_it() {
    let sandbox = Sandbox::new();
    for (arguments, want) in [
        (&["schema"][..], schema::spec()),
        (&["schema", "spec"], schema::spec()),
        (&["schema", "preset"], schema::preset()),
        (&["schema", "-o", "json"], schema::spec()),
    ] {
        let ran = sandbox.run(arguments).ends(0);
        let printed: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(printed, want);
    }
}
