//! Configuration files, read where the spec names them: one by one, or all of a folder.

use std::collections::BTreeMap;

use super::config_mount;
use crate::diag::Diagnostic;
use crate::spec::app::Config;
use crate::spec::canary::RunSpec;
use crate::spec::credential;
use crate::spec::layer::Files;
use crate::spec::model::AppSpec;
use crate::spec::value::DataKey;
use crate::yaml::{FieldPath, Tree};

/// The most that a ConfigMap may hold (Kubernetes `MaxSecretSize`, the same for both).
const CONFIG_BYTES: usize = 1 << 20;

/// Files that look as if they held credentials; what these are is never said.
pub(super) fn warnings(config: &Config, tree: &Tree) -> Vec<Diagnostic> {
    let root = FieldPath::default().key("config");
    let one = |(name, text): (&DataKey, &String)| {
        let lines: Vec<String> = credential::lines_with_one(text)
            .iter()
            .map(usize::to_string)
            .collect();
        let (last, before) = lines.split_last()?;
        let lines = match before {
            [] => format!("line {last}"),
            before => format!("lines {} and {last}", before.join(", ")),
        };
        let own = root.key("files").key(name.as_str());
        let files = tree.get("config").and_then(|config| config.get("files"));
        let is_own = files.is_some_and(|files| files.get(name.as_str()).is_some());
        let path = if is_own { own } else { root.clone() };
        let message = format!("`{name}` looks as if it held a credential, in {lines}");
        let help = "a ConfigMap is read by many: keep it in a Secret, `secrets: [NAME]`, and let the app read it from there";
        Some(
            Diagnostic::warning(message)
                .at(tree.place(&path))
                .key(path.to_string())
                .help(help),
        )
    };
    config.files.iter().filter_map(one).collect()
}

/// The configuration of a version under way, which `next` is the spec of: `own` where it brings none.
pub(super) fn of_run(
    next: &AppSpec,
    run: &RunSpec,
    own: Option<&Config>,
    tree: &Tree,
    files: &dyn Files,
) -> Result<Option<Config>, Vec<Diagnostic>> {
    if run.config.is_none() {
        return Ok(own.cloned());
    }
    let folder = FieldPath::default().key("canary").key("run").key("config");
    config(next, tree, files, Some(folder))
}

/// The files that cannot be read, of a spec that does not hold for other reasons; once its `config` does.
pub(in crate::spec) fn unreadable(
    spec: &AppSpec,
    tree: &Tree,
    files: &dyn Files,
    complaints: &[Diagnostic],
) -> Vec<Diagnostic> {
    let is_of_config = |one: &Diagnostic| {
        one.key
            .as_ref()
            .is_some_and(|key| key.starts_with("config"))
    };
    if complaints.is_empty() || complaints.iter().any(is_of_config) {
        return Vec::new();
    }
    config(spec, tree, files, None).err().unwrap_or_default()
}

/// Reads the files that `config` names; each that cannot be is a complaint. `canary` is where the
/// folder is named, if these are the files of a new version.
pub(super) fn config(
    spec: &AppSpec,
    tree: &Tree,
    files: &dyn Files,
    canary: Option<FieldPath>,
) -> Result<Option<Config>, Vec<Diagnostic>> {
    let (Some(config), Some(Ok(mount))) = (&spec.config, config_mount(spec)) else {
        return Ok(None);
    };
    let mut complaints = Vec::new();
    let mut complain = |path: FieldPath, message: String, help: &str| {
        let place = tree.place(&path);
        complaints.push(
            Diagnostic::error(message)
                .at(place)
                .key(path.to_string())
                .help(help),
        );
    };
    let root = FieldPath::default().key("config");
    let mut is_listed = true;
    let mut sources: BTreeMap<DataKey, (FieldPath, String)> = BTreeMap::new();
    // Whoever reads the files of a new version finds them where its rollout began with them.
    let (of_whole, help) = match &canary {
        Some(at) => (
            at.clone(),
            "bring them back, from version control: a version under way reads them",
        ),
        None => (root.clone(), "put one in, or take `config` out"),
    };
    let missing = match &canary {
        Some(_) => help,
        None => "name a folder beside the spec",
    };
    if let Some(name) = &config.folder {
        let at = canary.unwrap_or_else(|| root.key("folder"));
        match files.list(name.as_str()) {
            Ok(names) => {
                for file in names {
                    match file.parse::<DataKey>() {
                        Ok(key) => {
                            sources.insert(key, (at.clone(), format!("{name}/{file}")));
                        }
                        Err(wrong) => complain(
                            at.clone(),
                            format!(
                                "`{name}` holds a file that a ConfigMap cannot: {}",
                                wrong.message
                            ),
                            "rename the file, or name the files one by one under `config.files`",
                        ),
                    }
                }
            }
            Err(why) => {
                is_listed = false;
                complain(at, why, missing);
            }
        }
    }
    for (name, path) in config.files.iter().flatten() {
        let at = root.key("files").key(name.as_str());
        sources.insert(name.clone(), (at, path.to_string()));
    }
    let has_sources = !sources.is_empty();
    let mut texts = BTreeMap::new();
    let mut size = 0;
    for (name, (at, path)) in sources {
        match files.read(&path) {
            Ok(text) => {
                size += name.as_str().len() + text.len();
                texts.insert(name, text);
            }
            Err(why) => complain(at, why, "name a text file beside the spec"),
        }
    }
    if size > CONFIG_BYTES {
        complain(
            of_whole,
            format!("the configuration has {size} bytes; a ConfigMap holds 1 MiB"),
            "put large files into the image or a volume",
        );
    } else if is_listed && !has_sources {
        complain(of_whole, "the configuration has no files".to_owned(), help);
    }
    if complaints.is_empty() {
        Ok(Some(Config {
            mount,
            files: texts,
        }))
    } else {
        Err(complaints)
    }
}
