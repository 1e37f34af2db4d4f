//! What the app itself may do at the Kubernetes API: nothing, or exactly what the spec lists.

use k8s_openapi::api::rbac::v1::PolicyRule;
use serde::Serialize;

use super::{Component, Manifests};
use crate::spec::{App, Permission};

/// Makes the Role of the workload and its binding, from `permissions` only.
pub(super) struct Permissions;

#[derive(Serialize)]
struct RoleView {
    rules: Vec<PolicyRule>,
}

fn rule(permission: &Permission) -> PolicyRule {
    let texts = |words: Vec<String>| Some(words).filter(|words| !words.is_empty());
    PolicyRule {
        api_groups: Some(vec![
            permission
                .group
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ]),
        resources: texts(
            permission
                .resources
                .iter()
                .map(ToString::to_string)
                .collect(),
        ),
        resource_names: texts(
            permission
                .names
                .iter()
                .flatten()
                .map(ToString::to_string)
                .collect(),
        ),
        verbs: permission.verbs.iter().map(ToString::to_string).collect(),
        ..PolicyRule::default()
    }
}

impl Component for Permissions {
    fn name(&self) -> &'static str {
        "permissions"
    }

    fn summary(&self) -> &'static str {
        "A least-privilege Role for an app that calls the Kubernetes API"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        if app.permissions.is_empty() {
            return;
        }
        let own = RoleView {
            rules: app.permissions.iter().map(rule).collect(),
        };
        let view = out.views.admin(&own);
        out.add(
            "role",
            app.name.as_str(),
            "permissions/role.yaml",
            view.clone(),
        );
        out.add(
            "rolebinding",
            app.name.as_str(),
            "permissions/role-binding.yaml",
            view,
        );
    }
}
