//! What a person is told who writes a step into the spec, takes the key out in mid-run, or means a part that
//! only the verbs write.

use super::turn::{GATEWAY, TEN, begun, without_run};
use super::version::moved_by;
use super::{NEW, OLD, run, service, texts};
use crate::sandbox::Sandbox;

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

/// A step that a person has written moves pods and nothing else, in the spec and in the files.
#[test]
fn a_step_by_hand_meets_what_a_verb_meets() {
    let canary = "deploy/production/deployment-checkout-canary.yaml";
    let step = |sandbox: &Sandbox, from: &str, to: &str| {
        let spec = sandbox.read("prodgen.yaml");
        assert!(spec.contains(from), "{spec}");
        sandbox.put("prodgen.yaml", spec.replace(from, to));
    };
    let refused = |sandbox: &Sandbox, words: &[&str]| {
        let before = sandbox.tree();
        for line in ["render -w", "set labels={a:~b}", "upgrade"] {
            run(sandbox, line).ends(1).says(words);
            assert!(sandbox.tree() == before, "{line}");
        }
    };
    // Other files go along with none.
    for (engine, from, to) in [
        ("replicas", "step: 1", "step: 2"),
        ("gateway", "step: 0", "step: 1"),
    ] {
        let sandbox = moved_by(engine);
        run(&sandbox, &format!("canary start {NEW}")).ends(0);
        step(&sandbox, from, to);
        let files = sandbox.read("conf/app.conf");
        sandbox.put("conf/app.conf", "mode = other\n");
        refused(
            &sandbox,
            &["pods would read other files than it began with"],
        );
        sandbox.put("conf/app.conf", files);
        run(&sandbox, "render -w").ends(0).says(&["Canary: "]);
    }
    // Nor another template with the beginning of what a controller moves.
    let sandbox = moved_by("argo");
    let rest = sandbox.read("prodgen.yaml");
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    let started = sandbox.read("prodgen.yaml");
    run(&sandbox, "undo").ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), rest);
    sandbox.put("prodgen.yaml", format!("env: {{ MODE: fast }}\n{started}"));
    refused(&sandbox, &["another pod template"]);
    sandbox.put("prodgen.yaml", started);
    run(&sandbox, "render -w").ends(0).says(&["Canary: "]);
    // A file that is gone, or edited where the step moves it.
    let sandbox = begun(TEN, &["step"]);
    let text = sandbox.read(canary);
    step(&sandbox, "step: 2", "step: 3");
    std::fs::remove_file(sandbox.path(canary)).unwrap();
    refused(&sandbox, &["is not there, and a step changes it"]);
    sandbox.put(canary, text);
    run(&sandbox, "render -w").ends(0);
}

/// In mid-run nobody reads something else, be it one more Secret, one less, or other keys of the same.
#[test]
fn what_pods_read_stays_until_it_is_over() {
    for engine in ["replicas", "gateway", "argo"] {
        let sandbox = moved_by(engine);
        run(&sandbox, &format!("canary start {NEW}")).ends(0);
        let before = sandbox.tree();
        for line in [
            "set secrets=[db,~tls,~more]",
            "set secrets=[db]",
            "set secrets=[{name:~db,~keys:~[a]},~tls]",
            "remove secrets",
            "remove config",
        ] {
            run(&sandbox, line).ends(1).says(&["--bypass-canary"]);
            assert!(sandbox.tree() == before, "{engine}: {line}");
        }
        // Of other things that pods have, only a controller makes a version.
        let code = i32::from(engine == "argo");
        run(&sandbox, "set writable=[/var/cache/app] --dry-run").ends(code);
    }
    let sandbox = service("canary: {}\n");
    sandbox.put("conf/app.conf", "mode = old\n");
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    run(&sandbox, "add config --config conf").ends(1);
    // A lock that does not say which Secrets there were keeps nobody.
    let sandbox = moved_by("argo");
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    let lock = sandbox.read(".prodgen/lock.yaml");
    let (head, rest) = lock.split_once("  left:\n").unwrap();
    let rest = &rest[rest.find("\n  run:").unwrap() + 1..];
    sandbox.put(".prodgen/lock.yaml", format!("{head}{rest}"));
    run(&sandbox, "render -w").ends(0);
    assert_eq!(sandbox.read(".prodgen/lock.yaml"), lock);
}

