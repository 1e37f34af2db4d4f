//! `remove`: keys out of the spec, and out of the manifests what they made.

use clap::Args;

use super::show::Report;
use super::{Session, Stop, Writing, canary, change, render, wrong};
use crate::diag::Diagnostic;
use crate::spec::value::Wrong;
use crate::spec::{REQUIRED, long};

/// Take keys out of the spec, so that their defaults come back
#[derive(Debug, Args)]
pub(super) struct Remove {
    /// Keys of the spec, such as `callers`
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// With a `canary` of the engine `argo`: how many pods the Deployment takes back at least
    #[arg(long, value_name = "PODS")]
    size: Option<u32>,
    #[command(flatten)]
    writing: Writing,
}

/// Runs `remove`.
pub(super) fn run(remove: &Remove, session: &mut Session<'_>) -> Result<Report, Stop> {
    let (mut found, text) = change::find(session)?;
    let there = long(&found.layers.given());
    let mut layers = found.layers.clone();
    let mut gone = Vec::new();
    let names_canary = remove.keys.iter().any(|name| name == "canary");
    if remove.size.is_some() && !names_canary {
        return Err(canary::size_of_nothing());
    }
    for name in &remove.keys {
        canary::of_verbs(name, "taking out")?;
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
        if key.name == "canary" && found.layers.answers_path(&["canary", "run"]) {
            let what = "a canary is under way";
            let help = "end it first, with `prodgen canary promote` or `prodgen canary abort`";
            return Err(canary::out_of_turn(Wrong::new(what).help(help)));
        }
        let quoted = format!("`{}`", key.name);
        if there.contains_key(key.name) {
            layers.forget(key.name);
            if !gone.contains(&quoted) {
                gone.push(quoted);
            }
        } else {
            let what = format!("`{}` is not in the spec: nothing to take out", key.name);
            found.notes.push(Diagnostic::note(what));
        }
    }
    let takes_canary = there.contains_key("canary") && gone.iter().any(|key| key == "`canary`");
    // A spec that does not hold may be what is mended here.
    if takes_canary
        && let Ok(before) = render::settle(session, &found.project, &found.layers)
        && let Some(spec) = canary::handover::back(&found, &before, remove.size)?
    {
        alone(&gone)?;
        canary::unedited(session, &found, &text, &before)?;
        let report = change::write(session, found, text, &spec, &remove.writing)?;
        return canary::told(session, report, None);
    }
    let wanted = match render::settle(session, &found.project, &layers) {
        Ok(settled) => settled,
        Err(mut stop) => {
            let what = format!("without {} the spec does not hold", gone.join(", "));
            stop.diagnostics.insert(0, Diagnostic::note(what));
            return Err(stop);
        }
    };
    change::write(session, found, text, &wanted.spec(), &remove.writing)
}

/// Refuses other keys beside `canary`, which does not go in one step.
fn alone(gone: &[String]) -> Result<(), Stop> {
    if gone.len() == 1 {
        return Ok(());
    }
    let what = "`canary` goes in two steps here, and the other keys would go with the first";
    let help = "take it out alone, then the others";
    Err(canary::out_of_turn(Wrong::new(what).help(help)))
}
