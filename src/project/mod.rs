//! A service folder on disk: finds it, reads it without leaving it, plans a change, and makes it.
//!
//! Knows no specs, and no YAML but its own lock file: it holds texts against texts. Only `write` changes anything.

mod change;
mod drift;
mod error;
mod lock;
mod plan;
mod rule;
mod undo;
mod write;

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::files::RelPath;

pub use crate::merge::{Conflict, Side, Why};
pub use change::{Action, Change};
pub use drift::{Drift, DriftFile, DriftWord, Overall};
pub use error::{Error, NotOurs};
pub use lock::{Lock, State, sha256};
pub use plan::{Plan, SpecText, Wanted};
pub use undo::UNDO;
pub use write::{Recovered, export, export_plan, recover, write};

/// The spec, which makes a folder a service.
pub const SPEC: &str = "prodgen.yaml";
/// The folder of the manifests where no environments are named.
pub const MANIFESTS: &str = "deploy/production";
/// Version and hashes of the last write.
pub const LOCK: &str = ".prodgen/lock.yaml";
/// What was last rendered: the merge base.
pub const BASE: &str = ".prodgen/base.json";

/// The path that a record names, which is one of what prodgen writes: a record may come from anybody's
/// branch, and what it says is carried out.
fn own(name: &str, record: &Path) -> Result<RelPath, Error> {
    let path = RelPath::new(name).ok().filter(|path| {
        let is_below = [".prodgen/", "deploy/"]
            .iter()
            .any(|folder| path.as_str().starts_with(folder));
        path.as_str() == SPEC || is_below && !path.as_str().split('/').any(|part| part == ".git")
    });
    path.ok_or_else(|| Error::BrokenPath {
        path: record.to_owned(),
        source: NotOurs(name.to_owned()),
    })
}

/// The folder of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The folder that `prodgen.yaml` stands in.
    pub root: PathBuf,
}

impl Project {
    /// The project at `root`, whether or not anything is there yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The project around `start`: the nearest folder upward with a `prodgen.yaml`, or with a run that
    /// was interrupted before it wrote one.
    pub fn find(start: &Path) -> Option<Self> {
        // Whatever has the name is meant for one: reading it says what is wrong with it.
        let is_there = |folder: &Path| {
            fs::symlink_metadata(folder.join(SPEC)).is_ok() || Self::at(folder).was_interrupted()
        };
        if is_there(start) {
            return Some(Self::at(start));
        }
        // Who names a folder that is not there does not mean the service above it.
        if !start.as_os_str().is_empty() && !start.is_dir() {
            return None;
        }
        let start = std::path::absolute(start).ok()?;
        let root = start.ancestors().skip(1).find(|folder| is_there(folder))?;
        Some(Self::at(root))
    }

    /// Where `path` is on disk, as the user would write it.
    pub fn full(&self, path: &RelPath) -> PathBuf {
        self.below(path.as_str())
    }

    /// The text of a file; `None` when there is no such file.
    pub fn read(&self, path: &RelPath) -> Result<Option<String>, Error> {
        if self.look(path)?.is_none() {
            return Ok(None);
        }
        let full = self.full(path);
        let bytes = fs::read(&full).map_err(|source| Error::io("read", &full, source))?;
        String::from_utf8(bytes)
            .map(Some)
            .map_err(|_| Error::NotText { path: full })
    }

    /// The text of the spec; `None` when there is none.
    pub fn read_spec(&self) -> Result<Option<String>, Error> {
        self.read_own(SPEC)
    }

    /// [`Self::read`] for one of the paths that prodgen itself names.
    fn read_own(&self, path: &'static str) -> Result<Option<String>, Error> {
        match RelPath::new(path) {
            Ok(path) => self.read(&path),
            Err(_) => Ok(None),
        }
    }

    /// [`Self::full`] for a path that is known to be relative.
    fn below(&self, path: &str) -> PathBuf {
        if self.root == Path::new(".") {
            PathBuf::from(path)
        } else {
            self.root.join(path)
        }
    }

