//! `new`: answers become a spec, the spec is rendered, both are written.

use std::path::Path;

use clap::{Args, Subcommand};

use super::answers;
use super::disk::Disk;
use super::memory::StateFile;
use super::show::Report;
use super::{Outcome, Session, Stop, Writing, plan, presets, render, wrong};
use crate::detect;
use crate::diag::{Diagnostic, Origin};
use crate::preset;
use crate::project::{MANIFESTS, Plan, Project, SPEC, SpecText, State};
use crate::prompt::{self, Terminal};
use crate::render as rendering;
use crate::spec::{self, AppSpec, KEYS, Layers, Settled};
use crate::wizard::{self, Ended, Interview};
use crate::yaml::FieldPath;

/// Describe a service and write its spec and manifests
#[derive(Debug, Args)]
pub(super) struct New {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A service that answers calls
    Service(Answers),
    /// Something that runs all the time and answers nobody
    Worker(Answers),
    /// Something that runs at set times
    Cronjob(Answers),
}

#[derive(Debug, Args)]
struct Answers {
    /// Name of the service
    #[arg(value_name = "NAME", conflicts_with = answers::NAME)]
    name: Option<String>,
    #[command(flatten)]
    given: answers::Given,
    /// A folder of presets of your own
    #[arg(long, value_name = "DIR", help_heading = "Answers")]
    presets: Option<std::path::PathBuf>,
    #[command(flatten)]
    writing: Writing,
}

/// Runs `new`.
pub(super) fn run(new: New, session: &mut Session<'_>) -> Result<Report, Stop> {
    let (kind, answers) = match new.what {
        What::Service(answers) => ("service", answers),
        What::Worker(answers) => ("worker", answers),
        What::Cronjob(answers) => ("cronjob", answers),
    };
    let project = Project::at(session.folder.clone());
    let mut notes = plan::recover(&project)?;
    let mut said = lay(kind, &answers, session)?;
    let folders = presets::folders(session, answers.presets.as_deref())?;
    notes.extend(presets::expand(session, &mut said, &folders)?);
    let reads_stdin = answers.given.read_stdin();
    // A service that is there already is asked nothing: its answers are compared.
    let asks = session.global.may_ask(session.ambient)
        && !answers.writing.yes
        && !reads_stdin
        && project.read_spec()?.is_none();
    if asks {
        let (mut report, warnings) = interview(kind, said, &project, &answers.writing, session)?;
        notes.extend(warnings);
        notes.append(&mut report.diagnostics);
        report.diagnostics = notes;
        return Ok(report);
    }
    let mut taken = Vec::new();
    if answers.writing.yes && !session.global.no_input {
        taken = take(kind, &mut said, &project, session, &mut notes);
    }
    let settled = match preset::settle(&said, &mut session.sources, &Disk(&project)) {
        Ok(settled) => settled,
        Err(refused) => return Err(Box::new(Report::wrong(refused.complaints))),
    };
    of_kind(kind, settled.app.kind.as_str())?;
    notes.extend(settled.warnings.iter().cloned());
    let mut report = write(&project, &settled, &taken, &answers.writing, session)?;
    notes.append(&mut report.diagnostics);
    report.diagnostics = notes;
    Ok(report)
}

/// Refuses a preset that makes something else than is asked for.
fn of_kind(kind: &str, made: &str) -> Result<(), Stop> {
    if kind == made {
        return Ok(());
    }
    let what = format!("`new {kind}` makes a {kind}, and the preset makes a {made}");
    let help = format!("run `prodgen new {made}`, or choose another preset");
    Err(wrong(Diagnostic::error(what).key("preset").help(help)))
}

