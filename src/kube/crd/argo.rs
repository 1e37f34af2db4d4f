//! Argo Rollouts, as `github.com/argoproj/argo-rollouts` v1.9.0 has it.
#![expect(
    dead_code,
    reason = "what is decoded is not read: to decode is the check"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde::Deserialize;

use std::collections::BTreeMap;

kinds! {
    /// Makes pods, and takes a new version out to them in steps.
    Rollout RolloutSpec;
    /// What is measured of a new version.
    AnalysisTemplate AnalysisSpec;
}

maps! {
    RolloutSpec {
        replicas: Option<i32>,
        workload_ref: WorkloadRef,
        selector: LabelSelector,
        min_ready_seconds: Option<i32>,
        progress_deadline_seconds: Option<i32>,
        progress_deadline_abort: Option<bool>,
        revision_history_limit: Option<i32>,
        strategy: Strategy,
    }
    WorkloadRef {
        api_version: String,
        kind: String,
        name: String,
    }
    Strategy {
        canary: CanaryStrategy,
    }
    CanaryStrategy {
        max_surge: String,
        max_unavailable: i32,
        canary_metadata: Metadata,
        stable_metadata: Metadata,
        analysis: Option<Analysis>,
        steps: Vec<Step>,
    }
    Metadata {
        labels: BTreeMap<String, String>,
    }
    Analysis {
        starting_step: i32,
        templates: Vec<TemplateRef>,
        args: Vec<RunArgument>,
    }
    TemplateRef {
        template_name: String,
    }
    RunArgument {
        name: String,
        value_from: ValueFrom,
    }
    ValueFrom {
        pod_template_hash_value: String,
    }
    Step {
        set_weight: Option<i32>,
        pause: Option<Pause>,
    }
    Pause {
        duration: Option<String>,
    }
    AnalysisSpec {
        args: Vec<Argument>,
        metrics: Vec<Metric>,
    }
    Argument {
        name: String,
        value: Option<String>,
    }
    Metric {
        name: String,
        initial_delay: String,
        interval: String,
        failure_limit: i32,
        inconclusive_limit: i32,
        success_condition: String,
        failure_condition: String,
        provider: Provider,
    }
    Provider {
        prometheus: Prometheus,
    }
    Prometheus {
        address: String,
        query: String,
    }
}
