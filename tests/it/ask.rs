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

#[test]
fn a_canary_is_not_asked_for_its_steps() {
    let sandbox = Sandbox::with_service();
    let before = sandbox.tree();
    // Whoever leaves at the question for another key has no canary either.
    let mut person = sits(&sandbox, &["add", "canary", "callers"]);
    person.sees("Who may call it?");
    person.types("\u{1b}");
    let (code, said) = person.leaves();
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("Nothing was written"), "{said}");
    assert_eq!(sandbox.tree(), before);

    let mut person = sits(&sandbox, &["add", "canary", "callers"]);
    person.answers("Who may call it?", "storefront");
    person.answers("And?", "");
    let (code, said) = person.leaves();
    assert_eq!(code, 0, "{said}");
    let words = |said: &str, all: &[&str]| {
        let solid: String = said.split_whitespace().collect::<Vec<_>>().join(" ");
        for one in all {
            assert!(solid.contains(one), "{one}\n{said}");
        }
    };
    words(
        &said,
        &[
            "`canary` has the steps [34, 67], which 3 pods hold",
            "prodgen canary start IMAGE",
        ],
    );
    let spec = sandbox.read("prodgen.yaml");
    for line in ["callers: [storefront]\n", "steps: [34, 67]\n"] {
        assert!(spec.contains(line), "{spec}");
    }

    // A verb asks nothing on a terminal, and says how it goes on.
    let new = "registry.example.com/payments/checkout:9.9.9";
    let added = sandbox.tree();
    let (code, said) = sits(&sandbox, &["canary", "start", new]).leaves();
    assert_eq!(code, 0, "{said}");
    words(&said, &["Canary: step 1 of 2.", "prodgen canary step 2"]);
    let (code, said) = sits(&sandbox, &["canary", "abort"]).leaves();
    assert_eq!(code, 0, "{said}");
    assert_eq!(sandbox.tree(), added);

    // Begun with the policy, in one command.
    let (code, said) = sits(&sandbox, &["remove", "canary"]).leaves();
    assert_eq!(code, 0, "{said}");
    let (code, said) = sits(&sandbox, &["add", "canary", "--image", new]).leaves();
    assert_eq!(code, 0, "{said}");
    words(&said, &["Canary: step 1 of 2."]);
}
