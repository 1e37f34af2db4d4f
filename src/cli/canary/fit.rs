//! Edits by hand after which the objects of a rollout do not fit together any more: a Service without its
//! pods, a second owner of a count, a plan in the Rollout that is not the one of the spec.

use serde_json::Value;

use crate::component::{Owner, engine, pods};
use crate::diag::{Diagnostic, SourceId};
use crate::spec::{App, Replicas};
use crate::yaml::{NodeRef, Tree, parse_one};

/// An object of the render, and what its file will have instead.
#[derive(Debug)]
pub(super) struct Object {
    /// `Service/checkout`.
    id: String,
    /// The file, as the user would write it.
    file: String,
    rendered: Value,
    /// None where the file is not there.
    after: Option<Value>,
}

impl Object {
    /// An object of a kind that matters here; nothing where somebody has made something else of the file.
    pub(super) fn of(id: &str, file: &str, rendered: &str, after: Option<&str>) -> Option<Self> {
        const KINDS: [&str; 4] = [
            "Service",
            "Deployment",
            "HorizontalPodAutoscaler",
            "Rollout",
        ];
        // As a reader has it: aliases and `<<` are what they stand for.
        let read = |text: &str| {
            let document = parse_one(SourceId::RENDERED, text).ok()?;
            let tree = Tree::of(document.root()?).ok()?;
            tree.to_document().root().map(NodeRef::to_json)
        };
        let (kind, _) = id.split_once('/')?;
        let after = match after.filter(|_| KINDS.contains(&kind)) {
            Some(text) => Some(read(text)?),
            None => None,
        };
        KINDS.contains(&kind).then_some(Self {
            id: id.to_owned(),
            file: file.to_owned(),
            rendered: read(rendered)?,
            after,
        })
    }

    fn wrong(&self, field: &str, what: String, help: &str) -> Diagnostic {
        let help = format!("{help}, then run this again");
        let one = Diagnostic::error(what).in_file(self.file.clone());
        one.key(field).help(help)
    }
}

/// What does not fit into a step that leads to `app`, and notes on what fits and is other than before.
pub(super) fn check(app: &App, all: &[Object]) -> Vec<Diagnostic> {
    let find = |kind: &str, name: &str| {
        let id = format!("{kind}/{name}");
        all.iter().find(|one| one.id == id)
    };
    let name = app.name.as_str();
    let canary = format!("{name}-canary");
    let tracks = [name, &canary].map(|name| find("Deployment", name));
    let services = [name, &canary].map(|name| find("Service", name));
    let mut wrong: Vec<Diagnostic> = services
        .into_iter()
        .flatten()
        .filter_map(|service| selected(app, service, tracks))
        .collect();
    if pods(app).owner != Owner::Rollout {
        wrong.extend(tracks.into_iter().flatten().flat_map(replaced));
    }
    wrong.extend(find("HorizontalPodAutoscaler", name).and_then(bounds));
    let scaled = match pods(app).scaled {
        Owner::Rollout => "Rollout",
        Owner::Deployment | Owner::Both => "Deployment",
    };
    wrong.extend(find(scaled, name).and_then(|owned| number(app, owned)));
    wrong.extend(find("Rollout", name).and_then(|rollout| plan(app, rollout)));
    wrong
}

/// Whether the traffic of each version is judged; once the end is decided, only the way to it counts.
fn goes_on(app: &App) -> bool {
    app.run().is_some_and(|run| run.end.is_none())
}

/// A Service that has other pods behind it than the step needs there.
fn selected(app: &App, service: &Object, tracks: [Option<&Object>; 2]) -> Option<Diagnostic> {
    let backends = || engine(app).and_then(|engine| engine.backends(app));
    let Some(after) = &service.after else {
        let name = service.id.strip_prefix("Service/")?;
        let mut led_to = backends().into_iter().flatten();
        let is_missed = goes_on(app) && led_to.any(|(backend, _)| backend == name);
        let what = format!(
            "`{}` is not there, and the route leads requests to its Service",
            service.file
        );
        let help = "bring it back from version control";
        return is_missed.then(|| service.wrong("spec.selector", what, help));
    };
    let takes = |service: &Value, track: Option<&Value>| {
        let labels = track.and_then(|one| one.pointer("/spec/template/metadata/labels"));
        let selector = service.pointer("/spec/selector").and_then(Value::as_object);
        labels.zip(selector).is_some_and(|(labels, selector)| {
            selector
                .iter()
                .all(|(key, value)| labels.get(key) == Some(value))
        })
    };
    let wanted = tracks.map(|one| takes(&service.rendered, one.map(|one| &one.rendered)));
    // Of a file that is gone it is said elsewhere.
    let now = |one: &Object| one.after.clone().unwrap_or_else(|| one.rendered.clone());
    let has = tracks.map(|one| takes(after, one.map(now).as_ref()));
    let is_right = if goes_on(app) {
        has == wanted
    } else {
        has[0] || !wanted[0]
    };
    let words = |tracks: [bool; 2]| match tracks {
        [true, true] => "of both versions",
        [true, false] => "of stable alone",
        [false, true] => "of the canary alone",
        [false, false] => "of neither version",
    };
    let what = format!(
        "`{}` selects the pods {}, edited by hand, and the step needs those {} behind it",
        service.file,
        words(has),
        words(wanted)
    );
    let help = "take the edit back, or give the pods the same label";
    (!is_right).then(|| service.wrong("spec.selector", what, help))
}

