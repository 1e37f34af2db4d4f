//! Edits by hand of what stands around the pods of a rollout: a step after which the objects do not fit
//! together is refused, and the way back stays open where it still leads somewhere.

use super::{NEW, run, service};
use crate::sandbox::Sandbox;

const SERVICE: &str = "deploy/production/service-checkout.yaml";
const CANARY: &str = "deploy/production/service-checkout-canary.yaml";
const STABLE_PODS: &str = "deploy/production/deployment-checkout.yaml";
const CANARY_PODS: &str = "deploy/production/deployment-checkout-canary.yaml";
const SCALER: &str = "deploy/production/horizontalpodautoscaler-checkout.yaml";
const ROLLOUT: &str = "deploy/production/rollout-checkout.yaml";

const REPLICAS: &str = "canary: { steps: [34, 67] }\n";
const GATEWAY: &str =
    "expose: checkout.example.com\ncanary: { engine: gateway, steps: [10, 50] }\n";
const ARGO: &str = "canary: { engine: argo, steps: [34, 67] }\n";

/// A service with a rollout at its first place, or at rest.
fn begun(keys: &str, is_begun: bool) -> Sandbox {
    let sandbox = service(keys);
    if is_begun {
        run(&sandbox, &format!("canary start {NEW}")).ends(0);
    }
    sandbox
}

fn edit(sandbox: &Sandbox, path: &str, from: &str, to: &str) {
    let text = sandbox.read(path);
    assert!(text.contains(from), "{from} in\n{text}");
    sandbox.put(path, text.replacen(from, to, 1));
}

/// That the step is refused with these words, and goes on once the file is as it was.
fn refused(sandbox: &Sandbox, verb: &str, path: &str, text: &str, words: &[&str]) {
    let before = sandbox.tree();
    for more in ["", " --dry-run", " --accept ours"] {
        let ran = run(sandbox, &format!("{verb}{more}")).ends(1);
        ran.says(&[path, "then run this again", "Nothing was written."])
            .says(words);
        assert!(sandbox.tree() == before, "{verb}{more}");
    }
    let json = run(sandbox, &format!("{verb} -o json")).ends(1);
    assert_eq!(json.outcome(), "refused");
    sandbox.put(path, text);
    run(sandbox, verb).ends(0);
}

/// Changes the selector of a Service.
fn reselect(sandbox: &Sandbox, path: &str, from: &str, to: &str) {
    let text = sandbox.read(path);
    let (head, selector) = text.split_once("  selector:\n").unwrap();
    assert!(selector.contains(from), "{from} in\n{text}");
    let selector = selector.replacen(from, to, 1);
    sandbox.put(path, format!("{head}  selector:\n{selector}"));
}

#[test]
fn a_service_has_the_pods_of_the_step_behind_it() {
    let start = format!("canary start {NEW}");
    let first = "    app.kubernetes.io/instance:";
    let stable = "    prodgen.dev/track: \"stable\"\n";
    let canary = "    prodgen.dev/track: \"canary\"\n";
    let with = |track: &str| format!("{track}{first}");
    let none = "of neither version";
    let (both, old, new) = ("of both versions", "of stable alone", "of the canary alone");
    let table = [
        (REPLICAS, None, SERVICE, first, with(stable), [old, both]),
        (
            REPLICAS,
            Some("step"),
            SERVICE,
            first,
            with(canary),
            [new, both],
        ),
        (
            REPLICAS,
            Some("step"),
            SERVICE,
            "instance: \"checkout\"",
            "instance: \"shop\"".to_owned(),
            [none, both],
        ),
        (GATEWAY, None, CANARY, canary, stable.to_owned(), [old, new]),
        (
            GATEWAY,
            Some("step"),
            CANARY,
            "\"canary\"",
            "\"next\"".to_owned(),
            [none, new],
        ),
        (
            GATEWAY,
            Some("step"),
            SERVICE,
            stable,
            String::new(),
            [both, old],
        ),
        (ARGO, None, SERVICE, first, with(canary), [none, old]),
    ];
    for (keys, verb, path, from, to, [has, needs]) in table {
        let sandbox = begun(keys, verb.is_some());
        let verb = verb.map_or_else(|| start.clone(), |verb| format!("canary {verb}"));
        let text = sandbox.read(path);
        reselect(&sandbox, path, from, &to);
        let said = format!(
            "selects the pods {has}, edited by hand, and the step needs those {needs} behind it"
        );
        refused(&sandbox, &verb, path, &text, &[&said]);
    }
}

