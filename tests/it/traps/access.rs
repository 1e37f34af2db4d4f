//! Access: what people, pipelines and the app itself may do.

use super::{FULL, at, full, service};
use crate::support::render;
use serde_json::json;

/// 69, 70, 71, 106, 107: roles are least privilege, cover what we make, and an administrator applies
/// what would widen them.
#[test]
fn people_get_what_they_need_and_no_more() {
    let all = full();
    let named = |role: &str, group: &str, resource: &str, verb: &str, name: &str| {
        at(&all[role], "/rules")
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| {
                let has =
                    |key: &str, word: &str| rule[key].as_array().unwrap().contains(&json!(word));
                has("apiGroups", group)
                    && has("resources", resource)
                    && has("verbs", verb)
                    && (rule.get("resourceNames").is_none() || has("resourceNames", name))
            })
    };
    let allowed = |role: &str, group: &str, resource: &str, verb: &str| {
        named(role, group, resource, verb, "")
    };
    let set = render(FULL);
    for one in set.iter() {
        let (api, kind) = (one.object.kind.api_version, one.object.kind.kind);
        let group = api.split_once('/').map_or("", |(group, _)| group);
        let plural = match kind {
            "NetworkPolicy" => "networkpolicies".to_owned(),
            kind => format!("{}s", kind.to_ascii_lowercase()),
        };
        let object = crate::support::json(&one.object.document);
        let label = object.pointer("/metadata/labels/prodgen.dev~1applied-by");
        if label.is_none() {
            for verb in ["get", "create", "update", "patch"] {
                let name = &one.object.name;
                assert!(
                    named("Role/shop-deployer", group, &plural, verb, name),
                    "{verb} {plural}"
                );
            }
        } else {
            // A name cannot restrict who makes it, so that the pipeline may make accounts; but it
            // changes only that of the pods, and not its own.
            let verbs: &[&str] = match kind {
                "ServiceAccount" => &["update", "patch", "delete"],
                _ => &["create", "update", "patch", "delete"],
            };
            for verb in verbs {
                let name = &one.object.name;
                assert!(
                    !named("Role/shop-deployer", group, &plural, verb, name),
                    "{verb} {plural} {name}"
                );
            }
        }
    }
    for role in ["Role/shop-deployer", "Role/shop-debugger", "Role/shop"] {
        let text = all[role].to_string();
        for word in [
            "\"*\"",
            "secrets",
            "escalate",
            "impersonate",
            "\"bind\"",
            "serviceaccounts/token",
        ] {
            assert!(!text.contains(word), "{role} has {word}");
        }
    }
    assert!(allowed("Role/shop-debugger", "", "pods/exec", "create"));
    assert!(!allowed("Role/shop-deployer", "", "pods/exec", "create"));
    assert_eq!(
        *at(&all["RoleBinding/shop-viewers"], "/roleRef/name"),
        json!("view")
    );
    let subject = json!([{"kind": "Group", "name": "d", "apiGroup": "rbac.authorization.k8s.io"}]);
    assert_eq!(all["RoleBinding/shop-deployers"]["subjects"], subject);
    let nobody = service("");
    let bindings: Vec<_> = nobody
        .keys()
        .filter(|key| key.starts_with("RoleBinding/"))
        .collect();
    assert_eq!(bindings, ["RoleBinding/shop-ci"]);
}
