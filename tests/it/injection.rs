//! No value changes anything but itself, on the whole road from a spec to its files: hostile texts in
//! every field at once, each document compared with one in which the fields hold plain tokens.

mod holes;
pub(crate) mod hostile;
mod readback;
mod road;
mod service;

use std::sync::LazyLock;

use prodgen::diag::{Origin, SourceMap};
use prodgen::render::{self, Form, ManifestSet, Renderer, emit};
use prodgen::spec::{self, Layers, Settled};
use prodgen::yaml;
use serde_json::Value;

use hostile::{Dice, rounds, seed};
use readback::{Read, compare, expected, read, token};
use road::settle;
use service::{Names, fields, free_texts, values};

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().unwrap());

/// The least number of free texts that a run tries.
const TEXTS: usize = 20_000;

/// How many services of different names and kinds there are, each gone round with many values.
const SERVICES: u64 = 24;

#[test]
fn no_text_in_any_field_changes_anything_but_itself() {
    let texts = TEXTS.div_ceil(free_texts());
    let each = rounds(u64::try_from(texts).unwrap()).div_ceil(SERVICES);
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().min(8));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for service in (0..SERVICES).skip(thread).step_by(threads) {
                    go_round(service, each);
                }
            });
        }
    });
}

fn go_round(service: u64, rounds: u64) {
    let names = Names::new(&mut Dice::new(service));
    let plain = Plain::of(&names).unwrap_or_else(|wrong| panic!("service {service}: {wrong}"));
    for round in 0..rounds {
        let values = values(&mut Dice::new(1 + service + round * SERVICES));
        let road = usize::try_from(round + service).unwrap();
        if let Err(wrong) = holds(&plain, &names, &values, road) {
            let alone = culprits(&plain, &names, &values, road);
            let place = format!("seed {}, service {service}, round {round}", seed());
            panic!("{place}: {wrong:.2000}\nalone: {alone:#?}");
        }
    }
}

/// A service in whose fields stand tokens: its files, and what each says.
struct Plain(Vec<(String, Read)>);

impl Plain {
    fn of(names: &Names) -> Result<Self, String> {
        let (spec, files) = names.spec(&token);
        let set = rendered(&settle(&spec, &files, 0)?)?;
        let files = set.iter().map(|one| {
            let said = read(&one.object.document)?;
            Ok((unhashed(one.path.as_str()), means(said)))
        });
        files.collect::<Result<_, String>>().map(Self)
    }
}

/// The fields that fail also where all others hold plain tokens.
fn culprits(plain: &Plain, names: &Names, values: &[String], road: usize) -> Vec<String> {
    let mut found = Vec::new();
    for (at, field) in fields().iter().enumerate() {
        let alone = |other: usize| {
            if other == at {
                values[at].clone()
            } else {
                token(other)
            }
        };
        let alone: Vec<String> = (0..values.len()).map(alone).collect();
        if let Err(wrong) = holds(plain, names, &alone, road) {
            found.push(format!("{field} {:?}: {wrong:.300}", values[at]));
        }
    }
    found
}

fn holds(plain: &Plain, names: &Names, values: &[String], road: usize) -> Result<(), String> {
    let (spec, files) = names.spec(&|at| values[at].clone());
    let settled = settle(&spec, &files, road)?;
    let set = rendered(&settled)?;
    let wanted = plain.0.iter().map(|(path, _)| path.clone());
    if !wanted.eq(set.iter().map(|one| unhashed(one.path.as_str()))) {
        return Err("other files".to_owned());
    }
    let mut everything = String::new();
    for ((path, tokens), one) in plain.0.iter().zip(set.iter()) {
        let here = |wrong: String| format!("{path}: {wrong}");
        let found = means(read(&one.object.document).map_err(here)?);
        let want = expected(tokens, &|at| values[at].clone());
        compare(&want, &found).map_err(here)?;
        everything.push_str(&found.data.to_string());
    }
    for word in names.said() {
        if !everything.contains(&Value::from(word).to_string()) {
            return Err(format!("{word:?} is nowhere"));
        }
    }
    // On its own it loads its templates anew: now and then.
    let again = if road.is_multiple_of(8) {
        render::one(&settled.app).map_err(|wrong| wrong.to_string())?
    } else {
        rendered(&settled)?
    };
    let stream = emit(&set, Form::Yaml);
    if stream != emit(&again, Form::Yaml) {
        return Err("rendered twice, it is not the same".to_owned());
    }
    let source = SourceMap::default().add(Origin::Stdin, stream.as_str());
    match yaml::parse(source, &stream) {
        Ok(documents) if documents.len() == set.iter().count() => Ok(()),
        Ok(documents) => Err(format!("the stream has {} documents", documents.len())),
        Err(wrong) => Err(format!("the stream is not YAML: {wrong:?}")),
    }
}

