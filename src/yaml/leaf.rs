//! Plain data on its way into a document: what a typed value is between Rust and the text of a
//! manifest or a spec. Borrowed where it can be, and in the order in which it is written.

use std::borrow::Cow;

/// A value of a few kinds that YAML and JSON share.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf<'t> {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as JSON writes it.
    Number(Cow<'t, str>),
    /// A string.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<Leaf<'t>>),
    /// A map, in this order.
    Map(Vec<(Cow<'t, str>, Leaf<'t>)>),
}

impl Leaf<'_> {
    /// Whether it takes one line in any layout.
    pub(super) fn is_inline(&self) -> bool {
        match self {
            Self::Map(entries) => entries.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => true,
        }
    }

    /// Whether it is a list or a map.
    pub(super) fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }
}

impl<'t> From<&'t serde_json::Value> for Leaf<'t> {
    fn from(value: &'t serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(number.to_string().into()),
            Value::String(text) => Self::Text(text.into()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(map) => Self::Map(
                map.iter()
                    .map(|(key, value)| (key.into(), value.into()))
                    .collect(),
            ),
        }
    }
}
