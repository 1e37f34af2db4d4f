//! Proofs of what a write does and refuses; `crash` stops it at every step.

mod crash;
mod export;
mod place;

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::path::Path;

use super::disk::{Disk, Real};
use super::hold::{Hold, RUN_LOCK};
use super::*;
use crate::files::RelPath;
use crate::project::{Drift, Overall, Side, SpecText, State, Wanted};

/// A disk on which one operation fails, and with `crash` every later one too; it syncs nothing.
struct Failing {
    left: usize,
    failed: bool,
    crash: bool,
}

impl Failing {
    fn after(left: usize, crash: bool) -> Self {
        Self {
            left,
            failed: false,
            crash,
        }
    }

    fn step(&mut self) -> io::Result<()> {
        if self.failed && self.crash {
            return Err(io::Error::other("dead"));
        }
        if self.left == 0 && !self.failed {
            self.failed = true;
            return Err(io::Error::other("failed"));
        }
        self.left = self.left.saturating_sub(1);
        Ok(())
    }
}

impl Disk for Failing {
    fn create_folder(&mut self, path: &Path) -> io::Result<()> {
        self.step()?;
        Real.create_folder(path)
    }
    fn create_file(
        &mut self,
        path: &Path,
        text: &str,
        like: Option<Permissions>,
    ) -> io::Result<()> {
        let alive = !self.failed;
        let died = self.step();
        let mut options = File::options();
        options.write(true).create_new(true);
        if died.is_err() && alive {
            // The power goes in the middle of it.
            options
                .open(path)?
                .write_all(&text.as_bytes()[..text.len() / 2])?;
        }
        died?;
        let mut file = options.open(path)?;
        if let Some(permissions) = like {
            file.set_permissions(permissions)?;
        }
        file.write_all(text.as_bytes())
    }
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.step()?;
        Real.rename(from, to)
    }
    fn remove_file(&mut self, path: &Path) -> io::Result<()> {
        self.step()?;
        Real.remove_file(path)
    }
    fn remove_folder(&mut self, path: &Path) -> io::Result<()> {
        self.step()?;
        Real.remove_folder(path)
    }
    fn sync_folder(&mut self, _path: &Path) -> io::Result<()> {
        self.step()
    }
}

type Tree = BTreeMap<String, String>;

fn tree(root: &Path) -> Tree {
    fn walk(root: &Path, at: &Path, found: &mut Tree) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = Tree::new();
    walk(root, root, &mut found);
    found
}

fn put(root: &Path, path: &str, text: &str) {
    let full = root.join(path);
    fs::create_dir_all(full.parent().unwrap()).unwrap();
    File::create(full)
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
}

fn set(files: &[(&str, &str)]) -> FileSet {
    let file = |&(name, text): &(&str, &str)| {
        (
            RelPath::new(format!("deploy/production/{name}")).unwrap(),
            text.to_owned(),
        )
    };
    files.iter().map(file).collect()
}

fn plan(project: &Project, spec: SpecText, files: &[(&str, &str)]) -> Plan {
    let state = project.state().unwrap();
    Plan::new(
        project,
        &state,
        Wanted {
            config: None,
            canary: None,
            spec,
            manifests: set(files),
        },
    )
    .unwrap()
}

const FIRST: [(&str, &str); 4] = [("a", "a1\n"), ("b", "b1\n"), ("c", "c1\n"), ("d", "d1\n")];
const SECOND: [(&str, &str); 4] = [("a", "a1\n"), ("b", "b2\n"), ("d", "d2\n"), ("e", "e2\n")];

fn first(root: &Path) -> Project {
    let project = Project::at(root);
    let plan = plan(&project, SpecText::Made("v: 1\n".to_owned()), &FIRST);
    write_on(&mut Failing::after(usize::MAX, true), &project, &plan).unwrap();
    project
}

fn second(project: &Project) -> Plan {
    let spec = SpecText::Edited {
        from: "v: 1\n".to_owned(),
        to: "v: 2\n".to_owned(),
    };
    plan(project, spec, &SECOND)
}

fn actions(plan: &Plan) -> Vec<(&str, Action)> {
    plan.changes
        .iter()
        .map(|change| {
            (
                change.path.as_str().rsplit('/').next().unwrap(),
                change.action,
            )
        })
        .collect()
}

#[test]
fn a_service_is_made_changed_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let project = first(dir.path());
    let names: Vec<String> = tree(dir.path()).into_keys().collect();
    let manifests = ["a", "b", "c", "d"].map(|name| format!("deploy/production/{name}"));
    let records = [".gitignore", "base.json", "lock.yaml", "undo.json"];
    assert_eq!(names[..4], records.map(|name| format!(".prodgen/{name}")));
    assert_eq!((&names[4..8], &*names[8]), (&manifests[..], "prodgen.yaml"));

    let again = plan(&project, SpecText::Read("v: 1\n".to_owned()), &FIRST);
    assert!(again.is_unchanged() && again.is_clean());
    let before = tree(dir.path());
    write(&project, &again).unwrap();
    assert_eq!(tree(dir.path()), before);

    fs::remove_file(dir.path().join("deploy/production/d")).unwrap();
    let plan = second(&project);
    let want = [
        ("a", Action::Same),
        ("b", Action::Updated),
        ("c", Action::Removed),
        ("d", Action::Kept),
        ("e", Action::New),
        ("prodgen.yaml", Action::Updated),
    ];
    assert_eq!(actions(&plan), want);
    assert!(!plan.is_unchanged());
    write(&project, &plan).unwrap();
    let after = tree(dir.path());
    assert_eq!(after["deploy/production/b"], "b2\n");
    assert_eq!(after["prodgen.yaml"], "v: 2\n");
    assert!(!after.contains_key("deploy/production/c"));
    assert!(
        !after.contains_key("deploy/production/d"),
        "what was deleted stays deleted"
    );
    let state = project.state().unwrap();
    assert_eq!(state.base, set(&SECOND));
    assert_eq!(state.lock_text, plan.records[1].after);
    let state = project.state().unwrap();
    let drift = Drift::new(&project, &state, &set(&SECOND)).unwrap();
    assert_eq!(drift.overall, Overall::Edited);
}

