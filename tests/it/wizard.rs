//! The wizard on a real terminal: the tree that it writes is the one that flags write, whatever way
//! was taken through the questions; and a run that is left writes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use portable_pty::CommandBuilder;
use tempfile::TempDir;

use crate::person::Person;
use crate::sandbox::collect;

mod settled;

const IMAGE: &str = "registry.example.com/payments/checkout:1.4.2";
const DOWN: &str = "\u{1b}[B";

/// A folder to work in and a home beside it.
struct Place {
    home: TempDir,
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program without a terminal; its exit code and stdout.
    fn runs(&self, arguments: &[&str]) -> (i32, String, String) {
        let out = Command::new(env!("CARGO_BIN_EXE_prodgen"))
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.home.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            out.status.code().unwrap(),
            text(out.stdout),
            text(out.stderr),
        )
    }

    /// Starts the program on a terminal.
    fn sits(&self, arguments: &[&str], columns: u16, colour: bool) -> Person {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_prodgen"));
        command.env_clear();
        command.env("HOME", self.home.path());
        if !colour {
            command.env("NO_COLOR", "1");
        }
        command.args(arguments);
        command.cwd(self.path());
        Person::sits_down(command, columns)
    }

    fn tree(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        collect(self.path(), self.path(), &mut files);
        let text = |(path, bytes)| (path, String::from_utf8(bytes).unwrap());
        files.into_iter().map(text).collect()
    }
}

/// Answers what must be answered, and takes every default after it.
fn takes_defaults(person: &mut Person) {
    person.answers("What is it called?", "checkout");
    person.answers("What is it?", "");
    person.answers("Which team owns it?", "payments");
    person.answers("Which image?", IMAGE);
    rest(person);
}

fn rest(person: &mut Person) {
    traffic(person);
    person.answers("Does it store personal data?", "");
}

/// The questions of a service before the last one.
fn traffic(person: &mut Person) {
    person.answers("Which port does it listen on?", "");
    person.answers("How to tell that it is well?", "");
    person.answers("Who may call it?", "");
    person.answers("Whom does it call?", "");
    person.answers("Which Secrets does it read?", "");
}

fn headless(arguments: &[&str]) -> BTreeMap<String, String> {
    let place = Place::new();
    let (code, _, wrong) = place.runs(arguments);
    assert_eq!(code, 0, "{wrong}");
    place.tree()
}

#[test]
fn defaults_give_the_tree_that_flags_give() {
    let place = Place::new();
    let mut person = place.sits(&["new", "service", "checkout"], 100, true);
    person.answers("What is it?", "");
    person.answers("Which team owns it?", "payments");
    person.answers("Which image?", IMAGE);
    rest(&mut person);
    person.sees("checkout of team payments: a service");
    person.answers("Write it?", "");
    person.sees("The same without a terminal:");
    let (code, _) = person.leaves();
    assert_eq!(code, 0);
    let flags = [
        "new",
        "service",
        "checkout",
        "--team",
        "payments",
        "--image",
        IMAGE,
        "--no-input",
    ];
    assert_eq!(place.tree(), headless(&flags));
    let mut yes = flags;
    yes[7] = "-y";
    assert_eq!(place.tree(), headless(&yes));
}

