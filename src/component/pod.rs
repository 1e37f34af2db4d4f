//! The pod that every workload shares: one container under the restricted profile.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ContainerPort, ContainerResizePolicy, ExecAction, GRPCAction, HTTPGetAction,
    Probe as KubeProbe, ResourceRequirements, TCPSocketAction, TopologySpreadConstraint, Volume,
    VolumeMount,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;

use super::view::selector;
use super::{Capacity, canary, volume};
use crate::spec::{App, AppType, PortSpec, Probe, Protocol};
use crate::template::View;

/// Seconds between two questions while a pod starts.
const STARTUP_PERIOD: u32 = 2;

#[derive(Serialize)]
struct PodView<'a> {
    name: &'a str,
    image: &'a str,
    token: bool,
    restart_policy: Option<&'static str>,
    grace: u32,
    /// Seconds before the app is asked to end; none where no traffic has to go elsewhere.
    delay: Option<u32>,
    uid: u32,
    gid: u32,
    spread: Vec<TopologySpreadConstraint>,
    command: &'a [String],
    args: &'a [String],
    env: Vec<EnvView>,
    ports: Vec<ContainerPort>,
    resources: ResourceRequirements,
    cpu_limited: bool,
    resize: Vec<ContainerResizePolicy>,
    startup: Option<KubeProbe>,
    startup_seconds: u32,
    ready: Option<KubeProbe>,
    live: Option<KubeProbe>,
    mounts: Vec<VolumeMount>,
    volumes: Vec<Volume>,
    secrets: bool,
}

#[derive(Serialize)]
struct EnvView {
    name: String,
    value: String,
}

/// What the template of the pod sees.
pub(super) fn view(app: &App) -> View {
    let container = &app.container;
    let (volumes, mounts) = volume::volumes(app).into_iter().unzip();
    let runs_once = app.kind == AppType::Cronjob;
    View::of(&PodView {
        name: app.name.as_str(),
        image: app.image.reference.as_str(),
        token: !app.permissions.is_empty(),
        restart_policy: runs_once.then_some("Never"),
        grace: app.shutdown_grace.count(),
        delay: Some(app.shutdown_delay.count()).filter(|delay| *delay > 0 && !runs_once),
        uid: container.uid,
        gid: container.gid,
        spread: if runs_once { Vec::new() } else { spread(app) },
        command: &container.command,
        args: &container.args,
        env: env(app),
        ports: ports(app),
        resources: resources(app),
        cpu_limited: container.cpu_limit.is_some(),
        resize: if runs_once { Vec::new() } else { resize() },
        startup: startup(app),
        startup_seconds: app.probes.startup.count(),
        ready: probe(app, &app.probes.ready).map(|probe| timed(probe, 5, 3)),
        live: probe(app, &app.probes.live).map(|probe| timed(probe, 10, 6)),
        mounts,
        volumes,
        secrets: !app.secrets.is_empty(),
    })
}

/// Over zones and over nodes, each revision counted on its own.
fn spread(app: &App) -> Vec<TopologySpreadConstraint> {
    let keys: Vec<String> = canary::revision(app)
        .iter()
        .map(ToString::to_string)
        .collect();
    ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
        .map(|key| TopologySpreadConstraint {
            max_skew: 1,
            topology_key: key.to_owned(),
            when_unsatisfiable: "ScheduleAnyway".to_owned(),
            node_taints_policy: Some("Honor".to_owned()),
            label_selector: Some(LabelSelector {
                match_labels: Some(selector(app)),
                match_expressions: None,
            }),
            match_label_keys: Some(keys.clone()),
            ..TopologySpreadConstraint::default()
        })
        .into()
}

/// The variables of the spec, and the paths of secret files.
fn env(app: &App) -> Vec<EnvView> {
    let mut env: BTreeMap<String, String> = app
        .container
        .env
        .iter()
        .map(|(name, value)| (name.to_string(), literal(value)))
        .collect();
    for secret in &app.secrets {
        for (name, key) in &secret.path_env {
            env.insert(
                name.to_string(),
                literal(&format!("{}/{key}", secret.mount)),
            );
        }
    }
    env.into_iter()
        .map(|(name, value)| EnvView { name, value })
        .collect()
}

