//! An evaluator of the Pod Security Standards that shares nothing with the code under test.
//!
//! With `PRODGEN_CORPORA` set to a folder, it proves itself on the fixtures below `psa/` in there.

use serde_json::{Map, Value};

/// The two levels that refuse anything; restricted includes baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Baseline,
    Restricted,
}

/// The ids of the restricted (and baseline) checks that refuse a pod, at policy `v1.MINOR`.
pub(crate) fn restricted(pod_spec: &Value, minor: u32) -> Vec<String> {
    violations(None, pod_spec, Level::Restricted, minor)
}

/// The ids of the checks that refuse a pod with these annotations, at policy `v1.MINOR`.
///
/// The ids are those of the admission controller: `runAsNonRoot`, `capabilities_restricted`.
pub(crate) fn violations(
    annotations: Option<&Map<String, Value>>,
    pod_spec: &Value,
    level: Level,
    minor: u32,
) -> Vec<String> {
    let pod = Pod {
        annotations: annotations.cloned().unwrap_or_default(),
        spec: pod_spec.clone(),
        minor,
    };
    let checks = BASELINE.iter().chain(match level {
        Level::Baseline => [].iter(),
        Level::Restricted => RESTRICTED.iter(),
    });
    checks
        .filter(|check| minor >= check.since && !(check.passes)(&pod))
        .map(|check| check.id.to_owned())
        .collect()
}

/// One check: its id, the first policy minor that has it, and what a pod must be.
struct Check {
    id: &'static str,
    since: u32,
    passes: fn(&Pod) -> bool,
}

const BASELINE: [Check; 12] = [
    Check {
        id: "appArmorProfile",
        since: 0,
        passes: Pod::apparmor_is_confined,
    },
    Check {
        id: "capabilities_baseline",
        since: 0,
        passes: Pod::adds_usual_capabilities,
    },
    Check {
        id: "hostNamespaces",
        since: 0,
        passes: Pod::has_own_namespaces,
    },
    Check {
        id: "hostPathVolumes",
        since: 0,
        passes: Pod::mounts_no_host_path,
    },
    Check {
        id: "hostPorts",
        since: 0,
        passes: Pod::takes_no_host_port,
    },
    Check {
        id: "hostProbesAndHostLifecycle",
        since: 34,
        passes: Pod::probes_only_itself,
    },
    Check {
        id: "privileged",
        since: 0,
        passes: Pod::is_not_privileged,
    },
    Check {
        id: "procMount",
        since: 0,
        passes: Pod::masks_proc_or_owns_users,
    },
    Check {
        id: "seLinuxOptions",
        since: 0,
        passes: Pod::selinux_is_confined,
    },
    Check {
        id: "seccompProfile_baseline",
        since: 0,
        passes: Pod::seccomp_is_not_off,
    },
    Check {
        id: "sysctls",
        since: 0,
        passes: Pod::sets_safe_sysctls,
    },
    Check {
        id: "windowsHostProcess",
        since: 0,
        passes: Pod::is_no_host_process,
    },
];

const RESTRICTED: [Check; 7] = [
    Check {
        id: "allowPrivilegeEscalation",
        since: 8,
        passes: Pod::cannot_escalate,
    },
    Check {
        id: "capabilities_restricted",
        since: 22,
        passes: Pod::drops_capabilities,
    },
    Check {
        id: "procMount_restricted",
        since: 35,
        passes: Pod::masks_proc,
    },
    Check {
        id: "restrictedVolumes",
        since: 0,
        passes: Pod::mounts_plain_volumes,
    },
    Check {
        id: "runAsNonRoot",
        since: 0,
        passes: Pod::says_not_root,
    },
    Check {
        id: "runAsUser",
        since: 23,
        passes: Pod::has_no_user_zero,
    },
    Check {
        id: "seccompProfile_restricted",
        since: 19,
        passes: Pod::sets_seccomp,
    },
];

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