/// A Deployment that replaces no pod any more, or takes pods away before others are there.
fn replaced(deployment: &Object) -> Vec<Diagnostic> {
    let Some(after) = &deployment.after else {
        return Vec::new();
    };
    let now = |path: &str| after.pointer(path).cloned();
    let file = &deployment.file;
    let mut found = Vec::new();
    if now("/spec/paused") == Some(Value::Bool(true)) {
        let what = format!(
            "`{file}` has `spec.paused: true`, edited by hand: no pod would be replaced, and no wait would end"
        );
        found.push(deployment.wrong("spec.paused", what, "take it out"));
    }
    let strategy = now("/spec/strategy");
    if strategy.as_ref() != deployment.rendered.pointer("/spec/strategy") {
        let what = format!(
            "`{file}` has another `spec.strategy`, edited by hand: whether there are pods enough while one version \
             replaces the other is up to that"
        );
        let one = Diagnostic::note(what).in_file(file.clone());
        let help = "with `maxUnavailable: 0`, as it is rendered, there are never fewer";
        found.push(one.key("spec.strategy").help(help));
    }
    found
}

/// An autoscaler whose bounds do not go together, which the API server does not take.
fn bounds(scaler: &Object) -> Option<Diagnostic> {
    let bound = |name: &str| {
        let bound = scaler.after.as_ref()?.pointer(&format!("/spec/{name}"))?;
        bound.as_u64()
    };
    let (min, max) = (bound("minReplicas")?, bound("maxReplicas")?);
    let what = format!(
        "`{}` has `maxReplicas: {max}`, edited by hand, and the step makes `minReplicas: {min}`",
        scaler.file
    );
    let help = "raise it, or take the edit back";
    (max < min).then(|| scaler.wrong("spec.maxReplicas", what, help))
}

/// A number of pods beside the autoscaler that has the count.
fn number(app: &App, owned: &Object) -> Option<Diagnostic> {
    let count = |one: &Value| {
        one.pointer("/spec/replicas")
            .filter(|one| !one.is_null())
            .cloned()
    };
    let added = count(owned.after.as_ref()?)?;
    let is_ours = matches!(app.replicas, Replicas::Fixed(_)) || count(&owned.rendered).is_some();
    let what = format!(
        "`{}` has `spec.replicas: {added}`, added by hand, and the autoscaler has the count: each step would set it \
         back to that number",
        owned.file
    );
    (!is_ours).then(|| owned.wrong("spec.replicas", what, "take it out"))
}

/// A plan that the controller would follow instead of the one of the spec.
fn plan(app: &App, rollout: &Object) -> Option<Diagnostic> {
    // Weights, and where it waits; what is done besides, and for how long, is the person's.
    let words = |one: &Value| -> Vec<String> {
        let steps = one.pointer("/spec/strategy/canary/steps");
        let steps = steps.and_then(Value::as_array).into_iter().flatten();
        let mut words: Vec<String> = steps
            .filter_map(|step| match step.get("setWeight") {
                Some(weight) => Some(weight.to_string()),
                None => step.get("pause").map(|_| "pause".to_owned()),
            })
            .collect();
        words.dedup();
        words
    };
    let (wanted, has) = (words(&rollout.rendered), words(rollout.after.as_ref()?));
    let what = format!(
        "`{}` has the steps `[{}]`, edited by hand, and the spec has `[{}]`",
        rollout.file,
        has.join(", "),
        wanted.join(", ")
    );
    let help = "take the edit back, or write other `steps` into the spec";
    (goes_on(app) && has != wanted).then(|| rollout.wrong("spec.strategy.canary.steps", what, help))
}
