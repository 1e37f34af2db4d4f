//! What joins a rollout under way unasked, or begins one: another pod template where a controller takes it
//! for a new version, other files for pods to read, other steps.

use super::known::Known;
use super::owner::{Rendered, deployment_of};
use super::{out_of_turn, refuse};
use crate::cli::Stop;
use crate::component::Owner;
use crate::diag::{Diagnostic, SourceId};
use crate::files::{FileSet, RelPath};
use crate::merge::{Told, told};
use crate::project::MANIFESTS;
use crate::spec::App;
use crate::spec::value::Wrong;
use crate::yaml::{Document, NodeRef, Step, parse_one};

/// Refuses another pod template where a controller would begin a rollout of its own with it, of which no
/// file says anything, and other files for pods to read while a version is on its way with those it began
/// with: the spec that comes to `app` has the same one under way as before.
pub(in crate::cli) fn guard(
    known: &Known,
    before: &FileSet,
    after: &FileSet,
    app: &App,
) -> Result<(), Stop> {
    if known.goes_back_elsewhere(app) {
        let what =
            "a canary is under way, and `config` or `secrets` say other than what stable reads";
        return Err(out_of_turn(Wrong::new(what).help(OTHER_FILES)));
    }
    for (path, text) in before {
        let Some(new) = after.get(path) else { continue };
        if app.run().is_some() {
            other_plan(path, text, new)?;
        }
        let Some((file, name)) = deployment_of(path) else {
            continue;
        };
        let is_of_rollout = [before, after].iter().all(|files| {
            let rendered = Rendered::of(files, name);
            rendered.is_some_and(|one| one.owner() != Owner::Deployment)
        });
        if !is_of_rollout && app.run().is_none() {
            continue;
        }
        let told = told(Some(text), Some(new)).into_iter();
        let other: Vec<(String, bool)> = told
            .map(|one| (one.path.to_string(), is_read(&one)))
            .filter(|(field, _)| field.starts_with("spec.template."))
            .collect();
        let read = other.iter().find(|(_, is_read)| *is_read);
        let (what, help) = match (is_of_rollout, other.first(), read) {
            (true, Some((field, _)), _) => (
                format!(
                    "the controller takes another pod template for a new version and begins with it by itself: `{file}` has \
                     another `{field}`"
                ),
                // Another folder or Secret in the place of one; not one more of them.
                if other.iter().any(|(field, _)| is_another(field)) {
                    "leave the files in use as they are and put the new ones into a folder of their own: `prodgen canary \
                     start IMAGE --config FOLDER` begins with them, also with the image in use; `--bypass-canary` does without"
                } else {
                    "add `--bypass-canary`: it goes out in the steps that the Rollout has, and no verb of `prodgen canary` \
                     knows of it"
                },
            ),
            (false, _, Some((field, _))) => (
                format!(
                    "a canary is under way, and pods would read other files than it began with: `{file}` has another `{field}`"
                ),
                OTHER_FILES,
            ),
            _ => continue,
        };
        return Err(refuse(vec![
            Diagnostic::error(what).key("canary").help(help),
        ]));
    }
    Ok(())
}

/// Whether an edit of a pod template is of a ConfigMap or a Secret that the pods read, or of what they see of it.
fn is_read(one: &Told) -> bool {
    let is_source = |step: &Step| matches!(step, Step::Key(key) if SOURCES.contains(&key.as_str()));
    // The field is the volume, or lies in it.
    let values = [&one.before, &one.after].into_iter().flatten();
    one.path
        .to_string()
        .starts_with("spec.template.spec.volumes")
        && (one.path.0.iter().any(is_source) || values.into_iter().any(|value| has_source(value)))
}

/// What a volume is of, where pods read it.
const SOURCES: [&str; 2] = ["configMap", "secret"];

/// Whether a volume, or one of a list, is of what pods read.
fn has_source(value: &str) -> bool {
    let is_of = |volume: NodeRef<'_>| SOURCES.into_iter().any(|key| volume.get(key).is_some());
    let document = parse_one(SourceId::RENDERED, value).ok();
    let root = document.as_ref().and_then(Document::root);
    root.is_some_and(|root| is_of(root) || root.items().any(is_of))
}

/// Whether a field says which ConfigMap or Secret a volume is of.
fn is_another(field: &str) -> bool {
    let names = [".configMap.name", ".secret.secretName"];
    names.into_iter().any(|name| field.ends_with(name))
}

/// The help where pods would read other files than a version began with.
const OTHER_FILES: &str = "leave what is read as it was until the canary is over; other files come with a version, by `prodgen canary \
     start IMAGE --config FOLDER --secret NAME=SECRET`; `--bypass-canary` gives them to everybody at once";

/// Refuses other steps for a controller that is taking some: it would begin with the first of them.
fn other_plan(path: &RelPath, before: &str, after: &str) -> Result<(), Stop> {
    if !path.as_str().starts_with(&format!("{MANIFESTS}/rollout-")) {
        return Ok(());
    }
    let steps = "spec.strategy.canary.steps";
    let is_plan = |field: String| field.starts_with(steps);
    let mut other = told(Some(before), Some(after)).into_iter();
    if !other.any(|one| is_plan(one.path.to_string())) {
        return Ok(());
    }
    let what = "a canary is under way, and with other steps the controller would begin with the first of them";
    let help = "keep `steps` as they were, by `prodgen diff` where the file has others, until it has ended; `--bypass-canary` does \
                without";
    Err(out_of_turn(Wrong::new(what).help(help)))
}
