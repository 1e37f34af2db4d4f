//! Edits in flow style: commas come and go with their neighbours.

use super::Refusal;
use super::block::Maker;
use super::cut::Cutting;
use super::patch::Children;
use super::spot::Spot;
use crate::yaml::NodeRef;

impl<'d> Maker<'_, 'd> {
    /// The edits for the children of a flow collection, or of one that has none.
    pub(super) fn flow(
        &mut self,
        node: NodeRef<'d>,
        nodes: &[NodeRef<'d>],
        children: &Children,
    ) -> Result<(), Refusal> {
        let spots: Vec<Spot> = nodes.iter().map(|node| self.page.spot(*node)).collect();
        if spots.iter().any(|spot| !spot.clear) {
            return Err(Refusal::Unclear { span: node.span() });
        }
        if nodes.is_empty() {
            let added: Vec<&Cutting> = children.added.values().flatten().collect();
            return if added.is_empty() {
                Ok(())
            } else {
                self.first_ones(node, &added)
            };
        }
        let kept: Vec<usize> = (0..nodes.len())
            .filter(|index| !children.removed.contains(index))
            .collect();
        if kept.is_empty() {
            return self.all_others(node, &spots, children);
        }
        let mut run_end = 0;
        for index in 0..=nodes.len() {
            if let Some(added) = children.added.get(&index) {
                self.add_in_flow(&spots, &kept, index, added);
            }
            let Some(child) = nodes.get(index) else { break };
            if !children.removed.contains(&index) {
                if let Some(patch) = children.changed.get(&index) {
                    self.entry(*child, patch, true)?;
                }
            } else if index >= run_end {
                run_end = kept
                    .iter()
                    .copied()
                    .find(|next| *next > index)
                    .unwrap_or(nodes.len());
                self.remove_in_flow(node, &spots, index, run_end)?;
            }
        }
        Ok(())
    }

    fn add_in_flow(&mut self, spots: &[Spot], kept: &[usize], index: usize, added: &[Cutting]) {
        let words: Vec<String> = added.iter().map(Cutting::flow_entry).collect();
        let words = words.join(", ");
        if let Some(before) = kept.iter().rev().find(|before| **before < index) {
            let at = spots[*before].end;
            self.edit(at, at, format!(", {words}"));
        } else if let Some(after) = kept.first() {
            let at = spots[*after].head;
            self.edit(at, at, format!("{words}, "));
        }
    }

    /// Takes the entries from `first` up to `next` out.
    fn remove_in_flow(
        &mut self,
        node: NodeRef<'d>,
        spots: &[Spot],
        first: usize,
        next: usize,
    ) -> Result<(), Refusal> {
        let scan = self.page.scan();
        let last = spots[next - 1];
        let comma = scan.past_trivia(last.end);
        let comma = (scan.byte(comma) == Some(b',')).then_some(comma + 1);
        let following = spots.get(next).map(|spot| spot.head);
        let before = first.checked_sub(1).map(|before| spots[before].end);
        let head = spots[first].head;
        if let Some(following) = following
            && !scan.slice(head, following).contains('\n')
        {
            self.edit(head, following, "");
            return Ok(());
        }
        // Entries on lines of their own go with the lines.
        let line = scan.line_start(head);
        let tail = comma.unwrap_or(last.end);
        if scan.slice(line, head).trim().is_empty() && line > 0 && scan.ends_line(tail) {
            let mut from = line;
            let floor = before.unwrap_or(node.span().start as usize);
            while from > 0 {
                let above = scan.line_start(from - 1);
                if above <= floor || scan.comment_column(above).is_none() {
                    break;
                }
                from = above;
            }
            self.edit(from, self.past_end(scan.next_line(tail)), "");
            return Ok(());
        }
        let (from, to) = match (before, comma) {
            (Some(before), _) => (before, last.end),
            (None, Some(comma)) => (head, scan.past_blanks(comma)),
            (None, None) => return Err(Refusal::Unclear { span: node.span() }),
        };
        if self.page.comments_in(from, to).next().is_some() {
            return Err(Refusal::Unclear { span: node.span() });
        }
        self.edit(from, to, "");
        Ok(())
    }

    /// Every entry goes; what comes takes their places.
    fn all_others(
        &mut self,
        node: NodeRef<'d>,
        spots: &[Spot],
        children: &Children,
    ) -> Result<(), Refusal> {
        let scan = self.page.scan();
        let range = node.span().range();
        let (open, close) = (range.start + 1, range.end.saturating_sub(1));
        let Some((first, last)) = spots.first().zip(spots.last()) else {
            return Ok(());
        };
        if self.page.comments_in(open, close).next().is_some() {
            return Err(Refusal::Unclear { span: node.span() });
        }
        let before = scan.slice(open, first.head);
        let after = scan.slice(last.end, close);
        let added: Vec<&Cutting> = children.added.values().flatten().collect();
        if added.is_empty() {
            // As it was before the one entry came that stood here, if it came through an edit.
            let left = if before == after && before.trim().is_empty() && !before.contains('\n') {
                before
            } else {
                ""
            };
            self.edit(open, close, left);
        } else {
            self.edit(first.head, last.end, joined(&added));
        }
        Ok(())
    }

    /// The first entries of a collection that has none.
    fn first_ones(&mut self, node: NodeRef<'d>, added: &[&Cutting]) -> Result<(), Refusal> {
        let scan = self.page.scan();
        let spot = self.page.spot(node);
        let range = node.span().range();
        let inner = scan.slice(range.start + 1, range.end.saturating_sub(1));
        if !inner.trim().is_empty() {
            return Err(Refusal::Unclear { span: node.span() });
        }
        // Comments below that stand deeper would become those of the first child.
        let is_last = spot.after == scan.next_line(spot.end) || node.at == 0;
        let is_bare = inner.is_empty() && !spot.in_flow && !spot.marked && is_last;
        let lines = |column: usize| -> String {
            added.iter().map(|cutting| cutting.lines(column)).collect()
        };
        let before = scan.slice(spot.from, spot.start);
        let is_item = scan.is_dash(spot.head);
        let is_line = scan
            .slice(spot.end, scan.line_end(spot.end))
            .trim_end_matches('\r')
            .is_empty();
        if is_bare && node.at == 0 && is_line && scan.line_start(spot.start) == spot.start {
            self.edit(range.start, range.end, lines(0).trim_end_matches('\n'));
        } else if is_bare && node.at != 0 && !is_item && before == " " {
            let column = spot.column + self.page.step(node.kind());
            let at = self.past_end(scan.next_line(spot.end));
            self.edit(spot.from, spot.end, "");
            self.edit(at, at, lines(column));
        } else if is_bare && node.at != 0 && is_item && before == " " && is_line {
            let column = spot.column + 2;
            let lines = lines(column);
            let words = lines.get(column..).unwrap_or_default();
            self.edit(range.start, range.end, words.trim_end_matches('\n'));
        } else {
            let words = format!("{inner}{}{inner}", joined(added));
            self.edit(range.start + 1, range.end.saturating_sub(1), words);
        }
        Ok(())
    }
}

fn joined(added: &[&Cutting]) -> String {
    let words: Vec<String> = added.iter().map(|cutting| cutting.flow_entry()).collect();
    words.join(", ")
}

impl Cutting {
    /// The value for the place of a scalar in flow style.
    pub(super) fn inline_in_flow(&self, old: &str) -> String {
        let words = self.inline_like(old);
        let is_quoted = words.starts_with(['"', '\'']);
        if is_quoted && !matches!(self.data().data, crate::yaml::Data::Map(_)) {
            words
        } else {
            self.flow_value()
        }
    }
}
