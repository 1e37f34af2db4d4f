//! A document taken apart: an owned tree that layers of answers are merged in, places kept.

use std::sync::Arc;

use super::{Document, FieldPath, Kind, Node, NodeRef, Resolved, Step, Style, Text, resolve};
use crate::diag::{Diagnostic, Span};

/// The most nodes that aliases may unfold to; a spec has a few hundred.
const MAX_NODES: usize = 100_000;

/// A node and all below it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Where it was said.
    pub span: Span,
    /// What it is.
    pub data: Data,
}

/// What a [`Tree`] is.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// A scalar, and how it was written.
    Scalar(String, Style),
    /// A list.
    Seq(Vec<Tree>),
    /// A map, in the order written.
    Map(Vec<Entry>),
}

/// One key of a map and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key was said.
    pub span: Span,
    /// The value.
    pub value: Tree,
}

impl Tree {
    /// A string that is a string whatever it looks like.
    pub fn string(text: impl Into<String>, span: Span) -> Self {
        Self {
            span,
            data: Data::Scalar(text.into(), Style::Quoted),
        }
    }

    /// The text of a flag or variable: what it is depends on what is wanted.
    pub fn raw(text: impl Into<String>, span: Span) -> Self {
        Self {
            span,
            data: Data::Scalar(text.into(), Style::Raw),
        }
    }

    /// A map with one key.
    pub fn single(key: &str, key_span: Span, value: Self) -> Self {
        let span = value.span;
        let entry = Entry {
            key: key.to_owned(),
            span: key_span,
            value,
        };
        Self {
            span,
            data: Data::Map(vec![entry]),
        }
    }

    /// An empty map.
    pub fn empty(span: Span) -> Self {
        Self {
            span,
            data: Data::Map(Vec::new()),
        }
    }

    /// The tree under `node`, aliases and merge keys unfolded.
    pub fn of(node: NodeRef<'_>) -> Result<Self, Box<Diagnostic>> {
        // What is written out has its size already; aliases are what makes more of it.
        let mut budget = MAX_NODES.max(node.doc.nodes.len());
        unfold(node, &mut budget, &mut Vec::new())
    }

    /// The entries of a map; none for anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Map(entries) => entries,
            Data::Seq(_) | Data::Scalar(..) => &[],
        }
    }

    /// The value under `key` of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
    }

    /// The value under `key` of a map, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.data {
            Data::Map(entries) => entries
                .iter_mut()
                .find(|entry| entry.key == key)
                .map(|entry| &mut entry.value),
            Data::Seq(_) | Data::Scalar(..) => None,
        }
    }

    /// Takes `key` out of a map.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let Data::Map(entries) = &mut self.data else {
            return None;
        };
        let at = entries.iter().position(|entry| entry.key == key)?;
        Some(entries.remove(at))
    }

    /// Whether it is null or nothing.
    pub fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar(text, Style::Plain) if resolve(text) == Resolved::Null)
    }

    /// Lays `stronger` over this: maps key by key, anything else whole.
    pub fn overlay(&mut self, stronger: Self) {
        match (&mut self.data, stronger.data) {
            (Data::Map(below), Data::Map(above)) => {
                for entry in above {
                    match below.iter_mut().find(|old| old.key == entry.key) {
                        Some(old) => {
                            old.span = entry.span;
                            old.value.overlay(entry.value);
                        }
                        None => below.push(entry),
                    }
                }
            }
            (_, data) => {
                *self = Self {
                    span: stronger.span,
                    data,
                }
            }
        }
    }

    /// The place of the longest part of `path` that is there: a key that is missing is looked for
    /// at its parent.
    pub fn place(&self, path: &FieldPath) -> Span {
        let mut here = self;
        let mut span = self.span;
        for step in &path.0 {
            let next = match (step, &here.data) {
                (Step::Key(key), Data::Map(entries)) => entries
                    .iter()
                    .find(|entry| entry.key == *key)
                    .map(|entry| &entry.value),
                (Step::Index(index), Data::Seq(items)) => items.get(*index),
                _ => None,
            };
            let Some(next) = next else { break };
            here = next;
            span = next.span;
        }
        span
    }

    /// The tree as a document of its own, to be decoded. Its nodes keep the places they came from.
    pub fn to_document(&self) -> Document {
        let mut document = Document {
            text: Arc::default(),
            nodes: Vec::new(),
            doubles: Vec::new(),
        };
        lay(self, &mut document.nodes);
        document
    }
}