#[test]
fn a_label_that_the_pods_have_too_is_no_other_selector() {
    let sandbox = begun(REPLICAS, false);
    for path in [STABLE_PODS, CANARY_PODS] {
        edit(
            &sandbox,
            path,
            "    metadata:\n      labels:\n",
            "    metadata:\n      labels:\n        mesh: \"on\"\n",
        );
    }
    edit(
        &sandbox,
        SERVICE,
        "  selector:\n",
        "  selector:\n    mesh: \"on\"\n",
    );
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    edit(&sandbox, CANARY_PODS, "        mesh: \"on\"\n", "");
    run(&sandbox, "canary step").ends(1).says(&[
        SERVICE,
        "of stable alone, edited by hand",
        "give the pods the same label",
    ]);
}

#[test]
fn a_service_that_a_route_leads_to_is_there() {
    let start = format!("canary start {NEW}");
    for (is_begun, verb) in [(false, start.as_str()), (true, "canary step")] {
        for path in [CANARY, SERVICE] {
            let sandbox = begun(GATEWAY, is_begun);
            let text = sandbox.read(path);
            std::fs::remove_file(sandbox.path(path)).unwrap();
            let words = ["is not there, and the route leads requests to its Service"];
            refused(&sandbox, verb, path, &text, &words);
        }
    }
    // Whoever goes back is not kept; and where no route shares anything out, it is the person's affair.
    let sandbox = begun(GATEWAY, true);
    run(&sandbox, "canary step").ends(0);
    std::fs::remove_file(sandbox.path(CANARY)).unwrap();
    run(&sandbox, "canary abort").ends(0);
    run(&sandbox, "canary abort").ends(0);
    let sandbox = begun(REPLICAS, true);
    std::fs::remove_file(sandbox.path(SERVICE)).unwrap();
    run(&sandbox, "canary step").ends(0);
}

#[test]
fn the_end_leads_to_pods_that_stay() {
    for (track, code) in [("stable", 0), ("canary", 1)] {
        let sandbox = begun(REPLICAS, true);
        run(&sandbox, "canary step").ends(0);
        let first = "    app.kubernetes.io/instance:";
        let added = format!("    prodgen.dev/track: {track}\n{first}");
        reselect(&sandbox, SERVICE, first, &added);
        let ran = run(&sandbox, "canary abort").ends(code);
        if code == 1 {
            ran.says(&["of the canary alone, edited by hand"]);
        }
    }
}

#[test]
fn a_count_has_one_owner_and_bounds_that_go_together() {
    for (keys, path) in [
        (REPLICAS, STABLE_PODS),
        (GATEWAY, STABLE_PODS),
        (ARGO, ROLLOUT),
    ] {
        let sandbox = begun(keys, false);
        let text = sandbox.read(path);
        edit(&sandbox, path, "\nspec:\n", "\nspec:\n  replicas: 2\n");
        let said = "`spec.replicas: 2`, added by hand, and the autoscaler has the count";
        refused(
            &sandbox,
            &format!("canary start {NEW}"),
            path,
            &text,
            &[said],
        );
    }
    let keys = format!("replicas: {{ min: 3, max: 12 }}\n{REPLICAS}");
    let sandbox = begun(&keys, false);
    let text = sandbox.read(SCALER);
    edit(&sandbox, SCALER, "maxReplicas: 12", "maxReplicas: 8");
    let start = format!("canary start {NEW} --size 10");
    let said = "`maxReplicas: 8`, edited by hand, and the step makes `minReplicas: 10`";
    refused(&sandbox, &start, SCALER, &text, &[said]);
    // Enough is enough.
    let sandbox = begun(&keys, false);
    edit(&sandbox, SCALER, "maxReplicas: 12", "maxReplicas: 8");
    run(&sandbox, &format!("canary start {NEW} --size 8")).ends(0);
}

