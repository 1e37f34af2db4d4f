//! Network policies: exactly what was declared.

use super::{at, full, service};
use serde_json::json;

/// 38, 39: DNS over both protocols, with the node's cache; 40: ports of pods; 41: one peer is both
/// selectors; 42: both directions are named; 44: no metadata address; 46: no label for the API server.
#[test]
fn policies_allow_exactly_what_was_declared() {
    let all = full();
    let deny = at(&all["NetworkPolicy/shop-default-deny"], "/spec");
    assert_eq!(
        *deny,
        json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
    );
    let dns = at(&all["NetworkPolicy/shop-allow-dns"], "/spec/egress/0");
    assert_eq!(
        dns["ports"],
        json!([{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}])
    );
    assert_eq!(
        dns["to"],
        json!([
            {
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
            },
            {"ipBlock": {"cidr": "169.254.20.10/32"}},
        ])
    );
    let callers = at(&all["NetworkPolicy/shop-allow-callers"], "/spec");
    assert_eq!(callers["policyTypes"], json!(["Ingress"]));
    assert_eq!(
        callers["ingress"],
        json!([{
            "from": [
                {
                    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "storefront"}},
                    "podSelector": {"matchLabels": {"app.kubernetes.io/name": "storefront"}},
                },
                {"ipBlock": {"cidr": "203.0.113.0/24"}},
            ],
            "ports": [{"protocol": "TCP", "port": 8080}, {"protocol": "TCP", "port": 9090}],
        }])
    );
    let needs = at(&all["NetworkPolicy/shop-allow-needs"], "/spec");
    assert_eq!(needs["policyTypes"], json!(["Egress"]));
    assert_eq!(
        *at(needs, "/egress/0/ports"),
        json!([{"protocol": "TCP", "port": 50051}])
    );
    let internet = at(needs, "/egress/1/to/0/ipBlock");
    let except = internet["except"].as_array().unwrap();
    assert!(except.contains(&json!("169.254.0.0/16")) && except.contains(&json!("10.0.0.0/8")));
    let api = at(
        &all["NetworkPolicy/shop-allow-api-server"],
        "/spec/egress/0",
    );
    assert!(at(api, "/to/0").get("podSelector").is_none());
    assert!(
        at(api, "/to/0/ipBlock/except")
            .as_array()
            .unwrap()
            .contains(&json!("169.254.0.0/16"))
    );
    let nobody = service("");
    assert!(
        !nobody
            .keys()
            .any(|key| key.contains("allow-callers") || key.contains("allow-needs"))
    );
}
