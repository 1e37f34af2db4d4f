//! The text of a spec that is edited: what is not meant stays byte for byte.

use prodgen::diag::{Origin, SourceMap};
use prodgen::spec::edit::rewrite;
use prodgen::spec::{self, AppSpec, KEYS, Layers, REQUIRED, example};

use super::change::COMMENTED;

fn given(text: &str) -> AppSpec {
    let source = SourceMap::default().add(Origin::Stdin, text);
    let mut layers = Layers::default();
    layers.push(spec::read(source, text, true).unwrap());
    layers.given()
}

/// The text with one key more.
fn with(text: &str, key: &str) -> AppSpec {
    let source = SourceMap::default().add(Origin::Stdin, text);
    let mut layers = Layers::default();
    layers.push(spec::read(source, text, true).unwrap());
    layers.push(spec::read(source, example(key).unwrap(), true).unwrap());
    layers.given()
}

#[test]
fn a_key_added_and_taken_out_leaves_the_same_bytes() {
    let examples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut texts = vec![COMMENTED.to_owned()];
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path().join("prodgen.yaml");
        texts.extend(std::fs::read_to_string(path));
    }
    assert!(texts.len() > 7);
    for text in texts.clone() {
        texts.push(text.replace('\n', "\r\n"));
        texts.push(text.trim_end().to_owned());
    }
    let mut count = 0;
    for text in texts {
        let before = given(&text);
        let there = serde_json::to_value(&before).unwrap();
        let is_there = |name: &str| there.get(name).is_some();
        let other = |name: &str| match name {
            "port" => is_there("ports"),
            "ports" => is_there("port"),
            _ => false,
        };
        for key in KEYS
            .iter()
            .filter(|key| !is_there(key.name) && !other(key.name))
        {
            let after = with(&text, key.name);
            let added = rewrite(&text, &before, &after).unwrap();
            assert_ne!(added, text, "{}", key.name);
            let again = rewrite(&added, &after, &before).unwrap();
            assert_eq!(again, text, "{}", key.name);
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn every_key_there_can_be_taken_out() {
    let text = KEYS.iter().map(|key| {
        format!(
            "# about {0}\n{1}  # {0}\n\n",
            key.name,
            example(key.name).unwrap()
        )
    });
    let text: String = text.collect();
    let before = given(&text);
    for key in KEYS.iter().filter(|key| !REQUIRED.contains(&key.name)) {
        let mut keys = serde_json::to_value(&before).unwrap();
        keys.as_object_mut().unwrap().remove(key.name);
        let wanted: AppSpec = serde_json::from_value(keys).unwrap();
        let edited = rewrite(&text, &before, &wanted).unwrap();
        let gone = format!(
            "# about {0}\n{1}  # {0}\n\n",
            key.name,
            example(key.name).unwrap()
        );
        assert_eq!(edited, text.replace(&gone, ""), "{}", key.name);
    }
}
