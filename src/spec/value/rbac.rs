//! The words of a Role and of a binding; what means "all" or "more than I have" is refused.

use super::name::{shown, subdomain};
use super::{Wrong, quoted, sized, text_value, write_this};

/// Groups that hold everybody or everything (Kubernetes, `user.AllAuthenticated` and neighbours).
const EVERYBODY: [(&str, &str); 4] = [
    (
        "system:authenticated",
        "everybody who can log in, service accounts included",
    ),
    ("system:unauthenticated", "everybody, logged in or not"),
    ("system:masters", "those for whom no rule is asked"),
    (
        "system:serviceaccounts",
        "every service account of the cluster",
    ),
];

/// Verbs that give more than the giver holds (RBAC good practices, "privilege escalation risks").
const RAISING: [(&str, &str); 3] = [
    (
        "escalate",
        "lets its holder write roles that give more than they hold",
    ),
    (
        "bind",
        "lets its holder hand out roles that they don't hold",
    ),
    ("impersonate", "lets its holder act as anybody else"),
];

/// What a group name may have; our own limit, for the API names none.
const GROUP_LONGEST: usize = 256;

/// A group of people as the cluster's login names it (RBAC `Subject`, kind `Group`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GroupName(String);

impl GroupName {
    /// Parses a group: any text without control characters that does not mean everybody.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "a group";
        sized(text, WHAT, GROUP_LONGEST)?;
        if let Some(c) = text
            .chars()
            .find(|c| c.is_control() || super::is_unseen(*c))
        {
            return Err(Wrong::new(format!(
                "{} has {}: {WHAT} has only characters that can be seen",
                quoted(text),
                shown(c)
            )));
        }
        if text.trim() != text {
            let wrong = Wrong::new(format!(
                "{} starts or ends with a space: no login gives such a group",
                quoted(text)
            ));
            let trimmed = text.trim();
            return Err(wrong.maybe_help((!trimmed.is_empty()).then(|| write_this(trimmed))));
        }
        if text == "*" {
            return Err(
                Wrong::new("`*` is not a group: a binding matches names, not patterns")
                    .help("name the group that your login gives"),
            );
        }
        if let Some((_, who)) = EVERYBODY.iter().find(|(group, _)| *group == text) {
            return Err(Wrong::new(format!("{} is {who}", quoted(text)))
                .help("name the group of the people who need it"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The group.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(GroupName, "the name of a group");

/// The API group of a resource: empty for the core group, or a DNS subdomain (RBAC `PolicyRule`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiGroup(String);

impl ApiGroup {
    /// Parses an API group; `*` and the spellings of the core group that match nothing are refused.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "an API group";
        if text.is_empty() {
            return Ok(Self(String::new()));
        }
        if text.contains('*') {
            return Err(
                Wrong::new(format!("{} would give every API group", quoted(text)))
                    .help("name the group, or leave it empty for the core group"),
            );
        }
        if matches!(text, "core" | "v1") {
            return Err(Wrong::new(format!(
                "{} matches nothing: the core group has an empty name",
                quoted(text)
            ))
            .help("leave the group empty"));
        }
        if let Some((group, version)) = text.split_once('/')
            && version.starts_with('v')
            && subdomain(group, WHAT).is_ok()
        {
            return Err(Wrong::new(format!(
                "{} names a version too: {WHAT} has none",
                quoted(text)
            ))
            .help(write_this(group)));
        }
        subdomain(text, WHAT)?;
        Ok(Self(text.to_owned()))
    }

    /// The group; empty for the core group.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(ApiGroup, "the name of an API group");

/// A resource, in the plural, maybe with a subresource: `pods`, `pods/log` (RBAC `PolicyRule`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resource(String);

impl Resource {
    /// Parses a resource: RFC 1035 label as for a CRD's plural, maybe `/` and a subresource.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "a resource";
        sized(text, WHAT, 127)?;
        if text.contains('*') {
            return Err(Wrong::new(format!(
                "{} would give every resource, also those that don't exist yet",
                quoted(text)
            ))
            .help("name each resource"));
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if let Some(c) = text.chars().find(|c| !allowed(*c) && *c != '/') {
            let lower = text.to_ascii_lowercase();
            let useful = lower.chars().all(|c| allowed(c) || c == '/');
            return Err(Wrong::new(format!(
                "{} has {}: {WHAT} is in lower case and in the plural",
                quoted(text),
                shown(c)
            ))
            .maybe_help(useful.then(|| write_this(&lower))));
        }
        let good =
            |part: &str| part.starts_with(|c: char| c.is_ascii_lowercase()) && !part.ends_with('-');
        let mut parts = text.split('/');
        if parts.clone().count() > 2 || !parts.all(good) {
            return Err(Wrong::new(format!("{} is not {WHAT}", quoted(text)))
                .help("write `pods`, or `pods/log` for a part of it"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The resource, with its subresource.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(Resource, "the name of a resource");

/// What may be done to a resource: `get`, `list` (RBAC `PolicyRule`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verb(String);

impl Verb {
    /// Parses a verb: a lower-case word that does not give more than its giver holds.
    fn read(text: &str) -> Result<Self, Wrong> {
        sized(text, "a verb", 63)?;
        if text.contains('*') {
            return Err(
                Wrong::new(format!("{} would allow everything", quoted(text)))
                    .help("name each verb, such as `get`, `list` and `watch`"),
            );
        }
        if let Some(c) = text.chars().find(|c| !c.is_ascii_lowercase()) {
            let lower = text.to_ascii_lowercase();
            let useful = lower.chars().all(|c| c.is_ascii_lowercase());
            return Err(Wrong::new(format!(
                "{} has {}: a verb is one word in lower case",
                quoted(text),
                shown(c)
            ))
            .maybe_help(useful.then(|| write_this(&lower))));
        }
        if let Some((_, why)) = RAISING.iter().find(|(verb, _)| *verb == text) {
            return Err(Wrong::new(format!("{} {why}", quoted(text)))
                .help("leave it out: a service has no use for it"));
        }
        Ok(Self(text.to_owned()))
    }

    /// The verb.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(Verb, "a verb");

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn groups() {
        keeps::<GroupName>(&[
            "sre",
            "oidc:payments@example.com",
            "Équipe paiement",
            "日本語",
        ]);
        for bad in ["", " ", "a\nb", "a ", "*", "\u{202e}a", &"a".repeat(10_000)] {
            GroupName::parse(bad).unwrap_err();
        }
        says::<GroupName>(&[
            (
                "system:authenticated",
                "everybody who can log in",
                "name the group",
            ),
            (
                "system:unauthenticated",
                "logged in or not",
                "name the group",
            ),
            ("system:masters", "no rule is asked", "name the group"),
            (
                "system:serviceaccounts",
                "every service account",
                "name the group",
            ),
            (" sre", "starts or ends with a space", "write `sre`"),
        ]);
    }

    #[test]
    fn api_groups() {
        keeps::<ApiGroup>(&["", "apps", "rbac.authorization.k8s.io"]);
        for bad in [
            "*", "*.io", "core", "v1", "apps/v1", "Apps", "a b", "é", "\u{0}", " ",
        ] {
            ApiGroup::parse(bad).unwrap_err();
        }
        says::<ApiGroup>(&[
            ("*", "every API group", "leave it empty"),
            ("core", "matches nothing", "leave the group empty"),
            ("apps/v1", "names a version", "write `apps`"),
        ]);
    }

    #[test]
    fn resources() {
        keeps::<Resource>(&[
            "pods",
            "pods/log",
            "network-attachment-definitions",
            "apps2",
        ]);
        refuses::<Resource>(&[
            "*", "pods/*", "Pods", "pods/", "/log", "a/b/c", "1pods", "pods-",
        ]);
        says::<Resource>(&[
            ("configMaps", "has `M`", "write `configmaps`"),
            ("*/scale", "every resource", "name each"),
            ("a/b/c", "is not a resource", "`pods/log`"),
        ]);
    }

    #[test]
    fn verbs() {
        keeps::<Verb>(&["get", "deletecollection", "use"]);
        refuses::<Verb>(&["*", "escalate", "bind", "impersonate", "get,list", "GET"]);
        says::<Verb>(&[
            ("GET", "has `G`", "write `get`"),
            ("bind", "hand out roles", "leave it out"),
            ("*", "allow everything", "name each verb"),
        ]);
    }
}
