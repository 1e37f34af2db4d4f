//! Samples of environment files: which credentials the service wants, by name. What stands behind the
//! `=` is never kept, and a file that may hold real values is never opened.

use super::place::Place;
use super::{Found, Repository, right};
use crate::spec::names_a_credential;
use crate::spec::value::DnsLabel;

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
        .find_map(|file| Some((place.variables(file)?, file)));
    if let Some((variables, file)) = first {
        let secrets = secrets(variables.iter().map(String::as_str));
        repository.add(Found::list("secrets", secrets, file));
    }
}

/// The names of Secrets for those variables that hold credentials.
pub(super) fn secrets<'a>(variables: impl Iterator<Item = &'a str>) -> Vec<String> {
    variables
        .filter(|name| names_a_credential(name))
        .filter_map(secret)
        .collect()
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
                    \u{fffd}_TOKEN=1\nDB_PASSWORD=again";
        let want = [
            "name=shop (.)",
            "secrets=[db-password, stripe-api-key] (.env.example)",
        ];
        assert_eq!(found(&[("shop/.env.example", text)], "shop"), want);
        let both = [
            ("shop/.env.sample", "A_TOKEN=1"),
            ("shop/.env.dist", "B_TOKEN=1"),
        ];
        assert_eq!(found(&both, "shop")[1], "secrets=[a-token] (.env.sample)");
        assert_eq!(found(&[("shop/.env.example", "PORT=1")], "shop").len(), 1);
        let many: String = (0..60).map(|i| format!("A{i}_TOKEN=\n")).collect();
        assert_eq!(found(&[("shop/.env.example", &many)], "shop").len(), 1);
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
