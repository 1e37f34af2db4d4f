//! What is found in small repositories, `detect/*`: to each `expected` says it, with the spec that
//! `-y` makes of it; its first line names the folder of the service. `dot-git` is `.git` there. The
//! wizard with nothing but defaults makes the same spec. Hostile repositories are made when they are needed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use prodgen::detect::{self, Repository};
use prodgen::diag::{Origin, SourceMap};
use prodgen::prompt::Scripted;
use prodgen::spec::{self, Layers, NoFiles};
use prodgen::wizard::{Ended, Given, Interview, Memory};
use prodgen::yaml::FieldPath;

use super::sandbox::Sandbox;

/// What must be given where no repository says it.
const BASICS: [(&str, &str); 2] = [
    ("image", "registry.example.com/payments/checkout:1.4.2"),
    ("team", "payments"),
];

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/detect");
    let entries = fs::read_dir(folder).unwrap();
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

/// Lays a fixture into a sandbox, below a folder of its name.
fn lay(sandbox: &Sandbox, fixture: &Path, to: &str) {
    for entry in fs::read_dir(fixture).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let name = if name == "dot-git" { ".git" } else { name };
        let to = format!("{to}/{name}");
        if path.is_dir() {
            lay(sandbox, &path, &to);
        } else if name != "expected" {
            sandbox.put(&to, fs::read(&path).unwrap());
        }
    }
}

/// What is found, a line each.
fn listed(repository: &Repository) -> String {
    let mut out = String::new();
    if let Some(language) = &repository.language {
        writeln!(out, "a {} ({})", language.name, language.file).unwrap();
    }
    for one in &repository.found {
        let on = one.port.map(|port| format!(" on port {port}"));
        let on = on.unwrap_or_default();
        writeln!(out, "{}: {}{on} ({})", one.key, one.value(), one.file).unwrap();
    }
    for one in &repository.remarks {
        let file = one.file.as_deref().unwrap();
        writeln!(out, "! {file}: {}", one.message).unwrap();
    }
    out
}

/// What a repository does not say and a spec must.
fn missing(repository: &Repository) -> Vec<(&'static str, &'static str)> {
    let is_found = |key: &str| repository.found.iter().any(|one| one.key == key);
    BASICS
        .into_iter()
        .filter(|(key, _)| !is_found(key))
        .collect()
}

struct Forgetful;

impl Memory for Forgetful {
    fn recall(&self) -> Vec<Given> {
        Vec::new()
    }

    fn keep(&self, _: &[Given]) {}
}

/// The spec of a wizard in which every answer is the one on offer.
fn by_defaults(repository: Repository) -> String {
    let mut sources = SourceMap::default();
    let mut said = Layers::default();
    for (key, value) in missing(&repository) {
        let source = sources.add(Origin::Flag(key.to_owned()), value);
        said.answer(source, &FieldPath::default().key(key), value);
    }
    let mut interview = Interview {
        kind: "service",
        said,
        found: repository,
        sources: &mut sources,
        files: &NoFiles,
        memory: &Forgetful,
    };
    match interview.run(&mut Scripted::of([""; 30])).unwrap() {
        Ended::Write(settled) => spec::to_yaml(&settled.spec()),
        Ended::Left => panic!("left"),
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "blessing writes the repository's own fixtures"
)]
fn small_repositories_say_what_is_expected() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 12);
    for fixture in fixtures {
        let expected = fixture.join("expected");
        let before = fs::read_to_string(&expected).unwrap_or_default();
        let head = before.lines().next().unwrap_or("in .").to_owned();
        let name = fixture.file_name().unwrap().to_str().unwrap();
        let sandbox = Sandbox::new();
        lay(&sandbox, &fixture, name);
        let folder = format!("{name}/{}", head.strip_prefix("in ").unwrap());
        let repository = detect::repository(&sandbox.path(&folder));

        let mut args = vec!["new", "service", "-y", "-C", &folder];
        let flags: Vec<String> = missing(&repository)
            .iter()
            .map(|(key, value)| format!("--{key}={value}"))
            .collect();
        args.extend(flags.iter().map(String::as_str));
        let ran = sandbox.run(&args).ends(0);
        for one in &repository.remarks {
            ran.clone().says(&[&one.message]);
        }
        assert!(
            !ran.stderr.contains("hunter2") && !ran.stdout.contains("hunter2"),
            "{name}"
        );
        let made = sandbox.read(&format!("{folder}/prodgen.yaml"));
        assert_eq!(by_defaults(repository.clone()), made, "{name}");
        // Once more: nothing changes, and nothing was asked of anybody.
        assert_eq!(sandbox.run(&args).ends(0).stdout, "unchanged\n", "{name}");

        let keys = made.split_once("kind: App\n").unwrap().1;
        let now = format!("{head}\n{}---\n{keys}", listed(&repository));
        if std::env::var_os("PRODGEN_BLESS").is_some() {
            fs::write(&expected, now).unwrap();
        } else {
            assert_eq!(before, now, "{name}");
        }
    }
}
