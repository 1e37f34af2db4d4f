//! Manifests as what is handed on: files in a folder, one YAML stream, one JSON list.

use super::{ManifestSet, Rendered};
use crate::files::{FileSet, NotRelative, RelPath};

/// How a stream is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// YAML documents.
    Yaml,
    /// One JSON object, a `v1` `List`.
    Json,
}

/// The manifests as one stream that `kubectl apply -f -` takes, in the order of their files.
pub fn emit(manifests: &ManifestSet, form: Form) -> String {
    match form {
        Form::Yaml => {
            let length = |one: &Rendered| "---\n".len() + one.object.document.text().len();
            let mut out = String::with_capacity(manifests.iter().map(length).sum());
            for one in manifests.iter() {
                out.push_str("---\n");
                out.push_str(one.object.document.text());
            }
            out
        }
        Form::Json => {
            let items: Vec<_> = manifests
                .iter()
                .filter_map(|one| one.object.document.root())
                .map(crate::yaml::NodeRef::to_json)
                .collect();
            let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
            format!("{list:#}\n")
        }
    }
}

impl ManifestSet {
    /// The manifests as files below `folder`.
    pub fn files(&self, folder: &str) -> Result<FileSet, NotRelative> {
        let folder = RelPath::new(folder)?;
        self.iter()
            .map(|one| {
                let path = folder.join(one.path.as_str())?;
                Ok((path, one.object.document.text().to_owned()))
            })
            .collect()
    }
}
