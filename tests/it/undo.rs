//! `undo`: takes back the last command that wrote, exactly, and never what somebody did since.

use crate::sandbox::Sandbox;

const SERVICE: &str = "deploy/production/service-checkout.yaml";
const DEPLOYMENT: &str = "deploy/production/deployment-checkout.yaml";

#[test]
fn every_command_that_writes_is_taken_back() {
    let commands: &[&[&str]] = &[
        &["set", "port=9090"],
        &["set", "name=till"],
        &["add", "callers", "--caller", "storefront"],
        &["remove", "team", "callers"],
        &["render", "-w"],
    ];
    for command in commands {
        let sandbox = Sandbox::with_service();
        // A hand edit, a deleted file, and a spec that is ahead of its tree.
        sandbox.put(DEPLOYMENT, format!("# mine\n{}", sandbox.read(DEPLOYMENT)));
        std::fs::remove_file(sandbox.path(SERVICE)).unwrap();
        let spec = sandbox.read("prodgen.yaml");
        sandbox.put(
            "prodgen.yaml",
            format!("{spec}replicas: {{ min: 4, max: 9 }}\n"),
        );
        let before = sandbox.tree();
        if sandbox.run(command).code != 0 {
            continue;
        }
        let after = sandbox.tree();
        assert_ne!(before, after, "{command:?}");
        let dry = sandbox.run(&["undo", "--dry-run", "-o", "json"]).ends(0);
        assert_eq!(dry.outcome(), "planned");
        assert_eq!(sandbox.tree(), after);
        let ran = sandbox.run(&["undo", "-o", "json"]).ends(0);
        assert_eq!(ran.outcome(), "undone");
        assert_eq!(sandbox.tree(), before, "{command:?}");
        let ran = sandbox.run(&["undo"]).ends(1);
        ran.says(&["nothing to take back"]);
        assert_eq!(sandbox.tree(), before);
    }
}

#[test]
fn a_service_that_was_just_made_is_gone_without_a_trace() {
    let sandbox = Sandbox::new();
    sandbox.new_service(&[]).ends(0);
    sandbox.run(&["undo"]).ends(0);
    assert!(sandbox.tree().is_empty(), "{:?}", sandbox.tree().keys());
    assert!(!sandbox.has("deploy") && !sandbox.has(".prodgen"));
}

#[test]
fn a_spec_that_is_gone_does_not_make_the_service_above_the_one_that_is_meant() {
    let sandbox = Sandbox::with_service();
    sandbox.put("inner/prodgen.yaml", sandbox.read("prodgen.yaml"));
    let inner = |words: &[&str]| sandbox.call(words).inside("inner").run();
    inner(&["render", "-w"]).ends(0);
    let made = sandbox.tree();
    inner(&["set", "port=9090"]).ends(0);
    std::fs::remove_file(sandbox.path("inner/prodgen.yaml")).unwrap();
    inner(&["undo"])
        .ends(1)
        .says(&["`prodgen.yaml` was changed since"]);
    inner(&["undo", "--accept", "theirs"]).ends(0);
    assert_eq!(sandbox.tree(), made);
}

