//! Edits of the spec by hand while a canary is under way, and commands that are taken back: what no verb
//! would do is not done by `render -w`, `set`, `upgrade` or `undo` either.

use super::{NEW, OLD, objects, run, service, texts};
use crate::sandbox::Sandbox;

/// Ten pods, and a step of one, two and five.
pub(super) const TEN: &str = "replicas: 10\ncanary:\n  steps: [10, 20, 50]\n";
pub(super) const GATEWAY: &str = "expose: checkout.example.com\nreplicas: 10\ncanary:\n  engine: gateway\n  steps: [10, 20, 50]\n";

/// A service at this step, of as many pods as one has at the start.
pub(super) fn begun(keys: &str, verbs: &[&str]) -> Sandbox {
    let sandbox = service(keys);
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    for verb in verbs {
        run(&sandbox, &format!("canary {verb}")).ends(0);
    }
    sandbox
}

/// Takes the rollout out of a spec whose `canary` ends with it.
pub(super) fn without_run(spec: &str) -> String {
    let (head, rest) = spec.split_once("  run:\n").unwrap();
    let rest: Vec<&str> = rest.lines().collect();
    let end = rest.iter().position(|line| !line.starts_with("    "));
    format!("{head}{}\n", rest[end.unwrap()..].join("\n"))
}

/// Whatever writes the tree from a spec.
const WRITERS: [&str; 5] = [
    "render -w",
    "render -w --dry-run",
    "render -w --accept theirs",
    "set port=9090",
    "upgrade",
];

/// What is said where a moment between the renders has too few pods.
const FEW: &str = "there might not be ready pods enough of 10 for a while";
/// What is said of another rollout.
const OTHER: &str = "what `canary.run` says now does not follow that";

/// That nothing renders the spec after this edit, and that all goes on once it is as it was.
fn refused(keys: &str, verbs: &[&str], edit: impl Fn(&str) -> String, words: &[&str]) {
    let sandbox = begun(keys, verbs);
    let spec = sandbox.read("prodgen.yaml");
    let edited = edit(&spec);
    assert_ne!(edited, spec);
    sandbox.put("prodgen.yaml", &edited);
    let before = sandbox.tree();
    for line in WRITERS {
        let ran = run(&sandbox, line).ends(1);
        ran.says(&["error: a canary is under way", "Nothing was written."])
            .says(words);
        assert!(sandbox.tree() == before, "{line}\n{edited}");
    }
    let json = run(&sandbox, "render -w -o json").ends(1);
    assert_eq!(json.outcome(), "refused");
    sandbox.put("prodgen.yaml", spec);
    run(&sandbox, "render -w").ends(0);
    run(&sandbox, "set port=9090").ends(0);
    run(&sandbox, "canary abort").ends(0);
}

/// The same of an edit that replaces a word.
fn refused_with(keys: &str, verbs: &[&str], [from, to]: [&str; 2], words: &[&str]) {
    refused(keys, verbs, |spec| spec.replacen(from, to, 1), words);
}

#[test]
fn an_edit_that_jumps_over_a_step_is_not_rendered() {
    let (one, two, three) = ("at step 1 of 3", "at step 2 of 3", "at step 3 of 3");
    let (back, all) = ("prodgen canary abort", "prodgen canary promote");
    let on = "with `run: {\"image\":\"registry.example.com/payments/checkout:1.5.0\",\"step\":1,\"size\":10,\"pods\":\
              [1,2,5]}`; then go on with `prodgen canary step`";
    refused_with(TEN, &[], ["step: 1", "step: 3"], &[FEW, one, on]);
    refused_with(
        TEN,
        &["step", "step"],
        ["step: 3", "step: 1"],
        &[FEW, three, all],
    );
    refused_with(
        GATEWAY,
        &[],
        ["step: 0", "step: 2"],
        &[FEW, "at step 0 of 3", back],
    );
    refused_with(
        GATEWAY,
        &["step", "step"],
        ["step: 2", "step: 0"],
        &[FEW, two, back],
    );
    // It is over before the pods are there.
    refused(TEN, &["step"], without_run, &[FEW, two, back]);
    refused(GATEWAY, &["step", "step"], without_run, &[FEW, two, back]);
    // It is everybody's before its turn.
    let everybody = format!("everybody would meet `{NEW}`");
    refused_with(TEN, &["step"], [OLD, NEW], &[&everybody, two, back]);
    let verbs = ["step", "abort"];
    let edit = ["    end: abort\n", ""];
    refused_with(TEN, &verbs, edit, &[OTHER, "is being taken back", back]);
}

