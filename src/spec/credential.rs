//! Credentials have no place in a spec: finds them, and the lines that no report may show.
//!
//! A value that looks like one is never read further, so that no other complaint can quote it.

mod signs;

use crate::diag::{Diagnostic, SourceId, Span};
use crate::yaml::{Data, Entry, FieldPath, Tree};

use signs::is_key;
pub use signs::{holds_a_credential, names_a_credential};

/// Keys of a spec that name Secrets and hold none.
const OWN_KEYS: &[&str] = &["secrets", "secret", "pullSecret"];
/// What stands under `secrets`; whatever else does may be the value that somebody has put there.
const KEYS_OF_SECRETS: &[&str] = &["secrets", "name", "secret", "keys", "mount", "pathEnv"];
/// Keys of a Secret's own manifest, which somebody may take for those of a spec.
const KEYS_OF_DATA: &[&str] = &["data", "stringData"];

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
            Data::Scalar(text, _) if says_little(text) => return true,
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

/// Whether a value is no secret whatever its variable is called: a switch, or the path of a file.
fn says_little(text: &str) -> bool {
    let is_path = text.starts_with('/') && text.len() > 1 && !text.contains(char::is_whitespace);
    is_path || ["true", "false"].contains(&text)
}

fn kept_in(variable: &str) -> String {
    format!(
        "keep it in a Secret and give the path of its file: `secrets: [{{name: NAME, pathEnv: \
         {{{variable}_FILE: KEY}}}}]`"
    )
}

/// The lines of a spec's text that look as if they held a secret, whatever the text is as YAML.
fn lines(source: SourceId, text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut deeper_than = None;
    let mut in_key = false;
    let mut in_secrets = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let bare = line.trim_start();
        let indent = line.len() - bare.len();
        if !bare.is_empty() && deeper_than.is_some_and(|own| indent <= own) {
            deeper_than = None;
        }
        if keys(line).any(|key| key == "secrets") {
            in_secrets = Some(indent);
        } else if in_secrets
            .is_some_and(|own| !bare.is_empty() && indent <= own && !bare.starts_with('-'))
        {
            in_secrets = None;
        }
        let plain = bare.strip_prefix("secrets:").map(str::trim);
        let is_value = plain.is_some_and(|value| {
            !value.is_empty() && !value.starts_with(['[', '{', '&', '*', '#', '|', '>'])
        });
        let gives_data = is_value
            || keys(line).any(|key| {
                KEYS_OF_DATA.contains(&key)
                    || in_secrets.is_some()
                        && key.contains(char::is_lowercase)
                        && !KEYS_OF_SECRETS.contains(&key)
            })
            || indent == 0 && keys(line).next() == Some("secret");
        if deeper_than.is_none() && (gives_data || holds_a_credential(line) || names_one(line)) {
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

/// The keys that a line gives values to.
fn keys(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices(':').map(|(at, _)| {
        let before = line[..at].trim_end_matches(['"', '\'', ' ', '\t']);
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        before.rsplit(|c| !is_word(c)).next().unwrap_or_default()
    })
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
        // What stands in the place of a list of Secrets may be one.
        if one.key.as_deref() == Some("secrets")
            && let Some((head, _)) = one.message.split_once(", found `")
        {
            one.message = head.to_owned();
        }
        let mut labels = one.primary.iter().chain(&one.related);
        one.conceal |= labels.any(|label| meets(&label.span));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Origin, SourceMap};

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
            hidden("secrets:\n- name: db\n  value: x\n  keys: [a]\n  k: |\n    y\nport: 1\n"),
            [3, 5, 6]
        );
        assert_eq!(hidden("secrets: {db: x}\nport: 1\nvalue: 2\n"), [1]);
        assert_eq!(hidden("{\n  \"secrets\": [\n    {\"db\": 1}]}"), [3]);
        assert_eq!(
            hidden("stringData:\n  k: x\nport: 1\nsecret: {a: b}\n"),
            [1, 2, 4]
        );
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
