//! Mistakes on the command line: each names the flag, the variable or the file it came from.

use super::sandbox::{GOOD, SPEC, Sandbox};

#[test]
fn a_mistake_names_the_flag_or_variable_it_came_from() {
    let sandbox = Sandbox::new();
    let image = ["--image", "registry.example.com/a/b:1"];
    let cases: [(&[&str], &str, &str); 10] = [
        (&["--port", "0"], "--port", "`0` is not a port"),
        (&["--probe", "healthz"], "--probe", "is no probe"),
        (
            &["--secret", "a", "--secret", "B"],
            "--secret",
            "`B` has `B`",
        ),
        (&["--need", "ledger"], "--need", "says which port"),
        (
            &["--set", "replicas.max=many"],
            "--set replicas.max",
            "whole number",
        ),
        (
            &["--set", "replcias=3"],
            "--set replcias",
            "unknown key `replcias`",
        ),
        (
            &["--set", "callers=[A, b"],
            "--set callers",
            "expected a list, found `[A, b`",
        ),
        (
            &["--set", "callers[0]=a"],
            "--set callers[0]",
            "names an item of a list",
        ),
        (&["--set", "port"], "--set", "has no `=`"),
        (&["--set", "=x"], "--set", "names no key"),
    ];
    for (args, flag, message) in cases {
        let args = [&["new", "service", "x", "--team", "core"], &image[..], args].concat();
        let ran = sandbox.run(&args).ends(2);
        ran.says(&[&format!("error: {flag}: "), message]);
        let ran = sandbox.run(&[&args[..], &["-o", "json"]].concat()).ends(2);
        let json = ran.json();
        assert_eq!(json["problems"][0]["flag"], flag);
        assert!(json["problems"][0]["line"].is_null());
    }
    let ran = sandbox
        .run(&["new", "service", "x", "--team", "core", "--image", "nginx"])
        .ends(2);
    ran.says(&["error: --image: `nginx` names no registry"]);
    sandbox
        .run(&["new", "service", "X"])
        .ends(2)
        .says(&["error: NAME: `X` has `X`"]);
    let args = ["new", "service", "x", "--team", "core"];
    let ran = sandbox
        .call(&args)
        .env("PRODGEN_IMAGE", "nginx")
        .run()
        .ends(2);
    ran.says(&["error: PRODGEN_IMAGE: `nginx` names no registry"]);
    let args = [&args[..], &["-o", "json"]].concat();
    let ran = sandbox
        .call(&args)
        .env("PRODGEN_IMAGE", "nginx")
        .run()
        .ends(2);
    assert_eq!(ran.json()["problems"][0]["env"], "PRODGEN_IMAGE");
    sandbox
        .run(&[&["new", "worker", "x", "--set", "type=cronjob"], &GOOD[..]].concat())
        .ends(2)
        .says(&["`new worker` makes a worker, and `type` says `cronjob`"]);
    assert!(sandbox.tree().is_empty());
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let sandbox = Sandbox::new();
    sandbox.put("folder/x", "");
    sandbox.put("bytes.yaml", b"\xff");
    for (name, message) in [
        ("gone.yaml", "the file cannot be read"),
        ("folder", "the file cannot be read"),
        ("bytes.yaml", "the file is not UTF-8"),
        ("folder/prodgen.yaml", "is not there"),
    ] {
        let place = format!("--> {name}");
        sandbox
            .run(&["render", "-f", name])
            .ends(2)
            .says(&[message, &place, "help: "]);
        if !name.contains('/') {
            sandbox
                .new_service(&["-f", name])
                .ends(2)
                .says(&[message, &place, "help: "]);
            let pair = format!("env.A={name}");
            sandbox
                .new_service(&["--set-file", &pair])
                .ends(2)
                .says(&[message]);
        }
    }
    sandbox
        .call(&["render", "-f", "-"])
        .stdin(b"\xff")
        .run()
        .ends(2)
        .says(&["<stdin>"]);
}

