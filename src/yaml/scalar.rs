//! What a scalar means, and the only way that a string becomes YAML.

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Bare: what it is depends on how it looks.
    Plain,
    /// In single or double quotes: a string.
    Quoted,
    /// A literal or folded block: a string.
    Block,
    /// Not YAML at all but the text of a flag or a variable: what it is depends on what is wanted.
    Raw,
}

/// What a plain scalar is to kubectl.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Resolved {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `no`, `on`, …
    Bool(bool),
    /// A whole number in any base.
    Int(i128),
    /// A number with a point or an exponent.
    Float(f64),
    /// Anything else.
    Str,
}

/// What a scalar that is written so is to kubectl.
pub fn means(text: &str, style: Style) -> Resolved {
    match style {
        Style::Plain | Style::Raw => resolve(text),
        Style::Quoted | Style::Block => Resolved::Str,
    }
}

/// Says what kubectl makes of a plain scalar (goyaml.v2 `resolve.go`, the fork in sigs.k8s.io/yaml).
pub fn resolve(text: &str) -> Resolved {
    let Some(first) = text.bytes().next() else {
        return Resolved::Null;
    };
    match first {
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O' => word(text),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => Resolved::Str,
    }
}

fn word(text: &str) -> Resolved {
    match text {
        "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            Resolved::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Resolved::Bool(false)
        }
        _ => Resolved::Str,
    }
}

#[inline(never)]
fn number(text: &str) -> Resolved {
    // Nearly all are plain decimals, and nearly all that are not have a letter that no number has.
    let bytes = text.as_bytes();
    if bytes.len() < 19
        && bytes.iter().all(u8::is_ascii_digit)
        && (bytes[0] != b'0' || bytes == b"0")
    {
        let digits = bytes.iter().map(|digit| i128::from(digit - b'0'));
        return Resolved::Int(digits.fold(0, |number, digit| number * 10 + digit));
    }
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Resolved::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        _ => {}
    }
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let (negative, digits) = match plain.strip_prefix(['+', '-']) {
        Some(rest) => (plain.starts_with('-'), rest),
        None => (false, plain.as_str()),
    };
    let lower = digits.to_ascii_lowercase();
    let in_base = |digits: &str, radix| {
        let starts_well = digits
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric());
        i128::from_str_radix(digits, radix)
            .ok()
            .filter(|_| starts_well)
    };
    let whole = if let Some(rest) = lower.strip_prefix("0x") {
        in_base(rest, 16)
    } else if let Some(rest) = lower.strip_prefix("0b") {
        in_base(rest, 2)
    } else if let Some(rest) = lower.strip_prefix("0o") {
        in_base(rest, 8)
    } else if lower.len() > 1 && lower.starts_with('0') {
        in_base(&lower, 8)
    } else {
        in_base(&lower, 10)
    };
    if let Some(value) = whole {
        return Resolved::Int(if negative { -value } else { value });
    }
    if is_float(digits)
        && let Ok(value) = plain.parse::<f64>()
    {
        return Resolved::Float(value);
    }
    Resolved::Str
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, as goyaml.v2 has it.
fn is_float(digits: &str) -> bool {
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let mantissa_ok = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && all_digits(fraction),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    mantissa_ok
        && exponent.is_none_or(|exponent| {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !digits.is_empty() && all_digits(digits)
        })
}

