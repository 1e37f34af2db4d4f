//! Proofs that an export replaces nothing and cleans up after itself.

use super::*;

#[test]
fn an_export_replaces_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let to = dir.path().join("some/where");
    let words = |changes: Vec<Change>| {
        changes
            .iter()
            .map(|change| change.action)
            .collect::<Vec<_>>()
    };
    let (first, second) = (set(&FIRST[..2]), set(&SECOND[..2]));
    assert_eq!(words(export(&to, &first).unwrap()), [Action::New; 2]);
    assert_eq!(words(export(&to, &first).unwrap()), [Action::Same; 2]);
    let before = tree(dir.path());
    let error = export(&to, &second).unwrap_err();
    assert!(matches!(&error, Error::Occupied { path } if path.ends_with("b")));
    assert!(error.is_input());
    assert_eq!(tree(dir.path()), before);

    // A manifest that would be applied with it is named; anything else is not its business.
    put(&to, "notes.txt", "mine");
    put(&to, "folder.yaml/x.yaml", "mine");
    assert_eq!(words(export(&to, &first).unwrap()), [Action::Same; 2]);
    for name in ["z.yaml", "y.yml", "x.json", ".w.yaml"] {
        put(&to, name, "mine");
    }
    let before = tree(dir.path());
    let error = export(&to, &first).unwrap_err();
    assert!(error.is_input() && error.path() == to);
    let said = error.to_string();
    assert!(
        said.ends_with("write: `.w.yaml`, `x.json`, `y.yml`, `z.yaml`"),
        "{said}"
    );
    assert_eq!(tree(dir.path()), before);

    for step in 0.. {
        let dir = tempfile::tempdir().unwrap();
        put(
            dir.path(),
            "deploy/production/.a.prodgen~",
            "of a run that died",
        );
        let to = dir.path();
        if export_on(&mut Failing::after(step, false), to, &first).is_ok() {
            assert_eq!(tree(to).len(), 2);
            assert!(step > 4);
            break;
        }
        let left = tree(to);
        let clean = left.keys().all(|name| name.ends_with("/.a.prodgen~")) || left.len() == 2;
        assert!(clean, "{step}: {left:?}");
    }
}
