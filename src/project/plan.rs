//! Everything that a write would do, worked out beforehand: base is the last render, ours the disk,
//! theirs the new render. Reads the disk, never writes; what is open, a person decides.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::lock::base_text;
use super::rule::decide;
use super::{BASE, Error, LOCK, Lock, Project, SPEC, State};
use crate::files::{FileSet, RelPath};
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
    fn settle(&mut self, decide: &dyn Fn(&RelPath, &Conflict) -> Option<Side>) {
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

    /// Whether the disk has to be touched for it.
    pub(super) fn is_work(&self) -> bool {
        self.before != self.after
    }
}

/// The spec of a render, and whether the command wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecText {
    /// It is on disk, or was given otherwise; nothing is to be done.
    Read(String),
    /// The command made it: the file must not be there yet, or be the same.
    Made(String),
    /// The command edited it, from what it read to what it wants.
    Edited {
        /// What was read from disk.
        from: String,
        /// What the file shall be.
        to: String,
    },
}

impl SpecText {
    /// The text that the render was made from.
    pub fn text(&self) -> &str {
        match self {
            Self::Read(text) | Self::Made(text) | Self::Edited { to: text, .. } => text,
        }
    }
}

/// What the project should hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The spec.
    pub spec: SpecText,
    /// The new render, whole.
    pub manifests: FileSet,
}

/// Everything that a write would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The files, in path order.
    pub changes: Vec<Change>,
    /// The merge base and, last, the lock file: written with every change, shown to nobody.
    pub(super) records: Vec<Change>,
    /// Whether it takes a write back, and so is none that could be taken back itself.
    pub(super) takes_back: bool,
}

impl Plan {
    /// Lays the last render, the disk and the new render side by side.
    pub fn new(project: &Project, state: &State, wanted: Wanted) -> Result<Self, Error> {
        let Wanted { spec, manifests } = wanted;
        let mut changes = Vec::new();
        let paths: BTreeSet<&RelPath> = state.base.keys().chain(manifests.keys()).collect();
        for path in paths {
            let theirs = manifests.get(path).map(String::as_str);
            let base = state.base.get(path).map(String::as_str);
            changes.extend(decide(path, base, project.read(path)?, theirs));
        }
        changes.extend(spec_change(project, &spec)?);
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        let lock = Lock::new(spec.text(), &manifests);
        let records = records(project, state, &lock, &manifests)?;
        Ok(Self {
            changes,
            records,
            takes_back: false,
        })
    }

    /// Whether a write would leave every byte as it is.
    pub fn is_unchanged(&self) -> bool {
        !self
            .changes
            .iter()
            .chain(&self.records)
            .any(Change::is_work)
    }

    /// The files that the user and the render both changed.
    pub fn conflicts(&self) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(|change| change.action == Action::Conflict)
    }

    /// The files that prodgen did not write and would have to replace.
    pub fn in_the_way(&self) -> impl Iterator<Item = &Change> {
        self.changes
            .iter()
            .filter(|change| change.action == Action::InTheWay)
    }

    /// Whether nothing stands against writing it.
    pub fn is_clean(&self) -> bool {
        self.conflicts().next().is_none() && self.in_the_way().next().is_none()
    }

    /// Decides conflicts one by one; where nothing is decided they stay open.
    #[must_use]
    pub fn settle(mut self, decide: &dyn Fn(&RelPath, &Conflict) -> Option<Side>) -> Self {
        for change in &mut self.changes {
            if change.action == Action::Conflict {
                change.settle(decide);
            }
        }
        self
    }

    /// Settles what stands against writing in favour of one side: in a file that both changed, only
    /// where they do not go together.
    ///
    /// A spec in the way stays there: the manifests beside it were rendered from another one.
    #[must_use]
    pub fn accept(self, side: Side) -> Self {
        let mut settled = self.settle(&|_, _| Some(side));
        for change in &mut settled.changes {
            match change.action {
                Action::InTheWay if change.path.as_str() == SPEC => continue,
                Action::Conflict | Action::InTheWay => {}
                Action::New
                | Action::Same
                | Action::Updated
                | Action::Merged
                | Action::Kept
                | Action::Removed => continue,
            }
            match side {
                Side::Ours => {
                    change.action = Action::Kept;
                    change.open.clear();
                    change.after.clone_from(&change.before);
                    change.why = Some("yours was accepted");
                }
                Side::Theirs => {
                    change.action = match (&change.before, &change.after) {
                        (_, None) => Action::Removed,
                        (None, Some(_)) => Action::New,
                        (Some(_), Some(_)) => Action::Updated,
                    };
                    change.open.clear();
                    change.why = Some("the render was accepted");
                }
            }
        }
        settled
    }
}