#[test]
fn an_edit_that_makes_another_rollout_of_it_is_not_rendered() {
    let two = "at step 2 of 3";
    let image = ["checkout:1.5.0\n    step", "checkout:1.6.0\n    step"];
    refused_with(TEN, &["step"], image, &[OTHER, two, "checkout:1.5.0"]);
    refused_with(TEN, &["step"], ["size: 10", "size: 8"], &[FEW, two]);
    let pods = ["[1, 2, 5]", "[1, 2, 9]"];
    refused_with(TEN, &["step"], pods, &[OTHER, two, "\"pods\":[1,2,5]"]);
    let weights = ["weights: [10, 20, 50]", "weights: [10, 20, 90]"];
    let words = [OTHER, two, "\"weights\":[10,20,50]"];
    refused_with(GATEWAY, &["step", "step"], weights, &words);
}

#[test]
fn an_edit_that_leaves_pods_behind_is_not_rendered() {
    let two = "at step 2 of 3";
    let behind = |cause: &str| format!("and {cause} its pods would stay behind");
    let no_canary = |spec: &str| {
        let (head, rest) = spec.split_once("canary:\n").unwrap();
        format!("{head}{}", &rest[rest.find("\ncallers").unwrap()..])
    };
    let words = [&behind("without `canary`"), two, "put `canary` back"];
    refused(TEN, &["step"], no_canary, &words);
    let another = |spec: &str| without_run(spec).replace("engine: gateway", "engine: replicas");
    let words = [
        &behind("with another `canary.engine`"),
        two,
        "put `canary` back",
    ];
    refused(GATEWAY, &["step", "step"], another, &words);
    let help = "end the canary first";
    let words = [&behind("with another `name`"), two, help];
    refused_with(TEN, &["step"], ["name: checkout", "name: till"], &words);
    let words = [&behind("with another `namespace`"), two, help];
    refused_with(TEN, &["step"], ["team:", "namespace: shop\nteam:"], &words);
}

/// A spec at rest with a rollout that somebody has written.
fn written(run_of: &str) -> Sandbox {
    let sandbox = service(TEN);
    let spec = sandbox.read("prodgen.yaml");
    let run_of = format!("50]\n  run: {{ image: {NEW}, size: 10, pods: [1, 2, 5], {run_of} }}\n");
    sandbox.put("prodgen.yaml", spec.replacen("50]\n", &run_of, 1));
    sandbox
}

#[test]
fn a_rollout_begins_with_its_first_step_whoever_writes_it() {
    for (run_of, what) in [
        ("step: 2", FEW),
        ("step: 1, end: abort", OTHER),
        ("step: 3, end: promote", OTHER),
    ] {
        let sandbox = written(run_of);
        let before = sandbox.tree();
        for line in WRITERS {
            run(&sandbox, line).ends(1).says(&[
                "error: no canary is under way",
                what,
                "put `canary` back as it was",
                "prodgen canary start IMAGE",
            ]);
            assert!(sandbox.tree() == before, "{line}");
        }
    }
    let sandbox = written("step: 1");
    run(&sandbox, "render -w").ends(0);
    run(&sandbox, "canary step").ends(0);
    // What stable runs already is no new version.
    let sandbox = written("step: 1");
    let spec = sandbox.read("prodgen.yaml");
    sandbox.put("prodgen.yaml", spec.replace(NEW, OLD));
    run(&sandbox, "render -w")
        .ends(1)
        .says(&["is what stable runs already"]);
}

