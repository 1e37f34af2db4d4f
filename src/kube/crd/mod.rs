//! Kinds that `k8s-openapi` does not have: of each, the fields that prodgen writes.
//!
//! What a template makes is held against these, so that a misspelt field or one of another channel is
//! refused here. The whole of a kind is its CRD's to say: the conformance suite puts every object
//! before a server that has it.

/// Declares kinds: what stands beside their `spec` is the same for all of them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident $spec:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub(in crate::kube) struct $name {
            api_version: String,
            kind: String,
            metadata: ObjectMeta,
            spec: $spec,
        }
    )*};
}

/// Declares maps; a field that may be left out is an `Option`.
macro_rules! maps {
    ($($name:ident { $($field:ident: $kind:ty,)* })*) => {$(
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        struct $name { $($field: $kind,)* }
    )*};
}

pub(super) mod argo;
pub(super) mod gateway;
