//! Commands that the wizard has printed, `replay/NAME.sh`, each with the spec that it makes, `NAME.yaml`.
//! They are kept for good and run by a shell in an empty folder: no answer ever becomes newly
//! required. Of the table each is what the wizard prints today; where that changes, give the case
//! another name and leave the old files. `PRODGEN_BLESS=1` writes files that are not there, and no others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use prodgen::detect::Repository;
use prodgen::diag::{Origin, SourceMap};
use prodgen::prompt::Scripted;
use prodgen::spec::{Layers, NoFiles};
use prodgen::wizard::{self, Ended, Given, Interview, Memory};
use prodgen::yaml::FieldPath;

use super::sandbox::Sandbox;

const IMAGE: &str = "registry.example.com/shop/checkout:1.4.2";
const DIGEST: &str = "registry.example.com:5000/shop/checkout@sha256:\
                      0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What is typed: the name of the files, the kind, the answers in the order of the questions, and
/// then keys and values through the menu.
type Case = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, &'static str)],
);

const CASES: &[Case] = &[
    (
        "service",
        "service",
        &["checkout", "", "shop", IMAGE, "", "", "", "", "", ""],
        &[],
    ),
    (
        "public-api",
        "service",
        &[
            "api",
            "public-api",
            "shop",
            IMAGE,
            "",
            "/ready",
            "api.example.com",
            "",
            "",
            "no",
        ],
        &[(
            "expose",
            "{hosts: [api.example.com], tls: api-tls, gateway: edge/public}",
        )],
    ),
    (
        "worker",
        "worker",
        &["mailer", "shop", IMAGE, "", "", ""],
        &[],
    ),
    (
        "cronjob",
        "cronjob",
        &["nightly", "shop", IMAGE, "", "", "", ""],
        &[],
    ),
    (
        "cronjob-all",
        "cronjob",
        &[
            "report",
            "shop",
            DIGEST,
            "ledger:50051 {internet: true}",
            "",
            "db",
            "",
            "*/5 8-17 * * 1-5",
            "yes",
        ],
        &[(
            "schedule",
            "{cron: \"1 2 * * *\", timeZone: Europe/Berlin, retries: 0}",
        )],
    ),
    (
        "service-all",
        "service",
        &[
            "checkout",
            "grpc",
            "shop",
            IMAGE,
            "9000",
            "grpc",
            "storefront, {namespace: batch}",
            "{cidr: 10.0.0.0/8}",
            "",
            "ledger:50051 {cidr: 203.0.113.0/24, port: 443, host: api.example.com}",
            "",
            "db, {name: mq, keys: [url], pathEnv: {MQ_URL_FILE: url}}",
            "",
            "no",
        ],
        &[],
    ),
    (
        "static-site",
        "service",
        &[
            "site",
            "static-site",
            "web",
            IMAGE,
            "8081",
            "/index.html",
            "",
            "",
            "",
            "",
        ],
        &[],
    ),
    (
        "regulated",
        "service",
        &[
            "vault",
            "regulated",
            "bank",
            IMAGE,
            "",
            "/ready",
            "",
            "",
            "",
        ],
        &[],
    ),
    (
        "internal-api",
        "service",
        &[
            "api",
            "internal-api",
            "shop",
            IMAGE,
            "",
            "tcp",
            "",
            "",
            "",
            "no",
        ],
        &[],
    ),
    (
        "text",
        "service",
        &["checkout", "", "shop", IMAGE, "", "", "", "", "", ""],
        &[
            (
                "env",
                "{A: \"it's $HOME `date` \\\"q\\\" \\\\\", B: \"a\\nb\\n\", C: \"  \", D: \"!x\", E: \"\"}",
            ),
            (
                "about",
                "{description: \"Ä # is: no comment, 'nor' $(this)\", launched: \"2026-01-02\"}",
            ),
            (
                "annotations",
                "{example.com/a: \"*&|<>;~\\t\", example.com/b: \"=\"}",
            ),
        ],
    ),
    (
        "look-alikes",
        "service",
        &["yes", "", "007", IMAGE, "", "", "", "", "", "yes"],
        &[
            (
                "env",
                "{A: \"1\", B: \"yes\", C: \"null\", D: \"1e3\", E: \"~\", F: \"0x1\"}",
            ),
            ("labels", "{example.com/tier: \"true\"}"),
        ],
    ),
    (
        "commands",
        "worker",
        &["mailer", "shop", IMAGE, "", "", ""],
        &[
            ("command", "[/bin/sh, -c, \"exec \\\"$0\\\" $(A) | cat\"]"),
            ("args", "[--a=b c, \"\", \"-\", \"[x]\"]"),
            ("env", "{A: b}"),
        ],
    ),
    (
        "shapes",
        "service",
        &["checkout", "", "shop", IMAGE, "", "", "", "", "", ""],
        &[
            (
                "image",
                "{ref: registry.example.com/shop/checkout:2, pullSecret: pull}",
            ),
            ("namespace", "{name: shared, create: false}"),
            ("kubernetes", "1.36"),
            (
                "ports",
                "[{name: http, port: 8080}, {name: rpc, port: 9000, protocol: grpc}]",
            ),
            ("user", "{uid: 1000, gid: 2000}"),
            ("writable", "[/tmp, {path: /data, size: 1Gi}]"),
            ("resources", "{cpu: 200m, memory: 1Gi}"),
            ("replicas", "{min: 2, max: 9}"),
            ("probes", "{ready: /ready, live: tcp, startup: 2m}"),
            ("shutdown", "{delay: 5s, grace: 1m}"),
            (
                "permissions",
                "[{group: \"\", resources: [configmaps], verbs: [get]}]",
            ),
            ("access", "{viewers: [\"shop developers\"]}"),
            (
                "serviceAccount",
                "{annotations: {example.com/role: checkout}}",
            ),
        ],
    ),
    (
        "replicas",
        "worker",
        &["mailer", "shop", IMAGE, "", "", ""],
        &[("replicas", "4"), ("port", "9100"), ("shutdown", "60s")],
    ),
];

