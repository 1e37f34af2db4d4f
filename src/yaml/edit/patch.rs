//! What shall become of a document: a tree of changes, as text and as data.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::cut::Cutting;
use crate::yaml::{Data, Entry, NodeRef, Tree};

/// What becomes of one entry: by default it stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// Other comment lines above it.
    pub above: Option<Vec<String>>,
    /// What becomes of the comment to its right.
    pub right: Right,
    /// Another value.
    pub value: Change,
}

/// What becomes of the comment to the right of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Right {
    /// It stays, or there is none.
    #[default]
    Stays,
    /// It goes.
    Goes,
    /// It becomes this one, from its `#` on.
    Becomes(String),
}

/// What becomes of a value.
#[derive(Debug, Clone, Default)]
pub enum Change {
    /// It stays.
    #[default]
    Stays,
    /// It becomes that of the cutting; the comments above and to the right stay.
    Becomes(Box<Cutting>),
    /// Only something in it changes.
    Inside(Children),
}

/// What becomes of the children of a collection, by their number in the text.
#[derive(Debug, Clone, Default)]
pub struct Children {
    /// Those that change.
    pub changed: BTreeMap<usize, Patch>,
    /// Those that go.
    pub removed: BTreeSet<usize>,
    /// Those that come, each before the child of this number, in this order.
    pub added: BTreeMap<usize, Vec<Cutting>>,
}

impl Patch {
    /// Another value.
    pub fn becomes(cutting: Cutting) -> Self {
        Self {
            value: Change::Becomes(Box::new(cutting)),
            ..Self::default()
        }
    }

    /// A change of children.
    pub fn inside(children: Children) -> Self {
        Self {
            value: Change::Inside(children),
            ..Self::default()
        }
    }

    /// Whether everything stays as it is.
    pub fn is_empty(&self) -> bool {
        self.above.is_none() && self.right == Right::Stays && matches!(self.value, Change::Stays)
    }

    /// The same change, of the child `index` of a collection.
    #[must_use]
    pub fn below(self, index: usize) -> Self {
        let mut children = Children::default();
        children.changed.insert(index, self);
        Self::inside(children)
    }

    /// What the data below `node`, which is `tree`, shall be afterwards.
    pub(super) fn applied(&self, node: NodeRef<'_>, tree: &Tree) -> Tree {
        let children = match &self.value {
            Change::Stays => return tree.clone(),
            Change::Becomes(cutting) => return cutting.data().clone(),
            Change::Inside(children) => children,
        };
        let data = match &tree.data {
            Data::Map(entries) => Data::Map(children.of_map(node, entries)),
            Data::Seq(items) => Data::Seq(children.of_seq(node, items)),
            // Nothing is inside a scalar, but what is put there makes it a collection.
            Data::Scalar(..) => Data::Map(children.added_entries(0)),
        };
        Tree {
            span: tree.span,
            data,
        }
    }
}

impl Children {
    fn added_entries(&self, before: usize) -> Vec<Entry> {
        let added = self.added.get(&before).into_iter().flatten();
        added.filter_map(Cutting::entry).collect()
    }

    /// Keys that come with `<<` are no children, and stay.
    fn of_map(&self, node: NodeRef<'_>, entries: &[Entry]) -> Vec<Entry> {
        let mut left: VecDeque<&Entry> = entries.iter().collect();
        let mut out = Vec::with_capacity(entries.len());
        let mut count = 0;
        for (index, (key, value)) in node.entries().enumerate() {
            count = index + 1;
            out.extend(self.added_entries(index));
            // Unless a merge key took others in, the two go side by side.
            let place = left.iter().position(|entry| entry.key == key.text());
            let Some(entry) = place.and_then(|place| left.remove(place)) else {
                continue;
            };
            if self.removed.contains(&index) {
                continue;
            }
            let value = match self.changed.get(&index) {
                Some(patch) => patch.applied(value, &entry.value),
                None => entry.value.clone(),
            };
            out.push(Entry {
                value,
                ..entry.clone()
            });
        }
        out.extend(self.added_entries(count));
        out.extend(left.into_iter().cloned());
        out
    }

    fn of_seq(&self, node: NodeRef<'_>, items: &[Tree]) -> Vec<Tree> {
        let added = |before: usize| {
            let added = self.added.get(&before).into_iter().flatten();
            added.map(|cutting| cutting.data().clone())
        };
        let mut out = Vec::with_capacity(items.len());
        for (index, (child, item)) in node.items().zip(items).enumerate() {
            out.extend(added(index));
            if self.removed.contains(&index) {
                continue;
            }
            out.push(match self.changed.get(&index) {
                Some(patch) => patch.applied(child, item),
                None => item.clone(),
            });
        }
        out.extend(added(items.len()));
        out
    }
}
