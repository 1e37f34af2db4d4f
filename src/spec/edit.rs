//! A spec's text that is to say something else: the least edits of it, every comment kept.
//!
//! What is to change is found by holding two specs against each other, never the texts, so that every
//! command that changes a spec comes by here: it says what the spec shall be.

use serde_json::{Map, Value};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{AppSpec, KEYS, Layers, long, read, short};
use crate::diag::SourceId;
use crate::yaml::edit::{self, Cutting, Place, Refusal};
use crate::yaml::{Document, FieldPath, Kind, Layout, NodeRef, Step, parse_one, to_text};

/// The text of `text`, which says `old`, edited so that it says `new`.
///
/// Keys in their short form stay short where that says all; new keys stand where the table of keys has
/// them. The result is read again: it says `new`, or the edit is refused.
pub fn rewrite(text: &str, old: &AppSpec, new: &AppSpec) -> Result<String, Refused> {
    let (given, wanted) = (long(old), long(new));
    let mut page = text.to_owned();
    for (number, key) in KEYS.iter().enumerate() {
        let (before, after) = (given.get(key.name), wanted.get(key.name));
        if before != after {
            page = key_changed(page, number, before, after).map_err(|refusal| Refused {
                key: Some(key.name),
                refusal,
            })?;
        }
    }
    let unproved = || Refused {
        key: None,
        refusal: Refusal::Unproved,
    };
    let mut said = Layers::default();
    said.push(read(SourceId::RENDERED, &page, true).map_err(|_| unproved())?);
    if said.given() == *new {
        Ok(page)
    } else {
        Err(unproved())
    }
}

/// An edit that was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{refusal}")]
pub struct Refused {
    /// The key that was to change, if it was one.
    pub key: Option<&'static str>,
    /// Why it was not.
    pub refusal: Refusal,
}

/// The text with another value at the key of this number.
fn key_changed(
    page: String,
    number: usize,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Result<String, Refusal> {
    let key = KEYS[number].name;
    let path = FieldPath::default().key(key);
    match (before, after) {
        (None, None) => Ok(page),
        (Some(_), None) => edit::remove(&open(&page)?, &path),
        (None, Some(after)) => {
            let cutting = cutting(key, &folded(key, after))?;
            let document = open(&page)?;
            if at(&document, &path).is_some() {
                // What stands there could not be read.
                edit::replace(&document, &path, cutting)
            } else {
                let place = place(&document, number);
                edit::insert_key(&document, &FieldPath::default(), cutting, &place)
            }
        }
        (Some(before), Some(after)) => {
            let whole = folded(key, after);
            let document = open(&page)?;
            let shapes = at(&document, &path).and_then(|node| {
                let shape = |value| short::as_written(key, node, value);
                Some((shape(before)?, shape(after)?))
            });
            match &shapes {
                Some((before, after)) => change(page, &path, before, after, &whole),
                None => change(page, &path, before, after, &whole),
            }
        }
    }
}

fn open(text: &str) -> Result<Document, Refusal> {
    edit::open(SourceId::RENDERED, text)
}

/// The shortest form of a key's value.
fn folded(key: &str, value: &Value) -> Value {
    let mut single: Map<String, Value> = [(key.to_owned(), value.clone())].into_iter().collect();
    short::fold(&mut single);
    single.remove(key).unwrap_or_default()
}

/// A key and its value as a new spec would have them.
fn cutting(key: &str, value: &Value) -> Result<Cutting, Refusal> {
    let text = to_text(&serde_json::json!({ key: value }), Layout::Compact);
    let document = parse_one(SourceId::RENDERED, &text).map_err(Refusal::NotYaml)?;
    edit::cut(&document, &FieldPath::default().key(key))
}

/// Where the key of this number belongs: after the nearest one before it that is there.
fn place(document: &Document, number: usize) -> Place {
    let is_there = |key: &&str| document.root().and_then(|root| root.get(key)).is_some();
    let before = KEYS[..number].iter().rev().map(|key| key.name);
    match before.chain(["kind", "apiVersion"]).find(is_there) {
        Some(key) => Place::After(key.to_owned()),
        None => Place::First,
    }
}

fn at<'d>(document: &'d Document, path: &FieldPath) -> Option<NodeRef<'d>> {
    path.0
        .iter()
        .try_fold(document.root()?, |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.items().nth(*index),
            Step::Item(_) => None,
        })
}