fn rendered(settled: &Settled) -> Result<ManifestSet, String> {
    RENDERER
        .render(&settled.app)
        .map_err(|wrong| wrong.to_string())
}

/// What the data means: variables as the kubelet expands them, and no hash of the configuration.
fn means(mut read: Read) -> Read {
    visit(&mut read.data);
    read
}

/// The name of a `ConfigMap`, or of its file, without the hash of what it holds.
fn unhashed(name: &str) -> String {
    let (stem, end) = match name.strip_suffix(".yaml") {
        Some(stem) => (stem, ".yaml"),
        None => (name, ""),
    };
    let is_hash =
        |text: &str| text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match stem.rsplit_once('-') {
        Some((stem, hash)) if is_hash(hash) => format!("{stem}-hash{end}"),
        _ => name.to_owned(),
    }
}

fn visit(data: &mut Value) {
    let is_config = data["kind"] == "ConfigMap";
    let names = if is_config {
        "/metadata/name"
    } else {
        "/configMap/name"
    };
    if let Some(Value::String(name)) = data.pointer_mut(names) {
        *name = unhashed(name);
    }
    match data {
        Value::Object(map) => {
            if map.len() == 2
                && map.contains_key("name")
                && let Some(Value::String(text)) = map.get_mut("value")
            {
                *text = expand(text);
            }
            if let Some(hash) = map.get_mut("checksum/config") {
                *hash = Value::from("hash");
            }
            map.values_mut().for_each(visit);
        }
        Value::Array(items) => items.iter_mut().for_each(visit),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What the kubelet makes of a variable's value where no other variable is known.
fn expand(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let (true, Some((_, after))) = (rest.starts_with('('), rest.split_once(')')) {
            out.push_str("EXPANDED");
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    out
}

#[test]
fn a_spec_reads_back_as_it_was_written() {
    for round in 0..rounds(150) {
        let mut dice = Dice::new(round ^ 0x5bec);
        let names = Names::new(&mut dice);
        let values = values(&mut dice);
        let (spec, files) = names.spec(&|at| values[at].clone());
        let first = settle(&spec, &files, 0).unwrap();
        let text = spec::to_yaml(&first.spec());
        let mut sources = SourceMap::default();
        let source = sources.add(Origin::Stdin, text.as_str());
        let mut layers = Layers::default();
        layers.push(
            spec::read(source, &text, false).unwrap_or_else(|wrong| panic!("{text}\n{wrong:#?}")),
        );
        let second = prodgen::preset::settle(&layers, &mut sources, &files);
        let second = second.unwrap_or_else(|wrong| panic!("{text}\n{wrong:#?}"));
        assert_eq!(
            first.spec(),
            second.spec(),
            "seed {}, round {round}\n{text}",
            seed()
        );
        assert_eq!(first.app, second.app);
        assert_eq!(text, spec::to_yaml(&second.spec()));
        let other: Value = serde_yaml::from_str(&text).unwrap();
        let root = yaml::parse_one(source, &text).unwrap();
        assert_eq!(root.root().unwrap().to_json(), other, "{text}");
    }
}
