//! The only place that writes: all or nothing. Everything is staged beside its target, a journal
//! names the renames, the lock file is renamed last; what a crash leaves, the next run finishes.

mod disk;
mod hold;
mod journal;
#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Action, Change, Error, Plan, Project, undo};
use crate::files::FileSet;
use disk::{Disk, Real, exists, make_folders, parent, sync_folders};
use hold::Hold;
use journal::Journal;

pub use journal::Recovered;

/// The end of a staged file's name; no tool that looks for manifests takes it for one.
const STAGED_SUFFIX: &str = ".prodgen~";

/// Carries out `plan`, all of it or nothing; refuses one in which something is open.
pub fn write(project: &Project, plan: &Plan) -> Result<(), Error> {
    write_on(&mut Real, project, plan)
}

/// Brings an interrupted run to its end, or takes its leftovers away; `None` when there was none.
///
/// Every command calls this before it reads. It touches nothing when there is nothing to do.
pub fn recover(project: &Project) -> Result<Option<Recovered>, Error> {
    journal::recover(&mut Real, project)
}

impl Plan {
    /// Whether another run has written, or is about to, since this was worked out: then what stands
    /// against it may be that run's doing and nobody's edit.
    pub fn is_outdated(&self, project: &Project) -> Result<bool, Error> {
        for record in &self.records {
            if project.read(&record.path)? != record.before {
                return Ok(true);
            }
        }
        Ok(project.is_being_written())
    }
}

impl Project {
    /// Whether a run holds the project, or has died while it did.
    pub(super) fn is_being_written(&self) -> bool {
        [hold::RUN_LOCK, journal::JOURNAL]
            .iter()
            .any(|name| exists(&self.below(name)))
    }

    /// Whether a run has left a journal behind.
    pub(super) fn was_interrupted(&self) -> bool {
        exists(&self.below(journal::JOURNAL))
    }
}

/// Writes `files` below `dir`, which is no project: nothing is merged and nothing is replaced.
///
/// A file that is there with the same text is left alone; with another, or beside manifests that are not
/// its own, nothing is written.
pub fn export(dir: &Path, files: &FileSet) -> Result<Vec<Change>, Error> {
    export_on(&mut Real, dir, files)
}

fn write_on(disk: &mut dyn Disk, project: &Project, plan: &Plan) -> Result<(), Error> {
    if let Some(open) = plan.conflicts().chain(plan.in_the_way()).next() {
        return Err(Error::Unsettled {
            path: project.full(&open.path),
        });
    }
    if plan.is_unchanged() {
        return Ok(());
    }
    let _hold = Hold::take(project)?;
    // If another run died since the plan was made, the comparison below notices what it did.
    journal::finish(disk, project)?;
    let (lock, others) = plan.records.split_at(plan.records.len() - 1);
    let all: Vec<&Change> = others.iter().chain(&plan.changes).chain(lock).collect();
    for change in &all {
        if project.read(&change.path)? != change.before {
            return Err(Error::ChangedMeanwhile {
                path: project.full(&change.path),
            });
        }
    }
    let mut work: Vec<&Change> = all.into_iter().filter(|change| change.is_work()).collect();
    let memory = if plan.back.is_some() {
        Vec::new()
    } else {
        undo::remember(project, &work)?
    };
    work.splice(0..0, &memory);
    for change in &work {
        let path = project.full(&change.path);
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_symlink() {
            return Err(Error::Link { path });
        }
        // A rename would not ask.
        if metadata.permissions().readonly() {
            return Err(Error::ReadOnly { path });
        }
    }
    let staged = Staged::new(disk, project, &work)?;
    let journal = Journal::of(&work);
    if let Err(error) = journal.save(disk, project) {
        // With a journal that cannot be taken back, the next run goes on from it.
        if !exists(&project.below(journal::JOURNAL)) {
            staged.undo(disk);
        }
        return Err(error);
    }
    journal.carry_out(disk, project)?;
    if plan.back.is_some() {
        // Folders that were made for files which are gone again.
        for change in work.iter().filter(|change| change.after.is_none()) {
            journal::remove_empty_above(disk, project, &change.path);
        }
    }
    Ok(())
}