#[test]
fn pods_are_replaced_and_none_too_early() {
    let path = STABLE_PODS;
    let sandbox = begun(REPLICAS, true);
    run(&sandbox, "canary step").ends(0);
    let text = sandbox.read(path);
    edit(&sandbox, path, "\nspec:\n", "\nspec:\n  paused: true\n");
    let words = ["spec.paused: true", "take it out"];
    refused(&sandbox, "canary promote", path, &text, &words);
    edit(&sandbox, path, "maxUnavailable: 0", "maxUnavailable: 2");
    run(&sandbox, "canary status").ends(0).says(&[
        "note: `deploy/production/deployment-checkout.yaml` has another `spec.strategy`",
        "with `maxUnavailable: 0`",
    ]);
    run(&sandbox, "canary abort")
        .ends(0)
        .says(&["has another `spec.strategy`"]);
}

#[test]
fn a_controller_follows_the_plan_of_the_spec() {
    let start = format!("canary start {NEW}");
    let said = "edited by hand, and the spec has `[34, pause, 67, pause]`";
    for (from, to, has) in [
        ("setWeight: 34", "setWeight: 90", "`[90, pause, 67, pause]`"),
        (
            "        - setWeight: 67\n        - pause: {}\n",
            "",
            "`[34, pause]`",
        ),
        ("        - pause: {}\n", "", "`[34, 67, pause]`"),
        (
            "steps:\n",
            "steps:\n        - setWeight: 80\n",
            "`[80, 34, pause, 67, pause]`",
        ),
    ] {
        let sandbox = begun(ARGO, false);
        let text = sandbox.read(ROLLOUT);
        edit(&sandbox, ROLLOUT, from, to);
        refused(&sandbox, &start, ROLLOUT, &text, &[said, has]);
    }
    let sandbox = begun(ARGO, false);
    let text = sandbox.read(ROLLOUT);
    edit(
        &sandbox,
        ROLLOUT,
        "    name: checkout\n",
        "    name: shop\n",
    );
    let words = [
        "`spec.workloadRef.name: shop`, edited by hand",
        "makes it `checkout`",
    ];
    refused(&sandbox, &start, ROLLOUT, &text, &words);
    // How long it waits, and what it does besides, is the person's.
    let sandbox = begun(ARGO, false);
    edit(&sandbox, ROLLOUT, "pause: {}", "pause: { duration: 1h }");
    edit(
        &sandbox,
        ROLLOUT,
        "        - setWeight: 67\n",
        "        - analysis: { templates: [{ templateName: smoke }] }\n        - setWeight: 67\n",
    );
    run(&sandbox, &start).ends(0);
    // Other steps of the spec are for the next version.
    let before = sandbox.tree();
    run(&sandbox, "set canary.steps=[50,90]").ends(1).says(&[
        "with other steps the controller would begin with the first of them",
        "`--bypass-canary` does without",
    ]);
    assert!(sandbox.tree() == before);
    edit(&sandbox, ROLLOUT, "setWeight: 34", "setWeight: 90");
    run(&sandbox, "canary abort").ends(0);
}

#[test]
fn what_an_alias_stands_for_counts() {
    let sandbox = begun(REPLICAS, false);
    for path in [STABLE_PODS, CANARY_PODS] {
        edit(
            &sandbox,
            path,
            "    matchLabels:\n",
            "    matchLabels: &pods\n",
        );
        edit(
            &sandbox,
            path,
            "      labels:\n",
            "      labels:\n        <<: *pods\n",
        );
        for label in ["app.kubernetes.io/instance", "app.kubernetes.io/name"] {
            edit(
                &sandbox,
                path,
                &format!("\n        {label}: \"checkout\""),
                "",
            );
        }
        let track = if path == STABLE_PODS {
            "stable"
        } else {
            "canary"
        };
        let track = format!("\n        prodgen.dev/track: \"{track}\"");
        edit(&sandbox, path, &track, "");
    }
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
}
