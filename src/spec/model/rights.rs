//! The keys of a spec that give rights: to the app, to people, and at a cloud.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slice;
use crate::spec::value::{AnnotationKey, ApiGroup, GroupName, ObjectName, Resource, Verb};

/// An item of `permissions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// The API group; the core one if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<ApiGroup>,
    /// The resources.
    pub resources: Vec<Resource>,
    /// Only the objects of these names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<ObjectName>>,
    /// What may be done.
    pub verbs: Vec<Verb>,
}

slice! {
    /// `access`: groups of people, as the cluster's identity provider names them.
    Access {
        /// May look.
        viewers: Vec<GroupName>,
        /// May change what prodgen makes.
        deployers: Vec<GroupName>,
        /// May enter a running pod.
        debuggers: Vec<GroupName>,
    }
}

slice! {
    /// `serviceAccount`: the identity of the pods.
    ServiceAccountSpec {
        /// For cloud providers that map it to one of theirs.
        annotations: BTreeMap<AnnotationKey, String>,
    }
}
