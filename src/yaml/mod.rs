//! The only place that knows the YAML of people: a document is its text and a flat tape of nodes with places.
//!
//! Scalars mean here what they mean to kubectl (YAML 1.1 as sigs.k8s.io/yaml reads it), for that is
//! who reads them in the end.

mod de;
pub mod edit;
mod envelope;
mod leaf;
mod parse;
mod path;
mod scalar;
mod tree;
mod write;

pub use de::{Decoded, Manner, Tolerant, decode};
pub use envelope::{Envelope, MARK_CLOSE, MARK_OPEN};
pub use leaf::Leaf;
pub use parse::{Broken, open, parse, parse_one};
pub use path::{FieldPath, Step};
pub use scalar::{Resolved, Style, means, quote, quoted, resolve};
pub use tree::{Data, Entry, Tree};
pub use write::{Layout, to_text};

use std::sync::Arc;

use crate::diag::{Diagnostic, Span};

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A mapping.
    Map,
    /// A sequence.
    Seq,
    /// A scalar, written in this style.
    Scalar(Style),
    /// An alias of the node at this place of the tape.
    Alias(u32),
}

/// What a scalar says: where it stands in the text, or a text of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Text {
    /// The bytes of the node's span, as they are.
    Verbatim,
    /// What the bytes of the span mean once read.
    Read(Box<str>),
}

/// One node of the tape; a collection is followed by its children, a map's by turns key and value.
#[derive(Debug, Clone)]
struct Node {
    kind: Kind,
    span: Span,
    /// The place on the tape after this node and all below it.
    next: u32,
    text: Text,
}

/// One YAML document: its text, and its nodes in the order of the text.
#[derive(Debug, Clone)]
pub struct Document {
    /// Of all documents of a stream, which share it: there may be as many as there are lines.
    text: Arc<String>,
    nodes: Vec<Node>,
    /// Keys that stand twice in a map.
    doubles: Vec<Diagnostic>,
}

impl Document {
    /// The text, whole.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is to be said of keys that stand twice in a map: of each, the first one counts.
    pub fn doubles(&self) -> &[Diagnostic] {
        &self.doubles
    }

    /// The text, taken out.
    pub fn into_text(self) -> String {
        Arc::unwrap_or_clone(self.text)
    }

    /// The top node; an empty document has none.
    pub fn root(&self) -> Option<NodeRef<'_>> {
        (!self.nodes.is_empty()).then_some(NodeRef { doc: self, at: 0 })
    }
}

/// A node of a document.
#[derive(Debug, Clone, Copy)]
pub struct NodeRef<'d> {
    doc: &'d Document,
    at: u32,
}

impl<'d> NodeRef<'d> {
    fn node(self) -> &'d Node {
        &self.doc.nodes[self.at as usize]
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.node().kind
    }

    /// Where it stands.
    pub fn span(self) -> Span {
        self.node().span
    }

    /// What a scalar says; empty for anything else.
    pub fn text(self) -> &'d str {
        let node = self.node();
        match (&node.kind, &node.text) {
            (Kind::Scalar(_), Text::Verbatim) => {
                self.doc.text.get(node.span.range()).unwrap_or_default()
            }
            (Kind::Scalar(_), Text::Read(text)) => text,
            (Kind::Map | Kind::Seq | Kind::Alias(_), _) => "",
        }
    }

    /// What a scalar is to kubectl; nothing for a collection or an alias.
    pub fn resolved(self) -> Option<Resolved> {
        match self.kind() {
            Kind::Scalar(style) => Some(means(self.text(), style)),
            Kind::Map | Kind::Seq | Kind::Alias(_) => None,
        }
    }

    /// Whether it is null, or nothing at all. The text of a flag never is: it was given.
    pub fn is_null(self) -> bool {
        self.kind() == Kind::Scalar(Style::Plain) && self.resolved() == Some(Resolved::Null)
    }

    /// The children of a collection, a map's by turns key and value.
    fn children(self) -> impl Iterator<Item = NodeRef<'d>> {
        let end = self.node().next;
        let mut at = self.at + 1;
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let child = NodeRef { doc: self.doc, at };
                at = child.node().next;
                child
            })
        })
    }

    /// The items of a sequence; none for anything else.
    pub fn items(self) -> impl Iterator<Item = NodeRef<'d>> {
        let is_seq = self.kind() == Kind::Seq;
        self.children().filter(move |_| is_seq)
    }

    /// The keys and values of a map; none for anything else.
    pub fn entries(self) -> impl Iterator<Item = (NodeRef<'d>, NodeRef<'d>)> {
        let is_map = self.kind() == Kind::Map;
        let mut children = self.children();
        std::iter::from_fn(move || {
            if !is_map {
                return None;
            }
            Some((children.next()?, children.next()?))
        })
    }

    /// The value under `key` of a map.
    pub fn get(self, key: &str) -> Option<NodeRef<'d>> {
        self.entries()
            .find(|(name, _)| name.text() == key)
            .map(|(_, value)| value)
    }

    /// The same data as JSON, scalars as kubectl reads them; aliases are not followed.
    pub fn to_json(self) -> serde_json::Value {
        use serde_json::Value;
        match self.kind() {
            Kind::Map => Value::Object(
                self.entries()
                    .map(|(k, v)| (k.text().to_owned(), v.to_json()))
                    .collect(),
            ),
            Kind::Seq => Value::Array(self.items().map(Self::to_json).collect()),
            Kind::Alias(_) => Value::Null,
            Kind::Scalar(_) => match self.resolved() {
                Some(Resolved::Bool(value)) => Value::Bool(value),
                Some(Resolved::Int(value)) => i64::try_from(value)
                    .map(Value::from)
                    .or_else(|_| u64::try_from(value).map(Value::from))
                    .unwrap_or_else(|_| Value::from(self.text())),
                Some(Resolved::Float(value)) => Value::from(value),
                Some(Resolved::Str) => Value::from(self.text()),
                Some(Resolved::Null) | None => Value::Null,
            },
        }
    }
}
