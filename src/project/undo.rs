//! What the last write did, so that it can be taken back: `.prodgen/undo.json`.
//!
//! It is written with the write itself, for one step back; it is nobody else's business, so a
//! `.gitignore` beside it keeps it out of version control.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::lock::{base_text, parse_base};
use super::{Action, BASE, Change, Error, LOCK, Lock, Plan, Project, State, own, sha256};
use crate::files::{FileSet, RelPath};

/// Where it lies.
pub const UNDO: &str = ".prodgen/undo.json";
/// Keeps what belongs to one working copy out of version control.
const IGNORE: &str = ".prodgen/.gitignore";
const IGNORED: &str = "/journal.json\n/run.lock\n/undo.json\n";

/// The record of one write.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Undo {
    files: Vec<Entry>,
}

/// One file of it: what it was, and the hash of what it became.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    before: Option<String>,
    after: Option<String>,
}

/// What was known of the last render after the write that is taken back, and before it; nothing where
/// that cannot be said of both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Back(Option<(Known, Known)>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    lock: Lock,
    base: FileSet,
}

impl Known {
    /// A pair that belongs together.
    fn of(project: &Project, lock: Option<&str>, base: Option<&str>) -> Option<Self> {
        let lock = Lock::parse(lock?, &project.below(LOCK)).ok()?;
        let base = parse_base(base?, &project.below(BASE)).ok()?;
        (sha256(&base_text(&base)) == lock.base).then_some(Self { lock, base })
    }

    /// The same without any file.
    fn emptied(&self) -> Self {
        let lock = Lock {
            files: BTreeMap::new(),
            ..self.lock.clone()
        };
        let base = FileSet::new();
        Self { lock, base }
    }
}

/// One of the two texts of a change.
type Side = fn(&Change) -> &Option<String>;

fn path(project: &Project, name: &str) -> Result<RelPath, Error> {
    own(name, &project.below(UNDO))
}

/// The changes that remember `work`.
pub(super) fn remember(project: &Project, work: &[&Change]) -> Result<Vec<Change>, Error> {
    let ignore = path(project, IGNORE)?;
    let mut made = Vec::new();
    if project.read(&ignore)?.is_none() {
        made.push(Change::new(
            ignore,
            Action::New,
            None,
            Some(IGNORED.to_owned()),
        ));
    }
    let files = work
        .iter()
        .copied()
        .chain(&made)
        .map(|change| Entry {
            path: change.path.as_str().to_owned(),
            before: change.before.clone(),
            after: change.after.as_deref().map(sha256),
        })
        .collect();
    let broken = |source| Error::BrokenJournal {
        path: project.below(UNDO),
        source,
    };
    let text = serde_json::to_string_pretty(&Undo { files }).map_err(broken)? + "\n";
    let undo = path(project, UNDO)?;
    let before = project.read(&undo)?;
    made.push(Change::new(undo, Action::Updated, before, Some(text)));
    Ok(made)
}

impl Plan {
    /// What takes the last write back; `None` where none is remembered.
    ///
    /// A file that is not as that write left it is a conflict.
    pub fn undo(project: &Project) -> Result<Option<Self>, Error> {
        let undo = path(project, UNDO)?;
        let Some(text) = project.read(&undo)? else {
            return Ok(None);
        };
        let remembered: Undo =
            serde_json::from_str(&text).map_err(|source| Error::BrokenJournal {
                path: project.below(UNDO),
                source,
            })?;
        let mut plan = Self {
            changes: Vec::new(),
            records: vec![Change::new(undo, Action::Removed, Some(text), None)],
            back: Some(Box::default()),
            moves: Vec::new(),
        };
        for Entry {
            path: name,
            before,
            after,
        } in remembered.files
        {
            let change = back(project, path(project, &name)?, before, after.as_ref())?;
            // Records are shown only where somebody has to decide about them.
            if (is_record(&change.path) || name == IGNORE) && change.action != Action::Conflict {
                plan.records.push(change);
            } else {
                plan.changes.push(change);
            }
        }
        // Records that were changed since are a person's to decide about.
        if !plan.changes.iter().any(|change| is_record(&change.path)) {
            plan.back = Some(Box::new(plan.known(project)?));
        }
        plan.changes.sort_by(|one, other| one.path.cmp(&other.path));
        // The lock file is the last that is written.
        plan.records
            .sort_by_key(|record| record.path.as_str() == LOCK);
        Ok(Some(plan))
    }

