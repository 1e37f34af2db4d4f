//! `canary`: a rollout in steps, each one an edit of the spec and a render. Nothing here asks a
//! cluster: what is to be waited for, and how, is said.

use clap::{Args, Subcommand, ValueEnum};

use super::show::{Report, Row};
use super::{Outcome, Session, Stop, Writing, change, held, render, rollout, without, wrong};
use crate::component::config_hash;
use crate::diag::Diagnostic;
use crate::project::{MANIFESTS, SPEC};
use crate::spec::canary::{self, Ladder, RunSpec, usual_steps};
use crate::spec::value::{ImageRef, Wrong};
use crate::spec::{AppSpec, Protocol, Settled};

/// Limit who meets a new version
#[derive(Debug, Args)]
pub(super) struct Canary {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Begin with a new version, at the first step
    Start(Start),
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

#[derive(Debug, Args)]
struct Start {
    /// The image of the new version
    image: String,
    /// How many pods there are now, where the autoscaler has more than its minimum
    #[arg(long, value_name = "PODS")]
    size: Option<u32>,
    /// What becomes of a step that comes to no whole pod
    #[arg(long, value_name = "WAY", value_enum)]
    round: Option<Round>,
    #[command(flatten)]
    writing: Writing,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Round {
    /// More meet the new version than planned
    Up,
    /// Fewer do; steps without a pod more are left out
    Down,
}

impl From<Round> for canary::Round {
    fn from(round: Round) -> Self {
        match round {
            Round::Up => Self::Up,
            Round::Down => Self::Down,
        }
    }
}

/// Runs `canary`.
pub(super) fn run(canary: &Canary, session: &mut Session<'_>) -> Result<Report, Stop> {
    match &canary.verb {
        Verb::Start(start) => begin(start, session),
        Verb::Status => status(session),
        Verb::Step { number, writing } => {
            go(session, writing, &|run| run.step(*number).map(Some), false)
        }
        Verb::Promote { writing } => go(session, writing, &RunSpec::promote, true),
        Verb::Abort { now, writing } => go(session, writing, &|run| Ok(run.abort(*now)), false),
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

/// The spec to move, which must be the one that was rendered last: a step moves pods and nothing else.
fn find(session: &mut Session<'_>) -> Result<(render::Found, String, Settled), Stop> {
    let (found, text) = change::find(session)?;
    let settled = render::settle(session, &found.project, &found.layers)?;
    has_one(&settled)?;
    unedited(session, &found, &text, &settled)?;
    Ok((found, text, settled))
}

/// Refuses a service without the key.
fn has_one(settled: &Settled) -> Result<(), Stop> {
    if settled.app.canary.is_some() {
        return Ok(());
    }
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
    let lock = found.project.state()?.lock;
    let config = config_hash(&settled.app);
    if lock.is_some_and(|lock| !lock.is_behind(text) && lock.config == config)
        || held::is_as_rendered(&found.project, &settled.app)?
    {
        return Ok(());
    }
    let shown = session.shown(&found.project, SPEC);
    let what = format!("`{shown}` or its configuration was edited since the last render");
    let help = "see `prodgen diff`, then `prodgen render -w`, and let that go out first";
    Err(refuse(vec![
        Diagnostic::error(what).in_file(shown).help(help),
    ]))
}

/// The same spec with another rollout under way.
fn with_run(spec: &AppSpec, run: Option<RunSpec>) -> AppSpec {
    let mut spec = spec.clone();
    spec.canary.get_or_insert_default().run = run;
    spec
}

fn begin(start: &Start, session: &mut Session<'_>) -> Result<Report, Stop> {
    let image = image("canary start", &start.image)?;
    let (mut found, text, settled) = find(session)?;
    let round = start.round.map(Into::into);
    let given = found.layers.given();
    let wanted = started(&settled, &given, image, start.size, round)?;
    found.notes.extend(warnings(&settled));
    let report = change::write(session, found, text, &wanted, &start.writing)?;
    told(session, report, false)
}

/// The image of the new version, which `word` of the command line gives.
pub(super) fn image(word: &str, text: &str) -> Result<ImageRef, Stop> {
    text.parse().map_err(|refused: Wrong| {
        let mut one = Diagnostic::error(format!("{word}: {}", refused.message));
        one.help = refused.help;
        wrong(one)
    })
}

/// The spec at the first step of a rollout of `image`; `settled` is what it comes to before.
pub(super) fn started(
    settled: &Settled,
    spec: &AppSpec,
    image: ImageRef,
    size: Option<u32>,
    round: Option<canary::Round>,
) -> Result<AppSpec, Stop> {
    let replicas = settled.app.replicas;
    let size = size.unwrap_or(replicas.min());
    if !(replicas.min()..=replicas.max()).contains(&size) {
        let what = format!("`--size {size}` is no number of pods that `replicas` allows");
        let (min, max) = (replicas.min(), replicas.max());
        let help = format!("name how many there are now, from {min} to {max}");
        return Err(out_of_turn(Wrong::new(what).help(help)));
    }
    let policy = spec.canary.clone().unwrap_or_default();
    let steps = policy.steps.unwrap_or_else(|| usual_steps(replicas.min()));
    let ladder = Ladder::new(size, &steps, round)
        .map_err(|wrong| refuse(settled.too_fine(size, &steps, &wrong)))?;
    let stable = &spec.image.as_ref().map(|image| &image.reference);
    let stable = stable.unwrap_or(&settled.app.image.reference);
    let run = canary::start(policy.run.as_ref(), stable, image, ladder).map_err(out_of_turn)?;
    Ok(with_run(spec, Some(run)))
}

/// What makes a share other than that of the pods.
fn warnings(settled: &Settled) -> Vec<Diagnostic> {
    let lasting = settled
        .app
        .ports
        .iter()
        .any(|port| port.protocol != Protocol::Http);
    let what = "connections stay with the pod that they were made to: the share of requests follows the share of \
                pods only as callers connect anew";
    let note = Diagnostic::note(what).key("canary");
    if lasting {
        vec![note.help("gRPC and other lasting connections: give callers a maximum age of a connection, or wait longer")]
    } else {
        vec![note.help("HTTP keep-alive too: wait a few minutes before you judge a step")]
    }
}

/// Moves a rollout under way. Where it is over, stable keeps the new version if that `is_taken`.
fn go(
    session: &mut Session<'_>,
    writing: &Writing,
    moved: &dyn Fn(&RunSpec) -> Result<Option<RunSpec>, Wrong>,
    is_taken: bool,
) -> Result<Report, Stop> {
    let (found, text, settled) = find(session)?;
    let Some(run) = settled.app.run() else {
        let what = "no canary is under way";
        let help = "`prodgen canary start IMAGE` begins one";
        return Err(out_of_turn(Wrong::new(what).help(help)));
    };
    let next = moved(run).map_err(out_of_turn)?;
    let is_over = next.is_none();
    let mut wanted = with_run(&found.layers.given(), next);
    if let (true, true, Some(image)) = (is_over, is_taken, &mut wanted.image) {
        image.reference = run.image.clone();
    }
    let report = change::write(session, found, text, &wanted, writing)?;
    told(session, report, is_over)
}

/// What was written, with how it goes on; what was only planned is not there yet.
pub(super) fn told(
    session: &mut Session<'_>,
    mut report: Report,
    is_over: bool,
) -> Result<Report, Stop> {
    if report.outcome != Outcome::Done || report.word != "written" {
        return Ok(report);
    }
    let loaded = render::load(session, None, &[])?;
    let app = &loaded.settled.app;
    let mut place = rollout::place(app);
    if is_over {
        place.wait = Some(rollout::gone(app));
    }
    let quota = format!("{MANIFESTS}/resourcequota-{}.yaml", app.name);
    let is_touched = |row: &Row| row.path.ends_with(&quota) && row.action != "same";
    if report.rows.iter().any(is_touched) {
        report.hints.push(format!(
            "{quota} has room for both versions now: an administrator applies it before a canary starts"
        ));
    }
    report.hints.extend(place.after_a_verb());
    report.canary = Some(Box::new(place));
    Ok(report)
}

fn status(session: &mut Session<'_>) -> Result<Report, Stop> {
    let loaded = render::load(session, None, &[])?;
    let mut report = Report::new(Outcome::Done, "status");
    report.diagnostics = loaded.notes;
    has_one(&loaded.settled)?;
    let place = rollout::place(&loaded.settled.app);
    let lock = loaded.project.state()?.lock;
    let is_behind = |text: &String| lock.is_none_or(|lock| lock.is_behind(text));
    let app = &loaded.settled.app;
    if loaded.text.as_ref().is_some_and(is_behind) && !held::is_as_rendered(&loaded.project, app)? {
        let what = "the spec was edited since the last render: this is what it says, not what was rendered";
        report
            .diagnostics
            .push(Diagnostic::note(what).help("see `prodgen diff`, then `prodgen render -w`"));
    }
    report.data = Some(place.text());
    report.canary = Some(Box::new(place));
    Ok(report)
}
