//! What a rollout says of itself, who may see it, and that each of its commands is taken back like any other.

use serde_json::json;

use super::{SPEC, at_step, objects, run, service};

#[test]
fn status_says_what_to_wait_for_and_writes_nothing() {
    let table: &[(u32, &[&str])] = &[
        (
            0,
            &["at rest, 2 steps", "next    prodgen canary start IMAGE"],
        ),
        (
            1,
            &[
                "step 1 of 2",
                "1 pod, 25 % at most",
                "wait    until [ \"$(kubectl -n checkout get deployment/checkout deployment/checkout-canary ",
                " && kubectl -n checkout rollout status deployment/checkout-canary\n",
                "next    prodgen canary step 2",
                "back    prodgen canary abort",
            ],
        ),
        (
            2,
            &[
                "step 2 of 2",
                "2 pods, 50 % at most",
                "next    prodgen canary promote",
            ],
        ),
    ];
    for (step, words) in table {
        let sandbox = at_step(*step);
        let before = sandbox.tree();
        let ran = run(&sandbox, "canary status").ends(0);
        for word in *words {
            assert!(ran.stdout.contains(word), "{word}\n{}", ran.stdout);
        }
        let json = run(&sandbox, "canary status -o json").ends(0).json();
        assert_eq!(
            (&json["version"], &json["outcome"]),
            (&json!(1), &json!("status"))
        );
        assert_eq!(
            json["canary"]["phase"],
            if *step == 0 { "rest" } else { "step" }
        );
        assert_eq!(sandbox.tree(), before);
    }
    let sandbox = at_step(2);
    let json = run(&sandbox, "canary promote -o json").ends(0).json();
    assert_eq!(json["canary"]["share"], 100);
    let wait = json["canary"]["wait"].as_str().unwrap();
    assert!(
        wait.contains(" && kubectl -n checkout rollout status deployment/checkout && until"),
        "{wait}"
    );
    assert!(json["canary"].get("back").is_some());
    let json = run(&sandbox, "canary promote --dry-run -o json")
        .ends(0)
        .json();
    assert_eq!(json["outcome"], "planned");
    assert!(json.get("canary").is_none());
}

/// Its wait would never end, and no verb would go on: it says so before.
#[test]
fn status_looks_at_what_hands_have_made_of_the_files() {
    let sandbox = at_step(1);
    let path = "deploy/production/deployment-checkout-canary.yaml";
    let text = sandbox.read(path);
    let ran = run(&sandbox, "canary status").ends(0);
    assert!(!ran.stderr.contains("warning"), "{}", ran.stderr);
    sandbox.put(path, text.replace("replicas: 1", "replicas: 4"));
    let before = sandbox.tree();
    run(&sandbox, "canary status")
        .ends(0)
        .says(&["warning: ", "has `spec.replicas: 4`, edited by hand"]);
    run(&sandbox, "canary step").ends(1).says(&["yours is `4`"]);
    assert!(sandbox.tree() == before);
    std::fs::remove_file(sandbox.path(path)).unwrap();
    run(&sandbox, "canary status")
        .ends(0)
        .says(&["warning: ", "is not there, and a step changes it"]);
    sandbox.put(path, format!("<<<<<<< HEAD\n{text}"));
    run(&sandbox, "canary status").ends(0).says(&["warning: "]);
    // At rest too: a canary would not begin.
    let sandbox = at_step(0);
    sandbox.put(path, text.replace("replicas: 1", "replicas: 4"));
    run(&sandbox, "canary status")
        .ends(0)
        .says(&["has `spec.replicas: 4`, edited by hand"]);
}

#[test]
fn a_verb_is_taken_back_like_any_other_command() {
    let sandbox = at_step(1);
    for line in [
        "canary step",
        "canary promote",
        "canary abort",
        "canary abort",
    ] {
        let before = sandbox.tree();
        run(&sandbox, line).ends(0);
        let after = sandbox.tree();
        run(&sandbox, "undo").ends(0);
        assert_eq!(sandbox.tree(), before, "{line}");
        run(&sandbox, line).ends(0);
        assert_eq!(sandbox.tree(), after, "{line}");
    }
    let end = SPEC.lines().last().unwrap();
    assert!(sandbox.read("prodgen.yaml").contains(end));
}

/// The role `view` of Kubernetes knows none of the kinds that the plugin shows a rollout from.
#[test]
fn whoever_may_look_sees_a_rollout() {
    let keys = "access: { viewers: [shop] }\n";
    let sandbox = service(&format!("{keys}canary: {{ engine: argo, steps: [34] }}\n"));
    let all = objects(&sandbox);
    assert_eq!(
        all["Role/checkout-rollouts"]["rules"],
        json!([{
            "apiGroups": ["argoproj.io"],
            "resources": ["rollouts", "analysisruns", "experiments"],
            "verbs": ["get", "list", "watch"],
        }])
    );
    let binding = &all["RoleBinding/checkout-rollouts"];
    assert_eq!(binding["roleRef"]["name"], "checkout-rollouts");
    let viewers = &all["RoleBinding/checkout-viewers"];
    assert_eq!(binding["subjects"], viewers["subjects"]);
    let plain = objects(&service(keys));
    assert!(!plain.contains_key("Role/checkout-rollouts"));
}
