//! The verbs: whose turn it is, what is refused with nothing written, and what comes back byte for
//! byte.

use std::collections::BTreeMap;

use prodgen::files::{FileSet, RelPath};
use prodgen::project::Lock;
use serde_json::json;

use super::{NEW, OLD, at_step, objects, run, service, texts};
use crate::sandbox::Sandbox;

#[test]
fn a_way_back_leads_to_the_bytes_from_before() {
    let forms = [
        "",
        "canary: { steps: [34, 67] } # ours\n",
        "canary: {steps: [34, 67]}\n",
        "canary:\n  # slowly\n  steps:\n    - 34\n    - 67 # two thirds\n",
        "canary:\n  engine: replicas\n",
        "canary: {}\n",
    ];
    let ways: &[&[&str]] = &[
        &["abort"],
        &["abort --now"],
        &["step", "abort", "abort"],
        &["step", "abort --now"],
        &["step", "abort", "abort --now"],
        &["step", "promote", "abort", "abort"],
        &["step", "promote", "abort --now"],
    ];
    for form in forms {
        let sandbox = service(form);
        let before = sandbox.tree();
        if form.is_empty() {
            run(&sandbox, "add canary").ends(0);
        }
        let added = sandbox.tree();
        for way in ways {
            run(&sandbox, &format!("canary start {NEW}")).ends(0);
            for verb in *way {
                run(&sandbox, &format!("canary {verb}")).ends(0);
            }
            assert!(sandbox.tree() == added, "{form}: {way:?}");
        }
        if form.is_empty() {
            let ran = run(&sandbox, "remove canary").ends(0);
            ran.says(&["kubectl -n checkout delete deployment/checkout-canary"]);
            assert!(sandbox.tree() == before, "remove");
        }
    }
}

#[test]
fn what_a_person_changed_meanwhile_stays() {
    let sandbox = at_step(1);
    let file = "deploy/production/deployment-checkout-canary.yaml";
    let edited = sandbox
        .read(file)
        .replace("revisionHistoryLimit: 5", "revisionHistoryLimit: 2");
    sandbox.put(file, edited);
    run(&sandbox, "canary step").ends(0);
    let text = sandbox.read(file);
    assert!(text.contains("revisionHistoryLimit: 2") && text.contains("replicas: 2\n"));
    // A count that both changed is a conflict, and nothing is written.
    let edited = text.replace("replicas: 2\n", "replicas: 4\n");
    sandbox.put(file, edited);
    let before = sandbox.tree();
    run(&sandbox, "canary abort --now")
        .ends(1)
        .says(&["spec.replicas"]);
    assert_eq!(sandbox.tree(), before);
}

/// The tree as version 0.0.9 might have left it, with this wait in place of today's.
fn as_an_older_version(sandbox: &Sandbox, wait: &str) {
    let old = |text: &str| text.replace("minReadySeconds: 10\n", wait);
    let mut render = FileSet::default();
    for (path, text) in texts(sandbox) {
        if path.starts_with("deploy/") {
            sandbox.put(&path, old(&text));
            render.insert(RelPath::new(&path).unwrap(), old(&text));
        }
    }
    let by_path = |(path, text)| (RelPath::as_str(path), text);
    let base: BTreeMap<_, &String> = render.iter().map(by_path).collect();
    let base = serde_json::to_string_pretty(&base).unwrap();
    sandbox.put(".prodgen/base.json", base + "\n");
    let spec = sandbox.read("prodgen.yaml");
    let mut lock = Lock::new(&spec, None, None, &render);
    lock.prodgen = "0.0.9".to_owned();
    let lock = serde_yaml::to_string(&lock).unwrap();
    sandbox.put(".prodgen/lock.yaml", lock);
}

#[test]
fn a_newer_version_moves_the_pods_of_a_canary_and_nothing_else() {
    let start = format!("canary start {NEW}");
    let table = [
        (0, start.as_str()),
        (1, "canary step"),
        (2, "canary promote"),
    ];
    for (step, line) in table {
        let sandbox = at_step(step);
        as_an_older_version(&sandbox, "minReadySeconds: 5\n");
        let before = sandbox.tree();
        run(&sandbox, line).ends(1).says(&[
            "prodgen 0.0.9 rendered",
            "prodgen upgrade",
            "Nothing was written.",
        ]);
        assert_eq!(sandbox.tree(), before, "{line}");
        run(&sandbox, "upgrade").ends(0);
        run(&sandbox, line).ends(0);

        // What both versions render alike moves with either.
        let sandbox = at_step(step);
        as_an_older_version(&sandbox, "minReadySeconds: 10\n");
        run(&sandbox, line).ends(0);
    }
    let begun = format!("add canary --image {NEW}");
    let sandbox = service("");
    as_an_older_version(&sandbox, "minReadySeconds: 5\n");
    run(&sandbox, &begun)
        .ends(1)
        .says(&["prodgen 0.0.9 rendered", "prodgen upgrade"]);
    let sandbox = service("");
    as_an_older_version(&sandbox, "minReadySeconds: 10\n");
    run(&sandbox, &begun).ends(0);

    // Whoever must go back goes back.
    for line in ["canary abort", "canary abort --now"] {
        let sandbox = at_step(2);
        as_an_older_version(&sandbox, "minReadySeconds: 5\n");
        run(&sandbox, line).ends(0);
    }
}

