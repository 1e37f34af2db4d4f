//! What prodgen remembers of its last write: `.prodgen/lock.yaml` and `.prodgen/base.json`.
//!
//! Reads and makes their texts; refuses a pair that does not belong together.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{BASE, Error, LOCK, Project, own};
use crate::files::{FileSet, RelPath};

const HEADER: &str = "# Written by prodgen and committed with the service. Not for editing.\n";

/// The SHA-256 of `text` in hexadecimal.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            write!(hex, "{byte:02x}").ok();
            hex
        })
}

/// The hashes of one write, and the version that made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The version of prodgen.
    pub prodgen: String,
    /// The hash of the spec.
    pub spec: String,
    /// The hash of the configuration files that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// What its canary stood at, which is the spec's affair; none without the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<Value>,
    /// The hash of the merge base.
    pub base: String,
    /// The hash of each file as it was rendered, by path.
    pub files: BTreeMap<String, String>,
}

/// The part of a lock file that every version has.
#[derive(Deserialize)]
struct Stamp {
    prodgen: String,
}

impl Lock {
    /// The lock of a render of `spec` by this version; `config` is the hash of its configuration files,
    /// and `canary` what stands of a rollout.
    pub fn new(spec: &str, config: Option<&str>, canary: Option<Value>, render: &FileSet) -> Self {
        Self {
            prodgen: env!("CARGO_PKG_VERSION").to_owned(),
            spec: sha256(spec),
            config: config.map(str::to_owned),
            canary,
            base: sha256(&base_text(render)),
            files: render
                .iter()
                .map(|(path, text)| (path.as_str().to_owned(), sha256(text)))
                .collect(),
        }
    }

    /// Whether an older version made it, of the very spec and configuration files that are there now:
    /// then nothing but the version can be why they render otherwise.
    pub fn is_only_older(&self, spec: &str, config: Option<&str>) -> bool {
        self.prodgen != env!("CARGO_PKG_VERSION")
            && self.spec == sha256(spec)
            && self.config.as_deref() == config
    }

    /// Whether the spec is another one now.
    pub fn is_behind(&self, spec: &str) -> bool {
        self.spec != sha256(spec)
    }

    /// The text of the lock file.
    pub(super) fn to_text(&self, path: &Path) -> Result<String, Error> {
        serde_yaml::to_string(self)
            .map(|yaml| format!("{HEADER}{yaml}"))
            .map_err(|source| Error::BrokenLock {
                path: path.to_owned(),
                source,
            })
    }

    /// The same with what was rendered of some files taken from `other`.
    pub(super) fn with(mut self, base: &FileSet, other: &Self, files: &[RelPath]) -> Self {
        for path in files {
            let path = path.as_str();
            match other.files.get(path) {
                Some(hash) => self.files.insert(path.to_owned(), hash.clone()),
                None => self.files.remove(path),
            };
        }
        self.base = sha256(&base_text(base));
        self
    }

    pub(super) fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let broken = |source| Error::BrokenLock {
            path: path.to_owned(),
            source,
        };
        let stamp: Stamp = serde_yaml::from_str(text).map_err(broken)?;
        if numbers(&stamp.prodgen) > numbers(env!("CARGO_PKG_VERSION")) {
            return Err(Error::Newer {
                path: path.to_owned(),
                found: stamp.prodgen,
            });
        }
        serde_yaml::from_str(text).map_err(broken)
    }
}

/// The numbers of a version, for comparing; what follows them does not count.
fn numbers(version: &str) -> Vec<u64> {
    let plain = version.split(['-', '+']).next().unwrap_or(version);
    plain
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

/// The text of the merge base: the same for the same files, always.
pub(super) fn base_text(files: &FileSet) -> String {
    let text = |text: &String| Value::from(text.as_str());
    let map: serde_json::Map<_, _> = files
        .iter()
        .map(|(path, value)| (path.as_str().to_owned(), text(value)))
        .collect();
    format!("{:#}\n", Value::Object(map))
}

pub(super) fn parse_base(text: &str, path: &Path) -> Result<FileSet, Error> {
    let map: BTreeMap<String, String> =
        serde_json::from_str(text).map_err(|source| Error::BrokenBase {
            path: path.to_owned(),
            source,
        })?;
    map.into_iter()
        .map(|(name, text)| own(&name, path).map(|name| (name, text)))
        .collect()
}

/// What prodgen knows of its last write here; empty when there was none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The lock.
    pub lock: Option<Lock>,
    /// What was rendered: the merge base.
    pub base: FileSet,
    /// The lock file as it stands.
    pub(super) lock_text: Option<String>,
    /// The merge base as it stands.
    pub(super) base_text: Option<String>,
}

impl Project {
    /// The texts of both records, whatever they say.
    pub(super) fn records(&self) -> Result<State, Error> {
        Ok(State {
            lock_text: self.read_own(LOCK)?,
            base_text: self.read_own(BASE)?,
            ..State::default()
        })
    }

    /// What prodgen remembers of its last write to this project.
    pub fn state(&self) -> Result<State, Error> {
        let mut texts = self.records()?;
        loop {
            let state = self.state_of(texts.clone());
            if !matches!(state, Err(Error::Mismatch { .. })) {
                return state;
            }
            // Another run may have ended between the two readings: then there is a new pair.
            let again = self.records()?;
            if again == texts {
                return state;
            }
            texts = again;
        }
    }