/// The change of the spec itself, when the command made or edited it.
fn spec_change(project: &Project, spec: &SpecText) -> Result<Option<Change>, Error> {
    let (from, to) = match spec {
        SpecText::Read(_) => return Ok(None),
        SpecText::Made(to) => (None, to),
        SpecText::Edited { from, to } => (Some(from), to),
    };
    let Ok(path) = RelPath::new(SPEC) else {
        return Ok(None);
    };
    let before = project.read(&path)?;
    let (action, why) = match (&before, from) {
        (None, None) => (Action::New, None),
        (Some(before), _) if before == to => (Action::Same, None),
        (Some(before), Some(from)) if before == from => (Action::Updated, None),
        (Some(_), None) => (Action::InTheWay, Some("there is a spec already")),
        (_, Some(_)) => {
            return Err(Error::ChangedMeanwhile {
                path: project.full(&path),
            });
        }
    };
    Ok(Some(Change {
        why,
        ..Change::new(path, action, before, Some(to.clone()))
    }))
}

/// The changes of the merge base and the lock file, in this order.
fn records(
    project: &Project,
    state: &State,
    lock: &Lock,
    base: &FileSet,
) -> Result<Vec<Change>, Error> {
    let change = |path: &'static str, before: &Option<String>, after: Option<String>| {
        let path = RelPath::new(path).map_err(|source| Error::BrokenPath {
            path: project.below(path),
            source,
        })?;
        let action = if *before == after {
            Action::Same
        } else if before.is_none() {
            Action::New
        } else {
            Action::Updated
        };
        Ok(Change::new(path, action, before.clone(), after))
    };
    // Records that say the same in other bytes (line ends) are left alone.
    let known = state.lock.as_ref();
    let base_after = match known {
        Some(_) if state.base == *base => state.base_text.clone(),
        Some(_) | None => Some(base_text(base)),
    };
    let lock_after = match known {
        Some(known) if known == lock => state.lock_text.clone(),
        Some(_) | None => Some(lock.to_text(&project.below(LOCK))?),
    };
    Ok(vec![
        change(BASE, &state.base_text, base_after)?,
        change(LOCK, &state.lock_text, lock_after)?,
    ])
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

    fn open(path: &str, action: Action) -> Change {
        let (before, after) = (Some("o".to_owned()), Some("t".to_owned()));
        let path = RelPath::new(path).unwrap();
        Change::new(path, action, before, after)
    }

    #[test]
    fn accept_settles_what_is_open() {
        let project = Project::at("nowhere-at-all");
        let wanted = Wanted {
            spec: SpecText::Made(String::new()),
            manifests: FileSet::new(),
        };
        let mut plan = Plan::new(&project, &State::default(), wanted).unwrap();
        plan.changes = vec![open("a", Action::Conflict), open("b", Action::InTheWay)];
        assert!(!plan.is_clean());
        assert_eq!(
            (plan.conflicts().count(), plan.in_the_way().count()),
            (1, 1)
        );
        let after = |side| {
            let plan = plan.clone().accept(side);
            assert!(plan.is_clean());
            plan.changes
                .into_iter()
                .map(|change| change.after.unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(after(Side::Ours), ["o", "o"]);
        assert_eq!(after(Side::Theirs), ["t", "t"]);
        // What `undo` brings back after somebody deleted it is made anew.
        plan.changes[0].before = None;
        let first = |plan: Plan| plan.changes[0].action;
        assert_eq!(first(plan.clone().accept(Side::Theirs)), Action::New);
        assert_eq!(first(plan.accept(Side::Ours)), Action::Kept);
    }
}
