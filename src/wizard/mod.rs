//! The questions of `new` on a terminal: at most ten, each settled by what is there already where it
//! can be; then a look at what comes of them. What comes out are layers of answers, as from flags.

mod ask;
mod decide;
mod found;
mod keys;
mod list;
mod questions;
mod replay;
mod review;

use crate::detect::Repository;
use crate::diag::{Diagnostic, Origin, SourceMap};
use crate::preset::{self, Preset};
use crate::prompt::{Choice, Error, Picked, Prompter, fold};
use crate::spec::{Files, Layers, Settled};
use crate::yaml::FieldPath;

use decide::Decision;
pub use keys::Forgetful;
use questions::{Asked, QUESTIONS};
pub use replay::{headless, shell};
pub use review::review;

/// An answer of a person: the key, and what was typed; for a list, each item.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Given {
    /// The key, or the path below it.
    pub key: String,
    /// What was typed.
    pub items: Vec<String>,
    /// Whether it is a list.
    pub list: bool,
    /// The file that says it, where it was taken without a question.
    #[serde(default)]
    pub from: Option<String>,
}

/// How an interview ended.
#[derive(Debug)]
pub enum Ended {
    /// Write it.
    Write(Box<Settled>),
    /// Leave everything as it is.
    Left,
}

/// Keeps the answers of an interview that may be broken off.
pub trait Memory {
    /// The answers of an interview that was broken off before.
    fn recall(&self) -> Vec<Given>;
    /// Keeps what was answered so far.
    fn keep(&self, given: &[Given]);
}

/// What an interview works with.
pub struct Interview<'a> {
    /// The kind of workload: the word after `new`.
    pub kind: &'static str,
    /// What flags, files and variables say.
    pub said: Layers,
    /// What the repository says.
    pub found: Repository,
    /// Where texts are kept for places.
    pub sources: &'a mut SourceMap,
    /// Files that the spec names.
    pub files: &'a dyn Files,
    /// Who keeps the answers.
    pub memory: &'a dyn Memory,
}

