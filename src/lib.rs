//! prodgen: a description of a service becomes Kubernetes manifests that are right for production.

pub mod component;
pub mod diag;

pub mod files;
pub mod kube;
pub mod project;
pub mod report;
pub mod spec;
pub mod template;
pub mod yaml;
