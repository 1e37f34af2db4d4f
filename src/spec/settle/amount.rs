//! `resources`: what a pod requests, and what it may take.

use crate::spec::model::AppSpec;
use crate::spec::value::{Cpu, Memory, Wrong};

/// Memory and its limit.
pub(in crate::spec) fn memory(spec: &AppSpec) -> Result<(Memory, Memory), Wrong> {
    let resources = spec.resources.clone().unwrap_or_default();
    let request = resources.requests.and_then(|list| list.memory);
    let limit = resources.limits.and_then(|list| list.memory);
    Ok(match (request, limit) {
        (Some(request), Some(limit)) => (request, limit),
        (Some(both), None) | (None, Some(both)) => (both.clone(), both),
        (None, None) => ("256Mi".parse()?, "256Mi".parse()?),
    })
}

/// Cores and their limit.
pub(in crate::spec) fn cpu(spec: &AppSpec) -> Result<(Cpu, Option<Cpu>), Wrong> {
    let resources = spec.resources.clone().unwrap_or_default();
    let limit = resources.limits.and_then(|list| list.cpu);
    let request = if let Some(request) = resources.requests.and_then(|list| list.cpu) {
        request
    } else {
        let usual: Cpu = "100m".parse()?;
        limit
            .clone()
            .filter(|limit| *limit < usual)
            .unwrap_or(usual)
    };
    Ok((request, limit))
}
