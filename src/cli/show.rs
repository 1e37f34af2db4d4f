//! The one place that prints: what a command has to say, for a person or for a program.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write as _};

use super::{Ambient, Global, Outcome, When};
use crate::diag::{Diagnostic, Severity, SourceMap};
use crate::report::{Canary, FileRow, Problem, Run, Style, human, json};

/// What a command has to say.
#[derive(Debug)]
pub(super) struct Report {
    /// How it ended.
    pub(super) outcome: Outcome,
    /// The same in a word, for programs.
    pub(super) word: &'static str,
    /// What happens to which file, and why.
    pub(super) rows: Vec<Row>,
    /// What is wrong, or worth knowing.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What to do next, for a person.
    pub(super) hints: Vec<String>,
    /// What was asked for: manifests, a diff.
    pub(super) data: Option<String>,
    /// Where a rollout is, if that was asked or has changed.
    pub(super) canary: Option<Box<Canary>>,
    /// Files were written: that is so whatever becomes of the output.
    pub(super) wrote: bool,
    /// The data is a document of its own, so that no other follows it, whatever the format.
    pub(super) is_document: bool,
}

/// A file, and what happens to it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) path: String,
    pub(super) action: &'static str,
    pub(super) why: Option<&'static str>,
}

impl Report {
    /// A report that says how it ended.
    pub(super) fn new(outcome: Outcome, word: &'static str) -> Self {
        Self {
            outcome,
            word,
            rows: Vec::new(),
            diagnostics: Vec::new(),
            hints: Vec::new(),
            data: None,
            canary: None,
            wrote: false,
            is_document: false,
        }
    }

    /// A spec, a flag or a file that does not hold.
    pub(super) fn wrong(diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            diagnostics,
            ..Self::new(Outcome::Wrong, "invalid")
        }
    }
}

/// Prints `report`; says how the run ends, which a broken stdout can change.
pub(super) fn show(
    report: &Report,
    sources: &SourceMap,
    global: &Global,
    ambient: &Ambient,
) -> Outcome {
    let as_json = global.is_json();
    let printed = match (&report.data, as_json) {
        (Some(data), _) if report.is_document => write_out(data),
        (_, true) => write_out(&document(report, sources)),
        (Some(data), false) => write_out(data),
        (None, false) => write_out(&rows(report, global)),
    };
    let said = if as_json {
        Ok(())
    } else {
        write_err(&words(report, sources, global, ambient))
    };
    match printed.and(said) {
        Ok(()) => report.outcome,
        // Whoever reads has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => report.outcome,
        Err(error) => {
            let done = if report.wrote {
                "the files were written all the same\n"
            } else {
                ""
            };
            let words = format!("error: the output cannot be written: {error}\n{done}");
            // With stderr gone there is nobody to tell.
            write_err(&words).ok();
            Outcome::Failed
        }
    }
}

fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn write_err(text: &str) -> io::Result<()> {
    io::stderr().lock().write_all(text.as_bytes())
}

fn document(report: &Report, sources: &SourceMap) -> String {
    let mut run = Run::new(report.word);
    run.files = report
        .rows
        .iter()
        .map(|row| FileRow {
            path: row.path.clone(),
            action: row.action.to_owned(),
        })
        .collect();
    run.problems = report
        .diagnostics
        .iter()
        .map(|one| Problem::from(one, sources))
        .collect();
    run.canary = report.canary.as_deref().cloned();
    json(&run)
}

fn rows(report: &Report, global: &Global) -> String {
    if global.quiet {
        return String::new();
    }
    // A long list of files that nothing happens to hides the ones that matter.
    let quiet = |row: &&Row| global.verbose || !matches!(row.action, "same" | "clean");
    let shown: Vec<&Row> = report.rows.iter().filter(quiet).collect();
    let width = shown
        .iter()
        .map(|row| row.action.len())
        .max()
        .unwrap_or_default();
    let mut out = String::new();
    for row in &shown {
        let why = row.why.map(|why| format!("  ({why})")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "{:<width$}  {}{why}", row.action, row.path);
    }
    if shown.is_empty() && report.outcome == Outcome::Done {
        out.push_str(report.word);
        out.push('\n');
    }
    out
}

fn words(report: &Report, sources: &SourceMap, global: &Global, ambient: &Ambient) -> String {
    let color = match global.color {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            ambient.stderr
                && ambient.variable("NO_COLOR").is_none()
                && ambient.variable("TERM") != Some("dumb")
        }
    };
    let width = ambient
        .variable("COLUMNS")
        .and_then(|text| text.parse().ok())
        .unwrap_or(100);
    let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
    let said: Cow<'_, [Diagnostic]> = if global.quiet {
        report
            .diagnostics
            .iter()
            .filter(is_error)
            .cloned()
            .collect()
    } else {
        Cow::Borrowed(&report.diagnostics)
    };
    let mut out = human(&said, sources, Style { color, width });
    if !global.quiet {
        for hint in &report.hints {
            out.push_str(hint);
            out.push('\n');
        }
    }
    out
}
