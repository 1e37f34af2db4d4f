//! Specs that between them reach every line of every template.

use crate::support::{BASICS, HEADER};

const SERVICE: &str = r#"
ports: [{ name: http, port: 8080 }, { name: admin, port: 9090, protocol: tcp }]
command: [run]
args: [fast]
env: { LOG_LEVEL: debug }
secrets: [{ name: db, pathEnv: { DB_FILE: password } }]
probes: { ready: /ready, live: tcp }
resources: { cpu: 1, memory: 1Gi, limits: { cpu: 2 } }
callers: [storefront, { cidr: 203.0.113.0/24 }]
needs: ["ledger:50051", { internet: true }, { cidr: 203.0.113.7/32, host: example.com, port: 443 }]
permissions: [{ resources: [configmaps], names: [flags], verbs: [get] }]
access: { viewers: [v], deployers: [d], debuggers: [g] }
serviceAccount: { annotations: { a: b } }
"#;

const CANARY: &str = "canary: { run: { image: \"a.io/b:2\", step: 1, size: 40, pods: [2] } }\n";

const WEIGHTS: &str = "canary: { engine: gateway, testers: { header: x-canary }, run: { image: \"a.io/b:2\", \
                       step: 1, size: 3, pods: [1], weights: [5] } }\n";

const MEASURED: &str = "canary: { engine: argo, objective: \
                        { prometheus: 'http://a:9090', successRate: 99, latency: 1s } }\n";

const TAKEOVER: &str = "canary: { engine: argo, takeover: { size: 3, to: rollout } }\n";

/// Specs that between them reach every line of every template.
pub(super) fn specs() -> Vec<String> {
    let service = format!("{HEADER}{BASICS}{SERVICE}");
    vec![
        service.replace("/shop:1.4.2", "/shop:1.4.2\nconfig: { files: { a: b } }"),
        format!("{service}namespace: {{ name: all, create: false }}\nreplicas: 3\n"),
        format!("{HEADER}{BASICS}replicas: 40\nshutdown: {{ delay: 0s }}\nwritable: []\n{CANARY}"),
        format!("{HEADER}{BASICS}config: {{ files: {{ a: b }} }}\ncanary: {{}}\n"),
        format!("{HEADER}{BASICS}type: cronjob\n"),
        format!("{HEADER}{BASICS}probes: grpc\nexpose: {{ hosts: [shop.example.com], tls: a }}\n"),
        format!("{HEADER}{BASICS}expose: {{}}\n"),
        format!("{HEADER}{BASICS}{MEASURED}"),
        format!("{HEADER}{BASICS}replicas: 3\n{TAKEOVER}"),
        format!("{HEADER}{BASICS}{TAKEOVER}"),
        format!("{HEADER}{BASICS}expose: a.example.com\n{WEIGHTS}"),
        format!("{HEADER}{BASICS}probes: grpc\nexpose: a.example.com\n{WEIGHTS}"),
        format!("{HEADER}{BASICS}expose: {{ gateway: {{ ingressClass: a, namespace: b }} }}\n"),
    ]
}
