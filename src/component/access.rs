//! What people and pipelines may do in the namespace: look, deploy, debug. Never by guess: groups
//! are named in the spec, and only the pipeline's own identity is there without being asked for.

use k8s_openapi::api::rbac::v1::Subject;
use serde::Serialize;

use super::{Component, Manifests, canary, expose};
use crate::spec::App;
use crate::spec::value::GroupName;
use crate::template::View;

/// Makes bindings for groups of people, and the identity that a pipeline deploys with.
pub(super) struct Access;

#[derive(Serialize)]
struct BindingView {
    subjects: Vec<Subject>,
}

#[derive(Serialize)]
struct DeployerView {
    has_ingress: bool,
    /// Resources of the Gateway API.
    gateway_api: Vec<&'static str>,
    /// Resources of Argo Rollouts.
    rollouts: Vec<&'static str>,
}

/// Kinds of one group that `view` of Kubernetes does not know.
#[derive(Serialize)]
struct FurtherView {
    /// What they are, in the names of the role and of its binding.
    what: &'static str,
    api_group: &'static str,
    resources: Vec<&'static str>,
}

/// What the service has of such kinds, those that are looked at alone among them.
fn further(app: &App) -> Vec<FurtherView> {
    let mut rollouts = rollouts(app);
    if !rollouts.is_empty() {
        rollouts.retain(|resource| !resource.contains('/'));
        // Without all of these `kubectl argo rollouts get` shows nothing.
        rollouts.extend(["analysisruns", "experiments"]);
    }
    let all = [
        (
            "routes",
            "gateway.networking.k8s.io",
            expose::resources(app),
        ),
        ("rollouts", "argoproj.io", rollouts),
    ];
    let there = all
        .into_iter()
        .filter(|(.., resources)| !resources.is_empty());
    there
        .map(|(what, api_group, resources)| FurtherView {
            what,
            api_group,
            resources,
        })
        .collect()
}

/// Resources of Argo Rollouts that are written.
fn rollouts(app: &App) -> Vec<&'static str> {
    canary::engine(app).map_or_else(Vec::new, |engine| engine.resources(app))
}

fn deployer(app: &App) -> DeployerView {
    DeployerView {
        has_ingress: expose::has_ingress(app),
        gateway_api: expose::resources(app),
        rollouts: rollouts(app),
    }
}

fn groups(names: Option<&Vec<GroupName>>) -> Option<BindingView> {
    let subjects: Vec<Subject> = names?
        .iter()
        .map(|name| Subject {
            kind: "Group".to_owned(),
            name: name.to_string(),
            api_group: Some("rbac.authorization.k8s.io".to_owned()),
            namespace: None,
        })
        .collect();
    (!subjects.is_empty()).then_some(BindingView { subjects })
}

impl Component for Access {
    fn name(&self) -> &'static str {
        "access"
    }

    fn summary(&self) -> &'static str {
        "Bindings for viewers, deployers and debuggers, and an identity for CI"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let name = app.name.as_str();
        let nothing = serde_json::Map::new();
        let plain = out.views.admin(&nothing);
        out.add(
            "serviceaccount",
            &format!("{name}-ci"),
            "access/ci-service-account.yaml",
            plain.clone(),
        );
        out.add(
            "role",
            &format!("{name}-deployer"),
            "access/deployer-role.yaml",
            out.views.admin(&deployer(app)),
        );
        out.add(
            "rolebinding",
            &format!("{name}-ci"),
            "access/ci-role-binding.yaml",
            plain.clone(),
        );
        if let Some(own) = groups(app.access.viewers.as_ref()) {
            let view = out.views.admin(&own);
            out.add(
                "rolebinding",
                &format!("{name}-viewers"),
                "access/viewers.yaml",
                view.clone(),
            );
            for further in further(app) {
                let file = format!("{name}-{}", further.what);
                let view = view.clone().and(View::of(&further));
                out.add("role", &file, "access/further-role.yaml", view.clone());
                out.add("rolebinding", &file, "access/further.yaml", view);
            }
        }
        if let Some(own) = groups(app.access.deployers.as_ref()) {
            let view = out.views.admin(&own);
            out.add(
                "rolebinding",
                &format!("{name}-deployers"),
                "access/deployers.yaml",
                view,
            );
        }
        if let Some(own) = groups(app.access.debuggers.as_ref()) {
            let view = out.views.admin(&own);
            out.add(
                "role",
                &format!("{name}-debugger"),
                "access/debugger-role.yaml",
                plain.clone(),
            );
            out.add(
                "rolebinding",
                &format!("{name}-debuggers"),
                "access/debuggers.yaml",
                view,
            );
        }
    }
}
