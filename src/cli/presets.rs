//! Presets of the user's own: files in `--presets DIR`, then in the user's configuration folder, then
//! the embedded ones; the first of a name wins. One of the user's own is written into the spec, so
//! that a colleague's machine gives the same bytes.

use std::path::{Path, PathBuf};

use super::{Session, Stop, wrong};
use crate::diag::{Diagnostic, Origin};
use crate::preset::{self, Preset};
use crate::spec::Layers;

/// The folders that presets of one's own lie in, the one that wins first. One that a flag names must
/// be there.
pub(super) fn folders(session: &Session<'_>, given: Option<&Path>) -> Result<Vec<PathBuf>, Stop> {
    let ambient = session.ambient;
    let given = given.map(|folder| session.folder.join(folder));
    if let Some(folder) = given.as_ref().filter(|folder| !folder.is_dir()) {
        let shown = folder.display();
        let what = if folder.exists() {
            format!("`--presets` names `{shown}`, which is no folder")
        } else {
            format!("`--presets` names `{shown}`, and there is no such folder")
        };
        let mut one = Diagnostic::error(what).help("name a folder with preset files, `NAME.yaml`");
        one.flag = Some("--presets".to_owned());
        return Err(wrong(one));
    }
    let config = ambient
        .variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| {
            ambient
                .variable("HOME")
                .map(|home| Path::new(home).join(".config"))
        });
    let own = config.map(|config| config.join("prodgen/presets"));
    Ok(given.into_iter().chain(own).collect())
}

/// Where a preset is from, in words.
pub(super) fn from(origin: &Origin) -> String {
    match origin {
        Origin::Preset(_) => "built in".to_owned(),
        Origin::File(_)
        | Origin::Stdin
        | Origin::Flag(_)
        | Origin::Variable(_)
        | Origin::Prompt(_)
        | Origin::Found(_)
        | Origin::Rendered(_) => origin.to_string(),
    }
}

/// The preset of that name from the folders; nothing if none of them has it.
pub(super) fn own(
    session: &mut Session<'_>,
    folders: &[PathBuf],
    name: &str,
) -> Result<Option<Preset>, Stop> {
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    for folder in folders.iter().filter(|_| is_name) {
        let path = folder.join(format!("{name}.yaml"));
        if !path.is_file() {
            continue;
        }
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            wrong(Diagnostic::error(format!("the preset cannot be read: {error}")).in_file(&shown))
        })?;
        return match Preset::read(name, Origin::File(shown), &text, &mut session.sources) {
            Ok(preset) => Ok(Some(preset)),
            Err(complaints) => Err(Box::new(super::Report::wrong(complaints))),
        };
    }
    Ok(None)
}

/// Every preset that there is, sorted by name, each with where it is from.
pub(super) fn all(session: &mut Session<'_>, folders: &[PathBuf]) -> Result<Vec<Preset>, Stop> {
    let mut names: Vec<String> = preset::names().into_iter().map(str::to_owned).collect();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        let files = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        names.extend(files.filter_map(|file| Some(file.strip_suffix(".yaml")?.to_owned())));
    }
    names.sort_unstable();
    names.dedup();
    let mut presets = Vec::new();
    for name in names {
        presets.extend(find(session, folders, &name)?);
    }
    Ok(presets)
}

/// The preset of that name, wherever it is.
pub(super) fn find(
    session: &mut Session<'_>,
    folders: &[PathBuf],
    name: &str,
) -> Result<Option<Preset>, Stop> {
    if let Some(preset) = own(session, folders, name)? {
        return Ok(Some(preset));
    }
    match preset::load(name, &mut session.sources) {
        None => Ok(None),
        Some(Ok(preset)) => Ok(Some(preset)),
        Some(Err(complaints)) => Err(Box::new(super::Report::wrong(complaints))),
    }
}

/// Writes a preset of the user's own into the answers, weakest of all, and says so.
pub(super) fn expand(
    session: &mut Session<'_>,
    layers: &mut Layers,
    folders: &[PathBuf],
) -> Result<Option<Diagnostic>, Stop> {
    let Some((name, _)) = layers.preset() else {
        return Ok(None);
    };
    let Some(preset) = own(session, folders, &name)? else {
        return Ok(None);
    };
    layers.expand_preset(preset.layer());
    Ok(Some(Diagnostic::note(format!(
        "preset `{name}` is from {}; what it sets stands in the spec",
        preset.origin
    ))))
}
