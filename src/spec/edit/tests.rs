//! What an edit leaves alone, and what it says.

use super::*;
use crate::diag::{Origin, SourceMap};

const HEAD: &str = "apiVersion: prodgen.dev/v1alpha1\nkind: App\nname: shop\nteam: payments\n";

/// What `before` becomes when these answers are laid over it.
fn laid(before: &str, answers: &[(&str, &str)]) -> Result<String, Refused> {
    let mut sources = SourceMap::default();
    let source = sources.add(Origin::Stdin, before);
    let mut layers = Layers::default();
    layers.push(read(source, before, true).unwrap());
    let old = layers.given();
    for (path, value) in answers {
        let source = sources.add(Origin::Flag("--set".to_owned()), *value);
        layers.answer(source, &FieldPath::parse(path).unwrap(), value);
    }
    rewrite(before, &old, &layers.given())
}

/// Before, answers, after.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const TABLE: &[Row] = &[
    (
        "image: a.io/b:1 # ours\n\n# end\n",
        &[("image", "a.io/b:2")],
        "image: a.io/b:2 # ours\n\n# end\n",
    ),
    (
        "image: 'a.io/b:1'\n",
        &[("image", "a.io/b:2")],
        "image: 'a.io/b:2'\n",
    ),
    (
        "image: { ref: a.io/b:1, pullSecret: x } # c\n",
        &[("image", "a.io/b:2")],
        "image: { ref: a.io/b:2, pullSecret: x } # c\n",
    ),
    (
        "image: a.io/b:1\n",
        &[("image.pullSecret", "x")],
        "image: { ref: a.io/b:1, pullSecret: x }\n",
    ),
    (
        "replicas: { min: 3, max: 6 } # why\n",
        &[("replicas.max", "12")],
        "replicas: { min: 3, max: 12 } # why\n",
    ),
    (
        "replicas:\n  min: 3 # one a zone\n  max: 6\n",
        &[("replicas.cpu", "60")],
        "replicas:\n  min: 3 # one a zone\n  max: 6\n  cpu: 60\n",
    ),
    (
        "callers:\n  # the shop\n  - storefront\n  - batch # nightly\n",
        &[("callers", "[storefront, web, batch]")],
        "callers:\n  # the shop\n  - storefront\n  - web\n  - batch # nightly\n",
    ),
    (
        "callers:\n  - web # the web\n  - batch\n",
        &[("callers", "[shop, batch]")],
        "callers:\n  - shop\n  - batch\n",
    ),
    (
        "callers: [storefront, batch]\n",
        &[("callers", "[batch]")],
        "callers: [batch]\n",
    ),
    (
        "needs:\n  - ledger:50051 # money\n  - { cidr: 10.0.0.0/8, port: 443 }\n",
        &[("needs", "[\"ledger:50052\", {cidr: 10.0.0.0/8, port: 444}]")],
        "needs:\n  - ledger:50052 # money\n  - { cidr: 10.0.0.0/8, port: 444 }\n",
    ),
    (
        "probes: /healthz\n",
        &[("probes.startup", "90s")],
        "probes: { ready: /healthz, live: /healthz, startup: 90s }\n",
    ),
    (
        "resources: { cpu: 100m, memory: 256Mi }\n",
        &[("resources.cpu", "200m")],
        "resources: { cpu: 200m, memory: 256Mi }\n",
    ),
    (
        "resources:\n  # measured in May\n  cpu: 100m\n  memory: 256Mi # the heap\n",
        &[("resources.memory", "512Mi")],
        "resources:\n  # measured in May\n  cpu: 100m\n  memory: 512Mi # the heap\n",
    ),
    (
        "resources:\n  cpu: 100m # measured\n  memory: 256Mi\n",
        &[("resources.limits.memory", "512Mi")],
        "resources:\n  cpu: 100m # measured\n  memory: 256Mi\n  limits: { memory: 512Mi }\n",
    ),
    (
        "resources:\n  cpu: 100m # measured\n  limits:\n    memory: 512Mi # a lot\n",
        &[("resources.memory", "256Mi")],
        "resources:\n  cpu: 100m # measured\n  memory: 256Mi\n  limits:\n    memory: 512Mi # a lot\n",
    ),
    (
        "resources:\n  requests:\n    cpu: 100m # measured\n",
        &[("resources.memory", "256Mi")],
        "resources:\n  requests:\n    cpu: 100m # measured\n    memory: 256Mi\n",
    ),
    (
        "callers:\n  - web # the web\n  - batch\n  # Last.\n  - shop\n",
        &[("callers", "[shop, batch, web]")],
        "callers:\n  # Last.\n  - shop\n  - batch\n  - web # the web\n",
    ),
    (
        "secrets:\n  - name: a # first\n    keys: [k]\n  - b # second\n",
        &[("secrets", "[b, {name: a, keys: [k]}]")],
        "secrets:\n  - b # second\n  - name: a # first\n    keys: [k]\n",
    ),
    ("args: [a, b]\n", &[("args", "[b, a]")], "args: [b, a]\n"),
    (
        "port: 8080\n\n# Who.\ncallers: [a]\n",
        &[("probes", "/up")],
        "port: 8080\nprobes: /up\n\n# Who.\ncallers: [a]\n",
    ),
    (
        "labels: { a.b/c: d }\n",
        &[("labels[\"a.b/e\"]", "f")],
        "labels: { a.b/c: d, a.b/e: f }\n",
    ),
    (
        "kubernetes: \"1.35\"\n",
        &[("kubernetes", "1.36")],
        "kubernetes: \"1.36\"\n",
    ),
    ("", &[("kubernetes", "1.36")], "kubernetes: \"1.36\"\n"),
    (
        "env:\r\n  A: \"1\"\r\n",
        &[("env.B", "no")],
        "env:\r\n  A: \"1\"\r\n  B: \"no\"\r\n",
    ),
];

#[test]
fn only_what_changes_is_written() {
    for (before, answers, after) in TABLE {
        let (head, before, after) = if before.contains('\r') {
            (HEAD.replace('\n', "\r\n"), before, after)
        } else {
            (HEAD.to_owned(), before, after)
        };
        let got = laid(&format!("{head}{before}"), answers).unwrap();
        assert_eq!(got, format!("{head}{after}"), "{answers:?}");
    }
}

#[test]
fn what_an_anchor_holds_is_not_edited() {
    let text = format!("{HEAD}labels: &l {{ a.b/c: d }}\nannotations: *l\n");
    let refused = laid(&text, &[("annotations[\"a.b/e\"]", "f")]).unwrap_err();
    assert!(
        matches!(refused.refusal, Refusal::Anchored { .. }),
        "{refused:?}"
    );
    assert_eq!(refused.key, Some("annotations"));
    // Beside it, everything can be.
    let edited = laid(&text, &[("port", "9090")]).unwrap();
    assert_eq!(edited, text.replace("labels:", "port: 9090\nlabels:"));
}
