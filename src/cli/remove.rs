//! `remove`: keys out of the spec, and out of the manifests what they made.

use clap::Args;

use super::show::Report;
use super::{Session, Stop, Writing, change, render, wrong};
use crate::diag::Diagnostic;
use crate::spec::REQUIRED;

/// Take keys out of the spec, so that their defaults come back
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// Keys of the spec, such as `callers`
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
    #[command(flatten)]
    writing: Writing,
}

/// Runs `remove`.
pub(super) fn run(remove: &Remove, session: &mut Session<'_>) -> Result<Report, Stop> {
    let (mut found, text) = change::find(session)?;
    let there = change::keys(&found.layers.given());
    let mut layers = found.layers.clone();
    let mut gone = Vec::new();
    for name in &remove.keys {
        let within = "take a part of it out in the file, then run `prodgen render -w`";
        let key = change::key(name, within)?;
        if REQUIRED.contains(&key.name) {
            let what = format!(
                "`{}` cannot be taken out: there is no service without",
                key.name
            );
            let help = format!("change it with `prodgen set {}=...`", key.name);
            return Err(wrong(Diagnostic::error(what).key(key.name).help(help)));
        }
        if there.contains_key(key.name) {
            layers.forget(key.name);
            gone.push(format!("`{}`", key.name));
        } else {
            let what = format!("`{}` is not in the spec: nothing to take out", key.name);
            found.notes.push(Diagnostic::note(what));
        }
    }
    let wanted = match render::settle(session, &found.project, &layers) {
        Ok(settled) => settled.spec(),
        Err(mut stop) => {
            let what = format!("without {} the spec does not hold", gone.join(", "));
            stop.diagnostics.insert(0, Diagnostic::note(what));
            return Err(stop);
        }
    };
    change::write(session, found, text, &wanted, &remove.writing)
}
