//! Where the parts of every node stand in the text: its key or dash, its value, its comments.
//!
//! Read off the text once for a whole document, in one pass. What the pass does not understand it
//! marks as unclear, and an edit that would touch such a place is refused.

use super::scan::Scan;
use crate::yaml::{Document, Kind, NodeRef, Style};

/// The places of one value: the root, an item, or what stands under a key.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says another thing of a place"
)]
pub(super) struct Spot {
    /// The first of the comment lines that belong to it, else its own line; in flow its head.
    pub(super) own: usize,
    /// Its key or its dash; an item's value in flow.
    pub(super) head: usize,
    /// After its colon or dash.
    pub(super) from: usize,
    /// Its value, anchors and tags left out; the header of a block scalar.
    pub(super) start: usize,
    /// After its value.
    pub(super) end: usize,
    /// Where a comment to its right would start: after a scalar, a header, a colon or a dash.
    pub(super) side: usize,
    /// The comment to its right.
    pub(super) right: Option<(usize, usize)>,
    /// The line after it and after the comments that stand deeper than it does.
    pub(super) after: usize,
    /// The column of its head.
    pub(super) column: usize,
    /// It stands in a flow collection.
    pub(super) in_flow: bool,
    /// Its head is the first thing on its line.
    pub(super) fresh: bool,
    /// Its first child stands on the line of its dash.
    pub(super) hanging: bool,
    /// It ends in a block scalar that takes in all blank lines behind it.
    pub(super) keeps: bool,
    /// It has an anchor or a tag.
    pub(super) marked: bool,
    /// Its parts were found.
    pub(super) clear: bool,
}

/// The pass stopped here: the text is not what its nodes let expect.
struct Unclear;

/// What is known of a value once it was read.
struct Read {
    end: usize,
    after: usize,
    keeps: bool,
}

/// How an entry stands to what surrounds it.
#[derive(Clone, Copy)]
struct Around {
    head: usize,
    from: usize,
    /// No comment line above this belongs to it.
    floor: usize,
    in_flow: bool,
}

/// Reads the spots of all nodes of `doc`, by their places on the tape.
pub(super) fn spots(doc: &Document) -> Vec<Spot> {
    let mut reader = Reader {
        scan: Scan { text: &doc.text },
        spots: vec![Spot::default(); doc.nodes.len()],
    };
    if let Some(root) = doc.root()
        && let Some(from) = reader.top()
    {
        let around = Around {
            head: from,
            from,
            floor: from,
            in_flow: false,
        };
        reader.entry(root, around);
    }
    reader.spots
}

struct Reader<'d> {
    scan: Scan<'d>,
    spots: Vec<Spot>,
}