/// Makes the value at `path` say `new`, where it says `old`; `whole` is how it is written anew.
fn change(
    page: String,
    path: &FieldPath,
    old: &Value,
    new: &Value,
    whole: &Value,
) -> Result<String, Refusal> {
    if old == new {
        return Ok(page);
    }
    let document = open(&page)?;
    let node = at(&document, path);
    let kind = node.map(NodeRef::kind);
    match (kind, old, new) {
        (Some(Kind::Map), Value::Object(old), Value::Object(new))
            if node.is_some_and(|node| is_long(node, old)) =>
        {
            fields(page, path, old, new)
        }
        (Some(Kind::Seq), Value::Array(old), Value::Array(new)) => {
            let whole = whole.as_array().ok_or(Refusal::Unproved)?;
            items(page, path, [old, new, whole])
        }
        _ => written(&document, path, whole),
    }
}

/// Writes the value at `path` anew.
fn written(document: &Document, path: &FieldPath, whole: &Value) -> Result<String, Refusal> {
    match path.0.last() {
        Some(Step::Key(key)) => edit::replace(document, path, cutting(key, whole)?),
        Some(Step::Index(_) | Step::Item(_)) | None => edit::set(document, path, whole),
    }
}

/// Whether a map is written in the long form that `long` is.
fn is_long(node: NodeRef<'_>, long: &Map<String, Value>) -> bool {
    node.entries().count() == long.len()
        && node.entries().all(|(key, _)| long.contains_key(key.text()))
}

fn fields(
    mut page: String,
    path: &FieldPath,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> Result<String, Refusal> {
    for field in old.keys().filter(|field| !new.contains_key(*field)) {
        page = edit::remove(&open(&page)?, &path.key(field.as_str()))?;
    }
    let mut place = Place::First;
    for (field, value) in new {
        let below = path.key(field.as_str());
        page = match old.get(field) {
            Some(before) => change(page, &below, before, value, value)?,
            None => edit::insert_key(&open(&page)?, path, cutting(field, value)?, &place)?,
        };
        place = Place::After(field.clone());
    }
    Ok(page)
}

/// The items of a list: those that both have stay as they are written.
fn items(
    mut page: String,
    path: &FieldPath,
    [old, new, whole]: [&[Value]; 3],
) -> Result<String, Refusal> {
    let words = |items: &[Value]| -> Vec<String> { items.iter().map(Value::to_string).collect() };
    let (said, wants) = (words(old), words(new));
    let ops = capture_diff_slices(Algorithm::Myers, &said, &wants);
    let document = open(&page)?;
    let mut leaving = leaving(&ops);
    // One that only moves takes its text along, and with it what is said there.
    let mut coming = |at: usize| -> Result<Cutting, Refusal> {
        let moved = leaving.iter().position(|from| said[*from] == wants[at]);
        match moved.map(|place| leaving.remove(place)) {
            Some(from) => edit::cut(&document, &path.index(from)),
            None => Cutting::new(None, &whole[at]),
        }
    };
    // From the end, so that the numbers before stay right.
    for op in ops.into_iter().rev() {
        let (from, count, to, wanted) = match op {
            DiffOp::Equal { .. } => continue,
            DiffOp::Delete {
                old_index, old_len, ..
            } => (old_index, old_len, 0, 0),
            DiffOp::Insert {
                old_index,
                new_index,
                new_len,
            } => (old_index, 0, new_index, new_len),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => (old_index, old_len, new_index, new_len),
        };
        let both = count.min(wanted);
        for index in (both..wanted).rev() {
            let place = Place::Before(from + count);
            page = edit::insert_item(&open(&page)?, path, coming(to + index)?, &place)?;
        }
        for index in (both..count).rev() {
            page = edit::remove(&open(&page)?, &path.index(from + index))?;
        }
        for index in (0..both).rev() {
            let (old, new, whole) = (&old[from + index], &new[to + index], &whole[to + index]);
            let below = path.index(from + index);
            if is_same_thing(old, new) {
                page = change(page, &below, old, new, whole)?;
            } else {
                // Another thing: what was said beside the old one does not go for it.
                let place = Place::Before(from + index);
                page = edit::insert_item(&open(&page)?, path, coming(to + index)?, &place)?;
                page = edit::remove(&open(&page)?, &path.index(from + index + 1))?;
            }
        }
    }
    Ok(page)
}

/// The numbers of the items that do not stay where they are.
fn leaving(ops: &[DiffOp]) -> Vec<usize> {
    let gone = ops.iter().flat_map(|op| match op {
        DiffOp::Equal { .. } | DiffOp::Insert { .. } => 0..0,
        DiffOp::Delete {
            old_index, old_len, ..
        }
        | DiffOp::Replace {
            old_index, old_len, ..
        } => *old_index..*old_index + *old_len,
    });
    gone.collect()
}

/// Whether two items are one thing that changed: they have the same name, path or address.
fn is_same_thing(old: &Value, new: &Value) -> bool {
    let names = ["name", "path", "service", "cidr", "namespace"];
    let known = names.iter().find(|name| old.get(*name).is_some());
    known.is_some_and(|name| old.get(*name) == new.get(*name))
}

#[cfg(test)]
mod tests;
