//! What a run was about to do, so that the next one can bring it to its end.
//!
//! A journal on disk means: every new text is staged and durable. It never overrides a later edit.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::disk::{Disk, exists, parent, sync_folders};
use super::hold::{Hold, RUN_LOCK};
use super::{STAGED_SUFFIX, beside};
use crate::files::RelPath;
use crate::project::{Change, Error, Project, own, sha256};

/// Where it lies while a run renames.
pub(super) const JOURNAL: &str = ".prodgen/journal.json";

/// What was found of an interrupted run, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recovered {
    /// It had begun to change files, and these were brought to their end.
    Finished(Vec<RelPath>),
    /// It had changed nothing yet, and these leftovers were taken away.
    Discarded(Vec<RelPath>),
}

/// The work of one run, in the order in which it is done.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Journal {
    files: Vec<Entry>,
}

/// One file of it, by the hashes of its two texts.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    path: String,
    before: Option<String>,
    after: Option<String>,
}

/// One thing still to be done.
enum Step {
    Rename(RelPath),
    Remove(RelPath),
}

impl Journal {
    /// The journal of `work`.
    pub(super) fn of(work: &[&Change]) -> Self {
        let entry = |change: &&Change| Entry {
            path: change.path.as_str().to_owned(),
            before: change.before.as_deref().map(sha256),
            after: change.after.as_deref().map(sha256),
        };
        Self {
            files: work.iter().map(entry).collect(),
        }
    }

    /// Puts it on disk. On failure it is not there, unless the disk refuses even that.
    pub(super) fn save(&self, disk: &mut dyn Disk, project: &Project) -> Result<(), Error> {
        let path = project.below(JOURNAL);
        let staged = beside(&path);
        let text = serde_json::to_string_pretty(self).map_err(|source| Error::BrokenJournal {
            path: path.clone(),
            source,
        })?;
        let saved = disk
            .create_file(&staged, &(text + "\n"), None)
            .and_then(|()| disk.rename(&staged, &path))
            .and_then(|()| disk.sync_folder(parent(&path)));
        saved.map_err(|source| {
            disk.remove_file(&staged).ok();
            disk.remove_file(&path).ok();
            Error::io("write", &path, source)
        })
    }

    /// Does everything in it and takes it away.
    pub(super) fn carry_out(self, disk: &mut dyn Disk, project: &Project) -> Result<(), Error> {
        let path = project.below(JOURNAL);
        let steps = self.files.into_iter().map(
            |Entry {
                 path: name, after, ..
             }| {
                let name = own(&name, &path)?;
                Ok(if after.is_some() {
                    Step::Rename(name)
                } else {
                    Step::Remove(name)
                })
            },
        );
        carry_out(disk, project, &steps.collect::<Result<Vec<_>, Error>>()?)
    }

    fn load(project: &Project) -> Result<Option<Self>, Error> {
        let Some(text) = project.read_own(JOURNAL)? else {
            return Ok(None);
        };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|source| Error::BrokenJournal {
                path: project.below(JOURNAL),
                source,
            })
    }

    /// What is still to be done; an error where that would lose a text.
    fn remaining(&self, project: &Project) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        for Entry {
            path: name,
            before,
            after,
        } in &self.files
        {
            let path = own(name, &project.below(JOURNAL))?;
            let staged = RelPath::new(beside_name(name)).ok();
            let current = project.read(&path)?.as_deref().map(sha256);
            let staged = staged.map(|path| project.read(&path)).transpose()?;
            let staged = staged.flatten().as_deref().map(sha256);
            let full = project.full(&path);
            match (after, staged) {
                (None, _) if current.is_some() && current == *before => {
                    steps.push(Step::Remove(path));
                }
                (Some(_), None) if current == *before => {
                    return Err(Error::Unfinished { path: full });
                }
                // Already done, and perhaps edited since: then the edit stays.
                (None, _) | (Some(_), None) => {}
                (Some(after), Some(staged)) if *after != staged => {
                    return Err(Error::Unfinished { path: full });
                }
                (Some(after), Some(_)) => {
                    let free =
                        current.is_none() || current == *before || current.as_ref() == Some(after);
                    if !free {
                        return Err(Error::EditedSince { path: full });
                    }
                    steps.push(Step::Rename(path));
                }
            }
        }
        Ok(steps)
    }
}

