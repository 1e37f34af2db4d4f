//! Rules about `canary`: steps that mean something, and a rollout under way that is one of ours.

use std::ops::RangeInclusive;

use super::{Judge, at};
use crate::diag::Diagnostic;
use crate::spec::canary::{End, Engine, Ladder, Mover, RunSpec, TakeoverSpec, TooFine};
use crate::spec::model::{AppSpec, ObjectiveSpec};
use crate::spec::{AppType, settle};
use crate::yaml::{FieldPath, Tree};

pub(super) fn canary(spec: &AppSpec, judge: &mut Judge<'_>) {
    let Some(canary) = &spec.canary else { return };
    if settle::kind_of(spec) != AppType::Service {
        // That the key does not belong here is said; what it lacks is no help then.
        return;
    }
    let root = at("canary");
    let engine = canary.engine.unwrap_or_default();
    if engine == Engine::Gateway {
        has_route(spec, judge);
    }
    let has_testers = canary.testers.is_some();
    if has_testers && engine.mover() != Mover::Weights {
        judge.say(
            &root.key("testers"),
            format!(
                "the engine `{}` has no route that could tell testers by a header",
                engine.as_str()
            ),
            "write `engine: gateway`, or take `testers` out",
        );
    }
    // Before anybody else, testers alone.
    let least = u32::from(!has_testers);
    if let Some(steps) = &canary.steps {
        ascending(
            &root.key("steps"),
            steps,
            (least..=100, "percent"),
            None,
            judge,
        );
    }
    if let Some(given) = &canary.objective {
        objective(engine, given, judge);
    }
    if let Some(takeover) = canary.takeover {
        changes_hands(spec, engine, takeover, judge);
    }
    if let Some(run) = &canary.run {
        under_way(spec, engine, run, judge);
    }
}

/// The shortest step in which the measuring comes to anything: its first look back, and one more.
const LEAST_PAUSE: u32 = 300;

/// Complains of what nobody would measure, and of a measuring that measures nothing.
fn objective(engine: Engine, given: &ObjectiveSpec, judge: &mut Judge<'_>) {
    let root = at("canary").key("objective");
    if engine.mover() != Mover::Controller {
        let what = format!(
            "the engine `{}` measures nothing: a person judges each step",
            engine.as_str()
        );
        judge.say(&root, what, "write `engine: argo`, or take `objective` out");
        return;
    }
    if judge.has_unknown(&root) {
        return;
    }
    if given.prometheus.is_none() {
        let what = "`prometheus` is missing here: nobody is asked";
        let help = "name the Prometheus that scrapes the service, as in `prometheus: \
                    http://prometheus.monitoring:9090`";
        judge.say(&root, what, help);
    }
    if given.success_rate.is_none() && given.latency.is_none() {
        let what = "this objective holds whatever happens";
        let help = "write `successRate: 99.5`, `latency: 300ms`, or both";
        judge.say(&root, what, help);
    }
    if given
        .pause
        .as_ref()
        .is_some_and(|pause| pause.count() < LEAST_PAUSE)
    {
        let what = "in less than five minutes nothing is measured that means something";
        judge.say(&root.key("pause"), what, "write `5m` or more");
    }
}

fn changes_hands(spec: &AppSpec, engine: Engine, takeover: TakeoverSpec, judge: &mut Judge<'_>) {
    let root = at("canary").key("takeover");
    if engine.mover() != Mover::Controller {
        let what = format!("the engine `{}` takes no pods over", engine.as_str());
        let help = "put `engine: argo` back; `takeover` is written by `prodgen add canary` and \
                    `prodgen remove canary`";
        judge.say(&root, what, help);
        return;
    }
    if spec
        .canary
        .as_ref()
        .is_some_and(|canary| canary.run.is_some())
    {
        let what = "no canary is under way while the pods change hands";
        judge.say(
            &root,
            what,
            "put `canary` back as it was: both are written by `prodgen`",
        );
    }
    let most = settle::replicas(spec).max();
    if !(1..=most).contains(&takeover.size) {
        let what = format!(
            "the pods that change hands are {}, and `replicas` allows {most}",
            takeover.size
        );
        judge.say(
            &root.key("size"),
            what,
            "raise `replicas` until they have changed hands",
        );
    }
}

/// Complains of weights without a route that could have them.
fn has_route(spec: &AppSpec, judge: &mut Judge<'_>) {
    let path = at("canary").key("engine");
    let Some(expose) = &spec.expose else {
        let is_under_way = spec
            .canary
            .as_ref()
            .is_some_and(|canary| canary.run.is_some());
        judge.say(
            &path,
            "the engine `gateway` moves traffic by the route of `expose`, and this service has none",
            if is_under_way {
                "put `expose` back until the canary has ended"
            } else {
                "`prodgen add expose` makes one, or write `engine: replicas`"
            },
        );
        return;
    };
    let gateway = expose.gateway.as_ref();
    if gateway.is_some_and(|gateway| gateway.ingress_class.is_some()) {
        judge.say(
            &path,
            "the engine `gateway` takes a Gateway, and `expose` has an Ingress: that has no weights",
            "name a Gateway in `expose.gateway`, or write `engine: replicas`",
        );
    }
}

