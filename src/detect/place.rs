//! Where a service stands in its repository, and the one door through which files there are read.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

/// Nobody writes a file of this kind longer than that.
const LONGEST: u64 = 1 << 20;
/// Nobody has more files in one folder that people write.
const MOST_NAMES: usize = 5_000;

/// A folder and the repository around it.
pub(super) struct Place {
    /// The folder of the service.
    root: PathBuf,
    /// The folder that holds `.git`; without one, the folder of the service.
    top: PathBuf,
    /// The way from the service up to the top: `../../`.
    up: String,
}

impl Place {
    /// The place of the folder `root`, if there is such a folder.
    pub(super) fn of(root: &Path) -> Option<Self> {
        let root = root.canonicalize().ok()?;
        if !root.is_dir() {
            return None;
        }
        let above = root
            .ancestors()
            .enumerate()
            .find(|(_, folder)| folder.join(".git").symlink_metadata().is_ok());
        let (height, top) = match above {
            Some((height, folder)) => (height, folder.to_path_buf()),
            None => (0, root.clone()),
        };
        Some(Self {
            root,
            top,
            up: "../".repeat(height),
        })
    }

    /// The name of the service's folder.
    pub(super) fn name(&self) -> Option<&str> {
        self.root.file_name()?.to_str()
    }

    /// Whether the service has the repository for itself.
    pub(super) fn is_top(&self) -> bool {
        self.up.is_empty()
    }

    /// The parts of the way from the top down to the service.
    pub(super) fn way(&self) -> Option<Vec<&str>> {
        let below = self.root.strip_prefix(&self.top).ok()?;
        below.iter().map(|part| part.to_str()).collect()
    }

    /// The names in the service's folder, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        names(&self.root, ".")
    }

    /// The names in a folder below the service's, sorted.
    pub(super) fn names_here(&self, folder: &str) -> Vec<String> {
        names(&self.root, folder)
    }

    /// The names in a folder at the top of the repository, sorted.
    pub(super) fn names_above(&self, folder: &str) -> Vec<String> {
        names(&self.top, folder)
    }

    /// The nearest file of that name above the service's folder, as seen from there.
    pub(super) fn nearest_above(&self, name: &str) -> Option<String> {
        let height = self.up.len() / "../".len();
        let above = self.root.ancestors().enumerate().skip(1).take(height);
        let is_there = |folder: &Path| folder.join(name).is_file();
        above
            .into_iter()
            .find(|(_, folder)| is_there(folder))
            .map(|(steps, _)| format!("{}{name}", "../".repeat(steps)))
    }

    /// The names of those variables in a file of such that are `wanted` by name and value; no link is
    /// followed to it, and of the values no more is read at once than a line.
    pub(super) fn variables(
        &self,
        file: &str,
        wanted: fn(&str, &str) -> bool,
    ) -> Option<Vec<String>> {
        let path = self.root.join(file);
        let about = fs::symlink_metadata(&path).ok()?;
        if !about.is_file() || about.len() > LONGEST {
            return None;
        }
        let mut lines = BufReader::new(File::open(&path).ok()?.take(LONGEST));
        let mut names = Vec::new();
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).ok()? > 0 {
            names.extend(variable(&line, wanted));
            line.fill(0);
            line.clear();
        }
        Some(names)
    }

    /// The text of a file in the service's folder, and its name as seen from there.
    pub(super) fn here(&self, path: &str) -> Option<(String, String)> {
        Some((text(&self.root, path)?, path.to_owned()))
    }

    /// The text of a file at the top of the repository, and its name as seen from the service.
    pub(super) fn above(&self, path: &str) -> Option<(String, String)> {
        Some((text(&self.top, path)?, format!("{}{path}", self.up)))
    }
}

/// The variable that a line of an environment file sets, if it is wanted.
fn variable(line: &[u8], wanted: fn(&str, &str) -> bool) -> Option<String> {
    let (name, value) = std::str::from_utf8(line).ok()?.split_once('=')?;
    let name = name.trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let is_name = !name.is_empty() && name.chars().all(is_word);
    (is_name && wanted(name, value)).then(|| name.to_owned())
}