/// What [`export`] would do; reads only.
pub fn export_plan(dir: &Path, files: &FileSet) -> Result<Vec<Change>, Error> {
    if dir.is_symlink() && !dir.exists() {
        return Err(Error::DeadLink {
            path: dir.to_owned(),
        });
    }
    let project = Project::at(dir);
    let mut changes = Vec::new();
    for (path, text) in files {
        let before = project.read(path)?;
        let action = match &before {
            None => Action::New,
            Some(before) if before == text => Action::Same,
            Some(_) => {
                return Err(Error::Occupied {
                    path: project.full(path),
                });
            }
        };
        let after = Some(text.clone());
        changes.push(Change::new(path.clone(), action, before, after));
    }
    let foreign = foreign(dir, files)?;
    if foreign.is_empty() {
        Ok(changes)
    } else {
        Err(Error::Foreign {
            path: dir.to_owned(),
            files: foreign,
        })
    }
}

/// What lies in a folder, would be applied with it, and is not in `files`. A file of an earlier export
/// that is no longer rendered is no less wrong there than one of somebody else's.
fn foreign(dir: &Path, files: &FileSet) -> Result<Vec<String>, Error> {
    let wrong = |source| Error::io("read", dir, source);
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(wrong(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(wrong)?.path();
        let kind = path.extension().and_then(OsStr::to_str);
        let is_manifest = matches!(kind, Some("yaml" | "yml" | "json")) && !path.is_dir();
        let name = path.file_name().map(OsStr::to_string_lossy);
        if let Some(name) = name.filter(|_| is_manifest)
            && !files.keys().any(|file| file.as_str() == name)
        {
            found.push(name.into_owned());
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn export_on(disk: &mut dyn Disk, dir: &Path, files: &FileSet) -> Result<Vec<Change>, Error> {
    let project = Project::at(dir);
    let changes = export_plan(dir, files)?;
    let work: Vec<&Change> = changes.iter().filter(|change| change.is_work()).collect();
    for change in &work {
        let leftover = beside(&project.full(&change.path));
        if exists(&leftover) {
            disk.remove_file(&leftover)
                .map_err(|source| Error::io("remove", &leftover, source))?;
        }
    }
    let staged = Staged::new(disk, &project, &work)?;
    let mut done: Vec<PathBuf> = Vec::new();
    for change in &work {
        let full = project.full(&change.path);
        if let Err(source) = disk.rename(&beside(&full), &full) {
            for path in &done {
                disk.remove_file(path).ok();
            }
            staged.undo(disk);
            return Err(Error::io("write", &full, source));
        }
        done.push(full);
    }
    sync_folders(disk, done.iter().map(|path| parent(path)))?;
    Ok(changes)
}

/// New texts on disk beside their targets, durable and not yet in force.
#[derive(Default)]
struct Staged {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Staged {
    /// Stages every new text of `work`, or none.
    fn new(disk: &mut dyn Disk, project: &Project, work: &[&Change]) -> Result<Self, Error> {
        let mut staged = Self::default();
        match staged.fill(disk, project, work) {
            Ok(()) => Ok(staged),
            Err(error) => {
                staged.undo(disk);
                Err(error)
            }
        }
    }

    fn fill(
        &mut self,
        disk: &mut dyn Disk,
        project: &Project,
        work: &[&Change],
    ) -> Result<(), Error> {
        for change in work {
            let Some(text) = &change.after else { continue };
            let full = project.full(&change.path);
            make_folders(disk, parent(&full), &mut self.folders)?;
            let like = fs::metadata(&full)
                .ok()
                .map(|metadata| metadata.permissions());
            let path = beside(&full);
            // Noted first: a file that was only half written is taken away too.
            self.files.push(path.clone());
            disk.create_file(&path, text, like)
                .map_err(|source| Error::io("write", &path, source))?;
        }
        let folders = self
            .files
            .iter()
            .chain(&self.folders)
            .map(|path| parent(path));
        sync_folders(disk, folders)
    }

    /// Takes everything away again, as far as the disk allows; the next run sweeps the rest.
    fn undo(self, disk: &mut dyn Disk) {
        for file in &self.files {
            disk.remove_file(file).ok();
        }
        for folder in self.folders.iter().rev() {
            disk.remove_folder(folder).ok();
        }
    }
}

/// Where the new text of `path` is staged.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(STAGED_SUFFIX);
    path.with_file_name(name)
}
