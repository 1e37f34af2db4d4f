//! One writer at a time: a lock that the system lets go of when its holder dies.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::disk::{Real, make_folders, parent};
use crate::files::RelPath;
use crate::project::{Error, Project};

/// The file that a writer holds while it writes.
pub(super) const RUN_LOCK: &str = ".prodgen/run.lock";

/// The right to write in a project, until dropped.
pub(super) struct Hold {
    path: PathBuf,
    folders: Vec<PathBuf>,
    // Closed, and so let go of, after `drop` took the file away.
    _file: File,
}

impl Hold {
    /// Takes it, or says that another run has it.
    pub(super) fn take(project: &Project) -> Result<Self, Error> {
        let path = project.below(RUN_LOCK);
        if let Ok(inside) = RelPath::new(RUN_LOCK) {
            project.look(&inside)?;
        }
        let mut folders = Vec::new();
        let taken = make_folders(&mut Real, parent(&path), &mut folders).and_then(|()| {
            lock(&path, || Error::Busy {
                path: project.root.clone(),
            })
        });
        match taken {
            Ok(file) => Ok(Self {
                path,
                folders,
                _file: file,
            }),
            Err(error) => {
                remove_empty(&folders);
                Err(error)
            }
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // A file that stays behind is no harm: the next run takes it over.
        fs::remove_file(&self.path).ok();
        fs::remove_dir(parent(&self.path)).ok();
        remove_empty(&self.folders);
    }
}

/// Takes away those of `folders` in which nothing stands, the deepest first.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        fs::remove_dir(folder).ok();
    }
}

fn lock(path: &Path, busy: impl Fn() -> Error) -> Result<File, Error> {
    let mut options = File::options();
    let file = match options.write(true).create(true).truncate(false).open(path) {
        Ok(file) => file,
        // The folder went with the run that had made it.
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(busy()),
        Err(source) => return Err(Error::io("open", path, source)),
    };
    match file.try_lock() {
        Ok(()) if is_at(&file, path) => Ok(file),
        // The holder left between our opening its file and locking it, and took it away.
        Ok(()) | Err(TryLockError::WouldBlock) => Err(busy()),
        // A file system without locks: better to write unguarded than never.
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(source)) => Err(Error::io("lock", path, source)),
    }
}

/// Whether `file` is the one that `path` names now.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        (Ok(_) | Err(_), _) => false,
    }
}

/// Whether `file` is the one that `path` names now.
#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}
