//! How each key is written: what a complaint advises when nothing better is known.

use crate::diag::Diagnostic;

/// A key, and a line of a spec in which it is right; of several for one key the first one is advised.
const EXAMPLES: &[(&str, &str)] = &[
    ("name", "name: checkout"),
    ("team", "team: payments"),
    ("type", "type: service"),
    ("preset", "preset: web"),
    (
        "image",
        "image: registry.example.com/payments/checkout:1.4.2",
    ),
    (
        "image",
        "image: {ref: registry.example.com/payments/checkout:1.4.2, pullSecret: registry}",
    ),
    ("namespace", "namespace: checkout"),
    ("namespace", "namespace: {name: payments, create: false}"),
    ("kubernetes", "kubernetes: \"1.35\""),
    ("port", "port: 8080"),
    ("ports", "ports: [{name: http, port: 8080, protocol: http}]"),
    ("command", "command: [/app/checkout]"),
    ("args", "args: [--verbose]"),
    ("user", "user: 65532"),
    ("env", "env: {LOG_LEVEL: info}"),
    (
        "config",
        "config: {mount: /etc/checkout, files: {app.toml: config/app.toml}}",
    ),
    (
        "secrets",
        "secrets: [{name: db, keys: [password], mount: /var/run/secrets/db}]",
    ),
    ("secrets", "secrets: [db]"),
    ("writable", "writable: [{path: /tmp, size: 64Mi}]"),
    ("resources", "resources: {cpu: 100m, memory: 256Mi}"),
    (
        "resources",
        "resources: {requests: {cpu: 100m, memory: 256Mi}, limits: {memory: 512Mi}}",
    ),
    ("replicas", "replicas: {min: 3, max: 12, cpu: 70}"),
    ("replicas", "replicas: 3"),
    ("probes", "probes: {ready: /ready, live: tcp, startup: 60s}"),
    ("probes", "probes: /healthz"),
    ("shutdown", "shutdown: {delay: 10s, grace: 45s}"),
    ("callers", "callers: [storefront, {namespace: web}]"),
    (
        "needs",
        "needs: [ledger:50051, {cidr: 203.0.113.0/24, port: 443}]",
    ),
    (
        "expose",
        "expose: {hosts: [shop.example.com], path: /, gateway: gateway-system/public}",
    ),
    (
        "permissions",
        "permissions: [{group: \"\", resources: [configmaps], verbs: [get]}]",
    ),
    ("access", "access: {viewers: [payments-developers]}"),
    (
        "serviceAccount",
        "serviceAccount: {annotations: {example.com/role: checkout}}",
    ),
    (
        "schedule",
        "schedule: {cron: \"17 3 * * *\", timeZone: UTC, retries: 2}",
    ),
    (
        "about",
        "about: {description: Takes orders, userExposed: true}",
    ),
    ("labels", "labels: {example.com/tier: front}"),
    (
        "annotations",
        "annotations: {example.com/contact: payments@example.com}",
    ),
    ("canary", "canary: {steps: [34, 67]}"),
];

/// Gives a complaint without advice the example of its key.
pub(super) fn help(complaint: &mut Diagnostic) {
    if complaint.help.is_some() {
        return;
    }
    let path = complaint.key.as_deref().unwrap_or_default();
    let key = path.split(['.', '[']).next().unwrap_or_default();
    complaint.help = example(key).map(|example| format!("as in `{example}`"));
}

/// A line of a spec in which `key` is right; nothing for a word that is no key.
pub fn example(key: &str) -> Option<&'static str> {
    examples(key).next()
}

/// All such lines.
pub fn examples(key: &str) -> impl Iterator<Item = &'static str> {
    let all = EXAMPLES.iter();
    all.filter(move |(name, _)| *name == key)
        .map(|(_, example)| *example)
}

#[cfg(test)]
mod tests {
    use super::super::{API_VERSION, KEYS, KIND, Layers, NoFiles, read};
    use super::EXAMPLES;
    use crate::diag::SourceId;

    #[test]
    fn every_key_has_an_example_that_is_right() {
        let mut names: Vec<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();
        names.dedup();
        let keys: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
        assert_eq!(names, keys);
        for (name, example) in EXAMPLES {
            let text = format!("apiVersion: {API_VERSION}\nkind: {KIND}\n{example}\n");
            let mut layers = Layers::default();
            layers.push(read(SourceId::RENDERED, &text, false).unwrap());
            let refused = layers.settle(None, &NoFiles).unwrap_err();
            let about =
                |key: &Option<String>| key.as_deref().is_some_and(|key| key.starts_with(name));
            let wrong: Vec<_> = refused
                .complaints
                .iter()
                .filter(|one| about(&one.key))
                .filter(|one| {
                    let elsewhere = ["does not belong to", "cannot be read"];
                    !elsewhere.iter().any(|words| one.message.contains(words))
                })
                .collect();
            assert!(wrong.is_empty(), "{example}: {wrong:?}");
        }
    }
}
