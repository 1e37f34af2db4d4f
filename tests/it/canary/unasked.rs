//! What goes to everybody beside the verbs: another `image` in the spec, whoever wrote it and whichever
//! command renders it.

use serde_json::Value;

use super::{NEW, OLD, at_step, objects, run, service};
use crate::sandbox::Sandbox;

const THIRD: &str = "registry.example.com/payments/checkout:1.6.0";

/// Whatever writes the tree from a spec.
const WRITERS: [&str; 6] = [
    "render -w",
    "render -w --diff",
    "render -w --accept theirs",
    "set port=9090",
    "remove callers",
    "upgrade",
];

/// Writes the spec with its first image as another one.
fn edit(sandbox: &Sandbox, to: &str) -> String {
    let spec = sandbox.read("prodgen.yaml");
    let edited = spec.replacen(OLD, to, 1);
    assert_ne!(edited, spec);
    sandbox.put("prodgen.yaml", edited);
    spec
}

/// That no command takes the spec as it is.
fn refused(sandbox: &Sandbox, lines: &[&str], words: &[&str]) {
    let before = sandbox.tree();
    for line in lines {
        run(sandbox, line)
            .ends(1)
            .says(words)
            .says(&["Nothing was written."]);
        assert!(sandbox.tree() == before, "{line}");
    }
}

fn stable(sandbox: &Sandbox) -> Value {
    objects(sandbox)["Deployment/checkout"]["spec"]["template"]["spec"]["containers"][0]["image"]
        .clone()
}

const GATEWAY: &str = "expose: checkout.example.com\ncanary:\n  engine: gateway\n";

#[test]
fn an_image_that_a_hand_has_written_goes_to_nobody() {
    for keys in ["canary: {}\n", GATEWAY] {
        let sandbox = service(keys);
        let spec = edit(&sandbox, NEW);
        let start = format!("canary start {NEW}");
        let words = [
            format!("everybody would meet `{NEW}` at once"),
            format!("put `image: {OLD}` back"),
            format!("`prodgen {start}`"),
        ];
        let words = words.each_ref().map(String::as_str);
        refused(&sandbox, &WRITERS, &words);
        refused(&sandbox, &["render -w"], &["--bypass-canary"]);
        // Nor does a verb advise to render it.
        refused(&sandbox, &[&start], &words);
        sandbox.put("prodgen.yaml", spec);
        run(&sandbox, &start).ends(0);
        run(&sandbox, "canary abort --now").ends(0);
        edit(&sandbox, NEW);
        run(&sandbox, "render -w --bypass-canary").ends(0);
        assert_eq!(stable(&sandbox), NEW);
        // It is the one in use from then on, and a command that is taken back brings the other again.
        run(&sandbox, "set port=9090").ends(0);
        run(&sandbox, "undo").ends(0);
        refused(
            &sandbox,
            &[&format!("set image={OLD}")],
            &["prodgen canary start"],
        );
    }
}

#[test]
fn a_third_image_waits_until_the_canary_is_over() {
    for (step, verbs) in [(1, &[][..]), (2, &[]), (2, &["promote"]), (2, &["abort"])] {
        let sandbox = at_step(step);
        for verb in verbs {
            run(&sandbox, &format!("canary {verb}")).ends(0);
        }
        for image in [THIRD, NEW] {
            let spec = edit(&sandbox, image);
            let lines = ["render -w", "set port=9090", "upgrade"];
            refused(&sandbox, &lines, &["a canary is under way", "put `"]);
            sandbox.put("prodgen.yaml", spec);
        }
        edit(&sandbox, THIRD);
        refused(&sandbox, &["canary promote"], &["put `image: "]);
    }
    // With a step that a hand has taken, too, which alone may be taken.
    let sandbox = at_step(1);
    let spec = edit(&sandbox, THIRD);
    let next = |spec: &str| spec.replace("step: 1", "step: 2");
    let edited = sandbox.read("prodgen.yaml");
    sandbox.put("prodgen.yaml", next(&edited));
    refused(
        &sandbox,
        &["render -w"],
        &["at step 1", THIRD, "--bypass-canary"],
    );
    sandbox.put("prodgen.yaml", next(&spec));
    run(&sandbox, "render -w").ends(0);
    sandbox.put("prodgen.yaml", next(&edited));
    run(&sandbox, "render -w --bypass-canary").ends(0);
    assert_eq!(stable(&sandbox), THIRD);
}

/// Whoever takes the policy out, or puts it in, changes no image with it.
#[test]
fn a_policy_comes_and_goes_without_another_image() {
    for keys in ["canary: {}\n", GATEWAY, "canary: { engine: argo }\n"] {
        let sandbox = service(keys);
        let spec = edit(&sandbox, THIRD);
        let lines = ["remove canary", "render -w", "set port=9090"];
        refused(
            &sandbox,
            &lines,
            &[THIRD, &format!("put `image: {OLD}` back")],
        );
        if !keys.contains("argo") {
            let edited = sandbox.read("prodgen.yaml");
            let (head, rest) = edited.split_once("canary:").unwrap();
            let tail = &rest[rest.find("\ncallers").unwrap()..];
            sandbox.put("prodgen.yaml", format!("{head}{tail}"));
            refused(&sandbox, &["render -w", "upgrade"], &["goes first"]);
            run(&sandbox, "render -w --dry-run --bypass-canary").ends(0);
        }
        sandbox.put("prodgen.yaml", spec);
        run(&sandbox, "remove canary").ends(0);
        edit(&sandbox, THIRD);
        let last = run(&sandbox, "remove canary");
        let put = format!("put `image: {OLD}` back");
        assert_eq!(last.stderr.contains(&put), keys.contains("argo"));
        assert!(
            last.code == i32::from(keys.contains("argo")),
            "{}",
            last.stderr
        );
        if !keys.contains("argo") {
            run(&sandbox, "render -w").ends(0);
            assert_eq!(stable(&sandbox), THIRD);
        }
    }
    // Nor does a command that is taken back but for the spec make it new.
    for engine in ["replicas", "argo"] {
        let sandbox = service("");
        run(&sandbox, &format!("add canary --engine {engine}")).ends(0);
        edit(&sandbox, THIRD);
        run(&sandbox, "undo --accept ours").ends(0);
        refused(&sandbox, &["render -w", "set port=9090"], &[THIRD]);
    }
    let sandbox = service("");
    edit(&sandbox, THIRD);
    refused(&sandbox, &["add canary"], &[THIRD, "prodgen canary start"]);
}

