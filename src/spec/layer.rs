//! Answers in layers: files, `--set`, flags and presets become trees, are laid over each other and
//! read once. What comes out is a settled service, or every complaint at once.

mod read;

use super::canary::{Engine, TooFine};
use super::model::AppSpec;
use super::{App, KEYS, Key, REQUIRED, check, credential, example, settle, short};
use crate::diag::{Diagnostic, SourceId, Span};
use crate::yaml::{Data, FieldPath, Step, Tree};

pub use read::read;
use read::value;

/// Files that a spec names, read by whoever knows where the spec is.
pub trait Files {
    /// The text of a file, or why there is none, in words.
    fn read(&self, path: &str) -> Result<String, String>;
    /// The names of the files in a folder, sorted, or why there are none.
    fn list(&self, path: &str) -> Result<Vec<String>, String>;
}

/// The most complaints of one run: who has more has named the wrong file.
const MOST_COMPLAINTS: usize = 200;

/// One layer of answers, short forms unfolded.
#[derive(Debug, Clone)]
pub struct Layer {
    keys: Tree,
    /// What is wrong with it so far: keys that stand twice, its header.
    complaints: Vec<Diagnostic>,
    /// Its text, for the lines of it that no report may show.
    texts: Vec<(SourceId, String)>,
}

impl Layer {
    /// What the layer says to a key, where that is one word; of two probes that are the same, that one.
    pub fn word(&self, key: &str) -> Option<String> {
        let scalar = |tree: &Tree| match &tree.data {
            Data::Scalar(text, _) => Some(text.clone()),
            Data::Seq(_) | Data::Map(_) => None,
        };
        let value = self.keys.get(key)?;
        let by_field = || scalar(value.get(short::field(key)?)?);
        scalar(value).or_else(by_field).or_else(|| {
            let (ready, live) = (value.get("ready")?, value.get("live")?);
            scalar(ready).filter(|ready| scalar(live).as_ref() == Some(ready))
        })
    }

    /// A layer of a map of keys, in short or long forms.
    pub fn new(mut keys: Tree) -> Self {
        short::unfold(&mut keys);
        Self {
            keys,
            complaints: Vec::new(),
            texts: Vec::new(),
        }
    }
}

/// A reader for specs that name no files.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<String, String> {
        Err(format!(
            "`{path}` cannot be read: there is no folder that it could be in"
        ))
    }

    fn list(&self, path: &str) -> Result<Vec<String>, String> {
        self.read(path).map(|_| Vec::new())
    }
}

/// Layers laid over each other, weakest first.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    trees: Vec<Tree>,
    complaints: Vec<Diagnostic>,
    texts: Vec<(SourceId, String)>,
    /// Where the strongest text begins, for what is missing in it.
    top: Option<Span>,
    /// Whether what a preset sets lies among these, in place of its name.
    is_expanded: bool,
}

/// A spec that holds: as written, and as settled.
#[derive(Debug, Clone)]
pub struct Settled {
    /// What it comes to.
    pub app: App,
    /// What holds, and is still worth a word.
    pub warnings: Vec<Diagnostic>,
    /// The keys that were given.
    given: Tree,
    /// The same over the preset.
    full: AppSpec,
}

impl Settled {
    /// The spec as written: the keys that were given, the preset's not among them.
    pub fn spec(&self) -> AppSpec {
        // They were read once, over the preset, and nothing was wrong with them.
        read::spec(self.given.clone(), &mut Vec::new()).0
    }

    /// What is wrong with steps of `canary` that `size` pods cannot hold, and what they would hold.
    pub fn too_fine(&self, size: u32, steps: &[u32], wrong: &[TooFine]) -> Vec<Diagnostic> {
        let canary = self.app.canary.as_ref();
        let engine = canary.map_or_else(Engine::default, |canary| canary.engine);
        check::too_fine(engine, size, steps, wrong, Diagnostic::error, &self.given)
    }

    /// The spec with what the preset adds to it.
    pub fn full(&self) -> &AppSpec {
        &self.full
    }
}

/// A spec that does not hold.
#[derive(Debug, Clone)]
pub struct Refused {
    /// What is wrong, in the order of the layers.
    pub complaints: Vec<Diagnostic>,
}

