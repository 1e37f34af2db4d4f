//! Two texts as a unified diff, as `git diff` writes it.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};
use similar::TextDiff;

use super::text;

const HEADER: Style = Style::new().effects(Effects::BOLD);
const HUNK: Style = AnsiColor::Cyan.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();

/// The way from `before` to `after`; `None` is a file that is not there. Empty when they are equal.
///
/// Control characters other than tabs and line ends are shown by their pictures.
pub fn unified(before: Option<&str>, after: Option<&str>, path: &str, color: bool) -> String {
    if before == after {
        return String::new();
    }
    let path = text::one_line(path);
    let name = |side: char, text: Option<&str>| match text {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let mut out = String::new();
    push(
        &mut out,
        HEADER,
        color,
        &format!("--- {}", name('a', before)),
    );
    push(
        &mut out,
        HEADER,
        color,
        &format!("+++ {}", name('b', after)),
    );
    let (before, after) = (
        text::lines(before.unwrap_or_default()),
        text::lines(after.unwrap_or_default()),
    );
    let hunks = TextDiff::from_lines(&*before, &*after)
        .unified_diff()
        .to_string();
    if !color {
        return out + &hunks;
    }
    for line in hunks.lines() {
        let style = match line.as_bytes().first() {
            Some(b'@') => HUNK,
            Some(b'-') => REMOVED,
            Some(b'+') => ADDED,
            Some(_) | None => Style::new(),
        };
        push(&mut out, style, color, line);
    }
    out
}

fn push(out: &mut String, style: Style, color: bool, line: &str) {
    if color {
        // Writing to a string cannot fail.
        writeln!(out, "{style}{line}{style:#}").ok();
    } else {
        out.push_str(line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_three_lines_around_it() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let want = "--- a/x\n+++ b/x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(
            unified(Some(before), Some(&before.replace('5', "five")), "x", false),
            want
        );
        assert_eq!(unified(Some(before), Some(before), "x", false), "");
        assert_eq!(unified(None, None, "x", false), "");
    }

    #[test]
    fn new_and_removed_files_come_from_nowhere() {
        let new = "--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n";
        assert_eq!(unified(None, Some("a\nb\n"), "x", false), new);
        let removed = "--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n";
        assert_eq!(unified(Some("a\n"), None, "x", false), removed);
        assert_eq!(
            unified(None, Some(""), "x", false),
            "--- /dev/null\n+++ b/x\n"
        );
    }

    #[test]
    fn a_missing_final_newline_is_said() {
        let want = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n";
        assert_eq!(unified(Some("a"), Some("a\n"), "x", false), want);
        let want = "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\n c\n\\ No newline at end of file\n";
        assert_eq!(unified(Some("a\nc"), Some("b\nc"), "x", false), want);
    }

    #[test]
    fn colour_goes_around_lines_and_text_brings_none() {
        let text = unified(Some("a\r\n\x1b[2J\n"), Some("b\r\nx\ry\n"), "x\x1b", true);
        let plain = anstream::adapter::strip_str(&text).to_string();
        assert_eq!(
            plain.replace('\r', ""),
            "--- a/x\u{241b}\n+++ b/x\u{241b}\n@@ -1,2 +1,2 @@\n-a\n-\u{241b}[2J\n+b\n+x\u{240d}y\n"
        );
        assert!(text.contains("\x1b[31m-a") && text.contains("\x1b[32m+b"));
        let plain = unified(Some("a\x1b\n"), Some("b\r\n\x1b[2J"), "x", false);
        assert!(!plain.contains('\x1b') && plain.contains("+b\r\n"));
    }
}
