//! What may lie where a service is to be: files in the way, links, and what a dead run left.

use serde_json::json;

use super::sandbox::{SPEC, Sandbox};

#[test]
fn what_is_in_the_way_stops_everything() {
    let sandbox = Sandbox::new();
    sandbox.put("deploy/production/service-checkout.yaml", "mine\n");
    let before = sandbox.tree();
    let ran = sandbox.new_service(&[]).ends(2);
    ran.says(&[
        "`deploy/production/service-checkout.yaml` is in the way",
        "move it elsewhere",
    ]);
    assert_eq!(sandbox.tree(), before);

    for folder in [
        "prodgen.yaml",
        "deploy/production/service-checkout.yaml",
        ".prodgen/lock.yaml",
    ] {
        let sandbox = Sandbox::new();
        sandbox.put(&format!("{folder}/inside"), "");
        let before = sandbox.tree();
        sandbox
            .new_service(&[])
            .ends(2)
            .says(&["is a folder where a file is needed", folder]);
        assert_eq!(sandbox.tree(), before);
    }
    let sandbox = Sandbox::new();
    sandbox.put("deploy", "a file\n");
    sandbox
        .new_service(&[])
        .ends(2)
        .says(&["deploy` is a file where a folder is needed"]);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out_are_refused() {
    use std::os::unix::fs::symlink;
    for link in ["deploy", ".prodgen", "prodgen.yaml"] {
        let (sandbox, outside) = (Sandbox::new(), Sandbox::new());
        outside.put("there", "x");
        let target = if link == "prodgen.yaml" { "there" } else { "." };
        symlink(outside.path(target), sandbox.path(link)).unwrap();
        sandbox
            .new_service(&[])
            .ends(2)
            .says(&["is a link that leads out of the project"]);
        assert_eq!(outside.tree().len(), 1);
    }
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", SPEC);
    symlink("nowhere", sandbox.path("link")).unwrap();
    let ran = sandbox.run(&["render", "--out", "link"]).ends(2);
    ran.says(&["is a link that leads nowhere"]);
    let (sandbox, outside) = (Sandbox::new(), Sandbox::new());
    outside.put("secret.txt", "s3cr3t");
    sandbox.put("conf/a", "");
    symlink(outside.path("secret.txt"), sandbox.path("conf/b")).unwrap();
    let ran = sandbox.new_service(&["--config", "conf"]).ends(2);
    ran.says(&["leads out of the project"]);
    let ran = sandbox
        .new_service(&["--set", "config.files={x: conf/b}"])
        .ends(2);
    assert!(!ran.stderr.contains("s3cr3t"));
    symlink("loop", sandbox.path("loop")).unwrap();
    sandbox.new_service(&["--config", "loop"]).ends(2);
}

#[test]
fn an_interrupted_run_is_brought_to_its_end() {
    let sandbox = Sandbox::with_service();
    let clean = sandbox.tree();
    // A run that died after its journal was written: one file is still beside its target.
    let name = "deploy/production/service-checkout.yaml";
    let text = sandbox.read(name);
    let hash = prodgen::project::sha256(&text);
    let journal = json!({"files": [{"path": name, "before": null, "after": hash}]});
    std::fs::rename(
        sandbox.path(name),
        sandbox.path("deploy/production/.service-checkout.yaml.prodgen~"),
    )
    .unwrap();
    sandbox.put(".prodgen/journal.json", journal.to_string());
    let ran = sandbox.run(&["render", "--check"]).ends(0);
    ran.says(&["an earlier run was interrupted; its 1 changes are finished now"]);
    assert_eq!(sandbox.tree(), clean);
    // One that died before: what it staged is swept.
    sandbox.put("deploy/production/.a.yaml.prodgen~", "half");
    sandbox.put(".prodgen/run.lock", "");
    sandbox
        .new_service(&[])
        .ends(0)
        .says(&["1 leftovers are gone"]);
    assert_eq!(sandbox.tree(), clean);
    // One that nobody can finish is refused.
    sandbox.put(".prodgen/journal.json", "{");
    sandbox
        .run(&["render", "--check"])
        .ends(2)
        .says(&["broken"]);
}
