//! The roads that a spec can come on: as a file in one of four hands, or as flags.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use prodgen::diag::{Diagnostic, Origin, SourceMap};
use prodgen::preset;
use prodgen::spec::{self, Files, Layers, Settled};
use prodgen::yaml::{FieldPath, Layout, Resolved, resolve, to_text};
use serde_json::Value;

/// Files that are nowhere but here.
pub(crate) struct Texts(pub(crate) BTreeMap<String, String>);

impl Files for Texts {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "none".to_owned())
    }

    fn list(&self, path: &str) -> Result<Vec<String>, String> {
        Err(format!("{path} is no folder"))
    }
}

/// Settles `spec`, which comes on the road of that number.
pub(crate) fn settle(spec: &Value, files: &Texts, road: usize) -> Result<Settled, String> {
    let mut sources = SourceMap::default();
    let mut layers = Layers::default();
    let text = match road % 5 {
        0 => flow(spec),
        1 => by_another_hand(spec),
        2 => to_text(spec, Layout::Block),
        3 => to_text(spec, Layout::Compact),
        _ => String::new(),
    };
    if text.is_empty() {
        for (key, value) in spec.as_object().unwrap() {
            if !["apiVersion", "kind"].contains(&key.as_str()) {
                flags(
                    &mut layers,
                    &mut sources,
                    &FieldPath::default().key(key),
                    value,
                );
            }
        }
    } else {
        let source = sources.add(Origin::Stdin, text.as_str());
        let layer = spec::read(source, &text, false);
        layers.push(layer.map_err(|wrong| format!("{}\n{text}", said(&wrong)))?);
    }
    preset::settle(&layers, &mut sources, files)
        .map_err(|refused| format!("{}\n{text}", said(&refused.complaints)))
}

fn said(complaints: &[Diagnostic]) -> String {
    let each = complaints.iter().map(|one| {
        let key = one.key.as_deref().unwrap_or_default();
        format!("{key}: {}", one.message)
    });
    each.collect::<Vec<_>>().join("; ")
}

/// A text by turns as a flag has it and as a file has it, a map key by key, a list in flow form.
fn flags(layers: &mut Layers, sources: &mut SourceMap, path: &FieldPath, value: &Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                flags(layers, sources, &path.key(key), value);
            }
        }
        Value::String(text) => {
            let source = sources.add(Origin::Flag(path.to_string()), text.as_str());
            if text.trim_start().starts_with(['[', '{']) || text.len() % 2 == 0 {
                layers.text(source, path, text);
            } else {
                layers.answer(source, path, text);
            }
        }
        Value::Array(_) | Value::Bool(_) | Value::Number(_) | Value::Null => {
            let text = flow(value);
            let source = sources.add(Origin::Flag(path.to_string()), text.as_str());
            layers.answer(source, path, &text);
        }
    }
}

/// What ended a line in YAML 1.1, and is a character like others in YAML 1.2.
const OLD_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// What another writer makes of it. It leaves words bare that are no strings to kubectl, and folds at
/// old line breaks: these strings are written by our hand.
fn by_another_hand(spec: &Value) -> String {
    fn mask(value: &Value, words: &mut Vec<String>) -> Value {
        match value {
            Value::String(text) if resolve(text) != Resolved::Str || text.contains(OLD_BREAKS) => {
                words.push(text.clone());
                Value::from(format!("masked{}word", words.len() - 1))
            }
            Value::Array(items) => items.iter().map(|item| mask(item, words)).collect(),
            Value::Object(map) => {
                let entries = map.iter();
                Value::Object(
                    entries
                        .map(|(key, item)| (key.clone(), mask(item, words)))
                        .collect(),
                )
            }
            Value::String(_) | Value::Bool(_) | Value::Number(_) | Value::Null => value.clone(),
        }
    }
    let mut words = Vec::new();
    let mut text = serde_yaml::to_string(&mask(spec, &mut words)).unwrap();
    for (at, word) in words.iter().enumerate() {
        text = text.replace(
            &format!("masked{at}word"),
            &flow(&Value::from(word.as_str())),
        );
    }
    text
}

/// JSON in plain ASCII, which is YAML too.
fn flow(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        match u32::from(c) {
            0x20..=0x7e => out.push(c),
            code @ 0..=0xffff => write!(out, "\\u{code:04x}").unwrap(),
            code => write!(out, "\\U{code:08x}").unwrap(),
        }
    }
    out
}
