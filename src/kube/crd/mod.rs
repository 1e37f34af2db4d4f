//! Kinds that `k8s-openapi` does not have: of each, the fields that prodgen writes.
//!
//! What a template makes is held against these, so that a misspelt field or one of another channel is
//! refused here. The whole of a kind is its CRD's to say: the conformance suite puts every object
//! before a server that has it.

pub(super) mod gateway;
