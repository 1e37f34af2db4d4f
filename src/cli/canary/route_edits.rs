//! Edits by hand of a route that shares requests out: what takes a part of those that a step shares out,
//! and what has no part in it.

use crate::diag::{Diagnostic, SourceId};
use crate::merge::Told;
use crate::spec::canary::{Mover, RunSpec};
use crate::yaml::{Document, NodeRef, Step, parse_one};

/// The kinds of route that a step moves the weights of.
const ROUTES: &[&str] = &["HTTPRoute", "GRPCRoute"];

/// Filters after which a weight is not all there is to it, as they stand in a rule, each with what it does.
const FILTERS: &[(&str, &str)] = &[
    (
        "type: RequestMirror",
        "copies of requests go to its Service whatever the weights are",
    ),
    (
        "type: RequestRedirect",
        "requests that it matches are sent away, and no weight shares them out",
    ),
];

/// What an edit of the route in `file` makes of the rollout.
#[derive(Debug)]
pub(super) enum Edit {
    /// The share that is met is not the one that the step makes.
    Wrong(Diagnostic),
    /// Some requests have no part in it.
    Beside(Diagnostic),
}

/// Looks at one field of a route that is not as it was rendered; nothing where the shares do not care.
pub(super) fn look(file: &str, run: &RunSpec, one: &Told) -> Option<Edit> {
    let kind = one.object.split('/').next().unwrap_or_default();
    // What the render has too is held against it as it is.
    if run.mover() != Mover::Weights || !ROUTES.contains(&kind) || one.before.is_some() {
        return None;
    }
    let (field, value) = (one.path.to_string(), one.after.as_deref()?);
    let beside = |what: String| {
        let one = Diagnostic::note(what).in_file(file).key(field.clone());
        Edit::Beside(one.help("judge the steps without them, or take the edit back"))
    };
    let keys: Vec<&str> = one.path.0.iter().map(word).collect();
    match keys.as_slice() {
        ["spec", "rules"] | ["spec", "rules", _] => Some(beside(format!(
            "`{file}` has a rule of its own, `{field}`, added by hand: what it matches goes where it says, whatever \
             the step"
        ))),
        ["spec", "rules", _, "backendRefs"] => Some(dilutes(file, run, &field)),
        ["spec", "rules", _, "backendRefs", _] => {
            (weight(value) != "0").then(|| dilutes(file, run, &field))
        }
        [.., "filters"] | [.., "filters", _] => {
            let mut known = FILTERS.iter();
            let (filter, does) = known.find(|(filter, _)| value.contains(filter))?;
            Some(beside(format!(
                "`{file}` has `{filter}` in `{field}`, added by hand: {does}"
            )))
        }
        _ => None,
    }
}

/// A step of a path as it is written; an item of a list has no name that counts here.
fn word(step: &Step) -> &str {
    match step {
        Step::Key(key) => key,
        Step::Index(_) | Step::Item(_) => "",
    }
}

/// The weight of a backend, which is 1 where it says nothing.
fn weight(backend: &str) -> String {
    let document = parse_one(SourceId::RENDERED, backend).ok();
    let root = document.as_ref().and_then(Document::root);
    let weight = root.and_then(|root| root.get("weight"));
    weight.map_or("1", NodeRef::text).to_owned()
}

/// A further Service in a rule. Once the rollout is decided no share is judged, and the way out stays open.
fn dilutes(file: &str, run: &RunSpec, field: &str) -> Edit {
    let what = format!(
        "`{file}` has `{field}`, added by hand: it takes requests that the step shares out, so that neither version \
         has the share that is planned"
    );
    let place = |one: Diagnostic| one.in_file(file).key(field);
    if run.end.is_some() {
        return Edit::Beside(
            place(Diagnostic::note(what)).help("take it out, or give it `weight: 0`"),
        );
    }
    let help = "take it out, or give it `weight: 0`, then run this again; a rule of its own may lead to it";
    Edit::Wrong(place(Diagnostic::error(what)).help(help))
}
