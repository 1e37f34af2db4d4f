//! Steps through the text between the nodes: lines, white space, comments, anchors and tags.

/// The text of one document, to be looked at by place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan<'t> {
    pub(super) text: &'t str,
}

impl<'t> Scan<'t> {
    /// The byte at `at`; nothing past the end.
    pub(super) fn byte(self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The text of a range; nothing where there is no such range.
    pub(super) fn slice(self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Where the line around `at` starts, a byte-order mark left out.
    pub(super) fn line_start(self, at: usize) -> usize {
        let before = self.slice(0, at);
        match before.rfind('\n') {
            Some(end) => end + 1,
            None => self.top(),
        }
    }

    /// Where the text starts after a byte-order mark.
    pub(super) fn top(self) -> usize {
        if self.text.starts_with('\u{feff}') {
            '\u{feff}'.len_utf8()
        } else {
            0
        }
    }

    /// The place of the line end at or after `at`, or the end of the text.
    pub(super) fn line_end(self, at: usize) -> usize {
        let rest = self.slice(at, self.text.len());
        rest.find('\n').map_or(self.text.len(), |end| at + end)
    }

    /// Where the next line starts.
    pub(super) fn next_line(self, at: usize) -> usize {
        (self.line_end(at) + 1).min(self.text.len())
    }

    /// The line around `at`, without its end.
    pub(super) fn line(self, at: usize) -> &'t str {
        let line = self.slice(self.line_start(at), self.line_end(at));
        line.strip_suffix('\r').unwrap_or(line)
    }

    /// Whether the line that starts at `at` has nothing on it.
    pub(super) fn is_blank(self, at: usize) -> bool {
        at < self.text.len() && self.line(at).trim().is_empty()
    }

    /// The column of the comment that the line at `at` is, if it is nothing else.
    pub(super) fn comment_column(self, at: usize) -> Option<usize> {
        if at >= self.text.len() {
            return None;
        }
        let line = self.line(at);
        let words = line.trim_start_matches([' ', '\t']);
        words.starts_with('#').then_some(line.len() - words.len())
    }

    /// Past spaces and tabs.
    pub(super) fn past_blanks(self, mut at: usize) -> usize {
        while matches!(self.byte(at), Some(b' ' | b'\t')) {
            at += 1;
        }
        at
    }

    /// Past white space, line ends and comments.
    pub(super) fn past_trivia(self, mut at: usize) -> usize {
        loop {
            match self.byte(at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => at += 1,
                Some(b'#') if self.opens_comment(at) => at = self.line_end(at),
                _ => return at,
            }
        }
    }

    /// Whether the `#` at `at` starts a comment.
    pub(super) fn opens_comment(self, at: usize) -> bool {
        at == self.top()
            || at
                .checked_sub(1)
                .and_then(|before| self.byte(before))
                .is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    }

    /// Past an anchor or a tag, if one stands at `at`.
    pub(super) fn past_property(self, at: usize) -> Option<usize> {
        matches!(self.byte(at), Some(b'&' | b'!')).then(|| {
            let mut end = at + 1;
            while !matches!(
                self.byte(end),
                None | Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']' | b'{' | b'}')
            ) {
                end += 1;
            }
            end
        })
    }

    /// The comment that follows `at` on its line, where nothing else does: from its `#` to its last
    /// letter.
    pub(super) fn comment_after(self, at: usize) -> Option<(usize, usize)> {
        let start = self.past_blanks(at);
        if self.byte(start) != Some(b'#') || !self.opens_comment(start) {
            return None;
        }
        let words = self.slice(start, self.line_end(start));
        Some((start, start + words.trim_end().len()))
    }

    /// Whether nothing but a comment follows `at` on its line.
    pub(super) fn ends_line(self, at: usize) -> bool {
        let next = self.past_blanks(at);
        matches!(self.byte(next), None | Some(b'\n'))
            || (self.byte(next) == Some(b'\r') && self.byte(next + 1) == Some(b'\n'))
            || self.comment_after(at).is_some()
    }

    /// Whether a dash at `at` opens an item.
    pub(super) fn is_dash(self, at: usize) -> bool {
        self.byte(at) == Some(b'-')
            && matches!(self.byte(at + 1), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
    }

    /// Whether a line of three of these bytes starts at `at`: a document's start or end.
    pub(super) fn is_marker(self, at: usize, mark: &str) -> bool {
        self.slice(at, at + 3) == mark
            && matches!(self.byte(at + 3), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
    }
}
