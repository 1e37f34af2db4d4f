//! Data to block YAML: typed leaves inside a rendered document, and whole specs.

use super::scalar::{quote, quoted};
use super::{Kind, Leaf, Node, Style, Text};
use crate::diag::{SourceId, Span};

/// How much is put on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Everything in block style.
    Block,
    /// Collections of scalars that fit a line in flow style: `[a, b]`, `{ min: 3, max: 12 }`.
    Compact,
}

/// Writes values and remembers where each node stands.
pub(super) struct Writer<'o> {
    pub(super) out: &'o mut String,
    pub(super) nodes: &'o mut Vec<Node>,
    /// Put every string value in quotes.
    pub(super) quote_all: bool,
    pub(super) layout: Layout,
}

/// Writes so many blanks.
pub(super) fn indent(out: &mut String, columns: usize) {
    const BLANKS: &str = "                                ";
    let mut left = columns;
    while let Some(rest) = left.checked_sub(BLANKS.len()) {
        out.push_str(BLANKS);
        left = rest;
    }
    out.push_str(&BLANKS[..left]);
}

/// The longest line that [`Layout::Compact`] makes.
const LINE: usize = 100;

impl Writer<'_> {
    fn push(&mut self, kind: Kind, start: usize, text: Text) -> usize {
        self.nodes.push(Node {
            kind,
            span: Span::new(SourceId::RENDERED, start, self.out.len()),
            next: 0,
            text,
        });
        let at = self.nodes.len() - 1;
        self.close(at);
        at
    }

    fn close(&mut self, at: usize) {
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let end = u32::try_from(self.out.len()).unwrap_or(u32::MAX);
        let node = &mut self.nodes[at];
        node.next = next;
        node.span.end = end;
    }

    /// A string that is a value.
    pub(super) fn string(&mut self, text: &str, in_quotes: bool) {
        let start = self.out.len();
        if in_quotes || self.quote_all {
            quoted(text, self.out);
        } else {
            quote(text, self.out);
        }
        self.scalar_node(text, start);
    }

    /// A string that is a key.
    fn key(&mut self, text: &str) {
        let start = self.out.len();
        quote(text, self.out);
        self.scalar_node(text, start);
        self.out.push(':');
    }

    fn scalar_node(&mut self, text: &str, start: usize) {
        if self.out.get(start..) == Some(text) {
            self.push(Kind::Scalar(Style::Plain), start, Text::Verbatim);
        } else {
            self.push(Kind::Scalar(Style::Quoted), start, Text::Read(text.into()));
        }
    }

    fn verbatim(&mut self, text: &str) {
        let start = self.out.len();
        self.out.push_str(text);
        self.push(Kind::Scalar(Style::Plain), start, Text::Verbatim);
    }

    /// A value on one line: scalars as they are, collections in flow style.
    pub(super) fn flow(&mut self, value: &Leaf<'_>) {
        match value {
            Leaf::Null => self.verbatim("null"),
            Leaf::Bool(true) => self.verbatim("true"),
            Leaf::Bool(false) => self.verbatim("false"),
            Leaf::Number(number) => self.verbatim(number),
            Leaf::Text(text) => self.string(text, false),
            Leaf::List(items) => {
                let at = self.push(Kind::Seq, self.out.len(), Text::Verbatim);
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.out.push_str(if index == 0 { "" } else { ", " });
                    self.flow(item);
                }
                self.out.push(']');
                self.close(at);
            }
            Leaf::Map(map) => {
                let at = self.push(Kind::Map, self.out.len(), Text::Verbatim);
                self.out.push('{');
                for (index, (key, value)) in map.iter().enumerate() {
                    self.out.push_str(if index == 0 { " " } else { ", " });
                    self.key(key);
                    self.out.push(' ');
                    self.flow(value);
                }
                self.out.push_str(if map.is_empty() { "}" } else { " }" });
                self.close(at);
            }
        }
    }

    fn fits_a_line(&self, value: &Leaf<'_>) -> bool {
        let scalars_only = match value {
            Leaf::List(items) => !items.iter().any(Leaf::is_collection),
            Leaf::Map(entries) => !entries.iter().any(|(_, value)| value.is_collection()),
            Leaf::Null | Leaf::Bool(_) | Leaf::Number(_) | Leaf::Text(_) => true,
        };
        // A scalar stands behind its key, however long it is.
        if value.is_inline() || self.layout == Layout::Block || !scalars_only {
            return value.is_inline();
        }
        let line = self.out.len() - self.out.rfind('\n').map_or(0, |at| at + 1);
        let mut flow = String::new();
        Writer {
            out: &mut flow,
            nodes: &mut Vec::new(),
            ..*self
        }
        .flow(value);
        line + flow.len() <= LINE
    }

    /// A value in block style. A collection's first line starts where the cursor is if `inline`,
    /// else on a new line; all further lines start at column `indent`.
    pub(super) fn block(&mut self, value: &Leaf<'_>, indent: usize, inline: bool) {
        let start = if inline {
            self.out.len()
        } else {
            self.out.len() + 1 + indent
        };
        match value {
            Leaf::Map(map) if !map.is_empty() => {
                let at = self.push(Kind::Map, start, Text::Verbatim);
                for (index, (key, value)) in map.iter().enumerate() {
                    self.new_line(indent, inline && index == 0);
                    self.key(key);
                    if self.fits_a_line(value) {
                        self.out.push(' ');
                        self.flow(value);
                    } else {
                        self.block(value, indent + 2, false);
                    }
                }
                self.close(at);
            }
            Leaf::List(items) if !items.is_empty() => {
                let at = self.push(Kind::Seq, start, Text::Verbatim);
                for (index, item) in items.iter().enumerate() {
                    self.new_line(indent, inline && index == 0);
                    self.out.push_str("- ");
                    self.block(item, indent + 2, true);
                }
                self.close(at);
            }
            Leaf::Map(_)
            | Leaf::List(_)
            | Leaf::Null
            | Leaf::Bool(_)
            | Leaf::Number(_)
            | Leaf::Text(_) => self.flow(value),
        }
    }

    fn new_line(&mut self, columns: usize, inline: bool) {
        if !inline {
            self.out.push('\n');
            indent(self.out, columns);
        }
    }
}