#[test]
fn a_verb_out_of_its_turn_changes_nothing() {
    let start = format!("canary start {NEW}");
    let table: &[(u32, &str, &str, &str)] = &[
        (
            0,
            "canary step",
            "no canary is under way",
            "canary start IMAGE",
        ),
        (
            0,
            "canary promote",
            "no canary is under way",
            "canary start IMAGE",
        ),
        (
            0,
            "canary abort",
            "no canary is under way",
            "canary start IMAGE",
        ),
        (
            0,
            "canary abort --now",
            "no canary is under way",
            "canary start IMAGE",
        ),
        (1, &start, "a canary is under way", "canary step"),
        (
            2,
            "canary step 2",
            "step 2 was taken already",
            "canary promote",
        ),
        (
            1,
            "canary step 3",
            "step 3 is not the next one",
            "canary step",
        ),
        (
            1,
            "canary promote",
            "there are steps to take before",
            "canary step",
        ),
        (2, "canary step", "that was the last step", "canary promote"),
        (2, "remove canary", "a canary is under way", "canary abort"),
        (
            2,
            "add canary --image a.io/b:3",
            "a canary is under way",
            "canary promote",
        ),
        (
            1,
            "set canary.run.step=2",
            "`canary.run` is a rollout",
            "canary step",
        ),
        (
            1,
            "set canary={steps:~[50]}",
            "`canary.run` is a rollout",
            "canary step",
        ),
    ];
    for (step, line, what, help) in table {
        let sandbox = at_step(*step);
        let before = sandbox.tree();
        run(&sandbox, line)
            .ends(1)
            .says(&[what, help, "Nothing was written."]);
        assert_eq!(sandbox.tree(), before, "{line}");
        let json = run(&sandbox, &format!("{line} -o json")).ends(1);
        assert_eq!(json.outcome(), "refused", "{line}");
    }
    let none = service("");
    for line in [
        start.as_str(),
        "canary status",
        "canary step",
        "canary abort",
    ] {
        run(&none, line)
            .ends(1)
            .says(&["this service has no `canary`", "prodgen add canary"]);
    }
    let same = at_step(0);
    run(&same, &format!("canary start {OLD}"))
        .ends(1)
        .says(&["stable runs already"]);
    run(&same, "canary start nginx")
        .ends(2)
        .says(&["canary start: "]);
    run(&same, "canary start a.io/b:latest").ends(2);
}

#[test]
fn over_a_spec_that_somebody_edited_nothing_moves() {
    let sandbox = at_step(1);
    let edited = sandbox.read("prodgen.yaml").replace("[34, 67]", "[34, 90]");
    sandbox.put("prodgen.yaml", edited);
    let before = sandbox.tree();
    let add = format!("add canary --image {NEW}");
    for line in ["canary step", "canary abort", "canary abort --now", &add] {
        let ran = run(&sandbox, line).ends(1);
        ran.says(&["edited since the last render", "prodgen render -w"]);
        assert_eq!(sandbox.tree(), before);
    }
    run(&sandbox, "canary status")
        .ends(0)
        .says(&["edited since the last render"]);
    // Rendered, it moves no pod: what has begun goes on as it began.
    let tree = objects(&sandbox);
    run(&sandbox, "render -w").ends(0);
    let moved = |name: &str| objects(&sandbox)[name] != tree[name];
    assert!(!moved("Deployment/checkout-canary") && !moved("HorizontalPodAutoscaler/checkout"));
    run(&sandbox, "canary step").ends(0);
    // More pods than at the start are given; fewer would break the promise.
    run(&sandbox, "set replicas.min=5").ends(0);
    let scaler = &objects(&sandbox)["HorizontalPodAutoscaler/checkout"];
    assert_eq!(scaler["spec"]["minReplicas"], json!(4));
    run(&sandbox, "set replicas={min:~1,max:~2}")
        .ends(2)
        .says(&["began with 3 pods"]);
}

