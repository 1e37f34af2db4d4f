//! Events to documents. The parser crate is named here and nowhere else.
//!
//! Two entries: [`parse`] reads people's files and knows no seals (they may hold U+E000), [`open`]
//! reads what a template made and writes each sealed value in its place. Input is never rewound:
//! what is no sealed value is copied as it stands; what is one, `sealed` writes.

mod sealed;

use std::collections::BTreeMap;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Span as Place, StructureStyle};

use super::{Document, Kind, Node, Style, Text};
use crate::diag::{Diagnostic, SourceId, Span};

/// The largest text that is read; a spec has a few hundred bytes, a big manifest a few hundred KiB.
const MAX_BYTES: usize = 64 << 20;
/// Names past which looking for doubles in a map by pairs is slower than a sorted set.
const MANY_KEYS: usize = 16;

/// Why a text is not YAML.
pub type Broken = Vec<Diagnostic>;

/// Reads a stream of documents; comment-only and empty ones have no root.
pub fn parse(source: SourceId, text: &str) -> Result<Vec<Document>, Broken> {
    if text.len() > MAX_BYTES {
        return Err(vec![
            Diagnostic::error("the text is larger than 64 MiB").at(Span::new(source, 0, 0)),
        ]);
    }
    let mut builder = Builder::new(source, text, false);
    builder.run()?;
    Ok(builder.documents)
}

/// Reads a text that must hold exactly one document; one of comments only, or nothing, has no root.
pub fn parse_one(source: SourceId, text: &str) -> Result<Document, Broken> {
    let mut documents = parse(source, text)?;
    if let Some(second) = documents.get(1) {
        let span = second
            .root()
            .map_or(Span::new(source, 0, 0), super::NodeRef::span);
        return Err(vec![
            Diagnostic::error("there is more than one YAML document here")
                .at(span)
                .help("keep one document; take the `---` out"),
        ]);
    }
    Ok(documents.pop().unwrap_or_else(|| Document {
        text: Arc::new(text.to_owned()),
        nodes: Vec::new(),
        doubles: Vec::new(),
    }))
}

/// Opens the sealed values of a rendered text: one document, every value in its place.
pub fn open(sealed: &str) -> Result<Document, Broken> {
    // The parser reads only the shape: what the envelopes hold is not looked at by it at all.
    let (shape, bodies) = sealed::shape(sealed)?;
    let mut builder = Builder::new(SourceId::RENDERED, &shape, true);
    builder.bodies = bodies;
    builder.run()?;
    let mut documents = std::mem::take(&mut builder.documents);
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) if document.doubles.is_empty() => Ok(document),
        (Some(document), true) => Err(document.doubles),
        _ => Err(vec![Diagnostic::error(
            "a template must make exactly one document",
        )]),
    }
}

/// A collection that is still open.
struct Frame {
    node: usize,
    flow: bool,
    /// Column of a block map's keys, of a block sequence's dashes.
    column: usize,
    /// For a map: whether the next node is a key.
    wants_key: Option<bool>,
}

struct Builder<'t> {
    source: SourceId,
    text: &'t str,
    seals: bool,
    /// What the envelopes hold, and how many of them are opened.
    bodies: sealed::Bodies<'t>,
    opened: usize,
    /// How much of `text` is copied to `out`.
    copied: usize,
    out: String,
    nodes: Vec<Node>,
    stack: Vec<Frame>,
    /// Anchors by the parser's number: the node they name.
    anchors: BTreeMap<usize, u32>,
    documents: Vec<Document>,
    /// The text as the documents have it.
    shared: Option<Arc<String>>,
    broken: Broken,
    doubles: Vec<Diagnostic>,
}

