//! Where a container image is, by the grammar of `distribution/reference`.
//!
//! It names its registry, and something that does not move.

mod grammar;

use grammar::{check_digest, check_path, check_registry};

use super::{LabelValue, Wrong, quoted, text_value, write_this};

/// Longest name, registry included (`reference.NameTotalLengthMax`).
const NAME_LONGEST: usize = 255;

/// Longest tag (`reference.TagRegexp`).
const TAG_LONGEST: usize = 128;

/// Tags that publishers move as a habit: with one of these, two pods of one release can differ.
const MOVING: [&str; 30] = [
    "alpha",
    "beta",
    "bleeding",
    "canary",
    "current",
    "debug",
    "debug-nonroot",
    "dev",
    "devel",
    "develop",
    "development",
    "edge",
    "head",
    "latest-dev",
    "lts",
    "main",
    "mainline",
    "master",
    "next",
    "nightly",
    "nonroot",
    "prod",
    "production",
    "release",
    "rolling",
    "snapshot",
    "stable",
    "staging",
    "trunk",
    "unstable",
];

/// A full image reference: `registry/path:tag`, `registry/path@sha256:…`, or both.
///
/// The grammar is that of `distribution/reference`, without its Docker Hub defaults.
///
/// ```
/// use prodgen::spec::value::ImageRef;
///
/// let image = ImageRef::parse("registry.example.com/payments/checkout:1.4.2")?;
/// assert_eq!(image.tag(), Some("1.4.2"));
/// # Ok::<(), prodgen::spec::value::Wrong>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageRef {
    text: String,
    registry: usize,
    name: usize,
    tag: Option<usize>,
}

impl ImageRef {
    /// Parses a reference by `distribution/reference`, without its Docker Hub defaults.
    fn read(text: &str) -> Result<Self, Wrong> {
        refuse_strangers(text)?;
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (text, None),
        };
        let Some((registry, rest)) = named.split_once('/').filter(|(host, _)| is_host(host)) else {
            return Err(no_registry(text, named));
        };
        check_registry(text, registry)?;
        let (path, tag) = match rest.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (rest, None),
        };
        check_path(text, path)?;
        let name = registry.len() + 1 + path.len();
        if name > NAME_LONGEST {
            return Err(Wrong::new(format!(
                "{} has a name of {name} characters: at most {NAME_LONGEST} are allowed before \
                 the tag",
                quoted(text)
            )));
        }
        if let Some(digest) = digest {
            check_digest(text, digest)?;
        }
        let stem = named.get(..name).unwrap_or(named);
        match tag {
            Some(tag) => check_tag(text, stem, tag, digest)?,
            None if digest.is_none() => {
                return Err(Wrong::new(format!(
                    "{} has no tag, which means `latest`, and that moves",
                    quoted(text)
                ))
                .help(format!("add the version: `{stem}:1.2.3`, or a digest")));
            }
            None => {}
        }
        Ok(Self {
            text: text.to_owned(),
            registry: registry.len(),
            name,
            tag: tag.map(str::len),
        })
    }

    /// The reference, as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The registry, with its port.
    pub fn registry(&self) -> &str {
        self.text.get(..self.registry).unwrap_or_default()
    }

    /// The path inside the registry.
    pub fn repository(&self) -> &str {
        self.text
            .get(self.registry + 1..self.name)
            .unwrap_or_default()
    }

    /// The tag.
    pub fn tag(&self) -> Option<&str> {
        self.text.get(self.name + 1..self.name + 1 + self.tag?)
    }

    /// The digest, with its algorithm: `sha256:…`.
    pub fn digest(&self) -> Option<&str> {
        self.text.split_once('@').map(|(_, digest)| digest)
    }

    /// The tag as a label value, where it can be one (`app.kubernetes.io/version`).
    pub fn version_label(&self) -> Option<LabelValue> {
        LabelValue::parse(self.tag()?).ok()
    }
}

text_value!(ImageRef, "an image");

/// Refuses what no part of a reference may have, and a URL.
fn refuse_strangers(text: &str) -> Result<(), Wrong> {
    if text.is_empty() {
        return Err(Wrong::new(
            "`` is empty: an image has a registry, a path and a tag",
        ));
    }
    if let Some((_, rest)) = text.split_once("://") {
        return Err(
            Wrong::new(format!("{} is a URL: an image has no scheme", quoted(text)))
                .maybe_help((!rest.is_empty()).then(|| write_this(rest))),
        );
    }
    match text.chars().find(|c| !c.is_ascii_graphic()) {
        Some(c) => Err(Wrong::new(format!(
            "{} has {}: an image has letters, digits and `.`, `_`, `-`, `/`, `:`, `@`",
            quoted(text),
            super::name::shown(c)
        ))),
        None => Ok(()),
    }
}

/// Whether the first part of a name is a registry and not a folder of Docker Hub.
fn is_host(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':', '['])
}

/// The complaint about `nginx:1.2`, with the name that Docker would have made of it.
fn no_registry(text: &str, named: &str) -> Wrong {
    let folder = if named.contains('/') { "" } else { "library/" };
    let full = format!("docker.io/{folder}{text}");
    let wrong = Wrong::new(format!("{} names no registry", quoted(text)));
    let tagged = named
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains(':'));
    if ImageRef::read(&full).is_ok() {
        wrong.help(write_this(&full))
    } else if !tagged && ImageRef::read(&format!("{full}:1")).is_ok() {
        wrong.help(format!(
            "write {} with the version after it",
            quoted(&format!("{full}:"))
        ))
    } else {
        wrong.help("write it in full, such as `registry.example.com/team/app:1.2.3`")
    }
}

