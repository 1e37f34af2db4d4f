//! A service with nothing left open: every default taken, every rule between keys kept.

mod canary;

use std::collections::BTreeMap;

use super::canary::{Mover, RunSpec, TakeoverSpec};
use super::model::{About, Access, AppType, Overlap, Permission, Protocol};
use super::probe::Probe;
use super::value::{
    AnnotationKey, AppName, Cidr, Cpu, Cron, DataKey, DnsLabel, EnvName, Host, ImageRef,
    KubeVersion, LabelKey, LabelValue, Memory, MountPath, Namespace, ObjectName, Port, PortName,
    RoutePath, Seconds, TimeZone,
};

pub use canary::{Canary, Objective};

/// The environment of a spec without environments.
pub(super) const PRODUCTION: &str = "production";

/// A service, settled.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its name.
    pub name: AppName,
    /// The team that owns it.
    pub team: DnsLabel,
    /// The environment that it is rendered for.
    pub environment: &'static str,
    /// What kind of workload it is.
    pub kind: AppType,
    /// Where it runs.
    pub namespace: Namespace,
    /// Whether the namespace is ours to make.
    pub owns_namespace: bool,
    /// The oldest Kubernetes that the output must work on.
    pub kubernetes: KubeVersion,
    /// What runs.
    pub image: Image,
    /// Where it listens; the first port is the one that probes ask unless their protocol says else.
    pub ports: Vec<PortSpec>,
    /// The container, but for its image and ports.
    pub container: Container,
    /// Files that are no secrets, read from the folder or path that the spec names.
    pub config: Option<Config>,
    /// Secrets, as files.
    pub secrets: Vec<SecretMount>,
    /// Folders that may be written to.
    pub writable: Vec<Writable>,
    /// How many pods; a cronjob has one a run.
    pub replicas: Replicas,
    /// How to tell that it can serve.
    pub probes: Probes,
    /// Time for the network to forget a pod before it is asked to end.
    pub shutdown_delay: Seconds,
    /// Time until a pod is killed, the delay included.
    pub shutdown_grace: Seconds,
    /// Who may call it.
    pub callers: Vec<Peer>,
    /// Whom it calls.
    pub needs: Vec<Need>,
    /// Where users reach it.
    pub expose: Option<Expose>,
    /// What it may do at the Kubernetes API.
    pub permissions: Vec<Permission>,
    /// Groups of people.
    pub access: Access,
    /// Annotations of its ServiceAccount.
    pub identity: BTreeMap<AnnotationKey, String>,
    /// When it runs; only a cronjob has one.
    pub schedule: Option<Schedule>,
    /// What the next reader wants to know.
    pub about: About,
    /// Further labels.
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// Further annotations.
    pub annotations: BTreeMap<AnnotationKey, String>,
    /// How a new version goes out, if not to all at once.
    pub canary: Option<Canary>,
}

impl App {
    /// The rollout under way.
    pub fn run(&self) -> Option<&RunSpec> {
        self.canary.as_ref()?.run.as_ref()
    }

    /// The pods change hands.
    pub fn takeover(&self) -> Option<TakeoverSpec> {
        self.canary.as_ref()?.takeover
    }

    /// The service as a canary runs it; at rest that is as everybody does.
    pub fn next(&self) -> &Self {
        let next = self
            .canary
            .as_ref()
            .and_then(|canary| canary.next.as_deref());
        next.unwrap_or(self)
    }

    /// The configurations that pods may read: that of stable, that of a new version, and the one that a way
    /// back leads to. Those that say the same are one.
    pub fn configs(&self) -> Vec<&Config> {
        let back = self.canary.as_ref().and_then(|canary| canary.back.as_ref());
        let mut configs: Vec<&Config> = Vec::new();
        for one in [self.config.as_ref(), self.next().config.as_ref(), back]
            .into_iter()
            .flatten()
        {
            if configs.iter().all(|other| other.files != one.files) {
                configs.push(one);
            }
        }
        configs
    }

    /// How many pods stable has: all of them, but for those that a canary has made superfluous. A rollout
    /// keeps as many as it began with.
    pub fn stable(&self) -> Replicas {
        let Some(run) = self.run().filter(|run| run.mover() != Mover::Controller) else {
            return self.replicas;
        };
        let least = run.tracks(self.replicas.min()).stable;
        match self.replicas {
            Replicas::Fixed(_) => Replicas::Fixed(least),
            // What load asks for beyond that it still gets: it only lowers the share.
            Replicas::Auto { max, cpu, .. } => Replicas::Auto {
                min: least,
                max: max.max(least),
                cpu,
            },
        }
    }
}

/// An image and how to get it.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// The reference, registry included.
    pub reference: ImageRef,
    /// The Secret with the registry's credential.
    pub pull_secret: Option<ObjectName>,
}

/// A port that the container listens on.
#[derive(Debug, Clone, PartialEq)]
pub struct PortSpec {
    /// Its name.
    pub name: PortName,
    /// Its number.
    pub port: Port,
    /// What is spoken there.
    pub protocol: Protocol,
}

