//! Named starting points: partial specs, data only. The embedded ones are `presets/*.yaml`.

use include_dir::{Dir, include_dir};

use crate::diag::{Diagnostic, Origin, SourceMap, Span, nearest};
use crate::spec::{Files, Layer, Layers, Refused, Settled};
use crate::yaml::{Data, Tree, parse_one};

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
    layer: Layer,
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
    let source = sources.add(Origin::Preset(name.to_owned()), text);
    Some(parse_one(source, text).and_then(|document| {
        let no_spec = || vec![Diagnostic::error("a preset is a map").at(Span::new(source, 0, 0))];
        let mut tree = Tree::of(document.root().ok_or_else(no_spec)?).map_err(|one| vec![*one])?;
        let word = |tree: Option<&Tree>| match tree.map(|tree| &tree.data) {
            Some(Data::Scalar(text, _)) => text.clone(),
            _ => String::new(),
        };
        let description = tree.remove("description").map(|entry| entry.value);
        Ok(Preset {
            name: name.to_owned(),
            description: word(description.as_ref()),
            kind: word(tree.get("type")),
            layer: Layer::new(tree),
        })
    }))
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
    let preset = match load(&name, sources) {
        Some(preset) => preset.map_err(refuse)?,
        None => {
            let known = names();
            let shown: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            let mut one = Diagnostic::error(format!("there is no preset `{shown}`")).key("preset");
            one.help = Some(match nearest(&name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are: {}", known.join(", ")),
            });
            return Err(refuse_and(place.map_or(one.clone(), |place| one.at(place))));
        }
    };
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
    layers.settle(Some(preset.layer), files)
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