impl Interview<'_> {
    /// Asks, shows what comes of it, and says how it ended.
    pub fn run(&mut self, prompter: &mut dyn Prompter) -> Result<Ended, Error> {
        let mut given = self.resume(prompter)?;
        self.add_silent(&mut given);
        self.greet(&given, prompter)?;
        let open: Vec<&Asked> = QUESTIONS.iter().filter(|one| self.is_open(one)).collect();
        let mut at = 0;
        let is_past = |next: &&Asked| {
            given.iter().any(|one| one.key == next.path) || self.is_settled(next, &given)
        };
        while open.get(at).is_some_and(is_past) {
            at += 1;
        }
        loop {
            while let Some(question) = open.get(at) {
                if self.is_settled(question, &given) {
                    given.retain(|one| one.key != question.path);
                    at += 1;
                    continue;
                }
                match self.ask(question, &given, prompter)? {
                    Some(answer) => {
                        given.retain(|one| one.key != question.path);
                        given.push(answer);
                        at += 1;
                    }
                    None => at = self.before(&open[..at], &given),
                }
                self.memory.keep(&given);
            }
            match self.settle(&given) {
                Err(complaints) if leave_out(&mut given, &complaints) => {}
                Err(complaints) => {
                    let asked = |one: &Diagnostic| {
                        let key = root(one.key.as_deref()?);
                        open.iter().position(|question| root(question.path) == key)
                    };
                    let again = complaints.iter().find_map(asked);
                    at = again.unwrap_or_else(|| self.before(&open, &given));
                    for one in complaints {
                        let help = one.help.map(|help| format!(": {help}")).unwrap_or_default();
                        prompter.say(&fold(&format!("{}{help}", one.message), 2))?;
                    }
                    if open.is_empty() {
                        return Ok(Ended::Left);
                    }
                }
                Ok(settled) => match self.decide(&settled, &mut given, prompter)? {
                    Decision::Write => return Ok(Ended::Write(Box::new(settled))),
                    Decision::Back => at = self.before(&open, &given),
                    Decision::Again => {}
                    Decision::Leave => return Ok(Ended::Left),
                },
            }
        }
    }

    /// Offers the answers of an interview that was broken off.
    fn resume(&mut self, prompter: &mut dyn Prompter) -> Result<Vec<Given>, Error> {
        let before = self.memory.recall();
        if before.iter().all(|one| one.from.is_some()) {
            return Ok(Vec::new());
        }
        let choice = Choice {
            key: "",
            text: "There are answers from before. Go on with them?",
            why: "an earlier run was broken off in this folder",
            options: vec!["yes, go on".to_owned(), "no, start anew".to_owned()],
            start: 0,
        };
        // There is no question before this one; answers are thrown away only on request.
        loop {
            match prompter.choose(&choice)? {
                Picked::At(0) => return Ok(before),
                Picked::At(_) => return Ok(Vec::new()),
                Picked::Back => {}
            }
        }
    }

    /// Whether a question is a person's to answer: it applies, and nothing else has answered it.
    fn is_open(&self, question: &Asked) -> bool {
        let key = root(question.path);
        let answered = match key {
            "port" => self.said.answers_key("port") || self.said.answers_key("ports"),
            "about" => self.said.answers_path(&["about", "storesPii"]),
            key => self.said.answers_key(key),
        };
        question.kinds.contains(&self.kind) && !answered
    }

    /// The last of these questions that is asked; the first if none is.
    fn before(&self, questions: &[&Asked], given: &[Given]) -> usize {
        let asked = |one: &&Asked| !self.is_settled(one, given);
        questions.iter().rposition(asked).unwrap_or_default()
    }

    /// Whether the preset settles a question for which it can be nobody's default. Where it has users
    /// from outside, their host is asked for and not who else may call; elsewhere it is the other way
    /// round, so that nobody is asked both.
    fn is_settled(&self, question: &Asked, given: &[Given]) -> bool {
        let answers = |path: &[&str]| {
            let preset = self.preset(given);
            preset.is_some_and(|preset| preset.answers(path))
        };
        match question.path {
            "about.storesPii" => answers(&["about", "storesPii"]),
            "expose" => !answers(&["expose"]),
            "callers" => answers(&["expose"]),
            _ => false,
        }
    }

    /// What is on offer, and the file that says so.
    fn default(&self, question: &Asked, given: &[Given]) -> (Option<String>, Option<String>) {
        if let Some(before) = given.iter().find(|one| one.key == question.path) {
            return (before.items.first().cloned(), None);
        }
        if let Some(found) = self.found(question.path, given) {
            return (Some(found.value()), Some(found.place().to_owned()));
        }
        (self.preset_word(question.path, given), None)
    }

    /// What the chosen preset says to a key: what an answer left alone comes to anyway.
    fn preset_word(&self, key: &str, given: &[Given]) -> Option<String> {
        if key == "preset" {
            return Some(default_preset(self.kind).to_owned());
        }
        self.preset(given)?.word(key)
    }

    /// What the chosen preset lists under a key, each item as one would type it.
    fn preset_items(&self, key: &str, given: &[Given]) -> Option<Vec<String>> {
        let settings = self.preset(given)?.settings();
        let value = settings.into_iter().find(|one| one.key == key)?.value;
        let items: Vec<serde_json::Value> = serde_json::from_str(&value).ok()?;
        let typed = |item: serde_json::Value| {
            item.as_str()
                .map_or_else(|| item.to_string(), str::to_owned)
        };
        Some(items.into_iter().map(typed).collect())
    }

    /// The preset as things stand.
    fn preset(&self, given: &[Given]) -> Option<Preset> {
        let preset = given
            .iter()
            .find(|one| one.key == "preset")
            .and_then(|one| one.items.first().cloned())
            .or_else(|| self.said.preset().map(|(name, _)| name))
            .unwrap_or_else(|| default_preset(self.kind).to_owned());
        preset::load(&preset, &mut SourceMap::default())?.ok()
    }

    /// Whether an answer says only what the preset says: it is left out, as without a terminal.
    fn is_default(&self, one: &Given, given: &[Given]) -> bool {
        !one.list && one.items.first() == self.preset_word(&one.key, given).as_ref()
    }

    /// Everything that was said and given, as layers.
    fn layers(&self, given: &[Given], sources: &mut SourceMap) -> Layers {
        let mut layers = self.said.clone();
        for one in given
            .iter()
            .filter(|one| !one.items.is_empty() && !self.is_default(one, given))
        {
            let origin = match &one.from {
                Some(file) => Origin::Found(file.clone()),
                None => Origin::Prompt(one.key.clone()),
            };
            let mut source = |text: &str| sources.add(origin.clone(), text);
            if one.list {
                let items: Vec<_> = self
                    .with_preset(one, given)
                    .into_iter()
                    .map(|item| (source(&item), item))
                    .collect();
                layers.answers(&one.key, &items);
            } else if let Some(text) = one.items.first()
                && let Ok(path) = FieldPath::parse(&one.key)
            {
                let id = source(text);
                layers.answer(id, &path, text);
            }
        }
        layers
    }

    fn settle(&mut self, given: &[Given]) -> Result<Settled, Vec<Diagnostic>> {
        let mut sources = std::mem::take(self.sources);
        let layers = self.layers(given, &mut sources);
        let settled = preset::settle(&layers, &mut sources, self.files);
        *self.sources = sources;
        settled.map_err(|refused| refused.complaints)
    }

    /// The same check as a file gets: what is wrong with this key, and only that.
    fn check(
        &self,
        key: &str,
        given: &[Given],
        items: &[String],
        list: bool,
    ) -> Result<(), String> {
        let mut all: Vec<Given> = given.iter().filter(|one| one.key != key).cloned().collect();
        all.push(Given {
            key: key.to_owned(),
            items: items.to_vec(),
            list,
            from: None,
        });
        let mut sources = SourceMap::default();
        let layers = self.layers(&all, &mut sources);
        let Err(refused) = preset::settle(&layers, &mut sources, self.files) else {
            return Ok(());
        };
        let about = |one: &Diagnostic| {
            // What cannot even be read has no key, but a place.
            let source = one.primary.as_ref().map(|label| label.span.source);
            let origin = source.and_then(|id| Some(&sources.get(id)?.origin));
            let is_here = origin.is_some_and(|one| *one == Origin::Prompt(key.to_owned()));
            is_here
                || one.key.as_deref().is_some_and(|path| {
                    path.strip_prefix(key).is_some_and(|rest| {
                        rest.is_empty() || rest.starts_with('.') || rest.starts_with('[')
                    })
                })
        };
        match refused.complaints.into_iter().find(about) {
            None => Ok(()),
            Some(one) => Err(match one.help {
                Some(help) => format!("{}: {help}", one.message),
                None => one.message,
            }),
        }
    }
}

/// The key at the top of a path: `replicas` of `replicas.max`.
fn root(path: &str) -> &str {
    path.split(['.', '[']).next().unwrap_or(path)
}

/// Takes out what was only found and does not go with the answers; says whether there was any.
fn leave_out(given: &mut Vec<Given>, complaints: &[Diagnostic]) -> bool {
    let before = given.len();
    let keys = complaints.iter().filter_map(|one| one.key.as_deref());
    let roots: Vec<&str> = keys.map(root).collect();
    given.retain(|one| one.from.is_none() || !roots.contains(&one.key.as_str()));
    given.len() < before
}

fn default_preset(kind: &str) -> &str {
    if kind == "service" { "web" } else { kind }
}
