//! A merged tree becomes a spec: what has no place in one is complained of and left at the door.

use super::layer::short_word;
use super::model::AppSpec;
use super::{KEYS, LATER, credential};
use crate::diag::{Diagnostic, nearest};
use crate::yaml::{Data, Entry, FieldPath, Manner, Tree, decode};

/// Reads a merged tree as a spec; the tree comes back without what had no place in it.
pub(super) fn spec(mut tree: Tree, complaints: &mut Vec<Diagnostic>) -> (AppSpec, Tree) {
    let mut kept = Vec::new();
    if let Data::Map(entries) = std::mem::replace(&mut tree.data, Data::Map(Vec::new())) {
        for mut entry in entries {
            let path = FieldPath::default().key(entry.key.as_str());
            if LATER.contains(&entry.key.as_str()) {
                complaints.push(
                    Diagnostic::error(format!("`{}`: not in this version", entry.key))
                        .at(entry.span)
                        .key(entry.key.as_str())
                        .help("take it out; a later version of prodgen reads it"),
                );
            } else if !KEYS.iter().any(|key| key.name == entry.key) {
                complaints.push(unknown(&entry));
            } else if !empty(&path, &mut entry, complaints)
                && (entry.key != "env" || credential::take_out(&mut entry.value, complaints))
            {
                kept.push(entry);
            }
        }
    }
    tree.data = Data::Map(kept);
    let document = tree.to_document();
    let spec = match document.root() {
        Some(root) => {
            let decoded = decode::<AppSpec>(root, Manner::Spec);
            complaints.extend(decoded.complaints);
            decoded.value.unwrap_or_default()
        }
        None => AppSpec::default(),
    };
    (spec, tree)
}

fn unknown(entry: &Entry) -> Diagnostic {
    let word = short_word(&entry.key);
    let known = KEYS.iter().map(|key| key.name);
    let help = match nearest(&entry.key, known.clone().chain(LATER.iter().copied())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys are: {}", known.collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error(format!("unknown key `{word}`"))
        .at(entry.span)
        .key(word)
        .help(help)
}

/// Complains of keys without a value; says whether the entry itself is one.
fn empty(path: &FieldPath, entry: &mut Entry, complaints: &mut Vec<Diagnostic>) -> bool {
    if entry.value.is_null() {
        complaints.push(
            Diagnostic::error(format!("`{path}` has no value"))
                .at(entry.span)
                .key(path.to_string())
                .help("give it one, or take the line out"),
        );
        return true;
    }
    hollow(path, &mut entry.value, complaints);
    false
}

fn hollow(path: &FieldPath, tree: &mut Tree, complaints: &mut Vec<Diagnostic>) {
    match &mut tree.data {
        Data::Scalar(..) => {}
        Data::Map(entries) => entries.retain_mut(|entry| {
            let path = path.key(entry.key.as_str());
            !empty(&path, entry, complaints)
        }),
        Data::Seq(items) => {
            let mut index = 0;
            items.retain_mut(|item| {
                let path = path.index(index);
                index += 1;
                if item.is_null() {
                    complaints.push(
                        Diagnostic::error(format!("`{path}` has no value"))
                            .at(item.span)
                            .key(path.to_string())
                            .help("give it one, or take the line out"),
                    );
                    return false;
                }
                hollow(&path, item, complaints);
                true
            });
        }
    }
}
