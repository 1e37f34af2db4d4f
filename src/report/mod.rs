//! Diagnostics and plans to bytes: the words of one run for a person, and the same for a program.
//!
//! Prints nothing, and knows of files only their paths and a word.

mod apart;
mod canary;
mod diff;
mod human;
mod json;
mod text;

use serde::Serialize;

use crate::diag::{Diagnostic, Label, Origin, Severity, Sides, SourceMap};

pub use apart::apart;
pub use canary::{Canary, TrackRow};
pub use diff::unified;
pub use human::{Style, human};
pub use json::json;

/// Everything that one run has to say, in the form that programs read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The version of this form.
    pub version: u32,
    /// How it ended, in a word: `done`, `unchanged`, `stale`.
    pub outcome: String,
    /// The files it was about, in path order.
    pub files: Vec<FileRow>,
    /// What was wrong.
    pub problems: Vec<Problem>,
    /// Where a rollout is, if it was about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<Canary>,
}

impl Run {
    /// The version of the form that this prodgen writes.
    pub const VERSION: u32 = 1;

    /// A run that ended with `outcome`.
    pub fn new(outcome: impl Into<String>) -> Self {
        Self {
            version: Self::VERSION,
            outcome: outcome.into(),
            files: Vec::new(),
            problems: Vec::new(),
            canary: None,
        }
    }
}

/// One file, and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileRow {
    /// Its path in the project.
    pub path: String,
    /// The word: `new`, `updated`, `stale`.
    pub action: String,
}

/// One diagnostic with its place spelt out; what does not apply is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// The file it is in; `<stdin>`, or `preset NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The column in characters, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The key of the spec.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The flag it came from, or that would answer it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// The variable it came from, or that would answer it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The object that a conflict is in: `Deployment/checkout`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// In a conflict, the value that was last rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// In a conflict, the value that the person has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ours: Option<String>,
    /// In a conflict, the value that is rendered now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
    /// What is wrong.
    pub message: String,
    /// A thing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Problem {
    /// What `diagnostic` says, with places looked up in `sources`.
    pub fn from(diagnostic: &Diagnostic, sources: &SourceMap) -> Self {
        let side = |side: fn(&Sides) -> &Option<String>| {
            let sides = diagnostic.sides.as_deref();
            sides.and_then(|sides| side(sides).clone())
        };
        let mut problem = Self {
            object: side(|sides| &sides.object),
            base: side(|sides| &sides.base),
            ours: side(|sides| &sides.ours),
            theirs: side(|sides| &sides.theirs),
            severity: severity(diagnostic.severity),
            file: diagnostic.file.clone(),
            line: None,
            column: None,
            key: diagnostic.key.clone(),
            flag: diagnostic.flag.clone(),
            env: diagnostic.variable.clone(),
            message: diagnostic.message.clone(),
            help: diagnostic.help.clone(),
        };
        let Some(Label { span, .. }) = diagnostic.primary else {
            return problem;
        };
        let Some(source) = sources.get(span.source) else {
            return problem;
        };
        match &source.origin {
            origin
            @ (Origin::File(_) | Origin::Stdin | Origin::Preset(_) | Origin::Rendered(_)) => {
                problem.file = Some(origin.to_string());
                let at = human::clamped(&source.text, span.range());
                let span = crate::diag::Span::new(span.source, at.start, at.end);
                if let Some(at) = sources.line_column(span) {
                    (problem.line, problem.column) = (Some(at.line), Some(at.column));
                }
            }
            Origin::Flag(flag) => problem.flag = Some(flag.clone()),
            Origin::Variable(name) => problem.env = Some(name.clone()),
            Origin::Prompt(key) => {
                problem.key.get_or_insert_with(|| key.clone());
            }
            Origin::Found(path) => problem.file = Some(path.clone()),
        }
        problem
    }
}

/// The word for a severity.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{SourceId, Span};

    fn at(origin: Origin) -> Problem {
        let mut sources = SourceMap::default();
        let id = sources.add(origin, "a: 1\nb: ü x\n");
        let diagnostic = Diagnostic::error("wrong")
            .at(Span::new(id, 11, 12))
            .help("fix it");
        Problem::from(&diagnostic, &sources)
    }

    #[test]
    fn each_origin_names_its_place_in_its_own_way() {
        let place = |file: &str| {
            let problem = at(match file {
                "<stdin>" => Origin::Stdin,
                "preset web" => Origin::Preset("web".to_owned()),
                "out.yaml" => Origin::Rendered("out.yaml".to_owned()),
                _ => Origin::File(file.to_owned()),
            });
            assert_eq!(problem.file.as_deref(), Some(file));
            (problem.line, problem.column)
        };
        for file in ["prodgen.yaml", "<stdin>", "preset web", "out.yaml"] {
            assert_eq!(place(file), (Some(2), Some(6)));
        }
        let problem = at(Origin::Flag("--set a".to_owned()));
        assert_eq!(
            (problem.flag.as_deref(), problem.line),
            (Some("--set a"), None)
        );
        assert_eq!(
            at(Origin::Variable("PRODGEN_A".to_owned())).env.as_deref(),
            Some("PRODGEN_A")
        );
        assert_eq!(at(Origin::Prompt("a".to_owned())).key.as_deref(), Some("a"));
        let problem = at(Origin::Found("go.mod".to_owned()));
        assert_eq!(
            (problem.file.as_deref(), problem.line),
            (Some("go.mod"), None)
        );
    }

    #[test]
    fn a_place_that_is_none_is_no_harm() {
        let mut sources = SourceMap::default();
        let id = sources.add(Origin::Stdin, "ü");
        for (start, end) in [(1, 1), (9, 12)] {
            let diagnostic = Diagnostic::error("x").at(Span::new(id, start, end));
            assert_eq!(Problem::from(&diagnostic, &sources).line, Some(1));
        }
        let diagnostic = Diagnostic::error("x")
            .at(Span::new(SourceId::RENDERED, 0, 0))
            .in_file("a.yaml");
        assert_eq!(
            Problem::from(&diagnostic, &sources).file.as_deref(),
            Some("a.yaml")
        );
    }
}
