//! Short forms: `image: a/b:1` means `image: {ref: a/b:1}`. One table, read in both directions, and by
//! the schema.
//!
//! Unfolding comes before layers are laid over each other, so that a short form in one and a long
//! form in another meet as the maps they both mean.

use serde_json::{Map, Value};

use crate::yaml::{Data, Entry, NodeRef, Style, Tree};

/// Keys whose short form is one field of the long one: the key, whether it is each item of a list,
/// and the field.
pub(super) const FIELDS: &[(&str, bool, &str)] = &[
    ("image", false, "ref"),
    ("namespace", false, "name"),
    ("user", false, "uid"),
    ("config", false, "folder"),
    ("shutdown", false, "grace"),
    ("schedule", false, "cron"),
    ("secrets", true, "name"),
    ("writable", true, "path"),
    ("callers", true, "service"),
];

/// The field that the short form of `key` is.
pub(super) fn field(key: &str) -> Option<&'static str> {
    FIELDS
        .iter()
        .find(|(name, is_list, _)| *name == key && !is_list)
        .map(|(_, _, field)| *field)
}

/// Unfolds the short forms of a whole spec.
pub(super) fn unfold(spec: &mut Tree) {
    for (key, is_list, field) in FIELDS {
        match (spec.get_mut(key), is_list) {
            (Some(value), false) => wrap(value, field),
            (
                Some(Tree {
                    data: Data::Seq(items),
                    ..
                }),
                true,
            ) => {
                for item in items {
                    wrap(item, field);
                }
            }
            _ => {}
        }
    }
    if let Some(probes) = spec.get_mut("probes") {
        both(probes);
    }
    if let Some(Tree {
        data: Data::Seq(items),
        ..
    }) = spec.get_mut("needs")
    {
        items.iter_mut().for_each(need);
    }
    if let Some(resources) = spec.get_mut("resources") {
        requests(resources);
    }
    if let Some(expose) = spec.get_mut("expose") {
        host(expose);
        if let Some(gateway) = expose.get_mut("gateway") {
            named(gateway);
        }
    }
}

fn is_word(tree: &Tree) -> bool {
    matches!(tree.data, Data::Scalar(..)) && !tree.is_null()
}

fn wrap(value: &mut Tree, field: &str) {
    if is_word(value) {
        *value = Tree::single(field, value.span, value.clone());
    }
}

/// `probes: /healthz` asks the same for both; a command would be restarted by its own load.
fn both(probes: &mut Tree) {
    let is_probe = is_word(probes) || probes.get("exec").is_some();
    if is_probe {
        let entry = |key: &str| Entry {
            key: key.to_owned(),
            span: probes.span,
            value: probes.clone(),
        };
        *probes = Tree {
            span: probes.span,
            data: Data::Map(vec![entry("ready"), entry("live")]),
        };
    }
}

/// `ledger:50051` is a service and the port of its pods.
fn need(item: &mut Tree) {
    let Data::Scalar(text, Style::Plain | Style::Quoted | Style::Raw) = &item.data else {
        return;
    };
    if item.is_null() {
        return;
    }
    let span = item.span;
    let (service, port) = match text.rsplit_once(':') {
        Some((service, port)) => (service.to_owned(), Some(port.to_owned())),
        None => (text.clone(), None),
    };
    let mut tree = Tree::single("service", span, Tree::raw(service, span));
    if let (Data::Map(entries), Some(port)) = (&mut tree.data, port) {
        entries.push(Entry {
            key: "port".to_owned(),
            span,
            value: Tree::raw(port, span),
        });
    }
    *item = tree;
}

/// `expose: shop.example.com` is its one host.
fn host(expose: &mut Tree) {
    if is_word(expose) {
        let hosts = Tree {
            span: expose.span,
            data: Data::Seq(vec![expose.clone()]),
        };
        *expose = Tree::single("hosts", expose.span, hosts);
    }
}

