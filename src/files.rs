//! Files as values: paths that cannot leave the project, and a sorted set of them with their bytes.

use std::collections::BTreeMap;
use std::fmt;

/// A relative path inside a project: forward slashes, no root, no `.` or `..`, no empty part.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelPath(String);

/// A text that is no [`RelPath`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path inside the project")]
pub struct NotRelative(pub String);

impl RelPath {
    /// Takes `path` if it stays inside the project.
    pub fn new(path: impl Into<String>) -> Result<Self, NotRelative> {
        let path = path.into();
        let bad = path.is_empty()
            || path.contains(['\\', '\0'])
            || path.chars().any(char::is_control)
            || path.split('/').any(|part| matches!(part, "" | "." | ".."));
        if bad {
            Err(NotRelative(path))
        } else {
            Ok(Self(path))
        }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This path with `name` below it.
    pub fn join(&self, name: &str) -> Result<Self, NotRelative> {
        Self::new(format!("{}/{name}", self.0))
    }
}

impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Texts by path, in path order: what a render makes and what a project holds.
pub type FileSet = BTreeMap<RelPath, String>;

#[cfg(test)]
mod tests {
    use super::RelPath;

    #[test]
    fn paths_that_leave_are_refused() {
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "./a",
            "a\\b",
            "a\nb",
            "a/",
        ] {
            assert!(RelPath::new(bad).is_err(), "{bad:?}");
        }
        assert_eq!(
            RelPath::new("deploy/production/a.yaml")
                .unwrap()
                .as_str()
                .len(),
            24
        );
    }
}