/// Complains of numbers that do not go up within `bounds`; `help` is for those that a person does not write.
fn ascending(
    path: &FieldPath,
    numbers: &[u32],
    (bounds, of): (RangeInclusive<u32>, &str),
    help: Option<&str>,
    judge: &mut Judge<'_>,
) {
    let most = *bounds.end();
    if numbers.is_empty() {
        judge.say(
            path,
            "a rollout without a step is none",
            help.unwrap_or("write one step or more, as in `[34, 67]`"),
        );
    }
    let mut least = *bounds.start();
    for (index, &number) in numbers.iter().enumerate() {
        if number < least || number > most {
            let help = match help {
                Some(help) => help.to_owned(),
                None if least < most => format!("write a number from {least} to {most}"),
                None if least == most => format!("write {most}"),
                None => "take it out".to_owned(),
            };
            judge.say(
                &path.index(index),
                format!("`{number}` is no next step: steps go up, to {most} {of} at most"),
                help,
            );
        }
        least = least.max(number.saturating_add(1));
    }
}

fn under_way(spec: &AppSpec, engine: Engine, run: &RunSpec, judge: &mut Judge<'_>) {
    let root = at("canary").key("run");
    let written = "it is written by `prodgen canary`: put it back as it was, from version control";
    if run.mover() != engine.mover() {
        let what = format!(
            "the canary under way did not begin with the engine `{}`",
            engine.as_str()
        );
        let help = "put `engine` back until the canary has ended; with `run`, it is written by \
                    `prodgen canary`";
        judge.say(&root, what, help);
        return;
    }
    let first = match run.mover() {
        Mover::Pods => {
            let bounds = (1..=run.size, "pods");
            ascending(&root.key("pods"), &run.pods, bounds, Some(written), judge);
            1
        }
        Mover::Weights => {
            let weights = root.key("weights");
            let bounds = (0..=100, "percent");
            ascending(&weights, &run.weights, bounds, Some(written), judge);
            let fits = |pods: &u32| (1..=run.size).contains(pods);
            let is_ladder = run.pods.is_sorted() && run.pods.iter().all(fits);
            if !is_ladder || run.pods.len() != run.weights.len() {
                let what = "these are not the pods of the steps in `weights`";
                judge.say(&root.key("pods"), what, written);
            }
            0
        }
        Mover::Controller => 0,
    };
    let is_there = (first..=run.steps()).contains(&run.step);
    if !is_there {
        let steps = match run.steps() {
            1 => "1 step".to_owned(),
            many => format!("{many} steps"),
        };
        let what = format!("`{}` is none of the {steps}", run.step);
        judge.say(&root.key("step"), what, written);
    }
    if run.end == Some(End::Promoted) && run.mover() != Mover::Weights {
        let what = "only a rollout by weights ends like this";
        judge.say(&root.key("end"), what, written);
    }
    if is_there && run.is_promoted() && run.step < run.steps() {
        let what = "what is promoted has taken all its steps";
        judge.say(&root.key("end"), what, written);
    }
    if run.config.is_some() && spec.config.is_none() {
        let what = "there is no `config` that this could be another one of";
        let help = "keep `config` until the canary has ended";
        judge.say(&root.key("config"), what, help);
    }
    for name in run.secrets.keys() {
        let mut known = spec.secrets.iter().flatten();
        if !known.any(|secret| secret.name == *name) {
            let what = format!("`secrets` has no `{name}` that this could be another one of");
            let help = format!("keep `{name}` in `secrets` until the canary has ended");
            judge.say(&root.key("secrets").key(name.as_str()), what, help);
        }
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
    let engine = spec.canary.as_ref().and_then(|canary| canary.engine);
    let engine = engine.unwrap_or_default();
    let size = settle::replicas(spec).min();
    let run = spec.canary.as_ref().and_then(|canary| canary.run.as_ref());
    if let Some(run) = run.filter(|run| run.mover() == Mover::Weights && run.size < size) {
        let what = format!(
            "the canary under way is counted for {} pods, and `replicas` has {size} or more: a step leads requests of \
             all of them to so few",
            run.size
        );
        let help = "go back with `prodgen canary abort`, and begin anew";
        let path = at("canary").key("run").key("size");
        let place = tree.place(&path);
        let one = Diagnostic::warning(what).at(place).key(path.to_string());
        return vec![one.help(help)];
    }
    let Some(steps) = steps.filter(|_| engine.mover() != Mover::Weights) else {
        return Vec::new();
    };
    match Ladder::new(size, steps, None) {
        Ok(_) => Vec::new(),
        Err(wrong) => too_fine(engine, size, steps, &wrong, Diagnostic::warning, tree),
    }
}

/// What is wrong with steps that `size` pods cannot hold, and what they would hold.
pub(in crate::spec) fn too_fine(
    engine: Engine,
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
        if engine.mover() == Mover::Pods {
            ways.push("`--round up` or `--round down` with `prodgen canary start`".to_owned());
        }
        let path = path.index(one.index);
        say(what)
            .at(tree.place(&path))
            .key(path.to_string())
            .help(format!("what holds: {}", ways.join("; ")))
    };
    wrong.iter().map(one).collect()
}
