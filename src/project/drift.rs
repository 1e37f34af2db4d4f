//! Whether the tree still is what its spec renders: the words of `render --check`.
//!
//! Only looks; what to do about it is for a plan.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rule::Sides;
use super::{Error, Project, State};
use crate::files::{FileSet, RelPath};

/// What one file is to its render.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftWord {
    /// It is the render.
    Clean,
    /// A person changed it; the render brings nothing new.
    Edited,
    /// The render has something new; no person changed it.
    Stale,
    /// Both.
    EditedAndStale,
    /// It is rendered and not there.
    Missing,
    /// It was rendered once, is no longer, and is still there.
    Extra,
}

impl DriftWord {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Edited => "edited",
            Self::Stale => "stale",
            Self::EditedAndStale => "edited-and-stale",
            Self::Missing => "missing",
            Self::Extra => "extra",
        }
    }
}

/// What the tree as a whole is to its render.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overall {
    /// It is the render.
    Clean,
    /// People changed it, and a write would change nothing.
    Edited,
    /// A write would change it, or run into a conflict.
    Stale,
}

impl Overall {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Edited => "edited",
            Self::Stale => "stale",
        }
    }
}

/// One file of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftFile {
    /// Where it is.
    pub path: RelPath,
    /// What it is to its render.
    pub word: DriftWord,
    /// Whether it is not as it was last rendered.
    edited: bool,
}

/// The tree against its render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The files, in path order.
    pub files: Vec<DriftFile>,
    /// All of them in one word.
    pub overall: Overall,
}

impl Drift {
    /// Whether no person has changed a file since it was rendered.
    pub fn is_untouched(&self) -> bool {
        !self.files.iter().any(|file| file.edited)
    }

    /// Holds the tree against `render`.
    pub fn new(project: &Project, state: &State, render: &FileSet) -> Result<Self, Error> {
        let paths: BTreeSet<&RelPath> = state.base.keys().chain(render.keys()).collect();
        let mut drift = Self {
            files: Vec::new(),
            overall: Overall::Clean,
        };
        for path in paths {
            let base = state.base.get(path).map(String::as_str);
            let ours = project.read(path)?;
            let theirs = render.get(path).map(String::as_str);
            let Some((word, overall)) = judge(base, ours.as_deref(), theirs) else {
                continue;
            };
            let edited = match (base, ours.as_deref()) {
                (Some(base), Some(ours)) => !Sides::of(Some(base), ours, theirs).untouched,
                (None, None) => false,
                (Some(_), None) | (None, Some(_)) => true,
            };
            drift.files.push(DriftFile {
                path: path.clone(),
                word,
                edited,
            });
            drift.overall = drift.overall.max(overall);
        }
        Ok(drift)
    }
}

fn judge(
    base: Option<&str>,
    ours: Option<&str>,
    theirs: Option<&str>,
) -> Option<(DriftWord, Overall)> {
    let Some(ours) = ours else {
        // A file that its owner deleted stays deleted; one that was never there is new.
        let overall = if base.is_some() {
            Overall::Edited
        } else {
            Overall::Stale
        };
        return theirs.map(|_| (DriftWord::Missing, overall));
    };
    let Sides {
        untouched,
        settled,
        same,
    } = Sides::of(base, ours, theirs);
    Some(match (theirs.is_some(), same, untouched, settled) {
        (false, _, true, _) => (DriftWord::Extra, Overall::Stale),
        (false, _, false, _) => (DriftWord::Extra, Overall::Edited),
        (true, true, _, _) => (DriftWord::Clean, Overall::Clean),
        (true, false, true, _) => (DriftWord::Stale, Overall::Stale),
        (true, false, false, true) => (DriftWord::Edited, Overall::Edited),
        (true, false, false, false) => (DriftWord::EditedAndStale, Overall::Stale),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word() {
        let (b, o, t) = (Some("b"), Some("o"), Some("t"));
        let table = [
            (b, b, b, DriftWord::Clean, Overall::Clean),
            (None, t, t, DriftWord::Clean, Overall::Clean),
            (b, t, t, DriftWord::Clean, Overall::Clean),
            (b, o, b, DriftWord::Edited, Overall::Edited),
            (b, b, t, DriftWord::Stale, Overall::Stale),
            (b, o, t, DriftWord::EditedAndStale, Overall::Stale),
            (None, o, t, DriftWord::EditedAndStale, Overall::Stale),
            (None, None, t, DriftWord::Missing, Overall::Stale),
            (b, None, t, DriftWord::Missing, Overall::Edited),
            (b, b, None, DriftWord::Extra, Overall::Stale),
            (b, o, None, DriftWord::Extra, Overall::Edited),
        ];
        for (base, ours, theirs, word, overall) in table {
            let found = judge(base, ours, theirs).unwrap();
            assert_eq!(found, (word, overall), "{base:?} {ours:?} {theirs:?}");
            assert_eq!(serde_json::to_value(word).unwrap(), word.word());
            assert_eq!(serde_json::to_value(overall).unwrap(), overall.word());
        }
        assert_eq!(judge(b, None, None), None);
    }

    #[test]
    fn a_tree_is_as_bad_as_its_worst_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| RelPath::new(name).unwrap();
        let render = FileSet::from([(path("a"), "a".to_owned()), (path("b"), "b".to_owned())]);
        let project = Project::at(dir.path());
        let drift = Drift::new(&project, &State::default(), &render).unwrap();
        let words: Vec<_> = drift.files.iter().map(|file| file.word.word()).collect();
        assert_eq!(
            (words, drift.overall),
            (vec!["missing", "missing"], Overall::Stale)
        );
        let nothing = Drift::new(&project, &State::default(), &FileSet::new()).unwrap();
        assert_eq!(nothing.overall, Overall::Clean);
    }
}
