//! What each check asks of a pod, from the text of the Pod Security Standards.

use serde_json::{Map, Value};

const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Safe sysctls, each with the policy minor since which it is.
const SYSCTLS: [(&str, u32); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_wmem", 32),
    ("net.ipv4.tcp_notsent_lowat", 37),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
];

const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// A pod before the checks of one policy version.
pub(super) struct Pod {
    annotations: Map<String, Value>,
    spec: Value,
    minor: u32,
}

impl Pod {
    pub(super) fn new(annotations: Option<&Map<String, Value>>, spec: &Value, minor: u32) -> Self {
        Self {
            annotations: annotations.cloned().unwrap_or_default(),
            spec: spec.clone(),
            minor,
        }
    }

    fn containers(&self) -> impl Iterator<Item = &Value> {
        let spec = &self.spec;
        ["initContainers", "containers", "ephemeralContainers"]
            .into_iter()
            .flat_map(move |list| items(spec, &[list]))
    }

    /// The security contexts of the pod and of every container.
    fn contexts(&self) -> impl Iterator<Item = &Value> {
        std::iter::once(&self.spec)
            .chain(self.containers())
            .filter_map(|part| part.get("securityContext"))
    }

    /// Annotations whose key starts with `prefix`.
    fn annotated(&self, prefix: &'static str) -> impl Iterator<Item = &str> {
        self.annotations
            .iter()
            .filter(move |(key, _)| key.starts_with(prefix))
            .filter_map(|(_, value)| value.as_str())
    }

    /// Since v1.25 Windows pods need not say what only Linux has.
    fn is_exempt_windows(&self) -> bool {
        self.minor >= 25 && text(&self.spec, &["os", "name"]) == Some("windows")
    }

    /// Since v1.35 a pod with its own user namespace may be root inside.
    fn owns_users(&self) -> bool {
        self.minor >= 35 && flag(&self.spec, &["hostUsers"]) == Some(false)
    }

    pub(super) fn apparmor_is_confined(&self) -> bool {
        let old = |value: &str| {
            matches!(value, "" | "runtime/default") || value.starts_with("localhost/")
        };
        self.annotated("container.apparmor.security.beta.kubernetes.io/")
            .all(old)
            && self.contexts().all(|context| {
                let kind = text(context, &["appArmorProfile", "type"]);
                matches!(kind, None | Some("RuntimeDefault" | "Localhost"))
            })
    }

    pub(super) fn adds_usual_capabilities(&self) -> bool {
        self.added()
            .all(|capability| CAPABILITIES.contains(&capability))
    }

    fn added(&self) -> impl Iterator<Item = &str> {
        let path = &["securityContext", "capabilities", "add"];
        self.containers()
            .flat_map(move |container| items(container, path))
            .filter_map(Value::as_str)
    }

    pub(super) fn has_own_namespaces(&self) -> bool {
        ["hostNetwork", "hostPID", "hostIPC"]
            .iter()
            .all(|key| flag(&self.spec, &[key]) != Some(true))
    }

    pub(super) fn mounts_no_host_path(&self) -> bool {
        items(&self.spec, &["volumes"]).all(|volume| volume.get("hostPath").is_none())
    }

    pub(super) fn takes_no_host_port(&self) -> bool {
        self.containers()
            .flat_map(|container| items(container, &["ports"]))
            .all(|port| {
                port.get("hostPort")
                    .and_then(Value::as_i64)
                    .unwrap_or_default()
                    == 0
            })
    }

    pub(super) fn probes_only_itself(&self) -> bool {
        const HANDLERS: [&[&str]; 5] = [
            &["livenessProbe"],
            &["readinessProbe"],
            &["startupProbe"],
            &["lifecycle", "postStart"],
            &["lifecycle", "preStop"],
        ];
        self.containers().all(|container| {
            HANDLERS
                .iter()
                .filter_map(|path| at(container, path))
                .all(|handler| {
                    ["httpGet", "tcpSocket"].iter().all(|kind| {
                        text(handler, &[kind, "host"])
                            .unwrap_or_default()
                            .is_empty()
                    })
                })
        })
    }

    pub(super) fn is_not_privileged(&self) -> bool {
        self.contexts()
            .all(|context| flag(context, &["privileged"]) != Some(true))
    }

