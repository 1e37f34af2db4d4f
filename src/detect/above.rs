//! A spec in a folder above: somebody may be about to make a service inside another.

use super::Repository;
use super::place::Place;
use crate::diag::Diagnostic;

/// Says where the nearest one is.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    if let Some(file) = place.nearest_above("prodgen.yaml") {
        let help = format!("this makes another one beside it; to change that one, edit `{file}`");
        repository.remarks.push(
            Diagnostic::note("there is a service in a folder above this one")
                .in_file(file)
                .help(help),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::repository;
    use super::super::tests::lay;

    #[test]
    fn the_nearest_spec_above_is_noticed() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path();
        lay(
            root,
            &[
                (".git/config", ""),
                ("prodgen.yaml", ""),
                ("a/b/prodgen.yaml", ""),
                ("a/b/c/d/x", ""),
            ],
        );
        let said = |folder: &str| {
            let remarks = repository(&root.join(folder)).remarks;
            remarks
                .into_iter()
                .filter_map(|one| one.file)
                .collect::<Vec<_>>()
        };
        assert_eq!(said("a/b/c/d"), ["../../prodgen.yaml"]);
        assert_eq!(said("a/b"), ["../../prodgen.yaml"]);
        assert_eq!(said("a"), ["../prodgen.yaml"]);
        assert!(said(".").is_empty());
    }
}
