//! `render --out`: the manifests in a folder of their own, where nothing is merged.

use std::path::Path;

use super::show::{Report, Row};
use super::whole::whole;
use super::{Outcome, Session, Stop, Writing};
use crate::project;
use crate::render::ManifestSet;

/// Writes the manifests into a folder that is no tree.
pub(super) fn run(
    session: &Session<'_>,
    folder: &Path,
    manifests: &ManifestSet,
    writing: &Writing,
) -> Result<Report, Stop> {
    let files = manifests
        .iter()
        .map(|one| (one.path.clone(), one.object.document.text().to_owned()))
        .collect();
    let target = session.folder.join(folder);
    let dry = writing.dry_run || writing.diff;
    let changes = if dry {
        project::export_plan(&target, &files)?
    } else {
        whole(|| project::export(&target, &files))?
    };
    let mut report = Report::new(Outcome::Done, if dry { "planned" } else { "exported" });
    report.rows = changes
        .iter()
        .map(|change| Row {
            path: folder.join(change.path.as_str()).display().to_string(),
            action: change.action.word(),
            why: change.why,
        })
        .collect();
    if changes
        .iter()
        .all(|change| change.action == project::Action::Same)
    {
        report.word = "unchanged";
    }
    report.wrote = report.word == "exported";
    Ok(report)
}
