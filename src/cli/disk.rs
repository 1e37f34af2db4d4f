//! The files that a spec names, read from the folder it lies in; links that lead out are refused.

use std::path::Path;

use crate::files::RelPath;
use crate::project::Project;
use crate::spec::Files;

/// Files beside a spec.
#[derive(Debug)]
pub(super) struct Disk<'p>(pub(super) &'p Project);

impl Files for Disk<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        let path = RelPath::new(path).map_err(|wrong| wrong.to_string())?;
        match self.0.read(&path) {
            Ok(Some(text)) => Ok(text),
            Ok(None) => Err(format!("there is no file `{path}`")),
            Err(error) => Err(error.to_string()),
        }
    }

    fn list(&self, path: &str) -> Result<Vec<String>, String> {
        let rel = RelPath::new(path).map_err(|wrong| wrong.to_string())?;
        let folder = self.0.full(&rel);
        let inside = |folder: &Path| {
            let root = self.0.root.canonicalize().ok()?;
            folder.canonicalize().ok()?.starts_with(root).then_some(())
        };
        if !folder.is_dir() {
            return Err(format!("there is no folder `{path}`"));
        }
        if inside(&folder).is_none() {
            return Err(format!("`{path}` leads out of the project"));
        }
        let failed = |error: std::io::Error| format!("`{path}` cannot be read: {error}");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().into_string() else {
                return Err(format!("`{path}` holds a file whose name is not UTF-8"));
            };
            // Hidden files are editors' and version control's, never configuration.
            if name.starts_with('.') {
                continue;
            }
            // A link is what it leads to.
            match entry.path().metadata() {
                Ok(meta) if meta.is_file() => names.push(name),
                Ok(meta) if meta.is_dir() => {}
                Ok(_) => return Err(format!("`{path}/{name}` is no ordinary file")),
                Err(_) if entry.path().is_symlink() => {
                    return Err(format!("`{path}/{name}` is a link that leads nowhere"));
                }
                Err(error) => return Err(format!("`{path}/{name}` cannot be read: {error}")),
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}
