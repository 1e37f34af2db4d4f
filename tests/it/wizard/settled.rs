//! On a real terminal: what flags and the repository settle, and what they got wrong.

use std::io::Write as _;

use super::{IMAGE, Place, rest};

/// Lays a file for the program to read.
fn put(place: &Place, name: &str, text: &str) {
    let path = place.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn what_flags_and_the_repository_settle_is_not_asked() {
    let place = Place::new();
    put(&place, ".github/CODEOWNERS", "* @shop/payments\n");
    let arguments = [
        "new",
        "service",
        "checkout",
        "--image",
        IMAGE,
        "--preset",
        "static-site",
        "--port",
        "8081",
    ];
    let mut person = place.sits(&arguments, 100, true);
    person.sees("[from .github/CODEOWNERS;");
    person.answers("Which team owns it? (payments)", "");
    person.answers("How to tell that it is well? (/)", "");
    person.answers("Who may call it?", "");
    person.answers("Whom does it call?", "");
    person.answers("Which Secrets does it read?", "");
    person.answers("Does it store personal data?", "");
    person.answers("Write it?", "");
    let (code, sent) = person.leaves();
    assert_eq!(code, 0);
    for question in [
        "What is it called?",
        "What is it?",
        "Which image?",
        "Which port",
    ] {
        assert!(!sent.contains(question), "{question}");
    }
}

#[test]
fn what_flags_got_wrong_is_said_before_anything_is_asked() {
    for (flags, words) in [
        (["--image", "bad"], "`bad` names no registry"),
        (["--preset", "worker"], "the preset makes a worker"),
    ] {
        let place = Place::new();
        let arguments = [&["new", "service", "shop"], &flags[..]].concat();
        let mut person = place.sits(&arguments, 100, true);
        person.sees(words);
        let (code, sent) = person.leaves();
        assert_eq!((code, place.tree().len()), (2, 0), "{sent}");
        assert!(!sent.contains("Which team owns it?"), "{sent}");
    }
}

/// In a folder of much, on a narrow terminal, with nothing but defaults: the tree that `-y` makes.
#[test]
fn what_is_found_is_offered_and_taken() {
    let compose = "services:\n  a:\n    build: .\n    depends_on: [ledger]\n    secrets: [db]\n  \
                   ledger: {image: x, expose: [50051]}\n";
    let files = [
        ("go.mod", "module a\n"),
        ("CODEOWNERS", "* @shop/payments\n"),
        (
            "Dockerfile",
            "FROM a\nUSER app\nEXPOSE 9000\nVOLUME /data\n",
        ),
        ("compose.yaml", compose),
    ];
    let (wizard, yes) = (Place::new(), Place::new());
    for (name, text) in files {
        put(&wizard, name, text);
        put(&yes, name, text);
    }
    let flags = ["new", "service", "shop", "--image", IMAGE];
    let mut person = wizard.sits(&flags, 60, false);
    person.sees("Found here: a Go program (go.mod), writable /data (Dockerfile)");
    person.sees("warning: Dockerfile: `USER app` (line 2) is a name");
    person.answers("What is it?", "");
    person.answers("Which team owns it? (payments)", "");
    person.answers("Which port does it listen on? (9000)", "");
    person.answers("How to tell that it is well? (tcp)", "");
    person.answers("Who may call it?", "");
    person.answers("Whom does it call? (ledger:50051)", "");
    person.answers("so far: ledger:50051", "");
    person.answers("Which Secrets does it read? (db)", "");
    person.answers("so far: db", "");
    person.answers("Does it store personal data?", "");
    person.sees("may write to /tmp, /data");
    person.answers("Write it?", "");
    assert_eq!(person.leaves().0, 0);
    let (code, _, said) = yes.runs(&[&flags[..], &["-y"]].concat());
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains("`writable: [/data]` is from Dockerfile"),
        "{said}"
    );
    assert_eq!(wizard.tree(), yes.tree());
}

#[test]
fn commands_of_another_folder_name_it() {
    let place = Place::new();
    let arguments = [
        "new", "worker", "w", "--team", "t", "--image", IMAGE, "-C", "a b",
    ];
    let mut person = place.sits(&arguments, 150, true);
    person.answers("Whom does it call?", "");
    person.answers("Which Secrets does it read?", "");
    person.answers("Does it store personal data?", "");
    person.answers("Write it?", "");
    let (code, sent) = person.leaves();
    assert_eq!(code, 0);
    assert!(sent.contains("-f 'a b/deploy/production' -l"), "{sent}");
    assert!(sent.contains("--no-input -C 'a b'"), "{sent}");
}

#[test]
fn what_is_worth_a_word_is_said_on_a_terminal_too() {
    let place = Place::new();
    put(&place, "config/app", "password=hunter2\n");
    let arguments = [
        "new",
        "service",
        "checkout",
        "--kubernetes=1.34",
        "--config=config",
    ];
    let mut person = place.sits(&arguments, 100, false);
    person.answers("What is it?", "");
    person.answers("Which team owns it?", "payments");
    person.answers("Which image?", IMAGE);
    rest(&mut person);
    person.answers("Write it?", "");
    let (code, said) = person.leaves();
    assert_eq!(code, 0);
    for words in [
        "looks as if it held a credential",
        "gets no more fixes from its makers",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
}

#[test]
fn a_preset_of_ones_own_is_not_asked_for_again() {
    let place = Place::new();
    let preset = "description: Ours.\ntype: service\nreplicas: 4\nwhy:\n  replicas: Four.\n";
    put(&place, "ours.yaml", preset);
    let arguments = ["new", "service", "checkout", "--preset=ours", "--presets=."];
    let mut person = place.sits(&arguments, 100, false);
    person.answers("Which team owns it?", "payments");
    person.answers("Which image?", IMAGE);
    rest(&mut person);
    person.answers("Write it?", "");
    let (code, said) = person.leaves();
    assert_eq!(code, 0);
    assert!(said.contains("preset `ours` is from"), "{said}");
    assert!(!said.contains("What is it?"), "{said}");
    let spec = &place.tree()["prodgen.yaml"];
    assert!(spec.contains("replicas: 4"), "{spec}");
}
