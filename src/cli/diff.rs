//! `diff`: what `render -w` would change.

use clap::Args;

use super::show::Report;
use super::{Outcome, Session, Stop, plan, render};
use crate::render as rendering;

/// Show what `render -w` would change
#[derive(Debug, Args)]
pub(super) struct Diff {
    /// The spec. Without it, the nearest prodgen.yaml here or above
    #[arg(short = 'f', value_name = "SPEC")]
    file: Option<String>,
}

/// Runs `diff`.
pub(super) fn run(diff: &Diff, session: &mut Session<'_>) -> Result<Report, Stop> {
    let loaded = render::load(session, diff.file.as_deref(), &[])?;
    let manifests = rendering::one(&loaded.settled.app)?;
    let plan = render::tree_plan(&loaded, &manifests)?;
    let unchanged = plan.is_unchanged() && plan.is_clean();
    let word = if unchanged { "unchanged" } else { "changes" };
    let mut report = Report::new(Outcome::Done, word);
    report.rows = plan::rows(session, &loaded.project, &plan);
    report.data = Some(plan::diff(session, &loaded.project, &plan));
    report.diagnostics = loaded.notes;
    plan::open(session, &loaded.project, &plan, &mut report);
    Ok(report)
}
