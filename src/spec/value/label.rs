//! Keys and values of labels and annotations, by `validation.IsQualifiedName` and its neighbours.

use super::name::{shown, subdomain};
use super::{Wrong, quoted, sized, text_value};

/// The name part of a key, and a label value: 63 characters (`validation.qualifiedNameMaxLength`).
const NAME_LONGEST: usize = 63;

/// The key of a label: `[prefix/]name` (`validation.IsQualifiedName`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelKey(String);

impl LabelKey {
    /// Parses a word by `validation.IsQualifiedName`.
    fn read(text: &str) -> Result<Self, Wrong> {
        qualified(text, "the key of a label")?;
        Ok(Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the slash, if there is one.
    pub fn prefix(&self) -> Option<&str> {
        self.0.split_once('/').map(|(prefix, _)| prefix)
    }
}

text_value!(LabelKey, "the key of a label");

/// The key of an annotation: `[prefix/]name`.
///
/// `ValidateAnnotations` puts it in lower case first, so that `Upper.Example/a` passes there;
/// here it does not, for nobody means two spellings of one domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnnotationKey(String);

impl AnnotationKey {
    /// Parses a word by `validation.IsQualifiedName`.
    fn read(text: &str) -> Result<Self, Wrong> {
        qualified(text, "the key of an annotation")?;
        Ok(Self(text.to_owned()))
    }

    /// The key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the slash, if there is one.
    pub fn prefix(&self) -> Option<&str> {
        self.0.split_once('/').map(|(prefix, _)| prefix)
    }
}

text_value!(AnnotationKey, "the key of an annotation");

/// The value of a label: empty, or 63 characters at most (`validation.IsValidLabelValue`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelValue(String);

impl LabelValue {
    /// Parses a word by `validation.IsValidLabelValue`.
    fn read(text: &str) -> Result<Self, Wrong> {
        if !text.is_empty() {
            name_part(text, text, "the value of a label")?;
        }
        Ok(Self(text.to_owned()))
    }

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(LabelValue, "the value of a label");

/// Checks `[prefix/]name`.
fn qualified(text: &str, what: &str) -> Result<(), Wrong> {
    let name = match text.split_once('/') {
        Some((prefix, name)) => {
            subdomain(prefix, "what stands before the `/`").map_err(|wrong| {
                Wrong::new(format!("{} is not {what}: {}", quoted(text), wrong.message))
                    .maybe_help(wrong.help.map(|help| format!("{help} before the `/`")))
            })?;
            name
        }
        None => text,
    };
    name_part(name, text, what)
}

/// Checks `([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]`, at most 63; `whole` is what the user wrote.
fn name_part(name: &str, whole: &str, what: &str) -> Result<(), Wrong> {
    if name.is_empty() && whole.is_empty() {
        return sized(name, what, NAME_LONGEST);
    }
    if name.is_empty() {
        return Err(Wrong::new(format!(
            "{} has nothing after the `/`",
            quoted(whole)
        )));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(c) = name.chars().find(|c| !allowed(*c)) {
        return Err(Wrong::new(format!(
            "{} has {}: {what} has letters, digits, `-`, `_` and `.`",
            quoted(whole),
            shown(c)
        )));
    }
    if name.len() > NAME_LONGEST {
        return Err(Wrong::new(format!(
            "{} has {} characters: {what} has at most {NAME_LONGEST}",
            quoted(whole),
            name.len()
        )));
    }
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !end(name.chars().next()) || !end(name.chars().next_back()) {
        let trimmed = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let lead = whole.strip_suffix(name).unwrap_or_default();
        return Err(Wrong::new(format!(
            "{} starts or ends with a mark: {what} starts and ends with a letter or a digit",
            quoted(whole)
        ))
        .maybe_help(
            (!trimmed.is_empty()).then(|| super::write_this(&format!("{lead}{trimmed}"))),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn keys() {
        let longest = "a".repeat(63);
        let good = ["a", "A_b.c-d", "example.com/a", "0", &longest];
        keeps::<LabelKey>(&good);
        keeps::<AnnotationKey>(&good);
        let long = "a".repeat(64);
        let long_prefix = format!("{}/a", "a".repeat(254));
        let bad = [
            "/a",
            "a/",
            "a/b/c",
            "Example.com/a",
            "a b",
            "-a",
            "a.",
            "a..b/c",
            &long,
            &long_prefix,
        ];
        refuses::<LabelKey>(&bad);
        refuses::<AnnotationKey>(&bad);
        says::<LabelKey>(&[
            (
                "Example.com/a",
                "is not the key of a label",
                "write `example.com` before the `/`",
            ),
            ("x/a.", "starts or ends with a mark", "write `x/a`"),
            ("x/", "nothing after", ""),
        ]);
        assert_eq!(
            LabelKey::parse("example.com/a").unwrap().prefix(),
            Some("example.com")
        );
        assert_eq!(AnnotationKey::parse("a").unwrap().prefix(), None);
    }

    #[test]
    fn values() {
        let longest = "a".repeat(63);
        keeps::<LabelValue>(&["", "a", "1.4.2", "A_b", &longest]);
        let long = "a".repeat(64);
        for bad in [
            "a b",
            "a/b",
            "-a",
            "a-",
            "é",
            "\u{0}",
            " ",
            &long,
            &"a!".repeat(5_000),
        ] {
            LabelValue::parse(bad).unwrap_err();
        }
        says::<LabelValue>(&[("1.4-", "starts or ends with a mark", "write `1.4`")]);
    }
}