#[test]
fn what_changed_since_is_named_and_left_alone() {
    let sandbox = Sandbox::with_service();
    let made = sandbox.tree();
    sandbox.run(&["set", "port=9090"]).ends(0);
    let moved = sandbox.read(DEPLOYMENT);
    sandbox.put(DEPLOYMENT, format!("# mine\n{moved}"));
    let before = sandbox.tree();
    let ran = sandbox.run(&["undo"]).ends(1);
    ran.says(&[
        "`deploy/production/deployment-checkout.yaml` was changed since",
        "--accept ours",
        "Nothing was written",
    ]);
    assert_eq!(sandbox.tree(), before);
    sandbox.run(&["undo", "--accept", "ours"]).ends(0);
    assert_eq!(sandbox.read(DEPLOYMENT), format!("# mine\n{moved}"));
    assert_eq!(
        sandbox.read("prodgen.yaml").as_bytes(),
        made["prodgen.yaml"]
    );
    // What the kept file was last rendered as is still known: the next render takes back what it has of
    // the command, and nothing else.
    sandbox.run(&["render", "--check"]).ends(1);
    sandbox.run(&["render", "-w"]).ends(0);
    let was = String::from_utf8(made[DEPLOYMENT].clone()).unwrap();
    assert_eq!(sandbox.read(DEPLOYMENT), format!("# mine\n{was}"));
    // So it is where the command made the first records, and where it took a file out of them.
    let sandbox = Sandbox::new();
    sandbox.new_service(&[]).ends(0);
    let mine = format!("# mine\n{}", sandbox.read(DEPLOYMENT));
    sandbox.put(DEPLOYMENT, mine);
    sandbox.run(&["undo", "--accept", "ours"]).ends(0);
    let left: Vec<String> = sandbox.tree().into_keys().collect();
    assert_eq!(
        left,
        [".prodgen/base.json", ".prodgen/lock.yaml", DEPLOYMENT]
    );
    sandbox.new_service(&[]).ends(0);
    sandbox
        .run(&["render", "--check"])
        .ends(1)
        .says(&["1 file is edited"]);
    let hpa = "deploy/production/horizontalpodautoscaler-checkout.yaml";
    let sandbox = Sandbox::with_service();
    sandbox.run(&["set", "replicas=4"]).ends(0);
    sandbox.put(hpa, "# mine\n");
    let undo = ["undo", "--accept", "ours"];
    sandbox.run(&undo).ends(1).says(&["--handed-over"]);
    sandbox
        .run(&[&undo[..], &["--handed-over"]].concat())
        .ends(0);
    sandbox.run(&["render", "-w"]).ends(2).says(&["in the way"]);
    // The other way.
    let sandbox = Sandbox::with_service();
    sandbox.run(&["set", "port=9090"]).ends(0);
    sandbox.put(DEPLOYMENT, "# mine\n");
    sandbox.run(&["undo", "--accept", "theirs"]).ends(0);
    assert_eq!(sandbox.tree(), made);
}

#[test]
fn a_command_that_changed_nothing_is_not_the_last_one() {
    let sandbox = Sandbox::with_service();
    let made = sandbox.tree();
    sandbox.run(&["set", "port=9090"]).ends(0);
    sandbox.run(&["set", "port=9090"]).ends(0);
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox.run(&["set", "port=1", "--dry-run"]).ends(0);
    sandbox.run(&["set", "port=x"]).ends(2);
    sandbox.run(&["undo"]).ends(0);
    assert_eq!(sandbox.tree(), made);
}

#[test]
fn the_memory_stays_out_of_version_control() {
    let sandbox = Sandbox::with_service();
    assert!(sandbox.read(".prodgen/.gitignore").contains("/undo.json\n"));
    // Whoever has a rule of their own keeps it.
    sandbox.put(".prodgen/.gitignore", "*.tmp\n");
    sandbox.run(&["set", "port=9090"]).ends(0);
    assert_eq!(sandbox.read(".prodgen/.gitignore"), "*.tmp\n");
}

#[test]
fn a_broken_memory_is_refused() {
    let sandbox = Sandbox::with_service();
    for broken in [
        "{",
        "{\"files\": [{\"path\": \"../x\", \"before\": \"y\", \"after\": null}]}",
        "{\"files\": [{\"path\": \"/etc/passwd\", \"before\": \"y\", \"after\": null}]}",
    ] {
        sandbox.put(".prodgen/undo.json", broken);
        let before = sandbox.tree();
        sandbox
            .run(&["undo"])
            .ends(2)
            .says(&["undo.json", "broken"]);
        assert_eq!(sandbox.tree(), before);
    }
}