/// Kubernetes expands `$(NAME)` in a variable's value and reads `$$` as `$`; a value of the spec
/// means itself, so every dollar that could be read otherwise is doubled
/// (`third_party/forked/golang/expansion`).
fn literal(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        let after = from.trim_start_matches('$');
        let dollars = &from[..from.len() - after.len()];
        out.push_str(before);
        out.push_str(dollars);
        if dollars.len() > 1 || after.starts_with('(') {
            out.push_str(dollars);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn ports(app: &App) -> Vec<ContainerPort> {
    app.ports
        .iter()
        .map(|port| ContainerPort {
            name: Some(port.name.to_string()),
            container_port: i32::from(port.port.number()),
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        })
        .collect()
}

fn resources(app: &App) -> ResourceRequirements {
    let container = &app.container;
    let capacity = Capacity::of(app);
    let quantity = |key: &str, value: &str| (key.to_owned(), Quantity(value.to_owned()));
    let mut limits: BTreeMap<String, Quantity> = [
        quantity("memory", container.memory_limit.as_str()),
        quantity("ephemeral-storage", capacity.disk_limit.as_str()),
    ]
    .into();
    if let Some(cpu) = &container.cpu_limit {
        limits.extend([quantity("cpu", cpu.as_str())]);
    }
    ResourceRequirements {
        limits: Some(limits),
        requests: Some(
            [
                quantity("cpu", container.cpu_request.as_str()),
                quantity("memory", container.memory_request.as_str()),
                quantity("ephemeral-storage", capacity.disk_request.as_str()),
            ]
            .into(),
        ),
        ..ResourceRequirements::default()
    }
}

/// Cpu can change in a running pod; memory needs a restart, for few runtimes give it back.
fn resize() -> Vec<ContainerResizePolicy> {
    [("cpu", "NotRequired"), ("memory", "RestartContainer")]
        .map(|(resource, policy)| ContainerResizePolicy {
            resource_name: resource.to_owned(),
            restart_policy: policy.to_owned(),
        })
        .into()
}

/// The port that a probe asks: the first that speaks its protocol, else the first.
fn asked(app: &App, protocol: Option<Protocol>) -> Option<&PortSpec> {
    let same = |port: &&PortSpec| protocol.is_none_or(|protocol| port.protocol == protocol);
    app.ports.iter().find(same).or_else(|| app.ports.first())
}

fn probe(app: &App, probe: &Probe) -> Option<KubeProbe> {
    let by_name = |port: &PortSpec| IntOrString::String(port.name.to_string());
    let mut asked_by = KubeProbe::default();
    match probe {
        Probe::Off => return None,
        Probe::Http(path) => {
            asked_by.http_get = Some(HTTPGetAction {
                path: Some(path.to_string()),
                port: by_name(asked(app, Some(Protocol::Http))?),
                ..HTTPGetAction::default()
            });
        }
        Probe::Tcp => {
            let port = by_name(asked(app, None)?);
            asked_by.tcp_socket = Some(TCPSocketAction { host: None, port });
        }
        Probe::Grpc => {
            let port = i32::from(asked(app, Some(Protocol::Grpc))?.port.number());
            asked_by.grpc = Some(GRPCAction {
                port,
                ..GRPCAction::default()
            });
        }
        Probe::Exec(command) => {
            asked_by.exec = Some(ExecAction {
                command: Some(command.clone()),
            });
        }
    }
    Some(asked_by)
}

fn timed(probe: KubeProbe, period: i32, failures: i32) -> KubeProbe {
    KubeProbe {
        period_seconds: Some(period),
        timeout_seconds: Some(2),
        failure_threshold: Some(failures),
        ..probe
    }
}

/// Asks as the liveness probe does, or the readiness probe where there is none, until the first yes.
fn startup(app: &App) -> Option<KubeProbe> {
    let asked_by = probe(app, &app.probes.live).or_else(|| probe(app, &app.probes.ready))?;
    let tries = app.probes.startup.count().div_ceil(STARTUP_PERIOD).max(1);
    Some(KubeProbe {
        period_seconds: i32::try_from(STARTUP_PERIOD).ok(),
        timeout_seconds: Some(2),
        failure_threshold: i32::try_from(tries).ok(),
        ..asked_by
    })
}

#[cfg(test)]
mod tests {
    use super::literal;

    /// What the kubelet makes of a value when no variable is known.
    fn expand(value: &str) -> String {
        let mut out = String::new();
        let mut rest = value;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
            } else if let (true, Some(end)) = (rest.starts_with('('), rest.find(')')) {
                out.push_str("EXPANDED");
                rest = &rest[end + 1..];
            } else {
                out.push('$');
            }
        }
        out.push_str(rest);
        out
    }

    #[test]
    fn a_value_means_itself() {
        for value in [
            "", "$5", "$(X)", "$$(X)", "$$$(X)", "a$", "$$", "($)", "$()", "a$$b$(c", "$a$(b)$",
        ] {
            assert_eq!(expand(&literal(value)), value);
        }
        assert_eq!(literal("$5 off"), "$5 off");
    }
}
