//! Who makes the pods, and who says how many, changes over in no command at once: not by an edit of the
//! spec, not with an upgrade, and not when a command is taken back.

use serde_json::Value;

use super::argo::{ADD, SCALED};
use super::walk::at;
use super::{objects, run, service};
use crate::sandbox::Sandbox;

const LOST: &str = "the Deployment would lose its pods before the Rollout has any";
const GONE: &str = "the Rollout would be gone before the Deployment has its pods back";

fn refused(sandbox: &Sandbox, line: &str, words: &[&str]) {
    let before = sandbox.tree();
    run(sandbox, line).ends(1).says(words);
    assert!(sandbox.tree() == before, "{line}");
}

/// Writes the spec with a change by hand.
fn by_hand(sandbox: &Sandbox, from: &str, to: &str) {
    let text = sandbox.read("prodgen.yaml");
    assert!(text.contains(from), "{text}");
    sandbox.put("prodgen.yaml", text.replace(from, to));
}

#[test]
fn an_upgrade_takes_no_pods_away() {
    let sandbox = service("");
    by_hand(&sandbox, "callers:", "canary: { engine: argo }\ncallers:");
    refused(&sandbox, "upgrade", &[LOST, "prodgen add canary"]);
    let sandbox = service("replicas: 4\n");
    by_hand(&sandbox, "replicas: 4\n", "");
    refused(&sandbox, "upgrade", &["from 4 pods to 1"]);
}

#[test]
fn a_command_that_is_taken_back_long_after_takes_no_pods_away() {
    // What one working copy remembers, while the others have gone on.
    let memory = ".prodgen/undo.json";
    for (keys, way, what, help) in [
        (
            "",
            &[ADD, "canary step"],
            GONE,
            "`prodgen remove canary` gives them back",
        ),
        (
            "canary: { engine: argo }\n",
            &["remove canary", "remove canary"],
            LOST,
            "`prodgen add canary --engine argo` lets both run",
        ),
    ] {
        let sandbox = service(keys);
        run(&sandbox, "set port=9090 --bypass-canary").ends(0);
        let remembered = sandbox.read(memory);
        for command in way {
            run(&sandbox, command).ends(0);
        }
        sandbox.put(memory, remembered);
        refused(&sandbox, "undo", &["was changed since"]);
        for more in ["", " --dry-run", " --handed-over"] {
            refused(
                &sandbox,
                &format!("undo --accept theirs{more}"),
                &[what, help],
            );
        }
    }
}

#[test]
fn a_command_is_taken_back_while_both_have_the_pods() {
    for keys in ["", SCALED, "replicas: 4\n"] {
        let sandbox = service(keys);
        for command in [ADD, "canary step", "remove canary", "remove canary"] {
            let before = sandbox.tree();
            run(&sandbox, command).ends(0);
            run(&sandbox, "undo").ends(0);
            assert!(sandbox.tree() == before, "{keys}: {command}");
            run(&sandbox, command).ends(0);
        }
    }
}

#[test]
fn out_of_the_middle_by_hand_only_to_whoever_takes_the_pods() {
    let sandbox = service(SCALED);
    run(&sandbox, ADD).ends(0);
    run(&sandbox, "canary step").ends(0);
    // In the middle again, with a Deployment that may have let its pods go.
    run(&sandbox, "undo").ends(0);
    let middle = sandbox.read("prodgen.yaml");
    let plain = &middle[..middle.find("canary:").unwrap()];
    sandbox.put("prodgen.yaml", plain);
    refused(
        &sandbox,
        "render -w",
        &["pods are changing hands", "\"to\":\"rollout\""],
    );
    sandbox.put("prodgen.yaml", &middle);
    run(&sandbox, "remove canary").ends(0);
    run(&sandbox, "remove canary").ends(0);
    // The same on the way back, with a Rollout that may be new.
    run(&sandbox, "undo").ends(0);
    assert!(sandbox.read("prodgen.yaml").contains("takeover:"));
    sandbox.put(
        "prodgen.yaml",
        format!("{plain}canary: {{ engine: argo }}\n"),
    );
    refused(
        &sandbox,
        "render -w",
        &[
            "whether the Rollout still has any",
            "put `canary.takeover` back",
        ],
    );
}

/// The number that a kind names, and whether there is an autoscaler.
fn count(sandbox: &Sandbox, kind: &str) -> (Option<u64>, bool) {
    let all = objects(sandbox);
    let replicas = all[&format!("{kind}/checkout")].pointer("/spec/replicas");
    let scaler = all.get("HorizontalPodAutoscaler/checkout");
    let target = scaler.map(|scaler| at(scaler, "/spec/scaleTargetRef/kind"));
    assert!(target.is_none_or(|target| target == kind));
    (replicas.and_then(Value::as_u64), target.is_some())
}

