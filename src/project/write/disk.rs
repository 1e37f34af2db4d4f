//! The few things that are ever done to a disk, behind one trait so that a test can stop after any.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::project::Error;

/// A disk that can be written to.
pub(super) trait Disk {
    /// Makes one folder.
    fn create_folder(&mut self, path: &Path) -> io::Result<()>;
    /// Makes a file that is not there yet, whole and durable.
    fn create_file(&mut self, path: &Path, text: &str, like: Option<Permissions>)
    -> io::Result<()>;
    /// Puts a file in the place of another.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Takes a file away.
    fn remove_file(&mut self, path: &Path) -> io::Result<()>;
    /// Takes an empty folder away.
    fn remove_folder(&mut self, path: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_folder(&mut self, path: &Path) -> io::Result<()>;
}

/// The disk of this machine.
pub(super) struct Real;

impl Disk for Real {
    fn create_folder(&mut self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn create_file(
        &mut self,
        path: &Path,
        text: &str,
        like: Option<Permissions>,
    ) -> io::Result<()> {
        let mut file = File::options().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        if let Some(permissions) = like {
            file.set_permissions(permissions)?;
        }
        file.sync_all()
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&mut self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    #[cfg(unix)]
    fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
        match File::open(path)?.sync_all() {
            // A file system that cannot sync folders orders them by itself, or not at all.
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
            synced => synced,
        }
    }

    #[cfg(not(unix))]
    fn sync_folder(&mut self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}

/// The folder that `path` stands in.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// Whether anything has that name, a link to nothing included.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Makes `folder` and what is missing above it; each that was made is added to `made`.
pub(super) fn make_folders(
    disk: &mut dyn Disk,
    folder: &Path,
    made: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    let mut missing = Vec::new();
    let mut at = folder;
    while !exists(at) {
        missing.push(at);
        at = parent(at);
    }
    for folder in missing.into_iter().rev() {
        match disk.create_folder(folder) {
            Ok(()) => made.push(folder.to_owned()),
            // Another run was faster.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(source) => return Err(Error::io("create", folder, source)),
        }
    }
    Ok(())
}

/// Makes the names in each of `folders` durable, each once.
pub(super) fn sync_folders<'a>(
    disk: &mut dyn Disk,
    folders: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Error> {
    let folders: std::collections::BTreeSet<&Path> = folders.into_iter().collect();
    for folder in folders {
        disk.sync_folder(folder)
            .map_err(|source| Error::io("save", folder, source))?;
    }
    Ok(())
}
