//! From texts to trees and from a tree to a spec: the header, the keys that are known, what has no
//! value, and what the text of a flag means.

use super::{Layer, MOST_COMPLAINTS};
use crate::diag::{Diagnostic, SourceId, Span, nearest, shown};
use crate::spec::model::AppSpec;
use crate::spec::{API_VERSION, KEYS, KIND, LATER, credential};
use crate::yaml::{Data, Entry, FieldPath, Manner, Tree, decode, parse_one};

/// Reads the text of a spec, header and all, as one layer. With `partial` the header may be left out.
pub fn read(source: SourceId, text: &str, partial: bool) -> Result<Layer, Vec<Diagnostic>> {
    let texts = vec![(source, text.to_owned())];
    match keys(source, text, partial) {
        Ok((keys, complaints)) => Ok(Layer {
            complaints,
            texts,
            ..Layer::new(keys)
        }),
        Err(mut complaints) => {
            credential::conceal(&texts, &mut complaints);
            Err(complaints)
        }
    }
}

/// The keys of a spec's text, its header read and taken off, and what is wrong with it so far.
fn keys(
    source: SourceId,
    text: &str,
    partial: bool,
) -> Result<(Tree, Vec<Diagnostic>), Vec<Diagnostic>> {
    let document = parse_one(source, text)?;
    let top = Span::new(source, 0, 0);
    let Some(root) = document.root() else {
        return Err(vec![
            Diagnostic::error("there is no spec here")
                .at(top)
                .help(format!("a spec starts with `apiVersion: {API_VERSION}`")),
        ]);
    };
    let mut tree = Tree::of(root).map_err(|wrong| vec![*wrong])?;
    if !matches!(tree.data, Data::Map(_)) {
        return Err(vec![
            Diagnostic::error("a spec is a map of keys")
                .at(tree.span)
                .help(format!(
                    "begin it with `apiVersion: {API_VERSION}`, then `name: NAME`"
                )),
        ]);
    }
    let mut complaints = document.doubles().to_vec();
    header(&mut tree, partial, &mut complaints);
    Ok((tree, complaints))
}

fn header(tree: &mut Tree, partial: bool, complaints: &mut Vec<Diagnostic>) {
    for (key, want) in [("apiVersion", API_VERSION), ("kind", KIND)] {
        match tree.remove(key) {
            Some(Entry {
                value:
                    Tree {
                        data: Data::Scalar(text, _),
                        span,
                    },
                ..
            }) => {
                if text != want {
                    let what = format!("`{key}: {}` is unknown to this version", shown(&text));
                    complaints.push(
                        Diagnostic::error(what)
                            .at(span)
                            .key(key)
                            .help(format!("write `{want}`")),
                    );
                }
            }
            Some(entry) => complaints.push(
                Diagnostic::error(format!("`{key}` is a word"))
                    .at(entry.value.span)
                    .key(key)
                    .help(format!("write `{want}`")),
            ),
            None if partial => {}
            None => complaints.push(
                Diagnostic::error(format!("`{key}` is missing"))
                    .at(tree.span)
                    .key(key)
                    .help(format!("begin the spec with `{key}: {want}`")),
            ),
        }
    }
}

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
            complaints.extend(further(&tree, &decoded.complaints));
            complaints.extend(decoded.complaints);
            decoded.value.unwrap_or_default()
        }
        None => AppSpec::default(),
    };
    (spec, tree)
}

/// What else is wrong beside what was found: of a map or a list within a key, reading ends with the first that
/// does not hold, so each is taken out and the rest read again.
fn further(tree: &Tree, found: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut rest = tree.clone();
    let mut all = found.to_vec();
    let mut last = 0;
    let mut places: Vec<Span> = Vec::new();
    while all.len() > last && all.len() < MOST_COMPLAINTS {
        let labels = all[last..].iter().filter_map(|one| one.primary.as_ref());
        places.extend(labels.map(|label| label.span));
        last = all.len();
        take_out(&mut rest, &places, 0);
        let document = rest.to_document();
        let more = document
            .root()
            .map(|root| decode::<AppSpec>(root, Manner::Spec).complaints);
        for mut one in more.into_iter().flatten() {
            let Some(here) = one.primary.as_ref().map(|label| label.span) else {
                continue;
            };
            // What is said already, or comes of something in it that was taken out.
            let is_around = |place: &Span| {
                here.source == place.source && here.start <= place.start && place.end <= here.end
            };
            if places.iter().any(is_around) {
                continue;
            }
            if let Some(path) = path(tree, here) {
                one.key = Some(path.to_string());
            }
            all.push(one);
        }
    }
    all.split_off(found.len())
}

/// Takes out what stands at one of these places: entries of maps, and items of lists within a key. The items
/// of a key itself are read one by one anyway.
fn take_out(tree: &mut Tree, places: &[Span], depth: usize) {
    match &mut tree.data {
        Data::Scalar(..) => {}
        Data::Map(entries) => {
            entries.retain(|one| !places.contains(&one.span) && !places.contains(&one.value.span));
            for entry in entries {
                take_out(&mut entry.value, places, depth + 1);
            }
        }
        Data::Seq(items) => {
            let is_word = |item: &Tree| matches!(item.data, Data::Scalar(..));
            items.retain(|item| depth < 2 || !is_word(item) || !places.contains(&item.span));
            for item in items {
                take_out(item, places, depth + 1);
            }
        }
    }
}

/// The way down to what stands at `place`.
fn path(tree: &Tree, place: Span) -> Option<FieldPath> {
    fn down(tree: &Tree, place: Span, path: FieldPath) -> Option<FieldPath> {
        if tree.span == place {
            return Some(path);
        }
        match &tree.data {
            Data::Scalar(..) => None,
            Data::Map(entries) => entries.iter().find_map(|one| {
                let path = path.key(one.key.as_str());
                if one.span == place {
                    return Some(path);
                }
                down(&one.value, place, path)
            }),
            Data::Seq(items) => {
                let mut items = items.iter().enumerate();
                items.find_map(|(index, item)| down(item, place, path.index(index)))
            }
        }
    }
    down(tree, place, FieldPath::default())
}

fn unknown(entry: &Entry) -> Diagnostic {
    let word = shown(&entry.key);
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

/// The value that a flag's text means: a list or map in flow form, else the text itself, such as `[a-z]+`.
pub(super) fn value(source: SourceId, text: &str) -> Result<Tree, Vec<Diagnostic>> {
    let span = Span::new(source, 0, text.len());
    if !text.trim_start().starts_with(['[', '{']) {
        return Ok(Tree::raw(text, span));
    }
    let Ok(document) = parse_one(source, text) else {
        return Ok(Tree::raw(text, span));
    };
    match document.root() {
        Some(_) if !document.doubles().is_empty() => Err(document.doubles().to_vec()),
        Some(root) => Tree::of(root).map_err(|wrong| vec![*wrong]),
        None => Ok(Tree::raw(text, span)),
    }
}
