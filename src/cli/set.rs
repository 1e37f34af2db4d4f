//! `set`: one lossless edit of the spec, and a render.

use clap::Args;

use super::show::Report;
use super::{Session, Stop, Writing, answers, change, render};

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
    answers::set(session, &mut layers, "set", &set.pairs)?;
    // Against every rule, while a mistake still has the place where it was made.
    let wanted = render::settle(session, &found.project, &layers)?.spec();
    change::write(session, found, text, &wanted, &set.writing)
}
