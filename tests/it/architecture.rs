//! The walls between the rooms, and the rules of the house that no compiler checks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Who may import whom. A room that is not here may not be there.
const WALLS: &[(&str, &str)] = &[
    (
        "cli",
        "wizard report render project merge preset detect spec prompt component kube yaml files diag",
    ),
    (
        "wizard",
        "component detect preset spec prompt yaml files diag",
    ),
    (
        "render",
        "component template spec preset kube yaml files diag",
    ),
    ("component", "template spec kube yaml files diag"),
    ("project", "merge kube yaml files diag"),
    ("merge", "kube yaml diag"),
    ("preset", "spec yaml diag"),
    // It reads compose and CI files, and those are YAML.
    ("detect", "spec yaml diag"),
    ("template", "yaml diag"),
    ("spec", "yaml diag"),
    ("kube", "yaml diag"),
    ("yaml", "diag"),
    ("prompt", "diag"),
    ("report", "diag"),
    ("files", ""),
    ("diag", ""),
];

/// The longest file that needs no defence.
const LINES: usize = 400;

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`, by its path from there, sorted.
fn rust(folder: &str) -> BTreeMap<String, String> {
    fn walk(at: &Path, top: &Path, out: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, top, out);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let name = path.strip_prefix(top).unwrap().to_str().unwrap();
                out.insert(
                    name.replace('\\', "/"),
                    std::fs::read_to_string(&path).unwrap(),
                );
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(&home().join(folder), &home().join(folder), &mut files);
    files
}

/// The room that a file of `src/` is in; the three at the door are in none.
fn room(file: &str) -> Option<&str> {
    match file.split_once('/') {
        Some((room, _)) => Some(room),
        None if matches!(file, "main.rs" | "lib.rs" | "build.rs") => None,
        None => file.strip_suffix(".rs"),
    }
}

/// A file's lines without those that are comments.
fn code(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The rooms that a file names: `crate::yaml::Tree`, `crate::{diag, yaml::Tree}`.
fn named(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let word = |text: &str| -> String {
        let letters = text.trim_start().chars();
        letters
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let mut rooms = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let Some(group) = after.strip_prefix('{') else {
            rooms.insert(word(after));
            continue;
        };
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => {
                    rooms.insert(word(&group[start..at]));
                    break;
                }
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    rooms.insert(word(&group[start..at]));
                    start = at + 1;
                }
                _ => {}
            }
        }
    }
    rooms.retain(|room| room.starts_with(|c: char| c.is_ascii_lowercase()));
    rooms
}

/// What is wrong with the imports of one file.
fn through_walls(file: &str, text: &str) -> Vec<String> {
    let Some(room) = room(file) else {
        return Vec::new();
    };
    let Some((_, open)) = WALLS.iter().find(|(name, _)| *name == room) else {
        return vec![format!("{file}: `{room}` is no room of the house")];
    };
    let strange = |name: &String| name != room && !open.split(' ').any(|one| one == name);
    let names = named(text).into_iter().filter(strange);
    names
        .map(|name| format!("{file}: {room} may not see {name}"))
        .collect()
}

/// What is wrong with one file as the house has it.
fn manners(file: &str, text: &str, is_below_cli: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let header: Vec<&str> = text
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .collect();
    if header.is_empty() {
        wrong.push(format!("{file} does not say what it is"));
    }
    let lines = text.lines().count();
    if lines > LINES && !header.join(" ").contains("lines") {
        wrong.push(format!("{file} has {lines} lines and does not say why"));
    }
    if is_below_cli {
        for loud in ["println!", "print!", "process::exit", "dbg!"] {
            if code(text).contains(loud) {
                wrong.push(format!("{file} has `{loud}`"));
            }
        }
    }
    wrong
}

fn is_below_cli(file: &str) -> bool {
    room(file).is_some_and(|room| room != "cli")
}

#[test]
fn rooms_see_only_what_lies_below_them() {
    let files = rust("src");
    let wrong: Vec<String> = files
        .iter()
        .flat_map(|(file, text)| through_walls(file, text))
        .collect();
    assert_eq!(wrong, [""; 0]);
    let rooms: BTreeSet<&str> = files.keys().filter_map(|file| room(file)).collect();
    let known: BTreeSet<&str> = WALLS.iter().map(|(room, _)| *room).collect();
    assert_eq!(rooms, known);
}

/// The table goes down only: a room that sees another is not seen by it, by any way round.
#[test]
fn there_is_no_way_up() {
    let below = |room: &str| WALLS.iter().find(|(name, _)| *name == room).unwrap().1;
    for (room, _) in WALLS {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = below(room).split_whitespace().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(below(next).split_whitespace());
            }
        }
        assert!(!reached.contains(room), "{room} lies below itself");
    }
}

#[test]
fn every_file_says_what_it_is_and_is_short_and_quiet() {
    let mut wrong = Vec::new();
    for (file, text) in rust("src") {
        wrong.extend(manners(&file, &text, is_below_cli(&file)));
    }
    for (file, text) in rust("tests") {
        wrong.extend(manners(&file, &text, false));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_archived_yaml_crate_is_not_here() {
    let lock = std::fs::read_to_string(home().join("Cargo.lock")).unwrap();
    let has = |name: &str| {
        lock.lines()
            .any(|line| line == format!("name = \"{name}\""))
    };
    assert!(has("yaml_serde") && !has("serde_yaml"));
}

/// Each rule, shown to fail.
#[test]
fn bad_samples_are_found() {
    let walls = |file: &str, text: &str| !through_walls(file, text).is_empty();
    assert!(walls("yaml/x.rs", "use crate::spec::App;"));
    assert!(walls("diag/mod.rs", "fn f() { crate::yaml::parse(); }"));
    assert!(walls("report/x.rs", "use crate::{diag::Span, kube};"));
    assert!(walls(
        "report/x.rs",
        "use crate::{\n    diag::{Span, Label},\n    kube::{decode},\n};"
    ));
    assert!(walls("helpers/mod.rs", "") && walls("util.rs", ""));
    assert!(!walls(
        "report/x.rs",
        "//! See `crate::kube`.\nuse crate::diag::Span;\nuse crate::report::Run;"
    ));
    let bad = |text: &str| manners("a.rs", text, true).len();
    assert_eq!(bad("//! A room.\n"), 0);
    assert_eq!(bad("use x;\n"), 1);
    assert_eq!(bad("//! A room.\nfn f() { eprintln!(); }\n"), 1);
    assert_eq!(bad("//! A room.\nfn f() { std::process::exit(1); }\n"), 1);
    let long = "\n".repeat(LINES + 1);
    assert_eq!(bad(&format!("//! A room.{long}")), 1);
    assert_eq!(
        bad(&format!(
            "//! A list, longer than 400 lines for a reason.{long}"
        )),
        0
    );
}
