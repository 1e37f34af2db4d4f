//! Edits by hand that stand between a step and its files, and edits of the spec that do not.

use super::{NEW, at_step, run, service};
use crate::sandbox::Sandbox;

const STABLE: &str = "deploy/production/deployment-checkout.yaml";
const CANARY: &str = "deploy/production/deployment-checkout-canary.yaml";
const SCALER: &str = "deploy/production/horizontalpodautoscaler-checkout.yaml";

fn edit(sandbox: &Sandbox, path: &str, from: &str, to: &str) {
    let text = sandbox.read(path);
    assert!(text.contains(from), "{from} in\n{text}");
    sandbox.put(path, text.replacen(from, to, 1));
}

/// A field that a step moves, edited so that a merge keeps the edit: file, from, to, the field, and the
/// verb at which it is not what was rendered.
#[test]
fn a_step_that_the_files_would_not_hold_is_refused() {
    let table: &[(u32, &str, &str, &str, &str, &str)] = &[
        (
            1,
            CANARY,
            "image: \"",
            "image: \"x.io/",
            "containers[name=checkout].image",
            "canary step",
        ),
        (
            2,
            STABLE,
            "image: \"",
            "image: \"x.io/",
            "containers[name=checkout].image",
            "canary abort",
        ),
        (
            0,
            STABLE,
            "image: \"",
            "image: \"x.io/",
            "containers[name=checkout].image",
            "canary start",
        ),
        (
            0,
            CANARY,
            "replicas: 0",
            "replicas: 2 # look",
            "spec.replicas",
            "canary start",
        ),
        (
            0,
            SCALER,
            "minReplicas: 3",
            "minReplicas: 5",
            "spec.minReplicas",
            "canary start",
        ),
    ];
    for (step, file, from, to, field, verb) in table {
        let sandbox = if *step == 0 {
            service("canary: {steps: [34, 67]}\n")
        } else {
            at_step(*step)
        };
        let text = sandbox.read(file);
        let from = if text.contains(from) {
            (*from).to_owned()
        } else {
            from.replace('"', "")
        };
        edit(&sandbox, file, &from, &to.replace('"', ""));
        let before = sandbox.tree();
        let verb = verb.replace("start", &format!("start {NEW}"));
        for more in ["", " --dry-run"] {
            let ran = run(&sandbox, &format!("{verb}{more}")).ends(1);
            assert_eq!(sandbox.tree(), before);
            // Where both changed it, it is a conflict as ever.
            if !ran.stderr.contains("both changed") {
                ran.says(&[
                    file,
                    field,
                    "edited by hand, and the render makes it",
                    "Nothing was written",
                ]);
            }
        }
        let ran = run(&sandbox, &format!("{verb} --accept ours")).ends(1);
        ran.says(&[field, "the render makes it"]);
        assert_eq!(sandbox.tree(), before);
        // Back as it was, the step goes through.
        sandbox.put(file, text);
        run(&sandbox, &verb).ends(0);
    }
}

#[test]
fn a_file_that_is_gone_is_named() {
    let sandbox = at_step(1);
    std::fs::remove_file(sandbox.path(CANARY)).unwrap();
    let before = sandbox.tree();
    run(&sandbox, "canary step")
        .ends(1)
        .says(&[CANARY, "is not there, and a step changes it"]);
    assert_eq!(sandbox.tree(), before);
    // What is no step is not held up by it.
    run(&sandbox, "set port=9090").ends(0);
}

#[test]
fn settings_of_one_track_alone_are_said_at_the_start() {
    let start = format!("canary start {NEW}");
    let said = "the new version runs with other settings than the one in use";
    let sandbox = service("canary: {steps: [34, 67]}\n");
    edit(
        &sandbox,
        STABLE,
        "minReadySeconds: 10",
        "minReadySeconds: 20",
    );
    let ran = run(&sandbox, &start).ends(0);
    ran.says(&[said, "`spec.minReadySeconds`", CANARY]);
    let again = run(&sandbox, "canary step").ends(0);
    assert!(!again.stderr.contains(said), "{}", again.stderr);
    // The same in both is no difference.
    let sandbox = service("canary: {steps: [34, 67]}\n");
    for file in [STABLE, CANARY] {
        edit(&sandbox, file, "minReadySeconds: 10", "minReadySeconds: 20");
    }
    let ran = run(&sandbox, &start).ends(0);
    assert!(!ran.stderr.contains(said), "{}", ran.stderr);
}

#[test]
fn an_edit_that_changes_no_manifest_is_none_in_between() {
    let sandbox = at_step(1);
    edit(&sandbox, "prodgen.yaml", "# Ours.", "# Ours, and slow.");
    let ran = run(&sandbox, "canary status").ends(0);
    assert!(!ran.stderr.contains("edited since"), "{}", ran.stderr);
    run(&sandbox, "canary step").ends(0);
    assert!(sandbox.read("prodgen.yaml").contains("# Ours, and slow."));
    edit(&sandbox, "prodgen.yaml", "- storefront", "- shop");
    run(&sandbox, "canary abort")
        .ends(1)
        .says(&["was edited since the last render"]);
}

#[test]
fn a_name_stays_while_a_canary_is_under_way() {
    let sandbox = at_step(1);
    let before = sandbox.tree();
    for (key, pair) in [("name", "name=till"), ("namespace", "namespace=shop")] {
        let ran = run(&sandbox, &format!("set {pair}")).ends(1);
        ran.says(&[&format!("with another `{key}`"), "canary abort"]);
        assert_eq!(sandbox.tree(), before);
    }
    run(&sandbox, "canary abort").ends(0);
    run(&sandbox, "set name=till").ends(0);
}

#[test]
fn what_has_no_traffic_is_told_what_works() {
    for kind in ["worker", "cronjob"] {
        let sandbox = Sandbox::new();
        let image = "--image=registry.example.com/a/b:1";
        sandbox
            .run(&["new", kind, "job", "--team=a", image])
            .ends(0);
        let before = sandbox.tree();
        let said = format!("`canary` does not belong to a {kind}");
        // Whatever the engine, and with nothing about what that would need.
        for pair in [
            "steps=[5]",
            "engine=replicas",
            "engine=gateway",
            "engine=argo",
        ] {
            let ran = run(&sandbox, &format!("set canary.{pair}")).ends(2);
            assert_eq!(ran.stderr.matches("error: ").count(), 1, "{}", ran.stderr);
            ran.says(&[&said, "the traffic of a service", "prodgen set image=IMAGE"]);
        }
        run(&sandbox, "add canary")
            .ends(2)
            .says(&[&said, "prodgen set image=IMAGE"]);
        run(&sandbox, &format!("canary start {NEW}"))
            .ends(1)
            .says(&[&said]);
        assert_eq!(sandbox.tree(), before);
    }
}
