//! A version that brings its own configuration and Secrets: each track reads its own, until all have
//! the new ones.

use serde_json::{Value, json};

use super::walk::at;
use super::{NEW, objects, run, service};
use crate::sandbox::Sandbox;

const KEYS: &str = "config: conf # ours\nsecrets: [db, tls]\ncanary: { steps: [34, 67] }\n";

fn configured() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("conf/app.conf", "mode = old\n");
    sandbox.put("conf-2/app.conf", "mode = new\n");
    sandbox.put(
        "prodgen.yaml",
        super::SPEC.replace("\ncallers", &format!("{KEYS}\ncallers")),
    );
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox
}

/// The mode that a Deployment's configuration says, the Secret that it reads as `db`, and the hash on
/// its pods.
fn read(sandbox: &Sandbox, deployment: &str) -> (String, String, Value) {
    let all = objects(sandbox);
    let template = &all[&format!("Deployment/{deployment}")]["spec"]["template"];
    let volumes = template["spec"]["volumes"].as_array().unwrap();
    let volume = |name: &str| volumes.iter().find(|one| one["name"] == name).unwrap();
    let map = volume("config")["configMap"]["name"].as_str().unwrap();
    let text = &all[&format!("ConfigMap/{map}")]["data"]["app.conf"];
    let secret = &volume("secret-db")["secret"]["secretName"];
    assert_eq!(volume("secret-tls")["secret"]["secretName"], "tls");
    (
        text.as_str().unwrap().trim().to_owned(),
        secret.as_str().unwrap().to_owned(),
        template["metadata"]["annotations"]["checksum/config"].clone(),
    )
}

#[test]
fn each_track_reads_its_own() {
    let sandbox = configured();
    let start = format!("canary start {NEW} --config conf-2 --secret db=db-2");
    let before = sandbox.tree();
    let old = read(&sandbox, "checkout");
    run(&sandbox, &start).ends(0);
    // Stable is what it was, to the byte.
    for file in ["configmap-checkout.yaml", "deployment-checkout.yaml"] {
        let path = format!("deploy/production/{file}");
        assert_eq!(sandbox.read(&path).as_bytes(), before[&path], "{file}");
    }
    let new = read(&sandbox, "checkout-canary");
    assert_eq!((new.0.as_str(), new.1.as_str()), ("mode = new", "db-2"));
    assert_ne!(old.2, new.2);
    for verb in ["canary abort --now", "undo", "canary abort"] {
        run(&sandbox, verb).ends(0);
    }
    assert_eq!(sandbox.tree(), before);

    run(&sandbox, &start).ends(0);
    run(&sandbox, "canary step").ends(0);
    assert_eq!(read(&sandbox, "checkout"), old);
    run(&sandbox, "canary promote").ends(0);
    assert_eq!(read(&sandbox, "checkout"), new);
    // The canary's pods still stand: what they read stays where it is.
    let maps = |sandbox: &Sandbox| {
        let all = objects(sandbox);
        all.keys()
            .filter(|key| key.starts_with("ConfigMap"))
            .count()
    };
    assert_eq!(maps(&sandbox), 2);
    run(&sandbox, "canary promote").ends(0);
    assert_eq!(
        (maps(&sandbox), read(&sandbox, "checkout")),
        (1, new.clone())
    );
    assert_eq!(read(&sandbox, "checkout-canary"), new);
    let spec = sandbox.read("prodgen.yaml");
    for text in ["config: conf-2 # ours", "secret: db-2", NEW] {
        assert!(spec.contains(text), "{spec}");
    }
    let spec: Value = serde_yaml::from_str(&spec).unwrap();
    assert_eq!(spec["canary"], json!({ "steps": [34, 67] }));
    run(&sandbox, "render --check").ends(0);
}

#[test]
fn its_configuration_is_watched_like_the_other() {
    let sandbox = configured();
    run(&sandbox, &format!("canary start {NEW} --config conf-2")).ends(0);
    sandbox.put("conf-2/app.conf", "mode = newer\n");
    run(&sandbox, "render --check").ends(1);
    run(&sandbox, "canary step")
        .ends(1)
        .says(&["its configuration was edited since the last render"]);
    run(&sandbox, "render -w").ends(0);
    assert_eq!(read(&sandbox, "checkout-canary").0, "mode = newer");
    assert_eq!(read(&sandbox, "checkout").0, "mode = old");
    run(&sandbox, "canary step").ends(0);
}

#[test]
fn what_is_not_there_cannot_be_another_one() {
    let sandbox = configured();
    let before = sandbox.tree();
    let start = format!("canary start {NEW}");
    let table = [
        ("--config gone", 2, "gone"),
        ("--config ../out", 2, "--config: "),
        ("--secret cache=b", 1, "`secrets` has none of that name"),
        ("--secret db", 2, "is no NAME=SECRET"),
        ("--secret db=A", 2, "--secret: "),
    ];
    for (more, code, words) in table {
        run(&sandbox, &format!("{start} {more}"))
            .ends(code)
            .says(&[words]);
        assert_eq!(sandbox.tree(), before, "{more}");
    }
    let plain = service("canary: {}\n");
    run(&plain, &format!("{start} --config conf"))
        .ends(1)
        .says(&["this service has no `config`"]);
}

#[test]
fn what_goes_along_with_a_version_is_in_the_one_template() {
    let sandbox = service("secrets: [db]\ncanary: { engine: argo }\n");
    let start = format!("canary start {NEW}");
    let before = sandbox.tree();
    run(&sandbox, &format!("{start} --config conf"))
        .ends(1)
        .says(&["`--config`", "one pod template"]);
    assert!(sandbox.tree() == before);
    run(&sandbox, &format!("{start} --secret db=db-2")).ends(0);
    let begun = objects(&sandbox);
    let template = at(&begun["Deployment/checkout"], "/spec/template");
    assert!(template.to_string().contains("\"db-2\""));
    // When it is promoted, the controller has nothing more to put out.
    run(&sandbox, "canary promote").ends(0);
    let all = objects(&sandbox);
    for (name, object) in &all {
        assert!(
            *object == begun[name] || name == "Service/checkout",
            "{name}"
        );
    }
    assert_eq!(all.len(), begun.len());
}
