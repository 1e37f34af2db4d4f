//! Every example renders to the tree beside it, byte for byte; each pod is restricted and each
//! document has what its published schema demands.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use prodgen::render::ManifestSet;

use crate::support::{Folder, json, settle};
use crate::{psa, schema};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

/// The examples by name, each rendered.
pub(crate) fn all() -> BTreeMap<String, ManifestSet> {
    let entries = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.is_dir())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(path.join("prodgen.yaml")).unwrap();
            let app =
                settle(&text, &Folder(&path)).unwrap_or_else(|wrong| panic!("{name}: {wrong:#?}"));
            (name, prodgen::render::one(&app).unwrap())
        })
        .collect()
}

fn on_disk(example: &str) -> BTreeMap<String, String> {
    let folder = folder().join(example).join("deploy/production");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "blessing writes the repository's own examples"
)]
fn examples_are_what_their_specs_make() {
    let examples = all();
    assert!(examples.len() >= 6);
    for (name, set) in examples {
        let rendered: BTreeMap<String, String> = set
            .iter()
            .map(|one| (one.path.to_string(), one.object.document.text().to_owned()))
            .collect();
        if std::env::var_os("PRODGEN_BLESS").is_some() {
            let folder = folder().join(&name).join("deploy/production");
            std::fs::remove_dir_all(&folder).ok();
            std::fs::create_dir_all(&folder).unwrap();
            for (file, text) in &rendered {
                std::fs::write(folder.join(file), text).unwrap();
            }
        }
        let disk = on_disk(&name);
        let files = |set: &BTreeMap<String, String>| set.keys().cloned().collect::<Vec<_>>();
        assert_eq!(
            files(&rendered),
            files(&disk),
            "{name}: run with PRODGEN_BLESS=1"
        );
        for (file, text) in rendered {
            snapbox::assert_data_eq!(text, disk[&file].clone());
        }
    }
}

#[test]
fn every_pod_is_restricted_and_every_document_has_what_its_schema_demands() {
    let mut pods = 0;
    for (name, set) in all() {
        for one in set.iter() {
            let object = json(&one.object.document);
            assert_eq!(
                schema::check(&object),
                Vec::<String>::new(),
                "{name} {}",
                one.path
            );
            let Some(template) = one.object.kind.pod_template else {
                continue;
            };
            let pod = object
                .pointer(&format!("/{}/spec", template.replace('.', "/")))
                .unwrap();
            pods += 1;
            for minor in 34..=37 {
                assert_eq!(
                    psa::restricted(pod, minor),
                    Vec::<String>::new(),
                    "{name} 1.{minor}"
                );
            }
        }
    }
    assert!(pods >= 6);
}

#[test]
fn documents_have_no_noise() {
    fn walk(value: &serde_json::Value, path: &str) {
        use serde_json::Value;
        match value {
            Value::Null => panic!("{path} is null"),
            Value::Object(map) => {
                // `podSelector: {}` means all pods of the namespace.
                assert!(
                    !map.is_empty() || path.ends_with("/podSelector"),
                    "{path} is empty"
                );
                for (key, value) in map {
                    walk(value, &format!("{path}/{key}"));
                }
            }
            Value::Array(items) => {
                assert!(!items.is_empty(), "{path} is empty");
                for item in items {
                    walk(item, path);
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for (name, set) in all() {
        for one in set.iter() {
            let object = json(&one.object.document);
            walk(&object, &format!("{name}/{}", one.path));
            assert!(object.get("status").is_none());
            let text = one.object.document.text();
            assert!(
                text.starts_with("# "),
                "{name}/{} has no opening words",
                one.path
            );
            let is_ours = one.object.kind.kind != "ConfigMap";
            assert!(
                !is_ours || !text.contains("\n\n"),
                "{name}/{} has a blank line",
                one.path
            );
            assert!(
                text.lines()
                    .all(|line| line.trim_end() == line && line.len() <= 160),
                "{name}/{}",
                one.path
            );
        }
    }
}
