//! An entry taken out of a document, comments and all, to be written into another one at another
//! column. What it means travels with it, for the proof.

use super::page::Page;
use super::{Refusal, same_data};
use crate::diag::SourceId;
use crate::yaml::scalar::quote;
use crate::yaml::{Data, Entry, Kind, Layout, NodeRef, Style, Tree, parse_one, to_text};
use crate::yaml::{Resolved, resolve};

/// How the words of a value lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Behind the key or the dash: a scalar, or a collection in flow style.
    Inline,
    /// A header behind the key or the dash, and the text on the lines below it.
    Text,
    /// On the lines below.
    Lines,
    /// On the lines below, of which the first is that of the dash.
    Hanging,
}

/// A key with its value, or an item, as it stands in its own document.
#[derive(Debug, Clone)]
pub struct Cutting {
    key: Option<String>,
    data: Tree,
    /// The comment lines above.
    above: Vec<String>,
    /// The key with its colon, or the dash.
    head: String,
    pub(super) shape: Shape,
    /// What stands behind the head; further lines of it are relative to the head's column.
    pub(super) inline: String,
    /// The comment to the right, with the blanks before it.
    right: String,
    /// The lines below, relative to the head's column.
    rest: Vec<String>,
}

impl Cutting {
    /// Takes the value `node` out, with its `key` where it has one.
    pub fn of(
        page: &Page<'_>,
        key: Option<NodeRef<'_>>,
        node: NodeRef<'_>,
    ) -> Result<Self, Refusal> {
        page.check_whole(node)?;
        let scan = page.scan();
        let spot = page.spot(node);
        let is_collection = matches!(node.kind(), Kind::Map | Kind::Seq);
        let first = scan.byte(spot.start);
        let is_block = is_collection && !(first == Some(b'{') || first == Some(b'['));
        let shape = if node.kind() == Kind::Scalar(Style::Block) {
            Shape::Text
        } else if !is_block {
            Shape::Inline
        } else if spot.hanging {
            Shape::Hanging
        } else {
            Shape::Lines
        };
        let column = if spot.in_flow { 0 } else { spot.column };
        let inline = match shape {
            Shape::Inline => shifted(scan.slice(spot.start, spot.end), column),
            Shape::Text => scan.slice(spot.start, spot.side).to_owned(),
            Shape::Lines | Shape::Hanging => String::new(),
        };
        let right = spot.right.map_or(String::new(), |(_, end)| {
            scan.slice(spot.side, end).to_owned()
        });
        let mut rest = String::new();
        if !spot.in_flow {
            let from = match shape {
                Shape::Inline => scan.next_line(spot.end),
                Shape::Text | Shape::Lines => scan.next_line(spot.side),
                Shape::Hanging => {
                    rest.push_str(&" ".repeat(column + 1));
                    spot.head + 1
                }
            };
            rest.push_str(scan.slice(from, spot.after));
        }
        let data = Tree::of(node).map_err(|_| Refusal::Anchored { span: node.span() })?;
        Ok(Self {
            head: match key {
                Some(key) => format!(
                    "{}:",
                    scan.slice(key.span().range().start, key.span().range().end)
                ),
                None => "-".to_owned(),
            },
            key: key.map(|key| key.text().to_owned()),
            data,
            above: page.above(node).into_iter().map(str::to_owned).collect(),
            shape,
            inline,
            right,
            rest: rest.lines().map(|line| dedented(line, column)).collect(),
        })
    }

    /// Data of our own, in block style.
    pub fn new(key: Option<&str>, value: &serde_json::Value) -> Result<Self, Refusal> {
        let whole = match key {
            Some(key) => serde_json::json!({ key: value }),
            None => serde_json::json!([value]),
        };
        let text = to_text(&whole, Layout::Block);
        let document = parse_one(SourceId::RENDERED, &text).map_err(Refusal::NotYaml)?;
        let root = document.root().ok_or(Refusal::Unproved)?;
        let page = Page::of(&document);
        let entry = root.entries().next();
        let item = root.items().next().map(|item| (None, item));
        let (key, node) = entry
            .map(|(key, node)| (Some(key), node))
            .or(item)
            .ok_or(Refusal::Unproved)?;
        Self::of(&page, key, node)
    }

    /// The key, for a map's entry.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// What the value says.
    pub fn data(&self) -> &Tree {
        &self.data
    }

    /// The same without comments above it.
    #[must_use]
    pub fn bare(mut self) -> Self {
        self.above.clear();
        self
    }

