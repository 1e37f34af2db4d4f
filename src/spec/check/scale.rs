//! Rules about how many pods there are, what they take, and how they end.

use super::{Judge, at};
use crate::spec::model::AppSpec;
use crate::spec::replicas::ReplicasSpec;
use crate::spec::settle;

/// The most pods that are believed; a larger number is a slip of the finger.
const MOST_PODS: u32 = 5000;

pub(super) fn replicas(spec: &AppSpec, judge: &mut Judge<'_>) {
    let root = at("replicas");
    match &spec.replicas {
        Some(ReplicasSpec::Fixed(count)) if !(1..=MOST_PODS).contains(count) => judge.say(
            &root,
            format!("`{count}` is no number of pods to run in production"),
            format!("write a number from 1 to {MOST_PODS}"),
        ),
        Some(ReplicasSpec::Auto(auto)) => {
            for (key, bound) in [("min", auto.min), ("max", auto.max)] {
                if bound.is_some_and(|bound| !(1..=MOST_PODS).contains(&bound)) {
                    judge.say(
                        &root.key(key),
                        format!(
                            "`{}` is no number of pods to run in production",
                            bound.unwrap_or(0)
                        ),
                        format!("write a number from 1 to {MOST_PODS}"),
                    );
                }
            }
            if let (Some(min), Some(max)) = (auto.min, auto.max)
                && min > max
            {
                judge.say(
                    &root.key("min"),
                    format!("`min: {min}` is more than `max: {max}`"),
                    "raise `max` or lower `min`",
                );
            }
            if let Some(cpu) = auto.cpu
                && !(1..=100).contains(&cpu)
            {
                judge.say(
                    &root.key("cpu"),
                    format!("`{cpu}` is no percentage of the cpu request"),
                    "write a number from 1 to 100; 70 leaves room for a burst",
                );
            }
        }
        Some(ReplicasSpec::Fixed(_)) | None => {}
    }
}

pub(super) fn resources(spec: &AppSpec, judge: &mut Judge<'_>) {
    let limits = at("resources").key("limits");
    let (Ok((memory, memory_limit)), Ok((cpu, cpu_limit))) =
        (settle::memory(spec), settle::cpu(spec))
    else {
        return;
    };
    if memory > memory_limit {
        judge.say(
            &limits.key("memory"),
            format!("the memory limit `{memory_limit}` is below the request `{memory}`"),
            "raise the limit, or take it out: it is the request then",
        );
    }
    if let Some(limit) = cpu_limit
        && cpu > limit
    {
        judge.say(
            &limits.key("cpu"),
            format!("the cpu limit `{limit}` is below the request `{cpu}`"),
            "raise the limit, or take it out: a cpu limit throttles",
        );
    }
    let Ok(writable) = settle::writable(spec) else {
        return;
    };
    for (index, one) in writable.iter().enumerate() {
        if one.memory && one.size >= memory_limit {
            judge.say(
                &at("writable").index(index),
                format!(
                    "`{}` may take {} of the {memory_limit} of memory",
                    one.path, one.size
                ),
                "a folder in memory counts as memory: make it smaller, or raise `resources`",
            );
        }
    }
}

/// What a run may take, and how often it is tried again.
pub(super) fn schedule(spec: &AppSpec, judge: &mut Judge<'_>) {
    let Some(schedule) = &spec.schedule else {
        return;
    };
    let is_over_at_once = schedule
        .deadline
        .as_ref()
        .is_some_and(|one| one.count() == 0);
    if is_over_at_once {
        judge.say(
            &at("schedule").key("deadline"),
            "every run would be ended as it begins",
            "write the longest that a run may take, such as `1h`",
        );
    }
    // `backoffLimit` is an `int32`.
    if let Some(retries) = schedule
        .retries
        .filter(|count| i32::try_from(*count).is_err())
    {
        judge.say(
            &at("schedule").key("retries"),
            format!("`{retries}` is more than Kubernetes counts to"),
            "write how often a failed run is tried again, such as `2`",
        );
    }
}

pub(super) fn shutdown(spec: &AppSpec, judge: &mut Judge<'_>) {
    let Ok((delay, grace)) = settle::shutdown(spec) else {
        return;
    };
    if delay.count() >= grace.count() {
        judge.say(
            &at("shutdown"),
            format!("the pod is killed after {grace}, and asked to end only after {delay}"),
            "make `grace` longer than `delay`: the rest is what the app has to finish its work",
        );
    }
    if grace.count() > 3600 {
        judge.say(
            &at("shutdown").key("grace"),
            format!("a node that is drained would wait {grace} for each pod"),
            "write an hour at most",
        );
    }
}
