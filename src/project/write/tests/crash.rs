//! Proofs that a write is all or nothing, wherever it is stopped.

use super::*;

/// What is written when the power goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Work {
    /// A service is made.
    Fresh,
    /// Files are changed, made and taken away, and the spec is edited.
    Change,
    /// The same where a person edited, deleted and added files, and one moves.
    Merge,
}

const ALL: [Work; 3] = [Work::Fresh, Work::Change, Work::Merge];

/// A project and the plan of what is to be written.
fn prepared(root: &Path, work: Work) -> (Project, Plan) {
    match work {
        Work::Fresh => {
            let project = Project::at(root);
            let plan = plan(&project, SpecText::Made("v: 1\n".to_owned()), &FIRST);
            (project, plan)
        }
        Work::Change => {
            let project = first(root);
            let plan = second(&project);
            (project, plan)
        }
        Work::Merge => merged(root),
    }
}

fn merged(root: &Path) -> (Project, Plan) {
    let named = |name: &str, more: &str| {
        format!("apiVersion: v1\nkind: A\nmetadata: {{name: {name}}}\n{more}")
    };
    let (old, new) = (named("a", "x: 1\ny: 1\n"), named("a", "x: 1\ny: 2\n"));
    let (gone, moved) = (named("gone", ""), named("moved", ""));
    let base = [
        ("a.yaml", old.as_str()),
        ("b", "b1\n"),
        ("c", "c1\n"),
        ("gone.yaml", gone.as_str()),
        ("old.yaml", moved.as_str()),
    ];
    let project = Project::at(root);
    let made = plan(&project, SpecText::Made("v: 1\n".to_owned()), &base);
    write_on(&mut Failing::after(usize::MAX, true), &project, &made).unwrap();
    let mine = old.replace("x: 1", "x: 5 # mine");
    put(root, "deploy/production/a.yaml", &mine);
    put(
        root,
        "deploy/production/old.yaml",
        &format!("# mine\n{moved}"),
    );
    put(root, "deploy/production/own.yaml", "mine: 1\n");
    put(root, "deploy/production/c", "mine\n");
    fs::remove_file(root.join("deploy/production/b")).unwrap();
    let spec = SpecText::Edited {
        from: "v: 1\n".to_owned(),
        to: "v: 2\n".to_owned(),
    };
    let wanted = [
        ("a.yaml", new.as_str()),
        ("b", "b2\n"),
        ("e", "e2\n"),
        ("new.yaml", moved.as_str()),
    ];
    let plan = plan(&project, spec, &wanted);
    let want = [
        ("a.yaml", Action::Merged),
        ("b", Action::Kept),
        ("c", Action::Kept),
        ("e", Action::New),
        ("gone.yaml", Action::Removed),
        ("new.yaml", Action::New),
        ("old.yaml", Action::Removed),
        ("prodgen.yaml", Action::Updated),
    ];
    assert_eq!(actions(&plan), want);
    (project, plan)
}

/// Runs `write` with a failure at every step, and gives each outcome to `judge`.
fn at_every_step(crash: bool, work: Work, judge: impl Fn(&Path, Tree, &Tree, &Tree)) {
    let dir = tempfile::tempdir().unwrap();
    let (project, the_plan) = prepared(dir.path(), work);
    let old = tree(dir.path());
    write(&project, &the_plan).unwrap();
    let new = tree(dir.path());
    for step in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let (project, plan) = prepared(dir.path(), work);
        if write_on(&mut Failing::after(step, crash), &project, &plan).is_ok() {
            assert!(step > 15, "only {step} steps");
            return;
        }
        let left = tree(dir.path());
        if crash {
            leave_the_lock(dir.path());
        }
        judge(dir.path(), left, &old, &new);
    }
}

/// What a dead process leaves, and a failing one takes away.
fn leave_the_lock(root: &Path) {
    let path = root.join(RUN_LOCK);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    File::create(path).unwrap();
}

#[test]
fn a_crash_at_any_step_ends_in_the_old_or_the_new_tree() {
    for work in ALL {
        at_every_step(true, work, |root, left, old, new| {
            let project = Project::at(root);
            let journal = left.contains_key(journal::JOURNAL);
            let found = recover(&project).unwrap();
            assert_eq!(tree(root), *if journal || left == *new { new } else { old });
            assert_eq!(journal, matches!(found, Some(Recovered::Finished(_))));
            assert_eq!(recover(&project).unwrap(), None);
            project.state().unwrap();
        });
    }
}

#[test]
fn a_failure_before_the_journal_leaves_no_trace() {
    for work in ALL {
        at_every_step(false, work, |root, left, old, new| {
            if left.contains_key(journal::JOURNAL) {
                recover(&Project::at(root)).unwrap();
                assert_eq!(tree(root), *new);
            } else if left != *new {
                assert_eq!(left, *old);
                assert!(work != Work::Fresh || fs::read_dir(root).unwrap().next().is_none());
            }
        });
    }
}

#[test]
fn a_crash_of_the_recovery_is_recovered_too() {
    for work in [Work::Change, Work::Merge] {
        at_every_step(true, work, |root, left, old, new| {
            let project = Project::at(root);
            let begun = left.contains_key(journal::JOURNAL) || left == *new;
            let want = if begun { new } else { old };
            for step in 0.. {
                let failing = &mut Failing::after(step, true);
                if journal::recover(failing, &project).is_ok() {
                    break;
                }
                leave_the_lock(root);
            }
            recover(&project).unwrap();
            assert_eq!(tree(root), *want);
        });
    }
}

