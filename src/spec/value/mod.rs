//! Words that are parsed once and never checked again: a value that exists is right.
//!
//! Each says what is wrong in a way a person understands; none knows which key it stands under.

mod amount;
mod duration;
mod header;
mod host;
mod image;
mod key;
mod label;
mod metric;
mod mount;
mod name;
mod net;
mod path;
mod quantity;
mod rbac;
mod schedule;
mod uid;
mod version;
mod zone;

use std::fmt;

pub use amount::{Cpu, Memory};
pub use duration::Seconds;
pub use header::{HeaderName, HeaderValue};
pub use host::{Host, RoutePath};
pub use image::ImageRef;
pub use key::{DataKey, EnvName};
pub use label::{AnnotationKey, LabelKey, LabelValue};
pub use metric::{Latency, MetricLabel, MetricName, PrometheusUrl, SuccessRate};
pub use mount::MountPath;
pub use name::{AppName, DnsLabel, Namespace, ObjectName, PortName};
pub use net::{Cidr, Port};
pub use path::{HttpPath, RelFile, RelFolder};
pub use quantity::Quantity;
pub use rbac::{ApiGroup, GroupName, Resource, Verb};
pub use schedule::Cron;
pub use uid::Uid;
pub use version::KubeVersion;
pub use zone::TimeZone;

