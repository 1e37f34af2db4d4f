//! Samples of environment files: which credentials the service wants, by name. What stands behind the
//! `=` is never kept, and a file that may hold real values is never opened.

use super::place::Place;
use super::{Found, Repository, right};
use crate::spec::value::DnsLabel;
use crate::spec::{holds_a_credential, names_a_credential};

/// Names by which samples are known.
const FILES: &[&str] = &[
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    "env.example",
];

/// The credentials of the first sample that is there.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    let first = FILES
        .iter()
        .find_map(|file| Some((place.variables(file, is_secret)?, file)));
    if let Some((variables, file)) = first {
        let secrets = variables.iter().filter_map(|name| secret(name)).collect();
        repository.add(Found::list("secrets", secrets, file));
    }
}

/// Whether a variable is a credential, by its name or by what it holds.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    names_a_credential(name) || holds_a_credential(value)
}

/// The name of a Secret for something that is called `name`: `DB_PASSWORD` is `db-password`.
pub(super) fn secret(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase().replace(['_', '.'], "-");
    right(&name, DnsLabel::parse).map(|name| name.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{found, listed};

    #[test]
    fn credentials_are_found_by_name() {
        let text = "# DB_PASSWORD=old\nLOG_LEVEL=info\n export DB_PASSWORD = hunter2\r\n\
                    STRIPE_API_KEY=\nTOKEN_FILE=x\n=\nnot a line\nA\u{1b}TOKEN=x\n\u{feff}\n\
                    \u{fffd}_TOKEN=1\nDB_PASSWORD=again\nDATABASE_URL=postgres://a:hunter2@db/x";
        let want = [
            "name=shop (.)",
            "secrets=[db-password, stripe-api-key, database-url] (.env.example)",
        ];
        assert_eq!(found(&[("shop/.env.example", text)], "shop"), want);
        let both = [
            ("shop/.env.sample", "A_TOKEN=1"),
            ("shop/.env.dist", "B_TOKEN=1"),
        ];
        assert_eq!(found(&both, "shop")[1], "secrets=[a-token] (.env.sample)");
        assert_eq!(found(&[("shop/.env.example", "PORT=1")], "shop").len(), 1);
        let many: Vec<_> = (0..60).map(|i| format!("A{i}_TOKEN=\n")).collect();
        assert_eq!(
            found(&[("shop/.env.example", &many.concat())], "shop").len(),
            1
        );
    }

    #[test]
    fn real_values_are_not_looked_at() {
        let real = ("shop/.env", "A_TOKEN=hunter2\n");
        assert_eq!(found(&[real], "shop"), ["name=shop (.)"]);
        let production = ("shop/.env.production", "A_TOKEN=hunter2\n");
        assert_eq!(found(&[production], "shop"), ["name=shop (.)"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_sample_that_is_a_link_to_the_real_one_is_not_opened() {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("shop");
        super::super::tests::lay(&folder, &[(".env", "A_TOKEN=hunter2\n")]);
        std::os::unix::fs::symlink(".env", folder.join(".env.example")).unwrap();
        assert_eq!(listed(&folder), ["name=shop (.)"]);
    }
}
