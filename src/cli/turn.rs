//! Whether a render may follow the last one while a canary is under way, whoever changed the spec: what
//! the last one had stands in the lock, so that an edit by hand is noticed.

use super::canary::out_of_turn;
use super::owner::{Rendered, Way};
use super::{Stop, owner, start};
use crate::diag::SourceId;
use crate::files::FileSet;
use crate::project::State;
use crate::spec::canary::{RunSpec, in_turn, keeps_pods};
use crate::spec::value::Wrong;
use crate::spec::{App, Track};
use crate::yaml::parse_one;

/// What is known of the rollout of a render.
enum Known {
    /// None was under way.
    Rest,
    /// This one was.
    Run(Box<RunSpec>),
    /// Nothing is: there was no render, or an older version has made it and does not say.
    Nothing,
}

impl Known {
    fn of(state: &State) -> Self {
        let Some(lock) = &state.lock else {
            return Self::Nothing;
        };
        match &lock.run {
            Some(run) => serde_json::from_value(run.clone())
                .map_or(Self::Nothing, |run| Self::Run(Box::new(run))),
            None if has_canary_pods(&state.base) => Self::Nothing,
            None => Self::Rest,
        }
    }

    fn run(&self) -> Option<&RunSpec> {
        match self {
            Self::Run(run) => Some(run),
            Self::Rest | Self::Nothing => None,
        }
    }

    /// Where it was, in a few words.
    fn words(&self) -> String {
        match self.run() {
            Some(run) => format!("a canary is under way, {}", run.words()),
            None => "no canary is under way".to_owned(),
        }
    }
}

/// Whether a render has a Deployment of the canary with pods.
fn has_canary_pods(files: &FileSet) -> bool {
    let has_pods = |text: &String| {
        let document = parse_one(SourceId::RENDERED, text).ok()?;
        let spec = document.root()?.get("spec")?;
        let labels = spec.get("selector")?.get("matchLabels")?;
        let is_canary = labels.get("prodgen.dev/track")?.text() == Track::Canary.as_str();
        Some(is_canary && spec.get("replicas")?.text() != "0")
    };
    files.values().any(|text| has_pods(text) == Some(true))
}

/// Whether the spec that comes to `app` has another rollout under way than the last render, or it at
/// another place.
pub(super) fn is_other(before: &State, app: &App) -> bool {
    Known::of(before).run() != app.run()
}

/// Refuses a render after which pods would be missing, or more of a new version be met than by a verb.
pub(super) fn guard(before: &State, way: Way<'_>) -> Result<(), Stop> {
    let known = Known::of(before);
    if matches!(known, Known::Nothing) {
        return Ok(());
    }
    match way {
        Way::Verb(from) if known.run() == from => Ok(()),
        Way::Verb(_) => Err(out_of_turn(not_next(&known))),
        Way::On(app) => by_hand(&known, &before.base, app),
        Way::Back(then) => back(&known, &before.base, then),
    }
}

/// A command that is taken back, whatever verb it was; only what it ended at once cannot come back.
fn back(known: &Known, base: &FileSet, state: &State) -> Result<(), Stop> {
    let then = Known::of(state);
    let Some(run) = then.run().filter(|_| known.run().is_none()) else {
        if matches!(then, Known::Nothing) || keeps_pods(known.run(), then.run()) {
            return Ok(());
        }
        return Err(out_of_turn(too_few(known, then.run(), after(known))));
    };
    let image = run.image.to_string();
    let help = format!("`prodgen canary start {image}` begins anew");
    if !keeps_pods(None, Some(run)) {
        return Err(out_of_turn(too_few(known, Some(run), help)));
    }
    let has = |files: &FileSet| owner::images(files).contains(&image);
    if run.is_promoted() && has(&state.base) && !has(base) {
        return Err(out_of_turn(too_soon(known, &image, help)));
    }
    Ok(())
}

/// The spec of a person, or of a command that moves no rollout.
fn by_hand(known: &Known, base: &FileSet, app: &App) -> Result<(), Stop> {
    let run = app.run();
    if let Some(before) = known.run() {
        let stays = |key: &str, cause: &str, help: String| {
            let what = format!(
                "{}, and {cause} `{key}` its pods would stay behind",
                known.words()
            );
            Err(out_of_turn(Wrong::new(what).help(help)))
        };
        let renamed = |key: &str| {
            let help = format!(
                "leave `{key}` as it was, and end the canary first, with `prodgen canary promote` or `prodgen canary \
                 abort`"
            );
            stays(key, "with another", help)
        };
        let rendered = Rendered::of(base, app.name.as_str());
        match rendered.map(|one| one.namespace() == app.namespace.as_str()) {
            None => return renamed("name"),
            Some(false) => return renamed("namespace"),
            Some(true) => {}
        }
        let Some(canary) = &app.canary else {
            return stays("canary", "without", back_as_it_was(known));
        };
        if canary.engine.mover() != before.mover() {
            return stays("canary.engine", "with another", back_as_it_was(known));
        }
    }
    if !keeps_pods(known.run(), run) {
        return Err(out_of_turn(too_few(known, run, back_as_it_was(known))));
    }
    let image = app.image.reference.to_string();
    let rendered = Rendered::of(base, app.name.as_str());
    let was = rendered.as_ref().and_then(Rendered::image);
    // A version that is other files alone has the image that is there already.
    let takes = |run: &RunSpec| run.image == app.image.reference && was != Some(&image);
    if in_turn(known.run(), run, takes) {
        return match (known.run(), run) {
            (None, Some(_)) => start::brings_something(app),
            _ => Ok(()),
        };
    }
    let mut under_way = known.run().into_iter().chain(run);
    let wrong = if under_way.any(|run| takes(run) && !run.is_promoted()) {
        too_soon(known, &image, back_as_it_was(known))
    } else {
        not_next(known)
    };
    Err(out_of_turn(wrong))
}

/// A rollout that was edited beside its verbs.
fn not_next(known: &Known) -> Wrong {
    let what = format!(
        "{}, and what `canary.run` says now does not follow that",
        known.words()
    );
    Wrong::new(what).help(back_as_it_was(known))
}

/// A render with which stable takes a version that is not promoted.
fn too_soon(known: &Known, image: &str, help: String) -> Wrong {
    let what = format!(
        "{}, and everybody would meet `{image}` before its steps are taken",
        known.words()
    );
    Wrong::new(what).help(help)
}

/// A render between which and the last one pods would be missing.
fn too_few(known: &Known, next: Option<&RunSpec>, help: String) -> Wrong {
    let size = known.run().or(next).map_or(0, |run| run.size);
    let what = format!(
        "{}, and with this change there might not be ready pods enough of {size} for a while",
        known.words()
    );
    Wrong::new(what).help(help)
}

/// What may follow, by the verbs.
fn after(known: &Known) -> String {
    known
        .run()
        .map_or("`prodgen canary start IMAGE` begins one", RunSpec::next)
        .to_owned()
}

/// What to write into the spec again, and how it goes on from there.
fn back_as_it_was(known: &Known) -> String {
    let run = known.run().map(serde_json::to_string).and_then(Result::ok);
    match run {
        Some(run) => format!(
            "put `canary` back as it was, with `run: {run}`; then {}",
            after(known)
        ),
        None => format!("put `canary` back as it was; {}", after(known)),
    }
}
