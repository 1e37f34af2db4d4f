//! `canary`: a rollout in steps, each one an edit of the spec and a render. Nothing here asks a
//! cluster: what is to be waited for, and how, is said.

mod fit;
pub(super) mod hand_edits;
pub(super) mod handover;
pub(super) mod known;
pub(super) mod owner;
mod rollout;
mod route_edits;
pub(super) mod start;
mod status;
pub(super) mod turn;
pub(super) mod unasked;
pub(super) mod without;

use clap::{Args, Subcommand};

use self::known::Known;
use super::show::{Report, Row};
use super::{Outcome, Session, Stop, Writing, change, render};
use crate::component::{Moment, config_hash, engine};
use crate::diag::Diagnostic;
use crate::project::{Lock, MANIFESTS, Project, SPEC};
use crate::render as rendering;
use crate::spec::canary::{Holder, Mover, RunSpec};
use crate::spec::value::Wrong;
use crate::spec::{AppSpec, Settled};

/// Limit who meets a new version
#[derive(Debug, Args)]
pub(super) struct Canary {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Begin with a new version, at the first step
    Start(start::Start),
    /// Say how far it is, and what to wait for
    Status,
    /// Take the next step
    Step {
        /// Its number: a command that is repeated then takes it once
        number: Option<u32>,
        #[command(flatten)]
        writing: Writing,
    },
    /// Give everybody the new version; again, once that is ready, to take the canary to zero
    Promote {
        #[command(flatten)]
        writing: Writing,
    },
    /// Go back to the version in use; again, once that is ready, to take the canary to zero
    Abort {
        /// Take the canary away at once, whatever stable has by now
        #[arg(long)]
        now: bool,
        #[command(flatten)]
        writing: Writing,
    },
}

/// Where a verb leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To the next step.
    On,
    /// To the new version for everybody.
    Through,
    /// To the version in use.
    Back,
}

/// Runs `canary`.
pub(super) fn run(canary: &Canary, session: &mut Session<'_>) -> Result<Report, Stop> {
    match &canary.verb {
        Verb::Start(start) => start::run(start, session),
        Verb::Status => status::run(session),
        Verb::Step { number, writing } => further(*number, writing, session),
        Verb::Promote { writing } => {
            let found = find(session, Way::Through)?;
            go(session, found, writing, &RunSpec::promote, Way::Through)
        }
        Verb::Abort { now, writing } => {
            let found = find(session, Way::Back)?;
            let abort = |run: &RunSpec| Ok(run.abort(*now));
            go(session, found, writing, &abort, Way::Back)
        }
    }
}

/// What a verb that is not its turn, or a plan that does not hold, ends with.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "a `Stop` is what `?` carries"
)]
pub(super) fn refuse(diagnostics: Vec<Diagnostic>) -> Stop {
    let mut report = Report::new(Outcome::No, "refused");
    report.diagnostics = diagnostics;
    report.hints.push("Nothing was written.".to_owned());
    Box::new(report)
}

/// The same in one complaint about the key.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "a `Stop` is what `?` carries"
)]
pub(super) fn out_of_turn(wrong: Wrong) -> Stop {
    let mut one = Diagnostic::error(wrong.message).key("canary");
    one.help = wrong.help;
    refuse(vec![one])
}

/// `--size` where no pods change hands.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "a `Stop` is what `?` carries"
)]
pub(super) fn size_of_nothing() -> Stop {
    let what = "`--size` is how many pods change hands with the engine `argo`, and none do here";
    let help = "leave it out; `prodgen canary start` takes it with the other engines";
    out_of_turn(Wrong::new(what).help(help))
}

