//! What is wrong, where, and how to put it right: one type for every complaint about input.
//!
//! Knows nothing of YAML, specs or Kubernetes, and prints nothing; `report` does that.

mod source;

pub use source::{LineColumn, Origin, Source, SourceId, SourceMap, Span};

/// How much a complaint weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is stopped.
    Note,
    /// Probably not what was meant; nothing is stopped.
    Warning,
    /// The question cannot be answered as it stands.
    Error,
}

/// A place, and a few words that belong beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What to say there; may be empty.
    pub text: String,
}

/// What stood somewhere, what the user made of it, and what it would become; nothing where nothing
/// stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sides {
    /// What it is in: `Deployment/checkout`.
    pub object: Option<String>,
    /// What was last rendered.
    pub base: Option<String>,
    /// What the user has.
    pub ours: Option<String>,
    /// What is rendered now.
    pub theirs: Option<String>,
}

/// One complaint about what the user gave us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, in the user's words: lower case, no full stop.
    pub message: String,
    /// The place it is about.
    pub primary: Option<Label>,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// A file that is wrong as a whole, where there is no text to point into.
    pub file: Option<String>,
    /// The key of the spec that it is about: `replicas.max`.
    pub key: Option<String>,
    /// The flag that would answer it: `--image`.
    pub flag: Option<String>,
    /// The variable that would answer it: `PRODGEN_IMAGE`.
    pub variable: Option<String>,
    /// What three sides say, where it is about that.
    pub sides: Option<Box<Sides>>,
    /// A thing to do.
    pub help: Option<String>,
    /// The place may hold a secret value: say where it is, never show the line.
    pub conceal: bool,
}

impl Diagnostic {
    /// An error that says `message`.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            primary: None,
            related: Vec::new(),
            file: None,
            key: None,
            flag: None,
            variable: None,
            sides: None,
            help: None,
            conceal: false,
        }
    }

    /// A warning that says `message`.
    pub fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message)
        }
    }

    /// A note that says `message`.
    pub fn note(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Note,
            ..Self::error(message)
        }
    }

    /// Points at `span`.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.labelled(span, "")
    }

    /// Points at `span` and says `text` there.
    #[must_use]
    pub fn labelled(mut self, span: Span, text: impl Into<String>) -> Self {
        self.primary = Some(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Points at another place too.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    /// Names a file as a whole.
    #[must_use]
    pub fn in_file(mut self, path: impl Into<String>) -> Self {
        self.file = Some(path.into());
        self
    }

    /// Names the key of the spec.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Says what three sides have.
    #[must_use]
    pub fn sides(mut self, sides: Sides) -> Self {
        self.sides = Some(Box::new(sides));
        self
    }

    /// Keeps the text of the place out of every report.
    #[must_use]
    pub fn concealed(mut self) -> Self {
        self.conceal = true;
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A word of the user as a message shows it: on one line, 60 characters at most.
pub fn shown(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// The known word nearest to `word`, if one is near enough to be meant.
///
/// The measure is Damerau-Levenshtein, as in rustc and clap: a third of the word may differ.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    let folded = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_finds_slips_and_refuses_strangers() {
        let known = ["replicas", "resources", "probes"];
        assert_eq!(nearest("replcias", known), Some("replicas"));
        assert_eq!(nearest("Replicas", known), Some("replicas"));
        assert_eq!(nearest("volumes", known), None);
    }
}
