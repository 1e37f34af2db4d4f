//! Names of services, namespaces, objects and ports, by the rules of Kubernetes' own validation.

use super::{Wrong, quoted, sized, text_value, write_this};

/// RFC 1123 label: 63 characters (`validation.DNS1123LabelMaxLength`).
const LABEL_LONGEST: usize = 63;

/// Names made from an app's name get a suffix; a `CronJob` may have 52 (`batch/validation`).
const APP_LONGEST: usize = 50;

/// RFC 1123 subdomain: 253 characters (`validation.DNS1123SubdomainMaxLength`).
pub(super) const SUBDOMAIN_LONGEST: usize = 253;

/// IANA service name, RFC 6335 section 5.1: 15 characters.
const PORT_NAME_LONGEST: usize = 15;

/// RFC 1123 label: `[a-z0-9]([-a-z0-9]*[a-z0-9])?`, at most 63 (`validation.IsDNS1123Label`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DnsLabel(String);

impl DnsLabel {
    /// Parses a word by `validation.IsDNS1123Label`.
    fn read(text: &str) -> Result<Self, Wrong> {
        label(text, "a name", LABEL_LONGEST)?;
        Ok(Self(text.to_owned()))
    }

    /// The label.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(DnsLabel, "a name");

/// The name of a service: RFC 1035 label (`validation.IsDNS1035Label`), at most 50.
///
/// A `Service` must start with a letter, and a `CronJob` may have 52 characters: 50 leave room.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppName(String);

impl AppName {
    /// Parses a word by `validation.IsDNS1035Label` and our own limit of 50.
    fn read(text: &str) -> Result<Self, Wrong> {
        label(text, "the name of a service", APP_LONGEST).map_err(|wrong| {
            Wrong {
                help: None,
                ..wrong
            }
            .maybe_help(Self::suggest(text))
        })?;
        if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
            let wrong = Wrong::new(format!(
                "{} starts with a digit: the name of a service starts with a letter",
                quoted(text)
            ));
            return Err(wrong.maybe_help(Self::suggest(text)));
        }
        if text == "default" {
            let what = "`default` is what every namespace calls the account of pods that have none";
            return Err(Wrong::new(what).help("choose a name that says what it is"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The nearest name that starts with a letter.
    fn suggest(text: &str) -> Option<String> {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return suggest(&format!("app-{text}"), APP_LONGEST);
        }
        suggest(text, APP_LONGEST)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(AppName, "the name of a service");

/// A namespace: RFC 1123 label; `default` and `kube-*` belong to the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Namespace(String);

impl Namespace {
    /// Parses a word by `validation.IsDNS1123Label`, without the cluster's own namespaces.
    fn read(text: &str) -> Result<Self, Wrong> {
        label(text, "a namespace", LABEL_LONGEST)?;
        if text == "default" {
            return Err(Wrong::new(
                "`default` is shared by everything that named no namespace: its rules would be \
                 everybody's",
            )
            .help("leave `namespace` out, and the service gets one of its own"));
        }
        if text.starts_with("kube-") {
            return Err(Wrong::new(format!(
                "{} belongs to the cluster: Kubernetes keeps names that start with `kube-`",
                quoted(text)
            ))
            .help("leave `namespace` out, and the service gets one of its own"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The namespace.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(Namespace, "a namespace");

/// The name of an object such as a `Secret`: RFC 1123 subdomain (`validation.IsDNS1123Subdomain`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectName(String);

impl ObjectName {
    /// Parses a word by `validation.IsDNS1123Subdomain`.
    fn read(text: &str) -> Result<Self, Wrong> {
        subdomain(text, "the name of an object")?;
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(ObjectName, "the name of an object");

/// The name of a port: IANA service name, RFC 6335 (`validation.IsValidPortName`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortName(String);

impl PortName {
    /// Parses a word by `validation.IsValidPortName`.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "the name of a port";
        label(text, WHAT, PORT_NAME_LONGEST)?;
        if text.contains("--") {
            return Err(Wrong::new(format!(
                "{} has two dashes in a row: {WHAT} may not",
                quoted(text)
            ))
            .maybe_help(suggest(text, PORT_NAME_LONGEST)));
        }
        if !text.contains(|c: char| c.is_ascii_lowercase()) {
            return Err(Wrong::new(format!(
                "{} has no letter: {WHAT} has at least one",
                quoted(text)
            ))
            .maybe_help(suggest(&format!("port-{text}"), PORT_NAME_LONGEST)));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(PortName, "the name of a port");

/// Checks an RFC 1123 label of at most `longest` characters.
fn label(text: &str, what: &str, longest: usize) -> Result<(), Wrong> {
    sized(text, what, longest).map_err(|wrong| wrong.maybe_help(suggest(text, longest)))?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let said = if let Some(c) = text.chars().find(|c| !allowed(*c)) {
        format!(
            "{} has {}: {what} has lower-case letters, digits and `-`",
            quoted(text),
            shown(c)
        )
    } else if text.starts_with('-') || text.ends_with('-') {
        format!("{} starts or ends with `-`: {what} may not", quoted(text))
    } else {
        return Ok(());
    };
    Err(Wrong::new(said).maybe_help(suggest(text, longest)))
}

/// Checks an RFC 1123 subdomain (`validation.IsDNS1123Subdomain`).
pub(super) fn subdomain(text: &str, what: &str) -> Result<(), Wrong> {
    sized(text, what, SUBDOMAIN_LONGEST)?;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let said = if let Some(c) = text.chars().find(|c| !allowed(*c)) {
        format!(
            "{} has {}: {what} has lower-case letters, digits, `-` and `.`",
            quoted(text),
            shown(c)
        )
    } else if text
        .split('.')
        .any(|part| part.is_empty() || part.starts_with('-') || part.ends_with('-'))
    {
        format!(
            "{} has a part that is empty, or that starts or ends with `-`: {what} may not",
            quoted(text)
        )
    } else {
        return Ok(());
    };
    Err(Wrong::new(said).maybe_help(suggest_subdomain(text)))
}

/// One character as a message names it.
pub(super) fn shown(c: char) -> String {
    match c {
        ' ' => "a space".to_owned(),
        '`' => "a backtick".to_owned(),
        _ => quoted(c.encode_utf8(&mut [0; 4])),
    }
}

/// `write ...` with the nearest label, if there is one of that length.
fn suggest(text: &str, longest: usize) -> Option<String> {
    let mut fixed = String::new();
    for c in text.chars().take(longest * 4) {
        if c.is_ascii_alphanumeric() {
            fixed.push(c.to_ascii_lowercase());
        } else if matches!(c, '-' | '_' | '.' | ' ' | '/') {
            if !fixed.is_empty() && !fixed.ends_with('-') {
                fixed.push('-');
            }
        } else {
            return None;
        }
    }
    let fixed = fixed.trim_end_matches('-');
    (!fixed.is_empty() && fixed.len() <= longest).then(|| write_this(fixed))
}

/// `write ...` with the nearest subdomain: the parts stay, each is made a label.
fn suggest_subdomain(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    if !lower.chars().all(allowed) {
        return None;
    }
    let parts: Vec<String> = lower
        .split('.')
        .map(|part| part.replace(['_', ' '], "-").trim_matches('-').to_owned())
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| write_this(&parts.join(".")))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn labels() {
        let longest = "a".repeat(63);
        keeps::<DnsLabel>(&["a", "0", "a-b", "7up", "a--b", &longest]);
        let long = "a".repeat(64);
        refuses::<DnsLabel>(&["A", "a_b", "-a", "a-", "a.b", "é", "a b", &long]);
        says::<DnsLabel>(&[
            ("Check_Out", "`Check_Out` has `C`", "write `check-out`"),
            ("-a", "starts or ends", "write `a`"),
            ("a\tb", "has `\\t`", ""),
            ("", "empty", ""),
        ]);
    }

    #[test]
    fn app_names() {
        let longest = "a".repeat(50);
        keeps::<AppName>(&["a", "checkout", "a1-b2", &longest]);
        let long = "a".repeat(51);
        refuses::<AppName>(&["1a", "-a", "a.b", "Checkout", &long]);
        says::<AppName>(&[
            ("2048", "starts with a digit", "write `app-2048`"),
            (&long, "has 51 characters", ""),
            ("my service", "has a space", "write `my-service`"),
        ]);
    }

    #[test]
    fn namespaces() {
        keeps::<Namespace>(&["checkout", "checkout-dev", "defaults", "kube"]);
        refuses::<Namespace>(&["default", "kube-system", "kube-x", "a.b"]);
        says::<Namespace>(&[
            ("default", "shared by everything", "leave `namespace` out"),
            (
                "kube-system",
                "belongs to the cluster",
                "leave `namespace` out",
            ),
        ]);
    }

    #[test]
    fn object_names() {
        let longest = "a".repeat(253);
        keeps::<ObjectName>(&["db", "db.example.com", "0.1", &longest]);
        let long = "a".repeat(254);
        refuses::<ObjectName>(&["Db", "a..b", ".a", "a.", "a.-b", "a_b", &long]);
        says::<ObjectName>(&[
            ("DB_Main", "has `D`", "write `db-main`"),
            ("a..b-.Com", "has `C`", "write `a.b.com`"),
        ]);
    }

    #[test]
    fn port_names() {
        keeps::<PortName>(&["http", "grpc-1", "9p", "a", "abcdefghijklmno"]);
        refuses::<PortName>(&["HTTP", "80", "a--b", "-a", "a-", "abcdefghijklmnop", "a.b"]);
        says::<PortName>(&[
            ("80", "has no letter", "write `port-80`"),
            ("a--b", "two dashes", "write `a-b`"),
        ]);
    }
}
