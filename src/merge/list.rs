//! Which item of one list is which of another.

use std::collections::{BTreeMap, BTreeSet};

use super::item::Item;
use crate::kube::{ListKind, default_of, list_kind};
use crate::yaml::{FieldPath, Step};

/// The path as the tables of lists and unions have it: `spec.containers[].ports`.
pub(super) fn pattern(path: &FieldPath) -> String {
    let mut out = String::new();
    for step in &path.0 {
        match step {
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Step::Index(_) | Step::Item(_) => out.push_str("[]"),
        }
    }
    out
}

/// The names of the items of the three lists; nothing if they are to be taken whole.
pub(super) struct Names {
    pub(super) base: Vec<String>,
    pub(super) ours: Vec<String>,
    pub(super) theirs: Vec<String>,
}

/// Names the items of lists that Kubernetes tells apart, if these can be told apart.
pub(super) fn names(
    (api_version, kind): (&str, &str),
    path: &FieldPath,
    base: &[Item<'_>],
    ours: &[Item<'_>],
    theirs: &[Item<'_>],
) -> Option<Names> {
    let list = list_kind(api_version, kind, &pattern(path));
    let name = |items: &[Item<'_>]| -> Option<Vec<String>> {
        let names: Vec<String> = match list {
            ListKind::Keyed(keys) => items
                .iter()
                .map(|item| keyed(item, keys))
                .collect::<Option<_>>()?,
            ListKind::Set => items
                .iter()
                .map(|item| item.scalar().map(str::to_owned))
                .collect::<Option<_>>()?,
            ListKind::Atomic => return None,
        };
        let distinct: BTreeSet<&String> = names.iter().collect();
        (distinct.len() == names.len()).then_some(names)
    };
    let names = Names {
        base: name(base)?,
        ours: name(ours)?,
        theirs: name(theirs)?,
    };
    let is_set = list == ListKind::Set;
    (is_set || !names.is_reordered()).then_some(names)
}

fn keyed(item: &Item<'_>, keys: &[&str]) -> Option<String> {
    item.map()?;
    let mut words = Vec::new();
    for key in keys {
        let value = match item.get(key) {
            Some(value) => said(value).filter(|text| !text.is_empty())?,
            None => default_of(key)?.to_owned(),
        };
        words.push(format!("{key}={value}"));
    }
    Some(words.join(","))
}

/// A word, or all words of a list or a map; nothing where a path could not name it.
fn said(item: &Item<'_>) -> Option<String> {
    let mut words = Vec::new();
    gather(item, &mut words);
    let all = words.join(" ");
    (item.scalar().is_some() || !all.contains(['[', ']'])).then_some(all)
}

fn gather<'i>(item: &'i Item<'_>, words: &mut Vec<&'i str>) {
    words.extend(item.scalar());
    for one in item.seq().unwrap_or_default() {
        gather(one, words);
    }
    // The order of keys says nothing.
    let mut entries: Vec<&Item<'_>> = item.map().unwrap_or_default().iter().collect();
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    for one in entries {
        gather(one, words);
    }
}

impl Names {
    /// Whether the new render has items in another order than the last one and than the person. Order
    /// can mean something (init containers, variables), and then the list is one value.
    fn is_reordered(&self) -> bool {
        !in_order(&self.base, &self.theirs) && !in_order(&self.ours, &self.theirs)
    }
}

/// Whether what both have comes in the same order.
fn in_order(one: &[String], other: &[String]) -> bool {
    let places: BTreeMap<&String, usize> = other.iter().zip(0..).collect();
    let shared: Vec<usize> = one
        .iter()
        .filter_map(|name| places.get(name).copied())
        .collect();
    shared.is_sorted()
}
