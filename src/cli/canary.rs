//! `canary`: a rollout in steps, each one an edit of the spec and a render. Nothing here asks a
//! cluster: what is to be waited for, and how, is said.

use std::str::FromStr;

use clap::{Args, Subcommand, ValueEnum};

use super::show::{Report, Row};
use super::{Outcome, Session, Stop, Writing, change, held, render, rollout, without, wrong};
use crate::component::{config_hash, engine};
use crate::diag::{Diagnostic, shown};
use crate::project::{MANIFESTS, SPEC};
use crate::render as rendering;
use crate::spec::canary::{self, Mover, RunSpec};
use crate::spec::value::{ImageRef, Wrong};
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
    /// How many pods there are now, where the autoscaler has more than its minimum; with weights, how
    /// many the highest load takes
    #[arg(long, value_name = "PODS")]
    size: Option<u32>,
    /// What becomes of a step that comes to no whole pod
    #[arg(long, value_name = "WAY", value_enum)]
    round: Option<Round>,
    /// The folder of its configuration, where that changes with the version
    #[arg(long, value_name = "FOLDER")]
    config: Option<String>,
    /// A Secret that it reads instead: `db=db-2`, where `db` is what `secrets` calls it
    #[arg(long, value_name = "NAME=SECRET")]
    secret: Vec<String>,
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

/// Where a verb leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
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
        Verb::Start(start) => begin(start, session),
        Verb::Status => status(session),
        Verb::Step { number, writing } => {
            let step = |run: &RunSpec| run.step(*number).map(Some);
            go(session, writing, &step, Way::On)
        }
        Verb::Promote { writing } => go(session, writing, &RunSpec::promote, Way::Through),
        Verb::Abort { now, writing } => go(session, writing, &|run| Ok(run.abort(*now)), Way::Back),
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
/// The way back is open to every version.
fn find(session: &mut Session<'_>, way: Way) -> Result<(render::Found, String, Settled), Stop> {
    let (found, text) = change::find(session)?;
    let settled = render::settle(session, &found.project, &found.layers)?;
    has_one(&settled)?;
    unedited(session, &found, &text, &settled)?;
    if way != Way::Back {
        same_version(session, &found, &text, &settled)?;
    }
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
fn with_run(spec: &AppSpec, run: Option<RunSpec>) -> AppSpec {
    let mut spec = spec.clone();
    spec.canary.get_or_insert_default().run = run;
    spec
}

fn begin(start: &Start, session: &mut Session<'_>) -> Result<Report, Stop> {
    let image = image("canary start", &start.image)?;
    let (mut found, text, settled) = find(session, Way::On)?;
    let round = start.round.map(Into::into);
    let given = found.layers.given();
    let mut wanted = started(&settled, &given, image, start.size, round)?;
    with_own(start, &given, &mut wanted)?;
    let caution = engine(&settled.app).map(|engine| engine.caution(&settled.app));
    found.notes.extend(caution);
    let report = change::write(session, found, text, &wanted, &start.writing)?;
    told(session, report, false)
}

/// Adds what changes with the version beside its image.
fn with_own(start: &Start, given: &AppSpec, wanted: &mut AppSpec) -> Result<(), Stop> {
    let canary = wanted.canary.as_mut();
    let Some(run) = canary.and_then(|canary| canary.run.as_mut()) else {
        return Ok(());
    };
    if let Some(folder) = &start.config {
        if given.config.is_none() {
            let what = "`--config`: this service has no `config` that could be another one";
            let help = "`prodgen add config` begins with one";
            return Err(out_of_turn(Wrong::new(what).help(help)));
        }
        run.config = Some(word("--config", folder)?);
    }
    for pair in &start.secret {
        let (name, secret) = pair.split_once('=').ok_or_else(|| {
            let what = format!("--secret: `{}` is no NAME=SECRET", shown(pair));
            wrong(Diagnostic::error(what).help("write it as in `--secret db=db-2`"))
        })?;
        let name = word("--secret", name)?;
        let mut known = given.secrets.iter().flatten();
        if !known.any(|secret| secret.name == name) {
            let what = format!("`--secret {name}`: `secrets` has none of that name");
            let help = "name one that the spec has, or add it first with `prodgen add secrets`";
            return Err(out_of_turn(Wrong::new(what).help(help)));
        }
        run.secrets.insert(name, word("--secret", secret)?);
    }
    Ok(())
}

/// The image of the new version, which `word` of the command line gives.
pub(super) fn image(word: &str, text: &str) -> Result<ImageRef, Stop> {
    self::word(word, text)
}

/// A value that `word` of the command line gives.
fn word<T: FromStr<Err = Wrong>>(word: &str, text: &str) -> Result<T, Stop> {
    text.parse().map_err(|refused: Wrong| {
        let mut one = Diagnostic::error(format!("{word}: {}", refused.message));
        one.help = refused.help;
        wrong(one)
    })
}

/// The spec at the beginning of a rollout of `image`; `settled` is what it comes to before.
pub(super) fn started(
    settled: &Settled,
    spec: &AppSpec,
    image: ImageRef,
    size: Option<u32>,
    round: Option<canary::Round>,
) -> Result<AppSpec, Stop> {
    let replicas = settled.app.replicas;
    let policy = spec.canary.clone().unwrap_or_default();
    let engine = policy.engine.unwrap_or_default();
    let size = size.unwrap_or_else(|| engine.usual_size(replicas));
    if !(replicas.min()..=replicas.max()).contains(&size) {
        let what = format!("`--size {size}` is no number of pods that `replicas` allows");
        let (min, max) = (replicas.min(), replicas.max());
        let help = format!("name how many there are now, from {min} to {max}");
        return Err(out_of_turn(Wrong::new(what).help(help)));
    }
    if round.is_some() && engine.mover() != Mover::Pods {
        let what = format!(
            "`--round` is for whole pods, and the engine `{}` holds every percentage",
            engine.as_str()
        );
        return Err(out_of_turn(Wrong::new(what).help("leave it out")));
    }
    let steps = policy.steps.unwrap_or_else(|| engine.usual_steps(replicas));
    let ladder = engine
        .ladder(size, &steps, round)
        .map_err(|wrong| refuse(settled.too_fine(size, &steps, &wrong)))?;
    let stable = &spec.image.as_ref().map(|image| &image.reference);
    let stable = stable.unwrap_or(&settled.app.image.reference);
    let run = canary::start(policy.run.as_ref(), stable, image, ladder).map_err(out_of_turn)?;
    Ok(with_run(spec, Some(run)))
}

/// Moves a rollout under way. Where it is over, stable keeps the new version or the one that it has.
fn go(
    session: &mut Session<'_>,
    writing: &Writing,
    moved: &dyn Fn(&RunSpec) -> Result<Option<RunSpec>, Wrong>,
    way: Way,
) -> Result<Report, Stop> {
    let (found, text, settled) = find(session, way)?;
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
        place.wait = engine(app).map(|engine| engine.gone(app));
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