/// The names in a folder that lies inside `top`, sorted; those that a screen may not show as they
/// are are left out, and so is a folder that nobody can survey.
fn names(top: &Path, folder: &str) -> Vec<String> {
    let inside = |path: PathBuf| {
        path.canonicalize()
            .ok()
            .filter(|real| real.starts_with(top))
    };
    let entries = inside(top.join(folder)).and_then(|real| fs::read_dir(real).ok());
    let plain = |c: char| c.is_alphanumeric() || " ._-+()".contains(c);
    let mut names: Vec<String> = entries
        .into_iter()
        .flatten()
        .take(MOST_NAMES + 1)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    if names.len() > MOST_NAMES {
        return Vec::new();
    }
    names.retain(|name| name.chars().all(plain));
    names.sort_unstable();
    names
}

/// The text of a file that lies, links and all, inside `folder`.
///
/// What is no UTF-8 becomes the sign that no word of a spec may hold.
fn text(folder: &Path, path: &str) -> Option<String> {
    let real = folder.join(path).canonicalize().ok()?;
    if !real.starts_with(folder) {
        return None;
    }
    // Opening a named pipe would wait for its other end: ask first.
    let about = fs::symlink_metadata(&real).ok()?;
    if !about.is_file() || about.len() > LONGEST {
        return None;
    }
    let mut bytes = Vec::new();
    let mut file = File::open(&real).ok()?.take(LONGEST + 1);
    file.read_to_end(&mut bytes).ok()?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LONGEST) {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes);
    Some(text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{lay, listed};
    use super::*;

    const EXPOSE: &str = "FROM scratch\nEXPOSE 8080\n";

    #[test]
    fn the_text_of_ordinary_files() {
        let temporary = tempfile::tempdir().unwrap();
        lay(temporary.path(), &[("a", "\u{feff}x"), ("b/c", "y")]);
        let folder = temporary.path().canonicalize().unwrap();
        assert_eq!(text(&folder, "a").unwrap(), "x");
        assert_eq!(text(&folder, "b/c").unwrap(), "y");
        assert_eq!(text(&folder, "b"), None);
        assert_eq!(text(&folder, "none"), None);
        assert_eq!(text(&folder.join("b"), "../a"), None);
    }

    #[test]
    fn long_files_are_not_read() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().canonicalize().unwrap();
        let long = usize::try_from(LONGEST).unwrap();
        lay(
            &folder,
            &[("a", &"x".repeat(long)), ("b", &"x".repeat(long + 1))],
        );
        assert!(text(&folder, "a").is_some());
        assert!(text(&folder, "b").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn links_may_not_lead_out() {
        use std::os::unix::fs::symlink;

        let temporary = tempfile::tempdir().unwrap();
        let outside = temporary.path().join("outside");
        let inside = temporary.path().join("inside");
        lay(&outside, &[("Dockerfile", EXPOSE), ("git/config", "")]);
        lay(&inside, &[("docker/Dockerfile", EXPOSE)]);
        symlink("../outside/Dockerfile", inside.join("Dockerfile")).unwrap();
        assert_eq!(listed(&inside), ["name=inside (.)"]);
        symlink("docker/Dockerfile", inside.join("Containerfile")).unwrap();
        assert_eq!(
            listed(&inside),
            ["name=inside (.)", "port=8080 (Containerfile)"]
        );
        symlink("loop", inside.join("loop")).unwrap();
        assert_eq!(text(&inside, "loop"), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_left_alone() {
        use std::os::unix::net::UnixListener;

        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("shop");
        fs::create_dir(&folder).unwrap();
        let _socket = UnixListener::bind(folder.join("CODEOWNERS")).unwrap();
        fs::create_dir(folder.join("Dockerfile")).unwrap();
        let pipe = folder.join("Containerfile");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.is_ok_and(|status| status.success()));
        assert_eq!(listed(&folder), ["name=shop (.)"]);
    }

    #[test]
    fn a_repository_inside_another_is_its_own() {
        let temporary = tempfile::tempdir().unwrap();
        let remote = "[remote \"origin\"]\nurl = https://git.example.com/acme/big.git\n";
        let files = [
            (".git/config", remote),
            ("CODEOWNERS", "* @acme/all\n"),
            ("module/.git", "gitdir: ../.git/modules/module\n"),
            ("module/service/Dockerfile", EXPOSE),
        ];
        lay(temporary.path(), &files);
        let service = temporary.path().join("module/service");
        assert_eq!(
            listed(&service),
            ["name=service (.)", "port=8080 (Dockerfile)"]
        );
    }
}
