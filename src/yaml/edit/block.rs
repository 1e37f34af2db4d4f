//! Edits in block style: whole lines come and go, and what is left is not touched.

use super::cut::{Cutting, Shape, push_shifted};
use super::patch::{Change, Children, Patch, Right};
use super::spot::Spot;
use super::{Edit, Page, Refusal};
use crate::yaml::{Kind, NodeRef};

/// Works out the edits that a patch needs.
pub(super) struct Maker<'l, 'd> {
    pub(super) page: &'l Page<'d>,
    pub(super) edits: Vec<Edit>,
}

impl<'d> Maker<'_, 'd> {
    /// An edit, unless it changes nothing.
    pub(super) fn edit(&mut self, from: usize, to: usize, text: impl Into<String>) {
        let text = text.into();
        if from == to && text.is_empty() {
            return;
        }
        let text = if self.page.crlf() {
            text.replace('\n', "\r\n")
        } else {
            text
        };
        self.edits.push(Edit {
            span: from..to,
            text,
        });
    }

    /// The edits for one entry; `above` can be left as it is where its line goes anyway.
    pub(super) fn entry(
        &mut self,
        node: NodeRef<'d>,
        patch: &Patch,
        with_above: bool,
    ) -> Result<(), Refusal> {
        let spot = self.page.spot(node);
        if patch.is_empty() {
            return Ok(());
        }
        if !spot.clear {
            return Err(Refusal::Unclear { span: node.span() });
        }
        if let Some(above) = &patch.above
            && with_above
            && self.page.takes_above(node)
        {
            let mut lines = String::new();
            for line in above {
                lines.push_str(&" ".repeat(spot.column));
                lines.push_str(line);
                lines.push('\n');
            }
            let line = self.page.scan().line_start(spot.head);
            self.edit(spot.own, line, lines);
        }
        match &patch.value {
            Change::Becomes(cutting) => self.becomes(node, cutting, &patch.right),
            Change::Stays | Change::Inside(_) => {
                // Before the comment: a map that becomes empty is written where the comment starts.
                if let Change::Inside(children) = &patch.value {
                    self.inside(node, children)?;
                }
                if self.page.takes_right(node) {
                    self.right(&spot, &patch.right);
                }
                Ok(())
            }
        }
    }

    fn right(&mut self, spot: &Spot, right: &Right) {
        match (right, spot.right) {
            (Right::Becomes(words), Some((start, end))) => self.edit(start, end, words),
            (Right::Becomes(words), None) => self.edit(spot.side, spot.side, format!("  {words}")),
            (Right::Goes, Some((_, end))) => self.edit(spot.side, end, ""),
            (Right::Goes, None) | (Right::Stays, _) => {}
        }
    }

    /// The comment to the right as it shall be, with the blanks before it.
    fn right_words(&self, spot: &Spot, right: &Right) -> String {
        match (right, spot.right) {
            (Right::Becomes(words), _) => format!("  {words}"),
            (Right::Goes, _) | (Right::Stays, None) => String::new(),
            (Right::Stays, Some((_, end))) => self.page.scan().slice(spot.side, end).to_owned(),
        }
    }

    /// Gives an entry another value.
    fn becomes(
        &mut self,
        node: NodeRef<'d>,
        cutting: &Cutting,
        right: &Right,
    ) -> Result<(), Refusal> {
        self.page.check_whole(node)?;
        let spot = self.page.spot(node);
        let scan = self.page.scan();
        if node.at == 0 {
            return Err(Refusal::Unclear { span: node.span() });
        }
        if spot.in_flow {
            if spot.start < spot.end {
                let old = scan.slice(spot.start, spot.end);
                let words = match (cutting.shape, node.kind()) {
                    (Shape::Inline, Kind::Scalar(_)) if !cutting.inline.contains('\n') => {
                        cutting.inline_in_flow(old)
                    }
                    _ => cutting.flow_value(),
                };
                self.edit(spot.start, spot.end, words);
            } else if scan.slice(0, spot.from).ends_with(':') {
                self.edit(spot.from, spot.from, format!(" {}", cutting.flow_value()));
            } else {
                return Err(Refusal::Unclear { span: node.span() });
            }
            return Ok(());
        }
        let is_inline = scan.slice(spot.start, spot.end).bytes().next();
        let is_inline = match node.kind() {
            Kind::Alias(_) => false,
            Kind::Scalar(style) => style != crate::yaml::Style::Block && spot.start < spot.end,
            Kind::Map | Kind::Seq => matches!(is_inline, Some(b'{' | b'[')),
        };
        if is_inline && cutting.shape == Shape::Inline && !cutting.inline.is_empty() {
            let old = scan.slice(spot.start, spot.end);
            let mut words = String::new();
            let inline = match node.kind() {
                Kind::Scalar(_) => cutting.inline_like(old),
                Kind::Map | Kind::Seq | Kind::Alias(_) => cutting.inline.clone(),
            };
            push_shifted(&inline, spot.column, &mut words);
            self.edit(spot.start, spot.end, words);
            self.right(&spot, right);
            return Ok(());
        }
        let mut body = String::new();
        cutting.body(spot.column, &self.right_words(&spot, right), &mut body);
        let to = match node.kind() {
            Kind::Scalar(crate::yaml::Style::Block) => spot.after,
            Kind::Scalar(_) | Kind::Alias(_) => scan.next_line(spot.end),
            Kind::Map | Kind::Seq if is_inline => scan.next_line(spot.end),
            Kind::Map | Kind::Seq => spot.after,
        };
        self.edit(spot.from, self.past_end(to), body);
        Ok(())
    }

    /// `at`, or where the line end would be that a text without one is given first.
    pub(super) fn past_end(&self, at: usize) -> usize {
        let text = self.page.scan().text;
        if at == text.len() && !text.is_empty() && !text.ends_with('\n') {
            at + if self.page.crlf() { 2 } else { 1 }
        } else {
            at
        }
    }

    pub(super) fn inside(&mut self, node: NodeRef<'d>, children: &Children) -> Result<(), Refusal> {
        if !children.removed.is_empty() || !children.added.is_empty() {
            self.page.check_inside(node)?;
        }
        let spot = self.page.spot(node);
        let nodes: Vec<NodeRef<'d>> = match node.kind() {
            Kind::Map => node.entries().map(|(_, value)| value).collect(),
            Kind::Seq => node.items().collect(),
            Kind::Scalar(_) | Kind::Alias(_) => {
                return Err(Refusal::Unclear { span: node.span() });
            }
        };
        for index in &children.removed {
            match nodes.get(*index) {
                Some(child) => self.page.check_whole(*child)?,
                None => return Err(Refusal::Unproved),
            }
        }
        let is_flow = matches!(self.page.scan().byte(spot.start), Some(b'{' | b'['));
        if nodes.is_empty() || (is_flow && spot.start == node.span().start as usize) {
            self.flow(node, &nodes, children)
        } else {
            self.block(node, &nodes, children)
        }
    }

    fn block(
        &mut self,
        node: NodeRef<'d>,
        nodes: &[NodeRef<'d>],
        children: &Children,
    ) -> Result<(), Refusal> {
        let spots: Vec<Spot> = nodes.iter().map(|node| self.page.spot(*node)).collect();
        let touched = !children.removed.is_empty() || !children.added.is_empty();
        if touched && spots.iter().any(|spot| !spot.clear) {
            return Err(Refusal::Unclear { span: node.span() });
        }
        let kept = |index: usize| !children.removed.contains(&index);
        let first_kept = (0..nodes.len()).find(|index| kept(*index));
        if first_kept.is_none() && children.added.is_empty() {
            self.empty(node, &spots);
            return Ok(());
        }
        let column = spots[0].column;
        // The first entry of an item stands on the line of the dash, and so must its successor.
        let mut covered = 0;
        let mut written = 0;
        if !spots[0].fresh && !kept(0) {
            let reach = first_kept.unwrap_or(nodes.len());
            let added: String = children
                .added
                .range(..=reach)
                .flat_map(|(_, cuttings)| cuttings)
                .map(|cutting| cutting.lines(column))
                .collect();
            if let Some(lines) = added.get(column..) {
                self.edit(spots[0].head, self.past_end(spots[0].after), lines);
                covered = 1;
                written = reach + 1;
            } else if let Some(next) = first_kept {
                let words = self.page.scan().past_blanks(spots[next].own);
                self.edit(spots[0].head, words, "");
                covered = next;
            }
        }
        let mut text_before = false;
        for index in 0..=nodes.len() {
            if let Some(added) = children.added.get(&index)
                && index >= written
            {
                self.added(&spots, index, added, column);
            }
            let Some(child) = nodes.get(index) else { break };
            if !kept(index) {
                if index >= covered {
                    let followed = children.added.contains_key(&(index + 1));
                    self.removed(&spots, index, text_before, followed);
                }
                continue;
            }
            text_before = spots[index].keeps;
            if let Some(patch) = children.changed.get(&index) {
                let led = covered > 0 && Some(index) == first_kept;
                self.entry(*child, patch, !led)?;
            }
        }
        Ok(())
    }

    /// Puts new entries before the child `index`.
    fn added(&mut self, spots: &[Spot], index: usize, added: &[Cutting], column: usize) {
        let lines: String = added.iter().map(|cutting| cutting.lines(column)).collect();
        match index.checked_sub(1).and_then(|before| spots.get(before)) {
            Some(before) => {
                let at = self.past_end(before.after);
                self.edit(at, at, lines);
            }
            None if spots[0].fresh => self.edit(spots[0].own, spots[0].own, lines),
            None => {
                let words = lines.get(column..).unwrap_or_default();
                let at = spots[0].head;
                self.edit(at, at, format!("{words}{}", " ".repeat(column)));
            }
        }
    }

    /// Takes an entry out with its comments, and one of two blank lines that would meet.
    ///
    /// `text_before` says that a text before takes in blank lines, `followed` that something comes in
    /// its place.
    fn removed(&mut self, spots: &[Spot], index: usize, text_before: bool, followed: bool) {
        let scan = self.page.scan();
        let spot = spots[index];
        let (mut from, mut to) = (spot.own, self.past_end(spot.after));
        let above = from.checked_sub(1).map(|end| scan.line_start(end));
        let floor = index
            .checked_sub(1)
            .map_or(from, |before| spots[before].after);
        let above = above.filter(|line| *line >= floor && scan.is_blank(*line));
        if let Some(line) = above.filter(|_| !followed) {
            let taken = self.edits.last().map_or(0, |edit| edit.span.end);
            if scan.is_blank(to) {
                to = scan.next_line(to);
            } else if to >= scan.text.len() && line >= taken {
                from = line;
            }
        }
        // Blank lines must not become a part of the text before.
        if text_before && !followed {
            while scan.is_blank(to) {
                to = scan.next_line(to);
            }
        }
        self.edit(from, to, "");
    }

    /// Leaves `{}` or `[]` of a collection.
    fn empty(&mut self, node: NodeRef<'d>, spots: &[Spot]) {
        let word = if node.kind() == Kind::Map { "{}" } else { "[]" };
        let spot = self.page.spot(node);
        let Some((first, last)) = spots.first().zip(spots.last()) else {
            return;
        };
        if first.fresh && node.at != 0 && !spot.hanging {
            self.edit(spot.side, spot.side, format!(" {word}"));
        } else if !first.fresh {
            self.edit(first.head, self.past_end(last.after), format!("{word}\n"));
            return;
        } else {
            self.edit(first.own, first.own, format!("{word}\n"));
        }
        for spot in spots {
            self.edit(spot.own, self.past_end(spot.after), "");
        }
    }
}
