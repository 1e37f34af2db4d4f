//! `render` and `diff` from outside: where from, where to, and what stands on which stream.

use std::process::Stdio;

use serde_json::Value;

use super::sandbox::{SPEC, Sandbox};

const SERVICE: &str = "deploy/production/service-checkout.yaml";
const DEPLOYMENT: &str = "deploy/production/deployment-checkout.yaml";

/// The spec with another image.
fn moved() -> String {
    SPEC.replace("1.4.2", "1.5.0")
}

#[test]
fn the_spec_comes_from_where_it_is_said_to() {
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", SPEC);
    sandbox.put("a/b/c", "");
    let want = sandbox.run(&["render"]).ends(0).stdout;
    assert!(want.starts_with("---\n"));
    assert_eq!(
        sandbox.call(&["render"]).inside("a/b").run().ends(0).stdout,
        want
    );
    assert_eq!(sandbox.run(&["render", "-C", "a"]).ends(0).stdout, want);
    assert_eq!(
        sandbox
            .run(&["render", "-f", "prodgen.yaml"])
            .ends(0)
            .stdout,
        want
    );
    assert_eq!(
        sandbox
            .call(&["render", "-f", "-"])
            .stdin(SPEC)
            .run()
            .ends(0)
            .stdout,
        want
    );
    assert_eq!(
        sandbox
            .call(&["render", "-f", "../prodgen.yaml"])
            .inside("a")
            .run()
            .ends(0)
            .stdout,
        want
    );
    let elsewhere = Sandbox::new();
    elsewhere
        .run(&["render"])
        .ends(2)
        .says(&["there is no `prodgen.yaml` here or in a folder above"]);
    let set = [
        "render",
        "--set",
        "name=checkout",
        "--set",
        "team=payments",
        "--set",
        "image=registry.example.com/payments/checkout:1.4.2",
    ];
    assert_eq!(elsewhere.run(&set).ends(0).stdout, want);
    assert!(elsewhere.tree().is_empty());
    // An answer lies over the spec, and only on stdout.
    let other = sandbox.run(&[
        "render",
        "--set",
        "image=registry.example.com/payments/checkout:1.5.0",
    ]);
    assert!(other.ends(0).stdout.contains("checkout:1.5.0"));
    sandbox
        .run(&["render", "-w", "--set", "port=1"])
        .ends(2)
        .says(&["`prodgen.yaml`", "--out"]);
    // No variable of the process reaches a render.
    let ran = sandbox
        .call(&["render"])
        .env("PRODGEN_TEAM", "other")
        .env("PRODGEN_PORT", "x")
        .run();
    assert_eq!(ran.ends(0).stdout, want);
}

#[test]
fn what_is_missing_in_a_spec_is_not_asked_of_flags_that_are_not_there() {
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", SPEC.replace("team: payments\n", ""));
    let ran = sandbox.run(&["render"]).ends(2);
    assert!(!ran.stderr.contains("PRODGEN_TEAM") && !ran.stderr.contains("`--team`"));
    ran.says(&["`team` is missing", "--set team=...", "prodgen.yaml:1:1"]);
}

#[test]
fn forms_hold_the_same_objects() {
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", SPEC);
    let text = sandbox.run(&["render"]).ends(0);
    assert_eq!(text.stderr, "");
    assert_eq!(sandbox.run(&["render", "-o", "yaml"]).stdout, text.stdout);
    let list = sandbox.run(&["render", "-o", "json"]).ends(0).json();
    assert_eq!(
        (&list["apiVersion"], &list["kind"]),
        (&"v1".into(), &"List".into())
    );
    let kinds: Vec<&str> = text
        .stdout
        .lines()
        .filter_map(|line| line.strip_prefix("kind: "))
        .collect();
    let items: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    assert_eq!(items, kinds);
}

