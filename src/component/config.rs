//! Configuration files: a ConfigMap of a fixed name, whose content hash restarts the pods. Where new
//! versions go out in steps, one for each content, named by it and never changed: pods that start again
//! find what their version has always read.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Component, Manifests};
use crate::spec::{self, App};

/// Makes the ConfigMap.
pub(super) struct Config;

/// How many digits of the hash a name has.
const NAMED_DIGITS: usize = 10;

#[derive(Serialize)]
struct ConfigView<'a> {
    /// The name of the ConfigMap.
    config: String,
    /// Whether other files are another ConfigMap.
    immutable: bool,
    files: Vec<FileView<'a>>,
}

#[derive(Serialize)]
struct FileView<'a> {
    name: &'a str,
    text: &'a str,
}

/// Whether the name of a ConfigMap says what it holds.
pub(super) fn is_named_by_content(app: &App) -> bool {
    app.canary.is_some()
}

/// The name of the ConfigMap with these files.
pub fn name(app: &App, config: &spec::Config) -> String {
    if !is_named_by_content(app) {
        return app.name.to_string();
    }
    let mut hash = hash_of(&[config]);
    hash.truncate(NAMED_DIGITS);
    format!("{}-{hash}", app.name)
}

/// The first half of the SHA-256 of all names and texts, in hex.
pub(super) fn hash_of(configs: &[&spec::Config]) -> String {
    let mut sha = Sha256::new();
    for (name, text) in configs.iter().flat_map(|config| &config.files) {
        // Lengths first, so that no two sets of files have the same stream.
        for part in [name.as_str(), text.as_str()] {
            sha.update(part.len().to_le_bytes());
            sha.update(part);
        }
    }
    let mut hex = String::new();
    for byte in sha.finalize().iter().take(16) {
        // Writing to a String cannot fail.
        let _infallible = write!(hex, "{byte:02x}");
    }
    hex
}

/// The hash of all configuration of a service, that of a new version with it; nothing without any.
pub fn hash(app: &App) -> Option<String> {
    let configs = app.configs();
    (!configs.is_empty()).then(|| hash_of(&configs))
}

impl Component for Config {
    fn name(&self) -> &'static str {
        "config"
    }

    fn summary(&self) -> &'static str {
        "Configuration files in a ConfigMap; a change restarts the pods"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        for config in app.configs() {
            let name = name(app, config);
            let files = config.files.iter().map(|(name, text)| FileView {
                name: name.as_str(),
                text,
            });
            let view = out.views.plain(&ConfigView {
                config: name.clone(),
                immutable: is_named_by_content(app),
                files: files.collect(),
            });
            out.add("configmap", &name, "config/config-map.yaml", view);
        }
    }
}