impl Layers {
    /// Lays `layer` on top.
    pub fn push(&mut self, layer: Layer) {
        self.complaints.extend(layer.complaints);
        self.texts.extend(layer.texts);
        self.top = Some(layer.keys.span);
        self.trees.push(layer.keys);
    }

    /// Lays what the preset that is named sets below all others, in place of its name.
    pub fn expand_preset(&mut self, layer: Layer) {
        self.forget("preset");
        self.push_below(layer);
        self.is_expanded = true;
    }

    fn push_below(&mut self, layer: Layer) {
        self.texts.extend(layer.texts);
        self.trees.insert(0, layer.keys);
    }

    /// Lays one answer on top: the text of a flag, a variable or `--set`, typed by what the key wants.
    pub fn answer(&mut self, source: SourceId, path: &FieldPath, text: &str) {
        match value(source, text) {
            Ok(value) => self.nest(source, path, value),
            Err(wrong) => self.complaints.extend(wrong),
        }
    }

    /// Lays a text on top that is taken as it is, whatever it looks like: a file's content.
    pub fn text(&mut self, source: SourceId, path: &FieldPath, text: &str) {
        let span = Span::new(source, 0, text.len());
        self.nest(source, path, Tree::string(text, span));
    }

    /// Lays a list on top, each item the text of a flag that was given again.
    pub fn answers(&mut self, key: &str, items: &[(SourceId, String)]) {
        let Some((first, _)) = items.first() else {
            return;
        };
        let mut trees = Vec::new();
        for (source, text) in items {
            match value(*source, text) {
                Ok(tree) => trees.push(tree),
                Err(wrong) => self.complaints.extend(wrong),
            }
        }
        let span = Span::new(*first, 0, 0);
        let list = Tree {
            span,
            data: Data::Seq(trees),
        };
        self.nest(*first, &FieldPath::default().key(key), list);
    }

    fn nest(&mut self, source: SourceId, path: &FieldPath, mut value: Tree) {
        let span = Span::new(source, 0, 0);
        for step in path.0.iter().rev() {
            match step {
                Step::Key(key) => value = Tree::single(key, span, value),
                Step::Index(_) | Step::Item(_) => {
                    self.complaints.push(
                        Diagnostic::error(format!("`{path}` names an item of a list"))
                            .at(span)
                            .key(path.to_string())
                            .help("set the whole list: `KEY=[a, b]`"),
                    );
                    return;
                }
            }
        }
        short::unfold(&mut value);
        self.trees.push(value);
    }

    /// Takes `key` out of every layer.
    pub fn forget(&mut self, key: &str) {
        for layer in &mut self.trees {
            layer.remove(key);
        }
    }

    /// Takes what stands at this path out of every layer.
    pub fn forget_path(&mut self, path: &FieldPath) {
        let Some((Step::Key(last), above)) = path.0.split_last() else {
            return;
        };
        for layer in &mut self.trees {
            let found = above.iter().try_fold(layer, |tree, step| match step {
                Step::Key(key) => tree.get_mut(key),
                Step::Index(_) | Step::Item(_) => None,
            });
            if let Some(tree) = found {
                tree.remove(last);
            }
        }
    }

    /// Lays other layers on top of all of these.
    pub fn lay_above(&mut self, other: Self) {
        self.trees.extend(other.trees);
        self.complaints.extend(other.complaints);
        self.texts.extend(other.texts);
    }

    /// Lays other layers below all of these.
    pub fn lay_below(&mut self, other: Self) {
        self.trees.splice(0..0, other.trees);
        self.complaints.splice(0..0, other.complaints);
        self.texts.extend(other.texts);
    }

    /// Whether any layer answers what lies below this path.
    pub fn answers_path(&self, path: &[&str]) -> bool {
        let found = |layer: &Tree| {
            path.iter()
                .try_fold(layer, |tree, key| tree.get(key))
                .is_some()
        };
        self.trees.iter().any(found)
    }

    /// Whether any layer answers `key`.
    pub fn answers_key(&self, key: &str) -> bool {
        let is_preset = self.is_expanded && key == "preset";
        is_preset || self.trees.iter().any(|layer| layer.get(key).is_some())
    }

    /// The preset that the layers name, and where.
    pub fn preset(&self) -> Option<(String, Span)> {
        self.word("preset")
    }

