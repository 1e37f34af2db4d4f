//! Sealed values: how data travels through template text without the parser ever seeing it.
//!
//! An envelope is `U+E000`, a letter, a body of plain ASCII that YAML cannot misread in any place,
//! and `U+E001`; only a fragment, which is a sealed text itself, has others in it. Strings are escaped; a typed leaf keeps its keys, numbers and shape readable and seals
//! each string inside. The same idea as bound parameters in SQL.

use std::borrow::Cow;

use serde_json::Number;

use super::Leaf;
use super::scalar::words;

/// Opens an envelope.
pub const MARK_OPEN: char = '\u{e000}';
/// Closes an envelope.
pub const MARK_CLOSE: char = '\u{e001}';

/// Whether a mark of an envelope stands in a text. Both begin with the same byte, which little else
/// begins with, and to look for a byte is cheap.
pub(super) fn is_marked(text: &str) -> bool {
    text.as_bytes().contains(&0xee) && text.contains([MARK_OPEN, MARK_CLOSE])
}

/// What an envelope holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Envelope<'t> {
    /// A string, written as a scalar.
    Text(Cow<'t, str>),
    /// A string, written as a literal block where it fits.
    Block(Cow<'t, str>),
    /// A value, written as block YAML.
    Leaf(Leaf<'t>),
    /// A value, written as block YAML with every string in quotes.
    Strings(Leaf<'t>),
    /// A sealed text of its own, opened and written at the column where it stands.
    Fragment(&'t str),
}

impl<'t> Envelope<'t> {
    /// Writes a sealed string.
    pub fn seal_text(text: &str, out: &mut String) {
        seal_string('s', text, out);
    }

    /// Writes a sealed string that asks for a literal block.
    pub fn seal_block(text: &str, out: &mut String) {
        seal_string('b', text, out);
    }

    /// Writes a sealed text as a value. Whatever a user says in it is sealed already, so it is not
    /// escaped again: its length says where it ends.
    pub fn seal_fragment(sealed: &str, out: &mut String) {
        use std::fmt::Write as _;
        out.reserve(sealed.len() + 16);
        // Writing to a String cannot fail.
        let _infallible = write!(out, "{MARK_OPEN}y{};{sealed}{MARK_CLOSE}", sealed.len());
    }

    /// Parts what follows an opening mark into the body of the envelope and what comes after it;
    /// nothing if it is not closed.
    pub(super) fn part(after: &'t str) -> Option<(&'t str, &'t str)> {
        let Some(fragment) = after.strip_prefix('y') else {
            return after.split_once(MARK_CLOSE);
        };
        let (length, text) = fragment.split_once(';')?;
        let end = length.parse::<usize>().ok()?;
        let end = end.checked_add(after.len() - text.len())?;
        let (body, rest) = after.split_at_checked(end)?;
        Some((body, rest.strip_prefix(MARK_CLOSE)?))
    }

    /// Writes a sealed value; with `strings`, one whose strings are all to be quoted.
    pub fn seal_value(value: &Leaf<'_>, strings: bool, out: &mut String) {
        out.push(MARK_OPEN);
        out.push(if strings { 'q' } else { 'j' });
        encode(value, out);
        out.push(MARK_CLOSE);
    }

    /// Opens the body of an envelope (what stands between the marks); nothing if it is broken.
    pub(super) fn open(body: &'t str) -> Option<Self> {
        let mut chars = body.chars();
        let kind = chars.next()?;
        let rest = chars.as_str();
        let leaf = || {
            let mut reader = Reader { rest };
            let value = reader.value(0)?;
            reader.rest.is_empty().then_some(value)
        };
        match kind {
            's' => Some(Self::Text(unescape(rest)?)),
            'b' => Some(Self::Block(unescape(rest)?)),
            'y' => Some(Self::Fragment(rest.split_once(';')?.1)),
            'j' => Some(Self::Leaf(leaf()?)),
            'q' => Some(Self::Strings(leaf()?)),
            _ => None,
        }
    }
}

fn seal_string(kind: char, text: &str, out: &mut String) {
    out.reserve(text.len() + 16);
    out.push(MARK_OPEN);
    out.push(kind);
    escape(text, out);
    out.push(MARK_CLOSE);
}

/// Letters, digits and `_-./` as they are, every other byte as `%` and two hex digits: shorter than
/// plain hex, and still nothing that YAML or the grammar of a leaf could read.
fn escape(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| !stays(byte)) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let wide = from.chars().next().map_or(0, char::len_utf8);
        let (odd, after) = from.split_at(wide);
        for byte in odd.bytes() {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        rest = after;
    }
    out.push_str(rest);
}

/// Whether a byte stands for itself.
fn stays(byte: u8) -> bool {
    static STAYS: [bool; 256] = words(b"_-./");
    STAYS[usize::from(byte)]
}

fn unescape(text: &str) -> Option<Cow<'_, str>> {
    let nibble = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let Some(first) = text.bytes().position(|byte| !stays(byte)) else {
        return Some(text.into());
    };
    let (plain, mut rest) = text.as_bytes().split_at_checked(first)?;
    let mut bytes = Vec::with_capacity(text.len());
    bytes.extend_from_slice(plain);
    while let [first, after @ ..] = rest {
        rest = match (*first, after) {
            (b'%', [high, low, after @ ..]) => {
                bytes.push(nibble(*high)? << 4 | nibble(*low)?);
                after
            }
            (byte, after) if stays(byte) => {
                bytes.push(byte);
                after
            }
            _ => return None,
        };
    }
    Some(String::from_utf8(bytes).ok()?.into())
}

/// `t f z`, `n8080;`, `sok;`, `<…>` for a list, `(kname=…xa%2eb=…)` for a map.
fn encode(value: &Leaf<'_>, out: &mut String) {
    match value {
        Leaf::Null => out.push('z'),
        Leaf::Bool(value) => out.push(if *value { 't' } else { 'f' }),
        Leaf::Number(number) => {
            out.push('n');
            out.push_str(number);
            out.push(';');
        }
        Leaf::Text(text) => {
            out.push('s');
            escape(text, out);
            out.push(';');
        }
        Leaf::List(items) => {
            out.push('<');
            for item in items {
                encode(item, out);
            }
            out.push('>');
        }
        Leaf::Map(entries) => {
            out.push('(');
            for (key, value) in entries {
                if !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    out.push('k');
                    out.push_str(key);
                } else {
                    out.push('x');
                    escape(key, out);
                }
                out.push('=');
                encode(value, out);
            }
            out.push(')');
        }
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        self.rest = chars.as_str();
        Some(c)
    }

    fn until(&mut self, end: char) -> Option<&'t str> {
        let (head, rest) = self.rest.split_once(end)?;
        self.rest = rest;
        Some(head)
    }

    fn value(&mut self, depth: usize) -> Option<Leaf<'t>> {
        // No Kubernetes type is half as deep; the bound keeps a broken envelope from recursing.
        if depth > 64 {
            return None;
        }
        match self.next()? {
            'z' => Some(Leaf::Null),
            't' => Some(Leaf::Bool(true)),
            'f' => Some(Leaf::Bool(false)),
            'n' => {
                let number = self.until(';')?;
                number.parse::<Number>().ok()?;
                Some(Leaf::Number(number.into()))
            }
            's' => unescape(self.until(';')?).map(Leaf::Text),
            '<' => {
                let mut items = Vec::new();
                while !self.rest.starts_with('>') {
                    items.push(self.value(depth + 1)?);
                }
                self.next()?;
                Some(Leaf::List(items))
            }
            '(' => {
                let mut entries = Vec::new();
                loop {
                    let key = match self.next()? {
                        ')' => return Some(Leaf::Map(entries)),
                        'k' => self.until('=')?.into(),
                        'x' => unescape(self.until('=')?)?,
                        _ => return None,
                    };
                    entries.push((key, self.value(depth + 1)?));
                }
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_come_back_and_bodies_are_plain_ascii() {
        let value = json!({
            "httpGet": {"path": "/a: b #c\u{e001}", "port": 8080}, "a.b/c": [true, null, -1.5, "", []],
        });
        for strings in [false, true] {
            let mut sealed = String::new();
            Envelope::seal_value(&Leaf::from(&value), strings, &mut sealed);
            let body = sealed.trim_matches([MARK_OPEN, MARK_CLOSE]);
            assert!(
                body.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"();=<>.-+%_/".contains(&b))
            );
            let want = if strings {
                Envelope::Strings(Leaf::from(&value))
            } else {
                Envelope::Leaf(Leaf::from(&value))
            };
            assert_eq!(Envelope::open(body), Some(want));
        }
    }

    #[test]
    fn broken_bodies_are_refused() {
        for body in [
            "", "s%", "s%Z1", "s%1", "s ", "s%E9", "j", "jn1", "j(", "j<", "jtt", "w00", "j(kx=",
            "s%80", "jn--;",
        ] {
            assert_eq!(Envelope::open(body), None, "{body:?}");
        }
        assert_eq!(Envelope::open(&format!("j{}", "<".repeat(1000))), None);
    }
}