/// A ConfigMap that is kept for an edit by hand, and that nothing renders any more, is nobody's.
#[test]
fn a_file_that_is_kept_stands_in_nobodys_way() {
    for engine in ["replicas", "gateway", "argo"] {
        let sandbox = moved_by(engine);
        let tree = texts(&sandbox);
        let map = tree
            .keys()
            .find(|path| path.contains("/configmap-"))
            .unwrap();
        sandbox.put(map, tree[map].replace("metadata:", "# mine\nmetadata:"));
        sandbox.put("conf/app.conf", "mode = other\n");
        run(&sandbox, "render -w --bypass-canary --accept ours").ends(0);
        assert!(sandbox.has(map), "{engine}");
        for line in [
            &format!("canary start {NEW}"),
            "set annotations={a:~b}",
            "render -w",
            "canary status",
            "canary abort",
        ] {
            run(&sandbox, line).ends(0);
        }
    }
}

/// A service that grows has a canary for its old size: whoever goes on is told each time.
#[test]
fn a_canary_that_is_too_small_by_now_is_told_of() {
    let sandbox = begun(GATEWAY, &["step"]);
    let ran = run(&sandbox, "canary status").ends(0);
    assert!(!ran.stderr.contains("counted for"), "{}", ran.stderr);
    for line in ["set replicas=40", "canary step", "canary status"] {
        run(&sandbox, line).ends(0).says(&[
            "warning: the canary under way is counted for 10 pods, and `replicas` has 40 or more",
            "prodgen canary abort",
        ]);
    }
}

/// The template of a controller is the new version's: what runs is not in it.
#[test]
fn no_advice_leads_to_other_pods() {
    let path = "deploy/production/deployment-checkout.yaml";
    let sandbox = service("replicas: 4\ncanary: { engine: argo }\n");
    for (from, to, wanted, verb) in [
        (
            "replicas: 0",
            "replicas: 6",
            "write `0` there",
            format!("canary start {NEW}"),
        ),
        (
            NEW,
            "registry.example.com/payments/checkout:7",
            "write `registry",
            "canary promote".to_owned(),
        ),
    ] {
        let text = sandbox.read(path);
        assert!(text.contains(from), "{text}");
        sandbox.put(path, text.replace(from, to));
        for line in ["canary status", &verb] {
            let ran = run(&sandbox, line).says(&[wanted]);
            assert!(!ran.stderr.contains("prodgen set"), "{}", ran.stderr);
        }
        sandbox.put(path, text);
        run(&sandbox, &verb).ends(0);
    }
}

/// A file that is gone is told of once, and quiet is quiet.
#[test]
fn what_is_said_is_so() {
    let sandbox = service("canary: {}\n");
    let gone = "deploy/production/deployment-checkout.yaml";
    let text = sandbox.read(gone);
    std::fs::remove_file(sandbox.path(gone)).unwrap();
    let ran = run(&sandbox, "canary status")
        .ends(0)
        .says(&["is not there"]);
    assert!(!ran.stderr.contains("strategy"), "{}", ran.stderr);
    sandbox.put(gone, text);
    let ran = run(&sandbox, &format!("canary start {NEW} -q")).ends(0);
    assert_eq!(ran.stderr, "");
    // The quota is for an administrator before it starts, not at each step that changes a label of it.
    let spec = sandbox.read("prodgen.yaml").replace("step: 1", "step: 2");
    sandbox.put("prodgen.yaml", format!("labels: {{ a: b }}\n{spec}"));
    let ran = run(&sandbox, "render -w").ends(0).says(&["Canary: step 2"]);
    assert!(!ran.stderr.contains("administrator"), "{}", ran.stderr);
    // The pods that restart are those of stable.
    let sandbox = moved_by("gateway");
    sandbox.put("conf/app.conf", "mode = other\n");
    run(&sandbox, "render -w")
        .ends(0)
        .says(&["rollout status deployment/checkout`"]);
    // Whose records are lost, of that nothing is known.
    std::fs::remove_dir_all(sandbox.path(".prodgen")).unwrap();
    let ran = run(&sandbox, "canary status").ends(0);
    assert!(!ran.stderr.contains("edited"), "{}", ran.stderr);
    // In mid-run the image of the canary is not that of the spec yet.
    let sandbox = service("canary: { engine: argo }\n");
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    let spec = sandbox.read("prodgen.yaml").replace(OLD, NEW);
    sandbox.put("prodgen.yaml", spec);
    run(&sandbox, "canary status")
        .ends(0)
        .says(&["warning: ", &format!("put `image: {OLD}` back")]);
}

