//! A decided merge, folded twice: into the data that it means, and into the edits that it takes.

use super::item::{Item, What, entry, tree};
use crate::yaml::edit::{Children, Cutting, Page, Patch, Refusal, Right};
use crate::yaml::{Data, Tree};

/// What becomes of one value of the person's document.
#[derive(Debug)]
pub(super) enum Fate<'t, 'd> {
    /// It is as the person has it.
    Stays(&'t Item<'d>),
    /// It is as the new render has it.
    Comes(&'t Item<'d>),
    /// Its children differ.
    Inside(&'t Item<'d>, Vec<Child<'t, 'd>>),
}

/// What becomes of one child; the children stand in the order of the result.
#[derive(Debug)]
pub(super) struct Child<'t, 'd> {
    /// Its name in the result.
    pub(super) name: &'t str,
    /// The person's.
    pub(super) ours: Option<&'t Item<'d>>,
    /// What it becomes; nothing if it goes, or stays away.
    pub(super) fate: Option<Fate<'t, 'd>>,
    /// Other comment lines above it.
    pub(super) above: Option<Vec<String>>,
    /// What becomes of the comment to its right.
    pub(super) right: Right,
}

impl<'d> Fate<'_, 'd> {
    /// What the merged document means.
    pub(super) fn tree(&self) -> Tree {
        match self {
            Self::Stays(item) | Self::Comes(item) => item.tree(),
            Self::Inside(item, children) => {
                let left = children
                    .iter()
                    .filter_map(|child| Some((child.name, child.fate.as_ref()?.tree())));
                tree(match item.what {
                    What::Seq(_) => Data::Seq(left.map(|(_, tree)| tree).collect()),
                    What::Map(_) | What::Scalar(..) => {
                        Data::Map(left.map(|(name, tree)| entry(name, tree)).collect())
                    }
                })
            }
        }
    }

    /// The change of the person's text.
    pub(super) fn patch(&self, theirs: &Page<'d>) -> Result<Patch, Refusal> {
        match self {
            Self::Stays(_) => Ok(Patch::default()),
            Self::Comes(item) => Ok(Patch::becomes(cutting(item, theirs)?)),
            Self::Inside(_, children) => {
                let mut changes = Children::default();
                let mut slot = 0;
                for child in children {
                    // What a merge key brings is not written here: it only ever stays.
                    if child.ours.is_some_and(|ours| ours.node.is_none()) {
                        continue;
                    }
                    match (child.ours, &child.fate) {
                        (Some(ours), fate) => {
                            slot = ours.number + 1;
                            match fate {
                                None => {
                                    changes.removed.insert(ours.number);
                                }
                                Some(fate) => {
                                    let patch = Patch {
                                        above: child.above.clone(),
                                        right: child.right.clone(),
                                        ..fate.patch(theirs)?
                                    };
                                    if !patch.is_empty() {
                                        changes.changed.insert(ours.number, patch);
                                    }
                                }
                            }
                        }
                        (None, Some(Fate::Comes(item))) => {
                            let added = changes.added.entry(slot).or_default();
                            added.push(cutting(item, theirs)?);
                        }
                        (None, Some(Fate::Stays(_) | Fate::Inside(..)) | None) => {}
                    }
                }
                let nothing = changes.changed.is_empty()
                    && changes.removed.is_empty()
                    && changes.added.is_empty();
                Ok(if nothing {
                    Patch::default()
                } else {
                    Patch::inside(changes)
                })
            }
        }
    }
}

/// An entry of the new render with its comments.
fn cutting(item: &Item<'_>, theirs: &Page<'_>) -> Result<Cutting, Refusal> {
    let node = item.node.ok_or(Refusal::Unproved)?;
    Cutting::of(theirs, item.key, node)
}
