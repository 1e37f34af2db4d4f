//! `new`: answers become a spec, the spec is rendered, both are written.

use clap::{Args, Subcommand};

use super::answers::{self, Flags};
use super::disk::Disk;
use super::show::Report;
use super::{Outcome, Session, Stop, Writing, plan, wrong};
use crate::detect::{self, Found};
use crate::diag::{Diagnostic, Origin};
use crate::preset;
use crate::project::{MANIFESTS, Plan, Project, SPEC, SpecText, State, Wanted};
use crate::prompt::{self, Answer, Prompter, Question, Terminal};
use crate::render::Renderer;
use crate::spec::value::{AppName, DnsLabel, ImageRef};
use crate::spec::{self, AppSpec, Key, Layers, Settled};
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
    #[arg(value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    flags: Flags,
    /// Answer any key: `replicas.max=12`, `callers=[web]`, `labels["a.b/c"]=d`
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Answers")]
    set: Vec<String>,
    /// Answer any key with the text of a file
    #[arg(long, value_name = "KEY=FILE", help_heading = "Answers")]
    set_file: Vec<String>,
    /// Take answers from a partial spec; `-` is stdin, later files win
    #[arg(short = 'f', value_name = "FILE", help_heading = "Answers")]
    file: Vec<String>,
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
    let layers = lay(kind, &answers, session, &mut notes)?;
    let settled = match preset::settle(&layers, &mut session.sources, &Disk(&project)) {
        Ok(settled) => settled,
        Err(refused) => return Err(Box::new(Report::wrong(refused.complaints))),
    };
    let mut report = write(&project, &settled, &answers.writing, session)?;
    notes.append(&mut report.diagnostics);
    report.diagnostics = notes;
    Ok(report)
}

/// Everybody who answers, weakest first: the repository, variables, files, `--set`, flags; and a
/// person for what is still missing.
fn lay(
    kind: &'static str,
    answers: &Answers,
    session: &mut Session<'_>,
    notes: &mut Vec<Diagnostic>,
) -> Result<Layers, Stop> {
    let reads_stdin = answers.file.iter().any(|name| name == "-");
    let asks = session.global.may_ask(session.ambient) && !answers.writing.yes && !reads_stdin;
    let found = if asks || (answers.writing.yes && !session.global.no_input) {
        detect::repository(&session.folder)
    } else {
        Vec::new()
    };
    let mut said = Layers::default();
    answers::variables(session, &mut said);
    for name in &answers.file {
        answers::file(session, &mut said, name, true)?;
    }
    answers::set(session, &mut said, &answers.set)?;
    answers::set_file(session, &mut said, &answers.set_file)?;
    answers.flags.lay(session, &mut said);
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
    if asks {
        ask(session, &mut said, &found)?;
    } else {
        take(session, &mut said, &found, kind, notes);
    }
    Ok(said)
}

/// Takes what is found in the repository for keys that nobody answers, and says so.
fn take(
    session: &mut Session<'_>,
    said: &mut Layers,
    found: &[Found],
    kind: &str,
    notes: &mut Vec<Diagnostic>,
) {
    let mut below = Vec::new();
    for one in found {
        if said.answers_key(one.key)
            || (one.key == "port" && (kind != "service" || said.answers_key("ports")))
        {
            continue;
        }
        notes.push(Diagnostic::note(format!(
            "`{}: {}` is from {}",
            one.key, one.value, one.file
        )));
        let source = session
            .sources
            .add(Origin::Found(one.file.clone()), one.value.as_str());
        let mut layer = Layers::default();
        layer.answer(source, &FieldPath::default().key(one.key), &one.value);
        below.push(layer);
    }
    for layer in below {
        said.lay_below(layer);
    }
}

/// Asks a person for the required keys that nobody answers.
fn ask(session: &mut Session<'_>, said: &mut Layers, found: &[Found]) -> Result<(), Stop> {
    let missing = said.missing();
    if missing.is_empty() {
        return Ok(());
    }
    let colour = session.ambient.variable("NO_COLOR").is_none()
        && session.global.color != super::When::Never;
    let mut terminal = Terminal::new(colour);
    for (key, answer) in interview(&mut terminal, &missing, found)? {
        let source = session
            .sources
            .add(Origin::Prompt(key.to_owned()), answer.as_str());
        said.answer(source, &FieldPath::default().key(key), &answer);
    }
    Ok(())
}