/// The text of `value` as one YAML document with a final newline.
pub fn to_text(value: &serde_json::Value, layout: Layout) -> String {
    let mut out = String::new();
    Writer {
        out: &mut out,
        nodes: &mut Vec::new(),
        quote_all: false,
        layout,
    }
    .block(&Leaf::from(value), 0, true);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_long_scalar_stands_behind_its_key() {
        let url = format!("https://example.com/{}", "a".repeat(90));
        let text = to_text(&json!({"runbook": url, "list": [url]}), Layout::Compact);
        assert_eq!(text, format!("runbook: {url}\nlist:\n  - {url}\n"));
    }

    #[test]
    fn small_collections_share_a_line_only_when_compact() {
        let value = json!({"replicas": {"min": 3, "max": 12}, "callers": ["a", {"cidr": "10.0.0.0/8"}],
                           "empty": {}, "needs": ["a:1", "no"]});
        assert_eq!(
            to_text(&value, Layout::Compact),
            "replicas: { min: 3, max: 12 }\ncallers:\n  - a\n  - cidr: \"10.0.0.0/8\"\nempty: {}\n\
             needs: [a:1, \"no\"]\n"
        );
        assert_eq!(
            to_text(&value, Layout::Block),
            "replicas:\n  min: 3\n  max: 12\ncallers:\n  - a\n  - cidr: \"10.0.0.0/8\"\nempty: {}\n\
             needs:\n  - a:1\n  - \"no\"\n"
        );
    }
}
