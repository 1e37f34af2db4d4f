//! A document with the places of all that stands in it, and what may not be touched.

use super::Refusal;
use super::scan::Scan;
use super::spot::{Spot, spots};
use crate::yaml::{Document, Kind, NodeRef, Style};

/// The places of a document's parts: what edits are worked out from.
#[derive(Debug)]
pub struct Page<'d> {
    doc: &'d Document,
    spots: Vec<Spot>,
    /// The comments, in the order of the text, from `#` to the last letter.
    comments: Vec<(usize, usize)>,
    /// What aliases name: where it starts and ends on the tape.
    shared: Vec<(u32, u32)>,
    /// The columns that a level of maps is deeper than the one around it.
    step: usize,
    /// The same for a list below a key.
    list_step: usize,
    crlf: bool,
}

impl<'d> Page<'d> {
    /// Reads the places off the text.
    pub fn of(doc: &'d Document) -> Self {
        let spots = spots(doc);
        let crlf = doc.text.matches("\r\n").count() * 2 > doc.text.matches('\n').count();
        let mut page = Self {
            comments: comments(doc),
            shared: shared(doc),
            doc,
            spots,
            step: 2,
            list_step: 2,
            crlf,
        };
        page.learn();
        page
    }

    /// The document.
    pub fn document(&self) -> &'d Document {
        self.doc
    }

    /// How deep the document's own author indents: the first map and the first list below a key.
    fn learn(&mut self) {
        let Some(root) = self.doc.root() else { return };
        let (mut maps, mut lists) = (None, None);
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if maps.is_some() && lists.is_some() {
                break;
            }
            let mut children: Vec<_> = node.entries().map(|(_, value)| value).collect();
            for child in &children {
                let found = match child.kind() {
                    Kind::Map => &mut maps,
                    Kind::Seq => &mut lists,
                    Kind::Scalar(_) | Kind::Alias(_) => continue,
                };
                let inner = child.children().last().map(|last| self.spot(last));
                let base = self.spot(*child).column;
                if let Some(inner) = inner
                    && inner.clear
                    && !inner.in_flow
                    && inner.column >= base
                    && found.is_none()
                {
                    *found = Some(inner.column - base);
                }
            }
            children.extend(node.items());
            children.reverse();
            open.extend(children);
        }
        self.step = maps.filter(|step| (1..=8).contains(step)).unwrap_or(2);
        self.list_step = lists.filter(|step| *step <= 8).unwrap_or(self.step);
    }

    pub(super) fn scan(&self) -> Scan<'d> {
        Scan {
            text: &self.doc.text,
        }
    }

    pub(super) fn spot(&self, node: NodeRef<'_>) -> Spot {
        self.spots[node.at as usize]
    }

    pub(super) fn crlf(&self) -> bool {
        self.crlf
    }

    /// The columns by which the children of a new collection stand deeper.
    pub(super) fn step(&self, kind: Kind) -> usize {
        match kind {
            Kind::Seq => self.list_step,
            Kind::Map | Kind::Scalar(_) | Kind::Alias(_) => self.step,
        }
    }

    /// All comments, in the order of the text.
    pub fn comments(&self) -> impl Iterator<Item = &'d str> {
        self.comments_in(0, self.doc.text.len())
    }

    /// The comments that start in this range.
    pub(super) fn comments_in(&self, from: usize, to: usize) -> impl Iterator<Item = &'d str> {
        let first = self.comments.partition_point(|(start, _)| *start < from);
        let scan = self.scan();
        let rest = self.comments.get(first..).unwrap_or_default();
        rest.iter()
            .take_while(move |(start, _)| *start < to)
            .map(move |(start, end)| scan.slice(*start, *end))
    }

    /// Where the words of an entry are: in a flow collection at its key or item.
    pub fn entry_range(&self, node: NodeRef<'_>) -> std::ops::Range<usize> {
        let spot = self.spot(node);
        if spot.clear && spot.head <= spot.end {
            spot.head..spot.end
        } else {
            node.span().range()
        }
    }

    /// All comments of an entry: above it, to its right and inside it, in the order of the text.
    pub fn comments_of(&self, node: NodeRef<'_>) -> Vec<&'d str> {
        let spot = self.spot(node);
        self.comments_in(spot.own, spot.after).collect()
    }

    /// The comments inside a value and to the right of what is inside it.
    pub fn comments_inside(&self, node: NodeRef<'_>) -> Vec<&'d str> {
        let spot = self.spot(node);
        let all = self.comments_in(spot.from, spot.after);
        let right = spot.right.map(|(start, end)| self.scan().slice(start, end));
        let mut left_out = right.is_none();
        all.filter(|comment| {
            let is_right = !left_out && Some(*comment) == right;
            left_out |= is_right;
            !is_right
        })
        .collect()
    }

    /// The comment lines directly above an entry, without their indentation.
    pub fn above(&self, node: NodeRef<'_>) -> Vec<&'d str> {
        let spot = self.spot(node);
        if !spot.fresh {
            return Vec::new();
        }
        let end = self.scan().line_start(spot.head);
        let lines = self.scan().slice(spot.own, end);
        lines.lines().map(str::trim).collect()
    }

    /// The comment to the right of an entry.
    pub fn right(&self, node: NodeRef<'_>) -> Option<&'d str> {
        let (start, end) = self.spot(node).right?;
        Some(self.scan().slice(start, end))
    }

    /// Whether comments can be put above an entry.
    pub fn takes_above(&self, node: NodeRef<'_>) -> bool {
        let spot = self.spot(node);
        spot.clear && spot.fresh
    }

    /// Whether a comment can be put to the right of an entry.
    pub fn takes_right(&self, node: NodeRef<'_>) -> bool {
        let spot = self.spot(node);
        spot.clear && !spot.in_flow && !spot.hanging && node.at != 0
    }

    /// Whether children of this collection may be added, or taken out one by one.
    pub fn check_inside(&self, node: NodeRef<'_>) -> Result<(), Refusal> {
        let spot = self.spot(node);
        if !spot.clear {
            return Err(Refusal::Unclear { span: node.span() });
        }
        if matches!(node.kind(), Kind::Alias(_)) || self.is_shared(node) {
            return Err(Refusal::Anchored { span: node.span() });
        }
        Ok(())
    }

    /// Whether this node, with all in it, may get another value or go.
    pub fn check_whole(&self, node: NodeRef<'_>) -> Result<(), Refusal> {
        self.check_inside(node)?;
        let below = node.at..node.node().next;
        let mut nodes = below.clone().map(|at| NodeRef { doc: self.doc, at });
        let foreign = |node: &NodeRef<'_>| {
            self.spot(*node).marked
                || matches!(node.kind(), Kind::Alias(_))
                || (is_merge_key(*node) && node.at != below.start)
        };
        if let Some(found) = nodes.find(foreign) {
            return Err(Refusal::Anchored { span: found.span() });
        }
        let named = self.shared.iter().find(|(at, _)| below.contains(at));
        match named {
            Some((at, _)) => {
                let named = NodeRef {
                    doc: self.doc,
                    at: *at,
                };
                Err(Refusal::Anchored { span: named.span() })
            }
            None => Ok(()),
        }
    }

    /// Whether an alias names this node or one that it is in.
    fn is_shared(&self, node: NodeRef<'_>) -> bool {
        let at = node.at;
        self.shared
            .iter()
            .any(|(from, to)| (*from..*to).contains(&at))
    }
}

/// Whether a key takes in what an alias names.
pub(super) fn is_merge_key(node: NodeRef<'_>) -> bool {
    node.kind() == Kind::Scalar(Style::Plain) && node.text() == "<<"
}

/// The comments of a document: what stands between its words and starts with a `#`.
fn comments(doc: &Document) -> Vec<(usize, usize)> {
    let scan = Scan { text: &doc.text };
    let mut found = Vec::new();
    let mut gap = |from: usize, to: usize| {
        let mut at = from;
        while let Some(next) = scan.slice(at, to).find('#') {
            at += next;
            if scan.opens_comment(at) {
                let line = scan.slice(at, scan.line_end(at));
                found.push((at, at + line.trim_end().len()));
                at += line.len();
            } else {
                at += 1;
            }
        }
    };
    let mut from = 0;
    for node in &doc.nodes {
        if matches!(node.kind, Kind::Scalar(_) | Kind::Alias(_)) {
            let range = node.span.range();
            gap(from, range.start);
            from = from.max(range.end);
        }
    }
    gap(from, doc.text.len());
    found
}

/// What aliases name, each once.
fn shared(doc: &Document) -> Vec<(u32, u32)> {
    let mut found: Vec<(u32, u32)> = doc
        .nodes
        .iter()
        .filter_map(|node| match node.kind {
            Kind::Alias(target) => {
                let next = doc.nodes.get(target as usize).map_or(0, |node| node.next);
                Some((target, next))
            }
            Kind::Map | Kind::Seq | Kind::Scalar(_) => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}
