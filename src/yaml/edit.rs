//! Edits of somebody's YAML by span: what is not edited stays byte for byte.
//!
//! An edit proves itself: the new text is parsed and compared with the same change of the data. What
//! cannot be done without guessing is refused: anchors and aliases are read, never edited.

mod block;
mod cut;
mod flow;
mod page;
mod patch;
mod place;
mod same;
mod scan;
mod spot;

use std::ops::Range;

use super::parse::Broken;
use super::{Document, FieldPath, Tree, parse_one};
use crate::diag::{SourceId, Span};

pub use cut::{Cutting, flow_text};
pub use page::Page;
pub use patch::{Change, Children, Patch, Right};
pub use place::{Place, cut, insert_item, insert_key, remove, replace, set};
pub use same::same_data;

use block::Maker;

/// A range of a text, and what comes in its place.
///
/// A text without a line end at its end is taken as if it had one, so a range may reach past it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub span: Range<usize>,
    /// What comes.
    pub text: String,
}

/// Why an edit was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The text is not YAML.
    #[error("the text is not YAML")]
    NotYaml(Broken),
    /// There is no such place.
    #[error("there is no `{path}`")]
    NoSuchPlace {
        /// The place that was asked for.
        path: FieldPath,
    },
    /// There is something already.
    #[error("`{path}` is there already")]
    Occupied {
        /// The place that was asked for.
        path: FieldPath,
    },
    /// An anchor, an alias, a merge key or a tag is in the way.
    #[error("an anchor, an alias or a tag is used here, which is not edited")]
    Anchored {
        /// Where it is.
        span: Span,
    },
    /// The text is written in a way that is not understood well enough to be edited.
    #[error("this is written in a way that is not edited")]
    Unclear {
        /// Where it is.
        span: Span,
    },
    /// Two edits want the same bytes.
    #[error("two edits want the same bytes")]
    Overlap,
    /// The edited text would not say what it should.
    #[error("the edited text would not say what it should")]
    Unproved,
}

impl Refusal {
    /// The place that stands in the way.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Anchored { span } | Self::Unclear { span } => Some(*span),
            Self::NotYaml(broken) => {
                let first = broken.first().and_then(|one| one.primary.as_ref());
                first.map(|label| label.span)
            }
            Self::NoSuchPlace { .. } | Self::Occupied { .. } | Self::Overlap | Self::Unproved => {
                None
            }
        }
    }
}

/// The line end of a text: that of most of its lines.
pub fn line_end_of(text: &str) -> &'static str {
    if text.matches("\r\n").count() * 2 > text.matches('\n').count() {
        "\r\n"
    } else {
        "\n"
    }
}

/// Carries out edits, which may come in any order; of two at the same place the first one stays first.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, Refusal> {
    let ended = text.is_empty() || text.ends_with('\n');
    let end = line_end_of(text);
    let whole = if ended {
        std::borrow::Cow::Borrowed(text)
    } else {
        std::borrow::Cow::Owned(format!("{text}{end}"))
    };
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    // What is only put in comes before what replaces the bytes that start there.
    sorted.sort_by_key(|edit| (edit.span.start, !edit.span.is_empty()));
    let mut out = String::with_capacity(whole.len());
    let mut copied = 0;
    for edit in sorted {
        let gap = whole.get(copied..edit.span.start).ok_or(Refusal::Overlap)?;
        if whole.get(edit.span.clone()).is_none() {
            return Err(Refusal::Overlap);
        }
        out.push_str(gap);
        out.push_str(&edit.text);
        copied = edit.span.end;
    }
    out.push_str(whole.get(copied..).unwrap_or_default());
    if !ended && out.ends_with('\n') {
        out.pop();
        if out.ends_with('\r') {
            out.pop();
        }
    }
    Ok(out)
}

/// The edits that make `patch` of the document's text. Nothing is proved by this alone.
pub fn edits(page: &Page<'_>, patch: &Patch) -> Result<Vec<Edit>, Refusal> {
    let document = page.document();
    let mut maker = Maker {
        page,
        edits: Vec::new(),
    };
    if let Some(root) = document.root() {
        maker.entry(root, patch, true)?;
    }
    Ok(maker.edits)
}

/// The text after `patch`, proved: it is YAML, and says what the same change of the data says.
pub fn patched(page: &Page<'_>, patch: &Patch) -> Result<String, Refusal> {
    let document = page.document();
    let unreadable = |_| Refusal::Unproved;
    let root = document.root().ok_or(Refusal::Unproved)?;
    let text = apply(document.text(), &edits(page, patch)?)?;
    let want = patch.applied(root, &Tree::of(root).map_err(unreadable)?);
    prove(&text, &want)?;
    Ok(text)
}

/// Holds a text against what it should say.
pub fn prove(text: &str, want: &Tree) -> Result<(), Refusal> {
    let again = parse_one(SourceId::RENDERED, text).map_err(|_| Refusal::Unproved)?;
    let root = again.root().filter(|_| again.doubles().is_empty());
    let said = root.and_then(|root| Tree::of(root).ok());
    match said {
        Some(said) if same_data(&said, want) => Ok(()),
        Some(_) | None => Err(Refusal::Unproved),
    }
}

/// Reads a text that is to be edited: one document, no key twice.
pub fn open(source: SourceId, text: &str) -> Result<Document, Refusal> {
    let document = parse_one(source, text).map_err(Refusal::NotYaml)?;
    if document.doubles().is_empty() {
        Ok(document)
    } else {
        Err(Refusal::NotYaml(document.doubles().to_vec()))
    }
}

#[cfg(test)]
mod tests;
