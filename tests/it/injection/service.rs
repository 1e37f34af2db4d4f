//! Services with a value in every field: which fields there are, what each takes, and the roads that
//! a spec can come on.

use std::collections::BTreeMap;

use prodgen::diag::{Diagnostic, Origin, SourceMap};
use prodgen::preset;
use prodgen::spec::value::{
    AnnotationKey, AppName, DataKey, DnsLabel, EnvName, GroupName, HttpPath, ImageRef, LabelKey,
    LabelValue, MountPath, Namespace, ObjectName,
};
use prodgen::spec::{self, Files, Layers, Settled};
use prodgen::yaml::{FieldPath, Layout, Resolved, resolve, to_text};
use serde_json::{Map, Value, json};

use super::hostile::Dice;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Any text.
    Text,
    /// The value of a label.
    Label,
    /// The name of a group of people.
    Group,
    /// The tag of an image that is a version.
    Tag,
    /// What follows the `/` of an HTTP path.
    Path,
    /// What follows the folder of a mount path.
    Mount,
    /// The name of an object.
    Object,
}

use Takes::{Group, Label, Mount, Object, Path, Tag, Text};

/// Every field whose value may be anything of its kind; a name with `*` stands for that many.
const FIELDS: &[(&str, usize, Takes)] = &[
    ("command", 3, Text),
    ("args", 12, Text),
    ("env", 5, Text),
    ("file", 5, Text),
    ("exec", 3, Text),
    ("host", 3, Text),
    ("identity", 3, Text),
    ("about", 4, Text),
    ("annotations", 5, Text),
    ("labels", 2, Label),
    ("caller", 1, Label),
    ("need", 1, Label),
    ("viewers", 1, Group),
    ("deployers", 1, Group),
    ("debuggers", 1, Group),
    ("tag", 1, Tag),
    ("pull", 1, Object),
    ("secret", 1, Object),
    ("permission", 1, Object),
    ("path", 1, Path),
    ("config mount", 1, Mount),
    ("secret mount", 1, Mount),
];

/// The fields, one by one.
pub(crate) fn fields() -> Vec<&'static str> {
    let each = |(name, count, _): &(&'static str, usize, Takes)| vec![*name; *count];
    FIELDS.iter().flat_map(each).collect()
}

/// A value for each field, as bad as the field takes.
pub(crate) fn values(dice: &mut Dice) -> Vec<String> {
    let each = FIELDS
        .iter()
        .flat_map(|(_, count, takes)| vec![*takes; *count]);
    each.map(|takes| value(takes, dice)).collect()
}

/// How many of the fields take any text.
pub(crate) fn free_texts() -> usize {
    let free = FIELDS.iter().filter(|(_, _, takes)| *takes == Text);
    free.map(|(_, count, _)| count).sum()
}

fn value(takes: Takes, dice: &mut Dice) -> String {
    match takes {
        Text => dice.text(),
        Label => dice.legal("x", |text| LabelValue::parse(text).is_ok()),
        Group => dice.legal("x", |text| GroupName::parse(text).is_ok()),
        Tag => dice.legal("1.0", |text| {
            let image = ImageRef::parse(&format!("registry.example.com/a:{text}"));
            image.is_ok_and(|image| {
                image
                    .version_label()
                    .is_some_and(|label| label.as_str() == text)
            })
        }),
        Path => dice.legal("x", |text| HttpPath::parse(&format!("/{text}")).is_ok()),
        Mount => dice.legal("x", |text| MountPath::parse(&format!("/m/{text}")).is_ok()),
        Object => dice.legal("x", |text| ObjectName::parse(text).is_ok()),
    }
}

/// What decides the shape of a service: its kind, and the words that are keys and names.
pub(crate) struct Names {
    kind: &'static str,
    shared: bool,
    name: String,
    team: String,
    namespace: String,
    env: Vec<String>,
    files: Vec<String>,
    secret_key: String,
    writable: String,
    labels: Vec<String>,
    annotations: Vec<String>,
    schedule: (&'static str, &'static str),
}