#[test]
fn what_a_verb_would_do_may_be_written_by_hand() {
    for keys in [TEN, GATEWAY] {
        let sandbox = begun(keys, &["step"]);
        let two = sandbox.read("prodgen.yaml");
        run(&sandbox, "canary step").ends(0);
        let (last, tree) = (sandbox.read("prodgen.yaml"), sandbox.tree());
        sandbox.put("prodgen.yaml", two);
        run(&sandbox, "render -w").ends(0);
        sandbox.put("prodgen.yaml", last);
        run(&sandbox, "render -w").ends(0);
        assert!(sandbox.tree() == tree, "{keys}");
        // Another policy moves nothing, and is for the next rollout.
        run(&sandbox, "set canary.steps=[20,~40]").ends(0);
        run(&sandbox, "canary abort").ends(0);
    }
    // Stable is whole at the first step: it may be over at once.
    let sandbox = begun(TEN, &[]);
    sandbox.put("prodgen.yaml", without_run(&sandbox.read("prodgen.yaml")));
    run(&sandbox, "render -w").ends(0);
    // Where the cluster has the steps, it begins and ends at any time, and is no other version in between.
    let sandbox = begun("canary:\n  engine: argo\n  steps: [34, 67]\n", &[]);
    let spec = sandbox.read("prodgen.yaml");
    sandbox.put("prodgen.yaml", spec.replace(NEW, "a.io/b:3"));
    let before = sandbox.tree();
    run(&sandbox, "render -w")
        .ends(1)
        .says(&["which the cluster moves", "does not follow that"]);
    assert!(sandbox.tree() == before);
    let is_run = |line: &&str| line.starts_with("  run:");
    let lines: Vec<&str> = spec.lines().filter(|line| !is_run(line)).collect();
    assert_eq!(lines.len() + 1, spec.lines().count());
    sandbox.put("prodgen.yaml", lines.join("\n") + "\n");
    run(&sandbox, "render -w").ends(0);
}

#[test]
fn a_verb_goes_on_from_what_was_rendered() {
    // Pods of a later step: nothing renders otherwise yet.
    let sandbox = begun(TEN, &[]);
    let spec = sandbox.read("prodgen.yaml");
    sandbox.put("prodgen.yaml", spec.replace("[1, 2, 5]", "[1, 3, 5]"));
    let before = sandbox.tree();
    for line in ["canary step", "canary abort", "canary abort --now"] {
        run(&sandbox, line).ends(1).says(&[
            "at step 1 of 3",
            "what `canary.run` says now does not follow that",
            "\"pods\":[1,2,5]",
        ]);
        assert!(sandbox.tree() == before, "{line}");
    }
    sandbox.put("prodgen.yaml", spec);
    run(&sandbox, "canary step").ends(0);
}

#[test]
fn a_lock_of_an_older_version_keeps_nobody() {
    let sandbox = begun(TEN, &["step"]);
    let lock = sandbox.read(".prodgen/lock.yaml");
    let (head, rest) = lock.split_once("canary:\n").unwrap();
    let rest = &rest[rest.find("\nbase:").unwrap() + 1..];
    sandbox.put(".prodgen/lock.yaml", format!("{head}{rest}"));
    run(&sandbox, "canary step").ends(0);
    assert_eq!(
        sandbox
            .read(".prodgen/lock.yaml")
            .matches("step: 3")
            .count(),
        1
    );
    run(&sandbox, "canary abort").ends(0);
    run(&sandbox, "canary abort").ends(0);
    assert!(!sandbox.read(".prodgen/lock.yaml").contains("run:"));
}