/// What stable reads stays, also where only the canary's pods have a template.
#[test]
fn a_controller_finds_its_way_back() {
    let sandbox = moved_by("argo");
    run(
        &sandbox,
        &format!("canary start {NEW} --config conf-2 --secret db=db-2"),
    )
    .ends(0);
    let (spec, files) = (sandbox.read("prodgen.yaml"), sandbox.read("conf/app.conf"));
    sandbox.put("conf/app.conf", "mode = other\n");
    let before = sandbox.tree();
    run(&sandbox, "render -w")
        .ends(1)
        .says(&["say other than what stable reads", "--config FOLDER"]);
    assert!(sandbox.tree() == before);
    sandbox.put("conf/app.conf", files);
    run(&sandbox, "set secrets=[{name:~db,~secret:~db-9},~tls]")
        .ends(1)
        .says(&["say other than what stable reads"]);
    assert_eq!(sandbox.read("prodgen.yaml"), spec);
    // Other steps are put back, not ended.
    let steps = spec.replace("34, 67", "50");
    assert_ne!(steps, spec);
    sandbox.put("prodgen.yaml", steps);
    run(&sandbox, "render -w")
        .ends(1)
        .says(&["keep `steps` as they were"]);
    run(&sandbox, "canary abort")
        .ends(1)
        .says(&["take the edit back"]);
    sandbox.put("prodgen.yaml", spec);
    run(&sandbox, "canary abort").ends(0);
}

/// An older version says nothing of what a controller does: then nobody is stopped.
#[test]
fn a_lock_without_a_canary_keeps_nobody_from_a_controller() {
    let forget = |sandbox: &Sandbox| {
        let lock = sandbox.read(".prodgen/lock.yaml");
        let (head, rest) = lock.split_once("canary:\n").unwrap();
        let rest = &rest[rest.find("\nbase:").unwrap() + 1..];
        sandbox.put(".prodgen/lock.yaml", format!("{head}{rest}"));
    };
    let sandbox = service("canary: { engine: argo }\n");
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    forget(&sandbox);
    run(&sandbox, "canary abort").ends(0);
    for (keys, lines) in [
        ("", &["add canary --engine argo", "canary step"][..]),
        (
            "canary: { engine: argo }\n",
            &["remove canary", "remove canary"],
        ),
    ] {
        let sandbox = service(keys);
        for line in lines {
            run(&sandbox, line).ends(0);
            if sandbox.read(".prodgen/lock.yaml").contains("canary:") {
                forget(&sandbox);
            }
            run(&sandbox, "render -w").ends(0);
            run(&sandbox, "upgrade").ends(0);
        }
    }
}

/// Somebody who changes the name has another service, and the pods of this one are in between.
#[test]
fn pods_that_change_hands_stay_where_they_are() {
    let sandbox = service("");
    run(&sandbox, "add canary --engine argo").ends(0);
    let spec = sandbox.read("prodgen.yaml");
    for (from, to) in [
        ("name: checkout", "name: till"),
        ("team:", "namespace: shop\nteam:"),
        ("engine: argo", "engine: replicas"),
    ] {
        sandbox.put("prodgen.yaml", spec.replacen(from, to, 1));
        let before = sandbox.tree();
        let code = if from.starts_with("engine") { 2 } else { 1 };
        run(&sandbox, "render -w").ends(code).says(&["canary"]);
        assert!(sandbox.tree() == before, "{to}");
    }
    sandbox.put("prodgen.yaml", &spec[..spec.find("canary:").unwrap()]);
    for line in ["render -w", "canary step", "canary status", "add canary"] {
        run(&sandbox, line)
            .ends(1)
            .says(&["pods are changing hands", "`takeover: {\"size\":"]);
    }
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
