//! Sealed values: how data travels through template text without the parser ever seeing it.
//!
//! An envelope is `U+E000`, a letter, a body of plain ASCII that YAML cannot misread in any place,
//! and `U+E001`. Strings are escaped; a typed leaf keeps its keys, numbers and shape readable and seals
//! each string inside. The same idea as bound parameters in SQL.

use serde_json::{Map, Number, Value};

/// Opens an envelope.
pub const MARK_OPEN: char = '\u{e000}';
/// Closes an envelope.
pub const MARK_CLOSE: char = '\u{e001}';

/// What an envelope holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Envelope {
    /// A string, written as a scalar.
    Text(String),
    /// A string, written as a literal block where it fits.
    Block(String),
    /// A value, written as block YAML.
    Leaf(Value),
    /// A value, written as block YAML with every string in quotes.
    Strings(Value),
    /// A sealed text of its own, opened and written at the column where it stands.
    Fragment(String),
}

impl Envelope {
    /// Writes a sealed string.
    pub fn seal_text(text: &str, out: &mut String) {
        seal_string('s', text, out);
    }

    /// Writes a sealed string that asks for a literal block.
    pub fn seal_block(text: &str, out: &mut String) {
        seal_string('b', text, out);
    }

    /// Writes a sealed text as a value.
    pub fn seal_fragment(sealed: &str, out: &mut String) {
        seal_string('y', sealed, out);
    }

    /// Writes a sealed value; with `strings`, one whose strings are all to be quoted.
    pub fn seal_value(value: &Value, strings: bool, out: &mut String) {
        out.push(MARK_OPEN);
        out.push(if strings { 'q' } else { 'j' });
        encode(value, out);
        out.push(MARK_CLOSE);
    }

    /// Opens the body of an envelope (what stands between the marks); nothing if it is broken.
    pub(super) fn open(body: &str) -> Option<Self> {
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
            'y' => Some(Self::Fragment(unescape(rest)?)),
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
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_-./".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

fn unescape(text: &str) -> Option<String> {
    let nibble = |b: &u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                bytes.push(nibble(high)? << 4 | nibble(low)?);
                after
            }
            (b'%', _) => return None,
            (byte, after) if byte.is_ascii_alphanumeric() || b"_-./".contains(byte) => {
                bytes.push(*byte);
                after
            }
            _ => return None,
        };
    }
    String::from_utf8(bytes).ok()
}

/// `t f z`, `n8080;`, `sok;`, `<…>` for a list, `(kname=…xa%2eb=…)` for a map.
fn encode(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push('z'),
        Value::Bool(value) => out.push(if *value { 't' } else { 'f' }),
        Value::Number(number) => {
            out.push('n');
            out.push_str(&number.to_string());
            out.push(';');
        }
        Value::String(text) => {
            out.push('s');
            escape(text, out);
            out.push(';');
        }
        Value::Array(items) => {
            out.push('<');
            for item in items {
                encode(item, out);
            }
            out.push('>');
        }
        Value::Object(map) => {
            out.push('(');
            for (key, value) in map {
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

    fn value(&mut self, depth: usize) -> Option<Value> {
        // No Kubernetes type is half as deep; the bound keeps a broken envelope from recursing.
        if depth > 64 {
            return None;
        }
        match self.next()? {
            'z' => Some(Value::Null),
            't' => Some(Value::Bool(true)),
            'f' => Some(Value::Bool(false)),
            'n' => self.until(';')?.parse::<Number>().ok().map(Value::Number),
            's' => unescape(self.until(';')?).map(Value::String),
            '<' => {
                let mut items = Vec::new();
                while !self.rest.starts_with('>') {
                    items.push(self.value(depth + 1)?);
                }
                self.next()?;
                Some(Value::Array(items))
            }
            '(' => {
                let mut map = Map::new();
                loop {
                    let key = match self.next()? {
                        ')' => return Some(Value::Object(map)),
                        'k' => self.until('=')?.to_owned(),
                        'x' => unescape(self.until('=')?)?,
                        _ => return None,
                    };
                    let value = self.value(depth + 1)?;
                    map.insert(key, value);
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
            Envelope::seal_value(&value, strings, &mut sealed);
            let body = sealed.trim_matches([MARK_OPEN, MARK_CLOSE]);
            assert!(
                body.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"();=<>.-+%_/".contains(&b))
            );
            let want = if strings {
                Envelope::Strings(value.clone())
            } else {
                Envelope::Leaf(value.clone())
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
