//! Takes the defaults: an [`AppSpec`] that passed its checks becomes an [`App`].

mod amount;
mod canary;
mod config;
mod expose;

use std::collections::BTreeMap;

use super::app::{
    App, Config, Container, Image, Need, NeedPeer, PRODUCTION, Peer, PortSpec, Probes, Replicas,
    Schedule, SecretMount, Writable,
};
use super::layer::Files;
use super::model::{
    About, AppSpec, AppType, CallerSpec, NeedSpec, Overlap, PortEntry, Protocol, SecretSpec,
};
use super::probe::Probe;
use super::replicas::ReplicasSpec;
use super::value::{
    Cron, DnsLabel, KubeVersion, LabelKey, LabelValue, MountPath, Namespace, ObjectName, Port,
    Seconds, TimeZone, Wrong,
};
use crate::diag::Diagnostic;
use crate::yaml::Tree;

pub(super) use amount::{cpu, memory};
pub(super) use config::unreadable;
pub(super) use expose::{gateway_label, port as exposed_port};

/// The default of `user`: the `nonroot` user of distroless images.
const NONROOT: u32 = 65532;

/// What a pod of ours carries everywhere: how others find it by the service's name alone.
pub(super) fn pod_labels(service: &str) -> BTreeMap<String, String> {
    [("app.kubernetes.io/name".to_owned(), service.to_owned())].into()
}

/// What holds, and is still worth a word: of what the spec names and not of itself.
pub(super) fn warnings(app: &App, tree: &Tree) -> Vec<Diagnostic> {
    let all = app.configs().into_iter();
    all.flat_map(|files| config::warnings(files, tree))
        .collect()
}

/// What a spec is of, when it does not say.
pub(super) fn kind_of(spec: &AppSpec) -> AppType {
    spec.r#type.unwrap_or(AppType::Service)
}

/// The ports of a spec, named; a port without a protocol speaks gRPC where the probes do.
pub(super) fn ports(spec: &AppSpec) -> Result<Vec<PortSpec>, Wrong> {
    let asks_grpc = spec.probes.as_ref().is_some_and(|probes| {
        [&probes.ready, &probes.live]
            .into_iter()
            .any(|probe| *probe == Some(Probe::Grpc))
    });
    let default = if asks_grpc {
        Protocol::Grpc
    } else {
        Protocol::Http
    };
    let given = match (&spec.port, &spec.ports, kind_of(spec)) {
        (Some(port), _, _) => vec![PortEntry {
            name: None,
            port: *port,
            protocol: None,
        }],
        (None, Some(ports), _) => ports.clone(),
        (None, None, AppType::Service) => {
            vec![PortEntry {
                name: None,
                port: "8080".parse()?,
                protocol: None,
            }]
        }
        (None, None, AppType::Worker | AppType::Cronjob) => Vec::new(),
    };
    given
        .into_iter()
        .map(|entry| {
            let protocol = entry.protocol.unwrap_or(default);
            let name = match (entry.name, protocol) {
                (Some(name), _) => name,
                (None, Protocol::Http) => "http".parse()?,
                (None, Protocol::Grpc) => "grpc".parse()?,
                (None, Protocol::Tcp) => "tcp".parse()?,
            };
            Ok(PortSpec {
                name,
                port: entry.port,
                protocol,
            })
        })
        .collect()
}

/// Where each writable folder is and how big it may grow.
pub(super) fn writable(spec: &AppSpec) -> Result<Vec<Writable>, Wrong> {
    let Some(given) = &spec.writable else {
        let path = "/tmp".parse()?;
        return Ok(vec![Writable {
            path,
            size: "64Mi".parse()?,
            memory: false,
        }]);
    };
    given
        .iter()
        .map(|one| {
            let size = match &one.size {
                Some(size) => size.clone(),
                None => "64Mi".parse()?,
            };
            Ok(Writable {
                path: one.path.clone(),
                size,
                memory: one.memory.unwrap_or_default(),
            })
        })
        .collect()
}

/// Where each secret appears.
pub(super) fn secret_mount(secret: &SecretSpec) -> Result<MountPath, Wrong> {
    match &secret.mount {
        Some(mount) => Ok(mount.clone()),
        None => format!("/var/run/secrets/{}", secret.name).parse(),
    }
}

/// Where the configuration appears; nothing without a name to put it under.
pub(super) fn config_mount(spec: &AppSpec) -> Option<Result<MountPath, Wrong>> {
    let config = spec.config.as_ref()?;
    match (&config.mount, &spec.name) {
        (Some(mount), _) => Some(Ok(mount.clone())),
        (None, Some(name)) => Some(format!("/etc/{name}").parse()),
        (None, None) => None,
    }
}

