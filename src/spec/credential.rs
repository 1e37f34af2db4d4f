//! Credentials have no place in a spec: finds them, and the lines that no report may show.
//!
//! A value that looks like one is never read further, so that no other complaint can quote it.

use crate::diag::{Diagnostic, SourceId, Span};
use crate::yaml::{Data, Entry, FieldPath, Tree};

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
    "ACCESSKEY",
    "SECRETKEY",
];
/// Ends of a word that say the same: `PGPASSWORD`, `AUTHTOKEN`.
const SECRET_ENDS: &[&str] = &["PASSWORD", "PASSWD", "SECRET", "TOKEN"];
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
/// Keys of a spec that name Secrets and hold none.
const OWN_KEYS: &[&str] = &["secrets", "secret", "pullSecret"];

/// Takes the credentials out of `env` and complains of them; says whether anything else is left.
pub(super) fn take_out(env: &mut Tree, complaints: &mut Vec<Diagnostic>) -> bool {
    let root = FieldPath::default().key("env");
    let refuse = |path: &FieldPath, span: Span, message: String| {
        Diagnostic::error(message)
            .at(span)
            .key(path.to_string())
            .concealed()
    };
    let span = env.span;
    let Data::Map(entries) = &mut env.data else {
        let message = "`env` is a map of variables, and this is none".to_owned();
        complaints.push(refuse(&root, span, message).help("write `env: {LOG_LEVEL: info}`"));
        return false;
    };
    entries.retain(|Entry { key, value, .. }| {
        let path = root.key(key.as_str());
        let (message, help) = match &value.data {
            _ if names_a_credential(key) => {
                (format!("`{path}` looks like a credential"), kept_in(key))
            }
            Data::Scalar(text, _) if holds_a_credential(text) => (
                format!("the value of `{path}` holds a credential"),
                kept_in(key),
            ),
            Data::Scalar(..) => return true,
            Data::Map(_) | Data::Seq(_) => (
                format!("`{path}` is a string, and this is none"),
                "put the value in quotes".to_owned(),
            ),
        };
        complaints.push(refuse(&path, value.span, message).help(help));
        false
    });
    true
}

fn kept_in(variable: &str) -> String {
    format!(
        "keep it in a Secret and give the path of its file: `secrets: [{{name: NAME, pathEnv: \
         {{{variable}_FILE: KEY}}}}]`"
    )
}

/// Whether a variable of that name holds a secret: `DB_PASSWORD`, and not `DB_PASSWORD_FILE`.
pub fn names_a_credential(variable: &str) -> bool {
    let mut split = String::new();
    for c in variable.chars() {
        if c.is_uppercase() && split.ends_with(char::is_lowercase) {
            split.push('_');
        }
        split.push(c);
    }
    let upper = split.to_ascii_uppercase();
    let words: Vec<&str> = upper
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.last().is_some_and(|last| ABOUT_WORDS.contains(last)) {
        return false;
    }
    let says = |word: &&str| {
        SECRET_WORDS.contains(word) || SECRET_ENDS.iter().any(|end| word.ends_with(end))
    };
    words.iter().any(says)
        || words
            .windows(2)
            .any(|pair| SECRET_PAIRS.iter().any(|known| known.as_slice() == pair))
}

/// Whether a text holds a secret: a password in a URL, a private key.
pub fn holds_a_credential(text: &str) -> bool {
    let in_url = text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| {
            user.split_once(':')
                .is_some_and(|(_, password)| !password.is_empty())
        })
    });
    in_url || is_key(text)
}

fn is_key(text: &str) -> bool {
    text.contains("-----BEGIN") && text.contains("PRIVATE KEY")
}

/// The lines of a spec's text that look as if they held a secret, whatever the text is as YAML.
fn lines(source: SourceId, text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut deeper_than = None;
    let mut in_key = false;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        if !bare.is_empty() && deeper_than.is_some_and(|own| indent <= own) {
            deeper_than = None;
        }
        if deeper_than.is_none() && (holds_a_credential(line) || names_one(line)) {
            deeper_than = Some(indent);
            found.push(Span::new(source, start, end));
        } else if deeper_than.is_some() || in_key {
            found.push(Span::new(source, start, end));
        }
        in_key = (in_key || is_key(line)) && !line.contains("-----END");
        start = end;
    }
    found
}

/// Whether a line gives a value to something whose name says that it is a secret. A name in capitals
/// is enough: the colon behind it may be what is forgotten.
fn names_one(line: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let shouted = |word: &str| !word.contains(char::is_lowercase) && names_a_credential(word);
    line.split(|c| !is_word(c)).any(shouted) || !values(line).is_empty()
}

/// What a line gives to names that say that it is a secret.
fn values(line: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let given = line.match_indices([':', '=']).filter_map(|(at, sign)| {
        let before = line[..at].trim_end_matches(['"', '\'', ' ', '\t']);
        let word = before.rsplit(|c| !is_word(c)).next().unwrap_or_default();
        let is_one = names_a_credential(word) && !OWN_KEYS.contains(&word);
        is_one.then(|| line[at + sign.len()..].trim())
    });
    given.collect()
}

