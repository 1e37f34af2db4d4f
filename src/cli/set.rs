//! `set`: one lossless edit of the spec, and a render.

use clap::Args;

use super::show::Report;
use super::{Session, Stop, Writing, answers, canary, change, render};
use crate::diag::Origin;
use crate::spec::{AppSpec, Layers};
use crate::yaml::FieldPath;

/// Change what the spec says, and the manifests with it
#[derive(Debug, Args)]
pub(super) struct Set {
    /// What to change: `image=registry.example.com/shop/web:2`, `replicas.max=12`, `labels["a.b/c"]=d`
    #[arg(value_name = "PATH=VALUE", required = true)]
    pairs: Vec<String>,
    #[command(flatten)]
    writing: Writing,
}

/// Runs `set`.
pub(super) fn run(set: &Set, session: &mut Session<'_>) -> Result<Report, Stop> {
    let (found, text) = change::find(session)?;
    let mut layers = found.layers.clone();
    let mut said = Layers::default();
    for pair in answers::pairs(session, "set", &set.pairs)? {
        // A map that is given whole is all of it; beside a part of one the rest stays.
        if pair.value.trim_start().starts_with('{') {
            layers.forget_path(&pair.path);
        }
        said.answer(pair.source, &pair.path, pair.value);
    }
    keep_count(session, &mut layers, &said);
    layers.lay_above(said);
    // Against every rule, while a mistake still has the place where it was made.
    let settled = render::settle(session, &found.project, &layers)?;
    let wanted = settled.spec();
    if settled.app.canary.is_some() {
        keep_canary(&found.layers.given(), &wanted)?;
    }
    change::write(session, found, text, &wanted, &set.writing)
}

/// What the verbs of a canary have written is theirs to change.
fn keep_canary(given: &AppSpec, wanted: &AppSpec) -> Result<(), Stop> {
    let run = |spec: &AppSpec| spec.canary.as_ref().and_then(|one| one.run.clone());
    if run(given) != run(wanted) {
        canary::of_verbs("canary.run", "setting")?;
    }
    let takeover = |spec: &AppSpec| spec.canary.as_ref().and_then(|one| one.takeover);
    if takeover(given) != takeover(wanted) {
        canary::of_verbs("canary.takeover", "setting")?;
    }
    Ok(())
}

/// A number of pods to which only a part of the autoscaler is added stays the least of them: it would
/// be forgotten, and a smaller default take its place.
fn keep_count(session: &mut Session<'_>, layers: &mut Layers, said: &Layers) {
    let part = |part: &str| said.answers_path(&["replicas", part]);
    let Some(given) = ["max", "cpu"].into_iter().find(|one| part(one)) else {
        return;
    };
    let Some((count, _)) = layers.word("replicas").filter(|_| !part("min")) else {
        return;
    };
    let origin = Origin::Flag(format!("set replicas.{given}"));
    let source = session.sources.add(origin, count.as_str());
    let path = FieldPath::default().key("replicas").key("min");
    layers.answer(source, &path, &count);
}
