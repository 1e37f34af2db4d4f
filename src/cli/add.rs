//! `add`: keys into the spec, and into the manifests what they make.

use clap::Args;
use serde_json::{Map, Value, json};

use super::answers::Given;
use super::disk::Disk;
use super::render::Found;
use super::show::Report;
use super::{Outcome, Session, Stop, Writing, canary, change, new, render, wrong};
use crate::detect::Repository;
use crate::diag::{Diagnostic, Origin};
use crate::project::{Project, SPEC};
use crate::prompt::{self, Terminal};
use crate::spec::canary::Mover;
use crate::spec::value::{ImageRef, Wrong};
use crate::spec::{App, AppSpec, KEYS, Key, Layers, Settled, example, long};
use crate::wizard::{Forgetful, Interview};
use crate::yaml::FieldPath;

/// Add keys to the spec, and to the manifests what they make
#[derive(Debug, Args)]
pub(super) struct Add {
    /// Keys of the spec, such as `callers`; a flag below gives what to add
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// With `canary`: what moves the traffic, the same as `--set canary.engine=NAME`
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,
    /// With the engine `argo`: how many pods run now; as many as `replicas` allows if nobody says it
    #[arg(long, value_name = "PODS")]
    size: Option<u32>,
    #[command(flatten)]
    given: Given,
    #[command(flatten)]
    writing: Writing,
}

/// Runs `add`.
pub(super) fn run(mut add: Add, session: &mut Session<'_>) -> Result<Report, Stop> {
    let keys: Vec<&'static Key> = add
        .keys
        .iter()
        .map(|name| change::key(name, "what is in it is changed with `prodgen set`"))
        .collect::<Result<_, _>>()?;
    let image = version(&keys, &mut add)?;
    let (mut found, text) = change::find(session)?;
    let has_canary = keys.iter().any(|key| key.name == "canary");
    let brings_canary = has_canary && found.layers.given().canary.is_none();
    if add.size.is_some() && !brings_canary {
        return Err(canary::size_of_nothing());
    }
    if brings_canary {
        canary::turn::has_one(&found.project.state()?)?;
    }
    if has_canary {
        may_have_one(&found, session)?;
    }
    let mut said = lay(&add, &keys, session)?;
    if let Some(left) = complete(&add, &keys, &found, &mut said, session)? {
        return Ok(left);
    }
    let mut wanted = wanted(&keys, &mut found, &said, session)?;
    if brings_canary {
        let (_, settled) = settle(&found, &said, session)?;
        wanted = canary::handover::begun(&found.project, &settled, wanted, add.size)?;
    }
    let takeover = wanted.canary.as_ref().and_then(|canary| canary.takeover);
    if image.is_some() || (brings_canary && takeover.is_some()) {
        let before = render::settle(session, &found.project, &found.layers)?;
        canary::unedited(session, &found, &text, &before)?;
        canary::same_version(session, &found, &text, &before)?;
    }
    if let Some(image) = image {
        let (_, settled) = settle(&found, &said, session)?;
        wanted = canary::start::started(&settled, &wanted, image, None, None)?;
    }
    let report = change::write(session, found, text, &wanted, &add.writing)?;
    if has_canary {
        canary::told(session, report, None)
    } else {
        Ok(report)
    }
}

/// Refuses a `canary` where there is nothing that it could share.
fn may_have_one(found: &Found, session: &mut Session<'_>) -> Result<(), Stop> {
    let settled = render::settle(session, &found.project, &found.layers)?;
    let Some(why) = canary::without::reason(settled.app.kind) else {
        return Ok(());
    };
    let mut one = Diagnostic::error(why.message).key("canary");
    one.help = why.help;
    Err(wrong(one))
}

/// The image of a new version, with which a rollout begins: beside `canary` it is no answer to `image`.
fn version(keys: &[&Key], add: &mut Add) -> Result<Option<ImageRef>, Stop> {
    let names = |name: &str| keys.iter().any(|key| key.name == name);
    if !names("canary") || names("image") {
        return Ok(None);
    }
    let given = add.given.take("image");
    given
        .map(|image| canary::start::word("--image", &image))
        .transpose()
}