#[test]
fn what_is_open_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let project = first(dir.path());
    put(dir.path(), "deploy/production/b", "mine\n");
    put(dir.path(), "deploy/production/e", "mine\n");
    let before = tree(dir.path());
    let plan = second(&project);
    assert_eq!(
        (plan.conflicts().count(), plan.in_the_way().count()),
        (1, 1)
    );
    let error = write(&project, &plan).unwrap_err();
    assert!(matches!(&error, Error::Unsettled { path } if path.ends_with("b")));
    assert_eq!(tree(dir.path()), before);

    write(&project, &plan.accept(Side::Ours)).unwrap();
    let after = tree(dir.path());
    assert_eq!(after["deploy/production/b"], "mine\n");
    assert_eq!(after["deploy/production/d"], "d2\n");
    let again = self::plan(&project, SpecText::Read("v: 2\n".to_owned()), &SECOND);
    assert!(again.is_unchanged() && again.is_clean());
}

#[test]
fn an_edited_file_that_moves_is_known_by_its_new_path_alone() {
    let object = "apiVersion: v1\nkind: A\nmetadata: {name: a}\n";
    let dir = tempfile::tempdir().unwrap();
    let project = Project::at(dir.path());
    let spec = || SpecText::Read("v: 1\n".to_owned());
    write(&project, &plan(&project, spec(), &[("a.yaml", object)])).unwrap();
    let mine = format!("{object}# mine\n");
    put(dir.path(), "deploy/production/a.yaml", &mine);
    let moved = [("00-a.yaml", object)];
    write(&project, &plan(&project, spec(), &moved)).unwrap();
    let after = tree(dir.path());
    assert_eq!(after["deploy/production/00-a.yaml"], mine);
    assert!(!after.contains_key("deploy/production/a.yaml"));
    assert_eq!(project.state().unwrap().base, set(&moved));
    assert!(plan(&project, spec(), &moved).is_unchanged());
}

#[test]
fn a_file_that_changes_under_the_plan_stops_it() {
    let dir = tempfile::tempdir().unwrap();
    let project = first(dir.path());
    for path in [
        "deploy/production/b",
        "deploy/production/a",
        "prodgen.yaml",
        ".prodgen/base.json",
    ] {
        let plan = second(&project);
        let old = fs::read_to_string(dir.path().join(path)).unwrap();
        put(dir.path(), path, &format!("{old} "));
        let error = write(&project, &plan).unwrap_err();
        assert!(matches!(&error, Error::ChangedMeanwhile { path: at } if at.ends_with(path)));
        assert!(!error.is_input());
        put(dir.path(), path, &old);
    }
    let spec = SpecText::Edited {
        from: "other".to_owned(),
        to: "v: 2\n".to_owned(),
    };
    let wanted = Wanted {
        config: None,
        canary: None,
        spec,
        manifests: set(&SECOND),
    };
    let error = Plan::new(&project, &project.state().unwrap(), wanted).unwrap_err();
    assert!(matches!(error, Error::ChangedMeanwhile { .. }));
}

#[test]
fn one_writer_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let project = first(dir.path());
    let plan = second(&project);
    let hold = Hold::take(&project).unwrap();
    let error = write(&project, &plan).unwrap_err();
    assert!(matches!(error, Error::Busy { .. }) && !error.is_input());
    put(
        dir.path(),
        "deploy/production/.b.prodgen~",
        "theirs, at work",
    );
    assert_eq!(
        recover(&project).unwrap(),
        None,
        "a run at work is left alone"
    );
    assert!(dir.path().join("deploy/production/.b.prodgen~").exists());
    put(dir.path(), journal::JOURNAL, "{\"files\": []}");
    assert!(matches!(recover(&project), Err(Error::Busy { .. })));
    fs::remove_file(dir.path().join(journal::JOURNAL)).unwrap();
    drop(hold);
    assert!(!dir.path().join(RUN_LOCK).exists());

    // The holder died: its file is there, its lock is not.
    put(dir.path(), RUN_LOCK, "");
    write(&project, &plan).unwrap();
    assert!(!dir.path().join(RUN_LOCK).exists());
    put(dir.path(), RUN_LOCK, "");
    assert_eq!(recover(&project).unwrap(), None);
    assert!(!dir.path().join(RUN_LOCK).exists());
}
