//! The traps that make a manifest wrong in production, each shown not to be in the output. A number
//! is that of the trap in the project's sheet of Kubernetes facts. One list, so it has many lines.

mod access;
mod expose;
mod namespace;
mod network;
mod text;
mod workload;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{objects, render};

type Objects = BTreeMap<String, Value>;

fn at<'v>(object: &'v Value, pointer: &str) -> &'v Value {
    object
        .pointer(pointer)
        .unwrap_or_else(|| panic!("no {pointer} in {object:#}"))
}

fn service(keys: &str) -> Objects {
    objects(&render(keys))
}

/// Everything that a service can have.
fn full() -> Objects {
    service(FULL)
}

const FULL: &str = r#"
ports: [{ name: http, port: 8080 }, { name: admin, port: 9090, protocol: tcp }]
secrets: [{ name: db, pathEnv: { DB_PASSWORD_FILE: password } }]
env: { LOG_LEVEL: "yes", LIMIT: "1e3" }
writable: [/tmp, { path: /fast, size: 16Mi, memory: true }]
callers: [storefront, { cidr: 203.0.113.0/24 }]
needs: ["ledger:50051", { internet: true }]
permissions: [{ resources: [configmaps], names: [flags], verbs: [get] }]
access: { viewers: [v], deployers: [d], debuggers: [g] }
labels: { x: "on" }
about: { launched: "2026-11-24", userExposed: true }
"#;

fn deployment(objects: &Objects) -> &Value {
    &objects["Deployment/shop"]
}

fn pod(objects: &Objects) -> &Value {
    at(deployment(objects), "/spec/template/spec")
}
