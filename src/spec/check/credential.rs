//! The rule that no variable holds a credential: by its name, or by its value.

use super::{Judge, at};
use crate::spec::model::AppSpec;

/// Words in a variable's name that say that its value is a secret.
const SECRET_WORDS: &[&str] = &[
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "SECRET",
    "SECRETS",
    "TOKEN",
    "APIKEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVATEKEY",
    "AUTHTOKEN",
    "ACCESSKEY",
    "SECRETKEY",
];

/// The same, of two words.
const SECRET_PAIRS: &[[&str; 2]] = &[
    ["API", "KEY"],
    ["PRIVATE", "KEY"],
    ["ACCESS", "KEY"],
    ["SIGNING", "KEY"],
    ["ENCRYPTION", "KEY"],
    ["AUTH", "KEY"],
];

/// Last words that say that the value only speaks of a secret.
const ABOUT_WORDS: &[&str] = &[
    "FILE",
    "PATH",
    "DIR",
    "NAME",
    "TTL",
    "URL",
    "URI",
    "ISSUER",
    "AUDIENCE",
    "LENGTH",
    "TIMEOUT",
    "EXPIRY",
    "ENABLED",
    "ID",
    "HEADER",
    "ALGORITHM",
    "POLICY",
    "ENDPOINT",
    "TYPE",
    "LIMIT",
    "VERSION",
    "REGION",
];

fn names_a_secret(variable: &str) -> bool {
    let upper = variable.to_ascii_uppercase();
    let words: Vec<&str> = upper.split('_').filter(|word| !word.is_empty()).collect();
    if words.last().is_some_and(|last| ABOUT_WORDS.contains(last)) {
        return false;
    }
    words.iter().any(|word| SECRET_WORDS.contains(word))
        || words
            .windows(2)
            .any(|pair| SECRET_PAIRS.iter().any(|known| known.as_slice() == pair))
}

fn holds_a_secret(value: &str) -> bool {
    let in_url = value.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| {
            user.split_once(':')
                .is_some_and(|(_, password)| !password.is_empty())
        })
    });
    in_url || value.contains("-----BEGIN") && value.contains("PRIVATE KEY")
}

pub(super) fn env(spec: &AppSpec, judge: &mut Judge<'_>) {
    for (variable, value) in spec.env.iter().flatten() {
        let message = if names_a_secret(variable.as_str()) {
            format!("`env.{variable}` looks like a credential")
        } else if holds_a_secret(value) {
            format!("the value of `env.{variable}` holds a credential")
        } else {
            continue;
        };
        let path = at("env").key(variable.as_str());
        judge.say(
            &path,
            message,
            format!(
                "keep it in a Secret and give the path of its file: `secrets: [{{name: NAME, pathEnv: \
                 {{{variable}_FILE: KEY}}}}]`"
            ),
        );
        if let Some(last) = judge.complaints.last_mut() {
            last.conceal = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_known_by_name_and_by_value() {
        for name in [
            "DB_PASSWORD",
            "API_KEY",
            "STRIPE_SECRET",
            "GITHUB_TOKEN",
            "aws_secret_access_key",
        ] {
            assert!(names_a_secret(name), "{name}");
        }
        for name in [
            "DB_PASSWORD_FILE",
            "TOKEN_TTL",
            "LOG_LEVEL",
            "KEY",
            "SECRET_NAME",
            "TOKENIZER",
        ] {
            assert!(!names_a_secret(name), "{name}");
        }
        assert!(holds_a_secret("postgres://app:hunter2@db/checkout"));
        assert!(!holds_a_secret("postgres://app@db/checkout"));
        assert!(!holds_a_secret("https://example.com/a:b@c"));
    }
}