#[test]
fn what_cannot_be_meant_is_not_passed_over() {
    let sandbox = Sandbox::new();
    sandbox
        .new_service(&["--name", "other"])
        .ends(2)
        .says(&["cannot be used with '--name <NAME>'"]);
    // A number below zero is a wrong answer, and no flag that nobody knows.
    sandbox
        .new_service(&["--replicas", "-1", "--port", "-3"])
        .ends(2)
        .says(&[
            "--replicas: `-1` is no number of pods",
            "--port: `-3` is not a number",
        ]);
    // The command `set` is no flag.
    sandbox.put("prodgen.yaml", SPEC);
    let ran = sandbox.run(&["set", "port"]).ends(2);
    ran.clone()
        .says(&["write `prodgen set KEY=VALUE`, such as `prodgen set replicas.max=12`"]);
    assert!(!ran.stderr.contains("answers it"), "{}", ran.stderr);
    for (what, name, message) in [
        ("key", "waivers", "`waivers`: not in this version"),
        ("key", "replica", "there is no key `replica`"),
        ("preset", "weeb", "there is no preset `weeb`"),
    ] {
        let ran = sandbox.run(&["explain", what, name]).ends(2);
        ran.says(&[message, "help: "]);
    }
    let ran = sandbox.run(&["explain", "key", "needs"]).ends(0);
    assert!(
        ran.stdout.contains("\nexample   needs: ["),
        "{}",
        ran.stdout
    );
    let all = sandbox.run(&["explain", "key", "replicas"]).ends(0).stdout;
    for example in ["replicas: {min: 3, max: 12, cpu: 70}", "replicas: 3"] {
        assert!(all.contains(&format!("\nexample   {example}\n")), "{all}");
    }
    let json = sandbox
        .run(&["explain", "key", "needs", "-o", "json"])
        .ends(0)
        .json();
    assert_eq!(json["text"], ran.stdout);
}

#[cfg(unix)]
#[test]
fn what_is_no_text_is_named() {
    use std::os::unix::ffi::OsStrExt as _;
    let sandbox = Sandbox::new();
    let args = [&["new", "service", "checkout"], &GOOD[..]].concat();
    sandbox
        .call(&args)
        .env("PRODGEN_PORT", std::ffi::OsStr::from_bytes(b"\xff"))
        .run()
        .ends(2)
        .says(&["`PRODGEN_PORT` is not UTF-8"]);
    for args in [
        &["render", "-f", "/dev/zero"][..],
        &["new", "service", "x", "-f", "/dev/zero"],
        &["new", "service", "x", "--set-file", "env.A=/dev/zero"],
    ] {
        let ran = sandbox.run(args).ends(2);
        ran.says(&["it is larger than 64 MiB", "--> /dev/zero"]);
    }
    assert!(sandbox.tree().is_empty());
}

/// A folder of presets that a flag names is there; the ones that nobody names need not be.
#[test]
fn a_folder_of_presets_that_is_none_is_named() {
    let sandbox = Sandbox::new();
    sandbox.put("file", "");
    let commands: &[&[&str]] = &[
        &["list", "presets"],
        &["explain", "preset", "web"],
        &[
            "new",
            "service",
            "checkout",
            "--team=a",
            "--image=registry.example.com/a/b:1",
        ],
    ];
    for command in commands {
        for (folder, what) in [
            (
                "nowhere",
                "`--presets` names `nowhere`, and there is no such folder",
            ),
            ("file", "`--presets` names `file`, which is no folder"),
        ] {
            let words = [command, &["--presets", folder][..]].concat();
            let ran = sandbox
                .run(&words)
                .ends(2)
                .says(&[what, "name a folder with"]);
            assert!(!ran.stderr.contains("answers it"), "{}", ran.stderr);
            let json = sandbox
                .run(&[&words[..], &["-o", "json"]].concat())
                .ends(2)
                .json();
            assert_eq!(json["problems"][0]["flag"], "--presets");
        }
        assert_eq!(sandbox.tree().len(), 1);
        std::fs::create_dir_all(sandbox.path("empty")).unwrap();
        let words = [command, &["--presets", "empty"][..]].concat();
        sandbox
            .call(&words)
            .env("XDG_CONFIG_HOME", "/nowhere")
            .run()
            .ends(0);
        sandbox.run(&["undo"]);
    }
}