/// The policy of a canary with steps that the service holds, where `given` names none, and a word about
/// it.
fn with_steps(given: Option<&Value>, app: &App) -> Option<(Value, Diagnostic)> {
    let mut policy = given.map_or_else(|| Some(Map::new()), |given| given.as_object().cloned())?;
    if policy.contains_key("steps") {
        return None;
    }
    let engine = app.canary.as_ref().map(|canary| canary.engine);
    let engine = engine.unwrap_or_default();
    let steps = engine.usual_steps(app.replicas);
    let holds = match (engine.mover(), app.replicas.min()) {
        (Mover::Pods, 1) => ", which 1 pod holds".to_owned(),
        (Mover::Pods, pods) => format!(", which {pods} pods hold"),
        (Mover::Weights | Mover::Controller, _) => String::new(),
    };
    let what = format!(
        "`canary` has the steps {steps:?}{holds}; `prodgen set canary.steps=...` changes them"
    );
    policy.insert("steps".to_owned(), json!(steps));
    Some((policy.into(), Diagnostic::note(what)))
}

/// What `add` writes into a key that can do without an answer, or with a part of one.
fn policy(key: &Key, given: Option<&Value>, app: &App) -> Option<(Value, Diagnostic)> {
    match (key.name, given) {
        ("canary", given) => with_steps(given, app),
        ("expose", None) if app.expose.is_none() => {
            let what = format!(
                "`expose` names no host: users reach it under every host of the Gateway, below `/{}`; \
                 `prodgen set expose=HOST` changes it",
                app.name
            );
            Some((json!({}), Diagnostic::note(what)))
        }
        _ => None,
    }
}

/// What the spec says with the answers laid over it, held against every rule.
fn settle(
    found: &Found,
    said: &Layers,
    session: &mut Session<'_>,
) -> Result<(Layers, Settled), Stop> {
    let mut both = found.layers.clone();
    both.lay_above(said.clone());
    let settled = render::settle(session, &found.project, &both)?;
    Ok((both, settled))
}