/// `gateway-system/public` is a namespace and the Gateway in it.
fn named(gateway: &mut Tree) {
    let span = gateway.span;
    match &gateway.data {
        Data::Scalar(text, _) if !gateway.is_null() => {
            let words: Vec<(&str, &str)> = match text.split_once('/') {
                Some((namespace, name)) => vec![("namespace", namespace), ("name", name)],
                None => vec![("name", text)],
            };
            let entries = words.into_iter().map(|(key, word)| Entry {
                key: key.to_owned(),
                span,
                value: Tree::raw(word.to_owned(), span),
            });
            let data = Data::Map(entries.collect());
            *gateway = Tree { span, data };
        }
        Data::Scalar(..) | Data::Seq(_) | Data::Map(_) => {}
    }
}

/// `resources: {cpu, memory}` are the requests.
fn requests(resources: &mut Tree) {
    let span = resources.span;
    let moved: Vec<Entry> = ["cpu", "memory"]
        .iter()
        .filter_map(|key| resources.remove(key))
        .collect();
    let Some(first) = moved.first() else { return };
    let key_span = first.span;
    let short = Tree {
        span,
        data: Data::Map(moved),
    };
    match resources.get_mut("requests") {
        Some(requests) => requests.overlay(short),
        None => {
            if let Data::Map(entries) = &mut resources.data {
                let entry = Entry {
                    key: "requests".to_owned(),
                    span: key_span,
                    value: short,
                };
                entries.insert(0, entry);
            }
        }
    }
}

/// The value of a key in the shape that `node` has, where that is neither the long form nor a word:
/// `resources` with the requests beside the limits.
pub(super) fn as_written(key: &str, node: NodeRef<'_>, value: &Value) -> Option<Value> {
    let has = |field: &str| node.get(field).is_some();
    if key != "resources" || has("requests") || !(has("cpu") || has("memory")) {
        return None;
    }
    let mut fields = value.as_object()?.clone();
    let Some(Value::Object(requests)) = fields.remove("requests") else {
        return None;
    };
    let limits = std::mem::replace(&mut fields, requests);
    fields.extend(limits);
    Some(Value::Object(fields))
}

/// Folds a spec back into its short forms where these say all of it.
pub(super) fn fold(spec: &mut Map<String, Value>) {
    for (key, is_list, field) in FIELDS {
        match (spec.get_mut(*key), is_list) {
            (Some(value), false) => unwrap(value, field),
            (Some(Value::Array(items)), true) => {
                for item in items {
                    unwrap(item, field);
                }
            }
            _ => {}
        }
    }
    if let Some(Value::Object(probes)) = spec.get("probes")
        && probes.len() == 2
        && let (Some(ready), Some(live)) = (probes.get("ready"), probes.get("live"))
        && ready == live
    {
        let probe = ready.clone();
        spec.insert("probes".to_owned(), probe);
    }
    if let Some(Value::Array(items)) = spec.get_mut("needs") {
        items.iter_mut().for_each(fold_need);
    }
    if let Some(Value::Object(resources)) = spec.get("resources")
        && resources.len() == 1
        && let Some(requests) = resources.get("requests")
    {
        let requests = requests.clone();
        spec.insert("resources".to_owned(), requests);
    }
    if let Some(expose) = spec.get_mut("expose") {
        if let Some(gateway) = expose.get_mut("gateway") {
            fold_named(gateway);
        }
        fold_host(expose);
    }
}

fn unwrap(value: &mut Value, field: &str) {
    if let Value::Object(map) = value
        && map.len() == 1
        && let Some(inner) = map.get_mut(field)
    {
        *value = inner.take();
    }
}

fn fold_host(expose: &mut Value) {
    if let Value::Object(map) = &*expose
        && map.len() == 1
        && let Some(Value::Array(hosts)) = map.get("hosts")
        && let [host] = hosts.as_slice()
    {
        *expose = host.clone();
    }
}

fn fold_named(gateway: &mut Value) {
    let Value::Object(map) = &*gateway else {
        return;
    };
    let word = |key: &str| map.get(key).and_then(Value::as_str);
    match (map.len(), word("namespace"), word("name")) {
        (2, Some(namespace), Some(name)) => *gateway = format!("{namespace}/{name}").into(),
        (1, None, Some(name)) => *gateway = name.into(),
        _ => {}
    }
}

fn fold_need(item: &mut Value) {
    let Value::Object(map) = &*item else { return };
    if let (2, Some(Value::String(service)), Some(Value::Number(port))) =
        (map.len(), map.get("service"), map.get("port"))
    {
        *item = Value::String(format!("{service}:{port}"));
    }
}
