//! Manifests as what is handed on: files in a folder, one YAML stream, one JSON list.

use super::{ManifestSet, Rendered};
use crate::files::{FileSet, NotRelative, RelPath};
use crate::yaml::NodeRef;

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
    let mut stream = Stream::new(form, manifests.0.len());
    manifests.iter().for_each(|one| stream.push(one));
    stream.end()
}

/// A stream while it is made.
pub(super) enum Stream {
    /// The documents so far.
    Yaml(String),
    /// The items of the list so far.
    Json(Vec<serde_json::Value>),
}

impl Stream {
    /// A stream for about so many manifests.
    pub(super) fn new(form: Form, count: usize) -> Self {
        // Most are shorter.
        const LENGTH: usize = 1536;
        match form {
            Form::Yaml => Self::Yaml(String::with_capacity(count * LENGTH)),
            Form::Json => Self::Json(Vec::with_capacity(count)),
        }
    }

    /// Adds a manifest.
    pub(super) fn push(&mut self, one: &Rendered) {
        let document = &one.object.document;
        match self {
            Self::Yaml(out) => {
                out.push_str("---\n");
                out.push_str(document.text());
            }
            Self::Json(items) => items.extend(document.root().map(NodeRef::to_json)),
        }
    }

    /// The whole.
    pub(super) fn end(self) -> String {
        match self {
            Self::Yaml(out) => out,
            Self::Json(items) => {
                let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
                format!("{list:#}\n")
            }
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