/// How the container runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Entry point; the image's if empty.
    pub command: Vec<String>,
    /// Arguments; the image's if empty.
    pub args: Vec<String>,
    /// Numeric user.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
    /// Variables that are no secrets.
    pub env: BTreeMap<EnvName, String>,
    /// Cores set aside.
    pub cpu_request: Cpu,
    /// Memory set aside.
    pub memory_request: Memory,
    /// Cores never passed; none unless asked for, for a limit throttles.
    pub cpu_limit: Option<Cpu>,
    /// Memory never passed.
    pub memory_limit: Memory,
}

/// Configuration files.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Where they appear.
    pub mount: MountPath,
    /// Their texts by name.
    pub files: BTreeMap<DataKey, String>,
}

/// A Secret shown as files.
#[derive(Debug, Clone, PartialEq)]
pub struct SecretMount {
    /// What it is called here.
    pub name: DnsLabel,
    /// The Secret.
    pub secret: ObjectName,
    /// The keys shown; all if empty.
    pub keys: Vec<DataKey>,
    /// Where they appear.
    pub mount: MountPath,
    /// Variables that hold the path of a key's file.
    pub path_env: BTreeMap<EnvName, DataKey>,
}

/// A folder that may be written to.
#[derive(Debug, Clone, PartialEq)]
pub struct Writable {
    /// The folder.
    pub path: MountPath,
    /// The most it may hold.
    pub size: Memory,
    /// Whether it lives in memory.
    pub memory: bool,
}

/// How many pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replicas {
    /// Always this many.
    Fixed(u32),
    /// An autoscaler decides.
    Auto {
        /// Never fewer.
        min: u32,
        /// Never more.
        max: u32,
        /// Percent of the cpu request that it aims at.
        cpu: u32,
    },
}

impl Replicas {
    /// The fewest pods at rest.
    pub fn min(self) -> u32 {
        match self {
            Self::Fixed(count) => count,
            Self::Auto { min, .. } => min,
        }
    }

    /// The most pods at rest.
    pub fn max(self) -> u32 {
        match self {
            Self::Fixed(count) => count,
            Self::Auto { max, .. } => max,
        }
    }
}

/// How to tell that a pod can serve, and is alive.
#[derive(Debug, Clone, PartialEq)]
pub struct Probes {
    /// Whether it gets traffic.
    pub ready: Probe,
    /// Whether it is restarted.
    pub live: Probe,
    /// How long a start may take.
    pub startup: Seconds,
}

/// Who may call.
#[derive(Debug, Clone, PartialEq)]
pub enum Peer {
    /// Pods with these labels in this namespace.
    Pods {
        /// The namespace.
        namespace: String,
        /// The labels.
        labels: BTreeMap<String, String>,
    },
    /// Everything in this namespace.
    Namespace(String),
    /// Addresses outside the cluster.
    Addresses(Cidr),
}

/// Who is called, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Need {
    /// Who.
    pub peer: NeedPeer,
    /// The port of its pods.
    pub port: Port,
}

/// Who is called.
#[derive(Debug, Clone, PartialEq)]
pub enum NeedPeer {
    /// Pods with these labels in this namespace.
    Pods {
        /// The namespace.
        namespace: String,
        /// The labels.
        labels: BTreeMap<String, String>,
    },
    /// Everything in this namespace.
    Namespace(String),
    /// Addresses outside the cluster.
    Addresses {
        /// The addresses.
        cidr: Cidr,
        /// What they belong to, for the reader.
        host: Option<String>,
    },
    /// Everything that is not a private address.
    Internet,
}

/// Where users reach it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expose {
    /// Names that users type; every host of the gateway if empty.
    pub hosts: Vec<Host>,
    /// What a path begins with.
    pub path: RoutePath,
    /// The port that they reach.
    pub port: PortName,
    /// Through whom.
    pub route: Route,
    /// Whose calls the pods let in.
    pub callers: Vec<Peer>,
    /// The Secret with the certificate of the hosts, where it is the service's.
    pub tls: Option<ObjectName>,
}

/// Who takes users' calls in.
#[derive(Debug, Clone, PartialEq)]
pub enum Route {
    /// A Gateway.
    Gateway(Gateway),
    /// The controller of an Ingress.
    Ingress {
        /// The class of the Ingress.
        class: ObjectName,
    },
}

/// A Gateway of the Gateway API.
#[derive(Debug, Clone, PartialEq)]
pub struct Gateway {
    /// Its namespace.
    pub namespace: DnsLabel,
    /// Its name.
    pub name: ObjectName,
    /// The listener that the route is on, where the service brings none.
    pub listener: ObjectName,
}

/// When a cronjob runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Minute, hour, day, month, weekday.
    pub cron: Cron,
    /// Zone that the line is read in.
    pub time_zone: TimeZone,
    /// What happens when runs meet.
    pub overlap: Overlap,
    /// The longest that a run may take.
    pub deadline: Seconds,
    /// How often a failed run is tried again.
    pub retries: u32,
}

/// Which of the pods that run side by side during a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// The version that everybody meets.
    Stable,
    /// The version that some meet, step by step more.
    Canary,
}

impl Track {
    /// The value of the label `prodgen.dev/track`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Canary => "canary",
        }
    }
}
