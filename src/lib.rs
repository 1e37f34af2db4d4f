//! prodgen: a description of a service becomes Kubernetes manifests that are right for production.

pub mod diag;
pub mod files;
pub mod project;
pub mod report;
