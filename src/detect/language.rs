//! What a service is written in, by the files that its build needs. There is no key for it: it is
//! said, so that a person sees that the right folder is looked at.

use super::place::Place;
use super::{Language, Repository};

/// What a language calls its programs, and the files by which they are known; `*` for any name.
///
/// In this order: files of the lower ones serve as tools beside the upper ones.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("Go program", &["go.mod"]),
    ("Rust program", &["Cargo.toml"]),
    (
        "Java program",
        &["pom.xml", "build.gradle.kts", "build.gradle"],
    ),
    (".NET program", &["*.csproj", "*.fsproj", "*.vbproj"]),
    ("PHP program", &["composer.json"]),
    ("Ruby program", &["Gemfile"]),
    (
        "Python program",
        &["pyproject.toml", "requirements.txt", "setup.py", "Pipfile"],
    ),
    ("Node program", &["package.json"]),
];

/// The first language of which there is a file.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    let there = place.names();
    let named = |pattern: &str| match pattern.strip_prefix('*') {
        Some(end) => there.iter().find(|name| name.ends_with(end)),
        None => there.iter().find(|name| *name == pattern),
    };
    repository.language = LANGUAGES.iter().find_map(|(name, files)| {
        let file = files.iter().find_map(|file| named(file))?;
        Some(Language {
            name,
            file: file.clone(),
        })
    });
}

#[cfg(test)]
mod tests {
    use super::super::repository;
    use super::super::tests::lay;

    #[test]
    fn languages() {
        for (files, want) in [
            (&["go.mod", "package.json"][..], "Go program (go.mod)"),
            (&["Cargo.toml"], "Rust program (Cargo.toml)"),
            (&["build.gradle", "pom.xml"], "Java program (pom.xml)"),
            (&["B.csproj", "A.csproj"], ".NET program (A.csproj)"),
            (&["a\u{1b}[2J.csproj"], ""),
            (
                &["composer.json", "package.json"],
                "PHP program (composer.json)",
            ),
            (&["Gemfile", "package.json"], "Ruby program (Gemfile)"),
            (&["requirements.txt"], "Python program (requirements.txt)"),
            (&["package.json"], "Node program (package.json)"),
            (&["a/go.mod", "readme"], ""),
        ] {
            let temporary = tempfile::tempdir().unwrap();
            let files: Vec<_> = files.iter().map(|file| (*file, "")).collect();
            lay(temporary.path(), &files);
            let language = repository(temporary.path()).language;
            let said = language.map(|one| format!("{} ({})", one.name, one.file));
            assert_eq!(said.unwrap_or_default(), want, "{files:?}");
        }
    }
}
