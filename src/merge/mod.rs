//! Three-way merge of one file: the last render, the person's file and the new render. Pure.
//!
//! What both sides want is one text, or every conflict is named; nothing is chosen in silence. YAML
//! merges by field and by list item, as edits of the person's text; anything else merges by line.

mod choice;
mod conflict;
mod fold;
mod item;
mod list;
mod node;
mod object;
mod piece;
mod text;
mod told;

use std::borrow::Cow;

pub use conflict::{Conflict, Side, Why};
pub use piece::{Id, identity};
pub use told::{Told, told};

/// The three texts of a file.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'t> {
    /// What was last rendered.
    pub base: &'t str,
    /// What the person made of it.
    pub ours: &'t str,
    /// What is rendered now.
    pub theirs: &'t str,
}

/// How a file is merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// By object, field and list item.
    Yaml,
    /// By line.
    Lines,
}

impl Manner {
    /// The manner for a file of this name.
    pub fn of(path: &str) -> Self {
        let kind = path.rsplit_once('.').map(|(_, kind)| kind);
        match kind {
            Some("yaml" | "yml") => Self::Yaml,
            Some(_) | None => Self::Lines,
        }
    }
}

/// Decides a conflict; nothing leaves it open.
pub type Decide<'d> = &'d dyn Fn(&Conflict) -> Option<Side>;

/// Leaves every conflict open.
pub fn undecided(_: &Conflict) -> Option<Side> {
    None
}

/// Merges both sides' changes since the base into the person's text.
///
/// A file with CRLF line ends all through keeps them; the other two texts may have either.
///
/// ```
/// use prodgen::merge::{Manner, Texts, merge, undecided};
///
/// let texts = Texts {
///     base: "replicas: 3\nimage: a:1\n",
///     ours: "replicas: 6 # black friday\nimage: a:1\n",
///     theirs: "replicas: 3\nimage: a:2\n",
/// };
/// let merged = merge(Manner::Yaml, texts, &undecided);
/// assert_eq!(merged.as_deref(), Ok("replicas: 6 # black friday\nimage: a:2\n"));
/// ```
pub fn merge(
    manner: Manner,
    texts: Texts<'_>,
    decide: Decide<'_>,
) -> Result<String, Vec<Conflict>> {
    let (base, theirs) = (unix(texts.base), unix(texts.theirs));
    let plain = unix(texts.ours);
    let crlf = texts.ours.matches("\r\n").count();
    let is_crlf = crlf > 0 && crlf == texts.ours.matches('\n').count();
    let with_ends = |text: &str| {
        if is_crlf {
            text.replace('\n', "\r\n")
        } else {
            text.to_owned()
        }
    };
    // Mixed line ends are an edit like any other.
    let ours = if is_crlf { plain.as_ref() } else { texts.ours };
    if ours == base {
        return Ok(with_ends(&theirs));
    }
    if base == theirs || ours == theirs {
        return Ok(texts.ours.to_owned());
    }
    let unix = Texts {
        base: &base,
        ours: texts.ours,
        theirs: &theirs,
    };
    match manner {
        Manner::Yaml => object::merge(unix, decide),
        Manner::Lines => {
            let (base, theirs) = (with_ends(&base), with_ends(&theirs));
            let texts = Texts {
                base: &base,
                ours: texts.ours,
                theirs: &theirs,
            };
            text::merge(texts, decide)
        }
    }
}

fn unix(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests;