/// Why a word was refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong: lower case, no full stop, the user's words in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Wrong {
    /// A refusal that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what to write instead, where there is something to say.
    #[must_use]
    fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// The word to write instead, where there is one: it is good.
    pub fn advice(&self) -> Option<&str> {
        self.help
            .as_deref()?
            .strip_prefix("write `")?
            .strip_suffix('`')
            .filter(|word| !word.contains('`'))
    }

    /// Takes back what serde made of a refusal: the help starts at the first newline.
    pub fn from_text(text: &str) -> Self {
        match text.split_once('\n') {
            Some((message, help)) => Self::new(message).help(help),
            None => Self::new(text),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n{help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Wrong {}

/// The user's word as a message shows it: in backticks, on one line, not longer than 80 characters.
fn quoted(text: &str) -> String {
    shortened(text, 80)
}

/// `write …`, with the word in backticks, and whole: it is there to be copied.
fn write_this(word: &str) -> String {
    format!("write {}", shortened(word, 320))
}

/// At most `longest` characters of a text, in backticks and on one line.
fn shortened(text: &str, longest: usize) -> String {
    let mut shown = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == longest {
            shown.push('…');
            break;
        }
        if c.is_control() || is_unseen(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown.push('`');
    shown
}

/// Characters that a terminal does not show, or that turn the line around.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{a0}')
}

/// Refuses what is empty or longer than `longest` bytes; `what` names the kind of word.
fn sized(text: &str, what: &str, longest: usize) -> Result<(), Wrong> {
    if text.is_empty() {
        return Err(Wrong::new(format!(
            "`` is empty: {what} has at least one character"
        )));
    }
    if text.len() > longest {
        return Err(Wrong::new(format!(
            "{} has {} characters: {what} has at most {longest}",
            quoted(text),
            text.chars().count()
        )));
    }
    Ok(())
}

/// Reads a word; where the refusal says what to write, that word is good or it is not said.
fn advised<T>(text: &str, read: impl Fn(&str) -> Result<T, Wrong>) -> Result<T, Wrong> {
    read(text).map_err(|wrong| {
        let works = wrong.advice().is_none_or(|advice| read(advice).is_ok());
        if works {
            wrong
        } else {
            Wrong {
                help: None,
                ..wrong
            }
        }
    })
}

/// Gives a type that holds its canonical text what every value has.
///
/// The type must have `read(&str) -> Result<Self, Wrong>` and `as_str(&self) -> &str`.
macro_rules! text_value {
    ($name:ident, $what:literal) => {
        text_value!($name, $what, deserialize_str, "string");
    };
    // A bare number is taken for the word that it looks like: `cpu: 2`.
    ($name:ident, $what:literal, or_number) => {
        text_value!($name, $what, deserialize_any, ["string", "number"]);
    };
    ($name:ident, $what:literal, $entry:ident, $types:tt) => {
        impl $name {
            #[doc = concat!("Parses ", $what, ", by the rules that the type names.")]
            pub fn parse(text: &str) -> Result<Self, crate::spec::value::Wrong> {
                crate::spec::value::advised(text, Self::read)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": $types, "title": $what })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::spec::value::Wrong;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = crate::spec::value::Wrong;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                Self::parse(text)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Words;

                impl serde::de::Visitor<'_> for Words {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($what)
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::parse(text).map_err(E::custom)
                    }

                    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<$name, E> {
                        self.visit_str(&number.to_string())
                    }

                    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<$name, E> {
                        self.visit_str(&number.to_string())
                    }
                }

                deserializer.$entry(Words)
            }
        }
    };
}

use text_value;

#[cfg(test)]
mod property;

#[cfg(test)]
pub(crate) mod tests {
    use std::fmt::Display;
    use std::str::FromStr;

    use super::*;

    /// Every word of `good` comes back as it was, also through serde.
    pub(crate) fn keeps<T>(good: &[&str])
    where
        T: FromStr<Err = Wrong> + Display + serde::Serialize + serde::de::DeserializeOwned,
    {
        for text in good {
            let value: T = text
                .parse()
                .unwrap_or_else(|wrong| panic!("{text:?}: {wrong}"));
            assert_eq!(value.to_string(), *text);
            let json = serde_json::to_string(&value).unwrap();
            let again: T = serde_json::from_str(&json).unwrap();
            assert_eq!(again.to_string(), *text);
        }
    }

    /// Every word of `bad` is refused, in a message that obeys the house style.
    pub(crate) fn refuses<T>(bad: &[&str])
    where
        T: FromStr<Err = Wrong> + Display + serde::de::DeserializeOwned,
    {
        let long = "a!".repeat(5_000);
        let always = [
            "",
            " ",
            "\u{0}",
            "\n",
            "a\nb!",
            "\u{202e}é",
            "日本語",
            "\u{feff}",
            &long,
        ];
        for text in bad.iter().copied().chain(always) {
            let wrong = match text.parse::<T>() {
                Ok(value) => panic!("{text:?} was taken as {value}"),
                Err(wrong) => wrong,
            };
            check_style(text, &wrong);
            let json = serde_json::to_string(text).unwrap();
            let error = serde_json::from_str::<T>(&json).err().unwrap().to_string();
            assert!(error.starts_with(&wrong.to_string()), "{error}");
        }
    }

    /// `bad` is refused with a message that has `words`, and a help that has `help`.
    pub(crate) fn says<T: FromStr<Err = Wrong>>(table: &[(&str, &str, &str)]) {
        for (bad, words, help) in table {
            let Err(wrong) = bad.parse::<T>() else {
                panic!("{bad:?} was taken")
            };
            check_style(bad, &wrong);
            assert!(wrong.message.contains(words), "{bad:?}: {wrong}");
            let given = wrong.help.unwrap_or_default();
            assert!(given.contains(help), "{bad:?}: {}\n{given}", wrong.message);
            assert!(help.is_empty() == given.is_empty(), "{bad:?}: {given}");
        }
    }

    fn check_style(text: &str, wrong: &Wrong) {
        for line in std::iter::once(&wrong.message).chain(&wrong.help) {
            assert!(line.chars().count() < 480, "{line}");
            assert!(!line.ends_with('.'), "{line}");
            assert!(
                !line.chars().any(|c| c.is_control() || is_unseen(c)),
                "{line:?}"
            );
            let first = line.chars().next().unwrap();
            assert!(first == '`' || first.is_lowercase(), "{line}");
            assert!(
                line.matches('`').count().is_multiple_of(2) || text.contains('`'),
                "{line}"
            );
        }
        assert!(wrong.message.contains('`'), "{}", wrong.message);
    }

    #[test]
    fn a_refusal_survives_serde_text() {
        let wrong = Wrong::new("`a` is wrong").help("write `b`\nor `c`");
        assert_eq!(Wrong::from_text(&wrong.to_string()), wrong);
        assert_eq!(Wrong::from_text("x"), Wrong::new("x"));
    }

    #[test]
    fn long_and_strange_words_are_shown_short_and_plain() {
        assert_eq!(quoted("a\nb\u{202e}"), "`a\\nb\\u{202e}`");
        assert_eq!(quoted(&"é".repeat(81)).chars().count(), 83);
        assert_eq!(quoted(&"é".repeat(80)).chars().count(), 82);
    }
}
