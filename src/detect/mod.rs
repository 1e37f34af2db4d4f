//! What a repository says about a service: files are read, and nothing is ever run.
//!
//! A repository may be hostile: links that lead out, large files and what is no file are left alone.

mod above;
mod ci;
mod codeowners;
mod command;
mod compose;
mod dockerfile;
mod env;
mod framework;
mod git;
mod health;
mod language;
mod place;
mod yaml;

use std::path::Path;

use crate::diag::Diagnostic;
use crate::spec::value::{AppName, DnsLabel, Port, Wrong};
use place::Place;

/// An answer that stands in the repository already.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// The key of the spec that it answers.
    pub key: &'static str,
    /// The answer, valid for the key; of a list each item.
    pub items: Vec<String>,
    /// The file that says so, as seen from the folder: `.git/config`; `.` is the folder itself.
    pub file: String,
    /// It holds only for a service that listens on this port.
    pub port: Option<Port>,
}

impl Found {
    /// A single word.
    fn word(key: &'static str, word: &impl ToString, file: &str) -> Self {
        Self::list(key, vec![word.to_string()], file)
    }

    /// The items of a list.
    fn list(key: &'static str, items: Vec<String>, file: &str) -> Self {
        Self {
            key,
            items,
            file: file.to_owned(),
            port: None,
        }
    }

    /// Holds only for a service that listens on `port`.
    fn on(self, port: Option<Port>) -> Self {
        Self { port, ..self }
    }

    /// Where it stands, in words.
    pub fn place(&self) -> &str {
        if self.file == "." {
            "the name of the folder"
        } else {
            &self.file
        }
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        LISTS.contains(&self.key)
    }

    /// The answer as one would type it.
    pub fn value(&self) -> String {
        if self.is_list() {
            format!("[{}]", self.items.join(", "))
        } else {
            self.items.concat()
        }
    }
}

/// What the service is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// As in «it is a …»: `Go program`.
    pub name: &'static str,
    /// The file that says so.
    pub file: String,
}

/// What a repository says about the service in one folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// The answers, sorted by key, one each.
    pub found: Vec<Found>,
    /// What it is written in.
    pub language: Option<Language>,
    /// What else there is to know, each with its file, and with the key that settles it.
    pub remarks: Vec<Diagnostic>,
}

/// Keys to which every file may add; to any other key one file alone has the say.
const LISTS: &[&str] = &["needs", "secrets", "writable"];

/// The most items of a list that anybody means.
const MOST_ITEMS: usize = 50;

impl Repository {
    /// Takes an answer in; the first to a key counts, and to a list everybody adds.
    fn add(&mut self, mut found: Found) {
        let is_list = LISTS.contains(&found.key);
        let there = self.found.iter_mut().find(|one| one.key == found.key);
        match there {
            Some(_) if !is_list => {}
            Some(there) => {
                let before = there.items.len();
                once_each(&mut there.items, found.items);
                if there.items.len() > before {
                    there.file = format!("{}, {}", there.file, found.file);
                }
            }
            None => {
                if is_list {
                    let items = std::mem::take(&mut found.items);
                    once_each(&mut found.items, items);
                }
                self.found.push(found);
            }
        }
    }
}

/// Adds the items that are not there yet.
fn once_each(there: &mut Vec<String>, items: Vec<String>) {
    for item in items {
        if there.len() <= MOST_ITEMS && !there.contains(&item) {
            there.push(item);
        }
    }
}

/// What reads one kind of file; what that does not say is left out.
type Reader = fn(&Place, &mut Repository);

/// Everybody who is asked: of two answers to a key, the upper one counts.
const READERS: &[Reader] = &[
    above::read,
    language::read,
    codeowners::read,
    dockerfile::read,
    compose::read,
    ci::read,
    framework::read,
    env::read,
    git::read,
    folder,
];

/// What the repository around `root` says about the service in that folder.
pub fn repository(root: &Path) -> Repository {
    let mut repository = Repository::default();
    if let Some(place) = Place::of(root) {
        for read in READERS {
            read(&place, &mut repository);
        }
    }
    // A list as long as that is of something else.
    let is_short = |found: &Found| (1..=MOST_ITEMS).contains(&found.items.len());
    repository.found.retain(is_short);
    repository.found.sort();
    repository
}

/// The name of the folder.
fn folder(place: &Place, repository: &mut Repository) {
    if let Some(found) = name(place.name().unwrap_or_default(), ".") {
        repository.add(found);
    }
}

/// `word` as the name of the service, put right where it is obvious how.
fn name(word: &str, file: &str) -> Option<Found> {
    Some(Found::word("name", &right(word, AppName::parse)?, file))
}

/// `word` as the team, put right where it is obvious how.
fn team(word: &str, file: &str) -> Option<Found> {
    Some(Found::word("team", &right(word, DnsLabel::parse)?, file))
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
        let found = repository(folder).found;
        found
            .into_iter()
            .map(|found| format!("{}={} ({})", found.key, found.value(), found.file))
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
        let nothing = repository(&temporary.path().join("none"));
        assert_eq!(nothing, super::Repository::default());
    }
}
