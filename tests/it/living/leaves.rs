//! What a file says, value by value, and which of three sides each value must be: the judge's own
//! three-way rule, which knows nothing of texts.

use std::collections::{BTreeMap, BTreeSet};

use prodgen::diag::{Origin, SourceMap};
use prodgen::kube::{ListKind, decode, default_of, list_kind};
use prodgen::yaml::{self, FieldPath, Step};
use serde_json::Value;

/// The documents of a text as data; nothing where it is not YAML or a key stands twice.
pub(super) fn documents(text: &str) -> Option<Vec<Value>> {
    let source = SourceMap::default().add(Origin::Stdin, text);
    let documents = yaml::parse(source, text).ok()?;
    let mut values = Vec::new();
    for document in &documents {
        if !document.doubles().is_empty() {
            return None;
        }
        values.extend(document.root().map(yaml::NodeRef::to_json));
    }
    Some(values)
}

/// Whether every document of a text is an object that Kubernetes would read.
pub(super) fn decodes(text: &str) -> bool {
    let source = SourceMap::default().add(Origin::Stdin, text);
    let Ok(documents) = yaml::parse(source, text) else {
        return false;
    };
    let mut full = documents
        .into_iter()
        .filter(|document| document.root().is_some());
    full.all(|document| decode(document).is_ok())
}

/// Whether a text is a map of words.
pub(super) fn is_plain_map(text: &str) -> bool {
    let all = documents(text).unwrap_or_default();
    let map = all.first().and_then(Value::as_object);
    map.is_some_and(|map| map.values().all(Value::is_string))
        && !text.contains(['#', '&', '*', '{', '['])
}

/// One place of an object, and what stands there on each side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaf {
    pub(super) path: FieldPath,
    pub(super) base: Option<Value>,
    pub(super) ours: Option<Value>,
    pub(super) theirs: Option<Value>,
    pub(super) after: Option<Value>,
}

impl Leaf {
    /// The person changed it.
    pub(super) fn is_mine(&self) -> bool {
        self.base != self.ours
    }

    /// The render changed it.
    pub(super) fn is_new(&self) -> bool {
        self.base != self.theirs
    }

    /// Both changed it, each to something else.
    pub(super) fn clashes(&self) -> bool {
        self.is_mine() && self.is_new() && self.ours != self.theirs
    }

    /// What it must be, if it does not clash.
    pub(super) fn want(&self) -> Option<&Value> {
        let side = if self.is_mine() {
            &self.ours
        } else {
            &self.theirs
        };
        side.as_ref()
    }
}

/// Base, ours, theirs and what came of them.
#[derive(Clone, Copy)]
struct Sides<'v>([Option<&'v Value>; 4]);

/// What is found on a walk over the four.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) leaves: Vec<Leaf>,
    /// Places where what both have stands in another order than the person had it.
    pub(super) reordered: Vec<FieldPath>,
}

/// Every place of an object on all sides.
pub(super) fn compare(base: &Value, ours: &Value, theirs: &Value, after: &Value) -> Found {
    let word = |key: &str| ours[key].as_str().unwrap_or_default().to_owned();
    let kind = (word("apiVersion"), word("kind"));
    let mut found = Found::default();
    let sides = Sides([Some(base), Some(ours), Some(theirs), Some(after)]);
    walk(&kind, &FieldPath::default(), sides, &mut found);
    found
}