    /// As an entry of a map.
    pub(super) fn entry(&self) -> Option<Entry> {
        Some(Entry {
            key: self.key.clone()?,
            span: self.data.span,
            value: self.data.clone(),
        })
    }

    /// The lines of the whole entry in a block collection whose heads stand at `column`.
    pub(super) fn lines(&self, column: usize) -> String {
        let mut out = String::new();
        for line in &self.above {
            indented(line, column, &mut out);
        }
        out.push_str(&" ".repeat(column));
        out.push_str(&self.head);
        self.body(column, &self.right, &mut out);
        out
    }

    /// What stands behind the head and below it, a comment to its right put in.
    pub(super) fn body(&self, column: usize, right: &str, out: &mut String) {
        let mut rest = self.rest.as_slice();
        match self.shape {
            Shape::Hanging if right.trim().is_empty() => {
                if let Some((first, more)) = rest.split_first() {
                    out.push_str(first.get(1..).unwrap_or_default());
                    rest = more;
                }
            }
            Shape::Inline | Shape::Text if !self.inline.is_empty() => {
                out.push(' ');
                push_shifted(&self.inline, column, out);
                out.push_str(right);
            }
            Shape::Inline | Shape::Text | Shape::Lines | Shape::Hanging => out.push_str(right),
        }
        out.push('\n');
        for line in rest {
            indented(line, column, out);
        }
    }

    /// The value alone, on one line.
    pub(super) fn flow_value(&self) -> String {
        flow_text(&self.data)
    }

    /// The whole entry on one line.
    pub(super) fn flow_entry(&self) -> String {
        let mut out = String::new();
        if let Some(key) = &self.key {
            quote(key, &mut out);
            out.push_str(": ");
        }
        flow(&self.data, &mut out);
        out
    }

    /// The value for the place of the scalar that is written as `old`: in the same quotes, where the
    /// new one is a string that fits them.
    pub(super) fn inline_like(&self, old: &str) -> String {
        let Data::Scalar(text, style) = &self.data.data else {
            return self.inline.clone();
        };
        let is_string = *style != Style::Plain || resolve(text) == Resolved::Str;
        let quotes = match old.bytes().next() {
            Some(quotes @ (b'"' | b'\'')) if is_string => quotes,
            _ => return self.inline.clone(),
        };
        if quotes == b'\'' && !text.contains(crate::yaml::scalar::needs_escape) {
            return format!("'{}'", text.replace('\'', "''"));
        }
        let mut out = String::new();
        crate::yaml::quoted(text, &mut out);
        out
    }

    /// Whether two say the same, comments left out.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.key == other.key && same_data(&self.data, &other.data)
    }
}

/// `text` with all lines but the first moved to the left by `column`.
fn shifted(text: &str, column: usize) -> String {
    let mut lines = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        out.push('\n');
        out.push_str(&dedented(line, column));
    }
    out
}

/// Writes `text` with all lines but the first moved to the right by `column`.
pub(super) fn push_shifted(text: &str, column: usize, out: &mut String) {
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
            if !line.is_empty() {
                out.push_str(&" ".repeat(column));
            }
        }
        out.push_str(line);
    }
}

fn dedented(line: &str, column: usize) -> String {
    let blanks = line.len() - line.trim_start_matches(' ').len();
    line.get(blanks.min(column)..)
        .unwrap_or_default()
        .to_owned()
}

fn indented(line: &str, column: usize, out: &mut String) {
    if !line.is_empty() {
        out.push_str(&" ".repeat(column));
        out.push_str(line);
    }
    out.push('\n');
}

/// A value on one line.
pub fn flow_text(tree: &Tree) -> String {
    let mut out = String::new();
    flow(tree, &mut out);
    out
}

/// A value on one line, numbers and the like as their author wrote them.
fn flow(tree: &Tree, out: &mut String) {
    match &tree.data {
        Data::Scalar(text, Style::Plain) if resolve(text) != Resolved::Str && !text.is_empty() => {
            out.push_str(text);
        }
        Data::Scalar(_, Style::Plain) if tree.is_null() => out.push_str("null"),
        Data::Scalar(text, _) => quote(text, out),
        Data::Seq(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                flow(item, out);
            }
            out.push(']');
        }
        Data::Map(entries) => {
            out.push('{');
            for (index, entry) in entries.iter().enumerate() {
                out.push_str(if index == 0 { " " } else { ", " });
                quote(&entry.key, out);
                out.push_str(": ");
                flow(&entry.value, out);
            }
            out.push_str(if entries.is_empty() { "}" } else { " }" });
        }
    }
}