/// How many pods.
pub(super) fn replicas(spec: &AppSpec) -> Replicas {
    match &spec.replicas {
        Some(ReplicasSpec::Fixed(count)) => Replicas::Fixed(*count),
        Some(ReplicasSpec::Auto(auto)) => {
            // A bound that is given moves the one that is not, so that one alone is enough.
            let min = auto
                .min
                .unwrap_or_else(|| auto.max.map_or(3, |max| max.min(3)));
            let max = auto.max.unwrap_or_else(|| min.max(6));
            Replicas::Auto {
                min,
                max,
                cpu: auto.cpu.unwrap_or(70),
            }
        }
        None => match kind_of(spec) {
            AppType::Service => Replicas::Auto {
                min: 3,
                max: 6,
                cpu: 70,
            },
            AppType::Worker => Replicas::Fixed(2),
            AppType::Cronjob => Replicas::Fixed(1),
        },
    }
}

/// Delay and grace of a shutdown.
pub(super) fn shutdown(spec: &AppSpec) -> Result<(Seconds, Seconds), Wrong> {
    let given = spec.shutdown.clone().unwrap_or_default();
    let or = |given: Option<Seconds>, usual: &str| given.map_or_else(|| usual.parse(), Ok);
    Ok((or(given.delay, "10s")?, or(given.grace, "45s")?))
}

fn labels_of(
    service: Option<&DnsLabel>,
    labels: Option<&BTreeMap<LabelKey, LabelValue>>,
) -> BTreeMap<String, String> {
    match (labels, service) {
        (Some(labels), _) => labels
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect(),
        (None, Some(service)) => pod_labels(service.as_str()),
        (None, None) => BTreeMap::new(),
    }
}

fn peer(caller: &CallerSpec) -> Option<Peer> {
    if let Some(cidr) = &caller.cidr {
        return Some(Peer::Addresses(cidr.clone()));
    }
    let namespace = caller
        .namespace
        .as_ref()
        .or(caller.service.as_ref())?
        .to_string();
    let labels = labels_of(caller.service.as_ref(), caller.labels.as_ref());
    Some(if labels.is_empty() {
        Peer::Namespace(namespace)
    } else {
        Peer::Pods { namespace, labels }
    })
}

fn need(need: &NeedSpec) -> Result<Option<Need>, Wrong> {
    let port = match (&need.port, need.internet) {
        (Some(port), _) => *port,
        (None, Some(true)) => "443".parse::<Port>()?,
        (None, _) => return Ok(None),
    };
    let peer = if need.internet == Some(true) {
        NeedPeer::Internet
    } else if let Some(cidr) = &need.cidr {
        NeedPeer::Addresses {
            cidr: cidr.clone(),
            host: need.host.clone(),
        }
    } else {
        let Some(namespace) = need.namespace.as_ref().or(need.service.as_ref()) else {
            return Ok(None);
        };
        let namespace = namespace.to_string();
        let labels = labels_of(need.service.as_ref(), need.labels.as_ref());
        if labels.is_empty() {
            NeedPeer::Namespace(namespace)
        } else {
            NeedPeer::Pods { namespace, labels }
        }
    };
    Ok(Some(Need { peer, port }))
}

fn probes(spec: &AppSpec, ports: &[PortSpec]) -> Result<Probes, Wrong> {
    let given = spec.probes.clone().unwrap_or_default();
    let usual = match (kind_of(spec), ports.first().map(|port| port.protocol)) {
        (AppType::Cronjob, _) | (_, None) => Probe::Off,
        (_, Some(_)) => Probe::Tcp,
    };
    Ok(Probes {
        ready: given.ready.unwrap_or_else(|| usual.clone()),
        live: given.live.unwrap_or(usual),
        startup: given.startup.map_or_else(|| "60s".parse(), Ok)?,
    })
}

/// Takes the defaults. Complaints are about files that the spec names and that cannot be read; the
/// spec itself has passed its checks, so that the values here cannot be wrong.
pub(super) fn settle(
    spec: &AppSpec,
    tree: &Tree,
    files: &dyn Files,
) -> Result<App, Vec<Diagnostic>> {
    let wrong = |wrong: Wrong| {
        let mut one = Diagnostic::error(wrong.message).at(tree.span);
        one.help = wrong.help;
        vec![one]
    };
    let own = config::config(spec, tree, files, None)?;
    let Some(run) = canary::run(spec) else {
        return build(spec, own).map_err(wrong);
    };
    let next = run.version(spec);
    let new = config::of_run(&next, run, own.as_ref(), tree, files)?;
    // What `image` and `config` name is where a way back leads until the rollout is over.
    let (now, config) = if run.is_promoted() {
        (&next, &new)
    } else {
        (spec, &own)
    };
    let mut app = build(now, config.clone()).map_err(wrong)?;
    if let (Some(canary), Some(image)) = (&mut app.canary, &spec.image) {
        canary.next = Some(Box::new(build(&next, new).map_err(wrong)?));
        canary.back = own;
        canary.image = image.reference.clone();
    }
    Ok(app)
}

