//! `new` from outside: who answers, what is written, and that the same again changes nothing. One
//! command, and all its ways in one place: hence many lines.

use serde_json::json;

use super::sandbox::{GOOD, SPEC, Sandbox};

#[test]
fn each_kind_is_made_and_renders_to_the_same_tree() {
    for (kind, more) in [
        ("service", &[][..]),
        ("worker", &["--need", "ledger:50051"][..]),
        ("cronjob", &["--schedule", "5 4 * * *"][..]),
    ] {
        let sandbox = Sandbox::new();
        let args = [&["new", kind, "checkout"], &GOOD[..], more].concat();
        let made = sandbox.run(&args).ends(0);
        assert!(made.stdout.contains("new  prodgen.yaml\n"));
        let tree = sandbox.tree();
        assert!(tree.contains_key(".prodgen/lock.yaml") && tree.contains_key(".prodgen/base.json"));
        // Once more, in every way: nothing changes.
        assert_eq!(sandbox.run(&args).ends(0).stdout, "unchanged\n");
        sandbox.run(&["render", "-w"]).ends(0);
        sandbox.run(&["render", "--check"]).ends(0);
        assert_eq!(sandbox.tree(), tree);
        // The spec alone makes the same tree elsewhere.
        let other = Sandbox::new();
        other.put("prodgen.yaml", sandbox.read("prodgen.yaml"));
        other.run(&["render", "-w"]).ends(0);
        assert_eq!(other.tree(), tree);
        // The stream is the files in order.
        let stream = sandbox.run(&["render"]).ends(0).stdout;
        let files: String = tree
            .iter()
            .filter(|(path, _)| path.starts_with("deploy/"))
            .flat_map(|(_, text)| ["---\n".into(), String::from_utf8_lossy(text)])
            .collect();
        assert_eq!(stream, files);
    }
}

