//! Three-way merges as files: `merge/CASE/{base,ours,theirs}.yaml`, and `want.yaml` or a list of
//! `conflicts`. The name of a case says what it shows.
//!
//! Cases that begin with `as-elsewhere` or `unlike-elsewhere` take up what kustomize's tables for its
//! own three-way merge decide; where we differ, a comment in the case's `want` or `conflicts` says why.

use std::path::{Path, PathBuf};

use prodgen::merge::{Conflict, Manner, Side, Texts, merge, undecided};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/merge")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// What a case should end with.
enum Want {
    Text(String),
    Conflicts(Vec<String>),
}

fn line(conflict: &Conflict) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    let place = format!("{}:{}", conflict.line, conflict.column);
    let object = conflict.object.clone().unwrap_or_else(|| "-".to_owned());
    let path = conflict.path.to_string();
    let values = [&conflict.base, &conflict.ours, &conflict.theirs].map(value);
    format!(
        "{place} {object} {path}\n  {}\n  {}",
        values.join(" | "),
        conflict.why.words()
    )
}

fn wanted(case: &Path) -> Want {
    let text = read(&case.join("want.yaml"));
    let conflicts = read(&case.join("conflicts"));
    assert_ne!(
        text.is_empty(),
        conflicts.is_empty(),
        "{}: one of both",
        case.display()
    );
    if conflicts.is_empty() {
        return Want::Text(text);
    }
    let lines: Vec<&str> = conflicts
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    Want::Conflicts(lines.chunks(3).map(|lines| lines.join("\n")).collect())
}

#[test]
fn every_case_ends_as_it_says() {
    let mut count = 0;
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let case = entry.unwrap().path();
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let [base, ours, theirs] =
            ["base", "ours", "theirs"].map(|side| read(&case.join(format!("{side}.yaml"))));
        let texts = Texts {
            base: &base,
            ours: &ours,
            theirs: &theirs,
        };
        let got = merge(Manner::Yaml, texts, &undecided);
        match (wanted(&case), got) {
            (Want::Text(want), Ok(got)) if want == got => {}
            (Want::Conflicts(want), Err(open)) => {
                let got: Vec<String> = open.iter().map(line).collect();
                if want != got {
                    wrong.push(format!("{name}:\n{}", got.join("\n")));
                }
                // Whatever was open, one side settles it.
                for side in [Side::Ours, Side::Theirs] {
                    let settled = merge(Manner::Yaml, texts, &move |_: &Conflict| Some(side));
                    if settled.is_err() && !name.contains("anchor") {
                        wrong.push(format!("{name}: {side:?} does not settle it"));
                    }
                }
            }
            (_, Ok(got)) => wrong.push(format!("{name}:\n{got}")),
            (_, Err(open)) => {
                let open: Vec<String> = open.iter().map(line).collect();
                wrong.push(format!("{name}:\n{}", open.join("\n")));
            }
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count >= 30, "{count} cases");
}

/// Each case from both ends: with nothing changed on one side the other one is the result.
#[test]
fn a_side_that_did_nothing_has_no_say() {
    for entry in std::fs::read_dir(folder()).unwrap() {
        let case = entry.unwrap().path();
        let [base, ours, theirs] =
            ["base", "ours", "theirs"].map(|side| read(&case.join(format!("{side}.yaml"))));
        let merged = |base: &str, ours: &str, theirs: &str| {
            merge(Manner::Yaml, Texts { base, ours, theirs }, &undecided)
        };
        assert_eq!(merged(&base, &base, &theirs).as_ref(), Ok(&theirs));
        assert_eq!(merged(&base, &ours, &base).as_ref(), Ok(&ours));
        assert_eq!(merged(&base, &theirs, &theirs).as_ref(), Ok(&theirs));
    }
}
