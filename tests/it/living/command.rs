//! What can be asked of prodgen, and what it answers: once through the library, once through the
//! program.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::LazyLock;

use prodgen::diag::{Diagnostic, Origin, SourceMap};
use prodgen::files::FileSet;
use prodgen::merge::{Side, Why};
use prodgen::preset;
use prodgen::project::{self, MANIFESTS, Plan, Project, SpecText, Wanted};
use prodgen::render::Renderer;
use prodgen::spec::canary::{self, Holder, Mover};
use prodgen::spec::edit::rewrite;
use prodgen::spec::{self, AppSpec, Layers, NoFiles, Settled};
use prodgen::yaml::FieldPath;
use serde_json::{Map, Value, json};

use crate::sandbox::Sandbox;

use super::older::older;

static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new().unwrap());

/// What is asked.
#[derive(Debug, Clone)]
pub(super) enum Asked {
    Set(String, String),
    Add(&'static str, String),
    Remove(&'static str),
    /// A verb of a rollout in steps.
    Canary(&'static str),
    Render,
    Undo,
}

/// The image that a rollout is of.
const NEXT: &str = "registry.example.com/payments/shop:3.0.0";

/// A command line.
#[derive(Debug, Clone)]
pub(super) struct Command {
    pub(super) asked: Asked,
    pub(super) accept: Option<Side>,
    pub(super) dry: bool,
}

/// A conflict, as it was named.
#[derive(Debug, Clone)]
pub(super) struct Named {
    pub(super) file: String,
    /// Nothing where only the program was asked, and for a file as a whole.
    pub(super) place: Option<(FieldPath, Why)>,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// `written`, `undone`, `unchanged`, `planned`, `conflict`, `in the way`, `refused`.
    pub(super) word: &'static str,
    /// What was shown for each file.
    pub(super) files: BTreeMap<String, String>,
    /// What stood against it before anything was accepted.
    pub(super) named: Vec<Named>,
    /// What was said.
    pub(super) said: String,
    /// What would have been written, where the library was asked.
    pub(super) render: Option<Rc<FileSet>>,
}

impl Told {
    pub(super) fn is_done(&self) -> bool {
        ["written", "undone"].contains(&self.word)
    }

    fn refused(said: impl Into<String>) -> Self {
        Self {
            word: "refused",
            said: said.into(),
            ..Self::default()
        }
    }
}

fn messages(wrong: &[Diagnostic]) -> String {
    let all: Vec<&str> = wrong.iter().map(|one| one.message.as_str()).collect();
    all.join("; ")
}

/// The layer of a spec's text.
fn layers(text: &str) -> Result<Layers, String> {
    let source = SourceMap::default().add(Origin::Stdin, text);
    let mut layers = Layers::default();
    layers.push(spec::read(source, text, false).map_err(|wrong| messages(&wrong))?);
    Ok(layers)
}

fn settle(layers: &Layers) -> Result<Settled, String> {
    preset::settle(layers, &mut SourceMap::default(), &NoFiles)
        .map_err(|refused| messages(&refused.complaints))
}

/// What a spec says, key by key; nothing where it cannot be read.
pub(super) fn keys(text: &str) -> Option<Map<String, Value>> {
    let given = layers(text).ok()?.given();
    serde_json::to_value(given).unwrap().as_object().cloned()
}

/// Renders that were made already, by the text of their spec.
#[derive(Debug, Default)]
pub(super) struct Renders {
    known: BTreeMap<(bool, String), Result<Rc<FileSet>, String>>,
    /// Whether it is an older version that renders.
    pub(super) is_old: bool,
}

impl Renders {
    /// The manifests of a spec, or why there are none.
    pub(super) fn of(&mut self, spec: &str) -> Result<Rc<FileSet>, String> {
        let key = (self.is_old, spec.to_owned());
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let made = layers(spec)
            .and_then(|layers| settle(&layers))
            .map(|settled| {
                let set = RENDERER.render(&settled.app).unwrap();
                let files = set.files(MANIFESTS).unwrap();
                Rc::new(if self.is_old { older(&files) } else { files })
            });
        self.known.insert(key, made.clone());
        made
    }
}

/// Asks the library.
pub(super) fn by_library(folder: &Path, command: &Command, renders: &mut Renders) -> Told {
    let project = Project::at(folder);
    assert_eq!(project::recover(&project).unwrap(), None);
    let (plan, done, render) = match plan(&project, &command.asked, renders) {
        Ok(Some(planned)) => planned,
        Ok(None) => return Told::refused("nothing to take back"),
        Err(said) => return Told::refused(said),
    };
    let mut told = Told {
        render,
        ..Told::default()
    };
    for change in plan.conflicts().chain(plan.in_the_way()) {
        let file = change.path.to_string();
        let place = |one: &prodgen::merge::Conflict| Named {
            file: file.clone(),
            place: Some((one.path.clone(), one.why.clone())),
        };
        told.named.extend(change.open.iter().map(place));
        if change.open.is_empty() {
            told.named.push(Named { file, place: None });
        }
    }
    let plan = match command.accept {
        Some(side) => plan.accept(side),
        None => plan,
    };
    for change in &plan.changes {
        let word = change.action.word().to_owned();
        told.files.insert(change.path.to_string(), word);
    }
    told.word = if plan.in_the_way().next().is_some() {
        "in the way"
    } else if !plan.is_clean() {
        "conflict"
    } else if plan.is_unchanged() {
        "unchanged"
    } else if command.dry {
        "planned"
    } else {
        done
    };
    if told.word == done
        && let Err(error) = project::write(&project, &plan)
    {
        return Told::refused(error.to_string());
    }
    told
}

type Planned = Option<(Plan, &'static str, Option<Rc<FileSet>>)>;

fn plan(project: &Project, asked: &Asked, renders: &mut Renders) -> Result<Planned, String> {
    let failed = |error: project::Error| error.to_string();
    if let Asked::Undo = asked {
        return Ok(Plan::undo(project)
            .map_err(failed)?
            .map(|plan| (plan, "undone", None)));
    }
    let text = project.read_spec().map_err(failed)?.ok_or("no spec")?;
    let found = layers(&text)?;
    let state = project.state().map_err(failed)?;
    if let Asked::Canary(verb) = asked {
        let is_known = state
            .lock
            .as_ref()
            .is_some_and(|lock| !lock.is_behind(&text));
        if !is_known || !verb.starts_with("abort") && state.base != *renders.of(&text)? {
            return Err("not what was rendered last".to_owned());
        }
    }
    let spec = match wanted(&found, asked)? {
        Some(wanted) if wanted != found.given() => SpecText::Edited {
            to: rewrite(&text, &found.given(), &wanted)
                .map_err(|refused| format!("spec: {refused}"))?,
            from: text,
        },
        Some(_) | None => SpecText::Read(text),
    };
    let render = renders.of(spec.text())?;
    let canary = stand(spec.text())?;
    let plan = Plan::new(
        project,
        &state,
        Wanted {
            spec,
            config: None,
            canary,
            manifests: render.as_ref().clone(),
        },
    )
    .map_err(failed)?;
    Ok(Some((plan, "written", Some(render))))
}

/// What a canary stands at, as the lock has it.
fn stand(spec: &str) -> Result<Option<Value>, String> {
    let given = layers(spec)?.given();
    let image = given.image.map(|image| image.reference.to_string());
    Ok(given.canary.map(|canary| {
        let mut stand = json!({ "image": image, "run": canary.run, "takeover": canary.takeover });
        let keys = stand.as_object_mut().unwrap();
        keys.retain(|_, value| !value.is_null());
        stand
    }))
}

/// What the spec shall say, as `set`, `add` and `remove` have it.
fn wanted(found: &Layers, asked: &Asked) -> Result<Option<AppSpec>, String> {
    let mut layers = found.clone();
    match asked {
        Asked::Render | Asked::Undo => return Ok(None),
        Asked::Canary(verb) => return moved(found, verb).map(Some),
        Asked::Set(path, value) => {
            let source = SourceMap::default().add(Origin::Stdin, value.as_str());
            let path = FieldPath::parse(path)?;
            if value.starts_with('{') {
                layers.forget_path(&path);
            }
            layers.answer(source, &path, value);
        }
        Asked::Remove(key) => layers.forget(key),
        Asked::Add(key, _) if layers.answers_key(key) => {}
        Asked::Add(key, value) => {
            let source = SourceMap::default().add(Origin::Stdin, value.as_str());
            layers.answer(source, &FieldPath::default().key(*key), value);
        }
    }
    Ok(Some(settle(&layers)?.spec()))
}

/// What the spec says after a verb of a rollout.
fn moved(found: &Layers, verb: &str) -> Result<AppSpec, String> {
    let (mut spec, app) = (found.given(), settle(found)?.app);
    let mut policy = spec.canary.clone().ok_or("no canary")?;
    let engine = policy.engine.unwrap_or_default();
    if let Some(takeover) = policy.takeover.take() {
        if (verb, takeover.to) != ("step", Holder::Rollout) {
            return Err("pods change hands".to_owned());
        }
        spec.canary = Some(policy);
        return Ok(spec);
    }
    let run = policy.run.take();
    let under_way = || run.clone().ok_or("nothing under way");
    let wrong = |wrong: spec::value::Wrong| wrong.message;
    let next = match verb {
        "start" => {
            let size = engine.usual_size(app.replicas);
            let usual = || engine.usual_steps(app.replicas);
            let steps = policy.steps.clone().unwrap_or_else(usual);
            let ladder = engine.ladder(size, &steps, None);
            let ladder = ladder.map_err(|_| "steps too fine")?;
            let image = NEXT.parse().map_err(wrong)?;
            if app.image.reference == image {
                return Err("what stable runs already".to_owned());
            }
            Some(canary::start(run.as_ref(), image, ladder).map_err(wrong)?)
        }
        "step" if engine.mover() == Mover::Controller => Some(under_way()?),
        "step" => Some(under_way()?.step(None).map_err(wrong)?),
        "promote" => under_way()?.promote().map_err(wrong)?,
        verb => under_way()?.abort(verb == "abort --now"),
    };
    if let ("promote", None, Some(image)) = (verb, &next, &mut spec.image) {
        image.reference = under_way()?.image;
    }
    policy.run = next;
    spec.canary = Some(policy);
    Ok(spec)
}

/// A problem as the conflict that it names.
fn named(problem: &Value) -> Named {
    let word = |key: &str| problem[key].as_str().map(str::to_owned);
    let message = word("message").unwrap();
    let whys = [
        Why::BothChanged,
        Why::OursGone,
        Why::TheirsGone,
        Why::Comment,
        Why::Anchor,
        Why::Unclear,
    ];
    let why = whys.into_iter().find(|why| message.contains(&why.words()));
    let path = word("key").map(|key| FieldPath::parse(&key).unwrap());
    Named {
        file: word("file").unwrap_or_default(),
        place: path.zip(why),
    }
}

/// Asks the program: first what it would do, then to do it.
pub(super) fn by_program(sandbox: &Sandbox, command: &Command) -> Told {
    let mut words: Vec<String> = match &command.asked {
        Asked::Set(path, value) => vec!["set".to_owned(), format!("{path}={value}")],
        Asked::Add(key, value) => {
            let answer = format!("{key}={value}");
            ["add", key, "--set", &answer].map(str::to_owned).to_vec()
        }
        Asked::Remove(key) => ["remove", key].map(str::to_owned).to_vec(),
        Asked::Canary("start") => ["canary", "start", NEXT].map(str::to_owned).to_vec(),
        Asked::Canary(verb) => {
            let words = ["canary"].into_iter().chain(verb.split(' '));
            words.map(str::to_owned).collect()
        }
        Asked::Render => ["render", "-w"].map(str::to_owned).to_vec(),
        Asked::Undo => vec!["undo".to_owned()],
    };
    // Nobody runs anything here that would have to be told of a number before, or of a version.
    words.extend(["--handed-over", "--bypass-canary", "-o", "json"].map(str::to_owned));
    let run = |more: &[&str]| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        sandbox.run(&[&words[..], more].concat())
    };
    let before = sandbox.tree();
    let first = run(&["--dry-run"]);
    let mut told = Told::default();
    if ["conflict", "invalid"].contains(&first.outcome().as_str()) {
        let json = first.json();
        told.named = json["problems"]
            .as_array()
            .unwrap()
            .iter()
            .map(named)
            .collect();
        for file in json["files"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            let is_open = ["conflict", "in-the-way"].contains(&file["action"].as_str().unwrap());
            let is_named = told.named.iter().any(|named| named.file == path);
            assert!(is_named || !is_open, "{path} has no problem: {json}");
        }
    }
    let side = match command.accept {
        None => &[][..],
        Some(Side::Ours) => &["--accept", "ours"],
        Some(Side::Theirs) => &["--accept", "theirs"],
    };
    let dry = run(&[side, &["--dry-run"]].concat());
    assert_eq!(sandbox.tree(), before, "a dry run wrote");
    let ran = if command.dry { dry.clone() } else { run(side) };
    let json = ran.json();
    assert_eq!(json["files"], dry.json()["files"], "shown and done differ");
    for file in json["files"].as_array().unwrap() {
        let word = |key: &str| file[key].as_str().unwrap().to_owned();
        told.files.insert(word("path"), word("action"));
    }
    let is_in_the_way = told.files.values().any(|word| word == "in-the-way");
    told.word = match (ran.code, ran.outcome().as_str()) {
        (0, "written") => "written",
        (0, "undone") => "undone",
        (0, "planned") => "planned",
        (0, "unchanged") => "unchanged",
        (1, "conflict") => "conflict",
        (2, "invalid") if is_in_the_way => "in the way",
        (1, "nothing" | "different" | "refused") | (2, "invalid") => "refused",
        other => panic!("{other:?}: {ran:?}"),
    };
    told.said = json["problems"].to_string();
    told
}