#[test]
fn every_flag_stands_in_the_spec_in_its_short_form() {
    let sandbox = Sandbox::new();
    sandbox.put("conf/app.toml", "a = 1\n");
    let flags = "--team payments --image registry.example.com/a/b:1 --preset grpc -n shop \
                 --kubernetes 1.36 --port 9000 --config conf --secret db --secret mq --replicas 4 \
                 --probe grpc --caller web --caller {namespace:\u{a0}ops} --need ledger:50051";
    let flags: Vec<String> = flags
        .split(' ')
        .map(|word| word.replace('\u{a0}', " "))
        .collect();
    let flags: Vec<&str> = flags
        .iter()
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .collect();
    let more = [
        "--set",
        "labels[\"example.com/tier\"]=front",
        "--set",
        "shutdown.delay=5s",
        "--set",
        "env={A: \"1\"}",
        "--set",
        "resources.cpu=200m",
    ];
    sandbox
        .run(&[&["new", "service", "checkout"], &flags[..], &more].concat())
        .ends(0);
    let want = "\
name: checkout
team: payments
preset: grpc

# What runs.
image: registry.example.com/a/b:1
namespace: shop
kubernetes: \"1.36\"
port: 9000
env: { A: \"1\" }
config: conf
secrets: [db, mq]

# How much, and how it is known to be well.
resources: { cpu: 200m }
replicas: 4
probes: grpc
shutdown: { delay: 5s }

# Who may call it; nobody else can.
callers:
  - web
  - namespace: ops

# Whom it calls; nothing else is reachable.
needs: [ledger:50051]
labels: { example.com/tier: front }
";
    let spec = sandbox.read("prodgen.yaml");
    let (_, keys) = spec.split_once("kind: App\n").unwrap();
    assert_eq!(keys, want);
}

#[test]
fn short_forms_come_back_short_and_long_ones_long() {
    let sandbox = Sandbox::new();
    let answers = "\
user: 1000
secrets: [db, {name: mq, keys: [url]}]
writable: [/tmp, {path: /data, size: 1Gi}]
resources: {cpu: 200m, memory: 1Gi}
probes: {ready: /ready, live: /ready, startup: 2m}
callers: [web, {cidr: 10.0.0.0/8}]
needs: [ledger:50051, {internet: true}]
";
    sandbox.put("more.yaml", answers);
    sandbox.new_service(&["-f", "more.yaml"]).ends(0);
    let spec = sandbox.read("prodgen.yaml");
    for line in [
        "user: 1000\n",
        "  - db\n",
        "  - /tmp\n",
        "  - web\n",
        "ledger:50051",
    ] {
        assert!(spec.contains(line), "{line}{spec}");
    }
    sandbox.new_service(&["-f", "more.yaml"]).ends(0);
    sandbox.run(&["render", "--check"]).ends(0);
}

#[test]
fn weak_answers_give_way_to_strong_ones() {
    let layers: [(&str, &[&str]); 5] = [
        ("variable", &[]),
        ("first", &["-f", "1.yaml"]),
        ("second", &["-f", "2.yaml"]),
        ("set", &["--set", "team=set"]),
        ("flag", &["--team", "flag"]),
    ];
    for count in 1..=layers.len() {
        let sandbox = Sandbox::new();
        sandbox.put("1.yaml", "team: first\nport: 1\n");
        sandbox.put("2.yaml", "team: second\n");
        // Whatever the order on the command line; of two files the later one wins.
        let mut args = vec![
            "new",
            "service",
            "checkout",
            "--image",
            "registry.example.com/a/b:1",
        ];
        args.extend(
            layers[3..]
                .iter()
                .take(count.saturating_sub(3))
                .flat_map(|(_, args)| *args),
        );
        args.extend(layers[..3].iter().take(count).flat_map(|(_, args)| *args));
        sandbox
            .call(&args)
            .env("PRODGEN_TEAM", "variable")
            .run()
            .ends(0);
        let want = format!("team: {}\n", layers[count - 1].0);
        assert!(sandbox.read("prodgen.yaml").contains(&want), "{want}");
    }
}

#[test]
fn variables_files_and_stdin_answer() {
    let sandbox = Sandbox::new();
    sandbox
        .call(&["new", "worker"])
        .env("PRODGEN_NAME", "checkout")
        .env("PRODGEN_TEAM", "payments")
        .env("PRODGEN_IMAGE", "registry.example.com/a/b:1")
        .env("PRODGEN_SECRETS", "[db, mq]")
        .env("PRODGEN_NEEDS", "ledger:50051")
        .env("PRODGEN_SERVICE_ACCOUNT", "{annotations: {a: b}}")
        .env("PRODGEN_REPLICAS", "")
        .run()
        .ends(0);
    let spec = sandbox.read("prodgen.yaml");
    assert!(spec.contains("secrets: [db, mq]") && spec.contains("ledger:50051"));
    assert!(spec.contains("a: b") && !spec.contains("replicas"));

    let sandbox = Sandbox::new();
    sandbox.put("motto", "line 1\nline 2\n");
    sandbox
        .call(&[
            "new",
            "service",
            "-f",
            "-",
            "--set-file",
            "annotations.motto=motto",
        ])
        .stdin(SPEC)
        .run()
        .ends(0);
    assert!(sandbox.read("prodgen.yaml").contains("line 1\\nline 2\""));
    // A file's text stays a text, whatever it looks like.
    let sandbox = Sandbox::new();
    sandbox.put("one", "1");
    sandbox.new_service(&["--set-file", "env.A=one"]).ends(0);
    assert!(sandbox.read("prodgen.yaml").contains("A: \"1\""));
}

#[test]
fn missing_answers_are_all_named() {
    let sandbox = Sandbox::new();
    for more in [&[][..], &["-y"], &["--no-input"], &["-y", "--no-input"]] {
        let args = [&["new", "service", "-C", "empty-1"], more].concat();
        let ran = sandbox.run(&args).ends(2);
        for (key, flag) in [("team", "--team"), ("image", "--image")] {
            let variable = format!("PRODGEN_{}", key.to_uppercase());
            ran.clone().says(&[
                &format!("error: `{key}` is missing"),
                &format!("give it with `{flag}`, the key `{key}`, or the variable `{variable}`"),
            ]);
        }
        assert!(sandbox.tree().is_empty());
    }
    let ran = sandbox.run(&["new", "service", "-o", "json"]).ends(2);
    assert_eq!(ran.outcome(), "invalid");
    let json = ran.json();
    let named: Vec<_> = json["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["key"], one["flag"], one["env"], one["file"]]))
        .collect();
    assert_eq!(
        json!(named),
        json!([
            ["name", "--name", "PRODGEN_NAME", null],
            ["team", "--team", "PRODGEN_TEAM", null],
            ["image", "--image", "PRODGEN_IMAGE", null]
        ])
    );
    // What is named works.
    sandbox.new_service(&[]).ends(0);
}

#[test]
fn what_is_found_counts_only_with_yes() {
    let repository = || {
        let sandbox = Sandbox::new();
        sandbox.put("CODEOWNERS", "* @acme/payments\n");
        sandbox.put("Dockerfile", "FROM scratch\nEXPOSE 8081\n");
        sandbox
    };
    let image = ["--image", "registry.example.com/a/b:1"];
    let sandbox = repository();
    let args = [&["new", "service", "checkout", "-y"], &image[..]].concat();
    let ran = sandbox.run(&args).ends(0);
    ran.says(&[
        "note: `port: 8081` is from Dockerfile",
        "note: `team: payments` is from CODEOWNERS",
    ]);
    let spec = sandbox.read("prodgen.yaml");
    assert!(spec.contains("team: payments\n") && spec.contains("port: 8081\n"));

    for refused in [&["--no-input"][..], &[], &["-y", "--no-input"]] {
        let sandbox = repository();
        let args = [&["new", "service", "checkout"], refused, &image].concat();
        sandbox.run(&args).ends(2).says(&["`team` is missing"]);
        assert!(!sandbox.has("prodgen.yaml"));
    }
    // An answer beats what is found, a worker has no port, and a `ports` makes a `port` needless.
    let sandbox = repository();
    sandbox
        .new_service(&["-y", "--set", "ports=[{port: 1}]"])
        .ends(0);
    assert!(!sandbox.read("prodgen.yaml").contains("8081"));
}

#[test]
fn other_answers_are_refused_and_named() {
    let sandbox = Sandbox::with_service();
    let tree = sandbox.tree();
    let ran = sandbox.new_service(&["--team", "other", "--replicas", "9"]);
    assert_eq!(ran.code, 2, "a flag given twice is a usage error");
    let args = [
        "new",
        "service",
        "checkout",
        "--team",
        "other",
        "--replicas",
        "9",
        "--image",
        "registry.example.com/payments/checkout:1.4.2",
    ];
    sandbox
        .run(&args)
        .ends(1)
        .says(&["`replicas`", "`team`", "prodgen render -w", "prodgen.yaml"]);
    let ran = sandbox.run(&[&args[..], &["-o", "json"]].concat()).ends(1);
    assert_eq!(ran.outcome(), "different");
    let key = ran.json()["problems"][0]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(key.contains("team") && key.contains("replicas"), "{key}");
    // Keys that are not answered are no difference.
    sandbox.put("prodgen.yaml", format!("{SPEC}replicas: 4 # ours\n"));
    let ran = sandbox.new_service(&["-o", "json"]).ends(0);
    assert_eq!(ran.outcome(), "unchanged");
    assert_eq!(tree.keys().len(), sandbox.tree().keys().len());
}

#[test]
fn plans_are_shown_and_not_carried_out() {
    let sandbox = Sandbox::new();
    let ran = sandbox.new_service(&["--dry-run"]).ends(0);
    assert!(
        ran.stdout
            .contains("new  deploy/production/deployment-checkout.yaml\n")
    );
    ran.says(&["Nothing was written"]);
    let ran = sandbox.new_service(&["--diff"]).ends(0);
    assert!(
        ran.stdout.contains("+++ b/prodgen.yaml\n") || ran.stdout.contains("+++ prodgen.yaml\n"),
        "{}",
        ran.stdout
    );
    let ran = sandbox.new_service(&["--dry-run", "-o", "json"]).ends(0);
    assert_eq!(ran.outcome(), "planned");
    assert!(ran.files().contains(&"new prodgen.yaml".to_owned()));
    assert!(sandbox.tree().is_empty());
    let ran = sandbox.new_service(&["-q"]).ends(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert!(sandbox.has("prodgen.yaml"));
}

#[test]
fn json_is_one_document_also_when_nothing_was_understood() {
    let sandbox = Sandbox::new();
    let usage: [&[&str]; 8] = [
        &["new", "-o", "json"],
        &["new", "wizard", "-o", "json"],
        &["frob", "-o", "json"],
        &["-o", "json"],
        &["-ojson", "render", "--nope"],
        &["render", "-w", "--check", "-o=json"],
        &["new", "service", "a", "b", "-o", "json"],
        &["new", "service", "--team", "-o", "json", "--image"],
    ];
    for args in usage {
        let ran = sandbox.run(args).ends(2);
        assert_eq!(ran.outcome(), "invalid", "{args:?}");
        assert!(
            !ran.json()["problems"][0]["message"]
                .as_str()
                .unwrap()
                .is_empty()
        );
    }
    let wrong: [&[&str]; 5] = [
        &["render", "-o", "json"],
        &["diff", "-o", "json"],
        &["render", "-f", "gone", "-o", "json"],
        &["new", "service", "-f", "gone", "-o", "json"],
        &["new", "service", "X", "--set", "a", "-o", "json"],
    ];
    for args in wrong {
        assert_eq!(sandbox.run(args).ends(2).outcome(), "invalid", "{args:?}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_made() {
    let sandbox = Sandbox::new();
    let ran = sandbox.new_service(&["-C", "services/checkout"]).ends(0);
    // Whoever copies the command stands here, not there.
    ran.says(&["-R -f services/checkout/deploy/production -l"]);
    assert!(sandbox.has("services/checkout/deploy/production/00-namespace.yaml"));
    sandbox
        .run(&["render", "--check", "-C", "services/checkout"])
        .ends(0);
    sandbox.put("file", "");
    sandbox
        .new_service(&["-C", "file"])
        .ends(2)
        .says(&["is a file where a folder is needed"]);
}
