//! A person's edits and a new render, through the whole command.

use super::sandbox::{SPEC, Sandbox};

const DEPLOYMENT: &str = "deploy/production/deployment-checkout.yaml";

fn moved() -> String {
    SPEC.replace("1.4.2", "1.5.0")
}

#[test]
fn an_edit_stays_and_a_conflict_is_named() {
    let sandbox = Sandbox::with_service();
    let mine = sandbox.read(DEPLOYMENT) + "# mine\n";
    sandbox.put(DEPLOYMENT, &mine);
    sandbox.run(&["render", "-w"]).ends(0);
    assert_eq!(sandbox.read(DEPLOYMENT), mine);
    let ran = sandbox.run(&["render", "--check", "-o", "json"]).ends(1);
    assert_eq!(
        (ran.outcome(), ran.files()),
        ("edited".to_owned(), vec![format!("edited {DEPLOYMENT}")])
    );

    // What the person edited and what is new go together.
    sandbox.put("prodgen.yaml", moved());
    let ran = sandbox.run(&["render", "--check", "-o", "json"]).ends(1);
    assert_eq!(ran.outcome(), "stale");
    assert!(
        ran.files()
            .contains(&format!("edited-and-stale {DEPLOYMENT}"))
    );
    let ran = sandbox.run(&["render", "-w", "-o", "json"]).ends(0);
    assert!(ran.files().contains(&format!("merged {DEPLOYMENT}")));
    let merged = sandbox.read(DEPLOYMENT);
    assert!(merged.ends_with("# mine\n") && !merged.contains("1.4.2"));

    // Where they do not, nothing is written until somebody decides.
    let mine = merged.replace("minReadySeconds: 10", "minReadySeconds: 11");
    let mine = mine.replace(":1.5.0", ":1.5.0-mine");
    assert_ne!(mine, merged);
    sandbox.put(DEPLOYMENT, &mine);
    sandbox.put("prodgen.yaml", SPEC.replace("1.4.2", "1.6.0"));
    let before = sandbox.tree();
    let ran = sandbox.run(&["render", "-w"]).ends(1);
    ran.says(&[
        DEPLOYMENT,
        "`spec.template.spec.containers[name=checkout].image` of `Deployment/checkout`",
        "--accept ours",
        "--accept theirs` to take the render's",
        "`--diff` beside it",
        "Nothing was written",
    ]);
    let ran = sandbox.run(&["render", "-w", "-o", "json"]).ends(1);
    assert_eq!(ran.outcome(), "conflict");
    let problem = &ran.json()["problems"][0];
    assert_eq!(problem["file"], DEPLOYMENT);
    assert_eq!(
        problem["key"],
        "spec.template.spec.containers[name=checkout].image"
    );
    let line = mine.lines().position(|line| line.contains("1.5.0-mine"));
    assert_eq!(problem["line"], line.unwrap() + 1);
    for (side, tag) in [
        ("base", "1.5.0"),
        ("ours", "1.5.0-mine"),
        ("theirs", "1.6.0"),
    ] {
        assert!(problem[side].as_str().unwrap().ends_with(tag), "{problem}");
    }
    assert_eq!(sandbox.tree(), before);

    sandbox.run(&["render", "-w", "--accept", "ours"]).ends(0);
    let settled = sandbox.read(DEPLOYMENT);
    assert!(settled.contains(":1.5.0-mine") && settled.contains("version: \"1.6.0\""));
    sandbox.put("prodgen.yaml", SPEC.replace("1.4.2", "1.7.0"));
    sandbox.run(&["render", "-w"]).ends(1);
    sandbox.run(&["render", "-w", "--accept", "theirs"]).ends(0);
    let settled = sandbox.read(DEPLOYMENT);
    assert!(settled.contains(":1.7.0") && settled.contains("minReadySeconds: 11"));
    assert!(
        settled.ends_with("# mine\n"),
        "an edit that is in nobody's way stays"
    );
}

#[test]
fn an_edited_file_that_nothing_renders_is_remembered() {
    let sandbox = Sandbox::with_service();
    let autoscaler = "deploy/production/horizontalpodautoscaler-checkout.yaml";
    sandbox.run(&["set", "replicas.max=9"]).ends(0);
    let mine = sandbox
        .read(autoscaler)
        .replace("maxReplicas: 9", "maxReplicas: 20");
    sandbox.put(autoscaler, &mine);
    let ran = sandbox.run(&["set", "replicas=4", "-o", "json"]).ends(0);
    assert!(ran.files().contains(&format!("kept {autoscaler}")));
    // It is drift until somebody takes it away.
    let ran = sandbox.run(&["render", "--check", "-o", "json"]).ends(1);
    assert_eq!(
        ran.files()
            .iter()
            .filter(|row| row.starts_with("extra"))
            .count(),
        1
    );
    // Rendered again it is known, and merged.
    let set = ["set", "replicas={max: 9, cpu: 50}", "--handed-over"];
    sandbox.run(&set).ends(0);
    let merged = sandbox.read(autoscaler);
    assert!(merged.contains("maxReplicas: 20") && merged.contains("averageUtilization: 50"));
    sandbox.run(&["set", "replicas=4"]).ends(0);
    std::fs::remove_file(sandbox.path(autoscaler)).unwrap();
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox.run(&["render", "--check"]).ends(0);
}