    /// The type that the layers name, and where.
    pub fn r#type(&self) -> Option<(String, Span)> {
        self.word("type")
    }

    /// What the strongest layer that answers `key` in one word says, and where.
    pub fn word(&self, key: &str) -> Option<(String, Span)> {
        self.trees
            .iter()
            .rev()
            .find_map(|layer| match layer.get(key) {
                Some(Tree {
                    data: Data::Scalar(text, _),
                    span,
                }) => Some((text.clone(), *span)),
                _ => None,
            })
    }

    /// The keys of [`REQUIRED`] that no layer answers.
    pub fn missing(&self) -> Vec<&'static Key> {
        let answered = |key: &str| {
            self.trees.iter().any(|layer| match (key, layer.get(key)) {
                (_, None) => false,
                ("image", Some(image)) => image.get("ref").is_some() || image.entries().is_empty(),
                (_, Some(_)) => true,
            })
        };
        KEYS.iter()
            .filter(|key| REQUIRED.contains(&key.name) && !answered(key.name))
            .collect()
    }

    /// What the layers alone say, no preset below them, as far as it can be read.
    pub fn given(&self) -> AppSpec {
        read::spec(self.merged(), &mut Vec::new()).0
    }

    fn merged(&self) -> Tree {
        let span = self
            .trees
            .last()
            .map_or(Span::new(SourceId::RENDERED, 0, 0), |top| top.span);
        let mut merged = Tree::empty(span);
        for layer in &self.trees {
            // One of the two: the stronger layer's is meant.
            for (one, other) in [("port", "ports"), ("ports", "port")] {
                if layer.get(one).is_some() && layer.get(other).is_none() {
                    merged.remove(other);
                }
            }
            merged.overlay(layer.clone());
        }
        merged.span = span;
        merged
    }

    /// What holds, and is still worth a word.
    fn warnings(&self, full: &AppSpec, tree: &Tree) -> Vec<Diagnostic> {
        let mut warnings = check::warnings(full, tree);
        warnings.extend(check::unlike_preset(full, &self.merged(), tree));
        warnings
    }

    /// Reads the layers; `base`, a preset, lies below them and is no part of the spec as written.
    pub fn settle(&self, base: Option<Layer>, files: &dyn Files) -> Result<Settled, Refused> {
        let mut complaints = self.complaints.clone();
        let mut whole = self.clone();
        if let Some(base) = base {
            whole.push_below(base);
        }
        let (full, tree) = read::spec(whole.merged(), &mut complaints);
        check::missing(self, self.top, &mut complaints);
        if let Some(image) = tree.get("image") {
            // It is there, but not its `ref`: one complaint is enough, and that is its place.
            let mut missing = complaints.iter_mut().filter(|one| one.variable.is_some());
            if let Some(one) = missing.find(|one| one.key.as_deref() == Some("image")) {
                *one = one.clone().at(image.span);
                complaints.retain(|one| one.message != "`ref` is missing here");
            }
        }
        check::rules(&full, &tree, &mut complaints);
        complaints.extend(settle::unreadable(&full, &tree, files, &complaints));
        credential::conceal(&self.texts, &mut complaints);
        let mut said = once_each(complaints);
        if said.is_empty() {
            match settle::settle(&full, &tree, files) {
                Ok(app) => {
                    let mut warnings = self.warnings(&full, &tree);
                    warnings.extend(settle::warnings(&app, &tree));
                    return Ok(Settled {
                        app,
                        warnings,
                        given: self.merged(),
                        full,
                    });
                }
                Err(more) => said = more,
            }
        }
        said.sort_by_key(place);
        said.iter_mut().for_each(example::help);
        Err(Refused { complaints: said })
    }
}

fn place(one: &Diagnostic) -> Option<Span> {
    one.primary.as_ref().map(|label| label.span)
}

/// The complaints in the order of their places, each once, and not more than anybody reads.
fn once_each(mut complaints: Vec<Diagnostic>) -> Vec<Diagnostic> {
    complaints.sort_by_key(place);
    let mut said: Vec<Diagnostic> = Vec::new();
    for one in complaints {
        let same_place = said
            .iter()
            .rev()
            .take_while(|old| place(old) == place(&one));
        if said.len() < MOST_COMPLAINTS && !same_place.into_iter().any(|old| *old == one) {
            said.push(one);
        }
    }
    said
}