/// The way out that a refusal names is one.
#[test]
fn what_is_advised_works() {
    // The image is put back by a command.
    let sandbox = service("canary: {}\n");
    edit(&sandbox, THIRD);
    run(&sandbox, &format!("set image={OLD}")).ends(0);
    run(&sandbox, &format!("canary start {THIRD}")).ends(0);
    // Where it was not in the file, there is nothing to put back.
    let ran = run(&sandbox, &format!("set image={NEW}")).ends(1);
    ran.says(&["a third one", "= help: go on with `prodgen canary step`"]);
    let sandbox = service("");
    run(&sandbox, "add canary --engine argo").ends(0);
    run(&sandbox, &format!("set image={NEW}"))
        .ends(1)
        .says(&["= help: `prodgen canary status`"]);
    // The canary's own image is not the one in use yet.
    let sandbox = at_step(1);
    let spec = edit(&sandbox, NEW);
    refused(
        &sandbox,
        &["render -w", "upgrade", "canary step"],
        &[&format!("put `image: {OLD}` back")],
    );
    run(&sandbox, &format!("set image={OLD}")).ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), spec);
    // What is over is ended by its image.
    let sandbox = at_step(2);
    run(&sandbox, "canary promote").ends(0);
    run(&sandbox, "canary promote").ends(0);
    let spec = sandbox.read("prodgen.yaml").replace(NEW, THIRD);
    sandbox.put("prodgen.yaml", spec);
    run(&sandbox, "undo --accept ours").ends(0);
    refused(
        &sandbox,
        &["render -w"],
        &[&format!("`image: {NEW}` ends the rollout")],
    );
    let spec = sandbox.read("prodgen.yaml").replace(THIRD, NEW);
    sandbox.put("prodgen.yaml", spec);
    run(&sandbox, "render -w").ends(0);
    // A number that runs is made that of the spec, before it is a canary's.
    for line in [
        "add canary --engine argo".to_owned(),
        format!("canary start {NEW}"),
    ] {
        let sandbox = service("replicas: 4\n");
        let path = "deploy/production/deployment-checkout.yaml";
        let text = sandbox.read(path).replace("replicas: 4", "replicas: 7");
        sandbox.put(path, text);
        if line.starts_with("canary") {
            run(&sandbox, "add canary")
                .ends(0)
                .says(&["warning: ", "`prodgen set replicas=7"]);
            run(&sandbox, "canary status").ends(0).says(&["warning: "]);
        }
        refused(
            &sandbox,
            &[&line],
            &["`prodgen set replicas=7 --bypass-canary`"],
        );
        run(&sandbox, "set replicas=7 --bypass-canary").ends(0);
        run(&sandbox, &line).ends(0);
    }
}

/// Where the text cannot be edited for a person, it is said what that is to become.
#[test]
fn an_anchor_is_edited_by_hand() {
    let sandbox = service("env: { FROM: &from x }\ncanary: {}\n");
    let spec = sandbox.read("prodgen.yaml");
    let anchored = spec.replace("&from x", "*image");
    let anchored = anchored.replace("image: registry", "image: &image registry");
    sandbox.put("prodgen.yaml", &anchored);
    run(&sandbox, "render -w").ends(0);
    for line in [
        format!("canary start {NEW}").as_str(),
        "canary step",
        "canary promote",
    ] {
        run(&sandbox, line).ends(0);
    }
    run(&sandbox, "canary promote").ends(2).says(&[&format!(
        "write `{NEW}` as the image by hand, and take `run` out of `canary`"
    )]);
    sandbox.put("prodgen.yaml", anchored.replace(OLD, NEW));
    run(&sandbox, "render -w")
        .ends(0)
        .says(&["Canary: at rest"]);
    assert_eq!(stable(&sandbox), NEW);
}

/// By hand as by the verb: what is promoted is the image in use.
#[test]
fn the_end_of_a_rollout_brings_its_image_whoever_writes_it() {
    let sandbox = at_step(2);
    run(&sandbox, "canary promote").ends(0);
    let promoted = sandbox.read("prodgen.yaml");
    run(&sandbox, "canary promote").ends(0);
    let (over, tree) = (sandbox.read("prodgen.yaml"), sandbox.tree());
    run(&sandbox, "undo").ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), promoted);
    sandbox.put("prodgen.yaml", over);
    run(&sandbox, "render -w").ends(0);
    assert!(sandbox.tree() == tree);
}

#[test]
fn a_folder_to_write_to_is_nothing_to_read() {
    let sandbox = at_step(1);
    run(&sandbox, "set writable=[/tmp,/var/secret-cache]").ends(0);
    let stable = &objects(&sandbox)["Deployment/checkout"];
    let volumes = &stable["spec"]["template"]["spec"]["volumes"];
    assert!(volumes.to_string().contains("secret-cache"), "{volumes}");
}
