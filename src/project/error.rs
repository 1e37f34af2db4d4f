//! Everything that can go wrong with a service folder, and whose business it is to put it right.

use std::io;
use std::path::{Path, PathBuf};

use crate::diag::Diagnostic;

/// A path that prodgen never writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of the files that prodgen writes")]
pub struct NotOurs(pub String);

/// What stopped a read or a write of a service folder.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder has the name of a file.
    #[error("`{}` is a folder where a file is needed", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
    },
    /// A file has the name of a folder.
    #[error("`{}` is a file where a folder is needed", path.display())]
    NotFolder {
        /// The file.
        path: PathBuf,
    },
    /// Something that is neither: a pipe, a socket, a device.
    #[error("`{}` is no ordinary file", path.display())]
    NotFile {
        /// The thing.
        path: PathBuf,
    },
    /// A link whose target is outside the project.
    #[error("`{}` is a link that leads out of the project", path.display())]
    LeadsOut {
        /// The link.
        path: PathBuf,
    },
    /// A link without a target.
    #[error("`{}` is a link that leads nowhere", path.display())]
    DeadLink {
        /// The link.
        path: PathBuf,
    },
    /// A link where a file would be replaced.
    #[error("`{}` is a link, and a write would replace it with a file", path.display())]
    Link {
        /// The link.
        path: PathBuf,
    },
    /// A file that somebody has protected.
    #[error("`{}` is read-only, and a write would change it", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// Bytes that are no text.
    #[error("`{}` is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// The lock file cannot be read as one.
    #[error("`{}` is broken", path.display())]
    BrokenLock {
        /// The lock file.
        path: PathBuf,
        /// What its reader says.
        source: serde_yaml::Error,
    },
    /// The merge base cannot be read as one.
    #[error("`{}` is broken", path.display())]
    BrokenBase {
        /// The merge base.
        path: PathBuf,
        /// What its reader says.
        source: serde_json::Error,
    },
    /// The journal of an interrupted run cannot be read as one.
    #[error("`{}` is broken", path.display())]
    BrokenJournal {
        /// The journal.
        path: PathBuf,
        /// What its reader says.
        source: serde_json::Error,
    },
    /// One of prodgen's own records names a path that is none of what prodgen writes.
    #[error("`{}` is broken", path.display())]
    BrokenPath {
        /// The file that names it.
        path: PathBuf,
        /// The path that it names.
        source: NotOurs,
    },
    /// A newer prodgen has written here.
    #[error(
        "`{}` was written by prodgen {found}, and this is {}",
        path.display(),
        env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The lock file.
        path: PathBuf,
        /// The version that it names.
        found: String,
    },
    /// Lock and merge base come from different runs, or one of them is gone.
    #[error("`{}` does not belong to its lock file", path.display())]
    Mismatch {
        /// The merge base.
        path: PathBuf,
    },
    /// A write would lose somebody's text.
    #[error("`{}` is not settled, so nothing is written", path.display())]
    Unsettled {
        /// The first file of the plan that has a conflict.
        path: PathBuf,
    },
    /// An export would replace a file.
    #[error("`{}` exists and has other content", path.display())]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// An export would lie beside manifests that are not its own.
    #[error("`{}` has manifests that this export does not write: {}", path.display(), named(files))]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// Their names, sorted.
        files: Vec<String>,
    },
    /// A file was edited between an interrupted run and its end.
    #[error("`{}` was edited after a run was interrupted", path.display())]
    EditedSince {
        /// The file.
        path: PathBuf,
    },
    /// An interrupted run can no longer be brought to its end.
    #[error("an interrupted run cannot be finished: the new text of `{}` is gone", path.display())]
    Unfinished {
        /// The file that the run meant to write.
        path: PathBuf,
    },
    /// A file is no longer what the plan was made from.
    #[error("`{}` changed while prodgen was working", path.display())]
    ChangedMeanwhile {
        /// The file.
        path: PathBuf,
    },
    /// Another run is writing.
    #[error("another prodgen is writing in `{}`", path.display())]
    Busy {
        /// The folder of the service.
        path: PathBuf,
    },
    /// The machine would not.
    #[error("cannot {doing} `{}`", path.display())]
    Io {
        /// The verb.
        doing: &'static str,
        /// What it was done to.
        path: PathBuf,
        /// What the machine said.
        source: io::Error,
    },
}