#[test]
fn a_number_is_handed_over_before_it_goes_out_of_a_manifest() {
    let scaled = "set replicas={min:~4,~max:~9}";
    for (keys, kind) in [
        ("", "Deployment"),
        ("canary: {}\n", "Deployment"),
        (
            "expose: shop.example.com\ncanary: { engine: gateway }\n",
            "Deployment",
        ),
        ("canary: { engine: argo }\n", "Rollout"),
    ] {
        let sandbox = service(&format!("replicas: 4\n{keys}"));
        let what = format!("the {kind} would go from 4 pods to 1");
        let group = if kind == "Rollout" {
            "argoproj.io/v1alpha1"
        } else {
            "apps/v1"
        };
        let object = format!(
            "echo '{{\"apiVersion\":\"{group}\",\"kind\":\"{kind}\",\"metadata\":{{\"name\":\"checkout\",\
             \"namespace\":\"checkout\"}},\"spec\":{{\"replicas\":4}}}}' | kubectl apply --server-side \
             --field-manager="
        );
        let words = [what.as_str(), object.as_str(), "--handed-over"];
        let fixed = sandbox.read("prodgen.yaml");
        for line in [
            scaled,
            "set replicas.max=9",
            "remove replicas",
            &format!("{scaled} --diff"),
        ] {
            refused(&sandbox, line, &words);
        }
        by_hand(&sandbox, "replicas: 4", "replicas: { min: 4, max: 9 }");
        refused(&sandbox, "render -w", &words);
        run(&sandbox, "render -w --handed-over").ends(0);
        assert_eq!(count(&sandbox, kind), (None, true), "{keys}");
        // Another range is no other owner.
        run(&sandbox, "set replicas.max=12").ends(0);
        run(&sandbox, "set replicas=4").ends(0).says(&[
            "the autoscaler goes on to change the number",
            "kubectl -n checkout delete horizontalpodautoscaler/checkout",
        ]);
        assert_eq!(count(&sandbox, kind), (Some(4), false), "{keys}");
        refused(&sandbox, "undo", &words);
        run(&sandbox, "undo --handed-over").ends(0);
        assert_eq!(count(&sandbox, kind), (None, true), "{keys}");
        sandbox.put("prodgen.yaml", fixed);
        run(&sandbox, "render -w").ends(0);
        run(&sandbox, &format!("{scaled} --handed-over")).ends(0);
        assert_eq!(count(&sandbox, kind), (None, true), "{keys}");
    }
    // One pod stays one.
    let sandbox = service("replicas: 1\n");
    run(&sandbox, "set replicas={min:~1,~max:~9}").ends(0);
    // With the takeover too, whose counts are the autoscaler's then.
    let sandbox = service("replicas: 4\n");
    run(&sandbox, ADD).ends(0);
    refused(&sandbox, scaled, &["the Deployment would go from 4 pods"]);
    run(&sandbox, "canary step").ends(0);
    refused(&sandbox, scaled, &["the Rollout would go from 4 pods"]);
}

#[test]
fn pods_change_hands_by_the_commands_alone() {
    let [none, begun] = ["no pods are changing hands", "pods are changing hands"];
    let takeover =
        |to: &str, size: u32| format!("{{ engine: argo, takeover: {{ size: {size}, to: {to} }} }}");
    // At rest, to whoever has them already.
    for (was, to) in [("{ engine: argo }", "rollout"), ("{}", "deployment")] {
        let sandbox = service(&format!("{SCALED}canary: {was}\n"));
        by_hand(
            &sandbox,
            &format!("canary: {was}"),
            &format!("canary: {}", takeover(to, 9)),
        );
        for line in ["render -w", "set port=9090", "upgrade"] {
            refused(&sandbox, line, &[none, "take it out"]);
        }
    }
    // What the commands would write may be written.
    for (was, to, line) in [
        ("callers:", "rollout", "add canary --engine argo --size 9"),
        (
            "canary: { engine: argo }\ncallers:",
            "deployment",
            "remove canary --size 9",
        ),
    ] {
        let sandbox = service(&format!("{SCALED}{}", was.replace("callers:", "")));
        let first = sandbox.read("prodgen.yaml");
        run(&sandbox, line).ends(0);
        let (written, tree) = (sandbox.read("prodgen.yaml"), sandbox.tree());
        sandbox.put("prodgen.yaml", first);
        run(&sandbox, "undo --accept theirs");
        sandbox.put("prodgen.yaml", written);
        run(&sandbox, "render -w").ends(0);
        let deploy = |(path, _): &(&String, &Vec<u8>)| path.starts_with("deploy/");
        let now = sandbox.tree();
        assert!(
            now.iter().filter(deploy).eq(tree.iter().filter(deploy)),
            "{to}"
        );
    }
    // Meanwhile nobody gets fewer, and there is one way back.
    let sandbox = service(SCALED);
    run(&sandbox, &format!("{ADD} --size 9")).ends(0);
    by_hand(&sandbox, "size: 9", "size: 4");
    let put = "`takeover: {\"size\":9,\"to\":\"rollout\"}`";
    refused(
        &sandbox,
        "render -w",
        &[begun, put, "prodgen canary status"],
    );
    by_hand(&sandbox, "size: 4", "size: 12");
    run(&sandbox, "render -w").ends(0);
    run(&sandbox, "remove canary --size 9").ends(0);
    by_hand(&sandbox, "to: deployment", "to: rollout");
    refused(&sandbox, "render -w", &[begun, "\"to\":\"deployment\""]);
    by_hand(&sandbox, "to: rollout", "to: deployment");
    run(&sandbox, "remove canary").ends(0);
}

/// Over a spec that somebody has edited, pods do not change hands: a version would go out with them.
#[test]
fn nothing_else_goes_out_while_pods_change_hands() {
    for (keys, line) in [("", ADD), ("canary: { engine: argo }\n", "remove canary")] {
        let sandbox = service(keys);
        by_hand(&sandbox, "checkout:1.4.2", "checkout:1.5.0");
        refused(
            &sandbox,
            line,
            &[if line == ADD {
                "was edited"
            } else {
                "put `image: "
            }],
        );
        by_hand(&sandbox, "checkout:1.5.0", "checkout:1.4.2");
        run(&sandbox, line).ends(0);
        let ran = run(&sandbox, "undo").ends(0);
        // It says where the service is then, where that has a canary.
        assert_eq!(
            ran.stderr.contains("Canary: at rest"),
            line != ADD,
            "{}",
            ran.stderr
        );
    }
}
