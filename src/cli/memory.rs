//! Answers of an interview that may be broken off, kept outside the project until it is written.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::Ambient;
use crate::project::sha256;
use crate::wizard::{Given, Memory};

/// A file in the user's state folder, one for each folder that a service is made in.
#[derive(Debug)]
pub(super) struct StateFile(Option<PathBuf>);

impl StateFile {
    /// The file for `folder`; none where the user has no state folder.
    pub(super) fn of(ambient: &Ambient, folder: &Path) -> Self {
        let state = ambient
            .variable("XDG_STATE_HOME")
            .map(PathBuf::from)
            .or_else(|| {
                ambient
                    .variable("HOME")
                    .map(|home| Path::new(home).join(".local/state"))
            });
        let name = format!("{}.json", sha256(&folder.to_string_lossy()));
        Self(state.map(|state| state.join("prodgen/answers").join(name)))
    }

    /// Forgets: the service is written.
    pub(super) fn forget(&self) {
        if let Some(path) = &self.0 {
            // What is not there needs no forgetting, and what cannot be removed harms nobody.
            let _gone = fs::remove_file(path);
        }
    }
}

impl Memory for StateFile {
    fn recall(&self) -> Vec<Given> {
        let text = self
            .0
            .as_ref()
            .and_then(|path| fs::read_to_string(path).ok());
        text.and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }

    fn keep(&self, given: &[Given]) {
        let Some(path) = &self.0 else { return };
        let save = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let text = serde_json::to_string(given).map_err(std::io::Error::other)?;
            // In one go: what was kept before is lost to no crash.
            let next = path.with_extension("next");
            fs::File::create(&next)?.write_all(text.as_bytes())?;
            fs::rename(next, path)
        };
        // Answers that cannot be kept are asked again; that is no reason to stop.
        let _kept = save();
    }
}