    /// What stands at `path`, after every part of the way there was found to stay inside.
    fn look(&self, path: &RelPath) -> Result<Option<Metadata>, Error> {
        let parts: Vec<&str> = path.as_str().split('/').collect();
        let mut found = None;
        for end in 1..=parts.len() {
            let at = self.below(&parts[..end].join("/"));
            let metadata = match fs::symlink_metadata(&at) {
                Ok(metadata) if metadata.is_symlink() => self.follow(&at)?,
                Ok(metadata) => metadata,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) if error.kind() == ErrorKind::NotADirectory => {
                    return Err(Error::NotFolder {
                        path: self.root.clone(),
                    });
                }
                Err(error) => return Err(Error::io("read", &at, error)),
            };
            let last = end == parts.len();
            match (last, metadata.is_dir(), metadata.is_file()) {
                (false, false, _) => return Err(Error::NotFolder { path: at }),
                (true, true, _) => return Err(Error::Folder { path: at }),
                (true, false, false) => return Err(Error::NotFile { path: at }),
                (false, true, _) | (true, false, true) => found = Some(metadata),
            }
        }
        Ok(found)
    }

    /// What the link at `link` leads to, if that is inside the project.
    fn follow(&self, link: &Path) -> Result<Metadata, Error> {
        let root = if self.root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            &self.root
        };
        let root = fs::canonicalize(root).map_err(|source| Error::io("read", root, source))?;
        let target = match fs::canonicalize(link) {
            Ok(target) => target,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::DeadLink {
                    path: link.to_owned(),
                });
            }
            Err(error) => return Err(Error::io("follow", link, error)),
        };
        if !target.starts_with(&root) {
            return Err(Error::LeadsOut {
                path: link.to_owned(),
            });
        }
        fs::metadata(&target).map_err(|source| Error::io("read", link, source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelPath {
        RelPath::new(text).unwrap()
    }

    fn put(root: &Path, path: &str, bytes: &[u8]) {
        use std::io::Write;
        let full = root.join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::File::create(full).unwrap().write_all(bytes).unwrap();
    }

    #[test]
    fn the_nearest_spec_upward_is_found() {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), "prodgen.yaml", b"");
        put(dir.path(), "svc/prodgen.yaml", b"");
        put(dir.path(), "svc/deploy/production/a.yaml", b"");
        put(dir.path(), "other/x", b"");
        put(dir.path(), "new/.prodgen/journal.json", b"{");
        put(dir.path(), "new/deploy/a.yaml", b"");
        let found = |at: &str| Project::find(&dir.path().join(at)).unwrap().root;
        assert_eq!(found("svc/deploy/production"), dir.path().join("svc"));
        assert_eq!(found("svc"), dir.path().join("svc"));
        assert_eq!(found("other"), dir.path());
        assert_eq!(found("new/deploy"), dir.path().join("new"));
        assert_eq!(Project::find(&dir.path().join("svc/no")), None);
    }

    #[test]
    fn read_tells_missing_from_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let project = Project::at(dir.path());
        put(dir.path(), "deploy/a", b"text");
        put(dir.path(), "deploy/b", b"\xff\xfe");
        assert_eq!(
            project.read(&path("deploy/a")).unwrap().as_deref(),
            Some("text")
        );
        assert_eq!(project.read(&path("nothing/here")).unwrap(), None);
        assert_eq!(
            Project::at(dir.path().join("no")).read(&path("a")).unwrap(),
            None
        );
        let error = project.read(&path("deploy/b")).unwrap_err();
        assert!(matches!(error, Error::NotText { .. }) && error.is_input());
        assert_eq!(error.path(), dir.path().join("deploy/b"));
        let error = project.read(&path("deploy")).unwrap_err();
        assert!(matches!(error, Error::Folder { .. }) && error.is_input());
        let error = project.read(&path("deploy/a/b")).unwrap_err();
        assert!(matches!(&error, Error::NotFolder { path } if path.ends_with("deploy/a")));
        let error = Project::at(dir.path().join("deploy/a"))
            .read(&path("x"))
            .unwrap_err();
        assert!(matches!(&error, Error::NotFolder { path } if path.ends_with("deploy/a")));
    }

    #[test]
    fn the_current_folder_leaves_no_mark_on_paths() {
        assert_eq!(
            Project::at(".").full(&path("deploy/a")),
            Path::new("deploy/a")
        );
        assert_eq!(
            Project::at("").full(&path("deploy/a")),
            Path::new("deploy/a")
        );
        assert_eq!(Project::at("svc").full(&path("a")), Path::new("svc/a"));
    }

    #[cfg(unix)]
    #[test]
    fn links_may_stay_inside_and_never_lead_out() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let out = tempfile::tempdir().unwrap();
        put(out.path(), "secret", b"s");
        put(dir.path(), "shared/a", b"inside");
        let project = Project::at(dir.path());
        symlink("shared", dir.path().join("linked")).unwrap();
        symlink(out.path().join("secret"), dir.path().join("file")).unwrap();
        symlink(out.path(), dir.path().join("folder")).unwrap();
        symlink("nowhere", dir.path().join("dead")).unwrap();
        symlink("loop", dir.path().join("loop")).unwrap();
        assert_eq!(
            project.read(&path("linked/a")).unwrap().as_deref(),
            Some("inside")
        );
        for bad in ["file", "folder/secret", "folder/missing"] {
            let error = project.read(&path(bad)).unwrap_err();
            assert!(
                matches!(error, Error::LeadsOut { .. }) && error.is_input(),
                "{bad}"
            );
        }
        assert!(matches!(
            project.read(&path("dead")),
            Err(Error::DeadLink { .. })
        ));
        assert!(project.read(&path("loop")).is_err());
    }
}
