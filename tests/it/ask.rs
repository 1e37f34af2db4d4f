//! `add` on a terminal: what a key needs is asked, checked as it is typed, and written.

use portable_pty::CommandBuilder;

use super::person::Person;
use super::sandbox::Sandbox;

fn sits(sandbox: &Sandbox, arguments: &[&str]) -> Person {
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_prodgen"));
    command.env_clear();
    command.env("HOME", sandbox.path("home"));
    command.env("NO_COLOR", "1");
    command.args(arguments);
    command.cwd(sandbox.path(""));
    Person::sits_down(command, 60)
}

#[test]
fn what_a_key_needs_is_asked_and_checked() {
    let sandbox = Sandbox::with_service();
    let mut person = sits(
        &sandbox,
        &[
            "add",
            "callers",
            "access",
            "needs",
            "--need",
            "ledger:50051",
        ],
    );
    person.answers("Who may call it?", "storefront");
    person.answers("And?", "");
    person.answers("access:", "{viewer: [a]}");
    person.sees("unknown key `viewer`");
    // What was typed stays, to be put right.
    person.types(&"\u{7f}".repeat(13));
    person.types("{viewers: [shop]}\r");
    let (code, said) = person.leaves();
    assert_eq!(code, 0, "{said}");
    let spec = sandbox.read("prodgen.yaml");
    for line in [
        "callers: [storefront]\n",
        "needs: [ledger:50051]\n",
        "  viewers: [shop]\n",
    ] {
        assert!(spec.contains(line), "{spec}");
    }
}

#[test]
fn whoever_goes_back_or_leaves_has_changed_nothing() {
    let sandbox = Sandbox::with_service();
    let before = sandbox.tree();
    let mut person = sits(&sandbox, &["add", "callers"]);
    person.sees("Who may call it?");
    person.types("\u{1b}");
    let (code, said) = person.leaves();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Nothing was written"));
    let mut person = sits(&sandbox, &["add", "env"]);
    person.sees("env:");
    person.types("\u{3}");
    assert_eq!(person.leaves().0, 130);
    assert_eq!(sandbox.tree(), before);
    // What needs no answer asks nothing.
    for arguments in [
        &["add", "env", "--set", "env={A: b}"][..],
        &["add", "env"],
        &["remove", "env"],
    ] {
        let (code, said) = sits(&sandbox, arguments).leaves();
        assert_eq!(code, 0, "{said}");
    }
    let (code, _) = sits(&sandbox, &["add", "env", "--no-input"]).leaves();
    assert_eq!(code, 2);
    assert_eq!(sandbox.tree(), before);
}