struct Pod {
    annotations: Map<String, Value>,
    spec: Value,
    minor: u32,
}

impl Pod {
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

    fn apparmor_is_confined(&self) -> bool {
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

    fn adds_usual_capabilities(&self) -> bool {
        self.added()
            .all(|capability| CAPABILITIES.contains(&capability))
    }

    fn added(&self) -> impl Iterator<Item = &str> {
        let path = &["securityContext", "capabilities", "add"];
        self.containers()
            .flat_map(move |container| items(container, path))
            .filter_map(Value::as_str)
    }

    fn has_own_namespaces(&self) -> bool {
        ["hostNetwork", "hostPID", "hostIPC"]
            .iter()
            .all(|key| flag(&self.spec, &[key]) != Some(true))
    }

    fn mounts_no_host_path(&self) -> bool {
        items(&self.spec, &["volumes"]).all(|volume| volume.get("hostPath").is_none())
    }

    fn takes_no_host_port(&self) -> bool {
        self.containers()
            .flat_map(|container| items(container, &["ports"]))
            .all(|port| {
                port.get("hostPort")
                    .and_then(Value::as_i64)
                    .unwrap_or_default()
                    == 0
            })
    }

    fn probes_only_itself(&self) -> bool {
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

    fn is_not_privileged(&self) -> bool {
        self.contexts()
            .all(|context| flag(context, &["privileged"]) != Some(true))
    }

    fn masks_proc(&self) -> bool {
        self.contexts()
            .all(|context| matches!(text(context, &["procMount"]), None | Some("" | "Default")))
    }

    fn masks_proc_or_owns_users(&self) -> bool {
        self.owns_users() || self.masks_proc()
    }

    fn selinux_is_confined(&self) -> bool {
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

    fn seccomp_is_not_off(&self) -> bool {
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

    fn sets_safe_sysctls(&self) -> bool {
        items(&self.spec, &["securityContext", "sysctls"]).all(|sysctl| {
            let name = text(sysctl, &["name"]).unwrap_or_default();
            SYSCTLS
                .iter()
                .any(|(safe, since)| *safe == name && self.minor >= *since)
        })
    }

    fn is_no_host_process(&self) -> bool {
        self.contexts()
            .all(|context| flag(context, &["windowsOptions", "hostProcess"]) != Some(true))
    }

    fn cannot_escalate(&self) -> bool {
        let path = &["securityContext", "allowPrivilegeEscalation"];
        self.is_exempt_windows()
            || self
                .containers()
                .all(|container| flag(container, path) == Some(false))
    }

    fn drops_capabilities(&self) -> bool {
        let path = &["securityContext", "capabilities", "drop"];
        let drops_all = |container| items(container, path).any(|dropped| dropped == "ALL");
        self.is_exempt_windows()
            || self.containers().all(drops_all) && self.added().all(|add| add == "NET_BIND_SERVICE")
    }

    fn mounts_plain_volumes(&self) -> bool {
        items(&self.spec, &["volumes"])
            .filter_map(Value::as_object)
            .all(|volume| {
                volume
                    .keys()
                    .all(|key| key == "name" || VOLUMES.contains(&key.as_str()))
            })
    }

    fn says_not_root(&self) -> bool {
        let path = &["securityContext", "runAsNonRoot"];
        let pod = flag(&self.spec, path);
        self.owns_users()
            || pod != Some(false)
                && self
                    .containers()
                    .all(|container| flag(container, path).or(pod) == Some(true))
    }

    fn has_no_user_zero(&self) -> bool {
        self.owns_users()
            || self
                .contexts()
                .all(|context| context.get("runAsUser").and_then(Value::as_i64) != Some(0))
    }

    fn sets_seccomp(&self) -> bool {
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

mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::json;

    use super::*;

    fn good() -> Value {
        json!({
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": 65532,
                "seccompProfile": { "type": "RuntimeDefault" },
            },
            "containers": [{
                "name": "app",
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "capabilities": { "drop": ["ALL"] },
                },
            }],
        })
    }

    /// A good pod with one value changed, and the checks that must see it.
    #[test]
    fn a_handful_of_pods() {
        assert_eq!(restricted(&good(), 37), [""; 0]);
        let table = [
            ("/hostNetwork", json!(true), 37, vec!["hostNamespaces"]),
            (
                "/securityContext/runAsNonRoot",
                json!(null),
                37,
                vec!["runAsNonRoot"],
            ),
            (
                "/securityContext/runAsUser",
                json!(0),
                37,
                vec!["runAsUser"],
            ),
            ("/securityContext/runAsUser", json!(0), 22, vec![]),
            (
                "/containers/0/securityContext/capabilities",
                json!({}),
                37,
                vec!["capabilities_restricted"],
            ),
            (
                "/containers/0/securityContext/capabilities/add",
                json!(["SYS_ADMIN"]),
                37,
                vec!["capabilities_baseline", "capabilities_restricted"],
            ),
            (
                "/containers/0/livenessProbe",
                json!({ "httpGet": { "host": "x" } }),
                37,
                vec!["hostProbesAndHostLifecycle"],
            ),
            (
                "/containers/0/livenessProbe",
                json!({ "httpGet": { "host": "x" } }),
                33,
                vec![],
            ),
            (
                "/volumes",
                json!([{ "name": "a", "hostPath": {} }]),
                37,
                vec!["hostPathVolumes", "restrictedVolumes"],
            ),
            (
                "/securityContext/seccompProfile/type",
                json!("Unconfined"),
                37,
                vec!["seccompProfile_baseline", "seccompProfile_restricted"],
            ),
            (
                "/initContainers",
                json!([{ "name": "init" }]),
                37,
                vec!["allowPrivilegeEscalation", "capabilities_restricted"],
            ),
        ];
        for (pointer, value, minor, expected) in table {
            let mut pod = good();
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            pod.pointer_mut(parent).unwrap()[key] = value;
            assert_eq!(restricted(&pod, minor), expected, "{pointer} at v1.{minor}");
        }
    }

    #[test]
    fn every_published_fixture() {
        let Some(corpora) = std::env::var_os("PRODGEN_CORPORA") else {
            println!("PRODGEN_CORPORA was not given: the published fixtures were not tried");
            return;
        };
        let mut wrong = Vec::new();
        let mut count = 0;
        for (name, level) in [
            ("baseline", Level::Baseline),
            ("restricted", Level::Restricted),
        ] {
            for policy in entries(&Path::new(&corpora).join("psa").join(name)) {
                let minor = file_name(&policy)
                    .strip_prefix("v1.")
                    .unwrap()
                    .parse()
                    .unwrap();
                for verdict in entries(&policy) {
                    for file in entries(&verdict) {
                        count += 1;
                        wrong.extend(misjudged(&file, level, minor));
                    }
                }
            }
        }
        println!("{count} fixtures");
        assert!(count > 4000, "only {count} fixtures");
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }

    /// What the evaluator got wrong about one fixture; its path is its label.
    fn misjudged(file: &Path, level: Level, minor: u32) -> Option<String> {
        let pod: Value = serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let annotations = pod
            .pointer("/metadata/annotations")
            .and_then(Value::as_object);
        let found = violations(annotations, &pod["spec"], level, minor);
        let right = if file.parent().is_some_and(|folder| folder.ends_with("pass")) {
            found.is_empty()
        } else {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let expected = name.trim_end_matches(|c: char| c.is_ascii_digit());
            found.iter().any(|id| id.to_lowercase() == expected)
        };
        (!right).then(|| format!("{}: {found:?}", file.display()))
    }

    fn file_name(path: &Path) -> &str {
        path.file_name().unwrap().to_str().unwrap()
    }

    fn entries(folder: &Path) -> Vec<PathBuf> {
        let list =
            std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut paths: Vec<PathBuf> = list.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }
}