/// File names in a sentence, of many the first.
fn named(files: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut words: Vec<String> = files.iter().map(|name| format!("`{name}`")).collect();
    if words.len() > SHOWN {
        let more = words.len() - SHOWN;
        words.truncate(SHOWN);
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

impl Error {
    /// An [`Error::Io`] about `path`.
    pub(super) fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            doing,
            path: path.to_owned(),
            source,
        }
    }

    /// Whether the user can put it right in the folder; else the machine failed.
    pub fn is_input(&self) -> bool {
        match self {
            Self::Folder { .. }
            | Self::NotFolder { .. }
            | Self::NotFile { .. }
            | Self::LeadsOut { .. }
            | Self::DeadLink { .. }
            | Self::Link { .. }
            | Self::ReadOnly { .. }
            | Self::NotText { .. }
            | Self::BrokenLock { .. }
            | Self::BrokenBase { .. }
            | Self::BrokenJournal { .. }
            | Self::BrokenPath { .. }
            | Self::Newer { .. }
            | Self::Mismatch { .. }
            | Self::Unsettled { .. }
            | Self::Occupied { .. }
            | Self::Foreign { .. }
            | Self::EditedSince { .. }
            | Self::Unfinished { .. } => true,
            Self::ChangedMeanwhile { .. } | Self::Busy { .. } | Self::Io { .. } => false,
        }
    }

    /// The file or folder that it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Folder { path }
            | Self::NotFolder { path }
            | Self::NotFile { path }
            | Self::LeadsOut { path }
            | Self::DeadLink { path }
            | Self::Link { path }
            | Self::ReadOnly { path }
            | Self::NotText { path }
            | Self::BrokenLock { path, .. }
            | Self::BrokenBase { path, .. }
            | Self::BrokenJournal { path, .. }
            | Self::BrokenPath { path, .. }
            | Self::Newer { path, .. }
            | Self::Mismatch { path }
            | Self::Unsettled { path }
            | Self::Occupied { path }
            | Self::Foreign { path, .. }
            | Self::EditedSince { path }
            | Self::Unfinished { path }
            | Self::ChangedMeanwhile { path }
            | Self::Busy { path }
            | Self::Io { path, .. } => path,
        }
    }

    /// A thing to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Folder { .. } | Self::NotFolder { .. } | Self::NotFile { .. } => {
                Some("move it out of the way")
            }
            Self::LeadsOut { .. } | Self::DeadLink { .. } | Self::Link { .. } => {
                Some("put a file or a folder in its place")
            }
            Self::ReadOnly { .. } => Some("make it writable, if it may change"),
            Self::NotText { .. } => Some("save it as UTF-8"),
            Self::BrokenLock { .. }
            | Self::BrokenBase { .. }
            | Self::BrokenPath { .. }
            | Self::Mismatch { .. } => Some(
                "bring the whole `.prodgen` folder back from version control, both files from one commit; or let \
                 `prodgen render -w --adopt` take the tree as it stands",
            ),
            Self::Newer { .. } => Some("use that version of prodgen or a later one"),
            Self::Unsettled { .. } => Some("decide with `--accept ours` or `--accept theirs`"),
            Self::Occupied { .. } => Some("empty the folder or name another"),
            Self::Foreign { .. } => Some(
                "`kubectl apply -f` of the folder would apply them too: take them out or name another folder",
            ),
            Self::EditedSince { .. } => Some(
                "move it elsewhere, run the command again, then bring your edit into the new file",
            ),
            Self::BrokenJournal { .. } | Self::Unfinished { .. } => Some(
                "bring the service back from version control and remove `.prodgen/journal.json`",
            ),
            Self::ChangedMeanwhile { .. } => Some("run the command again"),
            Self::Busy { .. } => Some("wait for it, then run the command again"),
            Self::Io { .. } => Some("look at the permissions there, and at the space on the disk"),
        }
    }

    /// The same as a complaint, with what the reader or the machine said at the end.
    pub fn diagnostic(&self) -> Diagnostic {
        let mut message = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        let diagnostic = Diagnostic::error(message).in_file(self.path().display().to_string());
        match self.help() {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}
