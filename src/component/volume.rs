//! What a pod mounts: secrets and configuration to read, folders to write, and nothing else.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    ConfigMapVolumeSource, EmptyDirVolumeSource, KeyToPath, SecretVolumeSource, Volume, VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::config;
use crate::spec::{App, SecretMount, Writable};

/// The volume of the configuration files.
pub(super) const CONFIG: &str = "config";

/// `0440`, in decimal: YAML readers do not agree on octal. The group is the pod's `fsGroup`.
const OWNER_AND_GROUP_READ: i32 = 0o440;
/// `0444`, in decimal: configuration is no secret.
const ALL_READ: i32 = 0o444;

/// The volumes of a pod and where its container sees them, in the same order.
pub(super) fn volumes(app: &App) -> Vec<(Volume, VolumeMount)> {
    let mut volumes = Vec::new();
    for secret in &app.secrets {
        let name = of_secret(secret);
        let source = SecretVolumeSource {
            secret_name: Some(secret.secret.to_string()),
            default_mode: Some(OWNER_AND_GROUP_READ),
            optional: Some(false),
            items: (!secret.keys.is_empty()).then(|| {
                secret
                    .keys
                    .iter()
                    .map(|key| KeyToPath {
                        key: key.to_string(),
                        path: key.to_string(),
                        ..KeyToPath::default()
                    })
                    .collect()
            }),
            ..SecretVolumeSource::default()
        };
        let volume = Volume {
            secret: Some(source),
            ..named(&name)
        };
        volumes.push((volume, mount(&name, secret.mount.as_str(), true)));
    }
    if let Some(config) = &app.config {
        let source = ConfigMapVolumeSource {
            name: config::name(app, config),
            default_mode: Some(ALL_READ),
            ..ConfigMapVolumeSource::default()
        };
        let volume = Volume {
            config_map: Some(source),
            ..named(CONFIG)
        };
        volumes.push((volume, mount(CONFIG, config.mount.as_str(), true)));
    }
    let mut taken = BTreeSet::new();
    for one in &app.writable {
        let name = writable_name(one, &mut taken);
        let source = EmptyDirVolumeSource {
            size_limit: Some(Quantity(one.size.to_string())),
            medium: one.memory.then(|| "Memory".to_owned()),
            ..EmptyDirVolumeSource::default()
        };
        let volume = Volume {
            empty_dir: Some(source),
            ..named(&name)
        };
        volumes.push((volume, mount(&name, one.path.as_str(), false)));
    }
    volumes
}

/// The volume of a Secret.
pub fn of_secret(secret: &SecretMount) -> String {
    format!("secret-{}", secret.name)
}

fn named(name: &str) -> Volume {
    Volume {
        name: name.to_owned(),
        ..Volume::default()
    }
}

fn mount(name: &str, path: &str, read_only: bool) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        read_only: read_only.then_some(true),
        ..VolumeMount::default()
    }
}

/// `/var/cache/nginx` is `writable-var-cache-nginx`; two that would be called the same are counted.
fn writable_name(one: &Writable, taken: &mut BTreeSet<String>) -> String {
    let mut name = "writable".to_owned();
    let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    for part in one.path.as_str().to_ascii_lowercase().split(|c| !safe(c)) {
        if !part.is_empty() {
            name.push('-');
            name.push_str(part);
        }
    }
    // A volume's name is a DNS label; four characters are kept back for a number.
    name.truncate(59);
    let stem = name.trim_end_matches('-').to_owned();
    let mut name = stem.clone();
    let mut count = 1;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("{stem}-{count}");
    }
    name
}
