//! Prompts on a real terminal: what stands on the screen, what comes back, and where nothing goes.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use prodgen::prompt::{Prompter, Question, Terminal};

/// Set, it makes a process the one that asks: `colour` or `plain`.
const ROLE: &str = "PRODGEN_TEST_ASK";
const THIS: &str = "prompt::asks_if_told_to";
const PATIENCE: Duration = Duration::from_secs(20);

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
struct Person {
    screen: vt100::Parser,
    raw: Vec<u8>,
    bytes: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Person {
    fn sits_down(role: &str, stdout: Option<&Path>) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            ..PtySize::default()
        };
        let pty = native_pty_system().openpty(size).unwrap();
        let this = std::env::current_exe().unwrap();
        let arguments = [THIS, "--exact", "--nocapture"];
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
        command.args(arguments);
        command.env(ROLE, role);
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keys = pty.master.take_writer().unwrap();
        let (send, bytes) = mpsc::channel();
        std::thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut some) {
                if send.send(some[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            screen: vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0),
            raw: Vec::new(),
            bytes,
            keys,
            child,
            _master: pty.master,
        }
    }

    /// Waits until `words` stand on the screen.
    fn sees(&mut self, words: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.screen.screen().contents().contains(words) {
            let left = end.saturating_duration_since(Instant::now());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(why) => panic!("{why}: {words:?} in:\n{}", self.screen.screen().contents()),
            }
        }
    }

    fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for the end of the process; everything that it ever sent comes back.
    fn leaves(mut self) -> String {
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{}", self.screen.screen().contents());
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(200)) {
            self.raw.extend(bytes);
        }
        String::from_utf8(self.raw).unwrap()
    }
}

const PROMPT: &str = "? Name of the service (checkout)";

#[test]
fn an_answer_is_typed_or_taken() {
    for (keys, answer) in [("\r", "checkout"), ("  ledger \r", "ledger")] {
        let mut person = Person::sits_down("plain", None);
        person.sees(PROMPT);
        person.sees("[every object carries it]");
        person.types(keys);
        person.sees(&format!("✓ Name of the service {answer}"));
        person.sees(&format!("came back: Ok(Given({answer:?}))"));
        person.leaves();
    }
}

#[test]
fn a_wrong_answer_is_asked_again() {
    let mut person = Person::sits_down("plain", None);
    person.sees(PROMPT);
    person.types("Ledger\r");
    person.sees("`Ledger` has `L`");
    person.sees("write small letters");
    person.types("\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}shop\r");
    person.sees("came back: Ok(Given(\"shop\"))");
    person.leaves();
}

#[test]
fn escape_goes_back_and_control_c_leaves() {
    for (keys, answer) in [("\u{1b}", "Ok(Back)"), ("\u{3}", "Err(Interrupted)")] {
        let mut person = Person::sits_down("plain", None);
        person.sees(PROMPT);
        person.types(keys);
        person.sees(&format!("came back: {answer}"));
        person.leaves();
    }
}

#[test]
fn colour_is_used_only_when_wanted() {
    for (role, wanted) in [("colour", true), ("plain", false)] {
        let mut person = Person::sits_down(role, None);
        person.sees(PROMPT);
        person.types("\r");
        person.sees("came back");
        let colours = person.leaves().contains("\u{1b}[38;5;");
        assert_eq!(colours, wanted, "{role}");
    }
}

#[test]
fn nothing_of_a_prompt_goes_to_stdout() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let mut person = Person::sits_down("colour", Some(&file));
    person.sees(PROMPT);
    person.types("\r");
    person.sees("✓ Name of the service checkout");
    person.leaves();
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
