//! `render --check`: whether a tree is what its spec makes, and whose doing it is where it is not.

use clap::ValueEnum;

use super::render::{self, Loaded};
use super::show::{Report, Row};
use super::{Outcome, Session, Stop, plan};
use crate::component::config_hash;
use crate::diag::Diagnostic;
use crate::project::{Drift, DriftFile, DriftWord, Overall};
use crate::render::ManifestSet;

/// What it is that a tree is not what its spec makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Weight {
    /// It is said, and the exit code is 0
    Note,
    /// It is one
    Error,
}

/// Holds the tree against what its spec makes.
pub(super) fn run(
    session: &Session<'_>,
    loaded: &Loaded,
    manifests: &ManifestSet,
    on_stale: Option<Weight>,
    on_edited: Option<Weight>,
) -> Result<Report, Stop> {
    let text = render::own_text(loaded)?;
    let state = loaded.project.state()?;
    let drift = Drift::new(&loaded.project, &state, &render::files(manifests)?)?;
    let clean = drift.overall == Overall::Clean;
    let config = config_hash(&loaded.settled.app);
    let older = state.lock.as_ref();
    let older = older.filter(|lock| lock.is_only_older(&text, config.as_deref()));
    let may_be_edited = on_edited == Some(Weight::Note);
    let only_edited = may_be_edited && drift.overall == Overall::Edited;
    // A newer tool alone makes no tree red that is as the older one left it.
    let is_left = drift.is_untouched() || may_be_edited;
    let only_newer = older.filter(|_| is_left && on_stale != Some(Weight::Error));
    let is_fine = clean || only_edited || only_newer.is_some();
    let outcome = if is_fine { Outcome::Done } else { Outcome::No };
    let mut report = Report::new(outcome, drift.overall.word());
    if let Some(lock) = only_newer.filter(|_| drift.overall == Overall::Stale) {
        let version = &lock.prodgen;
        let edits = if drift.is_untouched() {
            ""
        } else {
            ", but for edits by hand"
        };
        report.diagnostics.push(
            Diagnostic::note(format!(
                "the tree is as prodgen {version} rendered it{edits}; this version would change it"
            ))
            .help("`prodgen upgrade --dry-run` shows how; `--stale=error` makes this an error"),
        );
    }
    report.rows = drift
        .files
        .iter()
        .map(|file| Row {
            path: session.shown(&loaded.project, file.path.as_str()),
            action: file.word.word(),
            why: None,
        })
        .collect();
    let off = drift
        .files
        .iter()
        .filter(|file| file.word != DriftWord::Clean)
        .count();
    if !is_fine || only_edited {
        let is_known = state.lock.is_some();
        let is_there = |file: &DriftFile| file.word != DriftWord::Missing;
        let (what, help) = match drift.overall {
            _ if !is_known && drift.files.iter().any(is_there) => {
                ("not what the spec makes", plan::UNKNOWN)
            }
            Overall::Edited => (
                "edited or deleted by hand",
                "`prodgen render --out DIR` writes what the spec makes, to compare; `--edited=note` allows it",
            ),
            Overall::Clean | Overall::Stale => (
                "not what the spec makes",
                "see `prodgen diff`; `prodgen render -w` brings the tree up to date",
            ),
        };
        let files = if off == 1 {
            "1 file is".to_owned()
        } else {
            format!("{off} files are")
        };
        let said = if only_edited {
            Diagnostic::note(format!("{files} {what}"))
        } else {
            Diagnostic::error(format!("{files} {what}"))
        };
        report.diagnostics.push(said.help(help));
    }
    Ok(report)
}
