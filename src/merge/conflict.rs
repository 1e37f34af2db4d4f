//! What a person has to decide, with all that it takes to decide it.

use std::ops::Range;

use crate::yaml::FieldPath;

/// Who is right where both have changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The person who edited it.
    Ours,
    /// The new render.
    Theirs,
}

/// Why two changes do not go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Both changed it, each to something else.
    BothChanged,
    /// The person took it out, and the render changes it.
    OursGone,
    /// The render takes it out, and the person changed it or something in it.
    TheirsGone,
    /// These fields are one choice, and both changed it.
    OneChoice(Vec<&'static str>),
    /// The render replaces or takes out something that the person wrote a comment in.
    Comment,
    /// The render changes something that an anchor, an alias or a tag has to do with.
    Anchor,
    /// The render changes something that is written in a way that is not edited.
    Unclear,
    /// The file is not YAML; what is wrong with it.
    NotYaml(String),
    /// The merged text would not say what it should.
    Unproved,
}

impl Why {
    /// Whether the text stands against it, whoever is right.
    pub(super) fn is_fixed(&self) -> bool {
        matches!(self, Self::Anchor | Self::Unclear)
    }

    /// The reason as part of a sentence about the place.
    pub fn words(&self) -> String {
        match self {
            Self::BothChanged => "you and the render both changed it".to_owned(),
            Self::OursGone => "you took it out, and the render changes it".to_owned(),
            Self::TheirsGone => "you changed it, and the render takes it out".to_owned(),
            Self::OneChoice(fields) => {
                let fields: Vec<String> = fields.iter().map(|name| format!("`{name}`")).collect();
                let fields = fields.join(", ");
                format!("{fields} are one choice, and you and the render both changed it")
            }
            Self::Comment => "the render replaces it, and with it a comment of yours".to_owned(),
            Self::Anchor => {
                "the render changes it, and an anchor, alias or tag in it is not edited".to_owned()
            }
            Self::Unclear => {
                "the render changes it, and it is written in a way that is not edited".to_owned()
            }
            Self::NotYaml(wrong) => wrong.clone(),
            Self::Unproved => "the edits of both sides do not go into one text".to_owned(),
        }
    }
}

/// Two changes of one thing that do not go together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The object: `Deployment/checkout`; nothing in a file that holds none.
    pub object: Option<String>,
    /// The field in it; empty for the object as a whole, and in a file that merges by line.
    pub path: FieldPath,
    /// The value as it was last rendered, whole.
    pub base: Option<String>,
    /// The value as the person has it.
    pub ours: Option<String>,
    /// The value as it is rendered now.
    pub theirs: Option<String>,
    /// Why it has to be decided.
    pub why: Why,
    /// Where it is in the person's text; what surrounds it where it is not there.
    pub place: Range<usize>,
    /// The line of that place, from 1.
    pub line: usize,
    /// The column of that place in characters, from 1.
    pub column: usize,
}

/// Where the lines of a text start, to find lines and columns.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// Line and column of a byte, both from 1.
    pub(super) fn place(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let before = self.text.get(start..at).unwrap_or_default();
        (
            line,
            before.chars().filter(|c| *c != '\u{feff}').count() + 1,
        )
    }

    /// Where a line starts, counted from 0; the end of the text past the last.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.text.len())
    }
}
