//! Trees that are not what their spec makes, as `render --check` and `diff` tell them: edited, lost, in
//! the way, at odds.

use super::sandbox::{SPEC, Sandbox};

const DEPLOYMENT: &str = "deploy/production/deployment-checkout.yaml";
const SERVICE: &str = "deploy/production/service-checkout.yaml";

fn edit(sandbox: &Sandbox, path: &str, from: &str, to: &str) {
    let text = sandbox.read(path);
    assert!(text.contains(from), "{from} in\n{text}");
    sandbox.put(path, text.replace(from, to));
}

/// A service with an edit by hand.
fn edited() -> Sandbox {
    let sandbox = Sandbox::with_service();
    edit(
        &sandbox,
        DEPLOYMENT,
        "minReadySeconds: 10",
        "minReadySeconds: 20",
    );
    sandbox
}

#[test]
fn hand_edits_alone_can_be_allowed() {
    let sandbox = Sandbox::with_service();
    let check = |more: &[&str]| sandbox.run(&[&["render", "--check"], more].concat());
    check(&["--edited=note"]).ends(0);
    edit(
        &sandbox,
        DEPLOYMENT,
        "minReadySeconds: 10",
        "minReadySeconds: 20",
    );
    std::fs::remove_file(sandbox.path(SERVICE)).unwrap();
    for words in [&[][..], &["--edited=error"]] {
        check(words)
            .ends(1)
            .says(&["error: 2 files are edited or deleted", "--edited=note"]);
    }
    let ran = check(&["--edited=note"]).ends(0);
    ran.says(&["note: 2 files are edited or deleted by hand"]);
    let ran = check(&["--edited=note", "-o", "json"]).ends(0);
    assert_eq!(ran.outcome(), "edited");
    // A tree that is behind its spec is red all the same.
    sandbox.put("prodgen.yaml", format!("{SPEC}replicas: 4\n"));
    check(&["--edited=note"])
        .ends(1)
        .says(&["not what the spec makes"]);
    // It is about a check.
    sandbox.run(&["render", "--edited=note"]).ends(2);
    // A newer tool does not make edits an error either.
    sandbox.put("prodgen.yaml", SPEC);
    edit(
        &sandbox,
        ".prodgen/lock.yaml",
        "prodgen: ",
        "prodgen: 0.0.0-",
    );
    edit(
        &sandbox,
        ".prodgen/base.json",
        "minReadySeconds: 10",
        "minReadySeconds: 9",
    );
    let base = prodgen::project::sha256(&sandbox.read(".prodgen/base.json"));
    let lock = sandbox.read(".prodgen/lock.yaml");
    let old = lock
        .lines()
        .find(|line| line.starts_with("base: "))
        .unwrap();
    sandbox.put(
        ".prodgen/lock.yaml",
        lock.replace(old, &format!("base: {base}")),
    );
    check(&[]).ends(1);
    check(&["--edited=note"])
        .ends(0)
        .says(&["but for edits by hand; this version would change it"]);
    check(&["--edited=note", "--stale=error"]).ends(1);
}

#[test]
fn a_tree_of_which_nothing_is_known_is_told_how_to_go_on() {
    let sandbox = edited();
    std::fs::remove_dir_all(sandbox.path(".prodgen")).unwrap();
    for (words, code) in [(&["render", "--check"], 1), (&["diff", "-v"], 2)] {
        sandbox
            .run(words)
            .ends(code)
            .says(&["`.prodgen` is gone", "render -w --adopt"]);
    }
    // Where there is no tree, there is nothing to adopt.
    std::fs::remove_dir_all(sandbox.path("deploy")).unwrap();
    let ran = sandbox.run(&["render", "--check"]).ends(1);
    assert!(!ran.stderr.contains("adopt"), "{}", ran.stderr);
    sandbox.run(&["diff"]).ends(0);
}

#[test]
fn a_diff_names_what_stands_against_it() {
    let sandbox = edited();
    sandbox.run(&["diff"]).ends(0);
    edit(&sandbox, DEPLOYMENT, "checkout:1.4.2", "checkout:1.4.3");
    sandbox.put("prodgen.yaml", SPEC.replace("1.4.2", "1.5.0"));
    let before = sandbox.tree();
    let said = |words: &[&str]| sandbox.run(words).ends(1).stderr;
    let diff = said(&["diff"]);
    assert!(
        diff.contains("you and the render both changed it"),
        "{diff}"
    );
    assert!(said(&["render", "-w"]).starts_with(&diff), "{diff}");
    let json = sandbox.run(&["diff", "-o", "json"]).ends(1);
    assert_eq!(json.outcome(), "conflict");
    assert_eq!(sandbox.tree(), before);
}
