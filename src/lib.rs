//! prodgen: a description of a service becomes Kubernetes manifests that are right for production.

pub mod detect;
pub mod diag;
pub mod files;
pub mod project;
pub mod prompt;
pub mod report;
pub mod spec;
pub mod yaml;