/// Which bytes are letters, digits or among `also`: a table, for every byte of every value is asked.
pub(super) const fn words(also: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        table[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut at = 0;
    while at < also.len() {
        table[also[at] as usize] = true;
        at += 1;
    }
    table
}

/// Words that some reader takes for something else than a string.
const NOT_STRINGS: &[&str] = &[
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf",
];

/// Whether every YAML reader takes the bare text for this very string.
///
/// A letter or `/` first, then only `[A-Za-z0-9_./:@-]`; or a version or quantity (`1.4.2`,
/// `256Mi`): digits and points with at most two letters behind, that is no number.
fn stands_plain(text: &str) -> bool {
    static PLAIN: [bool; 256] = words(b"_./:@-");
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    if text.len() > 120 {
        return false;
    }
    if first.is_ascii_digit() {
        let head = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        return text.len() - head.len() <= 2
            && head.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && !head.contains("..")
            && !head.ends_with('.')
            && resolve(text) == Resolved::Str;
    }
    (first.is_ascii_alphabetic() || *first == b'/')
        && bytes.iter().all(|byte| PLAIN[usize::from(*byte)])
        && *last != b':'
        && !(text.len() <= 5
            && NOT_STRINGS
                .iter()
                .any(|word| word.eq_ignore_ascii_case(text)))
}

/// Writes `text` so that every reader reads it back as this string: bare where that is safe, else
/// in double quotes.
pub fn quote(text: &str, out: &mut String) {
    if stands_plain(text) {
        out.push_str(text);
    } else {
        quoted(text, out);
    }
}

/// Writes `text` in double quotes.
pub fn quoted(text: &str, out: &mut String) {
    use std::fmt::Write as _;
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if needs_escape(c) => {
                let code = u32::from(c);
                // Writing to a String cannot fail.
                let _infallible = if code > 0xffff {
                    write!(out, "\\U{code:08x}")
                } else {
                    write!(out, "\\u{code:04x}")
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Characters that some reader drops, folds or refuses, or that a terminal or editor hides: controls,
/// line separators, byte-order marks, bidirectional marks, and what is not printable in YAML.
pub(super) fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_resolve_as_kubectl_reads_them() {
        let table: &[(&str, Resolved)] = &[
            ("", Resolved::Null),
            ("~", Resolved::Null),
            ("Null", Resolved::Null),
            ("nULL", Resolved::Str),
            ("no", Resolved::Bool(false)),
            ("y", Resolved::Bool(true)),
            ("On", Resolved::Bool(true)),
            ("oN", Resolved::Str),
            ("0644", Resolved::Int(420)),
            ("0o17", Resolved::Int(15)),
            ("0x1F", Resolved::Int(31)),
            ("0b101", Resolved::Int(5)),
            ("-0b101", Resolved::Int(-5)),
            ("1_000", Resolved::Int(1000)),
            ("0", Resolved::Int(0)),
            ("-1", Resolved::Int(-1)),
            ("08", Resolved::Float(8.0)),
            ("1e3", Resolved::Float(1000.0)),
            ("1.20", Resolved::Float(1.2)),
            (".5", Resolved::Float(0.5)),
            ("1.", Resolved::Float(1.0)),
            ("1.4.2", Resolved::Str),
            ("256Mi", Resolved::Str),
            ("12:30:45", Resolved::Str),
            ("-", Resolved::Str),
            ("--1", Resolved::Str),
            ("+", Resolved::Str),
            ("1e", Resolved::Str),
            ("hello", Resolved::Str),
        ];
        for (text, want) in table {
            assert_eq!(resolve(text), *want, "{text:?}");
        }
    }

    #[test]
    fn quoting_leaves_only_safe_words_bare() {
        for bare in [
            "abc",
            "/tmp",
            "256Mi",
            "200m",
            "1.4.2",
            "a:b",
            "registry.example.com/a:1",
        ] {
            let mut out = String::new();
            quote(bare, &mut out);
            assert_eq!(out, bare);
        }
        for hard in [
            "",
            "no",
            "Yes",
            "0644",
            "1e3",
            "1.20",
            "8080",
            "~",
            "a: b",
            "a #b",
            "2001-01-01",
            "12:30",
            "x:",
            "- a",
            "é",
            "nan",
            "NULL",
            "1..2",
            "0x1F",
            "25%",
            "a b",
            "<<",
            "=",
        ] {
            let mut out = String::new();
            quote(hard, &mut out);
            assert!(out.starts_with('"'), "{hard:?} was left bare");
        }
    }

    #[test]
    fn hidden_characters_are_written_as_escapes() {
        let mut out = String::new();
        quoted("a\u{1b}[0m\u{202e}\n\"\\\u{85}", &mut out);
        assert_eq!(out, "\"a\\u001b[0m\\u202e\\n\\\"\\\\\\u0085\"");
    }
}