#[test]
fn the_tree_follows_the_spec() {
    let sandbox = Sandbox::with_service();
    assert_eq!(sandbox.run(&["render", "-w"]).ends(0).stdout, "unchanged\n");
    sandbox.put("prodgen.yaml", moved());
    let files = |args: &[&str]| sandbox.run(&[args, &["-o", "json"]].concat());
    let plan = files(&["render", "-w", "--dry-run"]).ends(0);
    assert_eq!(plan.outcome(), "planned");
    assert!(plan.files().contains(&format!("updated {DEPLOYMENT}")));
    assert!(!sandbox.read(DEPLOYMENT).contains("1.5.0"));
    let diff = sandbox.run(&["diff"]).ends(0).stdout;
    assert!(
        diff.contains("1.4.2") && diff.contains("1.5.0") && diff.contains("@@"),
        "{diff}"
    );
    assert_eq!(
        sandbox.run(&["render", "-w", "--diff"]).ends(0).stdout,
        diff
    );
    let done = files(&["render", "-w"]).ends(0);
    assert_eq!(
        (done.outcome(), done.files()),
        ("written".to_owned(), plan.files())
    );
    assert!(sandbox.read(DEPLOYMENT).contains("1.5.0"));
    assert_eq!(sandbox.run(&["diff"]).ends(0).stdout, "");
    // A file that is no longer made goes away.
    sandbox.put("prodgen.yaml", format!("{}replicas: 2\n", moved()));
    let done = files(&["render", "-w"]).ends(0);
    let gone = "removed deploy/production/horizontalpodautoscaler-checkout.yaml";
    assert!(
        done.files().contains(&gone.to_owned()),
        "{:?}",
        done.files()
    );
    assert!(!sandbox.has("deploy/production/horizontalpodautoscaler-checkout.yaml"));
}

#[test]
fn a_tree_out_of_step_is_found() {
    let sandbox = Sandbox::with_service();
    let ran = sandbox.run(&["render", "--check", "-o", "json"]).ends(0);
    assert_eq!((ran.outcome(), ran.files().len()), ("clean".to_owned(), 0));
    sandbox.put("prodgen.yaml", moved());
    let before = sandbox.tree();
    let ran = sandbox.run(&["render", "--check", "-o", "json"]).ends(1);
    assert_eq!(ran.outcome(), "stale");
    assert!(ran.files().contains(&format!("stale {DEPLOYMENT}")));
    sandbox
        .run(&["render", "--check"])
        .ends(1)
        .says(&["not what the spec makes", "render -w"]);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn what_its_owner_deleted_stays_away() {
    let sandbox = Sandbox::with_service();
    std::fs::remove_file(sandbox.path(SERVICE)).unwrap();
    sandbox.run(&["render", "-w"]).ends(0);
    assert!(!sandbox.has(SERVICE));
    let ran = sandbox.run(&["render", "--check", "-o", "json"]).ends(1);
    assert_eq!(
        (ran.outcome(), ran.files()),
        ("edited".to_owned(), vec![format!("missing {SERVICE}")])
    );
}

#[test]
fn line_ends_of_the_other_kind_are_no_edit() {
    let sandbox = Sandbox::with_service();
    let crlf = |name: &str| {
        let text = sandbox.read(name).replace('\n', "\r\n");
        sandbox.put(name, text);
    };
    for name in sandbox
        .tree()
        .keys()
        .filter(|name| name.starts_with("deploy/"))
    {
        crlf(name);
    }
    crlf("prodgen.yaml");
    sandbox.run(&["render", "--check"]).ends(0);
    sandbox.put("prodgen.yaml", moved().replace('\n', "\r\n"));
    sandbox.run(&["render", "-w"]).ends(0);
    let text = sandbox.read(DEPLOYMENT);
    assert!(text.contains("1.5.0") && text.matches('\n').count() == text.matches("\r\n").count());
    sandbox.run(&["render", "--check"]).ends(0);
}

#[test]
fn an_export_never_replaces() {
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", SPEC);
    let plan = sandbox
        .run(&["render", "--out", "out", "--dry-run", "-o", "json"])
        .ends(0);
    assert_eq!(plan.outcome(), "planned");
    assert!(!sandbox.has("out"));
    let ran = sandbox
        .run(&["render", "--out", "out", "-o", "json"])
        .ends(0);
    assert_eq!(
        (ran.outcome(), ran.files()),
        ("exported".to_owned(), plan.files())
    );
    assert!(
        ran.files()
            .contains(&"new out/service-checkout.yaml".to_owned())
    );
    let before = sandbox.tree();
    assert_eq!(
        sandbox.run(&["render", "--out", "out"]).ends(0).stdout,
        "unchanged\n"
    );
    sandbox.put("prodgen.yaml", moved());
    let ran = sandbox.run(&["render", "--out", "out"]).ends(2);
    ran.says(&["deployment-checkout.yaml` exists and has other content"]);
    sandbox.put("prodgen.yaml", SPEC);
    assert_eq!(sandbox.tree(), before);
    assert!(!sandbox.has("deploy"));
    // What would be applied with it is named, one that this export no longer makes too.
    sandbox.put("out/job-migrate.yaml", "mine: 1\n");
    for dry in [&[][..], &["--dry-run"]] {
        let words = [&["render", "--out", "out"], dry].concat();
        sandbox.run(&words).ends(2).says(&[
            "has manifests that this export does not write: `job-migrate.yaml`",
            "name another folder",
        ]);
    }
    std::fs::remove_file(sandbox.path("out/job-migrate.yaml")).unwrap();
    assert_eq!(sandbox.tree(), before);
    for both in [["-w", "--check"], ["-w", "--out=x"], ["--check", "--out=x"]] {
        sandbox.run(&["render", both[0], both[1]]).ends(2);
    }
}

#[test]
fn colour_is_for_terminals_or_for_those_who_ask() {
    let sandbox = Sandbox::new();
    // The sandbox itself refuses escape codes in every run.
    sandbox.run(&["render", "-f", "gone"]).ends(2);
    sandbox
        .call(&["render", "-f", "gone"])
        .env("NO_COLOR", "1")
        .env("COLUMNS", "40")
        .run()
        .ends(2);
    sandbox
        .call(&["render", "--nope"])
        .env("TERM", "xterm-256color")
        .run()
        .ends(2);
    sandbox
        .run(&["render", "--color", "never", "-f", "gone"])
        .ends(2);
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_prodgen"))
        .args(["render", "--color", "always", "-f", "gone"])
        .output()
        .unwrap();
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("\u{1b}[")
    );
}

