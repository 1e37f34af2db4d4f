//! What several tests need: a spec text, settled and rendered.

use std::path::Path;

use prodgen::diag::{Diagnostic, Origin, SourceMap};
use prodgen::render::ManifestSet;
use prodgen::spec::{self, App, Files, Layers, Settled};
use prodgen::{preset, yaml};

/// The first lines of every spec.
pub(crate) const HEADER: &str = "apiVersion: prodgen.dev/v1alpha1\nkind: App\n";

/// The required answers, to which a test adds its own.
pub(crate) const BASICS: &str =
    "name: shop\nteam: payments\nimage: registry.example.com/payments/shop:1.4.2\n";

/// Files below a folder, without any guard: for specs of our own.
pub(crate) struct Folder<'a>(pub(crate) &'a Path);

impl Files for Folder<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(self.0.join(path)).map_err(|error| error.to_string())
    }

    fn list(&self, path: &str) -> Result<Vec<String>, String> {
        let entries = std::fs::read_dir(self.0.join(path)).map_err(|error| error.to_string())?;
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        Ok(names)
    }
}

/// Settles a whole spec text.
pub(crate) fn settle(text: &str, files: &dyn Files) -> Result<App, Vec<Diagnostic>> {
    settled(text, files).map(|settled| settled.app)
}

/// The same, with what it was settled from.
pub(crate) fn settled(text: &str, files: &dyn Files) -> Result<Settled, Vec<Diagnostic>> {
    let mut sources = SourceMap::default();
    let source = sources.add(Origin::File("prodgen.yaml".to_owned()), text);
    let mut layers = Layers::default();
    layers.push(spec::read(source, text, false)?);
    preset::settle(&layers, &mut sources, files).map_err(|refused| refused.complaints)
}

/// Renders a spec: header and basics are added to `keys`.
pub(crate) fn render(keys: &str) -> ManifestSet {
    let text = format!("{HEADER}{BASICS}{keys}");
    let app = settle(&text, &spec::NoFiles).unwrap_or_else(|wrong| panic!("{text}\n{wrong:#?}"));
    prodgen::render::one(&app).unwrap()
}

/// The objects of a render as data, by `Kind/name`.
pub(crate) fn objects(set: &ManifestSet) -> std::collections::BTreeMap<String, serde_json::Value> {
    set.iter()
        .map(|one| {
            let name = format!("{}/{}", one.object.kind.kind, one.object.name);
            (name, json(&one.object.document))
        })
        .collect()
}

/// A document as data.
pub(crate) fn json(document: &yaml::Document) -> serde_json::Value {
    document.root().unwrap().to_json()
}
