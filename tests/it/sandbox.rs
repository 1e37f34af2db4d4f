//! A folder of its own for a run of the real binary: it is home and current folder, the environment
//! is empty, and there is no terminal.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The flags of a service that holds.
pub(crate) const GOOD: [&str; 4] = [
    "--team",
    "payments",
    "--image",
    "registry.example.com/payments/checkout:1.4.2",
];

/// What a service needs to say.
pub(crate) const SPEC: &str = "\
apiVersion: prodgen.dev/v1alpha1
kind: App
name: checkout
team: payments
image: registry.example.com/payments/checkout:1.4.2
";

/// A temporary folder.
pub(crate) struct Sandbox {
    folder: tempfile::TempDir,
    root: PathBuf,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A run that is being prepared.
pub(crate) struct Call<'s> {
    sandbox: &'s Sandbox,
    command: Command,
    stdin: Option<Vec<u8>>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self::of(tempfile::tempdir().unwrap())
    }

    /// In memory, where there is such a folder: for tests that write a lot and are not about disks.
    pub(crate) fn in_memory() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self::of(folder.unwrap())
    }

    fn of(folder: tempfile::TempDir) -> Self {
        let root = folder.path().canonicalize().unwrap();
        Self { folder, root }
    }

    /// With a service in it that `new` made.
    pub(crate) fn with_service() -> Self {
        let sandbox = Self::new();
        sandbox.put("prodgen.yaml", SPEC);
        sandbox.run(&["render", "-w"]).ends(0);
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(crate) fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut file = fs::File::create(path).unwrap();
        file.write_all(text.as_ref()).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        fs::symlink_metadata(self.path(name)).is_ok()
    }

    /// Every file in it, by path; links are not followed.
    pub(crate) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(&self.root, &self.root, &mut files);
        // It belongs to one working copy, and says what was there before.
        files.retain(|path, _| !path.ends_with(prodgen::project::UNDO));
        files
    }

    pub(crate) fn call(&self, args: &[&str]) -> Call<'_> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_prodgen"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.folder.path())
            .current_dir(&self.root);
        Call {
            sandbox: self,
            command,
            stdin: None,
        }
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.call(args).run()
    }

    /// `new KIND NAME` with what is needed, and more.
    pub(crate) fn new_service(&self, more: &[&str]) -> Ran {
        self.run(&[&["new", "service", "checkout"], &GOOD[..], more].concat())
    }
}

/// The files below a folder, by their paths from `root`; links are not followed.
pub(crate) fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let kind = fs::symlink_metadata(&path).unwrap();
        if kind.is_dir() {
            collect(root, &path, files);
        } else if kind.is_file() {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            files.insert(name.to_owned(), fs::read(&path).unwrap());
        }
    }
}

impl Call<'_> {
    pub(crate) fn stdin(mut self, text: impl AsRef<[u8]>) -> Self {
        self.stdin = Some(text.as_ref().to_owned());
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// In a folder below the sandbox.
    pub(crate) fn inside(mut self, folder: &str) -> Self {
        self.command.current_dir(self.sandbox.path(folder));
        self
    }

    pub(crate) fn stdout(mut self, to: impl Into<Stdio>) -> Self {
        self.command.stdout(to);
        self
    }

    pub(crate) fn run(mut self) -> Ran {
        let stdin = match self.stdin {
            Some(text) => {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all(&text).unwrap();
                std::io::Seek::rewind(&mut file).unwrap();
                Stdio::from(file)
            }
            None => Stdio::null(),
        };
        let output = self.command.stdin(stdin).output().unwrap();
        let ran = Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(ran.code != 101, "{ran:?}");
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains('\u{1b}'), "escape codes: {ran:?}");
        }
        ran
    }
}

impl Ran {
    /// That it ended with `code`.
    #[track_caller]
    pub(crate) fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// That stderr says all of `words`.
    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.stderr.contains(word), "{word:?} in\n{}", self.stderr);
        }
        self
    }

    /// Stdout as the one JSON document that it must be.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.stderr, "");
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// The outcome in the JSON, after the form of the document was checked.
    #[track_caller]
    pub(crate) fn outcome(&self) -> String {
        let json = self.json();
        assert_eq!(json["version"], 1);
        assert!(json["files"].is_array() && json["problems"].is_array());
        json["outcome"].as_str().unwrap().to_owned()
    }

    /// The word for each file in the JSON that is not `same` or `clean`: `updated a.yaml`.
    #[track_caller]
    pub(crate) fn files(&self) -> Vec<String> {
        let json = self.json();
        let word = |file: &Value, key: &str| file[key].as_str().unwrap().to_owned();
        json["files"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|file| !["same", "clean"].contains(&file["action"].as_str().unwrap()))
            .map(|file| format!("{} {}", word(file, "action"), word(file, "path")))
            .collect()
    }
}
