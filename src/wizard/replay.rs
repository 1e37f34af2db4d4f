//! The command line that gives the same tree without a terminal.

use serde_json::Value;

use crate::spec::{AppSpec, KEYS, folded};

/// The command that makes `spec` without asking: `prodgen new service checkout --team payments`.
pub fn headless(spec: &AppSpec, kind: &str) -> String {
    let keys = folded(spec);
    let mut words = vec!["prodgen".to_owned(), "new".to_owned(), kind.to_owned()];
    for key in KEYS {
        let Some(value) = keys.get(key.name) else {
            continue;
        };
        match (key.name, key.flag, plain(value)) {
            ("type", _, _) => {}
            ("name", _, Some(text)) => words.push(shell(&text)),
            (_, Some(flag), Some(text)) if !key.list => {
                words.push(format!("--{flag}"));
                words.push(shell(&text));
            }
            (name, _, Some(text)) => {
                words.push("--set".to_owned());
                words.push(shell(&format!("{name}={text}")));
            }
            (name, _, None) => {
                words.push("--set".to_owned());
                words.push(shell(&format!("{name}={value}")));
            }
        }
    }
    words.push("--no-input".to_owned());
    words.join(" ")
}

/// The value of a key as one would type it, if the spec has it.
pub(super) fn value(spec: &AppSpec, key: &str) -> Option<String> {
    let keys = folded(spec);
    let value = keys.get(key)?;
    Some(plain(value).unwrap_or_else(|| value.to_string()))
}

/// A scalar that a flag can hold as it is.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim_start().starts_with(['[', '{']) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::String(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// One word of a POSIX shell, whatever is in it.
///
/// ```
/// assert_eq!(prodgen::wizard::shell("it's here"), r"'it'\''s here'");
/// ```
pub fn shell(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./:@=,".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::shell;

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(
            shell("registry.example.com/a:1"),
            "registry.example.com/a:1"
        );
        assert_eq!(shell("a b"), "'a b'");
        assert_eq!(shell("it's $HOME\n"), "'it'\\''s $HOME\n'");
        assert_eq!(shell(""), "''");
    }
}