/// Checks the tag (`reference.TagRegexp`), and that it stays where it is.
fn check_tag(text: &str, stem: &str, tag: &str, digest: Option<&str>) -> Result<(), Wrong> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let shaped = tag.starts_with(word)
        && tag.len() <= TAG_LONGEST
        && tag.chars().all(|c| word(c) || matches!(c, '.' | '-'));
    if !shaped {
        return Err(Wrong::new(format!(
            "{} has the tag {}: a tag has letters, digits, `.`, `_` and `-`, at most \
             {TAG_LONGEST}, and starts with a letter, a digit or `_`",
            quoted(text),
            quoted(tag)
        )));
    }
    let lower = tag.to_ascii_lowercase();
    match digest {
        Some(digest) if lower == "latest" => Err(Wrong::new(format!(
            "{} says `latest` beside a digest: the digest holds it still, but the tag makes \
             Kubernetes ask the registry at every start",
            quoted(text)
        ))
        .help(write_this(&format!("{stem}@{digest}")))),
        None if lower == "latest" || MOVING.contains(&lower.as_str()) => Err(Wrong::new(format!(
            "{} can change under you: {} is a tag that moves",
            quoted(text),
            quoted(tag)
        ))
        .help(format!(
            "name a version, such as `{stem}:1.2.3`, or add a digest"
        ))),
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    fn hex(length: usize) -> String {
        "0a".repeat(length / 2)
    }

    #[test]
    fn good() {
        let pinned = format!("ghcr.io/a/b@sha256:{}", hex(64));
        let both = format!("ghcr.io/a/b:stable@sha256:{}", hex(64));
        let long = format!("ghcr.io/a/b@sha512:{}", hex(128));
        let tag = format!("ghcr.io/a/b:{}", "v".repeat(128));
        keeps::<ImageRef>(&[
            "registry.example.com/payments/checkout:1.4.2",
            "localhost/a:1",
            "localhost:5000/a:1",
            "registry:5000/a:1",
            "10.0.0.1/a/b/c:1",
            "[2001:db8::1]:5000/a:1",
            "docker.io/library/nginx:1.2",
            "ghcr.io/a_b/c__d/e--f.g:_x",
            "Registry.Example.com/a:1",
            &pinned,
            &both,
            &long,
            &tag,
        ]);
    }

    #[test]
    fn bad() {
        let short = format!("ghcr.io/a@sha256:{}", hex(62));
        let upper = format!("ghcr.io/a@sha256:{}", hex(64).to_uppercase());
        let tag = format!("ghcr.io/a/b:{}", "v".repeat(129));
        let name = format!("ghcr.io/{}:1", "a".repeat(250));
        refuses::<ImageRef>(&[
            "nginx",
            "nginx:1.2",
            "a/b:1",
            "ghcr.io/a",
            "ghcr.io/a:latest",
            "ghcr.io/a:LATEST",
            "ghcr.io/a:main",
            "ghcr.io/a:",
            "ghcr.io/a:.x",
            "ghcr.io/a:1:2",
            "ghcr.io//a:1",
            "ghcr.io/:1",
            "ghcr.io/a/:1",
            "ghcr.io/a..b:1",
            "ghcr.io/a___b:1",
            "ghcr.io/-a:1",
            "ghcr.io/a@md5:00",
            "ghcr.io/a@",
            "ghcr.io:x/a:1",
            "ghcr.io:0/a:1",
            "-ghcr.io/a:1",
            "[::1/a:1",
            "[x]/a:1",
            "ghcr.io:+5/a:1",
            "https://ghcr.io/a:1",
            "ghcr.io/a b:1",
            "ghcr.io/a:1@sha256:0@sha256:0",
            "Localhost/a:1",
            &short,
            &upper,
            &tag,
            &name,
        ]);
        let digest = hex(64);
        let latest = format!("ghcr.io/a:latest@sha256:{digest}");
        let fixed = format!("write `ghcr.io/a@sha256:{digest}`");
        let fixed = fixed.get(..60).unwrap();
        says::<ImageRef>(&[
            (
                "nginx:1.2",
                "names no registry",
                "write `docker.io/library/nginx:1.2`",
            ),
            ("a/b:1", "names no registry", "write `docker.io/a/b:1`"),
            (
                "nginx",
                "names no registry",
                "`docker.io/library/nginx:` with the version",
            ),
            ("ghcr.io/a", "has no tag", "`ghcr.io/a:1.2.3`"),
            (
                "ghcr.io/a:main",
                "`main` is a tag that moves",
                "`ghcr.io/a:1.2.3`",
            ),
            ("ghcr.io/A/b:V1", "capitals", "write `ghcr.io/a/b:V1`"),
            ("https://ghcr.io/a:1", "is a URL", "write `ghcr.io/a:1`"),
            ("ghcr.io/a:1 ", "has a space", ""),
            (&latest, "ask the registry at every start", fixed),
        ]);
    }

    #[test]
    fn parts() {
        let text = format!("localhost:5000/a/b:v1@sha256:{}", hex(64));
        let image = ImageRef::parse(&text).unwrap();
        assert_eq!(image.registry(), "localhost:5000");
        assert_eq!(image.repository(), "a/b");
        assert_eq!(image.tag(), Some("v1"));
        assert_eq!(
            image.digest(),
            text.split_once('@').map(|(_, digest)| digest)
        );
        assert_eq!(image.version_label().unwrap().as_str(), "v1");
        let odd = ImageRef::parse("ghcr.io/a:1.").unwrap();
        assert_eq!(
            (odd.tag(), odd.version_label(), odd.digest()),
            (Some("1."), None, None)
        );
    }
}
