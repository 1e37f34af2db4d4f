//! Every list that something must be entered in has it, once, under the right name.

use std::collections::BTreeSet;
use std::path::Path;

use prodgen::component::COMPONENTS;
use prodgen::diag::{Origin, SourceMap};
use prodgen::kube::KINDS;
use prodgen::spec::{AppSpec, KEYS, LATER, Layers, NoFiles, REQUIRED};
use prodgen::yaml::FieldPath;
use prodgen::{preset, render, spec, template};
use serde::de::{self, Deserialize, Deserializer, Visitor, value::Error};
use serde_json::json;

use crate::schema;
use crate::support::{BASICS, HEADER, settle};

/// The names of the files in a folder of the repository, without `.ending`, sorted.
fn stems(folder: &str, ending: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut stems: Vec<String> = paths
        .filter(|path| path.extension().is_some_and(|kind| kind == ending))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    stems.sort();
    stems
}

#[test]
fn every_file_of_a_component_is_in_the_list_under_its_name() {
    let shared = ["mod", "view", "capacity", "pod", "volume"];
    let mut files = stems("src/component", "rs");
    files.retain(|stem| !shared.contains(&stem.as_str()));
    let mut names: Vec<&str> = COMPONENTS.iter().map(|one| one.name()).collect();
    names.sort_unstable();
    assert_eq!(names, files);
    for one in COMPONENTS {
        let summary = one.summary();
        let is_sentence = summary.starts_with(char::is_uppercase) && !summary.ends_with('.');
        assert!(
            is_sentence && summary.len() <= 80,
            "{}: {summary}",
            one.name()
        );
    }
}

#[test]
fn every_folder_of_templates_belongs_to_a_component() {
    let folders: BTreeSet<&str> = template::ids()
        .iter()
        .filter_map(|id| id.split('/').next())
        .collect();
    let mut known: BTreeSet<&str> = COMPONENTS.iter().map(|one| one.name()).collect();
    // The pod is a part of two.
    known.insert("pod");
    assert_eq!(folders, known);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let folders: BTreeSet<String> = paths
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(folders.iter().map(String::as_str).eq(known));
}

#[test]
fn every_preset_makes_a_service_from_three_answers() {
    let names = preset::names();
    assert_eq!(names, stems("presets", "yaml"));
    for name in names {
        let app = settle(&format!("{HEADER}{BASICS}preset: {name}\n"), &NoFiles);
        let app = app.unwrap_or_else(|wrong| panic!("{name}: {wrong:#?}"));
        let set = render::one(&app).unwrap();
        assert!(set.iter().count() >= 9, "{name}");
    }
}

/// The fields that a type asks for, in their order.
fn fields<T: for<'de> Deserialize<'de>>() -> Vec<&'static str> {
    struct Asked<'a>(&'a mut Vec<&'static str>);

    impl<'de> Deserializer<'de> for Asked<'_> {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(de::Error::custom("it is a struct"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Error> {
            self.0.extend(fields);
            self.deserialize_any(visitor)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    let mut asked = Vec::new();
    assert!(T::deserialize(Asked(&mut asked)).is_err());
    asked
}

#[test]
fn the_keys_are_the_fields_in_the_same_order() {
    let keys: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(fields::<AppSpec>(), keys);
    assert!(REQUIRED.iter().all(|key| keys.contains(key)));
    let unique = |words: Vec<String>| words.iter().collect::<BTreeSet<_>>().len() == words.len();
    assert!(unique(KEYS.iter().map(spec::Key::variable).collect()));
    assert!(unique(
        KEYS.iter()
            .filter_map(|key| key.flag.map(str::to_owned))
            .collect()
    ));
    for key in KEYS {
        let is_clause =
            key.summary.starts_with(|c: char| c.is_lowercase()) && !key.summary.ends_with('.');
        assert!(is_clause, "{}: {}", key.name, key.summary);
    }
}

#[test]
fn keys_of_a_later_version_are_known_and_refused() {
    for key in LATER {
        assert!(
            KEYS.iter().all(|known| known.name != *key),
            "{key} is here already"
        );
        let wrong = settle(&format!("{HEADER}{BASICS}{key}: {{ a: b }}\n"), &NoFiles).unwrap_err();
        let said: Vec<&str> = wrong.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(said, [format!("`{key}`: not in this version")]);
    }
    let wrong = settle(&format!("{HEADER}{BASICS}strange: 1\n"), &NoFiles).unwrap_err();
    assert_eq!(wrong[0].message, "unknown key `strange`");
}

#[test]
fn every_kind_has_a_published_schema() {
    assert!(KINDS.len() >= 13);
    for row in KINDS {
        let found = schema::check(&json!({"apiVersion": row.api_version, "kind": row.kind}));
        assert!(
            found.iter().all(|one| !one.contains("no schema")),
            "{row:?}: {found:?}"
        );
    }
    let found = schema::check(&json!({"apiVersion": "v1", "kind": "Pod"}));
    assert!(found.iter().any(|one| one.contains("no schema")));
}

/// What a flag says is what the key takes it for: a word that YAML reads as nothing is a word.
#[test]
fn an_answer_is_never_nothing() {
    for word in ["null", "~", "", "no", "1e3", "0x1F", " "] {
        let mut sources = SourceMap::default();
        let text = format!("{HEADER}{BASICS}");
        let file = sources.add(Origin::Stdin, text.as_str());
        let mut layers = Layers::default();
        layers.push(spec::read(file, &text, false).unwrap());
        let flag = sources.add(Origin::Flag("--set".to_owned()), word);
        for path in ["about.description", "env.X", "args"] {
            let given = if path == "args" {
                format!("[\"{word}\"]")
            } else {
                word.to_owned()
            };
            layers.answer(flag, &FieldPath::parse(path).unwrap(), &given);
        }
        let app = preset::settle(&layers, &mut sources, &NoFiles).unwrap().app;
        assert_eq!(app.about.description.as_deref(), Some(word));
        assert_eq!(app.container.env.values().collect::<Vec<_>>(), [word]);
        assert_eq!(app.container.args, [word]);
    }
}
