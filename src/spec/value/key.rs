//! Names of environment variables, and keys of a Secret or `ConfigMap`.

use super::name::{SUBDOMAIN_LONGEST, shown};
use super::{Wrong, quoted, sized, text_value, write_this};

/// The name of an environment variable as every shell can say it: POSIX.1-2017, section 8.1.
///
/// Kubernetes takes more (`validation.IsEnvVarName`); a program often can't.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EnvName(String);

impl EnvName {
    /// Parses a word by POSIX.1-2017, section 8.1, lower case allowed.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "the name of a variable";
        sized(text, WHAT, SUBDOMAIN_LONGEST)?;
        let whole = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if whole && !text.starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        let said = match text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && *c != '_')
        {
            Some(c) => format!("has {}", shown(c)),
            None => "starts with a digit".to_owned(),
        };
        let fixed: String = text
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_uppercase()
                } else {
                    '_'
                }
            })
            .collect();
        let fixed = if fixed.starts_with(|c: char| c.is_ascii_digit()) {
            format!("_{fixed}")
        } else {
            fixed
        };
        let wrong = Wrong::new(format!(
            "{} {said}: {WHAT} has letters, digits and `_`, and no digit first",
            quoted(text)
        ));
        let useful = fixed.chars().any(|c| c != '_');
        Err(wrong.maybe_help(useful.then(|| write_this(&fixed))))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(EnvName, "the name of a variable");

/// A key of a `ConfigMap` or `Secret`: `[-._a-zA-Z0-9]+`, at most 253.
///
/// The rule is `validation.IsConfigMapKey`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DataKey(String);

impl DataKey {
    /// Parses a word by `validation.IsConfigMapKey`.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "a key of a Secret or ConfigMap";
        sized(text, WHAT, SUBDOMAIN_LONGEST)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if let Some(c) = text.chars().find(|c| !allowed(*c)) {
            return Err(Wrong::new(format!(
                "{} has {}: {WHAT} has letters, digits, `-`, `_` and `.`",
                quoted(text),
                shown(c)
            )));
        }
        if text == "." || text.starts_with("..") {
            return Err(Wrong::new(format!(
                "{} would be a folder: {WHAT} is a file name, and may not \
                 be `.` or start with `..`",
                quoted(text)
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(DataKey, "a key of a Secret or ConfigMap");

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn variables() {
        keeps::<EnvName>(&["A", "_", "LOG_LEVEL", "http_proxy", "_1"]);
        refuses::<EnvName>(&["1A", "A-B", "A.B", "A=B", "A B", "É"]);
        says::<EnvName>(&[
            ("log-level", "has `-`", "write `LOG_LEVEL`"),
            ("1A", "starts with a digit", "write `_1A`"),
        ]);
    }

    #[test]
    fn data_keys() {
        keeps::<DataKey>(&["a", "A_b-c.d", ".env", "a..b", "tls.crt"]);
        let long = "a".repeat(254);
        refuses::<DataKey>(&[".", "..", "..a", "a/b", "a b", &long]);
        says::<DataKey>(&[("a/b", "has `/`", ""), ("..a", "would be a folder", "")]);
    }
}
