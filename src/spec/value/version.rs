//! The minors of Kubernetes that we render for.

use super::{Wrong, quoted, text_value, write_this};

/// What is accepted: the minors that were supported on the day of release, and one before.
const KNOWN: [(&str, u32); 4] = [("1.34", 34), ("1.35", 35), ("1.36", 36), ("1.37", 37)];

/// The least minor that a cluster has: 1.34 to 1.37.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubeVersion {
    minor: u32,
    text: &'static str,
}

impl KubeVersion {
    /// Every version that is accepted, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        KNOWN.iter().map(|(text, minor)| Self {
            minor: *minor,
            text,
        })
    }

    /// Parses `1.MINOR`.
    fn read(text: &str) -> Result<Self, Wrong> {
        if let Some(found) = Self::all().find(|known| known.text == text) {
            return Ok(found);
        }
        let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let mut parts = bare.splitn(3, '.');
        let short = match (parts.next(), parts.next()) {
            (Some(major), Some(minor)) => format!("{major}.{minor}"),
            _ => String::new(),
        };
        if Self::all().any(|known| known.text == short) {
            return Err(
                Wrong::new(format!("{} is more than major and minor", quoted(text)))
                    .help(write_this(&short)),
            );
        }
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if short.split('.').all(digits) {
            return Err(Wrong::new(format!(
                "{} is not a version that prodgen knows: it knows `1.34` to `1.37`",
                quoted(text)
            )));
        }
        Err(
            Wrong::new(format!("{} is not a version of Kubernetes", quoted(text)))
                .help("write one from `1.34` to `1.37`, in quotes"),
        )
    }

    /// The minor.
    pub fn minor(self) -> u32 {
        self.minor
    }

    /// The version: `1.35`.
    pub fn as_str(&self) -> &str {
        self.text
    }
}

text_value!(
    KubeVersion,
    "a version of Kubernetes in quotes, such as \"1.35\""
);

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn versions() {
        keeps::<KubeVersion>(&["1.34", "1.35", "1.36", "1.37"]);
        refuses::<KubeVersion>(&[
            "1.33", "1.38", "v1.35", "1.35.2", "1", "2.0", "1.", ".", "latest",
        ]);
        says::<KubeVersion>(&[
            ("1.33", "knows `1.34` to `1.37`", ""),
            ("1.4", "knows `1.34` to `1.37`", ""),
            ("v1.35.2", "more than major and minor", "write `1.35`"),
            ("latest", "is not a version", "in quotes"),
        ]);
        let [old, new] = ["1.34", "1.37"].map(|text| KubeVersion::parse(text).unwrap());
        assert!(old < new);
        assert_eq!(
            (old.minor(), KubeVersion::all().next_back()),
            (34, Some(new))
        );
    }
}
