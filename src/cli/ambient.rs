//! What the process was given: the one place that looks at it. Below, everything is a parameter.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;

/// Arguments, variables, folder and terminals of a process.
#[derive(Debug, Clone, Default)]
pub struct Ambient {
    /// The command line, the program first.
    pub arguments: Vec<OsString>,
    /// Variables whose name and value are UTF-8.
    pub variables: BTreeMap<String, String>,
    /// Variables whose value is not UTF-8, by name.
    pub unreadable: BTreeSet<String>,
    /// The folder that it was started in; nothing if that is gone.
    pub folder: Option<PathBuf>,
    /// Whether stdin is a terminal.
    pub stdin: bool,
    /// Whether stdout is a terminal.
    pub stdout: bool,
    /// Whether stderr is a terminal.
    pub stderr: bool,
}

impl Ambient {
    /// Those of this process.
    pub fn of_process() -> Self {
        let mut variables = BTreeMap::new();
        let mut unreadable = BTreeSet::new();
        for (name, value) in std::env::vars_os() {
            match (name.into_string(), value.into_string()) {
                (Ok(name), Ok(value)) => {
                    variables.insert(name, value);
                }
                (Ok(name), Err(_)) => {
                    unreadable.insert(name);
                }
                (Err(_), _) => {}
            }
        }
        Self {
            arguments: std::env::args_os().collect(),
            variables,
            unreadable,
            folder: std::env::current_dir().ok(),
            stdin: std::io::stdin().is_terminal(),
            stdout: std::io::stdout().is_terminal(),
            stderr: std::io::stderr().is_terminal(),
        }
    }

    /// A variable that is there and not empty.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}