impl Names {
    /// Names that are words of YAML where they may be.
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let own = ["y", "no", "on", "null", "e3", "a"];
        let word = |dice: &mut Dice, is_legal: &dyn Fn(&str) -> bool| {
            let word = dice.legal("shop", is_legal);
            if is_legal(&word) {
                word
            } else {
                "shop".to_owned()
            }
        };
        let many = |count: usize, dice: &mut Dice, is_legal: &dyn Fn(&str) -> bool| {
            let mut words = Vec::new();
            while words.len() < count {
                let word = dice.legal("z", is_legal);
                if words.contains(&word) || !is_legal(&word) {
                    words.push(format!("z{}", words.len()));
                } else {
                    words.push(word);
                }
            }
            words
        };
        Self {
            kind: dice.pick(&["service", "worker", "cronjob"]),
            shared: dice.below(4) == 0,
            name: match dice.pick(&own) {
                name if AppName::parse(name).is_ok() => name.to_owned(),
                _ => "shop".to_owned(),
            },
            team: word(dice, &|text| DnsLabel::parse(text).is_ok()),
            namespace: word(dice, &|text| Namespace::parse(text).is_ok()),
            env: many(5, dice, &|text| {
                EnvName::parse(text).is_ok() && text != "SECRET_FILE"
            }),
            files: many(5, dice, &|text| DataKey::parse(text).is_ok()),
            secret_key: word(dice, &|text| DataKey::parse(text).is_ok()),
            writable: format!(
                "/w/{}",
                dice.legal("x", |text| MountPath::parse(&format!("/w/{text}")).is_ok())
            ),
            labels: many(4, dice, &|text| LabelKey::parse(text).is_ok()),
            annotations: many(5, dice, &|text| AnnotationKey::parse(text).is_ok()),
            schedule: (
                dice.pick(&[
                    "@daily",
                    "*/5 * * * *",
                    "? ? ? ? ?",
                    "0 0 * jan sun",
                    "00 01 1,2 1-3 *",
                ]),
                dice.pick(&[
                    "UTC",
                    "Europe/Berlin",
                    "America/Argentina/Buenos_Aires",
                    "Etc/GMT+1",
                ]),
            ),
        }
    }

    /// Words that must stand somewhere in the manifests.
    pub(crate) fn said(&self) -> Vec<&str> {
        let one = [
            &self.name,
            &self.team,
            &self.namespace,
            &self.secret_key,
            &self.writable,
        ];
        let one = one.into_iter().map(String::as_str);
        let many = [&self.env, &self.files, &self.annotations]
            .into_iter()
            .flatten();
        let all = one.chain(many.map(String::as_str));
        match self.kind {
            "cronjob" => all.chain([self.schedule.0, self.schedule.1]).collect(),
            _ => all.collect(),
        }
    }

    /// The spec with these values in its fields, and the files that it names.
    pub(crate) fn spec(&self, value: &dyn Fn(usize) -> String) -> (Value, Texts) {
        let all = fields();
        let many = |field: &str| -> Vec<String> {
            let places = all.iter().enumerate().filter(|(_, name)| **name == field);
            places.map(|(at, _)| value(at)).collect()
        };
        let one = |field: &str| many(field).remove(0);
        let map = |keys: &[String], values: Vec<String>| -> Map<String, Value> {
            let entries = keys.iter().cloned().zip(values);
            entries
                .map(|(key, value)| (key, Value::String(value)))
                .collect()
        };
        let about = ["description", "contact", "runbook", "source"].map(str::to_owned);
        let files: Vec<String> = (0..self.files.len()).map(|at| format!("f/{at}")).collect();
        let texts = files.iter().cloned().zip(many("file")).collect();
        let hosts = many("host");
        let mut needs: Vec<Value> = hosts
            .iter()
            .map(|host| json!({"cidr": "203.0.113.7/32", "host": host, "port": 443}))
            .collect();
        needs.push(json!({"namespace": "no", "labels": {&self.labels[3]: one("need")}, "port": 1}));
        let mut spec = json!({
            "apiVersion": spec::API_VERSION,
            "kind": spec::KIND,
            "name": self.name,
            "team": self.team,
            "type": self.kind,
            "image": {
                "ref": format!("registry.example.com/a/b:{}", one("tag")),
                "pullSecret": one("pull"),
            },
            "namespace": {"name": self.namespace, "create": !self.shared},
            "command": many("command"),
            "args": many("args"),
            "env": map(&self.env, many("env")),
            "config": {
                "mount": format!("/c/{}", one("config mount")),
                "files": map(&self.files, files),
            },
            "secrets": [{
                "name": "db",
                "secret": one("secret"),
                "keys": [self.secret_key],
                "mount": format!("/s/{}", one("secret mount")),
                "pathEnv": {"SECRET_FILE": self.secret_key},
            }],
            "writable": [self.writable],
            "needs": needs,
            "permissions": [{"resources": ["configmaps"], "names": [one("permission")], "verbs": ["get"]}],
            "access": {
                "viewers": many("viewers"),
                "deployers": many("deployers"),
                "debuggers": many("debuggers"),
            },
            "serviceAccount": {"annotations": map(&self.annotations[..3], many("identity"))},
            "about": map(&about, many("about")),
            "labels": map(&self.labels[..2], many("labels")),
            "annotations": map(&self.annotations, many("annotations")),
        });
        let path = format!("/{}", one("path"));
        match self.kind {
            "cronjob" => {
                spec["schedule"] = json!({"cron": self.schedule.0, "timeZone": self.schedule.1});
            }
            "worker" => spec["probes"] = json!({"live": {"exec": many("exec")}}),
            _ => {
                spec["port"] = json!(8080);
                spec["probes"] = json!({"ready": path, "live": {"exec": many("exec")}});
                spec["callers"] =
                    json!([{"namespace": "y", "labels": {&self.labels[2]: one("caller")}}]);
            }
        }
        (spec, Texts(texts))
    }
}

/// Files that are nowhere but here.
pub(crate) struct Texts(BTreeMap<String, String>);

impl Files for Texts {
    fn read(&self, path: &str) -> Result<String, String> {
        self.0.get(path).cloned().ok_or_else(|| "none".to_owned())
    }

    fn list(&self, path: &str) -> Result<Vec<String>, String> {
        Err(format!("{path} is no folder"))
    }
}

/// Settles `spec`, which comes as a file in one of three hands, or as flags.
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
        let read = spec::read(source, &text, false);
        layers.push(read.map_err(|wrong| format!("{}\n{text}", said(&wrong)))?);
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
        other => {
            let text = flow(other);
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
            other => other.clone(),
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
            code @ 0..=0xffff => out.push_str(&format!("\\u{code:04x}")),
            code => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out
}
