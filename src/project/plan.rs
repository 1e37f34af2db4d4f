//! Everything that a write would do, worked out beforehand: base is the last render, ours the disk,
//! theirs the new render. Reads the disk, never writes; what is open, a person decides.

use std::collections::{BTreeMap, BTreeSet};

use super::lock::base_text;
use super::rule::decide;
use super::undo::Back;
use super::{Action, BASE, Change, Error, LOCK, Lock, Project, SPEC, State, own};
use crate::files::{FileSet, RelPath};
use crate::merge::{Conflict, Id, Side, identity};

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
    /// The hash of the configuration files that it names, if it names any.
    pub config: Option<String>,
    /// What its canary stands at, which is the spec's affair.
    pub canary: Option<serde_json::Value>,
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
    /// What was known before and after the write that it takes back, if it takes one back: then it is
    /// none that could be taken back itself.
    pub(super) back: Option<Box<Back>>,
    /// Files whose object the render has under another path now: from, to.
    pub(super) moves: Vec<(RelPath, RelPath)>,
}

impl Plan {
    /// Lays the last render, the disk and the new render side by side.
    pub fn new(project: &Project, state: &State, wanted: Wanted) -> Result<Self, Error> {
        let moves = moves(project, state, &wanted.manifests)?;
        let mut changes = Vec::new();
        let paths: BTreeSet<&RelPath> = state.base.keys().chain(wanted.manifests.keys()).collect();
        for path in paths {
            if moves.iter().any(|(_, to)| to == path) {
                continue;
            }
            let to = moves.iter().find(|(from, _)| from == path);
            let theirs = wanted.manifests.get(to.map_or(path, |(_, to)| to));
            let base = state.base.get(path).map(String::as_str);
            changes.extend(decide(
                path,
                base,
                project.read(path)?,
                theirs.map(String::as_str),
            ));
        }
        Self::of(project, state, wanted, changes, moves)
    }

    /// Takes the tree as it stands for the person's edits of the new render: nothing is known of the
    /// last one. A file that is not there has been deleted, unless none is there: then all are made.
    pub fn adopt(project: &Project, wanted: Wanted) -> Result<Self, Error> {
        let mut there = BTreeMap::new();
        for path in wanted.manifests.keys() {
            there.insert(path, project.read(path)?);
        }
        let has_tree = there.values().any(Option::is_some);
        let mut changes = Vec::new();
        for (path, theirs) in &wanted.manifests {
            let ours = there.remove(path).flatten();
            let base = has_tree.then_some(theirs.as_str());
            changes.extend(decide(path, base, ours, Some(theirs)).map(|change| Change {
                why: match (change.action, &change.after) {
                    (Action::Kept, Some(_)) => Some("taken for your edit"),
                    (Action::Kept, None) => Some("not there; taken for your edit"),
                    (_, _) => None,
                },
                ..change
            }));
        }
        let state = State {
            lock: None,
            base: FileSet::new(),
            ..project.records()?
        };
        Self::of(project, &state, wanted, changes, Vec::new())
    }

    fn of(
        project: &Project,
        state: &State,
        wanted: Wanted,
        mut changes: Vec<Change>,
        moves: Vec<(RelPath, RelPath)>,
    ) -> Result<Self, Error> {
        let Wanted {
            spec,
            config,
            canary,
            manifests,
        } = wanted;
        // A file that is kept though nothing renders it: what it was made from is remembered, so that it
        // is still known for an edited one, and merged if it is rendered again.
        let mut base = manifests;
        for change in &changes {
            let has_moved = moves.iter().any(|(from, _)| *from == change.path);
            let is_orphan = change.action == Action::Kept && change.after.is_some() && !has_moved;
            if let Some(text) = state.base.get(&change.path).filter(|_| is_orphan) {
                base.entry(change.path.clone())
                    .or_insert_with(|| text.clone());
            }
        }
        changes.extend(spec_change(project, &spec)?);
        let lock = Lock::new(spec.text(), config.as_deref(), canary, &base);
        let mut plan = Self {
            changes,
            records: records(project, state, &lock, &base)?,
            back: None,
            moves,
        };
        plan.carry_moves();
        Ok(plan)
    }

