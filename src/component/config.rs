//! Configuration files: a ConfigMap of a fixed name, whose content hash restarts the pods; a second one
//! for a new version that has its own.

use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Component, Manifests};
use crate::spec::{self, App};

/// Makes the ConfigMap.
pub(super) struct Config;

#[derive(Serialize)]
struct ConfigView<'a> {
    /// The name of the ConfigMap.
    config: &'a str,
    files: Vec<FileView<'a>>,
}

#[derive(Serialize)]
struct FileView<'a> {
    name: &'a str,
    text: &'a str,
}

/// The configurations of a service: that in use, and that of a new version where it is another one.
fn all(app: &App) -> impl Iterator<Item = &spec::Config> {
    let next = app.next().config.as_ref();
    let is_other =
        |next: &&spec::Config| app.config.as_ref().is_none_or(|one| one.name != next.name);
    app.config.iter().chain(next.filter(is_other))
}

/// The first half of the SHA-256 of all names and texts, in hex; nothing without configuration.
fn sum<'a>(all: impl Iterator<Item = &'a spec::Config>) -> Option<String> {
    let mut all = all.peekable();
    all.peek()?;
    let mut sha = Sha256::new();
    for (name, text) in all.flat_map(|config| &config.files) {
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

/// The hash of the configuration of this version of a service.
pub(super) fn hash_of_pods(app: &App) -> Option<String> {
    sum(app.config.iter())
}

/// The hash of all configuration of a service, that of a new version with it.
pub fn hash(app: &App) -> Option<String> {
    sum(all(app))
}

impl Component for Config {
    fn name(&self) -> &'static str {
        "config"
    }

    fn summary(&self) -> &'static str {
        "Configuration files in a ConfigMap; a change restarts the pods"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        for config in all(app) {
            let files = config.files.iter().map(|(name, text)| FileView {
                name: name.as_str(),
                text,
            });
            let view = out.views.plain(&ConfigView {
                config: &config.name,
                files: files.collect(),
            });
            out.add("configmap", &config.name, "config/config-map.yaml", view);
        }
    }
}
