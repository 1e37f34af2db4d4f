//! Events to documents. The parser crate is named here and nowhere else.
//!
//! Two entries: [`parse`] reads people's files and knows no seals (they may hold U+E000), [`open`]
//! reads what a template made and writes each sealed value in its place. Input is never rewound:
//! what is no sealed value is copied as it stands.

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Span as Place, StructureStyle};

use super::envelope::{Envelope, MARK_CLOSE, MARK_OPEN};
use super::scalar::needs_escape;
use super::write::{Layout, Writer, is_inline};
use super::{Document, Kind, Node, Style, Text};
use crate::diag::{Diagnostic, SourceId, Span};

/// The largest text that is read; a spec has a few hundred bytes, a big manifest a few hundred KiB.
const MAX_BYTES: usize = 64 << 20;
/// Names past which looking for doubles in a map by pairs is slower than a sorted set.
const MANY_KEYS: usize = 16;

/// What is wrong with a text as YAML: at most one syntax error, any number of double keys.
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
        text: text.to_owned(),
        nodes: Vec::new(),
    }))
}

/// Opens the sealed values of a rendered text: one document, every value in its place.
pub fn open(sealed: &str) -> Result<Document, Broken> {
    let mut builder = Builder::new(SourceId::RENDERED, sealed, true);
    builder.run()?;
    let mut documents = std::mem::take(&mut builder.documents);
    match (documents.pop(), documents.is_empty()) {
        (Some(document), true) => Ok(document),
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
    /// How much of `text` is copied to `out`.
    copied: usize,
    out: String,
    nodes: Vec<Node>,
    stack: Vec<Frame>,
    /// Anchors by the parser's number: the node they name.
    anchors: BTreeMap<usize, u32>,
    documents: Vec<Document>,
    broken: Broken,
}

impl<'t> Builder<'t> {
    fn new(source: SourceId, text: &'t str, seals: bool) -> Self {
        Self {
            source,
            text,
            seals,
            copied: 0,
            out: String::with_capacity(if seals { text.len() } else { 0 }),
            nodes: Vec::with_capacity(text.len() / 24),
            stack: Vec::new(),
            anchors: BTreeMap::new(),
            documents: Vec::new(),
            broken: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), Broken> {
        // A sealed key is one long word to the parser, so the YAML limit on keys must not apply.
        let options = granit_parser::options! {
            emit_comments: false,
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
                self.anchor(anchor);
                if self.seals && value.contains([MARK_OPEN, MARK_CLOSE]) {
                    self.sealed(&value, style, place, range)?;
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
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) => {}
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

    /// What stands between nodes: indicators, blanks and comments. Only a comment may hold a seal.
    fn gap(&mut self, gap: &str) -> Result<(), Broken> {
        if !gap.contains(MARK_OPEN) {
            self.out.push_str(gap);
            return Ok(());
        }
        let mut rest = gap;
        while let Some((before, after)) = rest.split_once(MARK_OPEN) {
            self.out.push_str(before);
            let line = self.out.get(self.out.rfind('\n').map_or(0, |at| at + 1)..);
            let in_comment = line.is_some_and(|line| line.contains('#'));
            let Some((body, tail)) = after.split_once(MARK_CLOSE) else {
                return Err(template_fault("a seal is not closed"));
            };
            match Envelope::open(body) {
                Some(Envelope::Text(text)) if in_comment => {
                    let tame = |c: char| if needs_escape(c) { ' ' } else { c };
                    self.out.extend(text.chars().map(tame));
                }
                _ => return Err(template_fault("a value stands where none can be")),
            }
            rest = tail;
        }
        self.out.push_str(rest);
        Ok(())
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
        style: ScalarStyle,
        range: std::ops::Range<usize>,
    ) -> Result<(), Broken> {
        let source_text = self.text.get(range.clone()).unwrap_or_default();
        let start = self.copy_to(range.start)?;
        self.copy_to(range.end)?;
        let (kind, len) = match style {
            ScalarStyle::Plain => (Style::Plain, range.len()),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => (Style::Quoted, range.len()),
            // The parser's span of a block runs on into the next line's indentation.
            ScalarStyle::Literal | ScalarStyle::Folded => (
                Style::Block,
                source_text.trim_end_matches([' ', '\n', '\r']).len(),
            ),
        };
        let text = if source_text == value && kind == Style::Plain {
            Text::Verbatim
        } else {
            Text::Read(value.into())
        };
        self.push(Kind::Scalar(kind), start, len, text);
        Ok(())
    }

    /// A scalar that holds sealed values: writes it anew in its place.
    fn sealed(
        &mut self,
        value: &str,
        style: ScalarStyle,
        place: Place,
        range: std::ops::Range<usize>,
    ) -> Result<(), Broken> {
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return Err(template_fault(
                "a hole stands inside a block of text: use `| block`",
            ));
        }
        self.copy_to(range.start)?;
        self.copied = range.end;
        let parent = self.stack.last();
        let is_key = parent.is_some_and(|frame| frame.wants_key == Some(true));
        let in_flow = self.stack.iter().any(|frame| frame.flow);
        let (in_map, column) = match parent {
            Some(frame) if frame.wants_key.is_some() => (true, frame.column + 2),
            _ => (false, place.start.col()),
        };
        match lone(value) {
            Some(Envelope::Leaf(leaf)) if style == ScalarStyle::Plain && !is_key => {
                self.leaf(&leaf, false, in_flow, in_map, column)
            }
            Some(Envelope::Strings(leaf)) if style == ScalarStyle::Plain && !is_key => {
                self.leaf(&leaf, true, in_flow, in_map, column)
            }
            Some(Envelope::Fragment(sealed))
                if in_map && !is_key && !in_flow && style == ScalarStyle::Plain =>
            {
                self.fragment(&sealed, column)
            }
            Some(Envelope::Block(text))
                if in_map && !is_key && !in_flow && style == ScalarStyle::Plain =>
            {
                self.literal(&text, column);
                Ok(())
            }
            _ => {
                let text = unseal(value)?;
                self.writer(false)
                    .string(&text, style != ScalarStyle::Plain);
                Ok(())
            }
        }
    }

    fn writer(&mut self, quote_all: bool) -> Writer<'_> {
        Writer {
            out: &mut self.out,
            nodes: &mut self.nodes,
            quote_all,
            layout: Layout::Block,
        }
    }

    /// A typed leaf: block YAML where there is room, and a comment to its right stays on its line.
    fn leaf(
        &mut self,
        leaf: &serde_json::Value,
        quote_all: bool,
        in_flow: bool,
        in_map: bool,
        column: usize,
    ) -> Result<(), Broken> {
        if leaf.is_null() {
            return Err(template_fault(
                "a value is null: the template must ask `if` first",
            ));
        }
        if in_flow || is_inline(leaf) {
            self.writer(quote_all).flow(leaf);
            return Ok(());
        }
        let rest = self.text.get(self.copied..).unwrap_or_default();
        let rest = rest
            .get(..rest.find('\n').unwrap_or(rest.len()))
            .unwrap_or_default();
        let comment = rest.trim_start().starts_with('#');
        if in_map || comment {
            self.out.truncate(self.out.trim_end_matches(' ').len());
        }
        if comment {
            self.copy_to(self.copied + rest.len())?;
        }
        self.writer(quote_all)
            .block(leaf, column, !in_map && !comment);
        Ok(())
    }

    /// A rendered text of its own, comments and all, moved to the column where it stands.
    fn fragment(&mut self, sealed: &str, column: usize) -> Result<(), Broken> {
        let document = open(sealed)?;
        self.out.truncate(self.out.trim_end_matches(' ').len());
        let first = self.nodes.len();
        // Where each line of the fragment begins, there and here.
        let mut lines: Vec<(usize, usize)> = Vec::new();
        let mut there = 0;
        for line in document.text.trim_end_matches('\n').split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', column));
            }
            lines.push((there, self.out.len()));
            self.out.push_str(line);
            there += line.len() + 1;
        }
        let moved = |at: u32| {
            let at = at as usize;
            let line = lines
                .partition_point(|(there, _)| *there <= at)
                .saturating_sub(1);
            lines
                .get(line)
                .map_or(at, |(there, here)| at - there + here)
        };
        for mut node in document.nodes {
            node.span = Span::new(self.source, moved(node.span.start), moved(node.span.end));
            node.next += u32::try_from(first).unwrap_or(u32::MAX);
            self.nodes.push(node);
        }
        Ok(())
    }

    /// A literal block, or a quoted scalar where a literal would not read back the same.
    fn literal(&mut self, text: &str, column: usize) {
        let body = text.trim_end_matches('\n');
        let breaks = text.len() - body.len();
        let fits = !body.is_empty()
            && body
                .chars()
                .all(|c| matches!(c, '\n' | '\t') || !needs_escape(c))
            && !body
                .lines()
                .any(|line| line.ends_with([' ', '\t']) && line.trim().is_empty());
        if !fits {
            self.writer(false).string(text, true);
            return;
        }
        self.out.push('|');
        if body.starts_with([' ', '\n', '\t']) {
            self.out.push('2');
        }
        self.out.push_str(match breaks {
            0 => "-",
            1 => "",
            _ => "+",
        });
        let start = self.out.len() + 1 + column;
        for line in body.split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.out.extend(std::iter::repeat_n(' ', column));
                self.out.push_str(line);
            }
        }
        let len = self.out.len().saturating_sub(start);
        self.push(
            Kind::Scalar(Style::Block),
            start,
            len,
            Text::Read(text.into()),
        );
        self.out
            .extend(std::iter::repeat_n('\n', breaks.saturating_sub(1)));
    }

    /// Complains of keys that stand twice in a map.
    fn doubles(&mut self, node: usize) {
        let mut at = node + 1;
        let end = self.nodes[node].next as usize;
        let mut keys: Vec<usize> = Vec::new();
        while at < end {
            keys.push(at);
            let value = self.nodes[at].next as usize;
            if value >= end {
                break;
            }
            at = self.nodes[value].next as usize;
        }
        let mut found = Vec::new();
        if keys.len() < MANY_KEYS {
            for (index, key) in keys.iter().enumerate() {
                let same = |other: &&usize| self.same_key(**other, *key);
                if let Some(first) = keys[..index].iter().find(same) {
                    found.push((*first, *key));
                }
            }
        } else {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            for key in keys {
                if let Some(first) = seen.insert(self.key_text(key), key) {
                    found.push((first, key));
                }
            }
        }
        for (first, second) in found {
            let name = self.key_text(second).to_owned();
            // A merge key may stand once only too, but is never the same as a written one.
            self.broken.push(
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
            std::mem::take(&mut self.out)
        } else {
            self.text.to_owned()
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
        });
        Ok(())
    }
}

