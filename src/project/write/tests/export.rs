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