    /// What these texts of both records say.
    fn state_of(&self, texts: State) -> Result<State, Error> {
        let State {
            lock_text,
            base_text,
            ..
        } = texts;
        let mismatch = |path| {
            // One of the two is new already, and the other not yet.
            if self.is_being_written() {
                let path = self.root.clone();
                return Error::Busy { path };
            }
            Error::Mismatch { path }
        };
        let (lock_path, base_path) = (self.below(LOCK), self.below(BASE));
        let (Some(lock), Some(base)) = (&lock_text, &base_text) else {
            return match (lock_text, base_text) {
                (None, None) => Ok(State::default()),
                (Some(text), _) => {
                    // A lock from the future explains itself better than its missing half.
                    Lock::parse(&text, &lock_path)?;
                    Err(mismatch(base_path))
                }
                (None, Some(_)) => Err(mismatch(base_path)),
            };
        };
        let lock = Lock::parse(lock, &lock_path)?;
        let base = parse_base(base, &base_path)?;
        // The hash is of the text that prodgen would write, so that line ends which a
        // version control system has changed do not count.
        if sha256(&self::base_text(&base)) != lock.base {
            return Err(mismatch(base_path));
        }
        Ok(State {
            lock: Some(lock),
            base,
            lock_text,
            base_text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    fn put(root: &Path, path: &str, text: &str) {
        fs::create_dir_all(root.join(".prodgen")).unwrap();
        fs::File::create(root.join(path))
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    fn render() -> FileSet {
        FileSet::from([(
            RelPath::new("deploy/production/a.yaml").unwrap(),
            "a: 1\n".to_owned(),
        )])
    }

    fn saved(root: &Path) -> Lock {
        let canary = serde_json::json!({ "image": "a.io/b:2" });
        let lock = Lock::new("name: x\n", None, Some(canary), &render());
        put(root, LOCK, &lock.to_text(Path::new(LOCK)).unwrap());
        put(root, BASE, &base_text(&render()));
        lock
    }

    #[test]
    fn the_hash_is_the_known_one() {
        assert_eq!(
            sha256("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn what_is_saved_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        let project = Project::at(dir.path());
        assert_eq!(project.state().unwrap(), State::default());
        let lock = saved(dir.path());
        let state = project.state().unwrap();
        assert_eq!((state.lock.as_ref(), &state.base), (Some(&lock), &render()));
        assert!(lock.canary.is_some());
        assert!(
            state
                .lock_text
                .unwrap()
                .starts_with("# Written by prodgen and committed")
        );
        assert_eq!(
            state.base_text.unwrap(),
            "{\n  \"deploy/production/a.yaml\": \"a: 1\\n\"\n}\n"
        );
    }

    #[test]
    fn line_ends_of_the_records_do_not_count() {
        let dir = tempfile::tempdir().unwrap();
        saved(dir.path());
        for path in [LOCK, BASE] {
            let text = fs::read_to_string(dir.path().join(path)).unwrap();
            put(dir.path(), path, &text.replace('\n', "\r\n"));
        }
        assert_eq!(Project::at(dir.path()).state().unwrap().base, render());
    }

    #[test]
    fn broken_newer_and_foreign_records_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let project = Project::at(dir.path());
        let lock = saved(dir.path());
        let error = |path: &str, text: &str| {
            saved(dir.path());
            put(dir.path(), path, text);
            let error = project.state().unwrap_err();
            assert!(error.is_input() && error.help().is_some());
            error
        };
        assert!(matches!(
            error(LOCK, "<<<<<<< HEAD\n"),
            Error::BrokenLock { .. }
        ));
        assert!(matches!(
            error(LOCK, "prodgen: 0.1.0\n"),
            Error::BrokenLock { .. }
        ));
        assert!(matches!(error(BASE, "{"), Error::BrokenBase { .. }));
        assert!(matches!(
            error(BASE, "{\"../x\": \"\"}"),
            Error::BrokenPath { .. }
        ));
        assert!(matches!(error(BASE, "{}"), Error::Mismatch { .. }));
        let newer = error(LOCK, "prodgen: 99.0.0\nwhoKnows: 1\n");
        assert!(matches!(&newer, Error::Newer { found, .. } if found == "99.0.0"));
        assert!(
            newer
                .diagnostic()
                .message
                .contains("written by prodgen 99.0.0")
        );
        saved(dir.path());
        fs::remove_file(dir.path().join(BASE)).unwrap();
        assert!(matches!(project.state(), Err(Error::Mismatch { .. })));
        put(dir.path(), BASE, &base_text(&render()));
        fs::remove_file(dir.path().join(LOCK)).unwrap();
        assert!(matches!(project.state(), Err(Error::Mismatch { .. })));
        assert_eq!(lock.files.len(), 1);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(numbers("0.10.0") > numbers("0.9.9"));
        assert!(numbers("1.0.0") > numbers("0.99.0"));
        assert_eq!(numbers("0.1.0-rc.1"), numbers("0.1.0"));
    }
}
