//! `canary start`: what a rollout begins with, and whether it can hold.

use std::str::FromStr;

use clap::{Args, ValueEnum};

use super::{Way, find, out_of_turn, refuse, told, with_run};
use crate::cli::disk::Disk;
use crate::cli::show::Report;
use crate::cli::{Session, Stop, Writing, change, wrong};
use crate::component::engine;
use crate::diag::{Diagnostic, shown};
use crate::project::Project;
use crate::spec::canary::{self, Holder, Mover};
use crate::spec::value::{ImageRef, RelFolder, Wrong};
use crate::spec::{App, AppSpec, Files, Replicas, Settled};

#[derive(Debug, Args)]
pub(in crate::cli) struct Start {
    /// The image of the new version; that in use, where only what is named below changes
    image: String,
    /// How many pods there are now, where the autoscaler has more than its minimum; with weights, how
    /// many the highest load takes
    #[arg(long, value_name = "PODS")]
    size: Option<u32>,
    /// What becomes of a step that comes to no whole pod
    #[arg(long, value_name = "WAY", value_enum)]
    round: Option<Round>,
    /// The folder of its configuration, where that is another one
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

/// Begins with a new version.
pub(in crate::cli) fn run(start: &Start, session: &mut Session<'_>) -> Result<Report, Stop> {
    let image = word("canary start", &start.image)?;
    let (mut found, text, settled) = find(session, Way::On)?;
    let round = start.round.map(Into::into);
    let given = found.layers.given();
    let mut wanted = started(&settled, &given, image, start.size, round)?;
    with_own(start, &found.project, &given, &mut wanted)?;
    let caution = engine(&settled.app).map(|engine| engine.caution(&settled.app));
    found.notes.extend(caution);
    let report = change::write(session, found, text, &wanted, &start.writing)?;
    told(session, report, None)
}

/// Adds what changes with the version beside its image.
fn with_own(
    start: &Start,
    project: &Project,
    given: &AppSpec,
    wanted: &mut AppSpec,
) -> Result<(), Stop> {
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
        let named = |why: String| {
            let help = "name a folder beside the spec with the files of the new version";
            wrong(Diagnostic::error(format!("--config: {why}")).help(help))
        };
        let folder: RelFolder = word("--config", folder)?;
        let files = Disk(project).list(folder.as_str());
        if files.map_err(named)?.is_empty() {
            return Err(named(format!("`{folder}` has no files")));
        }
        run.config = Some(folder);
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

/// A value that `word` of the command line gives.
pub(in crate::cli) fn word<T: FromStr<Err = Wrong>>(word: &str, text: &str) -> Result<T, Stop> {
    text.parse().map_err(|refused: Wrong| {
        let mut one = Diagnostic::error(format!("{word}: {}", refused.message));
        one.help = refused.help;
        wrong(one)
    })
}

/// The spec at the beginning of a rollout of `image`; `settled` is what it comes to before.
pub(in crate::cli) fn started(
    settled: &Settled,
    spec: &AppSpec,
    image: ImageRef,
    size: Option<u32>,
    round: Option<canary::Round>,
) -> Result<AppSpec, Stop> {
    let replicas = settled.app.replicas;
    let policy = spec.canary.clone().unwrap_or_default();
    let engine = policy.engine.unwrap_or_default();
    if let Some(takeover) = policy.takeover {
        let what = "the pods of the version in use are changing hands";
        let help = match takeover.to {
            Holder::Rollout => {
                "`prodgen canary status` says what to wait for, and `prodgen canary step` ends it: begin after that"
            }
            Holder::Deployment => {
                "`prodgen canary status` says what to wait for: the canary is going"
            }
        };
        return Err(out_of_turn(Wrong::new(what).help(help)));
    }
    let size = checked_size(replicas, size, engine.usual_size(replicas))?;
    if round.is_some() && engine.mover() != Mover::Pods {
        let why = if engine.mover() == Mover::Controller {
            "leaves that to its controller"
        } else {
            "holds every percentage"
        };
        let what = format!(
            "`--round` is for whole pods, and the engine `{}` {why}",
            engine.as_str()
        );
        return Err(out_of_turn(Wrong::new(what).help("leave it out")));
    }
    let steps = policy.steps.unwrap_or_else(|| engine.usual_steps(replicas));
    let ladder = engine
        .ladder(size, &steps, round)
        .map_err(|wrong| refuse(settled.too_fine(size, &steps, &wrong)))?;
    let run = canary::start(policy.run.as_ref(), image, ladder).map_err(out_of_turn)?;
    Ok(with_run(spec, Some(run)))
}

/// Refuses a rollout of what everybody has already, which `app` has begun with.
pub(in crate::cli) fn brings_something(app: &App) -> Result<(), Stop> {
    let (old, new) = (app, app.next());
    let files = |app: &App| app.config.as_ref().map(|config| config.files.clone());
    if old.image != new.image || old.secrets != new.secrets || files(old) != files(new) {
        return Ok(());
    }
    let what = format!("`{}` is what stable runs already", new.image.reference);
    let help =
        "name the image of the new version; or with `--config` or `--secret` what else is new";
    Err(out_of_turn(Wrong::new(what).help(help)))
}

/// How many pods there are: as named, or as `usual`.
pub(in crate::cli) fn checked_size(
    replicas: Replicas,
    size: Option<u32>,
    usual: u32,
) -> Result<u32, Stop> {
    let size = size.unwrap_or(usual);
    let (min, max) = (replicas.min(), replicas.max());
    if (min..=max).contains(&size) {
        return Ok(size);
    }
    let what = format!("`--size {size}` is no number of pods that `replicas` allows");
    let help = format!("name how many there are now, from {min} to {max}");
    Err(out_of_turn(Wrong::new(what).help(help)))
}