/// Asks a person, if there is one, for the keys that nobody answers; a report where they leave.
fn complete(
    add: &Add,
    keys: &[&'static Key],
    found: &Found,
    said: &mut Layers,
    session: &mut Session<'_>,
) -> Result<Option<Report>, Stop> {
    if !session.global.may_ask(session.ambient) || add.writing.yes || add.given.read_stdin() {
        return Ok(None);
    }
    let (both, settled) = settle(found, said, session)?;
    let known = long(settled.full());
    // The steps of a canary come from the size of the service.
    let is_open = |key: &&&Key| !known.contains_key(key.name) && key.name != "canary";
    let open = keys.iter().filter(is_open);
    let open: Vec<&Key> = open.copied().collect();
    if open.is_empty() {
        return Ok(None);
    }
    let kind = settled.app.kind.as_str();
    Ok(match ask(session, &found.project, both, kind, &open) {
        Ok(Some(answers)) => {
            said.lay_above(answers);
            None
        }
        Ok(None) => {
            let mut report = Report::new(Outcome::Done, "left");
            report.hints.push("Nothing was written.".to_owned());
            Some(report)
        }
        Err(error) => Some(new::stopped(&error)),
    })
}

/// The spec with these keys in it.
fn wanted(
    keys: &[&'static Key],
    found: &mut Found,
    said: &Layers,
    session: &mut Session<'_>,
) -> Result<AppSpec, Stop> {
    // Against every rule, while a mistake still has the place where it was made.
    let (both, settled) = settle(found, said, session)?;
    let mut wanted = long(&found.layers.given());
    let mut given = long(&said.given());
    for key in keys.iter().filter(|key| !wanted.contains_key(key.name)) {
        if let Some((policy, note)) = policy(key, given.get(key.name), &settled.app) {
            given.insert(key.name.to_owned(), policy);
            found.notes.push(note);
        }
    }
    // `image.pullSecret` alone makes no image: with what is there it does.
    let whole = long(&both.given());
    let preset = long(settled.full());
    let mut missing = Vec::new();
    for key in keys {
        let answer = given
            .get(key.name)
            .or_else(|| whole.get(key.name).filter(|_| said.answers_key(key.name)));
        let value = match (wanted.get(key.name), answer) {
            (None, None) => {
                let Some(value) = preset.get(key.name) else {
                    missing.push(unanswered(key));
                    continue;
                };
                found.notes.push(Diagnostic::note(format!(
                    "`{0}` is now written as it was by default; `prodgen set {0}=...` changes it",
                    key.name
                )));
                value.clone()
            }
            (None, Some(value)) => value.clone(),
            (Some(there), answer) => match more(there, answer) {
                Some(value) if value == *there => {
                    let what = format!("`{}` is there already", key.name);
                    found.notes.push(Diagnostic::note(what));
                    continue;
                }
                Some(value) => value,
                None => {
                    let shown = session.shown(&found.project, SPEC);
                    return Err(Box::new(occupied(key, &shown)));
                }
            },
        };
        wanted.insert(key.name.to_owned(), value);
    }
    if missing.is_empty() {
        spec(wanted)
    } else {
        Err(Box::new(Report::wrong(missing)))
    }
}

/// Asks a person for keys that nobody answers.
fn ask(
    session: &mut Session<'_>,
    project: &Project,
    said: Layers,
    kind: &'static str,
    keys: &[&Key],
) -> Result<Option<Layers>, prompt::Error> {
    let colour = new::is_colourful(session);
    let mut interview = Interview {
        kind,
        said,
        found: Repository::default(),
        sources: &mut session.sources,
        files: &Disk(project),
        memory: &Forgetful,
    };
    interview.ask_keys(keys, &mut Terminal::new(colour))
}

/// The answers to these keys and no others.
fn lay(add: &Add, keys: &[&'static Key], session: &mut Session<'_>) -> Result<Layers, Stop> {
    let mut said = add.given.lay(session, keys.iter().copied())?;
    if let Some(engine) = &add.engine {
        let source = session
            .sources
            .add(Origin::Flag("--engine".to_owned()), engine.as_str());
        said.answer(
            source,
            &FieldPath::default().key("canary").key("engine"),
            engine,
        );
    }
    if said.answers_path(&["canary", "run"]) {
        let what = "`canary.run` is a rollout under way, which is not for adding";
        let help = "`prodgen canary start IMAGE` begins one";
        return Err(canary::out_of_turn(Wrong::new(what).help(help)));
    }
    if said.answers_path(&["canary", "takeover"]) {
        let what = "`canary.takeover` is written where it is needed, and is not for adding";
        let help = "leave it out; `--size` says how many pods run now";
        return Err(canary::out_of_turn(Wrong::new(what).help(help)));
    }
    let named = |key: &&Key| keys.iter().any(|one| one.name == key.name);
    let other = KEYS
        .iter()
        .filter(|key| !named(key))
        .find(|key| said.answers_key(key.name));
    match other {
        None => Ok(said),
        Some(key) => Err(wrong(
            Diagnostic::error(format!(
                "there is an answer to `{0}`, and `{0}` is not among the keys to add",
                key.name
            ))
            .key(key.name)
            .help(format!(
                "name it too, or change it with `prodgen set {}=...`",
                key.name
            )),
        )),
    }
}

/// What is there and what is added to it: a list takes further items, a map further keys, and the same
/// again is nothing.
fn more(there: &Value, answer: Option<&Value>) -> Option<Value> {
    match (there, answer) {
        (there, None) => Some(there.clone()),
        (there, Some(answer)) if there == answer => Some(there.clone()),
        (Value::Array(there), Some(Value::Array(further))) => {
            let mut items = there.clone();
            items.extend(further.iter().filter(|item| !there.contains(item)).cloned());
            Some(items.into())
        }
        (Value::Object(there), Some(Value::Object(further))) => {
            let mut keys = there.clone();
            for (key, value) in further {
                let value = match there.get(key) {
                    Some(there) => more(there, Some(value))?,
                    None => value.clone(),
                };
                keys.insert(key.clone(), value);
            }
            Some(keys.into())
        }
        _ => None,
    }
}

fn unanswered(key: &Key) -> Diagnostic {
    let mut one = Diagnostic::error(format!("`{}` has no answer: {}", key.name, key.summary))
        .key(key.name)
        .help(format!(
            "give it with `{}=...`, a file, or the variable `{}`{}",
            key.flag(),
            key.variable(),
            example(key.name)
                .map(|example| format!("; in the spec it is `{example}`"))
                .unwrap_or_default()
        ));
    one.flag = Some(key.flag());
    one.variable = Some(key.variable());
    one
}

/// Another answer than the one that is there is a change, which `add` does not make.
fn occupied(key: &Key, shown: &str) -> Report {
    let mut report = Report::new(Outcome::No, "different");
    report.diagnostics.push(
        Diagnostic::error(format!(
            "`{}` is there already, with another answer",
            key.name
        ))
        .in_file(shown)
        .key(key.name)
        .help(format!("change it with `prodgen set {}=...`", key.name)),
    );
    report.hints.push("Nothing was written.".to_owned());
    report
}

/// Keys in their long forms as a spec again.
fn spec(keys: Map<String, Value>) -> Result<AppSpec, Stop> {
    serde_json::from_value(Value::Object(keys)).map_err(|error| {
        wrong(Diagnostic::error(format!(
            "the answers make no spec: {error}"
        )))
    })
}
