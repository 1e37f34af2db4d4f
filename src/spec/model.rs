//! The keys of a spec in their long forms, as read and as written. Short forms are unfolded before
//! (`short`), defaults and rules between keys come after (`settle`, `check`).

mod canary;
mod expose;
mod network;
mod rights;
mod storage;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::probe::Probe;
use super::replicas::ReplicasSpec;
use super::value::{
    AnnotationKey, AppName, Cpu, Cron, DnsLabel, EnvName, ImageRef, KubeVersion, LabelKey,
    LabelValue, Memory, Namespace, ObjectName, Port, Seconds, TimeZone, Uid,
};
use crate::yaml::Tolerant;

pub use canary::{CanarySpec, ObjectiveSpec, TestersSpec};
pub use expose::{ExposeSpec, GatewaySpec};
pub use network::{CallerSpec, NeedSpec, PortEntry, Protocol};
pub use rights::{Access, Permission, ServiceAccountSpec};
pub use storage::{ConfigSpec, SecretSpec, WritableSpec};

/// What kind of workload it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AppType {
    /// Answers calls.
    Service,
    /// Runs all the time and answers nobody.
    Worker,
    /// Runs at set times.
    Cronjob,
}

impl AppType {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Worker => "worker",
            Self::Cronjob => "cronjob",
        }
    }
}

/// A spec, each key as given or absent. Field order is the order in the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[expect(missing_docs, reason = "`KEYS` says what each key is")]
pub struct AppSpec {
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub name: Option<AppName>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub team: Option<DnsLabel>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub r#type: Option<AppType>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub preset: Option<String>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub image: Option<ImageSpec>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub namespace: Option<NamespaceSpec>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub kubernetes: Option<KubeVersion>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub port: Option<Port>,
    #[serde(
        deserialize_with = "Tolerant::list",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(length(min = 1))]
    pub ports: Option<Vec<PortEntry>>,
    #[serde(
        deserialize_with = "Tolerant::list",
        skip_serializing_if = "Option::is_none"
    )]
    pub command: Option<Vec<String>>,
    #[serde(
        deserialize_with = "Tolerant::list",
        skip_serializing_if = "Option::is_none"
    )]
    pub args: Option<Vec<String>>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub user: Option<UserSpec>,
    #[serde(
        deserialize_with = "Tolerant::map",
        skip_serializing_if = "Option::is_none"
    )]
    pub env: Option<BTreeMap<EnvName, String>>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub config: Option<ConfigSpec>,
    #[serde(
        deserialize_with = "Tolerant::list",
        skip_serializing_if = "Option::is_none"
    )]
    pub secrets: Option<Vec<SecretSpec>>,
    #[serde(
        deserialize_with = "Tolerant::list",
        skip_serializing_if = "Option::is_none"
    )]
    pub writable: Option<Vec<WritableSpec>>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub resources: Option<Resources>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub replicas: Option<ReplicasSpec>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub probes: Option<ProbesSpec>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub shutdown: Option<ShutdownSpec>,
    #[serde(
        deserialize_with = "Tolerant::list",
        skip_serializing_if = "Option::is_none"
    )]
    pub callers: Option<Vec<CallerSpec>>,
    #[serde(
        deserialize_with = "Tolerant::list",
        skip_serializing_if = "Option::is_none"
    )]
    pub needs: Option<Vec<NeedSpec>>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub expose: Option<ExposeSpec>,
    #[serde(
        deserialize_with = "Tolerant::list",
        skip_serializing_if = "Option::is_none"
    )]
    pub permissions: Option<Vec<Permission>>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub access: Option<Access>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub service_account: Option<ServiceAccountSpec>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub schedule: Option<ScheduleSpec>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub about: Option<About>,
    #[serde(
        deserialize_with = "Tolerant::map",
        skip_serializing_if = "Option::is_none"
    )]
    pub labels: Option<BTreeMap<LabelKey, LabelValue>>,
    #[serde(
        deserialize_with = "Tolerant::map",
        skip_serializing_if = "Option::is_none"
    )]
    pub annotations: Option<BTreeMap<AnnotationKey, String>>,
    #[serde(
        deserialize_with = "Tolerant::one",
        skip_serializing_if = "Option::is_none"
    )]
    pub canary: Option<CanarySpec>,
}

/// `image`: where the code comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImageSpec {
    /// The image.
    #[serde(rename = "ref")]
    pub reference: ImageRef,
    /// The Secret that holds the registry's credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_secret: Option<ObjectName>,
}

/// Declares the long form of a key: a map in which every field may be left out.
macro_rules! slice {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase", default)]
        pub struct $name {
            $(
                $(#[$field_doc])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $field: Option<$kind>,
            )*
        }
    };
}

use slice;

slice! {
    /// `namespace`: where it runs.
    NamespaceSpec {
        /// Its name.
        name: Namespace,
        /// Whether it is ours to make; a shared one is not.
        create: bool,
    }
}

slice! {
    /// `user`: whom the container runs as.
    UserSpec {
        /// User id.
        uid: Uid,
        /// Group id; that of the user if left out.
        gid: Uid,
    }
}

slice! {
    /// Amounts of cpu and memory.
    ResourceList {
        /// Cores.
        cpu: Cpu,
        /// Bytes.
        memory: Memory,
    }
}

slice! {
    /// `resources`: what a pod is promised, and where it is stopped.
    Resources {
        /// What the scheduler sets aside.
        requests: ResourceList,
        /// What is never passed.
        limits: ResourceList,
    }
}

slice! {
    /// `probes`: how to tell that a pod can serve and is alive.
    ProbesSpec {
        /// Whether it gets traffic.
        ready: Probe,
        /// Whether it is restarted.
        live: Probe,
        /// How long a start may take.
        startup: Seconds,
    }
}

slice! {
    /// `shutdown`: how a pod ends.
    ShutdownSpec {
        /// Time for the network to forget the pod before it is asked to end.
        delay: Seconds,
        /// Time until it is killed, the delay included.
        grace: Seconds,
    }
}

/// What happens when a run is due and the last one has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Overlap {
    /// Both run.
    Allow,
    /// The new one is left out.
    Forbid,
    /// The old one is ended.
    Replace,
}

impl Overlap {
    /// The word that Kubernetes has for it.
    pub fn policy(self) -> &'static str {
        match self {
            Self::Allow => "Allow",
            Self::Forbid => "Forbid",
            Self::Replace => "Replace",
        }
    }
}

slice! {
    /// `schedule`: when a cronjob runs.
    ScheduleSpec {
        /// Minute, hour, day, month, weekday.
        cron: Cron,
        /// Zone that the line is read in.
        time_zone: TimeZone,
        /// What happens when runs meet.
        overlap: Overlap,
        /// The longest that a run may take.
        deadline: Seconds,
        /// How often a failed run is tried again.
        retries: u32,
    }
}

slice! {
    /// `about`: what the next reader wants to know.
    About {
        /// One sentence.
        description: String,
        /// Where its people are reached.
        contact: String,
        /// What to do when it breaks.
        runbook: String,
        /// Where its code is.
        source: String,
        /// Day of the first launch, as the user gives it.
        launched: String,
        /// Whether users reach it.
        user_exposed: bool,
        /// Whether it stores personal data.
        stores_pii: bool,
    }
}
