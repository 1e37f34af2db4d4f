//! Namespaces: Pod Security, quota and limits, and those that are not ours.

use super::{at, pod, service};
use serde_json::{Value, json};

/// 33: the enforced policy is pinned to the oldest cluster.
#[test]
fn pod_security_is_pinned() {
    for minor in ["1.34", "1.35", "1.36", "1.37"] {
        let all = service(&format!("kubernetes: \"{minor}\"\n"));
        let labels = at(&all["Namespace/shop"], "/metadata/labels");
        assert_eq!(labels["pod-security.kubernetes.io/enforce"], "restricted");
        assert_eq!(
            labels["pod-security.kubernetes.io/enforce-version"],
            format!("v{minor}")
        );
        assert_eq!(labels["pod-security.kubernetes.io/warn-version"], "latest");
    }
    // 93: the API server's own label is not set.
    let all = service("");
    assert!(
        at(&all["Namespace/shop"], "/metadata/labels")
            .get("kubernetes.io/metadata.name")
            .is_none()
    );
}

fn bytes(quantity: &Value) -> u64 {
    let quantity: prodgen::spec::value::Memory = quantity.as_str().unwrap().parse().unwrap();
    quantity.bytes()
}

/// 35, 36, 37, 103, 104: quota and limits go together, and a rollout at full scale fits.
#[test]
fn a_rollout_at_full_scale_fits_the_quota() {
    for (keys, full) in [
        ("replicas: { min: 3, max: 12 }\n", 12),
        ("replicas: 1\n", 1),
        ("replicas: 250\n", 250),
    ] {
        let all = service(keys);
        let hard = at(&all["ResourceQuota/shop"], "/spec/hard");
        let pods: u64 = hard["pods"].as_str().unwrap().parse().unwrap();
        // All of them, those that a rollout adds, and all of the old ones still ending.
        let surge = u64::div_ceil(full * 25, 100);
        assert_eq!(pods, 2 * full + surge);
        let container = at(pod(&all), "/containers/0/resources");
        assert_eq!(
            bytes(&hard["requests.memory"]),
            pods * bytes(&container["requests"]["memory"])
        );
        assert_eq!(
            bytes(&hard["limits.memory"]),
            pods * bytes(&container["limits"]["memory"])
        );
        let cpu = |value: &Value| {
            let cpu: prodgen::spec::value::Cpu = value.as_str().unwrap().parse().unwrap();
            cpu.milli()
        };
        assert_eq!(
            cpu(&hard["requests.cpu"]),
            pods * cpu(&container["requests"]["cpu"])
        );
        let limits = at(&all["LimitRange/shop"], "/spec/limits/0");
        assert_eq!(limits["default"], limits["max"]);
        assert!(limits["max"].get("cpu").is_none() && limits["default"].get("cpu").is_none());
        for resource in ["memory", "ephemeral-storage"] {
            assert!(bytes(&limits["default"][resource]) >= bytes(&container["limits"][resource]));
            assert!(bytes(&limits["max"][resource]) >= bytes(&container["limits"][resource]));
        }
    }
}

/// A shared namespace is not ours: no namespace, quota, limits; policies select our pods only.
#[test]
fn a_shared_namespace_is_left_alone() {
    let all = service("namespace: { name: tools, create: false }\n");
    for kind in ["Namespace", "ResourceQuota", "LimitRange"] {
        assert!(
            !all.keys().any(|key| key.starts_with(&format!("{kind}/"))),
            "{kind}"
        );
    }
    for (key, object) in all
        .iter()
        .filter(|(key, _)| key.starts_with("NetworkPolicy/"))
    {
        assert_eq!(
            *at(
                object,
                "/spec/podSelector/matchLabels/app.kubernetes.io~1name"
            ),
            json!("shop"),
            "{key}"
        );
    }
    for object in all.values() {
        assert_eq!(*at(object, "/metadata/namespace"), json!("tools"));
    }
}
