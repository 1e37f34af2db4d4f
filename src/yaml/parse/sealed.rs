//! What a template left sealed: each value is written where its envelope stood, and the node that it
//! becomes is put on the tape. A value that stands where none can be is a fault of the template.

use super::{Broken, Builder, open};
use crate::diag::{Diagnostic, Span};
use crate::yaml::envelope::{Envelope, MARK_CLOSE, MARK_OPEN, is_marked};
use crate::yaml::scalar::needs_escape;
use crate::yaml::write::{Layout, Writer, indent};
use crate::yaml::{Kind, Leaf, Style, Text};

impl<'t> Builder<'t> {
    /// What stands between nodes: indicators, blanks and comments. Only a comment may hold a seal.
    pub(super) fn gap(&mut self, gap: &str) -> Result<(), Broken> {
        if !self.is_sealed_before(self.copied) {
            self.out.push_str(gap);
            return Ok(());
        }
        let mut rest = gap;
        while let Some((before, after)) = rest.split_once(MARK_OPEN) {
            self.out.push_str(before);
            let line = self.out.get(self.out.rfind('\n').map_or(0, |at| at + 1)..);
            let in_comment = line.is_some_and(|line| line.contains('#'));
            let tail = after.strip_prefix(MARK_CLOSE).unwrap_or(after);
            match self.take() {
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

    /// A scalar that holds sealed values: writes it anew in its place.
    pub(super) fn sealed(
        &mut self,
        value: &str,
        style: Style,
        column: usize,
        range: std::ops::Range<usize>,
    ) -> Result<(), Broken> {
        if style == Style::Block {
            return Err(template_fault(
                "a hole stands inside a block of text: use `| block`",
            ));
        }
        self.copied = range.end;
        let parent = self.stack.last();
        let is_key = parent.is_some_and(|frame| frame.wants_key == Some(true));
        let in_flow = self.stack.iter().any(|frame| frame.flow);
        let (in_map, column) = match parent {
            Some(frame) if frame.wants_key.is_some() => (true, frame.column + 2),
            _ => (false, column),
        };
        let lone = if value == LONE { self.take() } else { None };
        match lone {
            Some(Envelope::Leaf(leaf)) if style == Style::Plain && !is_key => {
                self.leaf(&leaf, false, in_flow, in_map, column)
            }
            Some(Envelope::Strings(leaf)) if style == Style::Plain && !is_key => {
                self.leaf(&leaf, true, in_flow, in_map, column)
            }
            Some(Envelope::Fragment(sealed))
                if in_map && !is_key && !in_flow && style == Style::Plain =>
            {
                self.fragment(sealed, column)
            }
            Some(Envelope::Block(text))
                if in_map && !is_key && !in_flow && style == Style::Plain =>
            {
                self.literal(&text, column);
                Ok(())
            }
            Some(Envelope::Text(text) | Envelope::Block(text)) => {
                self.writer(false).string(&text, style != Style::Plain);
                Ok(())
            }
            Some(Envelope::Leaf(_) | Envelope::Strings(_) | Envelope::Fragment(_)) => Err(
                template_fault("a typed value is a key, or stands in quotes"),
            ),
            None => {
                let text = self.unseal(value)?;
                self.writer(false).string(&text, style != Style::Plain);
                Ok(())
            }
        }
    }

    /// Whether something is still sealed before this place.
    pub(super) fn is_sealed_before(&self, end: usize) -> bool {
        self.bodies
            .get(self.opened)
            .is_some_and(|(at, _)| *at < end)
    }

    /// The next envelope of the text; nothing if it is broken.
    fn take(&mut self) -> Option<Envelope<'t>> {
        let (_, body) = self.bodies.get(self.opened)?;
        self.opened += 1;
        Envelope::open(body)
    }

    /// A scalar's text with every sealed string in its place.
    fn unseal(&mut self, value: &str) -> Result<String, Broken> {
        let mut text = String::with_capacity(value.len());
        let mut rest = value;
        while let Some((before, after)) = rest.split_once(MARK_OPEN) {
            text.push_str(before);
            match self.take() {
                Some(Envelope::Text(inner) | Envelope::Block(inner)) => text.push_str(&inner),
                Some(Envelope::Leaf(_) | Envelope::Strings(_) | Envelope::Fragment(_)) => {
                    return Err(template_fault("a typed value is only a part of a scalar"));
                }
                None => return Err(template_fault("a seal is broken")),
            }
            rest = after.strip_prefix(MARK_CLOSE).unwrap_or(after);
        }
        text.push_str(rest);
        Ok(text)
    }

    /// What stands between the envelope and the end of its line: blanks, or a comment.
    fn rest_of_line(&self) -> &'t str {
        let rest = self.text.get(self.copied..).unwrap_or_default();
        rest.split('\n').next().unwrap_or_default()
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
        leaf: &Leaf<'_>,
        quote_all: bool,
        in_flow: bool,
        in_map: bool,
        column: usize,
    ) -> Result<(), Broken> {
        if *leaf == Leaf::Null {
            return Err(template_fault(
                "a value is null: the template must ask `if` first",
            ));
        }
        if in_flow || leaf.is_inline() {
            self.writer(quote_all).flow(leaf);
            return Ok(());
        }
        let rest = self.rest_of_line();
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
        if !self.rest_of_line().trim().is_empty() {
            return Err(template_fault(
                "a comment stands to the right of a fragment: put it above",
            ));
        }
        let document = open(sealed)?;
        self.out.truncate(self.out.trim_end_matches(' ').len());
        let first = self.nodes.len();
        // Where each line of the fragment begins, there and here.
        let mut lines: Vec<(usize, usize)> = Vec::new();
        let mut there = 0;
        // One break only: further ones may belong to a literal block.
        let text = document.text.strip_suffix('\n').unwrap_or(&document.text);
        for line in text.split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                indent(&mut self.out, column);
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
                .any(|line| line.ends_with([' ', '\t']) && line.trim().is_empty())
            // A comment to the right would become a part of the text.
            && self.rest_of_line().trim().is_empty();
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
                indent(&mut self.out, column);
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
}

/// An envelope as the parser sees it, alone.
const LONE: &str = "\u{e000}\u{e001}";

/// What the envelopes of a text hold and where they stand, in order.
pub(super) type Bodies<'t> = Vec<(usize, &'t str)>;

/// A sealed text without what its envelopes hold, and that apart: two texts of one shape are read
/// alike.
pub(super) fn shape(sealed: &str) -> Result<(String, Bodies<'_>), Broken> {
    let mut shape = String::with_capacity(sealed.len() / 2);
    let mut bodies = Vec::new();
    let mut rest = sealed;
    while let Some((before, after)) = rest.split_once(MARK_OPEN) {
        let Some((body, tail)) = Envelope::part(after) else {
            return Err(template_fault("a seal is not closed"));
        };
        let nested = !body.starts_with('y') && is_marked(body);
        if is_marked(before) || nested {
            return Err(template_fault(
                "a seal stands in another, or is closed twice",
            ));
        }
        shape.push_str(before);
        bodies.push((shape.len(), body));
        shape.push_str(LONE);
        rest = tail;
    }
    if is_marked(rest) {
        return Err(template_fault("a seal is closed that was never opened"));
    }
    shape.push_str(rest);
    Ok((shape, bodies))
}

fn template_fault(message: &str) -> Broken {
    vec![Diagnostic::error(message)]
}