#[test]
fn a_full_interview_on_a_narrow_terminal_is_replayed_by_its_command() {
    let place = Place::new();
    let mut person = place.sits(&["new", "service"], 60, false);
    person.sees("Esc goes back, Ctrl-C leaves");
    person.answers("What is it called?", "checkout");
    person.answers("What is it?", "grpc");
    // Wrong answers are said to be wrong and asked again.
    person.answers("Which team owns it?", "Pay Ments");
    person.sees("`Pay Ments` has `P`");
    person.types(&"\u{7f}".repeat(9));
    person.answers("Which team owns it?", "payments");
    person.answers("Which image?", IMAGE);
    // Back to the team, and on again.
    person.sees("Which port does it listen on?");
    person.types("\u{1b}");
    person.answers("? Which image? (registry", "");
    person.answers("? Which port does it listen on?", "9090");
    person.answers("How to tell that it is well?", "");
    person.answers("Who may call it?", "storefront, {namespace: batch}");
    person.answers("so far: storefront", "");
    person.answers("Whom does it call?", "ledger:50051 {internet: true}");
    person.answers("so far: ledger:50051", "");
    person.answers("Which Secrets does it read?", "db");
    person.answers("so far: db", "");
    person.sees("Does it store personal data?");
    person.types(DOWN);
    person.answers("> no", "");
    // One more, through the menu: text that a shell would read otherwise.
    person.sees("Write it?");
    person.types(DOWN);
    person.answers("> change anything else", "");
    person.answers("Change what?", "env");
    person.answers("env:", "{A: \"it's $HOME `x` \\\"q\\\"\", B: \"a\\nb\"}");
    person.sees("Write it?");
    person.answers("> write it", "");
    let (code, sent) = person.leaves();
    assert_eq!(code, 0, "{sent}");
    assert!(!sent.contains("\u{1b}[38;5;"), "NO_COLOR");
    let made = place.tree();
    assert!(made["prodgen.yaml"].contains("port: 9090"));

    let command = sent.rsplit("The same without a terminal:").next().unwrap();
    let command = command
        .trim()
        .strip_prefix("prodgen")
        .unwrap()
        .replace('\r', "");
    let again = Place::new();
    let out = Command::new("/bin/sh")
        .args([
            "-c",
            &format!("\"$0\" {command}"),
            env!("CARGO_BIN_EXE_prodgen"),
        ])
        .current_dir(again.path())
        .env_clear()
        .env("HOME", again.home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "{command}\n{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert_eq!(again.tree(), made);
}

#[test]
fn control_c_writes_nothing_and_the_answers_are_there_the_next_time() {
    let place = Place::new();
    let mut person = place.sits(&["new", "service"], 100, true);
    person.sees("What is it called?");
    person.types("\u{3}");
    let (code, _) = person.leaves();
    assert_eq!((code, place.tree().len()), (130, 0));

    let mut person = place.sits(&["new", "service"], 100, true);
    person.answers("What is it called?", "checkout");
    person.answers("What is it?", "");
    person.answers("Which team owns it?", "payments");
    person.sees("Which image?");
    person.types("\u{3}");
    let (code, _) = person.leaves();
    assert_eq!((code, place.tree().len()), (130, 0));

    let mut person = place.sits(&["new", "service"], 100, true);
    // There is nothing to go back to, and so nothing is thrown away.
    person.sees("There are answers from before");
    person.types("\u{1b}");
    person.sees("Go on with them? back");
    person.answers("> yes, go on", "");
    person.answers("Which image?", IMAGE);
    rest(&mut person);
    person.sees("Write it?");
    person.types("\u{3}");
    let (code, _) = person.leaves();
    assert_eq!((code, place.tree().len()), (130, 0));

    let mut person = place.sits(&["new", "service"], 100, true);
    person.answers("There are answers from before", "");
    person.answers("Write it?", "");
    let (code, _) = person.leaves();
    assert_eq!(code, 0);
    let flags = [
        "new", "service", "checkout", "--team", "payments", "--image", IMAGE, "-y",
    ];
    assert_eq!(place.tree(), headless(&flags));
    // It is written, so there is nothing to go on with.
    let folder = place.home.path().join(".local/state/prodgen/answers");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn leaving_writes_nothing() {
    let place = Place::new();
    let mut person = place.sits(&["new", "service"], 100, true);
    takes_defaults(&mut person);
    person.sees("Write it?");
    person.answers("nothing has been written so far", "leave");
    person.sees("Nothing was written.");
    let (code, _) = person.leaves();
    assert_eq!((code, place.tree().len()), (0, 0));
}

#[test]
fn a_worker_and_a_cronjob_are_asked_what_concerns_them() {
    for (kind, more) in [("worker", None), ("cronjob", Some("When does it run?"))] {
        let place = Place::new();
        let mut person = place.sits(&["new", kind, "nightly", "--team", "t"], 100, true);
        person.answers("Which image?", IMAGE);
        person.answers("Whom does it call?", "");
        person.answers("Which Secrets does it read?", "");
        if let Some(question) = more {
            person.answers(question, "");
        }
        person.answers("Does it store personal data?", "");
        person.answers("Write it?", "");
        let (code, _) = person.leaves();
        assert_eq!(code, 0);
        let flags = [
            "new", kind, "nightly", "--team", "t", "--image", IMAGE, "-y",
        ];
        assert_eq!(place.tree(), headless(&flags), "{kind}");
    }
}

#[test]
fn with_stdout_in_a_pipe_nobody_is_asked_and_nothing_hangs() {
    let place = Place::new();
    let mut command = CommandBuilder::new("/bin/sh");
    command.env_clear();
    command.env("HOME", place.home.path());
    command.args([
        "-c",
        "\"$0\" new service | cat",
        env!("CARGO_BIN_EXE_prodgen"),
    ]);
    command.cwd(place.path());
    let mut person = Person::sits_down(command, 100);
    person.sees("`name` is missing");
    person.sees("PRODGEN_IMAGE");
    let (_, sent) = person.leaves();
    assert!(!sent.contains("What is it called?"));
    assert!(place.tree().is_empty());
}

/// For each preset: all defaults on a terminal, `-y` without one, and the library.
#[test]
fn every_preset_is_the_same_on_every_road() {
    use prodgen::{preset, render, spec};
    for name in preset::names() {
        let mut sources = prodgen::diag::SourceMap::default();
        let sort = preset::load(name, &mut sources).unwrap().unwrap().kind;
        let flags = [
            "new", &sort, "checkout", "--team", "payments", "--image", IMAGE, "--preset", name,
        ];
        let place = Place::new();
        let mut person = place.sits(&flags, 100, true);
        if name == "regulated" {
            // The preset says that it stores personal data.
            traffic(&mut person);
        } else if name == "public-api" {
            // It has users, and is asked for their host instead of its callers.
            person.answers("Which port does it listen on?", "");
            person.answers("How to tell that it is well?", "");
            person.answers("Under which host do its users reach it?", "");
            person.answers("Whom does it call?", "");
            person.answers("Which Secrets does it read?", "");
            person.answers("Does it store personal data?", "");
            person.sees("every host of Gateway gateway-system/public, under /checkout");
            person.sees("public in gateway-system");
        } else if sort == "service" {
            rest(&mut person);
        } else {
            person.answers("Whom does it call?", "");
            person.answers("Which Secrets does it read?", "");
            if sort == "cronjob" {
                person.answers("When does it run?", "");
            }
            person.answers("Does it store personal data?", "");
        }
        person.answers("Write it?", "");
        let (code, sent) = person.leaves();
        assert_eq!(code, 0, "{name}: {sent}");
        let tree = place.tree();
        let mut yes = flags.to_vec();
        yes.push("-y");
        assert_eq!(tree, headless(&yes), "{name}");

        let text = &tree["prodgen.yaml"];
        let shop = crate::support::settle(text, &spec::NoFiles).unwrap();
        let manifests = render::Renderer::new().unwrap().render(&shop).unwrap();
        for (path, text) in manifests.files("deploy/production").unwrap() {
            assert_eq!(tree[path.as_str()], text, "{name}");
        }
    }
}
