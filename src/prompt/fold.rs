//! Lines that a narrow terminal does not break in the middle of a word.

/// The columns that every terminal has.
const WIDTH: usize = 60;

/// `text` in lines of at most 60 columns, those after the first indented by `indent` spaces. A word
/// that is longer stays whole.
///
/// ```
/// let text = "one two three four five six seven eight nine ten eleven twelve";
/// assert!(prodgen::prompt::fold(text, 2).ends_with("eleven\n  twelve"));
/// ```
pub fn fold(text: &str, indent: usize) -> String {
    within(WIDTH, text, indent)
}

/// The same for what stands behind a mark or between brackets.
pub(super) fn marked(text: &str, indent: usize) -> String {
    within(WIDTH - "> ".len(), text, indent)
}

fn within(limit: usize, text: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let body = line.trim_start();
        let mut width = line.chars().count() - body.chars().count();
        out.push_str(&line[..line.len() - body.len()]);
        let mut is_first = true;
        for word in body.split(' ') {
            let length = word.chars().count();
            if !is_first && width + 1 + length > limit {
                out.truncate(out.trim_end().len());
                out.push('\n');
                out.push_str(&margin);
                width = indent;
            } else if !is_first {
                out.push(' ');
                width += 1;
            }
            out.push_str(word);
            width += length;
            is_first = false;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn long_lines_break_between_words() {
        let text = "a".repeat(30) + " " + &"b".repeat(29) + " c";
        assert_eq!(fold(&text, 1), text.replace(" c", "\n c"));
        let long = "x".repeat(90);
        assert_eq!(fold(&long, 2), long);
        assert_eq!(
            fold(&format!("  a   {long} b"), 4),
            format!("  a\n    {long}\n    b")
        );
        assert_eq!(fold("  a   b\nc", 4), "  a   b\nc");
        assert_eq!(fold("", 2), "");
    }
}
