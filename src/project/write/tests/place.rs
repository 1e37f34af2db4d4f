//! Proofs of what stops a write: files, folders and links that are not what was planned for.

use super::*;

#[test]
fn a_file_where_a_folder_is_needed_leaves_the_tree_alone() {
    let dir = tempfile::tempdir().unwrap();
    put(dir.path(), "deploy", "a file\n");
    let project = Project::at(dir.path());
    let wanted = Wanted {
        config: None,
        canary: None,
        spec: SpecText::Made("v: 1\n".to_owned()),
        manifests: set(&FIRST),
    };
    let error = Plan::new(&project, &State::default(), wanted.clone()).unwrap_err();
    assert!(matches!(&error, Error::NotFolder { path } if path.ends_with("deploy")));

    // The same, between the plan and the write.
    fs::remove_file(dir.path().join("deploy")).unwrap();
    let plan = Plan::new(&project, &State::default(), wanted).unwrap();
    put(dir.path(), "deploy", "a file\n");
    assert!(matches!(
        write(&project, &plan),
        Err(Error::NotFolder { .. })
    ));
    assert_eq!(tree(dir.path()).into_keys().collect::<Vec<_>>(), ["deploy"]);
}

#[test]
fn a_folder_that_vanishes_is_not_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("svc");
    let project = first(&root);
    let plan = second(&project);
    fs::remove_dir_all(root.join("deploy")).unwrap();
    let error = write(&project, &plan).unwrap_err();
    assert!(matches!(error, Error::ChangedMeanwhile { .. }));
    assert!(!root.join("deploy").exists());
    fs::remove_dir_all(&root).unwrap();
    let error = write(&project, &plan).unwrap_err();
    assert!(matches!(error, Error::ChangedMeanwhile { .. }));
    assert!(!root.exists());
}

#[cfg(unix)]
#[test]
fn what_is_linked_or_protected_is_left_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempfile::tempdir().unwrap();
    let out = tempfile::tempdir().unwrap();
    let project = first(dir.path());
    let b = dir.path().join("deploy/production/b");
    fs::rename(&b, dir.path().join("real")).unwrap();
    symlink("../../real", &b).unwrap();
    let plan = second(&project);
    assert!(matches!(write(&project, &plan), Err(Error::Link { path }) if path == b));
    fs::remove_file(&b).unwrap();
    fs::rename(dir.path().join("real"), &b).unwrap();
    let before = tree(dir.path());
    for name in ["b", "c"] {
        let path = dir.path().join("deploy/production").join(name);
        fs::set_permissions(&path, Permissions::from_mode(0o444)).unwrap();
        let error = write(&project, &second(&project)).unwrap_err();
        assert!(matches!(&error, Error::ReadOnly { path: at } if *at == path));
        assert!(error.is_input());
        assert_eq!(tree(dir.path()), before);
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    }
    let plan = second(&project);
    let deploy = dir.path().join("deploy");
    fs::rename(&deploy, out.path().join("deploy")).unwrap();
    symlink(out.path().join("deploy"), &deploy).unwrap();
    assert!(matches!(
        write(&project, &plan),
        Err(Error::LeadsOut { .. })
    ));
    assert_eq!(
        fs::read_to_string(out.path().join("deploy/production/b")).unwrap(),
        "b1\n"
    );
    fs::remove_file(&deploy).unwrap();
    fs::rename(out.path().join("deploy"), &deploy).unwrap();
    write(&project, &plan).unwrap();
    assert_eq!(
        fs::metadata(&b).unwrap().permissions().mode() & 0o777,
        0o640
    );
}