/// The envelope, if the scalar is one envelope and nothing else.
fn lone(value: &str) -> Option<Envelope> {
    let body = value.strip_prefix(MARK_OPEN)?.strip_suffix(MARK_CLOSE)?;
    if body.contains([MARK_OPEN, MARK_CLOSE]) {
        None
    } else {
        Envelope::open(body)
    }
}

/// A scalar's text with every sealed string in its place.
fn unseal(value: &str) -> Result<String, Broken> {
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once(MARK_OPEN) {
        text.push_str(before);
        let opened =
            after
                .split_once(MARK_CLOSE)
                .and_then(|(body, tail)| match Envelope::open(body)? {
                    Envelope::Text(inner) | Envelope::Block(inner) => Some((inner, tail)),
                    Envelope::Leaf(_) | Envelope::Strings(_) | Envelope::Fragment(_) => None,
                });
        let Some((inner, tail)) = opened else {
            return Err(template_fault(
                "a typed value is only a part of a scalar, or a key",
            ));
        };
        text.push_str(&inner);
        rest = tail;
    }
    if rest.contains(MARK_CLOSE) {
        return Err(template_fault("a seal is closed that was never opened"));
    }
    text.push_str(rest);
    Ok(text)
}

fn template_fault(message: &str) -> Broken {
    vec![Diagnostic::error(message)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Origin, SourceMap};
    use serde_json::json;

    fn source() -> SourceId {
        SourceMap::default().add(Origin::Stdin, "")
    }

    fn seal(text: &str) -> String {
        let mut out = String::new();
        Envelope::seal_text(text, &mut out);
        out
    }

    fn leaf(value: &serde_json::Value, strings: bool) -> String {
        let mut out = String::new();
        Envelope::seal_value(value, strings, &mut out);
        out
    }

    fn opened(text: &str) -> String {
        let document = open(text).unwrap();
        let again = parse_one(source(), document.text()).unwrap();
        assert_eq!(
            again.root().unwrap().to_json(),
            document.root().unwrap().to_json(),
            "{}",
            document.text()
        );
        let places = |doc: &Document| -> Vec<(Kind, std::ops::Range<usize>, u32)> {
            let same = |node: &Node| (node.kind, node.span.range(), node.next);
            doc.nodes.iter().map(same).collect()
        };
        assert_eq!(places(&again), places(&document), "{}", document.text());
        document.into_text()
    }

    #[test]
    fn sealed_strings_keep_the_templates_quotes_and_never_change_the_shape() {
        let text = format!(
            "# for {c}\na: {x}  # right\nb: '{x}-{y}'\n{y}: {x}:{y}\nf: {{k: {x}, l: [{x}]}}\n",
            c = seal("x\nhostNetwork: true"),
            x = seal("no"),
            y = seal("a: b #c"),
        );
        assert_eq!(
            opened(&text),
            "# for x hostNetwork: true\na: \"no\"  # right\nb: \"no-a: b #c\"\n\
             \"a: b #c\": \"no:a: b #c\"\nf: {k: \"no\", l: [\"no\"]}\n"
        );
    }

    #[test]
    fn typed_leaves_open_as_block_yaml_at_their_column() {
        let probe = leaf(
            &json!({"httpGet": {"path": "/ok", "port": 8080}, "l": ["a", {"b": 1}]}),
            false,
        );
        let text = format!(
            "x:\n  # why\n  probe: {probe}  # right\n  next: 1\n  list:\n    - {probe}\n    - {probe} # c\n\
             flow: [{probe}]\nempty: {}\n",
            leaf(&json!({}), false)
        );
        assert_eq!(
            opened(&text),
            "x:\n  # why\n  probe:  # right\n    httpGet:\n      path: /ok\n      port: 8080\n    l:\n      \
             - a\n      - b: 1\n  next: 1\n  list:\n    - httpGet:\n        path: /ok\n        port: 8080\n      \
             l:\n        - a\n        - b: 1\n    - # c\n      httpGet:\n        path: /ok\n        port: 8080\n      \
             l:\n        - a\n        - b: 1\n\
             flow: [{ httpGet: { path: /ok, port: 8080 }, l: [a, { b: 1 }] }]\nempty: {}\n"
        );
        let labels = leaf(&json!({"app.kubernetes.io/name": "checkout"}), true);
        assert_eq!(
            opened(&format!("labels: {labels}\n")),
            "labels:\n  app.kubernetes.io/name: \"checkout\"\n"
        );
    }

    #[test]
    fn fragments_move_to_their_column_with_their_comments() {
        let mut block = String::new();
        Envelope::seal_block("one\n\n  two\n", &mut block);
        let inner = format!(
            "# why\na: {}\nlist:\n  - {block}\nb:\n  c: {block}\n",
            seal("no")
        );
        let inner = inner.replace(&format!("  - {block}\n"), "  - 1\n");
        let mut fragment = String::new();
        Envelope::seal_fragment(&inner, &mut fragment);
        assert_eq!(
            opened(&format!("x:\n  spec: {fragment}\n  z: 1\n")),
            "x:\n  spec:\n    # why\n    a: \"no\"\n    list:\n      - 1\n    b:\n      c: |\n        one\n\n          two\n  z: 1\n"
        );
    }

    #[test]
    fn blocks_are_literal_where_they_fit() {
        let block = |text: &str| {
            let mut out = String::new();
            Envelope::seal_block(text, &mut out);
            out
        };
        let text = format!(
            "data:\n  a: {}\n  b: {}\n  c: {}\n  d: {}\n  e: {}\n  f: {}\nz: 1\n",
            block("one\n two\n\nthree\n"),
            block("no break"),
            block("  lead\n\n\n"),
            block("a\r\nb"),
            block(""),
            block("\n\n"),
        );
        assert_eq!(
            opened(&text),
            "data:\n  a: |\n    one\n     two\n\n    three\n  b: |-\n    no break\n  c: |2+\n      lead\n\n\n  \
             d: \"a\\r\\nb\"\n  e: \"\"\n  f: \"\\n\\n\"\nz: 1\n"
        );
    }

    #[test]
    fn seals_in_impossible_places_are_refused() {
        for text in [
            format!("a: &{} b\n", seal("x")),
            format!("a: |\n  {}\n", seal("x")),
            format!("a: x{}\n", leaf(&json!({"b": 1}), false)),
            format!("{}: 1\n", leaf(&json!({"b": 1}), false)),
            format!("a: {}\n", leaf(&json!(null), false)),
            "a: \u{e000}s6\u{e001}\n".to_owned(),
            format!("{k}: 1\n{k}: 2\n", k = seal("same")),
            "a: 1\n---\nb: 2\n".to_owned(),
        ] {
            assert!(open(&text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn double_keys_and_syntax_errors_have_a_place() {
        let wrong = parse(source(), "a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(wrong[0].message, "`a` stands here twice");
        assert_eq!(wrong[0].primary.as_ref().unwrap().span.range(), 10..11);
        assert_eq!(wrong[0].related[0].span.range(), 0..1);
        let wrong = parse(source(), "a: [1, 2\nb: 3\n").unwrap_err();
        assert!(
            wrong[0].message.starts_with("this is not YAML"),
            "{wrong:?}"
        );
        assert!(parse_one(source(), "").unwrap().root().is_none());
        assert!(parse_one(source(), "# only\n").unwrap().root().is_none());
        assert!(parse_one(source(), "a: 1\n---\nb: 1\n").is_err());
        assert!(
            parse_one(source(), "\u{feff}a: 1\r\nb: \"x\"\r\n")
                .unwrap()
                .root()
                .is_some()
        );
        assert!(parse(source(), &"[".repeat(100_000)).is_err());
    }

    #[test]
    fn people_may_write_the_marks() {
        let document = parse_one(source(), "a: \u{e000}s61\u{e001}\n").unwrap();
        assert_eq!(
            document.root().unwrap().get("a").unwrap().text(),
            "\u{e000}s61\u{e001}"
        );
    }
}
