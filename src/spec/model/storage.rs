//! The keys of a spec that say what is mounted: configuration, secrets, folders to write to.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slice;
use crate::spec::value::{
    DataKey, DnsLabel, EnvName, Memory, MountPath, ObjectName, RelFile, RelFolder,
};

slice! {
    /// `config`: files that are no secrets.
    ConfigSpec {
        /// A folder: every file in it, by its name.
        folder: RelFolder,
        /// Where the files appear.
        mount: MountPath,
        /// Single files: name there, path here.
        files: BTreeMap<DataKey, RelFile>,
    }
}

/// An item of `secrets`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretSpec {
    /// What it is called here.
    pub name: DnsLabel,
    /// The Secret; the one of that name if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<ObjectName>,
    /// The keys to show; all if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<DataKey>>,
    /// Where the files appear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount: Option<MountPath>,
    /// Variables that hold the path of a key's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_env: Option<BTreeMap<EnvName, DataKey>>,
}

/// An item of `writable`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WritableSpec {
    /// The folder.
    pub path: MountPath,
    /// The most it may hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Memory>,
    /// Whether it lives in memory, and counts there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<bool>,
}
