//! Named starting points: partial specs, data only. The embedded ones are `presets/*.yaml`.

use include_dir::{Dir, include_dir};

use crate::diag::{Diagnostic, Origin, SourceMap, Span, nearest, shown};
use crate::spec::{Files, Layer, Layers, Refused, Settled};
use crate::yaml::{Data, NodeRef, Tree, parse_one};

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/presets");

/// A preset, as its file has it.
#[derive(Debug, Clone)]
pub struct Preset {
    /// Its name: that of its file.
    pub name: String,
    /// What it is for, in one sentence.
    pub description: String,
    /// What kind of workload it makes: `service`, `worker`, `cronjob`.
    pub kind: String,
    /// Where it came from.
    pub origin: Origin,
    /// Why it sets a key, for those where that is said.
    why: Vec<(String, String)>,
    keys: Tree,
}

/// What a preset says to one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The key.
    pub key: String,
    /// The value, on one line.
    pub value: String,
    /// Why it is set so.
    pub why: Option<String>,
}

impl Preset {
    /// Reads the text of a preset file of that name.
    pub fn read(
        name: &str,
        origin: Origin,
        text: &str,
        sources: &mut SourceMap,
    ) -> Result<Self, Vec<Diagnostic>> {
        let source = sources.add(origin.clone(), text);
        let document = parse_one(source, text)?;
        if !document.doubles().is_empty() {
            return Err(document.doubles().to_vec());
        }
        let none = || vec![Diagnostic::error("a preset is a map").at(Span::new(source, 0, 0))];
        let mut keys = Tree::of(document.root().ok_or_else(none)?).map_err(|one| vec![*one])?;
        let description = keys.remove("description").map(|entry| entry.value);
        let why = keys.remove("why").map(|entry| entry.value);
        let why = why.iter().flat_map(Tree::entries);
        Ok(Self {
            name: name.to_owned(),
            description: scalar(description.as_ref()),
            kind: scalar(keys.get("type")),
            origin,
            why: why
                .map(|entry| (entry.key.clone(), scalar(Some(&entry.value))))
                .collect(),
            keys,
        })
    }

    /// The preset as a layer of answers.
    pub fn layer(&self) -> Layer {
        Layer::new(self.keys.clone())
    }

    /// What it says to a key, where that is one word.
    pub fn word(&self, key: &str) -> Option<String> {
        self.layer().word(key)
    }

    /// Whether it says anything to what lies below this path.
    pub fn answers(&self, path: &[&str]) -> bool {
        let mut steps = path.iter();
        steps
            .try_fold(&self.keys, |tree, key| tree.get(key))
            .is_some()
    }

    /// What it sets, in the order of its file.
    pub fn settings(&self) -> Vec<Setting> {
        let document = self.keys.to_document();
        let entries = document.root().into_iter().flat_map(NodeRef::entries);
        entries
            .map(|(key, value)| Setting {
                key: key.text().to_owned(),
                value: match value.to_json() {
                    serde_json::Value::String(text) => text,
                    other @ (serde_json::Value::Null
                    | serde_json::Value::Bool(_)
                    | serde_json::Value::Number(_)
                    | serde_json::Value::Array(_)
                    | serde_json::Value::Object(_)) => other.to_string(),
                },
                why: self
                    .why
                    .iter()
                    .find(|(name, _)| name == key.text())
                    .map(|(_, why)| why.clone()),
            })
            .collect()
    }
}

fn scalar(tree: Option<&Tree>) -> String {
    match tree.map(|tree| &tree.data) {
        Some(Data::Scalar(text, _)) => text.clone(),
        Some(Data::Seq(_) | Data::Map(_)) | None => String::new(),
    }
}

/// The names of the embedded presets, sorted.
pub fn names() -> Vec<&'static str> {
    let stem = |file: &'static include_dir::File<'static>| {
        file.path()
            .to_str()
            .and_then(|path| path.strip_suffix(".yaml"))
    };
    let mut names: Vec<&'static str> = FOLDER.files().filter_map(stem).collect();
    names.sort_unstable();
    names
}

/// The embedded preset of that name; nothing if there is none. Its text becomes a source, so that a
/// complaint about it has a place.
pub fn load(name: &str, sources: &mut SourceMap) -> Option<Result<Preset, Vec<Diagnostic>>> {
    let text = FOLDER.get_file(format!("{name}.yaml"))?.contents_utf8()?;
    Some(Preset::read(
        name,
        Origin::Preset(name.to_owned()),
        text,
        sources,
    ))
}

/// Settles layers over the preset that they name, or over that of their type.
pub fn settle(
    layers: &Layers,
    sources: &mut SourceMap,
    files: &dyn Files,
) -> Result<Settled, Refused> {
    let refuse = |complaints| Refused { complaints };
    let kind = layers.r#type();
    let (name, place) = match (layers.preset(), &kind) {
        (Some((name, span)), _) => (name, Some(span)),
        (None, Some((kind, _))) if kind == "worker" || kind == "cronjob" => (kind.clone(), None),
        (None, _) => ("web".to_owned(), None),
    };
    // The rest of the spec has its say too, over no preset at all.
    let refuse_and = |one: Diagnostic| {
        let mut complaints = match layers.settle(None, files) {
            Ok(_) => Vec::new(),
            Err(refused) => refused.complaints,
        };
        complaints.push(one);
        complaints.sort_by_key(|one| one.primary.as_ref().map(|label| label.span));
        refuse(complaints)
    };
    let Some(preset) = load(&name, sources) else {
        let one = unknown(&name);
        return Err(refuse_and(place.map_or(one.clone(), |place| one.at(place))));
    };
    let preset = preset.map_err(refuse)?;
    if let (Some((kind, span)), Some(_)) = (&kind, place)
        && *kind != preset.kind
        && ["service", "worker", "cronjob"].contains(&kind.as_str())
    {
        let what = format!(
            "preset `{name}` makes a {}, and `type` says `{kind}`",
            preset.kind
        );
        let one = Diagnostic::error(what)
            .at(*span)
            .key("type")
            .help("take one of the two out");
        return Err(refuse_and(one));
    }
    layers.settle(Some(preset.layer()), files)
}

fn unknown(name: &str) -> Diagnostic {
    let known = names();
    let shown = shown(name);
    let help = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    };
    Diagnostic::error(format!("there is no preset `{shown}`"))
        .key("preset")
        .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_preset_says_what_it_is_for() {
        for name in names() {
            let preset = load(name, &mut SourceMap::default()).unwrap().unwrap();
            assert!(preset.description.ends_with('.'), "{name}");
            assert!(
                ["service", "worker", "cronjob"].contains(&preset.kind.as_str()),
                "{name}"
            );
        }
    }
}
