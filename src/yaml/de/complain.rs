//! Complaints: in which words something failed, at which node, under which key.

use std::cell::RefCell;
use std::fmt;

use serde::de;

use super::Manner;
use crate::diag::{Diagnostic, nearest};
use crate::yaml::{FieldPath, NodeRef, Step};

/// That something failed; with the words for it as long as no place is known.
#[derive(Debug)]
pub(super) struct Failed(pub(super) Option<String>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_deref().unwrap_or("already said"))
    }
}

impl std::error::Error for Failed {}

impl de::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Some(message.to_string()))
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            de::Unexpected::Bool(value) => format!("the boolean `{value}`"),
            de::Unexpected::Unsigned(value) => format!("the number `{value}`"),
            de::Unexpected::Signed(value) => format!("the number `{value}`"),
            de::Unexpected::Float(value) => format!("the number `{value}`"),
            de::Unexpected::Str(value) => format!("`{}`", short(value)),
            de::Unexpected::Unit | de::Unexpected::Option => "nothing".to_owned(),
            de::Unexpected::Seq => "a list".to_owned(),
            de::Unexpected::Map => "a map".to_owned(),
            de::Unexpected::Char(_)
            | de::Unexpected::Bytes(_)
            | de::Unexpected::NewtypeStruct
            | de::Unexpected::Enum
            | de::Unexpected::UnitVariant
            | de::Unexpected::NewtypeVariant
            | de::Unexpected::TupleVariant
            | de::Unexpected::StructVariant
            | de::Unexpected::Other(_) => found.to_string(),
        };
        Self::custom(format!("expected {expected}, found {found}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format!("`{field}` is missing here"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let word = short(field);
        Self::custom(match nearest(field, expected.iter().copied()) {
            Some(near) => format!("unknown key `{word}`\ndid you mean `{near}`?"),
            None => format!("unknown key `{word}`\nknown here: {}", listed(expected)),
        })
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let known = listed(expected);
        Self::custom(match nearest(variant, expected.iter().copied()) {
            Some(near) => {
                format!(
                    "`{}` is none of {known}\ndid you mean `{near}`?",
                    short(variant)
                )
            }
            None => format!("`{}` is none of {known}", short(variant)),
        })
    }
}

fn listed(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

/// A word as a message shows it.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= 60 {
        return text.to_owned();
    }
    let mut head: String = text.chars().take(57).collect();
    head.push_str("...");
    head
}

/// What the whole of one reading shares.
pub(super) struct Cx {
    pub(super) manner: Manner,
    pub(super) complaints: RefCell<Vec<Diagnostic>>,
}

/// A step of the way down, not yet anybody's own: most ways are never told.
#[derive(Clone, Copy)]
pub(super) enum Seen<'a> {
    Key(&'a str),
    Index(usize),
}

/// The way down to a node, for the key that a complaint names.
pub(super) struct Trail<'a> {
    pub(super) above: Option<&'a Trail<'a>>,
    pub(super) step: Seen<'a>,
}

impl Cx {
    #[inline(never)]
    pub(super) fn complain(&self, node: NodeRef<'_>, trail: Option<&Trail<'_>>, message: &str) {
        let (message, help) = match message.split_once('\n') {
            Some((message, help)) => (message, Some(help)),
            None => (message, None),
        };
        let mut one = Diagnostic::error(message).at(node.span()).key(key(trail));
        one.help = help.map(str::to_owned);
        self.complaints.borrow_mut().push(one);
    }

    #[inline(never)]
    pub(super) fn unknown(&self, name: NodeRef<'_>, trail: Option<&Trail<'_>>, fields: &[&str]) {
        let word = short(name.text());
        let place = match key(trail) {
            path if path.is_empty() => String::new(),
            path => format!(" in `{path}`"),
        };
        let one = Diagnostic::error(format!("unknown key `{word}`{place}"))
            .at(name.span())
            .key(key(Some(&Trail {
                above: trail,
                step: Seen::Key(&word),
            })));
        let help = match nearest(name.text(), fields.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if fields.len() <= 12 => format!("known here: {}", listed(fields)),
            None => "take it out; the keys are listed in the documentation".to_owned(),
        };
        self.complaints.borrow_mut().push(one.help(help));
    }
}

fn key(trail: Option<&Trail<'_>>) -> String {
    let mut steps = Vec::new();
    let mut at = trail;
    while let Some(here) = at {
        steps.push(match here.step {
            Seen::Key(key) => Step::Key(key.to_owned()),
            Seen::Index(index) => Step::Index(index),
        });
        at = here.above;
    }
    steps.reverse();
    FieldPath(steps).to_string()
}