fn walk(kind: &(String, String), path: &FieldPath, Sides(sides): Sides<'_>, found: &mut Found) {
    let three: Vec<&Value> = sides[..3].iter().filter_map(|side| *side).collect();
    let children = if three.iter().all(|value| value.is_object()) {
        Some(sides.map(|side| {
            let map = side.and_then(Value::as_object);
            let entries = map.into_iter().flatten();
            entries
                .map(|(key, value)| (Step::Key(key.clone()), value))
                .collect::<Vec<_>>()
        }))
    } else if three.iter().all(|value| value.is_array()) {
        items(kind, path, Sides(sides))
    } else {
        None
    };
    let Some(children) = children else {
        let value = |at: usize| sides[at].cloned().filter(|value| !is_nothing(value));
        found.leaves.push(Leaf {
            path: path.clone(),
            base: value(0),
            ours: value(1),
            theirs: value(2),
            after: value(3),
        });
        return;
    };
    let names = |side: usize| children[side].iter().map(|(step, _)| step);
    let both = |one: usize, other: usize| -> Vec<&Step> {
        let there: BTreeSet<&Step> = names(other).collect();
        names(one).filter(|step| there.contains(step)).collect()
    };
    if both(1, 3) != both(3, 1) {
        found.reordered.push(path.clone());
    }
    let all: BTreeSet<&Step> = (0..4).flat_map(names).collect();
    for step in all {
        let mut path = path.clone();
        path.0.push(step.clone());
        let value = |side: usize| {
            let mut items = children[side].iter();
            items
                .find(|(name, _)| name == step)
                .map(|(_, value)| *value)
        };
        walk(kind, &path, Sides([0, 1, 2, 3].map(value)), found);
    }
}

/// An empty collection says what its absence says.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

type Children<'v> = [Vec<(Step, &'v Value)>; 4];

/// The items of a list by name, where Kubernetes tells them apart on all sides.
fn items<'v>(
    (api_version, kind): &(String, String),
    path: &FieldPath,
    Sides(sides): Sides<'v>,
) -> Option<Children<'v>> {
    let pattern = path
        .0
        .iter()
        .fold(String::new(), |before, step| match step {
            Step::Key(key) if before.is_empty() => key.clone(),
            Step::Key(key) => format!("{before}.{key}"),
            Step::Index(_) | Step::Item(_) => format!("{before}[]"),
        });
    let list = list_kind(api_version, kind, &pattern);
    let word = |value: &Value| match value {
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(_) | Value::Object(_) => Some(value.to_string()),
        Value::Bool(_) | Value::Null => None,
    };
    let name = |item: &Value| -> Option<String> {
        match list {
            ListKind::Keyed(keys) => {
                let map = item.as_object()?;
                let words = keys.iter().map(|key| {
                    let said = match map.get(*key) {
                        Some(value) => word(value)?,
                        None => default_of(key)?.to_owned(),
                    };
                    Some(format!("{key}={said}"))
                });
                words.collect::<Option<Vec<_>>>().map(|all| all.join(","))
            }
            ListKind::Set => word(item),
            ListKind::Atomic => None,
        }
    };
    let mut named: [Vec<(Step, &Value)>; 4] = Default::default();
    for (side, value) in sides.iter().enumerate() {
        let items = value.and_then(Value::as_array).into_iter().flatten();
        let items: Option<Vec<_>> = items
            .map(|item| Some((Step::Item(name(item)?), item)))
            .collect();
        named[side] = match items {
            Some(items) => items,
            None if side == 3 => Vec::new(),
            None => return None,
        };
        let distinct: BTreeSet<&Step> = named[side].iter().map(|(step, _)| step).collect();
        if distinct.len() != named[side].len() {
            return None;
        }
    }
    let in_order = |one: usize, other: usize| {
        let places: BTreeMap<&Step, usize> =
            named[other].iter().map(|(step, _)| step).zip(0..).collect();
        let shared = named[one].iter().filter_map(|(step, _)| places.get(step));
        shared.is_sorted()
    };
    let is_one = list != ListKind::Set && !in_order(0, 2) && !in_order(1, 2);
    (!is_one).then_some(named)
}

/// Whether one of two places lies in the other.
pub(super) fn touch(one: &FieldPath, other: &FieldPath) -> bool {
    let both = one.0.len().min(other.0.len());
    one.0[..both] == other.0[..both]
}
