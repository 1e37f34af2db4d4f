//! Reads a rendered document back, with our own reader and with another, and says what it is made of.

use prodgen::diag::{Origin, SourceMap};
use prodgen::yaml::{Document, Kind, NodeRef, parse_one};
use serde_json::Value;

/// What of a document must not depend on the values in it, and the values.
#[derive(Debug, PartialEq)]
pub(crate) struct Read {
    /// Kinds and keys of all nodes, in order; a literal and a quoted scalar are the same.
    pub(crate) shape: Vec<String>,
    /// The comments, each without its `#`.
    pub(crate) comments: Vec<String>,
    /// The data.
    pub(crate) data: Value,
}

/// Reads `document` in three ways, which must agree: its own nodes, its text read by our reader, and
/// its text read by another.
pub(crate) fn read(document: &Document) -> Result<Read, String> {
    let text = document.text();
    let root = document.root().ok_or("the document is empty")?;
    let own = root.to_json();
    let source = SourceMap::default().add(Origin::Stdin, text);
    let again = parse_one(source, text).map_err(|wrong| format!("not YAML: {wrong:?}\n{text}"))?;
    let again = again.root().ok_or("the text is empty")?;
    if again.to_json() != own {
        return Err(format!(
            "reads otherwise: {:#}\nnot {own:#}\n{text}",
            again.to_json()
        ));
    }
    let other: Value = serde_yaml::from_str(text).map_err(|wrong| format!("{wrong}\n{text}"))?;
    if other != own {
        return Err(format!("another reader has {other:#}\nnot {own:#}\n{text}"));
    }
    let (mut shape, mut again_shape) = (Vec::new(), Vec::new());
    walk(root, true, &mut shape);
    walk(again, true, &mut again_shape);
    if shape != again_shape {
        return Err(format!("has another shape\n{text}"));
    }
    Ok(Read {
        shape,
        comments: comments(text, again),
        data: own,
    })
}

fn walk(node: NodeRef<'_>, is_value: bool, out: &mut Vec<String>) {
    match node.kind() {
        Kind::Map => {
            out.push("{".to_owned());
            for (key, value) in node.entries() {
                walk(key, false, out);
                walk(value, true, out);
            }
            out.push("}".to_owned());
        }
        Kind::Seq => {
            out.push("[".to_owned());
            node.items().for_each(|item| walk(item, true, out));
            out.push("]".to_owned());
        }
        Kind::Scalar(_) if is_value => out.push("scalar".to_owned()),
        Kind::Scalar(_) => out.push(format!("key {}", node.text())),
        Kind::Alias(_) => out.push("alias".to_owned()),
    }
}

fn scalars<'d>(node: NodeRef<'d>, visit: &mut impl FnMut(NodeRef<'d>)) {
    if matches!(node.kind(), Kind::Scalar(_)) {
        visit(node);
    }
    for (key, value) in node.entries() {
        scalars(key, visit);
        scalars(value, visit);
    }
    node.items().for_each(|item| scalars(item, visit));
}

/// What follows a `#` that is part of no scalar.
fn comments(text: &str, root: NodeRef<'_>) -> Vec<String> {
    let mut bytes = text.as_bytes().to_vec();
    let mut cover = |node: NodeRef<'_>| bytes[node.span().range()].fill(b'v');
    scalars(root, &mut cover);
    let bare = String::from_utf8(bytes).unwrap();
    bare.lines()
        .filter_map(|line| line.split_once('#'))
        .map(|(_, comment)| comment.to_owned())
        .collect()
}

/// A token that stands for the value of a field in a document that shows where each one goes.
pub(crate) fn token(at: usize) -> String {
    format!("tk{at}kt")
}

/// Puts the values in for their tokens, in one pass, so that no value is looked into.
pub(crate) fn fill(text: &str, value: &dyn Fn(usize) -> String) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("tk") {
        out.push_str(before);
        let number = after
            .split_once("kt")
            .and_then(|(at, tail)| Some((at.parse().ok()?, tail)));
        if let Some((at, tail)) = number {
            out.push_str(&value(at));
            rest = tail;
        } else {
            out.push_str("tk");
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// What a document of tokens must become once the values are in.
pub(crate) fn expected(tokens: &Read, value: &dyn Fn(usize) -> String) -> Read {
    Read {
        shape: tokens.shape.iter().map(|one| fill(one, value)).collect(),
        comments: tokens
            .comments
            .iter()
            .map(|one| fill(one, &|at| tame(&value(at))))
            .collect(),
        data: fill_all(&tokens.data, value),
    }
}

fn fill_all(data: &Value, value: &dyn Fn(usize) -> String) -> Value {
    match data {
        Value::String(text) => Value::String(fill(text, value)),
        Value::Array(items) => items.iter().map(|item| fill_all(item, value)).collect(),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, item)| (fill(key, value), fill_all(item, value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => data.clone(),
    }
}

/// How a comment shows a value: on one line, and nothing hidden.
fn tame(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}')
    };
    text.chars()
        .map(|c| if hidden(c) { ' ' } else { c })
        .collect()
}

/// The first difference between what must be and what is.
pub(crate) fn compare(want: &Read, found: &Read) -> Result<(), String> {
    if want == found {
        return Ok(());
    }
    let differ = |one: &[String], other: &[String]| {
        let at = one.iter().zip(other).position(|(one, other)| one != other);
        let at = at.unwrap_or(one.len().min(other.len()));
        format!("at {at}: want {:?}, found {:?}", one.get(at), other.get(at))
    };
    if want.shape != found.shape {
        return Err(format!(
            "another shape {}",
            differ(&want.shape, &found.shape)
        ));
    }
    if want.comments != found.comments {
        return Err(format!(
            "other comments {}",
            differ(&want.comments, &found.comments)
        ));
    }
    let lines =
        |data: &Value| -> Vec<String> { format!("{data:#}").lines().map(str::to_owned).collect() };
    Err(format!(
        "other data {}",
        differ(&lines(&want.data), &lines(&found.data))
    ))
}