/// Asks one question a key; Esc goes back to the one before.
fn interview(
    prompter: &mut dyn Prompter,
    keys: &[&'static Key],
    found: &[Found],
) -> Result<Vec<(&'static str, String)>, Stop> {
    let mut answers: Vec<(&'static str, String)> = Vec::new();
    while let Some(key) = keys.get(answers.len()) {
        let suggestion = found.iter().find(|one| one.key == key.name);
        let why = match suggestion {
            Some(one) => format!("{} (from {})", key.summary, one.file),
            None => key.summary.to_owned(),
        };
        let question = Question {
            key: key.name,
            text: &format!("{}:", key.name),
            why: &why,
            default: suggestion.map(|one| one.value.clone()),
            check: &|text| check(key.name, text),
        };
        match prompter.ask(&question) {
            Ok(Answer::Given(text)) => answers.push((key.name, text)),
            Ok(Answer::Back) => {
                answers.pop();
            }
            Err(prompt::Error::Interrupted) => {
                let mut report = Report::new(Outcome::Interrupted, "interrupted");
                report.hints.push("Nothing was written.".to_owned());
                return Err(Box::new(report));
            }
            Err(error @ (prompt::Error::NoTerminal | prompt::Error::Io(_))) => {
                let mut report = Report::new(Outcome::Failed, "failed");
                report
                    .diagnostics
                    .push(Diagnostic::error(error.to_string()));
                return Err(Box::new(report));
            }
        }
    }
    Ok(answers)
}

/// The same check as a file gets.
fn check(key: &str, text: &str) -> Result<(), String> {
    let done = match key {
        "name" => AppName::parse(text).map(drop),
        "team" => DnsLabel::parse(text).map(drop),
        "image" => ImageRef::parse(text).map(drop),
        _ => Ok(()),
    };
    done.map_err(|wrong| wrong.to_string())
}

fn write(
    project: &Project,
    settled: &Settled,
    writing: &Writing,
    session: &mut Session<'_>,
) -> Result<Report, Stop> {
    let state = project.state()?;
    if let Some(there) = project.read_spec()? {
        return again(project, &state, &there, settled, writing, session);
    }
    let manifests = Renderer::for_one(&settled.app)?.render(&settled.app)?;
    let files = manifests
        .files(MANIFESTS)
        .map_err(|error| wrong(Diagnostic::error(error.to_string())))?;
    let wanted = Wanted {
        spec: SpecText::Made(spec::to_yaml(&settled.spec)),
        manifests: files,
    };
    let plan = Plan::new(project, &state, wanted)?;
    let mut report = plan::carry_out(session, project, plan, writing, "created")?;
    if report.outcome == Outcome::Done && report.word == "created" {
        let folder = session.shown(project, MANIFESTS);
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
fn again(
    project: &Project,
    state: &State,
    there: &str,
    settled: &Settled,
    writing: &Writing,
    session: &mut Session<'_>,
) -> Result<Report, Stop> {
    let shown = session.shown(project, SPEC);
    let source = session.sources.add(Origin::File(shown.clone()), there);
    let mut layers = Layers::default();
    match spec::read(source, there, false) {
        Ok(layer) => layers.push(layer),
        Err(complaints) => return Err(Box::new(Report::wrong(complaints))),
    }
    let old = match preset::settle(&layers, &mut session.sources, &Disk(project)) {
        Ok(old) => old,
        Err(refused) => return Err(super::render::refuse(refused.complaints)),
    };
    let other = differing(&old.spec, &settled.spec);
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
            .in_file(shown)
            .key(other.join(","))
            .help(format!(
                "edit the file and run `prodgen render -w`, or `prodgen set {}=...`",
                other[0]
            )),
        );
        return Ok(report);
    }
    let manifests = Renderer::for_one(&old.app)?.render(&old.app)?;
    let files = manifests
        .files(MANIFESTS)
        .map_err(|error| wrong(Diagnostic::error(error.to_string())))?;
    let wanted = Wanted {
        spec: SpecText::Read(there.to_owned()),
        manifests: files,
    };
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
    let map = |spec: &AppSpec| match serde_json::to_value(spec) {
        Ok(serde_json::Value::Object(map)) => map,
        Ok(_) | Err(_) => serde_json::Map::new(),
    };
    let old = map(old);
    map(new)
        .into_iter()
        .filter(|(key, value)| old.get(key) != Some(value))
        .map(|(key, _)| key)
        .collect()
}