/// Refuses parts of `canary` that its verbs write, in a command that is `not_for` them.
pub(super) fn of_verbs(name: &str, not_for: &str) -> Result<(), Stop> {
    let is_within = |part: &str| {
        let rest = name.strip_prefix(part);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let (what, help) = if is_within("canary.run") {
        (
            "`canary.run` is a rollout under way",
            "move it with `prodgen canary step`, `promote` or `abort`",
        )
    } else if is_within("canary.takeover") {
        (
            "`canary.takeover` is of pods that change hands",
            "`prodgen canary status` says what to wait for, and which command follows",
        )
    } else {
        return Ok(());
    };
    let what = format!("{what}, which is not for {not_for}");
    Err(out_of_turn(Wrong::new(what).help(help)))
}

/// The spec to move, which must be the one that was rendered last: a step moves pods and nothing else.
/// The way back is open to every version.
pub(super) fn find(
    session: &mut Session<'_>,
    way: Way,
) -> Result<(render::Found, String, Settled), Stop> {
    let (found, text) = change::find(session)?;
    let settled = render::settle(session, &found.project, &found.layers)?;
    has_one(&found.project, &settled)?;
    unedited(session, &found, &text, &settled)?;
    if way != Way::Back {
        same_version(session, &found, &text, &settled)?;
    }
    Ok((found, text, settled))
}

/// Refuses a service without the key.
fn has_one(project: &Project, settled: &Settled) -> Result<(), Stop> {
    if settled.app.canary.is_some() {
        return Ok(());
    }
    turn::has_one(&project.state()?)?;
    let why = without::reason(settled.app.kind).unwrap_or_else(|| {
        let help = "`prodgen add canary` begins with it";
        Wrong::new("this service has no `canary`").help(help)
    });
    Err(out_of_turn(why))
}

/// Refuses a spec that is not the one that was rendered last.
pub(super) fn unedited(
    session: &Session<'_>,
    found: &render::Found,
    text: &str,
    settled: &Settled,
) -> Result<(), Stop> {
    let state = found.project.state()?;
    let config = config_hash(&settled.app);
    let is_last = |lock: &Lock| !lock.is_behind(text) && lock.config == config;
    if state.lock.as_ref().is_some_and(is_last) {
        return Ok(());
    }
    let given = settled.spec().image.map(|image| image.reference);
    turn::image(
        &Known::of(&state),
        &state.base,
        &settled.app,
        given.as_ref(),
        "",
    )?;
    if hand_edits::is_as_rendered(&found.project, &settled.app)? {
        return Ok(());
    }
    let shown = session.shown(&found.project, SPEC);
    let what = format!("`{shown}` or its configuration was edited since the last render");
    let help = "see `prodgen diff`: take the edit back, or let it go out first, where `prodgen render -w` takes it now";
    Err(refuse(vec![
        Diagnostic::error(what).in_file(shown).help(help),
    ]))
}

/// Refuses a tree that another version of prodgen has rendered, where this one makes something else of it.
pub(super) fn same_version(
    session: &Session<'_>,
    found: &render::Found,
    text: &str,
    settled: &Settled,
) -> Result<(), Stop> {
    let state = found.project.state()?;
    let config = config_hash(&settled.app);
    let older = state.lock.as_ref();
    let older = older.filter(|lock| lock.is_only_older(text, config.as_deref()));
    let Some(older) = older else { return Ok(()) };
    if render::files(&rendering::one(&settled.app)?)? == state.base {
        return Ok(());
    }
    let (shown, version) = (session.shown(&found.project, SPEC), &older.prodgen);
    let what = format!(
        "prodgen {version} rendered `{shown}` last, and this version renders it otherwise: more than the pods of \
         a canary would change"
    );
    let help = "see `prodgen upgrade --dry-run`, then `prodgen upgrade`, and let that go out first";
    Err(refuse(vec![
        Diagnostic::error(what).in_file(shown).help(help),
    ]))
}

/// The same spec with another rollout under way.
pub(super) fn with_run(spec: &AppSpec, run: Option<RunSpec>) -> AppSpec {
    let mut spec = spec.clone();
    spec.canary.get_or_insert_default().run = run;
    spec
}

/// Takes the next step; where a controller takes them, says so and writes nothing.
fn further(
    number: Option<u32>,
    writing: &Writing,
    session: &mut Session<'_>,
) -> Result<Report, Stop> {
    let (found, text, settled) = find(session, Way::On)?;
    match settled.app.takeover().map(|takeover| takeover.to) {
        Some(Holder::Rollout) if number.is_some() => {
            let what = "the Rollout is taking the pods over, and no step of that has a number";
            let help =
                "`prodgen canary status` says what to wait for, and `prodgen canary step` ends it";
            return Err(out_of_turn(Wrong::new(what).help(help)));
        }
        Some(Holder::Rollout) => {
            let mut wanted = found.layers.given();
            wanted.canary.get_or_insert_default().takeover = None;
            let report = change::write(session, found, text, &wanted, writing)?;
            return told(session, report, None);
        }
        Some(Holder::Deployment) => {
            let what = "there is no further step: the Deployment is taking the pods back";
            let help = "`prodgen canary status` says what to wait for, and `prodgen remove canary` ends it";
            return Err(out_of_turn(Wrong::new(what).help(help)));
        }
        None => {}
    }
    let of_controller = |run: &RunSpec| run.mover() == Mover::Controller && run.end.is_none();
    if settled.app.run().is_some_and(of_controller) {
        let place = rollout::place(&settled.app);
        let mut report = Report::new(Outcome::Done, "unchanged");
        report.hints.push(
            "Nothing to write: the controller takes the steps, by the plan that it has.".to_owned(),
        );
        report.hints.extend(place.commands());
        report.canary = Some(Box::new(place));
        return Ok(report);
    }
    let step = |run: &RunSpec| run.step(number).map(Some);
    go(session, (found, text, settled), writing, &step, Way::On)
}

/// Moves a rollout under way. Where it is over, stable keeps the new version or the one that it has.
fn go(
    session: &mut Session<'_>,
    (found, text, settled): (render::Found, String, Settled),
    writing: &Writing,
    moved: &dyn Fn(&RunSpec) -> Result<Option<RunSpec>, Wrong>,
    way: Way,
) -> Result<Report, Stop> {
    let Some(run) = settled.app.run() else {
        let what = "no canary is under way";
        let help = "`prodgen canary start IMAGE` begins one";
        return Err(out_of_turn(Wrong::new(what).help(help)));
    };
    let next = moved(run).map_err(out_of_turn)?;
    let is_over = next.is_none();
    let given = found.layers.given();
    let wanted = if is_over && way == Way::Through {
        with_run(&run.version(&given), None)
    } else {
        with_run(&given, next)
    };
    let report = change::write(session, found, text, &wanted, writing)?;
    // What a person may do in the cluster was said when the end was decided.
    let end = match (is_over, way) {
        _ if run.end.is_some() && run.mover() == Mover::Controller => None,
        (false, _) | (true, Way::On) => None,
        (true, Way::Through) => Some(Moment::Promoted),
        (true, Way::Back) => Some(Moment::Aborted),
    };
    told(session, report, end)
}

/// What was written, with how it goes on; what was only planned is not there yet.
pub(super) fn told(
    session: &mut Session<'_>,
    mut report: Report,
    end: Option<Moment>,
) -> Result<Report, Stop> {
    if report.outcome != Outcome::Done || !report.wrote {
        return Ok(report);
    }
    let loaded = render::load(session, None, &[])?;
    let app = &loaded.settled.app;
    // What may go is said last: after what to wait for.
    let left = std::mem::take(&mut report.hints);
    let mut place = rollout::place(app);
    if let Some(engine) = engine(app) {
        place.wait = Some(engine.wait(app));
        place.cluster = end.map_or(place.cluster, |end| engine.commands(app, end));
    }
    let quota = format!("{MANIFESTS}/resourcequota-{}.yaml", app.name);
    let is_touched =
        |row: &Row| row.path.ends_with(&quota) && !matches!(row.action, "same" | "kept");
    let is_due = app.run().is_none_or(RunSpec::is_at_first_step);
    if is_due && report.rows.iter().any(is_touched) {
        report.hints.push(if app.takeover().is_some() {
            format!("{quota} has changed: an administrator applies it first, for both need room for all pods")
        } else {
            format!("{quota} has room for both versions now: an administrator applies it before a canary starts")
        });
    }
    report.hints.extend(place.after_a_verb());
    report.hints.extend(left);
    report.canary = Some(Box::new(place));
    Ok(report)
}
