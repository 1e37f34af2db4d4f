//! A header of a request, by which a route tells testers apart.

use super::name::shown;
use super::{Wrong, quoted, sized, text_value, write_this};

/// The name of a header, as `HTTPHeaderName` of the Gateway API takes it: a token of RFC 9110, in lower
/// case, as HTTP/2 sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderName(String);

/// What a header has to say, as `HTTPHeaderMatch` compares it: exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderValue(String);

impl HeaderName {
    fn read(text: &str) -> Result<Self, Wrong> {
        const MARKS: &str = "!#$%&'*+-.^_`|~";
        sized(text, "the name of a header", 256)
            .map_err(|wrong| wrong.help("write a name such as `x-canary`"))?;
        let is_token = |c: char| c.is_ascii_alphanumeric() || MARKS.contains(c);
        if let Some(c) = text.chars().find(|c| !is_token(*c)) {
            let what = format!(
                "{} has {}: the name of a header has not",
                quoted(text),
                shown(c)
            );
            let name = text.split_once(':').map(|(name, _)| name.trim());
            let help = name.map(|name| write_this(&name.to_ascii_lowercase()));
            return Err(Wrong::new(what)
                .help("write a name such as `x-canary`")
                .maybe_help(help));
        }
        if text.contains(|c: char| c.is_ascii_uppercase()) {
            let what = format!(
                "{} has capitals: HTTP/2 sends headers in lower case",
                quoted(text)
            );
            return Err(Wrong::new(what).help(write_this(&text.to_ascii_lowercase())));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl HeaderValue {
    fn read(text: &str) -> Result<Self, Wrong> {
        sized(text, "the value of a header", 4096)?;
        let is_plain = |c: char| c.is_ascii_graphic() || c == ' ';
        if let Some(c) = text.chars().find(|c| !is_plain(*c)) {
            let what = format!(
                "{} has {}: the value of a header is plain ASCII",
                quoted(text),
                shown(c)
            );
            return Err(Wrong::new(what));
        }
        if text.trim() != text {
            let what = format!("{} starts or ends with a blank", quoted(text));
            return Err(Wrong::new(what).help(write_this(text.trim())));
        }
        Ok(Self(text.to_owned()))
    }

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_value!(HeaderName, "the name of a header");
// A number has to be in quotes: `1.10` would become another text.
text_value!(HeaderValue, "the value of a header");

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn headers() {
        keeps::<HeaderName>(&["x-canary", "x", "x_canary.1", "a!#$%&'*+^|~"]);
        refuses::<HeaderName>(&["X-Canary", "x canary", "x:canary", "x-canary: always", "é"]);
        says::<HeaderName>(&[
            ("X-Canary", "has capitals", "write `x-canary`"),
            ("X-Canary: always", "has `:`", "write `x-canary`"),
            ("x y", "has a space", "such as `x-canary`"),
        ]);
        keeps::<HeaderValue>(&["always", "1", "a b", "{\"a\": [<&>]}"]);
        refuses::<HeaderValue>(&[" always", "always ", "a\tb", "ü"]);
        says::<HeaderValue>(&[(" yes", "starts or ends with a blank", "write `yes`")]);
    }
}