/// A project in which a run died after `renames` of its renames.
fn died(root: &Path, renames: usize) -> Project {
    let project = first(root);
    let plan = second(&project);
    for step in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let copy = first(dir.path());
        let result = write_on(&mut Failing::after(step, true), &copy, &second(&copy));
        assert!(result.is_err());
        if tree(dir.path()).contains_key(journal::JOURNAL) {
            // One more for the sync of the journal's folder.
            let failing = &mut Failing::after(step + 1 + renames, true);
            write_on(failing, &project, &plan).unwrap_err();
            return project;
        }
    }
    unreachable!()
}

#[test]
fn recovery_never_overrides_a_later_edit() {
    let dir = tempfile::tempdir().unwrap();
    let project = died(dir.path(), 3);
    assert_eq!(
        tree(dir.path())["deploy/production/b"],
        "b2\n",
        "renamed before the end"
    );
    put(dir.path(), "deploy/production/b", "after\n");
    put(dir.path(), "deploy/production/c", "mine\n");
    put(dir.path(), "deploy/production/d", "mine\n");
    let error = recover(&project).unwrap_err();
    assert!(matches!(&error, Error::EditedSince { path } if path.ends_with("d")));
    assert!(error.is_input() && error.help().is_some());
    fs::remove_file(dir.path().join("deploy/production/d")).unwrap();
    assert!(matches!(
        recover(&project).unwrap(),
        Some(Recovered::Finished(_))
    ));
    let after = tree(dir.path());
    let text = |name: &str| &*after[&format!("deploy/production/{name}")];
    assert_eq!(
        (text("b"), text("c"), text("d")),
        ("after\n", "mine\n", "d2\n")
    );
    assert_eq!(project.state().unwrap().base, set(&SECOND));
}

#[test]
fn recovery_says_when_it_cannot_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let project = died(dir.path(), 2);
    put(dir.path(), "deploy/production/.d.prodgen~", "half");
    assert!(matches!(recover(&project), Err(Error::Unfinished { .. })));
    fs::remove_file(dir.path().join("deploy/production/.d.prodgen~")).unwrap();
    let error = recover(&project).unwrap_err();
    assert!(matches!(&error, Error::Unfinished { path } if path.ends_with("d")));
    put(dir.path(), journal::JOURNAL, "{");
    assert!(matches!(
        recover(&project),
        Err(Error::BrokenJournal { .. })
    ));
    // Whatever comes with somebody's branch, only what prodgen writes is touched.
    for path in [
        "../x",
        ".git/HEAD",
        "deploy/.git/config",
        "src/main.rs",
        "deploy",
    ] {
        let journal =
            format!(r#"{{"files": [{{"path": "{path}", "before": null, "after": null}}]}}"#);
        put(dir.path(), journal::JOURNAL, &journal);
        assert!(
            matches!(recover(&project), Err(Error::BrokenPath { .. })),
            "{path}"
        );
    }
    fs::remove_file(dir.path().join(journal::JOURNAL)).unwrap();
    put(
        dir.path(),
        crate::project::UNDO,
        r#"{"files": [{"path": ".git/config", "before": "x", "after": null}]}"#,
    );
    assert!(matches!(
        Plan::undo(&project),
        Err(Error::BrokenPath { .. })
    ));
}

#[test]
fn of_many_writers_one_wins_and_the_rest_say_why() {
    for round in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("svc");
        let (project, plan) = prepared(&root, ALL[round % 2]);
        let outcomes: Vec<Result<(), Error>> = std::thread::scope(|scope| {
            let run = || {
                recover(&project)?;
                write_on(&mut Failing::after(usize::MAX, true), &project, &plan)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        for error in outcomes.into_iter().filter_map(Result::err) {
            let told = matches!(error, Error::Busy { .. } | Error::ChangedMeanwhile { .. });
            assert!(told, "{error}");
        }
        // None is possible too: each may have met another that was only looking.
        assert!(won <= 1);
        let left = tree(dir.path());
        assert!(
            left.keys()
                .all(|name| !name.ends_with('~') && !name.contains("run.lock"))
        );
        assert_eq!(
            project.state().unwrap().lock_text == plan.records[1].after,
            won == 1
        );
    }
}

#[test]
fn a_crash_of_taking_back_ends_in_one_of_the_two_trees() {
    for work in ALL {
        taken_back(work);
    }
}

fn taken_back(work: Work) {
    for step in 0.. {
        let dir = tempfile::tempdir().unwrap();
        let (project, plan) = prepared(dir.path(), work);
        let mut old = tree(dir.path());
        write(&project, &plan).unwrap();
        // What is taken back cannot be taken back.
        old.remove(undo::UNDO);
        let new = tree(dir.path());
        let plan = Plan::undo(&project).unwrap().unwrap();
        if write_on(&mut Failing::after(step, true), &project, &plan).is_ok() {
            assert!(step > 12, "only {step} steps");
            assert_eq!(tree(dir.path()), old);
            return;
        }
        let journal = tree(dir.path()).contains_key(journal::JOURNAL);
        let done = tree(dir.path()) == old;
        leave_the_lock(dir.path());
        recover(&project).unwrap();
        assert_eq!(tree(dir.path()), if journal || done { old } else { new });
    }
}