/// The numbers, from 1, of the lines of somebody's file that give a value to a secret. Comments give
/// none, nor does what only says where the value is to come from.
pub(super) fn lines_with_one(text: &str) -> Vec<usize> {
    let is_value = |value: &str| {
        let value = value.trim_matches(['"', '\'', ',', ';']);
        let is_hole = value.starts_with(['$', '<', '%', '{', '[']);
        !value.is_empty() && !is_hole && !["null", "~", "true", "false"].contains(&value)
    };
    let is_comment = |line: &str| {
        line.trim_start().starts_with(['#', ';']) || line.trim_start().starts_with("//")
    };
    let numbered = text.lines().zip(1..);
    let found = numbered.filter(|(line, _)| {
        !is_comment(line) && (holds_a_credential(line) || values(line).into_iter().any(is_value))
    });
    found.map(|(_, number)| number).collect()
}

/// Conceals every complaint about a line of these texts that gives a value to a secret.
pub(super) fn conceal(texts: &[(SourceId, String)], complaints: &mut [Diagnostic]) {
    // Nearly always there is nothing to complain of, and then nothing to look for.
    if complaints.is_empty() {
        return;
    }
    let texts = texts.iter();
    let hidden: Vec<Span> = texts
        .flat_map(|(source, text)| lines(*source, text))
        .collect();
    let meets = |span: &Span| {
        hidden.iter().any(|line| {
            line.source == span.source && line.start <= span.end && span.start < line.end
        })
    };
    for one in complaints {
        let mut labels = one.primary.iter().chain(&one.related);
        one.conceal |= labels.any(|label| meets(&label.span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Origin, SourceMap};

    #[test]
    fn credentials_are_known_by_name_and_by_value() {
        for name in [
            "DB_PASSWORD",
            "API_KEY",
            "STRIPE_SECRET",
            "GITHUB_TOKEN",
            "aws_secret_access_key",
            "dbPassword",
            "db-password",
            "PGPASSWORD",
            "accessToken",
        ] {
            assert!(names_a_credential(name), "{name}");
        }
        for name in [
            "DB_PASSWORD_FILE",
            "TOKEN_TTL",
            "LOG_LEVEL",
            "KEY",
            "SECRET_NAME",
            "TOKENIZER",
            "MAX_TOKENS",
        ] {
            assert!(!names_a_credential(name), "{name}");
        }
        assert!(holds_a_credential("postgres://app:hunter2@db/checkout"));
        assert!(holds_a_credential(
            "https://a.example.com,postgres://app:hunter2@db/x"
        ));
        assert!(!holds_a_credential("postgres://app@db/checkout"));
        assert!(!holds_a_credential("https://example.com/a:b@c"));
    }

    #[test]
    fn files_that_give_values_to_secrets_are_known_by_their_lines() {
        let text = "# DB_PASSWORD=x\nlog = info\ndb.password = hunter2\nurl: postgres://a:b@c/d\n\
                    \"apiToken\": \"abc\",\ntoken: ${TOKEN}\npassword:\npassword = \"\"\n\
                    token_url: https://a\nsecrets: {\n-----BEGIN RSA PRIVATE KEY-----\nclient_secret: |\n\
                    // token: x\nuse_token: true\n";
        assert_eq!(lines_with_one(text), [3, 4, 5, 11, 12]);
        assert_eq!(lines_with_one("a = 1\r\nPGPASSWORD=1\r\n"), [2]);
    }

    #[test]
    fn lines_are_found_in_any_text() {
        let id = SourceMap::default().add(Origin::Stdin, "");
        let hidden = |text: &str| -> Vec<usize> {
            let starts = lines(id, text).into_iter().map(|span| span.range().start);
            starts
                .map(|at| text[..at].matches('\n').count() + 1)
                .collect()
        };
        assert_eq!(hidden("a: 1\nenv:\n  DB_PASSWORD: \"x\n  y: [\n"), [3]);
        assert_eq!(hidden("env: {A: 1, 'TOKEN' : x"), [1]);
        assert_eq!(
            hidden("env:\n  TOKEN: |\n    a\n\n    b\nz: 1\n"),
            [2, 3, 4, 5]
        );
        assert_eq!(
            hidden("x: |\n  -----BEGIN PRIVATE KEY-----\n  a\n  -----END\nz: 1\n"),
            [2, 3, 4]
        );
        assert_eq!(
            hidden("secrets: [{name: db, secret: x, pathEnv: {DB_PASSWORD_FILE: k}}]"),
            Vec::<usize>::new()
        );
        assert_eq!(hidden("- DB_PASSWORD=hunter2\n"), [1]);
        assert_eq!(hidden("env:\n  DB_PASSWORD hunter2\n"), [2]);
        assert_eq!(hidden("\u{e4}\u{e4}:\u{e4}TOKEN=\u{e4}\n"), [1]);
    }
}
