//! `add` and `set` of keys that hold a map: what is laid into it, and what replaces it.

use super::{COMMENTED, commented};

#[test]
fn a_map_takes_further_keys() {
    let sandbox = commented();
    let add = |key: &str, pair: &str| sandbox.run(&["add", key, "--set", pair]);
    add("env", "env.A=1").ends(0);
    add("env", "env.B=2").ends(0);
    assert!(
        sandbox
            .read("prodgen.yaml")
            .contains("env: { A: \"1\", B: \"2\" }")
    );
    let before = sandbox.tree();
    add("env", "env.B=2")
        .ends(0)
        .says(&["`env` is there already"]);
    add("env", "env.B=3").ends(1).says(&["with another answer"]);
    assert_eq!(sandbox.tree(), before);
    // What makes no value alone, with what is there it does.
    add("image", "image.pullSecret=registry").ends(0);
    assert!(
        sandbox
            .read("prodgen.yaml")
            .contains("pullSecret: registry }")
    );
    sandbox
        .run(&["remove", "env.B"])
        .ends(2)
        .says(&["take a part of it out in the file"]);
}

#[test]
fn a_map_that_is_given_whole_is_all_of_it() {
    let sandbox = commented();
    sandbox.run(&["set", "labels={a.b/c: d, a.b/e: f}"]).ends(0);
    sandbox.run(&["set", "labels={a.b/e: f}"]).ends(0);
    assert!(
        sandbox
            .read("prodgen.yaml")
            .contains("labels: { a.b/e: f }\n")
    );
    sandbox.run(&["set", "labels[\"a.b/g\"]=h"]).ends(0);
    assert!(
        sandbox
            .read("prodgen.yaml")
            .contains("labels: { a.b/e: f, a.b/g: h }\n")
    );
    sandbox.run(&["set", "labels={}"]).ends(0);
    sandbox.run(&["remove", "labels"]).ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), COMMENTED);
}