    /// Gives each file that is settled the path that its object has now.
    fn carry_moves(&mut self) {
        let mut open = Vec::new();
        for (from, to) in std::mem::take(&mut self.moves) {
            let Some(change) = self.changes.iter_mut().find(|change| change.path == from) else {
                continue;
            };
            if change.action == Action::Conflict {
                open.push((from, to));
                continue;
            }
            let was = change.action;
            let text = change.after.take();
            let gone = text.is_none();
            let action = if gone { Action::Kept } else { Action::New };
            change.why = Some(if gone {
                "you deleted or moved it"
            } else {
                "it has another name now"
            });
            change.action = if gone { Action::Kept } else { Action::Removed };
            let was_edited = matches!(was, Action::Merged | Action::Kept) && !gone;
            self.changes.push(Change {
                why: was_edited.then_some("with your edits"),
                ..Change::new(to, action, None, text)
            });
        }
        self.moves = open;
        self.changes.sort_by(|a, b| a.path.cmp(&b.path));
    }

    /// Whether a write would leave every byte as it is.
    pub fn is_unchanged(&self) -> bool {
        !self
            .changes
            .iter()
            .chain(&self.records)
            .any(Change::is_work)
    }

    /// Whether nothing is remembered of an earlier render.
    pub fn knows_nothing(&self) -> bool {
        self.records.iter().all(|record| record.before.is_none())
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
        self.carry_moves();
        self
    }

    /// Settles what stands against writing in favour of one side: in a file that both changed, only
    /// where they do not go together.
    ///
    /// A spec in the way stays there: the manifests beside it were rendered from another one. A place
    /// that cannot be edited stays open too: the whole file would have to go for it.
    #[must_use]
    pub fn accept(self, side: Side) -> Self {
        self.settle(&|_, _| Some(side))
            .settle_whole(&|_| Some(side))
    }

    /// Decides files of which there is nothing but the whole to decide.
    #[must_use]
    pub fn settle_whole(mut self, decide: &dyn Fn(&RelPath) -> Option<Side>) -> Self {
        for change in &mut self.changes {
            let is_whole = match change.action {
                Action::InTheWay => change.path.as_str() != SPEC,
                Action::Conflict => change.open.is_empty(),
                Action::New
                | Action::Same
                | Action::Updated
                | Action::Merged
                | Action::Kept
                | Action::Removed => false,
            };
            if let Some(side) = decide(&change.path).filter(|_| is_whole) {
                change.take(side);
            }
        }
        self.carry_moves();
        self.keep_records();
        self
    }
}

/// The files whose object the new render has under another path, where the old one is still there.
fn moves(
    project: &Project,
    state: &State,
    render: &FileSet,
) -> Result<Vec<(RelPath, RelPath)>, Error> {
    let gone = state.base.iter();
    let gone = gone.filter(|(path, _)| !render.contains_key(*path));
    let mut gone: BTreeMap<Id, &RelPath> = gone
        .filter_map(|(path, text)| Some((identity(text)?, path)))
        .collect();
    let mut moves = Vec::new();
    let new = render.iter();
    for (to, text) in new.filter(|(path, _)| !state.base.contains_key(*path)) {
        let Some(from) = identity(text).and_then(|id| gone.remove(&id)) else {
            continue;
        };
        // What somebody has put there already is theirs.
        if project.read(to)?.is_none() {
            moves.push((from.clone(), to.clone()));
        }
    }
    Ok(moves)
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
        let path = own(path, &project.below(path))?;
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

    fn open(path: &str, action: Action) -> Change {
        let (before, after) = (Some("o".to_owned()), Some("t".to_owned()));
        let path = RelPath::new(path).unwrap();
        Change::new(path, action, before, after)
    }

    #[test]
    fn accept_settles_what_is_open() {
        let project = Project::at("nowhere-at-all");
        let wanted = Wanted {
            config: None,
            canary: None,
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
