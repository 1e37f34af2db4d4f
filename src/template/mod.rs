//! How text is made: the embedded templates, the engine that fills them with sealed values, and the
//! sealed text that comes out. Knows nothing of services; views bring every decision along.

mod engine;
mod seal;

use std::path::Path;

use include_dir::{Dir, include_dir};

pub use engine::{Engine, View};
pub use seal::Sealed;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// A template failed: a fault of prodgen, for no user input can cause it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no template of that name.
    #[error("there is no template `{0}`")]
    Unknown(String),
    /// The engine refused it.
    #[error("template `{template}`: {message}")]
    Engine {
        /// Its name.
        template: String,
        /// What the engine says, place included.
        message: String,
    },
    /// What it made is not one well-formed document.
    #[error("template `{template}` made no document: {message}\n{text}")]
    Shape {
        /// Its name.
        template: String,
        /// What is wrong.
        message: String,
        /// The sealed text, in which no value can be read.
        text: String,
    },
}

/// The text of a template.
pub fn source(id: &str) -> Result<&'static str, Error> {
    // Paths are compared as bytes: taking them apart for each file would cost more than the template.
    fn find(dir: &'static Dir<'static>, id: &str) -> Option<&'static str> {
        let bytes = |path: &'static Path| path.as_os_str().as_encoded_bytes();
        let of_dir = |dir: &&'static Dir<'_>| id.as_bytes().starts_with(bytes(dir.path()));
        let of_file = |file: &&'static include_dir::File<'_>| bytes(file.path()) == id.as_bytes();
        match dir.files().find(of_file) {
            Some(file) => file.contents_utf8(),
            None => dir.dirs().filter(of_dir).find_map(|dir| find(dir, id)),
        }
    }
    find(&FOLDER, id).ok_or_else(|| Error::Unknown(id.to_owned()))
}

/// The names of all templates, sorted: `deployment/deployment.yaml`.
pub fn ids() -> Vec<&'static str> {
    fn walk(dir: &'static Dir<'static>, ids: &mut Vec<&'static str>) {
        let yaml = dir.files().filter_map(|file| file.path().to_str());
        ids.extend(yaml.filter(|path| path.strip_suffix(".yaml").is_some()));
        dir.dirs().for_each(|dir| walk(dir, ids));
    }
    let mut ids = Vec::new();
    walk(&FOLDER, &mut ids);
    ids.sort_unstable();
    ids
}
