//! What a repository says about a service: files are read, and nothing is ever run.
//!
//! A repository may be hostile: links that lead out, large files and what is no file are left alone.

mod codeowners;
mod dockerfile;
mod git;
mod place;

use std::collections::BTreeMap;
use std::path::Path;

use crate::spec::value::{AppName, DnsLabel, Wrong};
use place::Place;

/// An answer that stands in the repository already.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The key of the spec that it answers.
    pub key: &'static str,
    /// The answer, valid for the key.
    pub value: String,
    /// The file that says so, as seen from the folder: `.git/config`; `.` is the folder itself.
    pub file: String,
}

/// What reads one kind of file; a key that it cannot answer is left out.
type Reader = fn(&Place) -> Vec<Found>;

/// Everybody who is asked: of two answers to a key, the upper one counts.
const READERS: &[Reader] = &[codeowners::read, dockerfile::read, git::read, folder];

/// What the repository around `root` says about the service in that folder: sorted by key, one
/// answer each.
pub fn repository(root: &Path) -> Vec<Found> {
    let Some(place) = Place::of(root) else {
        return Vec::new();
    };
    let mut answers = BTreeMap::new();
    for found in READERS.iter().flat_map(|read| read(&place)) {
        answers.entry(found.key).or_insert(found);
    }
    answers.into_values().collect()
}

/// The name of the folder.
fn folder(place: &Place) -> Vec<Found> {
    let word = place.name().unwrap_or_default();
    name(word, ".".to_owned()).into_iter().collect()
}

/// `word` as the name of the service, put right where it is obvious how.
fn name(word: &str, file: String) -> Option<Found> {
    let value = right(word, AppName::parse)?.to_string();
    Some(Found {
        key: "name",
        value,
        file,
    })
}

/// `word` as the team, put right where it is obvious how.
fn team(word: &str, file: String) -> Option<Found> {
    let value = right(word, DnsLabel::parse)?.to_string();
    Some(Found {
        key: "team",
        value,
        file,
    })
}

/// The value, or the one that a refusal advises.
fn right<T>(word: &str, parse: fn(&str) -> Result<T, Wrong>) -> Option<T> {
    parse(word)
        .or_else(|wrong| parse(wrong.advice().unwrap_or_default()))
        .ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::repository;

    /// Lays files, path and text, below `root`.
    pub(super) fn lay(root: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let mut file = fs::File::create(path).unwrap();
            std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
        }
    }

    /// What is found in `folder` of a repository: `key=value (file)`.
    pub(super) fn found(files: &[(&str, &str)], folder: &str) -> Vec<String> {
        let temporary = tempfile::tempdir().unwrap();
        lay(temporary.path(), files);
        let folder = temporary.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        listed(&folder)
    }

    /// What is found in a folder: `key=value (file)`.
    pub(super) fn listed(folder: &Path) -> Vec<String> {
        repository(folder)
            .into_iter()
            .map(|found| format!("{}={} ({})", found.key, found.value, found.file))
            .collect()
    }

    #[test]
    fn the_better_answer_counts() {
        let remote = "[remote \"origin\"]\n\turl = git@git.example.com:acme/Check_Out.git\n";
        let all = [
            (".git/config", remote),
            ("CODEOWNERS", "* @acme/payments\n"),
            ("Dockerfile", "FROM scratch\nEXPOSE 8081\n"),
        ];
        assert_eq!(
            found(&all, "."),
            [
                "name=check-out (.git/config)",
                "port=8081 (Dockerfile)",
                "team=payments (CODEOWNERS)",
            ]
        );
        assert_eq!(
            found(&all, "inner"),
            ["name=inner (.)", "team=payments (../CODEOWNERS)",]
        );
        assert_eq!(
            found(&all[..1], "a/B b"),
            ["name=b-b (.)", "team=acme (../../.git/config)",]
        );
    }

    #[test]
    fn a_folder_names_a_service_if_it_can() {
        for (folder, want) in [
            ("checkout", &["name=checkout (.)"][..]),
            ("Check_Out", &["name=check-out (.)"]),
            ("a\u{1b}[31mb", &[]),
            ("a\nb", &[]),
            ("kassenbücher", &[]),
            ("x".repeat(60).as_str(), &[]),
        ] {
            assert_eq!(found(&[], folder), want, "{folder:?}");
        }
    }

    #[test]
    fn a_folder_that_is_not_there_says_nothing() {
        let temporary = tempfile::tempdir().unwrap();
        assert!(repository(&temporary.path().join("none")).is_empty());
    }
}
