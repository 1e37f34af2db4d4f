//! What a person is told who writes a step into the spec, takes the key out in mid-run, or means a part that
//! only the verbs write.

use super::turn::{GATEWAY, TEN, begun, without_run};
use super::{run, service};

/// A step that a hand has written is told of like one that a verb takes.
#[test]
fn what_is_written_by_hand_says_how_it_goes_on() {
    let sandbox = begun(TEN, &[]);
    let first = sandbox.read("prodgen.yaml");
    sandbox.put("prodgen.yaml", first.replace("step: 1", "step: 2"));
    run(&sandbox, "render -w --dry-run").ends(0);
    run(&sandbox, "render -w").ends(0).says(&[
        "Canary: step 2 of 3.",
        "rollout status deployment/checkout-canary",
        "next    prodgen canary step 3",
    ]);
    let ran = run(&sandbox, "render -w").ends(0);
    assert!(!ran.stderr.contains("Canary:"), "{}", ran.stderr);
    run(&sandbox, "canary abort").ends(0);
    sandbox.put("prodgen.yaml", without_run(&sandbox.read("prodgen.yaml")));
    run(&sandbox, "render -w")
        .ends(0)
        .says(&["Canary: at rest, 3 steps.", "track=canary"]);
}

/// Whoever has taken the key out, or what it needs, is told of what goes on in the cluster.
#[test]
fn a_verb_over_a_key_that_is_gone_says_what_is_under_way() {
    let sandbox = begun(TEN, &["step"]);
    let spec = sandbox.read("prodgen.yaml");
    let (head, rest) = spec.split_once("canary:\n").unwrap();
    let tail = &rest[rest.find("\ncallers").unwrap()..];
    sandbox.put("prodgen.yaml", format!("{head}{tail}"));
    for line in ["canary abort", "canary step", "canary status"] {
        run(&sandbox, line).ends(1).says(&[
            "at step 2 of 3",
            "put `canary` back as it was, with `run: {",
        ]);
    }
    let sandbox = begun(GATEWAY, &["step"]);
    let spec = sandbox.read("prodgen.yaml");
    sandbox.put(
        "prodgen.yaml",
        spec.replace("expose: checkout.example.com\n", ""),
    );
    run(&sandbox, "canary abort")
        .ends(2)
        .says(&["put `expose` back until the canary has ended"]);
}

#[test]
fn what_the_verbs_write_is_not_for_other_commands() {
    let sandbox = begun(TEN, &["step"]);
    let before = sandbox.tree();
    for (line, words) in [
        ("remove canary.run", "prodgen canary step"),
        ("remove canary.run.step", "prodgen canary step"),
        ("remove canary.takeover", "prodgen canary status"),
        ("remove callers --size 4", "`--size`"),
        ("add env --set env={A:~b} --size 4", "`--size`"),
        ("add canary --set canary.steps=[50] --size 4", "`--size`"),
    ] {
        run(&sandbox, line).ends(1).says(&[words]);
        assert!(sandbox.tree() == before, "{line}");
    }
    let plain = service("canary: {}\n");
    run(&plain, "remove canary --size 3")
        .ends(1)
        .says(&["leave it out"]);
    let sandbox = service("");
    run(&sandbox, "add canary --engine argo").ends(0);
    run(&sandbox, "canary step 1")
        .ends(1)
        .says(&["no step of that has a number"]);
}
