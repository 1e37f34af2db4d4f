//! A new version that goes out in steps, as a person walks it: each step as a golden diff, and what
//! must hold at every step whatever the step is.

mod argo;
mod beside;
mod cluster;
mod config;
mod fit;
mod gateway;
mod handover;
mod held;
mod owner;
mod quota;
mod shares;
mod status;
mod turn;
mod unasked;
mod verb;
mod version;
mod wait;
mod walk;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sandbox::{Ran, Sandbox};

/// The version in use.
const OLD: &str = "registry.example.com/payments/checkout:1.4.2";
/// The new one.
const NEW: &str = "registry.example.com/payments/checkout:1.5.0";

/// A spec with a hand of its own, which every walk has to leave as it is.
const SPEC: &str = "\
# Ours.
apiVersion: prodgen.dev/v1alpha1
kind: App
name: checkout
team: 'payments'
image: registry.example.com/payments/checkout:1.4.2  # CI moves this

callers:
  - storefront # the shop
# the end
";

/// A rendered service with these further keys.
fn service(keys: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put(
        "prodgen.yaml",
        SPEC.replace("\ncallers", &format!("{keys}\ncallers")),
    );
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox
}

/// Runs a command line, given as one line; `~` is a space within a word.
fn run(sandbox: &Sandbox, line: &str) -> Ran {
    let words: Vec<String> = line.split(' ').map(|word| word.replace('~', " ")).collect();
    sandbox.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The texts of the spec and the tree, by path.
fn texts(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let tree = sandbox.tree().into_iter();
    tree.filter(|(path, _)| !path.starts_with(".prodgen/"))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()))
        .collect()
}

/// The objects of the tree, by `Kind/name`.
fn objects(sandbox: &Sandbox) -> BTreeMap<String, Value> {
    let texts = texts(sandbox).into_iter();
    texts
        .filter(|(path, _)| path.starts_with("deploy/"))
        .map(|(_, text)| {
            let object: Value = serde_yaml::from_str(&text).unwrap();
            let word = |pointer: &str| object.pointer(pointer).unwrap().as_str().unwrap();
            let name = format!("{}/{}", word("/kind"), word("/metadata/name"));
            (name, object)
        })
        .collect()
}

/// A service with a canary, at this step of two: 0 is at rest.
fn at_step(step: u32) -> Sandbox {
    let sandbox = service("");
    run(&sandbox, "add canary").ends(0);
    for number in 1..=step {
        let line = if number == 1 {
            format!("canary start {NEW}")
        } else {
            "canary step".to_owned()
        };
        run(&sandbox, &line).ends(0);
    }
    sandbox
}
