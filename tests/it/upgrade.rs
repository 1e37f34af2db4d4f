//! `upgrade`, `render --check` with a newer tool, and `--adopt`: over a tree that an older set of
//! templates made. `upgrade/old` is what prodgen rendered on its first day; only its version is made up.

use std::fs;
use std::path::Path;

use crate::sandbox::Sandbox;

const ROLE: &str = "deploy/production/role-catalogue-deployer.yaml";
const OLD_ACCOUNT: &str = "deploy/production/serviceaccount-catalogue.yaml";
const ACCOUNT: &str = "deploy/production/00-serviceaccount-catalogue.yaml";
const DEPLOYMENT: &str = "deploy/production/deployment-catalogue.yaml";

fn old() -> Sandbox {
    let sandbox = Sandbox::new();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/upgrade/old");
    let mut folders = vec![old.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&old).unwrap().to_str().unwrap();
                sandbox.put(name, fs::read(&path).unwrap());
            }
        }
    }
    sandbox
}

fn edit(sandbox: &Sandbox, path: &str, from: &str, to: &str) {
    let text = sandbox.read(path);
    assert!(text.contains(from), "{path} has no {from}\n{text}");
    sandbox.put(path, text.replacen(from, to, 1));
}

#[test]
fn an_untouched_tree_becomes_what_is_rendered_today_and_back() {
    let sandbox = old();
    let before = sandbox.tree();
    let ran = sandbox.run(&["upgrade", "--check", "-o", "json"]).ends(1);
    assert_eq!(ran.outcome(), "outdated");
    let ran = sandbox.run(&["upgrade", "--dry-run"]).ends(0);
    ran.says(&[
        "from prodgen 0.0.9 to",
        "`rules` of `Role/catalogue-deployer`",
    ]);
    assert_eq!(sandbox.tree(), before);
    let ran = sandbox.run(&["upgrade", "-o", "json"]).ends(0);
    assert_eq!(ran.outcome(), "upgraded");

    let fresh = Sandbox::new();
    fresh.put("prodgen.yaml", sandbox.read("prodgen.yaml"));
    fresh.run(&["render", "-w"]).ends(0);
    assert_eq!(sandbox.tree(), fresh.tree());
    sandbox.run(&["upgrade", "--check"]).ends(0);
    sandbox.run(&["upgrade"]).ends(0);
    assert_eq!(sandbox.tree(), fresh.tree());

    sandbox.run(&["undo"]).ends(0);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn every_edit_goes_along_under_the_names_of_today() {
    let sandbox = old();
    edit(
        &sandbox,
        OLD_ACCOUNT,
        "metadata:\n",
        "metadata:\n  # for the audit\n",
    );
    edit(
        &sandbox,
        DEPLOYMENT,
        "minReadySeconds: 10",
        "minReadySeconds: 30 # slow cache",
    );
    edit(&sandbox, ROLE, "metadata:\n", "metadata: # ours\n");
    fs::remove_file(sandbox.path("deploy/production/serviceaccount-catalogue-ci.yaml")).unwrap();
    fs::remove_file(sandbox.path("deploy/production/service-catalogue.yaml")).unwrap();
    sandbox.put("deploy/production/own.yaml", "mine: true\n");
    let before = sandbox.tree();
    sandbox.run(&["upgrade"]).ends(0);
    assert!(
        sandbox
            .read(ACCOUNT)
            .contains("metadata:\n  # for the audit\n")
    );
    assert!(!sandbox.has(OLD_ACCOUNT));
    assert!(
        sandbox
            .read(DEPLOYMENT)
            .contains("minReadySeconds: 30 # slow cache\n")
    );
    let role = sandbox.read(ROLE);
    assert!(role.contains("metadata: # ours\n"), "{role}");
    let fresh = sandbox.run(&["render"]).ends(0).stdout;
    let rules = |text: &str| {
        let from = text.find("rules:").unwrap();
        text[from..]
            .split("\n---")
            .next()
            .unwrap()
            .trim_end()
            .to_owned()
    };
    let of_role = fresh
        .split("\n---")
        .find(|one| one.contains("catalogue-deployer\n"))
        .unwrap();
    assert_eq!(rules(&role), rules(of_role));
    for gone in [
        "deploy/production/00-serviceaccount-catalogue-ci.yaml",
        "deploy/production/serviceaccount-catalogue-ci.yaml",
        "deploy/production/service-catalogue.yaml",
    ] {
        assert!(!sandbox.has(gone), "{gone}");
    }
    assert_eq!(sandbox.read("deploy/production/own.yaml"), "mine: true\n");
    sandbox.run(&["undo"]).ends(0);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn a_conflict_is_decided_alone_or_with_all() {
    let sandbox = old();
    edit(&sandbox, ROLE, "verbs: [", "verbs: [deletecollection, ");
    edit(
        &sandbox,
        OLD_ACCOUNT,
        "automountServiceAccountToken: false",
        "automountServiceAccountToken: true",
    );
    let before = sandbox.tree();
    let ran = sandbox.run(&["upgrade"]).ends(1);
    ran.says(&[
        "`rules` of `Role/catalogue-deployer`",
        "FILE:FIELD=ours",
        "Nothing was written",
    ]);
    assert_eq!(sandbox.tree(), before);
    for wrong in [
        "deploy/production/role-catalogue-deployer.yaml:rule=ours",
        "role.yaml=ours",
        &format!("{DEPLOYMENT}=ours"),
    ] {
        sandbox
            .run(&["upgrade", "--accept", wrong])
            .ends(2)
            .says(&["there is no conflict at", wrong.rsplit_once('=').unwrap().0]);
    }
    sandbox
        .run(&["render", "--accept", "ours"])
        .ends(2)
        .says(&["give `-w` too"]);
    sandbox
        .run(&["upgrade", "--accept", "mine"])
        .ends(2)
        .says(&["`ours` or `theirs`"]);
    assert_eq!(sandbox.tree(), before);
    sandbox
        .run(&["upgrade", "--accept", &format!("{ROLE}:rules=ours")])
        .ends(0);
    assert!(sandbox.read(ROLE).contains("deletecollection"));
    assert!(
        sandbox
            .read(ACCOUNT)
            .contains("automountServiceAccountToken: true")
    );
    sandbox.run(&["undo"]).ends(0);
    assert_eq!(sandbox.tree(), before);
    sandbox
        .run(&["upgrade", "--accept", &format!("{ROLE}=theirs")])
        .ends(0);
    assert!(!sandbox.read(ROLE).contains("deletecollection"));
    assert!(
        sandbox
            .read(ACCOUNT)
            .contains("automountServiceAccountToken: true")
    );
}

#[test]
fn a_newer_tool_alone_makes_no_tree_red() {
    let sandbox = old();
    let check = |arguments: &[&str], code: i32, word: &str| {
        let arguments = [&["render", "--check", "-o", "json"], arguments].concat();
        assert_eq!(sandbox.run(&arguments).ends(code).outcome(), word);
    };
    check(&[], 0, "stale");
    check(&["--stale=note"], 0, "stale");
    check(&["--stale=error"], 1, "stale");
    sandbox
        .run(&["render", "--check"])
        .ends(0)
        .says(&["prodgen 0.0.9 rendered it", "prodgen upgrade"]);
    // An edit by hand is drift, whatever the tool.
    let account = sandbox.read(OLD_ACCOUNT);
    sandbox.put(OLD_ACCOUNT, format!("{account}# mine\n"));
    check(&[], 1, "stale");
    sandbox.put(OLD_ACCOUNT, account);
    fs::rename(sandbox.path(ROLE), sandbox.path("role")).unwrap();
    check(&[], 1, "stale");
    fs::rename(sandbox.path("role"), sandbox.path(ROLE)).unwrap();
    check(&[], 0, "stale");
    // So is a spec that is ahead of its tree.
    let spec = sandbox.read("prodgen.yaml");
    sandbox.put("prodgen.yaml", format!("{spec}# a word more\n"));
    check(&[], 1, "stale");
}

#[test]
fn configuration_that_changed_is_not_put_on_the_tool() {
    let sandbox = Sandbox::with_service();
    sandbox.put("config/a", "1");
    sandbox
        .run(&["add", "config", "--config", "config"])
        .ends(0);
    edit(
        &sandbox,
        ".prodgen/lock.yaml",
        "prodgen: 0.1.0",
        "prodgen: 0.0.9",
    );
    sandbox.run(&["render", "--check"]).ends(0);
    sandbox.put("config/a", "2");
    sandbox.run(&["render", "--check"]).ends(1);
}

#[test]
fn a_tree_without_records_is_adopted_as_it_stands() {
    let sandbox = Sandbox::with_service();
    let deployment = "deploy/production/deployment-checkout.yaml";
    let service = "deploy/production/service-checkout.yaml";
    sandbox
        .run(&["render", "-w", "--adopt"])
        .ends(2)
        .says(&["nothing to adopt"]);
    edit(
        &sandbox,
        deployment,
        "minReadySeconds: 10",
        "minReadySeconds: 30 # ours",
    );
    fs::remove_file(sandbox.path(service)).unwrap();
    for lost in [
        &[".prodgen"][..],
        &[".prodgen/base.json"],
        &[".prodgen/lock.yaml"],
    ] {
        for path in lost {
            let path = sandbox.path(path);
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
        let before = sandbox.tree();
        sandbox.run(&["render", "-w"]).ends(2).says(&["--adopt"]);
        sandbox.run(&["upgrade"]).ends(2).says(&["--adopt"]);
        assert_eq!(sandbox.tree(), before);
        let ran = sandbox
            .run(&["render", "-w", "--adopt", "-o", "json"])
            .ends(0);
        assert!(
            ran.files().contains(&format!("kept {deployment}")),
            "{:?}",
            ran.files()
        );
        assert!(
            sandbox
                .read(deployment)
                .contains("minReadySeconds: 30 # ours")
        );
        // What is not there was deleted by somebody, as far as anybody knows.
        assert!(ran.files().contains(&format!("kept {service}")));
        assert!(!sandbox.has(service));
        sandbox.run(&["undo"]).ends(0);
        assert_eq!(sandbox.tree(), before);
        sandbox.run(&["render", "-w", "--adopt"]).ends(0);
    }
    // From then on it is known what is whose.
    sandbox.run(&["set", "port=9090"]).ends(0);
    let text = sandbox.read(deployment);
    assert!(text.contains("minReadySeconds: 30 # ours") && text.contains("containerPort: 9090"));
    assert!(!sandbox.has(service));
    // What a newer version has written is that one's.
    for lost in [&[][..], &[".prodgen/base.json"]] {
        let lock = sandbox.read(".prodgen/lock.yaml");
        let newer = lock.replace("prodgen: ", "prodgen: 9");
        sandbox.put(".prodgen/lock.yaml", newer);
        for path in lost {
            fs::remove_file(sandbox.path(path)).unwrap();
        }
        let before = sandbox.tree();
        sandbox
            .run(&["render", "-w", "--adopt"])
            .ends(2)
            .says(&["was written by prodgen 9", "use that version"]);
        assert_eq!(sandbox.tree(), before);
        sandbox.put(".prodgen/lock.yaml", lock);
    }
    // Where there is no tree, nobody has deleted a file of it.
    for folder in ["deploy", ".prodgen"] {
        fs::remove_dir_all(sandbox.path(folder)).unwrap();
    }
    sandbox.run(&["render", "-w", "--adopt"]).ends(0);
    assert!(sandbox.has(service) && sandbox.has(deployment));
    sandbox.run(&["render", "--check"]).ends(0);
}