    /// What is known of the last render, now and once this is carried out; nothing where records cannot
    /// be read.
    pub fn states(&self) -> [State; 2] {
        let text = |name: &str, side: Side| {
            let mut all = self.changes.iter().chain(&self.records);
            let record = all.find(|change| change.path.as_str() == name)?;
            side(record).as_deref()
        };
        let sides: [Side; 2] = [|record| &record.before, |record| &record.after];
        sides.map(|side| {
            let lock = text(LOCK, side).map(|text| Lock::parse(text, Path::new(LOCK)));
            let base = text(BASE, side).map(|text| parse_base(text, Path::new(BASE)));
            State {
                lock: lock.and_then(Result::ok),
                base: base.and_then(Result::ok).unwrap_or_default(),
                ..State::default()
            }
        })
    }

    fn known(&self, project: &Project) -> Result<Back, Error> {
        let now = project.records()?;
        let (lock, base) = (now.lock_text.as_deref(), now.base_text.as_deref());
        let Some(after) = Known::of(project, lock, base) else {
            return Ok(Back::default());
        };
        // What the write left as it was is now as it was before.
        let before = |name: &str, now: Option<&str>| {
            let mut records = self.records.iter();
            let record = records.find(|record| record.path.as_str() == name);
            record.map_or_else(|| now.map(str::to_owned), |record| record.after.clone())
        };
        let before = match (before(LOCK, lock), before(BASE, base)) {
            (None, None) => Some(after.emptied()),
            (lock, base) => Known::of(project, lock.as_deref(), base.as_deref()),
        };
        Ok(Back(before.map(|before| (after, before))))
    }

    /// Of a file that stays as it is while the rest is taken back, what was last rendered stays known.
    pub(super) fn keep_records(&mut self) {
        let Some(Back(Some((after, before)))) = self.back.as_deref() else {
            return;
        };
        let kept = self.changes.iter();
        let kept = kept.filter(|change| change.action == Action::Kept);
        let kept: Vec<RelPath> = kept.map(|change| change.path.clone()).collect();
        let mut base = before.base.clone();
        for path in &kept {
            match after.base.get(path) {
                Some(text) => base.insert(path.clone(), text.clone()),
                None => base.remove(path),
            };
        }
        if base == before.base {
            return;
        }
        let lock = before.lock.clone().with(&base, &after.lock, &kept);
        let Ok(lock) = lock.to_text(Path::new(LOCK)) else {
            return;
        };
        let base = base_text(&base);
        for record in &mut self.records {
            let text = match record.path.as_str() {
                BASE => &base,
                LOCK => &lock,
                _ => continue,
            };
            record.action = if record.before.as_ref() == Some(text) {
                Action::Same
            } else {
                Action::Updated
            };
            record.after = Some(text.clone());
        }
    }
}

fn is_record(path: &RelPath) -> bool {
    [BASE, LOCK].contains(&path.as_str())
}

fn back(
    project: &Project,
    path: RelPath,
    before: Option<String>,
    after: Option<&String>,
) -> Result<Change, Error> {
    let now = project.read(&path)?;
    let action = if now == before {
        Action::Same
    } else if now.as_deref().map(sha256).as_ref() != after {
        Action::Conflict
    } else if before.is_none() {
        Action::Removed
    } else if now.is_none() {
        Action::New
    } else {
        Action::Updated
    };
    let why = (action == Action::Conflict).then_some("changed since");
    Ok(Change {
        why,
        ..Change::new(path, action, now, before)
    })
}
