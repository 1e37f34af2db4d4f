//! Prompts on a real terminal: what stands on the screen, what comes back, and where nothing goes.

use std::path::Path;
use std::process::{Command, Stdio};

use portable_pty::CommandBuilder;
use prodgen::prompt::{Prompter, Question, Terminal};

use crate::person::Person;

/// Set, it makes a process the one that asks: `colour` or `plain`.
const ROLE: &str = "PRODGEN_TEST_ASK";
const THIS: &str = "prompt::asks_if_told_to";

#[test]
fn asks_if_told_to() {
    let Some(role) = std::env::var_os(ROLE) else {
        return;
    };
    let small = |words: &str| match words.chars().find(|c| c.is_uppercase()) {
        Some(c) => Err(format!("`{words}` has `{c}`\nwrite small letters")),
        None => Ok(()),
    };
    let question = Question {
        key: "name",
        text: "Name of the service",
        why: "every object carries it",
        default: Some("checkout".to_owned()),
        check: &small,
    };
    let answer = Terminal::new(role == "colour").ask(&question);
    println!("came back: {answer:?}");
}

/// A process that asks, on a terminal of its own.
fn sits_down(role: &str, stdout: Option<&Path>) -> Person {
    let this = std::env::current_exe().unwrap();
    let mut command = match stdout {
        None => CommandBuilder::new(this),
        Some(file) => {
            let mut shell = CommandBuilder::new("sh");
            shell.args(["-c", "out=$1; shift; exec \"$@\" > \"$out\"", "sh"]);
            shell.arg(file);
            shell.arg(this);
            shell
        }
    };
    command.args([THIS, "--exact", "--nocapture"]);
    command.env(ROLE, role);
    command.env_remove("NO_COLOR");
    Person::sits_down(command, 80)
}

/// Waits for the end; everything that was ever sent comes back.
fn leaves(person: Person) -> String {
    let (code, sent) = person.leaves();
    assert_eq!(code, 0, "{sent}");
    sent
}

const PROMPT: &str = "? Name of the service (checkout)";

#[test]
fn an_answer_is_typed_or_taken() {
    for (keys, answer) in [("\r", "checkout"), ("  ledger \r", "ledger")] {
        let mut person = sits_down("plain", None);
        person.sees(PROMPT);
        person.sees("[every object carries it]");
        person.types(keys);
        person.sees(&format!("✓ Name of the service {answer}"));
        person.sees(&format!("came back: Ok(Given({answer:?}))"));
        leaves(person);
    }
}

#[test]
fn a_wrong_answer_is_asked_again() {
    let mut person = sits_down("plain", None);
    person.sees(PROMPT);
    person.types("Ledger\r");
    person.sees("`Ledger` has `L`");
    person.sees("write small letters");
    person.types("\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}shop\r");
    person.sees("came back: Ok(Given(\"shop\"))");
    leaves(person);
}

#[test]
fn escape_goes_back_and_control_c_leaves() {
    for (keys, answer) in [("\u{1b}", "Ok(Back)"), ("\u{3}", "Err(Interrupted)")] {
        let mut person = sits_down("plain", None);
        person.sees(PROMPT);
        person.types(keys);
        person.sees(&format!("came back: {answer}"));
        leaves(person);
    }
}

#[test]
fn colour_is_used_only_when_wanted() {
    for (role, wanted) in [("colour", true), ("plain", false)] {
        let mut person = sits_down(role, None);
        person.sees(PROMPT);
        person.types("\r");
        person.sees("came back");
        let colours = leaves(person).contains("\u{1b}[38;5;");
        assert_eq!(colours, wanted, "{role}");
    }
}

#[test]
fn nothing_of_a_prompt_goes_to_stdout() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let mut person = sits_down("colour", Some(&file));
    person.sees(PROMPT);
    person.types("\r");
    person.sees("✓ Name of the service checkout");
    leaves(person);
    let out = std::fs::read_to_string(file).unwrap();
    assert!(out.contains("came back: Ok(Given(\"checkout\"))"), "{out}");
    assert!(!out.contains("Name of the service") && !out.contains('\u{1b}'));
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let this = std::env::current_exe().unwrap();
    let out = Command::new(this)
        .args([THIS, "--exact", "--nocapture"])
        .env(ROLE, "plain")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("came back: Err(NoTerminal)"));
    assert_eq!(String::from_utf8_lossy(&out.stderr), "");
}