fn build(spec: &AppSpec, config: Option<Config>) -> Result<App, Wrong> {
    let missing = || Wrong::new("`name`, `team` or `image` is missing");
    let name = spec.name.clone().ok_or_else(missing)?;
    let image = spec.image.clone().ok_or_else(missing)?;
    let namespace = spec.namespace.clone().unwrap_or_default();
    let (cpu_request, cpu_limit) = cpu(spec)?;
    let (memory_request, memory_limit) = memory(spec)?;
    let (shutdown_delay, shutdown_grace) = shutdown(spec)?;
    let ports = ports(spec)?;
    let uid = spec
        .user
        .as_ref()
        .and_then(|user| user.uid)
        .map_or(NONROOT, Into::into);
    Ok(App {
        team: spec.team.clone().ok_or_else(missing)?,
        environment: PRODUCTION,
        kind: kind_of(spec),
        namespace: namespace
            .name
            .map_or_else(|| name.as_str().parse::<Namespace>(), Ok)?,
        owns_namespace: namespace.create.unwrap_or(true),
        kubernetes: spec
            .kubernetes
            .map_or_else(|| "1.35".parse::<KubeVersion>(), Ok)?,
        image: Image {
            reference: image.reference,
            pull_secret: image.pull_secret,
        },
        probes: probes(spec, &ports)?,
        expose: expose::expose(spec, &ports)?,
        ports,
        container: Container {
            command: spec.command.clone().unwrap_or_default(),
            args: spec.args.clone().unwrap_or_default(),
            uid,
            gid: spec
                .user
                .as_ref()
                .and_then(|user| user.gid)
                .map_or(uid, Into::into),
            env: spec.env.clone().unwrap_or_default(),
            cpu_request,
            memory_request,
            cpu_limit,
            memory_limit,
        },
        config,
        secrets: spec
            .secrets
            .iter()
            .flatten()
            .map(|secret| {
                Ok(SecretMount {
                    mount: secret_mount(secret)?,
                    name: secret.name.clone(),
                    secret: match &secret.secret {
                        Some(secret) => secret.clone(),
                        None => secret.name.as_str().parse::<ObjectName>()?,
                    },
                    keys: secret.keys.clone().unwrap_or_default(),
                    path_env: secret.path_env.clone().unwrap_or_default(),
                })
            })
            .collect::<Result<_, Wrong>>()?,
        writable: writable(spec)?,
        replicas: replicas(spec),
        shutdown_delay,
        shutdown_grace,
        callers: spec.callers.iter().flatten().filter_map(peer).collect(),
        needs: spec
            .needs
            .iter()
            .flatten()
            .filter_map(|one| need(one).transpose())
            .collect::<Result<_, Wrong>>()?,
        permissions: spec.permissions.clone().unwrap_or_default(),
        access: spec.access.clone().unwrap_or_default(),
        identity: spec
            .service_account
            .clone()
            .and_then(|account| account.annotations)
            .unwrap_or_default(),
        schedule: schedule(spec)?,
        about: about(spec),
        labels: spec.labels.clone().unwrap_or_default(),
        annotations: spec.annotations.clone().unwrap_or_default(),
        canary: canary::canary(spec),
        name,
    })
}

/// What is said about it; who has users says so, unless told not to.
fn about(spec: &AppSpec) -> About {
    let about = spec.about.clone().unwrap_or_default();
    About {
        user_exposed: about.user_exposed.or(spec.expose.as_ref().map(|_| true)),
        ..about
    }
}

fn schedule(spec: &AppSpec) -> Result<Option<Schedule>, Wrong> {
    if kind_of(spec) != AppType::Cronjob {
        return Ok(None);
    }
    let given = spec.schedule.clone().unwrap_or_default();
    Ok(Some(Schedule {
        // Nightly, and not on the hour, when everybody's nightly work starts.
        cron: given
            .cron
            .map_or_else(|| "17 3 * * *".parse::<Cron>(), Ok)?,
        time_zone: given
            .time_zone
            .map_or_else(|| "UTC".parse::<TimeZone>(), Ok)?,
        overlap: given.overlap.unwrap_or(Overlap::Forbid),
        deadline: given.deadline.map_or_else(|| "1h".parse(), Ok)?,
        retries: given.retries.unwrap_or(2),
    }))
}