    pub(super) fn masks_proc(&self) -> bool {
        self.contexts()
            .all(|context| matches!(text(context, &["procMount"]), None | Some("" | "Default")))
    }

    pub(super) fn masks_proc_or_owns_users(&self) -> bool {
        self.owns_users() || self.masks_proc()
    }

    pub(super) fn selinux_is_confined(&self) -> bool {
        self.contexts()
            .filter_map(|context| context.get("seLinuxOptions"))
            .all(|options| {
                let kind = match text(options, &["type"]).unwrap_or_default() {
                    "" | "container_t" | "container_init_t" | "container_kvm_t" => true,
                    "container_engine_t" => self.minor >= 31,
                    _ => false,
                };
                let empty = |key: &str| text(options, &[key]).unwrap_or_default().is_empty();
                kind && empty("user") && empty("role")
            })
    }

    pub(super) fn seccomp_is_not_off(&self) -> bool {
        if self.minor < 19 {
            let old = |value: &str| {
                matches!(value, "runtime/default" | "docker/default")
                    || value.starts_with("localhost/")
            };
            return self
                .annotated("seccomp.security.alpha.kubernetes.io/pod")
                .all(old)
                && self
                    .annotated("container.seccomp.security.alpha.kubernetes.io/")
                    .all(old);
        }
        self.contexts()
            .all(|context| seccomp(context).is_none_or(is_confined))
    }

    pub(super) fn sets_safe_sysctls(&self) -> bool {
        items(&self.spec, &["securityContext", "sysctls"]).all(|sysctl| {
            let name = text(sysctl, &["name"]).unwrap_or_default();
            SYSCTLS
                .iter()
                .any(|(safe, since)| *safe == name && self.minor >= *since)
        })
    }

    pub(super) fn is_no_host_process(&self) -> bool {
        self.contexts()
            .all(|context| flag(context, &["windowsOptions", "hostProcess"]) != Some(true))
    }

    pub(super) fn cannot_escalate(&self) -> bool {
        let path = &["securityContext", "allowPrivilegeEscalation"];
        self.is_exempt_windows()
            || self
                .containers()
                .all(|container| flag(container, path) == Some(false))
    }

    pub(super) fn drops_capabilities(&self) -> bool {
        let path = &["securityContext", "capabilities", "drop"];
        let drops_all = |container| items(container, path).any(|dropped| dropped == "ALL");
        self.is_exempt_windows()
            || self.containers().all(drops_all) && self.added().all(|add| add == "NET_BIND_SERVICE")
    }

    pub(super) fn mounts_plain_volumes(&self) -> bool {
        items(&self.spec, &["volumes"])
            .filter_map(Value::as_object)
            .all(|volume| {
                volume
                    .keys()
                    .all(|key| key == "name" || VOLUMES.contains(&key.as_str()))
            })
    }

    pub(super) fn says_not_root(&self) -> bool {
        let path = &["securityContext", "runAsNonRoot"];
        let pod = flag(&self.spec, path);
        self.owns_users()
            || pod != Some(false)
                && self
                    .containers()
                    .all(|container| flag(container, path).or(pod) == Some(true))
    }

    pub(super) fn has_no_user_zero(&self) -> bool {
        self.owns_users()
            || self
                .contexts()
                .all(|context| context.get("runAsUser").and_then(Value::as_i64) != Some(0))
    }

    pub(super) fn sets_seccomp(&self) -> bool {
        let pod = own_seccomp(&self.spec);
        self.is_exempt_windows()
            || pod.is_none_or(is_confined)
                && self
                    .containers()
                    .all(|container| own_seccomp(container).or(pod).is_some_and(is_confined))
    }
}

fn seccomp(context: &Value) -> Option<&str> {
    text(context, &["seccompProfile", "type"])
}

/// What a pod or a container says itself.
fn own_seccomp(part: &Value) -> Option<&str> {
    part.get("securityContext").and_then(seccomp)
}

fn is_confined(seccomp: &str) -> bool {
    matches!(seccomp, "RuntimeDefault" | "Localhost")
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

fn text<'a>(value: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(value, path)?.as_str()
}

fn flag(value: &Value, path: &[&str]) -> Option<bool> {
    at(value, path)?.as_bool()
}

fn items<'a>(value: &'a Value, path: &[&str]) -> impl Iterator<Item = &'a Value> + use<'a> {
    at(value, path)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}
