//! An evaluator of the Pod Security Standards that shares nothing with the code under test.
//!
//! With `PRODGEN_CORPORA` set to a folder, it proves itself on the fixtures below `psa/` in there.

mod fixtures;
mod pod;

use pod::Pod;
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
    let pod = Pod::new(annotations, pod_spec, minor);
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

const fn check(id: &'static str, since: u32, passes: fn(&Pod) -> bool) -> Check {
    Check { id, since, passes }
}

const BASELINE: [Check; 12] = [
    check("appArmorProfile", 0, Pod::apparmor_is_confined),
    check("capabilities_baseline", 0, Pod::adds_usual_capabilities),
    check("hostNamespaces", 0, Pod::has_own_namespaces),
    check("hostPathVolumes", 0, Pod::mounts_no_host_path),
    check("hostPorts", 0, Pod::takes_no_host_port),
    check("hostProbesAndHostLifecycle", 34, Pod::probes_only_itself),
    check("privileged", 0, Pod::is_not_privileged),
    check("procMount", 0, Pod::masks_proc_or_owns_users),
    check("seLinuxOptions", 0, Pod::selinux_is_confined),
    check("seccompProfile_baseline", 0, Pod::seccomp_is_not_off),
    check("sysctls", 0, Pod::sets_safe_sysctls),
    check("windowsHostProcess", 0, Pod::is_no_host_process),
];

const RESTRICTED: [Check; 7] = [
    check("allowPrivilegeEscalation", 8, Pod::cannot_escalate),
    check("capabilities_restricted", 22, Pod::drops_capabilities),
    check("procMount_restricted", 35, Pod::masks_proc),
    check("restrictedVolumes", 0, Pod::mounts_plain_volumes),
    check("runAsNonRoot", 0, Pod::says_not_root),
    check("runAsUser", 23, Pod::has_no_user_zero),
    check("seccompProfile_restricted", 19, Pod::sets_seccomp),
];