/// Asks a person, shows what comes of it, and writes it if that is wanted. Also the warnings of what is
/// written.
fn interview(
    kind: &'static str,
    said: Layers,
    project: &Project,
    writing: &Writing,
    session: &mut Session<'_>,
) -> Result<(Report, Vec<Diagnostic>), Stop> {
    // What is wrong already is nobody's to answer.
    let preset = said
        .preset()
        .and_then(|(name, _)| preset::load(&name, &mut session.sources));
    if let Some(Ok(preset)) = preset {
        of_kind(kind, &preset.kind)?;
    } else if let Some((made, _)) = said.r#type() {
        of_kind(kind, &made)?;
    }
    if let Err(refused) = preset::settle(&said, &mut session.sources, &Disk(project)) {
        let wrong: Vec<Diagnostic> = refused
            .complaints
            .into_iter()
            .filter(|one| one.variable.is_none())
            .collect();
        if !wrong.is_empty() {
            return Err(Box::new(Report::wrong(wrong)));
        }
    }
    let memory = StateFile::of(session.ambient, &session.folder);
    let colour = is_colourful(session);
    let mut interview = Interview {
        kind,
        said,
        found: detect::repository(&session.folder),
        sources: &mut session.sources,
        files: &Disk(project),
        memory: &memory,
    };
    match interview.run(&mut Terminal::new(colour)) {
        Ok(Ended::Write(settled)) => {
            let mut report = write(project, &settled, &[], writing, session)?;
            if report.outcome == Outcome::Done && report.word == "created" {
                memory.forget();
                let folder = session.global.folder.as_deref().map(Path::to_string_lossy);
                let folder = folder
                    .map(|folder| format!(" -C {}", wizard::shell(&folder)))
                    .unwrap_or_default();
                report.hints.push(format!(
                    "\nThe same without a terminal:\n  {}{folder}",
                    wizard::headless(&settled.spec(), kind)
                ));
            }
            Ok((report, settled.warnings))
        }
        Ok(Ended::Left) => {
            let mut report = Report::new(Outcome::Done, "left");
            report.hints.push("Nothing was written.".to_owned());
            Ok((report, Vec::new()))
        }
        Err(error) => Ok((stopped(&error), Vec::new())),
    }
}

/// Whether a person is asked in colours.
pub(super) fn is_colourful(session: &Session<'_>) -> bool {
    session.ambient.variable("NO_COLOR").is_none() && session.global.color != super::When::Never
}

/// How a run ends when nobody answers any more.
pub(super) fn stopped(error: &prompt::Error) -> Report {
    match error {
        prompt::Error::Interrupted => {
            let mut report = Report::new(Outcome::Interrupted, "interrupted");
            let hint = "Nothing was written; run it again to go on.";
            report.hints.push(hint.to_owned());
            report
        }
        prompt::Error::NoTerminal | prompt::Error::Io(_) => {
            let mut report = Report::new(Outcome::Failed, "failed");
            let one = Diagnostic::error(error.to_string());
            report.diagnostics.push(one);
            report
        }
    }
}

/// Everybody who answers without being asked, weakest first: variables, files, `--set`, flags.
fn lay(kind: &'static str, answers: &Answers, session: &mut Session<'_>) -> Result<Layers, Stop> {
    let mut said = answers.given.lay(session, KEYS)?;
    if let Some(name) = &answers.name {
        let source = session
            .sources
            .add(Origin::Flag("NAME".to_owned()), name.as_str());
        said.answer(source, &FieldPath::default().key("name"), name);
    }
    if let Some((given, place)) = said.r#type()
        && given != kind
    {
        return Err(wrong(
            Diagnostic::error(format!(
                "`new {kind}` makes a {kind}, and `type` says `{given}`"
            ))
            .at(place)
            .key("type")
            .help(format!("run `prodgen new {given}`, or take `type` out")),
        ));
    }
    if kind != "service" {
        let source = session
            .sources
            .add(Origin::Flag(format!("new {kind}")), kind);
        said.answer(source, &FieldPath::default().key("type"), kind);
    }
    Ok(said)
}

