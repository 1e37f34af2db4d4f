//! What the user asked for: the keys of `prodgen.yaml`, one field a key, and what they come to.
//!
//! Answers arrive in layers (preset, file, `--set`, flags), are laid over each other as trees, read
//! once as an [`AppSpec`] and settled as an [`App`] in which nothing is left open.

mod app;
pub mod canary;
mod check;
mod credential;
pub mod edit;
mod example;
mod layer;
mod model;
mod probe;
mod replicas;
pub mod schema;
mod settle;
mod short;
pub mod value;
mod write;

pub use app::{
    App, Canary, Config, Container, Expose, Gateway, Image, Need, NeedPeer, Objective, Peer,
    PortSpec, Probes, Replicas, Route, Schedule, SecretMount, Track, Writable,
};
pub use credential::{holds_a_credential, names_a_credential};
pub use example::{example, examples};
pub use layer::{Files, Layer, Layers, NoFiles, Refused, Settled, read};
pub use model::{
    About, Access, AppSpec, AppType, CallerSpec, CanarySpec, ConfigSpec, ExposeSpec, GatewaySpec,
    ImageSpec, NamespaceSpec, NeedSpec, ObjectiveSpec, Overlap, Permission, PortEntry, ProbesSpec,
    Protocol, ResourceList, Resources, ScheduleSpec, SecretSpec, ServiceAccountSpec, ShutdownSpec,
    TestersSpec, UserSpec, WritableSpec,
};
pub use probe::Probe;
pub use replicas::{AutoscaleSpec, ReplicasSpec};
pub use write::{folded, long, to_yaml};

/// The `apiVersion` of a spec that this version reads and writes.
pub const API_VERSION: &str = "prodgen.dev/v1alpha1";
/// The `kind` of a spec.
pub const KIND: &str = "App";

/// A key of the spec.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// As it stands in the file.
    pub name: &'static str,
    /// What it says, for help and documentation.
    pub summary: &'static str,
    /// The flag of `new` that answers it, without dashes.
    pub flag: Option<&'static str>,
    /// Whether it holds a list, so that the flag may be given again.
    pub list: bool,
}

impl Key {
    /// What answers it on the command line of `new`; everything can be given with `--set`.
    pub fn flag(&self) -> String {
        match self.flag {
            Some(flag) => format!("--{flag}"),
            None => format!("--set {}", self.name),
        }
    }

    /// The variable that answers it: `PRODGEN_IMAGE`.
    pub fn variable(&self) -> String {
        let mut name = "PRODGEN_".to_owned();
        for c in self.name.chars() {
            if c.is_ascii_uppercase() {
                name.push('_');
            }
            name.push(c.to_ascii_uppercase());
        }
        name
    }
}

const fn key(name: &'static str, summary: &'static str) -> Key {
    Key {
        name,
        summary,
        flag: None,
        list: false,
    }
}

const fn asked(name: &'static str, flag: &'static str, summary: &'static str) -> Key {
    Key {
        name,
        summary,
        flag: Some(flag),
        list: false,
    }
}

const fn many(name: &'static str, flag: &'static str, summary: &'static str) -> Key {
    Key {
        name,
        summary,
        flag: Some(flag),
        list: true,
    }
}

/// Every key, in the order in which a spec is written.
pub const KEYS: &[Key] = &[
    asked(
        "name",
        "name",
        "name of the service; every object carries it",
    ),
    asked("team", "team", "team that owns it"),
    key("type", "service, worker or cronjob"),
    asked("preset", "preset", "named starting point"),
    asked("image", "image", "full image reference, registry included"),
    asked("namespace", "namespace", "namespace that it runs in"),
    asked(
        "kubernetes",
        "kubernetes",
        "oldest Kubernetes minor that the output must work on",
    ),
    asked("port", "port", "port that the container listens on"),
    key("ports", "ports that the container listens on"),
    key("command", "entry point, instead of the image's"),
    key("args", "arguments, instead of the image's"),
    key("user", "numeric user that the container runs as"),
    key("env", "variables that are no secrets"),
    asked("config", "config", "folder of configuration files"),
    many("secrets", "secret", "existing Secret to mount as files"),
    key("writable", "folders that the container may write to"),
    key("resources", "cpu and memory"),
    asked("replicas", "replicas", "number of pods"),
    asked("probes", "probe", "how to tell that a pod can serve"),
    key("shutdown", "how long a pod may take to end"),
    many("callers", "caller", "who may call it"),
    many("needs", "need", "whom it calls"),
    asked("expose", "expose", "host under which users reach it"),
    key("permissions", "what it may do at the Kubernetes API"),
    key("access", "groups that may look, deploy or debug"),
    key("serviceAccount", "annotations of its identity"),
    asked("schedule", "schedule", "when a cronjob runs"),
    key("about", "what the next reader wants to know"),
    key("labels", "further labels"),
    key("annotations", "further annotations"),
    key("canary", "steps in which a new version goes out"),
];

/// Keys that a later version reads.
pub const LATER: &[&str] = &[
    "waivers",
    "profile",
    "environments",
    "stage",
    "layout",
    "monitoring",
    "mesh",
    "admission",
    "dockerfile",
    "ci",
    "init",
    "sidecars",
    "volumes",
    "jobs",
    "scheduling",
    "patches",
];

/// The keys without which there is no service, and that no preset can know.
pub const REQUIRED: &[&str] = &["name", "team", "image"];