fn carry_out(disk: &mut dyn Disk, project: &Project, steps: &[Step]) -> Result<(), Error> {
    let mut folders = Vec::new();
    // All renames come before the first removal, and the lock file is the last of them.
    for step in steps {
        if let Step::Rename(path) = step {
            let full = project.full(path);
            disk.rename(&beside(&full), &full)
                .map_err(|source| Error::io("replace", &full, source))?;
            folders.push(parent(&full).to_owned());
        }
    }
    for step in steps {
        if let Step::Remove(path) = step {
            let full = project.full(path);
            disk.remove_file(&full)
                .map_err(|source| Error::io("remove", &full, source))?;
            folders.push(parent(&full).to_owned());
        }
    }
    sync_folders(disk, folders.iter().map(PathBuf::as_path))?;
    let journal = project.below(JOURNAL);
    disk.remove_file(&journal)
        .map_err(|source| Error::io("remove", &journal, source))?;
    sync_folders(disk, [parent(&journal)])
}

/// Brings an interrupted run to its end, or takes its leftovers away; `None` when there was none.
///
/// Every command calls this before it reads. It touches nothing when there is nothing to do.
pub(super) fn recover(disk: &mut dyn Disk, project: &Project) -> Result<Option<Recovered>, Error> {
    let unfinished = exists(&project.below(JOURNAL));
    // Who dies leaves its lock behind, so that without one nobody has died.
    if !unfinished && !exists(&project.below(RUN_LOCK)) {
        return Ok(None);
    }
    let staged = !leftovers(project)?.is_empty();
    match Hold::take(project) {
        Ok(_hold) => finish(disk, project),
        // Another run is at work and has changed nothing yet: what we read is the old tree.
        Err(Error::Busy { .. }) if !unfinished => Ok(None),
        Err(error) if unfinished || staged => Err(error),
        Err(_) => Ok(None),
    }
}

/// [`recover`] for somebody who holds the project.
pub(super) fn finish(disk: &mut dyn Disk, project: &Project) -> Result<Option<Recovered>, Error> {
    let mut finished = None;
    if let Some(journal) = Journal::load(project)? {
        let steps = journal.remaining(project)?;
        carry_out(disk, project, &steps)?;
        let path = |step| match step {
            Step::Rename(path) | Step::Remove(path) => path,
        };
        finished = Some(Recovered::Finished(steps.into_iter().map(path).collect()));
    }
    let swept = leftovers(project)?;
    for path in &swept {
        let full = project.full(path);
        disk.remove_file(&full)
            .map_err(|source| Error::io("remove", &full, source))?;
        remove_empty_above(disk, project, path);
    }
    let discarded = (!swept.is_empty()).then_some(Recovered::Discarded(swept));
    Ok(finished.or(discarded))
}

/// Takes the folders away that were made for `path` alone.
pub(super) fn remove_empty_above(disk: &mut dyn Disk, project: &Project, path: &RelPath) {
    let mut at = path.as_str();
    while let Some((folder, _)) = at.rsplit_once('/') {
        if folder == ".prodgen" || disk.remove_folder(&project.below(folder)).is_err() {
            return;
        }
        at = folder;
    }
}

/// The staged files that lie in the project, in path order.
fn leftovers(project: &Project) -> Result<Vec<RelPath>, Error> {
    let mut found = Vec::new();
    look_for(project, "", false, &mut found)?;
    look_for(project, ".prodgen", false, &mut found)?;
    look_for(project, "deploy", true, &mut found)?;
    found.sort();
    Ok(found)
}

fn look_for(
    project: &Project,
    folder: &str,
    deep: bool,
    found: &mut Vec<RelPath>,
) -> Result<(), Error> {
    let full = if folder.is_empty() {
        project.below(".")
    } else {
        project.below(folder)
    };
    let failed = |source| Error::io("read", &full, source);
    let entries = match fs::read_dir(&full) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(());
        }
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        let path = if folder.is_empty() {
            name.clone()
        } else {
            format!("{folder}/{name}")
        };
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() && deep {
            look_for(project, &path, deep, found)?;
        } else if kind.is_file() && name.starts_with('.') && name.ends_with(STAGED_SUFFIX) {
            // A name that is no path of ours was not made by us.
            found.extend(RelPath::new(path).ok());
        }
    }
    Ok(())
}

/// The path beside `path` where its new text is staged.
fn beside_name(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/.{name}{STAGED_SUFFIX}"),
        None => format!(".{path}{STAGED_SUFFIX}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn both_ways_of_naming_the_staged_file_agree() {
        for path in ["prodgen.yaml", "deploy/production/a.yaml"] {
            assert_eq!(Path::new(&beside_name(path)), beside(Path::new(path)));
        }
    }
}