/// Takes what is found in the repository for keys that nobody answers, and says so; the keys come
/// back.
fn take(
    kind: &'static str,
    said: &mut Layers,
    project: &Project,
    session: &mut Session<'_>,
    notes: &mut Vec<Diagnostic>,
) -> Vec<&'static str> {
    let memory = StateFile::of(session.ambient, &session.folder);
    let mut interview = Interview {
        kind,
        said: said.clone(),
        found: detect::repository(&session.folder),
        sources: &mut session.sources,
        files: &Disk(project),
        memory: &memory,
    };
    let (layers, taken) = interview.take();
    notes.extend(taken.iter().map(|one| {
        Diagnostic::note(format!(
            "`{}: {}` is from {}",
            one.key,
            one.value(),
            one.place()
        ))
    }));
    notes.extend(interview.remarks());
    *said = layers;
    taken.into_iter().map(|one| one.key).collect()
}

fn write(
    project: &Project,
    settled: &Settled,
    taken: &[&str],
    writing: &Writing,
    session: &mut Session<'_>,
) -> Result<Report, Stop> {
    let state = project.state()?;
    if let Some(there) = project.read_spec()? {
        let there = (there.as_str(), &state);
        return again(project, there, (settled, taken), writing, session);
    }
    let manifests = rendering::one(&settled.app)?;
    let wanted = render::wanted(
        SpecText::Made(spec::to_yaml(&settled.spec())),
        &settled.app,
        &manifests,
    )?;
    let plan = Plan::new(project, &state, wanted)?;
    let mut report = plan::carry_out(session, project, plan, writing, "created")?;
    if report.outcome == Outcome::Done && report.word == "created" {
        // `kubectl` runs where prodgen was started, not in the folder of `-C`.
        let folder = session.global.folder.clone().unwrap_or_default();
        let folder = folder.join(session.shown(project, MANIFESTS));
        let folder = wizard::shell(&folder.to_string_lossy());
        report.hints.push(format!(
            "\nAn administrator applies the namespace, its quota and limits, and the access rules once:\n  \
             kubectl apply --server-side -R -f {folder} -l prodgen.dev/applied-by=administrator\n\
             From then on a deployer, or CI as {}-ci, applies the rest:\n  \
             kubectl apply --server-side -R -f {folder} -l 'prodgen.dev/applied-by!=administrator'",
            settled.app.name
        ));
    }
    Ok(report)
}

/// The service is there already: the same answers change nothing, others are refused.
///
/// What was only found is nobody's answer: the file knows better.
fn again(
    project: &Project,
    (there, state): (&str, &State),
    (settled, taken): (&Settled, &[&str]),
    writing: &Writing,
    session: &mut Session<'_>,
) -> Result<Report, Stop> {
    let mut layers = Layers::default();
    layers.push(render::read(session, project, there)?);
    let old = render::settle(session, project, &layers)?;
    let mut other = differing(&old.spec(), &settled.spec());
    other.retain(|key| !taken.contains(&key.as_str()));
    if !other.is_empty() {
        let keys = other
            .iter()
            .map(|key| format!("`{key}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let mut report = Report::new(Outcome::No, "different");
        report.diagnostics.push(
            Diagnostic::error(format!(
                "there is a service here already, with other answers to {keys}"
            ))
            .in_file(session.shown(project, SPEC))
            .key(other.join(","))
            .help("change it with `prodgen set KEY=VALUE`, or in the file and with `prodgen render -w`"),
        );
        return Ok(report);
    }
    let manifests = rendering::one(&old.app)?;
    let wanted = render::wanted(SpecText::Read(there.to_owned()), &old.app, &manifests)?;
    let plan = Plan::new(project, state, wanted)?;
    if state.lock.is_none() {
        // The spec came from elsewhere and was never rendered here.
        return plan::carry_out(session, project, plan, writing, "created");
    }
    let mut report = Report::new(Outcome::Done, "unchanged");
    report.rows = plan::rows(session, project, &plan);
    if !plan.is_unchanged() {
        report.rows.clear();
        report
            .hints
            .push("The manifests are older than the spec: run `prodgen render -w`.".to_owned());
    }
    Ok(report)
}

/// The keys that `new` answers in another way than `old`; keys that it does not answer are as they are.
fn differing(old: &AppSpec, new: &AppSpec) -> Vec<String> {
    let old = spec::long(old);
    spec::long(new)
        .into_iter()
        .filter(|(key, value)| old.get(key) != Some(value))
        .map(|(key, _)| key)
        .collect()
}
