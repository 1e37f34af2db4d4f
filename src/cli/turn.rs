//! Whether a render may follow the last one while a canary is under way, whoever changed the spec: what
//! the last one had stands in the lock, so that an edit by hand is noticed.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::canary::out_of_turn;
use super::owner::{Rendered, Way};
use super::{Stop, owner, start};
use crate::component::{Moment, Owner};
use crate::diag::SourceId;
use crate::files::FileSet;
use crate::project::State;
use crate::spec::canary::{Holder, RunSpec, TakeoverSpec, in_turn, keeps_pods};
use crate::spec::value::{ImageRef, Wrong};
use crate::spec::{App, Track};
use crate::yaml::parse_one;

/// What a render had of the keys that the verbs of a canary write.
#[derive(Debug, Serialize, Deserialize)]
struct Stand {
    /// That of the spec: what stable has, or had when the rollout began.
    image: ImageRef,
    /// The rollout under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    run: Option<RunSpec>,
    /// Pods that change hands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    takeover: Option<TakeoverSpec>,
}

/// The same as the lock keeps it; none of a service without the key.
pub(super) fn remembered(app: &App) -> Option<Value> {
    let stand = Stand {
        image: app.canary.as_ref()?.image.clone(),
        run: app.run().cloned(),
        takeover: app.takeover(),
    };
    // Plain data, of which there is always such a form.
    serde_json::to_value(stand).ok()
}

/// What is known of the canary of a render.
enum Known {
    /// It had none.
    Without,
    /// It stood at this.
    At(Box<Stand>),
    /// Nothing is: there was no render, or an older version has made it and does not say.
    Nothing,
}

impl Known {
    fn of(state: &State) -> Self {
        let Some(lock) = &state.lock else {
            return Self::Nothing;
        };
        match &lock.canary {
            Some(stand) => serde_json::from_value(stand.clone())
                .map_or(Self::Nothing, |stand| Self::At(Box::new(stand))),
            None if has_canary_pods(&state.base) => Self::Nothing,
            None => Self::Without,
        }
    }

    fn stand(&self) -> Option<&Stand> {
        match self {
            Self::At(stand) => Some(stand),
            Self::Without | Self::Nothing => None,
        }
    }

    fn run(&self) -> Option<&RunSpec> {
        self.stand()?.run.as_ref()
    }

    fn takeover(&self) -> Option<TakeoverSpec> {
        self.stand()?.takeover
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

/// Whether a rollout, or who has the pods, moves from one to the other.
pub(super) fn is_moved(before: &State, after: &State) -> bool {
    let [before, after] = [before, after].map(Known::of);
    before.run() != after.run() || before.takeover() != after.takeover()
}

/// Refuses a verb where a rollout is under way that somebody has taken out of the spec.
pub(super) fn has_one(state: &State) -> Result<(), Stop> {
    let known = Known::of(state);
    match known.run() {
        Some(_) => Err(out_of_turn(not_next(&known))),
        None => Ok(()),
    }
}

/// Whether a render moves the rollout, or who has the pods, on from the last one.
pub(super) fn moves(before: &State, app: &App) -> bool {
    let known = Known::of(before);
    known.run() != app.run() || known.takeover() != app.takeover()
}

/// How the rollout that was under way has ended with a render, if it has.
pub(super) fn end(before: &State, app: &App) -> Option<Moment> {
    let run = Known::of(before).run().cloned();
    let run = run.filter(|_| app.run().is_none())?;
    Some(if run.image == app.image.reference {
        Moment::Promoted
    } else {
        Moment::Aborted
    })
}

/// Whether a rollout was under way.
pub(super) fn is_under_way(state: &State) -> bool {
    Known::of(state).run().is_some()
}

/// Refuses an image in the spec that everybody would meet at once, though the service has a canary: only
/// the end of a rollout brings another one. The help ends with `otherwise`, another way where there is one.
pub(super) fn image(before: &State, app: &App, otherwise: &str) -> Result<(), Stop> {
    let known = Known::of(before);
    let (Some(stand), Some(canary)) = (known.stand(), &app.canary) else {
        return Ok(());
    };
    let (was, is) = (&stand.image, &canary.image);
    let is_end = |run: &RunSpec| app.run().is_none() && run.image == *is;
    if was == is || stand.run.as_ref().is_some_and(is_end) {
        return Ok(());
    }
    let (what, next) = if stand.run.is_some() {
        let what = format!("{}, and `image` says `{is}` now", known.words());
        (what, format!("then {}", after(&known)))
    } else {
        let what = format!("everybody would meet `{is}` at once, and the service has a `canary`");
        (what, format!("`prodgen canary start {is}` begins with it"))
    };
    let help = format!("put `image: {was}` back; {next}{otherwise}");
    Err(out_of_turn(Wrong::new(what).help(help)))
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
    hands(known, base, app)?;
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

/// Refuses pods that change hands otherwise than by the commands: who begins it has something to give,
/// and meanwhile nobody gets fewer. How it ends, `owner` knows.
fn hands(known: &Known, base: &FileSet, app: &App) -> Result<(), Stop> {
    let Some(next) = app.takeover() else {
        return Ok(());
    };
    let is_right = match known.takeover() {
        None => {
            let rendered = Rendered::of(base, app.name.as_str());
            rendered.is_some_and(|one| match one.owner() {
                Owner::Deployment => next.to == Holder::Rollout,
                Owner::Rollout => next.to == Holder::Deployment,
                Owner::Both => false,
            })
        }
        Some(before) if before.to == next.to => before.size <= next.size,
        Some(_) => next.to == Holder::Deployment,
    };
    if is_right {
        return Ok(());
    }
    let was = known.takeover().map(|one| serde_json::to_string(&one));
    let (state, help) = if let Some(Ok(was)) = was {
        let help = format!(
            "put `takeover: {was}` back; `prodgen canary status` says what to wait for, and which command follows"
        );
        ("pods", help)
    } else {
        let help = "take it out; `prodgen add canary --engine argo` and `prodgen remove canary` write it where it \
                    is needed";
        ("no pods", help.to_owned())
    };
    let what = format!(
        "{state} are changing hands, and what `canary.takeover` says now does not follow that"
    );
    Err(out_of_turn(Wrong::new(what).help(help)))
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
