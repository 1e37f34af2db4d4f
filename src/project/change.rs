//! One file of a plan: its text now, its text afterwards, and why.

use serde::{Deserialize, Serialize};

use crate::files::RelPath;
use crate::merge::{self, Conflict, Manner, Side, Texts};

/// What happens to one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// It is made.
    New,
    /// It is already what it should be.
    Same,
    /// It gets a new text.
    Updated,
    /// It gets what is new, and keeps what the user made of it.
    Merged,
    /// It stays as the user left it.
    Kept,
    /// It is taken away.
    Removed,
    /// The user and the render both changed it; nothing is written.
    Conflict,
    /// A file that prodgen did not write has its name; nothing is written.
    InTheWay,
}

impl Action {
    /// The word for it, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same => "same",
            Self::Updated => "updated",
            Self::Merged => "merged",
            Self::Kept => "kept",
            Self::Removed => "removed",
            Self::Conflict => "conflict",
            Self::InTheWay => "in-the-way",
        }
    }
}

/// One file of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it is.
    pub path: RelPath,
    /// What happens to it.
    pub action: Action,
    /// Its text now; `None` when it is not there.
    pub before: Option<String>,
    /// Its text afterwards; for a conflict the text that the render would like.
    pub after: Option<String>,
    /// The reason, where the action alone does not tell.
    pub why: Option<&'static str>,
    /// What a person has to decide, if it is a conflict.
    pub open: Vec<Conflict>,
    /// The last render, if it is a conflict: to merge again what is decided.
    pub(super) base: Option<String>,
}

impl Change {
    /// What happens to a file, with nothing more to be said about it.
    pub(super) fn new(
        path: RelPath,
        action: Action,
        before: Option<String>,
        after: Option<String>,
    ) -> Self {
        Self {
            path,
            action,
            before,
            after,
            why: None,
            open: Vec::new(),
            base: None,
        }
    }

    /// Merges again, with decisions; what stays undecided stays open.
    pub(super) fn settle(&mut self, decide: &dyn Fn(&RelPath, &Conflict) -> Option<Side>) {
        let (Some(base), Some(ours), Some(theirs)) = (&self.base, &self.before, &self.after) else {
            return;
        };
        let texts = Texts { base, ours, theirs };
        let decide = |conflict: &Conflict| decide(&self.path, conflict);
        match merge::merge(Manner::of(self.path.as_str()), texts, &decide) {
            Ok(text) => {
                let kept = text == *ours;
                self.action = if kept { Action::Kept } else { Action::Merged };
                self.why = Some(if kept {
                    "yours was accepted"
                } else {
                    "merged as decided"
                });
                self.after = Some(text);
                self.open.clear();
            }
            Err(open) => self.open = open,
        }
    }

    /// Takes one side of it, whole.
    pub(super) fn take(&mut self, side: Side) {
        match side {
            Side::Ours => {
                self.action = Action::Kept;
                self.after.clone_from(&self.before);
                self.why = Some("yours was accepted");
            }
            Side::Theirs => {
                self.action = match (&self.before, &self.after) {
                    (_, None) => Action::Removed,
                    (None, Some(_)) => Action::New,
                    (Some(_), Some(_)) => Action::Updated,
                };
                self.why = Some("theirs was accepted");
            }
        }
    }

    /// Whether the disk has to be touched for it.
    pub(super) fn is_work(&self) -> bool {
        self.before != self.after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_json() {
        use Action::{Conflict, InTheWay, Kept, Merged, New, Removed, Same, Updated};
        for action in [
            New, Same, Updated, Merged, Kept, Removed, Conflict, InTheWay,
        ] {
            assert_eq!(serde_json::to_value(action).unwrap(), action.word());
        }
    }
}
