//! The kind table: one line for each kind that prodgen makes or reads.

use k8s_openapi::api::{
    apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch, core::v1 as core,
    networking::v1 as networking, policy::v1 as policy, rbac::v1 as rbac,
};

use super::crd::{argo, gateway};
use crate::diag::Diagnostic;
use crate::yaml::{Manner, NodeRef, decode};

/// Whether objects of a kind live in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// They do.
    Namespaced,
    /// They do not.
    Cluster,
}

/// A row of the kind table.
pub struct KindRow {
    /// `apps/v1`, `v1`.
    pub api_version: &'static str,
    /// `Deployment`.
    pub kind: &'static str,
    /// Whether its objects live in a namespace.
    pub scope: Scope,
    /// Where its pod template stands, if it has one: `spec.template`.
    pub pod_template: Option<&'static str>,
    /// Holds a document against the type.
    pub(super) check: fn(NodeRef<'_>) -> Vec<Diagnostic>,
}

impl std::fmt::Debug for KindRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.api_version, self.kind)
    }
}

fn check<T: serde::de::DeserializeOwned>(node: NodeRef<'_>) -> Vec<Diagnostic> {
    decode::<T>(node, Manner::Manifest).complaints
}

macro_rules! kinds {
    ($($api:literal $kind:ident $scope:ident $template:expr, $type:ty;)*) => {
        /// Every kind that prodgen makes or reads.
        pub const KINDS: &[KindRow] = &[$(KindRow {
            api_version: $api,
            kind: stringify!($kind),
            scope: Scope::$scope,
            pod_template: $template,
            check: check::<$type>,
        }),*];
    };
}

kinds! {
    "v1" Namespace Cluster None, core::Namespace;
    "v1" ResourceQuota Namespaced None, core::ResourceQuota;
    "v1" LimitRange Namespaced None, core::LimitRange;
    "v1" ServiceAccount Namespaced None, core::ServiceAccount;
    "v1" ConfigMap Namespaced None, core::ConfigMap;
    "v1" Service Namespaced None, core::Service;
    "apps/v1" Deployment Namespaced Some("spec.template"), apps::Deployment;
    "batch/v1" CronJob Namespaced Some("spec.jobTemplate.spec.template"), batch::CronJob;
    "autoscaling/v2" HorizontalPodAutoscaler Namespaced None, autoscaling::HorizontalPodAutoscaler;
    "policy/v1" PodDisruptionBudget Namespaced None, policy::PodDisruptionBudget;
    "networking.k8s.io/v1" Ingress Namespaced None, networking::Ingress;
    "networking.k8s.io/v1" NetworkPolicy Namespaced None, networking::NetworkPolicy;
    "gateway.networking.k8s.io/v1" HTTPRoute Namespaced None, gateway::HttpRoute;
    "gateway.networking.k8s.io/v1" GRPCRoute Namespaced None, gateway::GrpcRoute;
    "gateway.networking.k8s.io/v1" ListenerSet Namespaced None, gateway::ListenerSet;
    "argoproj.io/v1alpha1" Rollout Namespaced None, argo::Rollout;
    "argoproj.io/v1alpha1" AnalysisTemplate Namespaced None, argo::AnalysisTemplate;
    "rbac.authorization.k8s.io/v1" Role Namespaced None, rbac::Role;
    "rbac.authorization.k8s.io/v1" RoleBinding Namespaced None, rbac::RoleBinding;
}
