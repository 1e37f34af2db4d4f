//! Rules about `canary`: steps that mean something, and a rollout under way that is one of ours.

use super::{Judge, at};
use crate::diag::Diagnostic;
use crate::spec::canary::{End, Ladder, RunSpec, TooFine};
use crate::spec::model::AppSpec;
use crate::spec::settle;
use crate::yaml::{FieldPath, Tree};

pub(super) fn canary(spec: &AppSpec, judge: &mut Judge<'_>) {
    let Some(canary) = &spec.canary else { return };
    let root = at("canary");
    if let Some(steps) = &canary.steps {
        ascending(&root.key("steps"), steps, 100, "percent", judge);
    }
    if let Some(run) = &canary.run {
        under_way(spec, run, judge);
    }
}

/// Complains of numbers that do not go up from 1 to `most`.
fn ascending(path: &FieldPath, numbers: &[u32], most: u32, of: &str, judge: &mut Judge<'_>) {
    if numbers.is_empty() {
        judge.say(
            path,
            "a rollout without a step is none",
            "write one step or more, as in `[34, 67]`",
        );
    }
    let mut before = 0;
    for (index, &number) in numbers.iter().enumerate() {
        if number <= before || number > most {
            let help = if before < most {
                format!("write a number from {} to {most}", before + 1)
            } else {
                "take it out".to_owned()
            };
            judge.say(
                &path.index(index),
                format!("`{number}` is no next step: steps go up, to {most} {of} at most"),
                help,
            );
        }
        before = before.max(number);
    }
}

fn under_way(spec: &AppSpec, run: &RunSpec, judge: &mut Judge<'_>) {
    let root = at("canary").key("run");
    let written = "it is written by `prodgen canary`: put it back as it was, or take `run` out";
    ascending(&root.key("pods"), &run.pods, run.size, "pods", judge);
    let is_there = (1..=run.steps()).contains(&run.step);
    if !is_there {
        let steps = match run.steps() {
            1 => "1 step".to_owned(),
            many => format!("{many} steps"),
        };
        let what = format!("`{}` is none of the {steps}", run.step);
        judge.say(&root.key("step"), what, written);
    }
    if is_there && run.end == Some(End::Promote) && run.step < run.steps() {
        let what = "what is promoted has taken all its steps";
        judge.say(&root.key("end"), what, written);
    }
    let most = settle::replicas(spec).max();
    if run.size > most {
        judge.say(
            &root.key("size"),
            format!(
                "the canary under way began with {} pods, and `replicas` allows {most}",
                run.size
            ),
            "raise `replicas` until the canary has ended",
        );
    }
}

/// Steps that the smallest size cannot hold: nothing is wrong yet, but no canary will start with them.
pub(super) fn warnings(spec: &AppSpec, tree: &Tree) -> Vec<Diagnostic> {
    let steps = spec
        .canary
        .as_ref()
        .and_then(|canary| canary.steps.as_ref());
    let Some(steps) = steps else {
        return Vec::new();
    };
    let size = settle::replicas(spec).min();
    match Ladder::new(size, steps, None) {
        Ok(_) => Vec::new(),
        Err(wrong) => too_fine(size, steps, &wrong, Diagnostic::warning, tree),
    }
}

/// What is wrong with steps that `size` pods cannot hold, and what they would hold.
pub(in crate::spec) fn too_fine(
    size: u32,
    steps: &[u32],
    wrong: &[TooFine],
    say: fn(String) -> Diagnostic,
    tree: &Tree,
) -> Vec<Diagnostic> {
    let path = at("canary").key("steps");
    let pods = if size == 1 {
        "1 pod"
    } else {
        &format!("{size} pods")
    };
    let one = |one: &TooFine| {
        let percent = one.percent;
        let what = if one.before == 0 {
            format!("{percent} % of {pods} is less than one pod")
        } else {
            format!("{percent} % of {pods} is no pod more than the step before")
        };
        let mut ways: Vec<String> = Vec::new();
        if let Some(least) = one.least {
            ways.push(format!("{least} % or more"));
        }
        if let Some(smallest) = Ladder::smallest(steps).filter(|smallest| *smallest > size) {
            ways.push(format!("{smallest} pods or more for these steps"));
        }
        ways.push("`--round up` or `--round down` with `prodgen canary start`".to_owned());
        let path = path.index(one.index);
        say(what)
            .at(tree.place(&path))
            .key(path.to_string())
            .help(format!("what holds: {}", ways.join("; ")))
    };
    wrong.iter().map(one).collect()
}
