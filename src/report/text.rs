//! Makes other people's text harmless: nothing in it may steer a terminal or hide from its reader.

use std::borrow::Cow;

/// What is printed instead of `c`; `None` when it is harmless.
///
/// One character for one, so that columns stay what they are.
pub(super) fn stand_in(c: char) -> Option<char> {
    match c {
        // Their pictures: U+241B for the escape that begins every terminal command.
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)),
        '\x7f' => Some('\u{2421}'),
        // The second set of control characters, among them another way to begin a command.
        '\u{80}'..='\u{9f}'
        // Line breaks of Unicode.
        | '\u{2028}' | '\u{2029}'
        // Marks that turn the reading direction around.
        | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        // What nobody sees: zero width, fillers, tags.
        | '\u{ad}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => Some('\u{fffd}'),
        _ => None,
    }
}

/// `text` on one line, harmless.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| stand_in(c).is_some()) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else {
                stand_in(c).unwrap_or(c)
            }
        })
        .collect()
}

/// `text` with its lines and tabs, harmless otherwise; `\r\n` stays as it is.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| !matches!(c, '\n' | '\t') && stand_in(c).is_some()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if rest.peek() == Some(&'\n') => out.push(c),
            _ => out.push(stand_in(c).unwrap_or(c)),
        }
    }
    Cow::Owned(out)
}

/// `text` as it stands in an excerpt: like [`lines`], with plain line ends and no byte order mark.
pub(super) fn excerpt(text: &str) -> String {
    // Line ends first: a mark between `\r` and `\n` must not make one of them.
    text.split_inclusive('\n')
        .flat_map(|line| match line.strip_suffix("\r\n") {
            Some(line) => [line, "\n"],
            None => [line, ""],
        })
        .flat_map(str::chars)
        .filter(|c| *c != '\u{feff}')
        .map(|c| {
            if matches!(c, '\n' | '\t') {
                c
            } else {
                stand_in(c).unwrap_or(c)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(
            one_line("a\x1b[2Jb\nc\td\x7f"),
            "a\u{241b}[2Jb\u{240a}c d\u{2421}"
        );
        assert_eq!(
            one_line("\u{9b}31m \u{202e}x\u{2069}"),
            "\u{fffd}31m \u{fffd}x\u{fffd}"
        );
        assert!(matches!(one_line("plain `ü` 日本 👩‍🚀"), Cow::Borrowed(_)));
        assert_eq!(lines("a\r\nb\rc\n\td\x1b"), "a\r\nb\u{240d}c\n\td\u{241b}");
        assert_eq!(
            excerpt("\u{feff}a\r\nb\r\u{feff}\nc\r"),
            "a\nb\u{240d}\nc\u{240d}"
        );
    }

    #[test]
    fn every_control_character_has_a_stand_in() {
        for c in (0..0x11_0000)
            .filter_map(char::from_u32)
            .filter(|c| c.is_control())
        {
            let stand_in = stand_in(c).unwrap();
            assert!(!stand_in.is_control());
        }
    }
}