fn lay(tree: &Tree, nodes: &mut Vec<Node>) {
    let at = nodes.len();
    let scalar = |text: &str, style, span| Node {
        kind: Kind::Scalar(style),
        span,
        next: 0,
        text: Text::Read(text.into()),
    };
    let collection = |kind| Node {
        kind,
        span: tree.span,
        next: 0,
        text: Text::Verbatim,
    };
    match &tree.data {
        Data::Scalar(text, style) => nodes.push(scalar(text, *style, tree.span)),
        Data::Seq(items) => {
            nodes.push(collection(Kind::Seq));
            for item in items {
                lay(item, nodes);
            }
        }
        Data::Map(entries) => {
            nodes.push(collection(Kind::Map));
            for entry in entries {
                nodes.push(scalar(&entry.key, Style::Quoted, entry.span));
                let key = nodes.len() - 1;
                nodes[key].next = u32::try_from(key + 1).unwrap_or(u32::MAX);
                lay(&entry.value, nodes);
            }
        }
    }
    nodes[at].next = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
}

fn unfold(
    node: NodeRef<'_>,
    budget: &mut usize,
    open: &mut Vec<u32>,
) -> Result<Tree, Box<Diagnostic>> {
    let span = node.span();
    let refuse = |message: &str| Box::new(Diagnostic::error(message).at(span));
    *budget = budget.checked_sub(1).ok_or_else(|| {
        refuse("with its aliases unfolded, this text has more than 100,000 values")
    })?;
    let data = match node.kind() {
        Kind::Scalar(style) => Data::Scalar(node.text().to_owned(), style),
        Kind::Alias(target) => {
            if open.contains(&target) {
                return Err(refuse("an alias stands inside what it names"));
            }
            let target = NodeRef {
                doc: node.doc,
                at: target,
            };
            let mut tree = unfold(target, budget, open)?;
            // A mistake in it is a mistake here too; here is where the reader looks.
            tree.span = span;
            return Ok(tree);
        }
        Kind::Seq => {
            open.push(node.at);
            let items: Result<_, _> = node
                .items()
                .map(|item| unfold(item, budget, open))
                .collect();
            open.pop();
            Data::Seq(items?)
        }
        Kind::Map => {
            open.push(node.at);
            let entries = unfold_map(node, budget, open);
            open.pop();
            Data::Map(entries?)
        }
    };
    Ok(Tree { span, data })
}

fn unfold_map(
    node: NodeRef<'_>,
    budget: &mut usize,
    open: &mut Vec<u32>,
) -> Result<Vec<Entry>, Box<Diagnostic>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut merged: Vec<Entry> = Vec::new();
    for (key, value) in node.entries() {
        if !matches!(key.kind(), Kind::Scalar(_)) {
            let message = "a key must be a plain word here, not a list, a map or an alias";
            return Err(Box::new(Diagnostic::error(message).at(key.span())));
        }
        let is_merge = key.kind() == Kind::Scalar(Style::Plain) && key.text() == "<<";
        let value = unfold(value, budget, open)?;
        // Looked for only where there are any: a map may have very many keys.
        let is_double = !is_merge
            && !node.doc.doubles.is_empty()
            && entries.iter().any(|entry| entry.key == key.text());
        if is_double {
            // The document says that it stands twice.
            continue;
        }
        if !is_merge {
            entries.push(Entry {
                key: key.text().to_owned(),
                span: key.span(),
                value,
            });
            continue;
        }
        let sources = match value.data {
            Data::Seq(items) => items,
            data @ (Data::Map(_) | Data::Scalar(..)) => vec![Tree {
                span: value.span,
                data,
            }],
        };
        for source in sources {
            let Data::Map(more) = source.data else {
                let message = "`<<` takes a map, or a list of maps";
                return Err(Box::new(Diagnostic::error(message).at(source.span)));
            };
            for entry in more {
                if !merged.iter().any(|old| old.key == entry.key) {
                    merged.push(entry);
                }
            }
        }
    }
    // A written key wins over a merged one, the first merged one over the next.
    merged.retain(|entry| !entries.iter().any(|own| own.key == entry.key));
    entries.extend(merged);
    Ok(entries)
}