impl<'t> Builder<'t> {
    fn new(source: SourceId, text: &'t str, seals: bool) -> Self {
        Self {
            source,
            text,
            seals,
            bodies: Vec::new(),
            opened: 0,
            copied: 0,
            out: String::with_capacity(if seals { text.len() } else { 0 }),
            nodes: Vec::with_capacity(text.len() / 12),
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            documents: Vec::new(),
            shared: None,
            broken: Vec::new(),
            doubles: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), Broken> {
        // A sealed key is one long word to the parser, so the YAML limit on keys must not apply.
        let options = granit_parser::options! {
            simple_key_max_lookahead: usize::MAX,
        };
        let mut parser = Parser::new_from_str_with_options(self.text, options);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, place)) => self.event(event, place)?,
                Err(error) => {
                    let at = error
                        .marker()
                        .byte_offset()
                        .unwrap_or(0)
                        .min(self.text.len());
                    self.broken.push(
                        Diagnostic::error(format!("this is not YAML: {}", error.info()))
                            .at(Span::new(self.source, at, at))
                            .help("look at quotes, brackets and indentation here and just before"),
                    );
                    break;
                }
            }
        }
        if self.broken.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.broken))
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "events that were not asked for, and where a stream starts"
    )]
    fn event(&mut self, event: Event<'t>, place: Place) -> Result<(), Broken> {
        let range = place.byte_range().unwrap_or(0..0);
        match event {
            Event::MappingStart(style, anchor, _) => {
                self.start(Kind::Map, style, anchor, place, range.start)?;
            }
            Event::SequenceStart(style, anchor, _) => {
                self.start(Kind::Seq, style, anchor, place, range.start)?;
            }
            Event::MappingEnd | Event::SequenceEnd => self.end(range.end)?,
            Event::Scalar(value, style, anchor, _) => {
                // A tag never changes what a scalar is to Kubernetes: types come from the schema.
                let value = if range.is_empty() && style == ScalarStyle::Plain {
                    "".into()
                } else {
                    value
                };
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                self.anchor(anchor);
                // First whatever is sealed in a comment before it.
                if self.is_sealed_before(range.end) {
                    self.copy_to(range.start)?;
                }
                if self.is_sealed_before(range.end) {
                    self.sealed(&value, style, place.start.col(), range)?;
                } else {
                    self.scalar(&value, style, range)?;
                }
                self.after_node();
            }
            Event::Alias(anchor) => {
                let target = self.anchors.get(&anchor).copied().unwrap_or_default();
                let start = self.copy_to(range.start)?;
                self.push(Kind::Alias(target), start, range.len(), Text::Verbatim);
                self.after_node();
            }
            Event::DocumentEnd => self.finish()?,
            _ => {}
        }
        Ok(())
    }

    /// Copies the input up to `until`, opening what is sealed in comments; returns where the output
    /// now ends, or simply `until` where nothing is copied.
    fn copy_to(&mut self, until: usize) -> Result<usize, Broken> {
        if !self.seals {
            return Ok(until);
        }
        if let Some(gap) = self.text.get(self.copied..until) {
            self.copied = until;
            self.gap(gap)?;
        }
        Ok(self.out.len())
    }

    fn push(&mut self, kind: Kind, start: usize, len: usize, text: Text) -> usize {
        let next = u32::try_from(self.nodes.len() + 1).unwrap_or(u32::MAX);
        let span = Span::new(self.source, start, start + len);
        self.nodes.push(Node {
            kind,
            span,
            next,
            text,
        });
        self.nodes.len() - 1
    }

    fn anchor(&mut self, anchor: usize) {
        if anchor != 0 {
            let at = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
            self.anchors.insert(anchor, at);
        }
    }

    fn start(
        &mut self,
        kind: Kind,
        style: StructureStyle,
        anchor: usize,
        place: Place,
        at: usize,
    ) -> Result<(), Broken> {
        self.anchor(anchor);
        let start = self.copy_to(at)?;
        let node = self.push(kind, start, 0, Text::Verbatim);
        self.stack.push(Frame {
            node,
            flow: style == StructureStyle::Flow,
            column: place.start.col(),
            wants_key: (kind == Kind::Map).then_some(true),
        });
        Ok(())
    }

    fn end(&mut self, end: usize) -> Result<(), Broken> {
        let Some(frame) = self.stack.pop() else {
            return Ok(());
        };
        let end = if frame.flow {
            self.copy_to(end)?
        } else {
            self.nodes.last().map_or(0, |node| node.span.end as usize)
        };
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let node = &mut self.nodes[frame.node];
        node.next = next;
        node.span = Span::new(self.source, node.span.start as usize, end);
        if node.kind == Kind::Map {
            self.doubles(frame.node);
        }
        self.after_node();
        Ok(())
    }

    fn after_node(&mut self) {
        if let Some(Frame {
            wants_key: Some(wants_key),
            ..
        }) = self.stack.last_mut()
        {
            *wants_key = !*wants_key;
        }
    }

    fn scalar(
        &mut self,
        value: &str,
        style: Style,
        range: std::ops::Range<usize>,
    ) -> Result<(), Broken> {
        let source_text = self.text.get(range.clone()).unwrap_or_default();
        let start = self.copy_to(range.start)?;
        self.copy_to(range.end)?;
        let len = match style {
            // The parser's span of a block runs on into the next line's indentation.
            Style::Block => source_text.trim_end_matches([' ', '\n', '\r']).len(),
            Style::Plain | Style::Quoted | Style::Raw => range.len(),
        };
        let text = if source_text == value && style == Style::Plain {
            Text::Verbatim
        } else {
            Text::Read(value.into())
        };
        self.push(Kind::Scalar(style), start, len, text);
        Ok(())
    }

    /// The keys of a map.
    fn keys(&self, node: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes[node].next as usize;
        let mut at = node + 1;
        std::iter::from_fn(move || {
            let key = (at < end).then_some(at)?;
            let value = self.nodes[key].next as usize;
            at = self
                .nodes
                .get(value)
                .map_or(end, |value| value.next as usize);
            Some(key)
        })
    }

    /// Complains of keys that stand twice in a map.
    fn doubles(&mut self, node: usize) {
        let mut found = Vec::new();
        if self.keys(node).nth(MANY_KEYS).is_none() {
            for (index, key) in self.keys(node).enumerate() {
                let same = |other: &usize| self.same_key(*other, key);
                if let Some(first) = self.keys(node).take(index).find(same) {
                    found.push((first, key));
                }
            }
        } else {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            for key in self.keys(node) {
                if let Some(first) = seen.insert(self.key_text(key), key) {
                    found.push((first, key));
                }
            }
        }
        for (first, second) in found {
            let name = self.key_text(second).to_owned();
            // A merge key may stand once only too, but is never the same as a written one.
            self.doubles.push(
                Diagnostic::error(format!("`{name}` stands here twice"))
                    .at(self.nodes[second].span)
                    .related(self.nodes[first].span, "the first one")
                    .help("keep one of them"),
            );
        }
    }

    fn same_key(&self, one: usize, other: usize) -> bool {
        self.key_text(one) == self.key_text(other)
    }

    fn key_text(&self, at: usize) -> &str {
        let node = &self.nodes[at];
        let text = if self.seals {
            self.out.as_str()
        } else {
            self.text
        };
        match &node.text {
            Text::Verbatim => text.get(node.span.range()).unwrap_or_default(),
            Text::Read(text) => text,
        }
    }

    fn finish(&mut self) -> Result<(), Broken> {
        if self.seals {
            self.copy_to(self.text.len())?;
        }
        let text = if self.seals {
            Arc::new(std::mem::take(&mut self.out))
        } else {
            let shared = || Arc::new(self.text.to_owned());
            self.shared.get_or_insert_with(shared).clone()
        };
        let nodes = std::mem::take(&mut self.nodes);
        self.anchors.clear();
        self.stack.clear();
        // Nothing but an empty scalar is no document at all.
        let empty = matches!(nodes.as_slice(), [only] if only.kind == Kind::Scalar(Style::Plain)
            && only.span.start == only.span.end);
        self.documents.push(Document {
            text,
            nodes: if empty { Vec::new() } else { nodes },
            doubles: std::mem::take(&mut self.doubles),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
