//! Whether a render may follow the last one while a canary is under way, whoever changed the spec: what
//! the last one had stands in the lock, so that an edit by hand is noticed.

use super::known::Known;
use super::owner::{Rendered, Way, deployment_of};
use super::{out_of_turn, owner, start};
use crate::cli::Stop;
use crate::component::Owner;
use crate::files::FileSet;
use crate::project::State;
use crate::spec::App;
use crate::spec::canary::{Engine, Holder, Mover, RunSpec, TakeoverSpec, in_turn, keeps_pods};
use crate::spec::value::{ImageRef, Wrong};

/// Refuses a verb, or a new policy, where a rollout is under way that somebody has taken out of the spec.
pub(in crate::cli) fn has_one(state: &State) -> Result<(), Stop> {
    let known = Known::of(state);
    if known.run().is_some() {
        return Err(out_of_turn(not_next(&known)));
    }
    match known.takeover() {
        Some(was) => Err(out_of_turn(not_handed(Some(was)))),
        None => Ok(()),
    }
}

/// Refuses an image in the spec that would go out beside the verbs, of a service that has a canary or had
/// one: only the end of a rollout brings another. `given` is what the spec on the disk says; the help ends
/// with `otherwise`, another way where there is one.
pub(in crate::cli) fn image(
    known: &Known,
    base: &FileSet,
    app: &App,
    given: Option<&ImageRef>,
    otherwise: &str,
) -> Result<(), Stop> {
    let canary = app.canary.as_ref();
    let is = canary.map_or(&app.image.reference, |canary| &canary.image);
    let rendered = || Rendered::of(base, app.name.as_str());
    let was = match known {
        Known::At(stand) => stand.image.to_string(),
        Known::Rest if canary.is_some() => match rendered().as_ref().and_then(Rendered::image) {
            Some(image) => image.to_owned(),
            None => return Ok(()),
        },
        Known::Rest | Known::Nothing => return Ok(()),
    };
    let ended = known.run().filter(|_| app.run().is_none());
    if was == is.to_string() || ended.is_some_and(|run| run.image == *is) {
        return Ok(());
    }
    let back = match given {
        Some(given) if given.to_string() != was => format!("put `image: {was}` back; "),
        Some(_) | None => String::new(),
    };
    let (what, next) = other_image(known, app, is);
    let help = format!("{back}{next}{otherwise}");
    Err(out_of_turn(Wrong::new(what).help(help)))
}

/// What another image would do, and what may follow instead.
fn other_image(known: &Known, app: &App, is: &ImageRef) -> (String, String) {
    let words = known.words();
    if let Some(run) = known.run() {
        let ends = run.is_promoted() && app.run().is_none();
        let next = if ends {
            format!("`image: {}` ends the rollout", run.image)
        } else {
            after(known)
        };
        let what = if run.image != *is {
            format!("{words}, and `image` would be a third one, `{is}`")
        } else if run.is_promoted() {
            format!("{words}, and `image` would be that of the end already")
        } else {
            format!("{words}, and everybody would meet `{is}` before its steps are taken")
        };
        return (what, next);
    }
    let engine = app.canary.as_ref().map(|canary| canary.engine);
    let whose = match engine.map(Engine::mover) {
        Some(Mover::Controller) => {
            format!("`{is}` would go out as the controller likes, and no verb would know of it")
        }
        _ => format!("everybody would meet `{is}` at once"),
    };
    let next = match engine {
        _ if known.takeover().is_some() => {
            "`prodgen canary status` says what to wait for: begin after that".to_owned()
        }
        Some(_) if known.stand().is_none() => {
            format!(
                "let the `canary` go out first; then `prodgen canary start {is}` begins with it"
            )
        }
        Some(_) => format!("`prodgen canary start {is}` begins with it"),
        None => "`canary` goes first, and another image may follow".to_owned(),
    };
    (format!("{whose}, and the service has a `canary`"), next)
}

/// Refuses a render after which pods would be missing, or more of a new version be met than by a verb.
pub(in crate::cli) fn guard(known: &Known, base: &FileSet, way: Way<'_>) -> Result<(), Stop> {
    if matches!(known, Known::Nothing) {
        return Ok(());
    }
    match way {
        Way::Verb(from) if known.run() == from => Ok(()),
        Way::Verb(_) => Err(out_of_turn(not_next(known))),
        Way::On(app) => by_hand(known, base, app),
        Way::Back(then) => back(known, base, then),
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
        let renamed = |key: &str, was: &str| {
            let help = format!(
                "leave `{key}: {was}` as it was, and end the canary first, with `prodgen canary promote` or `prodgen \
                 canary abort`"
            );
            stays(key, "with another", help)
        };
        if let Some((key, was)) = moved_away(base, app) {
            return renamed(key, &was);
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
        let help = if known.run() == run {
            format!("put the other `image` back; {}", after(known))
        } else {
            back_as_it_was(known)
        };
        too_soon(known, &image, help)
    } else {
        not_next(known)
    };
    Err(out_of_turn(wrong))
}

/// Refuses pods that change hands otherwise than by the commands: who begins it has something to give,
/// and meanwhile nobody gets fewer. How it ends, `owner` knows.
fn hands(known: &Known, base: &FileSet, app: &App) -> Result<(), Stop> {
    let (was, next) = (known.takeover(), app.takeover());
    let is_right = match (was, next) {
        (Some(_), _) if moved_away(base, app).is_some() => false,
        (Some(was), None) => {
            let canary = app.canary.as_ref();
            let has_rollout = canary.is_some_and(|one| one.engine.mover() == Mover::Controller);
            was.to == Holder::Deployment || has_rollout
        }
        (_, None) => true,
        (None, Some(next)) => {
            let rendered = Rendered::of(base, app.name.as_str());
            rendered.is_some_and(|one| match one.owner() {
                Owner::Deployment => next.to == Holder::Rollout,
                Owner::Rollout => next.to == Holder::Deployment,
                Owner::Both => false,
            })
        }
        (Some(was), Some(next)) if was.to == next.to => was.size <= next.size,
        (Some(_), Some(next)) => next.to == Holder::Deployment,
    };
    if is_right {
        return Ok(());
    }
    Err(out_of_turn(not_handed(was)))
}

/// Pods that change hands beside the commands.
fn not_handed(was: Option<TakeoverSpec>) -> Wrong {
    let was = was.map(|was| serde_json::to_string(&was));
    let (state, help) = if let Some(Ok(was)) = was {
        let help = format!(
            "put `canary` back as it was, with `engine: argo` and `takeover: {was}`, and `name` and `namespace` too; \
             `prodgen canary status` says what to wait for, and which command follows"
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
    Wrong::new(what).help(help)
}

/// The key by which a service is another one than the last render had, and what that was.
fn moved_away(base: &FileSet, app: &App) -> Option<(&'static str, String)> {
    match Rendered::of(base, app.name.as_str()) {
        Some(one) if one.namespace() == app.namespace.as_str() => None,
        Some(one) => Some(("namespace", one.namespace().to_owned())),
        None => {
            // That of the canary is longer.
            let names = base.keys().filter_map(deployment_of);
            let (_, was) = names.min_by_key(|(_, name)| name.len())?;
            Some(("name", was.to_owned()))
        }
    }
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
