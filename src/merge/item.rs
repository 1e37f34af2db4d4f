//! A document as a merge looks at it: data that knows where it is written, if it is written here.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::diag::{Diagnostic, SourceId, Span};
use crate::yaml::{Data, Entry, Kind, NodeRef, Resolved, Style, Tree, means};

/// A value, and all below it.
#[derive(Debug)]
pub(super) struct Item<'d> {
    /// Its name in a map.
    pub(super) name: Cow<'d, str>,
    /// Its key in the text.
    pub(super) key: Option<NodeRef<'d>>,
    /// Its place in the text; nothing if an alias or a merge key brought it.
    pub(super) node: Option<NodeRef<'d>>,
    /// Its number among its siblings in the text.
    pub(super) number: usize,
    /// What it is.
    pub(super) what: What<'d>,
    /// Differs where the data does, nearly always.
    hash: u64,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum What<'d> {
    Scalar(Cow<'d, str>, Style),
    Seq(Vec<Item<'d>>),
    Map(Vec<Item<'d>>),
}

impl<'d> Item<'d> {
    /// The value of a node, aliases unfolded.
    pub(super) fn of(node: NodeRef<'d>) -> Result<Self, Box<Diagnostic>> {
        let what = match node.kind() {
            Kind::Scalar(style) => What::Scalar(Cow::Borrowed(node.text()), style),
            Kind::Alias(_) => Self::unfolded(Tree::of(node)?),
            Kind::Seq => {
                let items = node.items().enumerate().map(|(number, item)| {
                    Ok(Self {
                        number,
                        ..Self::of(item)?
                    })
                });
                What::Seq(items.collect::<Result<_, Box<Diagnostic>>>()?)
            }
            Kind::Map => What::Map(Self::entries(node)?),
        };
        Ok(Self::new(Some(node), what))
    }

    fn entries(node: NodeRef<'d>) -> Result<Vec<Self>, Box<Diagnostic>> {
        let mut items = Vec::new();
        let mut merges = false;
        for (number, (key, value)) in node.entries().enumerate() {
            if key.kind() == Kind::Scalar(Style::Plain) && key.text() == "<<" {
                merges = true;
                continue;
            }
            if !matches!(key.kind(), Kind::Scalar(_)) {
                let message = "a key must be a plain word here, not a list, a map or an alias";
                return Err(Box::new(Diagnostic::error(message).at(key.span())));
            }
            items.push(Self {
                number,
                name: Cow::Borrowed(key.text()),
                key: Some(key),
                ..Self::of(value)?
            });
        }
        if merges && let Data::Map(entries) = Tree::of(node)?.data {
            let written = items.len();
            for entry in entries {
                if !items[..written].iter().any(|item| item.name == entry.key) {
                    items.push(Self {
                        name: Cow::Owned(entry.key),
                        ..Self::new(None, Self::unfolded(entry.value))
                    });
                }
            }
        }
        Ok(items)
    }

    /// Data that is not written here.
    fn unfolded(tree: Tree) -> What<'d> {
        let item = |value: Tree| Self::new(None, Self::unfolded(value));
        match tree.data {
            Data::Scalar(text, style) => What::Scalar(Cow::Owned(text), style),
            Data::Seq(items) => What::Seq(items.into_iter().map(item).collect()),
            Data::Map(entries) => What::Map(
                entries
                    .into_iter()
                    .map(|entry| Self {
                        name: Cow::Owned(entry.key),
                        ..item(entry.value)
                    })
                    .collect(),
            ),
        }
    }

    fn new(node: Option<NodeRef<'d>>, what: What<'d>) -> Self {
        let hash = what.hash();
        Self {
            name: Cow::Borrowed(""),
            key: None,
            node,
            number: 0,
            what,
            hash,
        }
    }

    /// The children of a map; nothing for anything else.
    pub(super) fn map(&self) -> Option<&[Self]> {
        match &self.what {
            What::Map(items) => Some(items),
            What::Seq(_) | What::Scalar(..) => None,
        }
    }

    /// The items of a list; nothing for anything else.
    pub(super) fn seq(&self) -> Option<&[Self]> {
        match &self.what {
            What::Seq(items) => Some(items),
            What::Map(_) | What::Scalar(..) => None,
        }
    }

    /// What stands under a name of a map.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.map()?.iter().find(|item| item.name == name)
    }

    /// What a scalar says; nothing for anything else.
    pub(super) fn scalar(&self) -> Option<&str> {
        match &self.what {
            What::Scalar(text, _) => Some(text),
            What::Seq(_) | What::Map(_) => None,
        }
    }

    /// The data alone.
    pub(super) fn tree(&self) -> Tree {
        let data = match &self.what {
            What::Scalar(text, style) => Data::Scalar(text.clone().into_owned(), *style),
            What::Seq(items) => Data::Seq(items.iter().map(Self::tree).collect()),
            What::Map(items) => Data::Map(
                items
                    .iter()
                    .map(|item| entry(&item.name, item.tree()))
                    .collect(),
            ),
        };
        tree(data)
    }

    /// Whether both say the same, however they are written.
    pub(super) fn same(&self, other: &Self) -> bool {
        if self.hash != other.hash {
            return false;
        }
        match (&self.what, &other.what) {
            (What::Scalar(one, style), What::Scalar(two, other_style)) => {
                value(one, *style) == value(two, *other_style)
            }
            (What::Seq(one), What::Seq(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two))
            }
            (What::Map(one), What::Map(two)) => {
                let in_order = one.len() == two.len()
                    && one.iter().zip(two).all(|(one, two)| one.name == two.name);
                if in_order {
                    one.iter().zip(two).all(|(one, two)| one.same(two))
                } else {
                    crate::yaml::edit::same_data(&self.tree(), &other.tree())
                }
            }
            (What::Scalar(..) | What::Seq(_) | What::Map(_), _) => false,
        }
    }
}

/// Data that stands nowhere.
pub(super) fn tree(data: Data) -> Tree {
    Tree {
        span: Span::new(SourceId::RENDERED, 0, 0),
        data,
    }
}

/// A key and its value that stand nowhere.
pub(super) fn entry(name: &str, value: Tree) -> Entry {
    Entry {
        key: name.to_owned(),
        span: value.span,
        value,
    }
}

/// What a scalar is, so that equal ones are equal.
#[derive(PartialEq, Eq, Hash)]
enum Value<'t> {
    Null,
    Bool(bool),
    Int(i128),
    Float(u64),
    Str(&'t str),
}

fn value(text: &str, style: Style) -> Value<'_> {
    match means(text, style) {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => Value::Bool(value),
        Resolved::Int(value) => Value::Int(value),
        Resolved::Float(value) => Value::Float(value.to_bits()),
        Resolved::Str => Value::Str(text),
    }
}

impl What<'_> {
    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self {
            Self::Scalar(text, style) => value(text, *style).hash(&mut hasher),
            Self::Seq(items) => {
                "list".hash(&mut hasher);
                for item in items {
                    item.hash.hash(&mut hasher);
                }
            }
            Self::Map(items) => {
                // The order of keys says nothing.
                let mut sum = 0_u64;
                for item in items {
                    let mut own = DefaultHasher::new();
                    item.name.hash(&mut own);
                    item.hash.hash(&mut own);
                    sum = sum.wrapping_add(own.finish());
                }
                "map".hash(&mut hasher);
                sum.hash(&mut hasher);
            }
        }
        hasher.finish()
    }
}
