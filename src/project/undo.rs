//! What the last write did, so that it can be taken back: `.prodgen/undo.json`.
//!
//! It is written with the write itself, for one step back; it is nobody else's business, so a
//! `.gitignore` beside it keeps it out of version control.

use serde::{Deserialize, Serialize};

use super::{Action, BASE, Change, Error, LOCK, Plan, Project, sha256};
use crate::files::RelPath;

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

fn path(project: &Project, name: &str) -> Result<RelPath, Error> {
    RelPath::new(name).map_err(|source| Error::BrokenPath {
        path: project.below(UNDO),
        source,
    })
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
            takes_back: true,
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
            let is_record = [BASE, LOCK, IGNORE].contains(&name.as_str());
            if is_record && change.action != Action::Conflict {
                plan.records.push(change);
            } else {
                plan.changes.push(change);
            }
        }
        plan.changes.sort_by(|one, other| one.path.cmp(&other.path));
        // The lock file is the last that is written.
        plan.records
            .sort_by_key(|record| record.path.as_str() == LOCK);
        Ok(Some(plan))
    }
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