#[test]
fn what_is_taken_back_says_how_it_goes_on() {
    let sandbox = begun(TEN, &["step"]);
    run(&sandbox, "undo").ends(0).says(&[
        "Canary: step 1 of 3.",
        "rollout status deployment/checkout-canary",
        "next    prodgen canary step 2",
    ]);
    run(&sandbox, "canary abort").ends(0);
    let json = run(&sandbox, "undo -o json").ends(0).json();
    assert_eq!(json["canary"]["phase"], "step");
    // Of a beginning, what is left to go.
    let sandbox = begun(TEN, &[]);
    run(&sandbox, "undo")
        .ends(0)
        .says(&["Canary: at rest, 3 steps.", "wait --for=delete pod"]);
    let sandbox = service("");
    run(&sandbox, &format!("add canary --image {NEW}")).ends(0);
    let ran = run(&sandbox, "undo").ends(0);
    ran.says(&["kubectl -n checkout delete deployment/checkout-canary"]);
    // What moved nothing says nothing of it.
    run(&sandbox, "set port=9090").ends(0);
    let ran = run(&sandbox, "undo").ends(0);
    assert!(!ran.stderr.contains("anary"), "{}", ran.stderr);
    // Nor where the spec was edited before, and is so again.
    let sandbox = begun(TEN, &["step"]);
    let spec = sandbox.read("prodgen.yaml");
    sandbox.put("prodgen.yaml", spec.replace("step: 2", "step: 1"));
    run(&sandbox, "render -w").ends(0);
    let ran = run(&sandbox, "undo").ends(0);
    assert!(!ran.stderr.contains("Canary:"), "{}", ran.stderr);
    // Nor does what was only planned.
    let sandbox = begun(TEN, &["step"]);
    let ran = run(&sandbox, "undo --dry-run").ends(0);
    assert!(!ran.stderr.contains("Canary:"), "{}", ran.stderr);
}

#[test]
fn what_went_at_once_does_not_come_back_at_once() {
    for (keys, verbs) in [
        (TEN, &["step"][..]),
        (TEN, &["step", "step"]),
        (GATEWAY, &["step"]),
        (GATEWAY, &["step", "step", "step", "promote"]),
    ] {
        let sandbox = begun(keys, verbs);
        run(&sandbox, "canary abort --now").ends(0);
        let before = sandbox.tree();
        for line in ["undo", "undo --dry-run", "undo --accept theirs"] {
            run(&sandbox, line).ends(1).says(&[
                "no canary is under way, and with this change",
                "ready pods enough of 10",
                &format!("`prodgen canary start {NEW}` begins anew"),
                "Nothing was written.",
            ]);
            assert!(sandbox.tree() == before, "{line}");
        }
        run(&sandbox, &format!("canary start {NEW}")).ends(0);
    }
    // Pods enough, and all of them of a version that was given up.
    let sandbox = begun(TEN, &["step", "step", "promote"]);
    run(&sandbox, "canary abort --now").ends(0);
    let before = sandbox.tree();
    run(&sandbox, "undo").ends(1).says(&[
        &format!("everybody would meet `{NEW}` before its steps are taken"),
        &format!("`prodgen canary start {NEW}` begins anew"),
    ]);
    assert!(sandbox.tree() == before);
    // Which is no news where it was promoted to the end.
    let sandbox = begun(TEN, &["step", "step", "promote"]);
    let before = sandbox.tree();
    run(&sandbox, "canary promote").ends(0);
    run(&sandbox, "undo").ends(0);
    assert!(sandbox.tree() == before);
    // Nobody misses what had no traffic yet, nor a canary of which stable has everything.
    for (keys, verbs) in [(TEN, &[][..]), (TEN, &["step", "abort"]), (GATEWAY, &[])] {
        let sandbox = begun(keys, verbs);
        let (before, tree) = (sandbox.tree(), texts(&sandbox));
        run(&sandbox, "canary abort --now").ends(0);
        assert!(texts(&sandbox) != tree);
        run(&sandbox, "undo").ends(0);
        assert!(sandbox.tree() == before, "{keys}");
    }
}

/// What one working copy remembers, while others have gone on.
#[test]
fn a_step_of_long_ago_is_not_taken_back_over_later_ones() {
    let sandbox = begun(TEN, &[]);
    let remembered = sandbox.read(".prodgen/undo.json");
    run(&sandbox, "canary step").ends(0);
    run(&sandbox, "canary step").ends(0);
    sandbox.put(".prodgen/undo.json", remembered);
    let before = sandbox.tree();
    run(&sandbox, "undo --accept theirs").ends(1).says(&[
        "at step 3 of 3",
        "ready pods enough of 10",
        "prodgen canary abort",
    ]);
    assert!(sandbox.tree() == before);
    assert_eq!(
        objects(&sandbox)["Deployment/checkout-canary"]["spec"]["replicas"],
        5
    );
}