#[cfg(target_os = "linux")]
#[test]
fn streams_that_fail_are_no_panic() {
    let sandbox = Sandbox::with_service();
    let full = || {
        std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap()
    };
    let ran = sandbox.call(&["render"]).stdout(full()).run().ends(3);
    let ran = ran.says(&["error: the output cannot be written"]);
    assert!(
        !ran.stderr.contains("written all the same"),
        "{}",
        ran.stderr
    );
    sandbox.call(&["--help"]).stdout(full()).run().ends(3);
    // What was done is done.
    for words in [&["set", "port=9090"][..], &["render", "--out", "out"]] {
        let ran = sandbox.call(words).stdout(full()).run().ends(3);
        ran.says(&["cannot be written", "the files were written all the same"]);
    }
    assert!(sandbox.read("prodgen.yaml").contains("port: 9090") && sandbox.has("out"));
    // Whoever reads has seen enough: the pipe is closed before anything is written.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let ran = sandbox
        .call(&["render"])
        .stdout(Stdio::from(writer))
        .run()
        .ends(0);
    assert_eq!(ran.stderr, "");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    sandbox
        .call(&["render", "--check"])
        .stdout(Stdio::from(writer))
        .run()
        .ends(0);
}

#[test]
fn two_runs_at_once_leave_one_whole_tree() {
    let sandbox = Sandbox::new();
    let codes: Vec<i32> = std::thread::scope(|scope| {
        let run = || sandbox.new_service(&[]).code;
        let all: Vec<_> = (0..6).map(|_| scope.spawn(run)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(
        codes.contains(&0) && codes.iter().all(|code| [0, 3].contains(code)),
        "{codes:?}"
    );
    sandbox.run(&["render", "--check"]).ends(0);
    let left: Vec<String> = sandbox
        .tree()
        .into_keys()
        .filter(|name| name.contains('~'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
    let parsed: Value = serde_json::from_str(&sandbox.read(".prodgen/base.json")).unwrap();
    assert!(parsed.is_object());
}

#[test]
fn an_old_kubernetes_is_worth_a_word() {
    let sandbox = Sandbox::with_service();
    for (version, warned) in [("1.34", true), ("1.35", false)] {
        let set = format!("kubernetes={version}");
        let ran = sandbox.run(&["render", "--set", &set]).ends(0);
        assert_eq!(
            ran.stderr
                .contains("warning: --set kubernetes: Kubernetes 1.34"),
            warned
        );
        assert!(
            ran.stdout
                .contains(&format!("enforce-version: \"v{version}\""))
        );
    }
}