#[test]
fn a_step_that_does_not_hold_is_refused_with_what_would() {
    let sandbox = service("canary: { steps: [5, 34] }\n");
    run(&sandbox, "render").ends(0).says(&[
        "warning: 5 % of 3 pods is less than one pod",
        "prodgen.yaml:7:19",
        "what holds: 34 % or more; 20 pods or more for these steps",
    ]);
    let before = sandbox.tree();
    let start = format!("canary start {NEW}");
    let ran = run(&sandbox, &start).ends(1);
    ran.says(&["error: 5 % of 3 pods", "prodgen.yaml:7:19", "--round up"]);
    let json = run(&sandbox, &format!("{start} -o json")).ends(1).json();
    let problem = &json["problems"][0];
    assert_eq!(
        (&problem["line"], &problem["column"]),
        (&json!(7), &json!(19))
    );
    assert_eq!(
        (json["outcome"].as_str(), &problem["key"]),
        (Some("refused"), &json!("canary.steps[0]"))
    );
    assert_eq!(sandbox.tree(), before);
    for (more, size, pods) in [
        ("--round up", 3, json!([1, 2])),
        ("--round down", 3, json!([1])),
        ("--size 6 --round up", 6, json!([1, 3])),
    ] {
        run(&sandbox, &format!("{start} {more}")).ends(0);
        let spec: serde_json::Value = serde_yaml::from_str(&sandbox.read("prodgen.yaml")).unwrap();
        let run_of = &spec["canary"]["run"];
        assert_eq!(
            (&run_of["pods"], &run_of["size"]),
            (&pods, &json!(size)),
            "{more}"
        );
        // The counts stand in the spec, so that another render gives the same.
        run(&sandbox, "render --check").ends(0);
        run(&sandbox, "canary abort").ends(0);
        assert_eq!(sandbox.tree(), before);
    }
    for size in ["2", "7"] {
        let ran = run(&sandbox, &format!("{start} --size {size}")).ends(1);
        ran.says(&["is no number of pods that `replicas` allows", "from 3 to 6"]);
    }
}

#[test]
fn a_larger_size_at_the_start_is_held() {
    let sandbox = service("replicas: { min: 3, max: 12 }\n");
    run(&sandbox, "add canary").ends(0);
    run(&sandbox, &format!("canary start {NEW} --size 10")).ends(0);
    let least = |sandbox: &Sandbox| {
        let scaler = objects(sandbox)["HorizontalPodAutoscaler/checkout"].clone();
        scaler["spec"]["minReplicas"].as_u64().unwrap()
    };
    assert_eq!(least(&sandbox), 10);
    run(&sandbox, "canary step").ends(0);
    assert_eq!(least(&sandbox), 7);
    run(&sandbox, "canary promote").ends(0);
    assert_eq!(least(&sandbox), 10);
    run(&sandbox, "canary promote").ends(0);
    assert_eq!(least(&sandbox), 3);
}

#[test]
fn another_image_goes_out_as_a_canary() {
    let sandbox = at_step(0);
    let before = sandbox.tree();
    for line in [
        format!("set image={NEW}"),
        format!("set image.ref={NEW}"),
        format!("set image={{ref:~\"{NEW}\"}} port=9090"),
    ] {
        let ran = run(&sandbox, &line).ends(1);
        let begin = format!("prodgen canary start {NEW}");
        ran.says(&["`canary`", &begin, "--bypass-canary"]);
        assert_eq!(sandbox.tree(), before, "{line}");
    }
    run(&sandbox, &format!("set image={OLD} port=9090")).ends(0);
    run(&sandbox, "set image.pullSecret=registry").ends(0);
    run(&sandbox, &format!("set image={NEW} --bypass-canary")).ends(0);
    let image = "/spec/template/spec/containers/0/image";
    assert_eq!(
        objects(&sandbox)["Deployment/checkout"].pointer(image),
        Some(&json!(NEW))
    );
    // Without the key it is a flag about nothing.
    let plain = service("");
    run(&plain, &format!("set image={NEW}")).ends(0);
}

#[test]
fn policy_and_first_step_in_one_command() {
    let sandbox = service("");
    run(&sandbox, &format!("add canary --image {NEW}"))
        .ends(0)
        .says(&[
            "resourcequota-checkout.yaml has room for both versions now",
            "step 1 of 2",
        ]);
    let spec = sandbox.read("prodgen.yaml");
    assert!(
        spec.contains(&format!("image: {OLD}  # CI moves this")),
        "{spec}"
    );
    let tree = sandbox.tree();
    let two = at_step(1);
    assert_eq!(tree, two.tree());
    run(&service(""), "add canary --image nginx")
        .ends(2)
        .says(&["--image: "]);
    run(&service(""), "add canary --set canary.run.step=1").ends(1);
    // Beside `image` it is the answer to that key, as ever.
    run(&service(""), &format!("add canary image --image {OLD}")).ends(0);
    let worker = Sandbox::new();
    worker.put(
        "prodgen.yaml",
        format!("{}type: worker\n", crate::sandbox::SPEC),
    );
    run(&worker, "add canary")
        .ends(2)
        .says(&["does not belong to a worker", "prodgen set image=IMAGE"]);
}