impl Reader<'_> {
    /// Where the document's content may start; nothing if directives come first.
    fn top(&self) -> Option<usize> {
        let top = self.scan.top();
        let mut at = self.scan.past_trivia(top);
        if self.scan.byte(at) == Some(b'%') {
            return None;
        }
        if self.scan.line_start(at) == at && self.scan.is_marker(at, "---") {
            at += 3;
            return Some(at);
        }
        Some(top)
    }

    /// Reads a value and all below it, and writes its spot down.
    ///
    /// What went wrong is marked there; what is around it can go on.
    fn entry(&mut self, node: NodeRef<'_>, around: Around) -> Read {
        let scan = self.scan;
        let is_root = node.at == 0;
        // In flow a line may be as long as the whole text, and its start says nothing.
        let line = if around.in_flow {
            around.head
        } else {
            scan.line_start(around.head)
        };
        let before = scan.slice(line, around.head);
        let fresh = before.bytes().all(|byte| byte == b' ');
        let behind_dashes =
            before.bytes().all(|byte| matches!(byte, b' ' | b'-')) && !scan.is_marker(line, "---");
        let mut spot = Spot {
            own: around.head,
            head: around.head,
            from: around.from,
            start: around.from,
            side: around.from,
            column: before.chars().count(),
            in_flow: around.in_flow,
            fresh: fresh && !around.in_flow,
            ..Spot::default()
        };
        let clear = around.in_flow || is_root || fresh || behind_dashes;
        if spot.fresh {
            spot.own = self.own(line, around.floor, spot.column);
        }
        let read = self.value(node, &mut spot);
        spot.clear = clear && read.is_ok();
        let mut read = read.unwrap_or_else(|Unclear| {
            let end = (node.span().end as usize).max(spot.side);
            Read {
                end,
                after: scan.next_line(end),
                keeps: false,
            }
        });
        if around.in_flow {
            read.after = read.end;
        } else {
            let column = if is_root { None } else { Some(spot.column) };
            let after = self.deeper_comments(read.after, column);
            read.keeps &= after == read.after;
            read.after = after;
        }
        spot.end = read.end;
        spot.keeps = read.keeps;
        spot.after = read.after;
        self.spots[node.at as usize] = spot;
        read
    }

    /// The first of the comment lines directly above `line`, none of them before `floor` or deeper.
    fn own(&self, line: usize, floor: usize, column: usize) -> usize {
        let mut own = line;
        while own > floor && own > 0 {
            let above = self.scan.line_start(own - 1);
            let found = self.scan.comment_column(above);
            if above < floor || above >= own || found.is_none_or(|found| found > column) {
                break;
            }
            own = above;
        }
        own
    }

    /// Past the comment lines from `at` on that stand deeper than `column`, blank ones among them.
    fn deeper_comments(&self, mut at: usize, column: Option<usize>) -> usize {
        let Some(column) = column else { return at };
        loop {
            let mut next = at;
            while self.scan.is_blank(next) {
                next = self.scan.next_line(next);
            }
            match self.scan.comment_column(next) {
                Some(found) if found > column => at = self.scan.next_line(next),
                _ => return at,
            }
        }
    }

    fn value(&mut self, node: NodeRef<'_>, spot: &mut Spot) -> Result<Read, Unclear> {
        let scan = self.scan;
        let range = node.span().range();
        if node.kind() == Kind::Scalar(Style::Plain) && range.is_empty() {
            // Nothing at all: what comes on a later line is another node's.
            let mut at = scan.past_blanks(spot.from);
            while let Some(end) = scan.past_property(at) {
                spot.marked = true;
                spot.side = end;
                at = scan.past_blanks(end);
            }
            spot.start = spot.side;
            return self.close(spot, spot.side);
        }
        let mut at = scan.past_trivia(spot.from);
        while at < range.start || matches!(node.kind(), Kind::Map | Kind::Seq | Kind::Scalar(_)) {
            let Some(end) = scan.past_property(at) else {
                break;
            };
            if at == range.start && matches!(node.kind(), Kind::Scalar(_)) {
                break;
            }
            spot.marked = true;
            spot.side = end;
            at = scan.past_trivia(end);
        }
        spot.start = at;
        match node.kind() {
            Kind::Scalar(Style::Block) => self.block_scalar(range, spot),
            Kind::Scalar(_) | Kind::Alias(_) => {
                if at != range.start {
                    return Err(Unclear);
                }
                spot.side = range.end;
                self.close(spot, range.end)
            }
            Kind::Map | Kind::Seq => {
                let open = scan.byte(at);
                let is_flow = at == range.start && matches!(open, Some(b'{' | b'['));
                if is_flow {
                    self.flow(node, at)?;
                    spot.side = range.end;
                    self.close(spot, range.end)
                } else if spot.in_flow {
                    Err(Unclear)
                } else {
                    self.block(node, at, spot)
                }
            }
        }
    }

    /// What stands to the right of a value that ends at `end`.
    fn close(&self, spot: &mut Spot, end: usize) -> Result<Read, Unclear> {
        if spot.in_flow {
            return Ok(Read {
                end,
                after: end,
                keeps: false,
            });
        }
        spot.right = self.scan.comment_after(spot.side);
        if !self.scan.ends_line(end) {
            return Err(Unclear);
        }
        Ok(Read {
            end,
            after: self.scan.next_line(end),
            keeps: false,
        })
    }

    fn block_scalar(
        &mut self,
        range: std::ops::Range<usize>,
        spot: &mut Spot,
    ) -> Result<Read, Unclear> {
        let scan = self.scan;
        if !matches!(scan.byte(spot.start), Some(b'|' | b'>')) {
            return Err(Unclear);
        }
        let mut header = spot.start + 1;
        while matches!(scan.byte(header), Some(b'+' | b'-' | b'0'..=b'9')) {
            header += 1;
        }
        spot.side = header;
        let end = if range.is_empty() { header } else { range.end };
        let mut read = self.close(spot, header)?;
        read.end = end;
        read.after = scan.next_line(end);
        // With `+` the blank lines behind it are a part of it.
        if scan.slice(spot.start, header).contains('+') {
            read.keeps = true;
            while scan.is_blank(read.after) {
                read.after = scan.next_line(read.after);
            }
        }
        Ok(read)
    }

    fn block(&mut self, node: NodeRef<'_>, first: usize, spot: &mut Spot) -> Result<Read, Unclear> {
        let scan = self.scan;
        let is_root = node.at == 0;
        spot.hanging = !is_root && scan.line_start(first) == scan.line_start(spot.head);
        if spot.hanging && !scan.is_dash(spot.head) {
            return Err(Unclear);
        }
        if !spot.hanging && !is_root {
            spot.right = scan.comment_after(spot.side);
        }
        let (mut at, mut floor) = (first, spot.from);
        let mut last = Read {
            end: first,
            after: first,
            keeps: false,
        };
        let mut read_child = |reader: &mut Self, at: usize, child, from| {
            let around = Around {
                head: at,
                from,
                floor,
                in_flow: false,
            };
            let read = reader.entry(child, around);
            floor = read.after;
            read
        };
        match node.kind() {
            Kind::Seq => {
                for item in node.items() {
                    at = scan.past_trivia(at);
                    if !scan.is_dash(at) {
                        return Err(Unclear);
                    }
                    last = read_child(self, at, item, at + 1);
                    at = last.end;
                }
            }
            Kind::Map | Kind::Scalar(_) | Kind::Alias(_) => {
                for (key, value) in node.entries() {
                    at = scan.past_trivia(at);
                    let from = self.colon(key, at)?.ok_or(Unclear)?;
                    last = read_child(self, at, value, from);
                    at = last.end;
                }
            }
        }
        Ok(last)
    }

    /// After the colon of a key that stands at `at`; nothing where there is no colon.
    fn colon(&self, key: NodeRef<'_>, at: usize) -> Result<Option<usize>, Unclear> {
        let range = key.span().range();
        let is_word = matches!(key.kind(), Kind::Scalar(Style::Plain | Style::Quoted));
        if at != range.start || range.is_empty() || !is_word {
            return Err(Unclear);
        }
        let colon = self.scan.past_blanks(range.end);
        Ok((self.scan.byte(colon) == Some(b':')).then_some(colon + 1))
    }

    fn flow(&mut self, node: NodeRef<'_>, open: usize) -> Result<(), Unclear> {
        let scan = self.scan;
        let mut at = open + 1;
        let comma = |at: usize| {
            let next = scan.past_trivia(at);
            if scan.byte(next) == Some(b',') {
                next + 1
            } else {
                next
            }
        };
        let around = |head, from| Around {
            head,
            from,
            floor: head,
            in_flow: true,
        };
        for item in node.items() {
            let head = scan.past_trivia(at);
            at = comma(self.entry(item, around(head, head)).end);
        }
        for (key, value) in node.entries() {
            let head = scan.past_trivia(at);
            let from = self.colon(key, head)?;
            let end = key.span().end as usize;
            at = comma(self.entry(value, around(head, from.unwrap_or(end))).end);
        }
        let close = scan.past_trivia(at);
        if close + 1 == node.span().end as usize {
            Ok(())
        } else {
            Err(Unclear)
        }
    }
}
