//! A spec as the file that a person goes on with: short forms, one blank line between the groups.

use serde_json::{Map, Value};

use super::model::AppSpec;
use super::{API_VERSION, KIND, short};
use crate::yaml::{Layout, to_text};

/// Keys that begin a group, and what the next reader wants to know of it.
const GROUPS: &[(&str, &str)] = &[
    ("image", "What runs."),
    ("command", ""),
    ("resources", "How much, and how it is known to be well."),
    ("callers", "Who may call it; nobody else can."),
    ("needs", "Whom it calls; nothing else is reachable."),
    ("expose", "Where users reach it."),
    ("permissions", ""),
    ("schedule", "When it runs."),
    ("about", "For whoever is on call."),
    (
        "canary",
        "How a new version goes out: `prodgen canary start IMAGE`.",
    ),
];

/// The keys of `spec` in their long forms, in the order of the file.
pub fn long(spec: &AppSpec) -> Map<String, Value> {
    match serde_json::to_value(spec) {
        Ok(Value::Object(keys)) => keys,
        // Every field serialises into plain data; there is no other case.
        Ok(_) | Err(_) => Map::new(),
    }
}

/// The keys of `spec` in their short forms, in the order of the file.
pub fn folded(spec: &AppSpec) -> Map<String, Value> {
    let mut keys = long(spec);
    short::fold(&mut keys);
    keys
}

/// The text of `prodgen.yaml` for `spec`.
pub fn to_yaml(spec: &AppSpec) -> String {
    let keys = folded(spec);
    let mut out = format!(
        "# A service, in the words of prodgen. Everything under deploy/ is made from this file:\n\
         # change it and run `prodgen render -w`.\napiVersion: {API_VERSION}\nkind: {KIND}\n"
    );
    for (key, value) in keys {
        if let Some((_, why)) = GROUPS.iter().find(|(first, _)| *first == key) {
            out.push('\n');
            if !why.is_empty() {
                out.push_str("# ");
                out.push_str(why);
                out.push('\n');
            }
        }
        let single: Map<String, Value> = [(key, value)].into_iter().collect();
        out.push_str(&to_text(&Value::Object(single), Layout::Compact));
    }
    out
}
