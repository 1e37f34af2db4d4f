//! Configuration files: one ConfigMap of a fixed name, whose content hash restarts the pods.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Component, Manifests};
use crate::spec::App;

/// Makes the ConfigMap.
pub(super) struct Config;

#[derive(Serialize)]
struct ConfigView<'a> {
    files: Vec<FileView<'a>>,
}

#[derive(Serialize)]
struct FileView<'a> {
    name: &'a str,
    text: &'a str,
}

/// The first half of the SHA-256 of all names and texts, in hex; nothing without configuration.
pub fn hash(app: &App) -> Option<String> {
    let config = app.config.as_ref()?;
    let mut sha = Sha256::new();
    for (name, text) in &config.files {
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
    Some(hex)
}

impl Component for Config {
    fn name(&self) -> &'static str {
        "config"
    }

    fn summary(&self) -> &'static str {
        "Configuration files in a ConfigMap; a change restarts the pods"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let Some(config) = &app.config else { return };
        let files = config
            .files
            .iter()
            .map(|(name, text)| FileView {
                name: name.as_str(),
                text,
            })
            .collect();
        let view = out.views.plain(&ConfigView { files });
        out.add(
            "configmap",
            app.name.as_str(),
            "config/config-map.yaml",
            view,
        );
    }
}