struct Forgetful;

impl Memory for Forgetful {
    fn recall(&self) -> Vec<Given> {
        Vec::new()
    }

    fn keep(&self, _: &[Given]) {}
}

/// The command that the wizard prints for these answers.
fn printed(kind: &'static str, answers: &[&str], menu: &[(&str, &str)]) -> String {
    let mut words = answers.to_vec();
    for (key, value) in menu {
        words.extend(["change anything else", key, value]);
    }
    words.push("write it");
    let mut sources = SourceMap::default();
    let mut said = Layers::default();
    if kind != "service" {
        let source = sources.add(Origin::Flag(format!("new {kind}")), kind);
        said.answer(source, &FieldPath::default().key("type"), kind);
    }
    let mut interview = Interview {
        kind,
        said,
        found: Repository::default(),
        sources: &mut sources,
        files: &NoFiles,
        memory: &Forgetful,
    };
    let mut person = Scripted::of(words);
    let ended = interview.run(&mut person);
    let asked = person.asked();
    let refused = asked.iter().find(|one| one.refused.is_some());
    assert!(refused.is_none(), "{refused:?}");
    assert_eq!(person.left().count(), 0, "{asked:#?}");
    match ended.unwrap() {
        Ended::Write(settled) => wizard::headless(&settled.spec(), kind),
        Ended::Left => panic!("left"),
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/replay")
}

/// The spec that a command makes, run by a shell in an empty folder.
fn replayed(command: &str) -> String {
    let sandbox = Sandbox::new();
    let programs = Sandbox::new();
    let program = programs.path("prodgen");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_prodgen"), program).unwrap();
    let out = Command::new("/bin/sh")
        .args(["-c", command])
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("PATH", programs.path(""))
        .env("HOME", programs.path(""))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let wrong = String::from_utf8(out.stderr).unwrap();
    assert!(out.status.success(), "{command}\n{wrong}");
    sandbox.run(&["render", "--check"]).ends(0);
    sandbox.read("prodgen.yaml")
}

/// The text of a file; with blessing one that is not there is written.
#[expect(
    clippy::disallowed_methods,
    reason = "blessing writes the repository's own files"
)]
fn kept(name: &str, now: &str) -> String {
    let path = folder().join(name);
    if !path.exists() && std::env::var_os("PRODGEN_BLESS").is_some() {
        fs::write(&path, now).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn commands_that_were_ever_printed_make_their_specs() {
    for (name, kind, answers, menu) in CASES {
        let now = format!("{}\n", printed(kind, answers, menu));
        assert_eq!(kept(&format!("{name}.sh"), &now), now, "{name}");
    }
    let entries = fs::read_dir(folder()).unwrap();
    let mut commands: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "sh"))
        .collect();
    commands.sort();
    assert!(commands.len() >= CASES.len());
    for path in commands {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let made = replayed(&fs::read_to_string(&path).unwrap());
        assert_eq!(kept(&format!("{name}.yaml"), &made), made, "{name}");
    }
}
