//! `set`: one lossless edit of the spec, and a render.

use clap::Args;

use super::show::Report;
use super::{Session, Stop, Writing, answers, change, render};
use crate::diag::Origin;
use crate::spec::Layers;
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
    let mut said = Layers::default();
    answers::set(session, &mut said, "set", &set.pairs)?;
    let mut layers = found.layers.clone();
    keep_count(session, &mut layers, &said);
    for (path, value) in set.pairs.iter().filter_map(|pair| pair.split_once('=')) {
        // A map that is given whole is all of it; beside a part of one the rest stays.
        if let (true, Ok(path)) = (value.trim_start().starts_with('{'), FieldPath::parse(path)) {
            layers.forget_path(&path);
        }
    }
    layers.lay_above(said);
    // Against every rule, while a mistake still has the place where it was made.
    let wanted = render::settle(session, &found.project, &layers)?.spec();
    change::write(session, found, text, &wanted, &set.writing)
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
