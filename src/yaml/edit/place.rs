//! Edits by field path: set, insert, remove; and a cutting of what stands somewhere.

use serde_json::Value;

use super::{Children, Cutting, Edit, Page, Patch, Refusal, apply, patched, prove};
use crate::yaml::{Data, Document, Entry, FieldPath, Kind, NodeRef, Step, Tree};

/// Where among its siblings something new is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    First,
    /// After this key.
    After(String),
    /// Before the item of this number.
    Before(usize),
    /// After all others.
    Last,
}

/// A node on the way down, and the number of the child that the way goes on to.
struct Way<'d> {
    /// The numbers of the children on the way.
    numbers: Vec<usize>,
    key: Option<NodeRef<'d>>,
    node: NodeRef<'d>,
}

impl Way<'_> {
    /// A patch of the node that was found, as a patch of the root.
    fn patch(&self, patch: Patch) -> Patch {
        let numbers = self.numbers.iter().rev();
        numbers.fold(patch, |patch, number| patch.below(*number))
    }
}

fn anchored(way: &Way<'_>) -> Refusal {
    Refusal::Anchored {
        span: way.node.span(),
    }
}

/// Goes down to `path`.
fn find<'d>(document: &'d Document, path: &FieldPath) -> Result<Way<'d>, Refusal> {
    let missing = || Refusal::NoSuchPlace { path: path.clone() };
    let mut way = Way {
        numbers: Vec::new(),
        key: None,
        node: document.root().ok_or_else(missing)?,
    };
    for step in &path.0 {
        if let Kind::Alias(_) = way.node.kind() {
            return Err(anchored(&way));
        }
        let (number, key, node) = match step {
            Step::Key(name) => {
                let mut entries = way.node.entries().enumerate();
                let found = entries.find(|(_, (key, _))| key.text() == name);
                let (number, (key, node)) = found.ok_or_else(missing)?;
                (number, Some(key), node)
            }
            Step::Index(index) => {
                let node = way.node.items().nth(*index).ok_or_else(missing)?;
                (*index, None, node)
            }
            Step::Item(_) => return Err(missing()),
        };
        way.numbers.push(number);
        way.key = key;
        way.node = node;
    }
    Ok(way)
}

/// What stands at `path`, comments and all, to be inserted somewhere else.
pub fn cut(document: &Document, path: &FieldPath) -> Result<Cutting, Refusal> {
    let way = find(document, path)?;
    Cutting::of(&Page::of(document), way.key, way.node)
}

/// Gives what stands at `path` another value. Comments above it and to its right stay.
pub fn set(document: &Document, path: &FieldPath, value: &Value) -> Result<String, Refusal> {
    let key = match path.0.last() {
        Some(Step::Key(key)) => Some(key.as_str()),
        Some(Step::Index(_) | Step::Item(_)) | None => None,
    };
    replace(document, path, Cutting::new(key, value)?)
}

/// The same with a value as the cutting has it.
pub fn replace(document: &Document, path: &FieldPath, cutting: Cutting) -> Result<String, Refusal> {
    let way = find(document, path)?;
    let page = Page::of(document);
    if is_same(&way, &cutting) {
        return Ok(document.text().to_owned());
    }
    patched(&page, &way.patch(Patch::becomes(cutting)))
}

fn is_same(way: &Way<'_>, cutting: &Cutting) -> bool {
    Tree::of(way.node).is_ok_and(|old| super::same_data(&old, cutting.data()))
}

/// Puts a new key, as the cutting has it, into the map at `parent`.
pub fn insert_key(
    document: &Document,
    parent: &FieldPath,
    cutting: Cutting,
    place: &Place,
) -> Result<String, Refusal> {
    let key = cutting.key().unwrap_or_default().to_owned();
    let path = parent.key(key.as_str());
    if document.root().is_none() && parent.0.is_empty() {
        return into_nothing(document, &cutting);
    }
    let way = find(document, parent)?;
    let refused = || Refusal::NoSuchPlace {
        path: parent.clone(),
    };
    if way.node.is_null() {
        // A key without a value takes a map; what stood there was nothing.
        let map = Value::Object([(key, tree_json(&cutting))].into_iter().collect());
        return set(document, parent, &map);
    }
    match way.node.kind() {
        Kind::Map => {}
        Kind::Alias(_) => return Err(anchored(&way)),
        Kind::Seq | Kind::Scalar(_) => return Err(refused()),
    }
    if way.node.get(&key).is_some() {
        return Err(Refusal::Occupied { path });
    }
    let count = way.node.entries().count();
    let number = match place {
        Place::First => 0,
        Place::Last => count,
        Place::Before(index) => (*index).min(count),
        Place::After(sibling) => {
            let mut entries = way.node.entries();
            let found = entries.position(|(key, _)| key.text() == sibling);
            found.map(|at| at + 1).ok_or_else(refused)?
        }
    };
    inserted(document, &way, number, cutting)
}

/// Puts a new item, as the cutting has it, into the list at `parent`.
pub fn insert_item(
    document: &Document,
    parent: &FieldPath,
    cutting: Cutting,
    place: &Place,
) -> Result<String, Refusal> {
    let way = find(document, parent)?;
    let refused = || Refusal::NoSuchPlace {
        path: parent.clone(),
    };
    if way.node.is_null() {
        return set(document, parent, &Value::Array(vec![tree_json(&cutting)]));
    }
    match way.node.kind() {
        Kind::Seq => {}
        Kind::Alias(_) => return Err(anchored(&way)),
        Kind::Map | Kind::Scalar(_) => return Err(refused()),
    }
    let count = way.node.items().count();
    let number = match place {
        Place::First => 0,
        Place::Last => count,
        Place::Before(index) => (*index).min(count),
        Place::After(_) => return Err(refused()),
    };
    inserted(document, &way, number, cutting)
}

fn inserted(
    document: &Document,
    way: &Way<'_>,
    number: usize,
    cutting: Cutting,
) -> Result<String, Refusal> {
    let mut children = Children::default();
    children.added.insert(number, vec![cutting]);
    patched(&Page::of(document), &way.patch(Patch::inside(children)))
}

fn tree_json(cutting: &Cutting) -> Value {
    let document = cutting.data().to_document();
    document.root().map_or(Value::Null, NodeRef::to_json)
}

/// The first key of a document of comments only, or of nothing.
fn into_nothing(document: &Document, cutting: &Cutting) -> Result<String, Refusal> {
    let text = document.text();
    let end = super::line_end_of(text);
    let glue = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        end
    };
    let lines = cutting.lines(0).replace('\n', end);
    let edit = Edit {
        span: text.len()..text.len(),
        text: format!("{glue}{lines}"),
    };
    let text = if glue.is_empty() {
        apply(text, &[edit])?
    } else {
        format!("{text}{}", edit.text)
    };
    let entry: Entry = cutting.entry().ok_or(Refusal::Unproved)?;
    let want = Tree {
        span: entry.span,
        data: Data::Map(vec![entry]),
    };
    prove(&text, &want)?;
    Ok(text)
}

/// Takes the key or item at `path` out, with the comments that belong to it. The last one leaves `{}`
/// or `[]`.
pub fn remove(document: &Document, path: &FieldPath) -> Result<String, Refusal> {
    let Some((_, above)) = path.0.split_last() else {
        return Err(Refusal::NoSuchPlace { path: path.clone() });
    };
    let whole = find(document, path)?;
    let number = whole.numbers.last().copied().unwrap_or_default();
    let way = find(document, &FieldPath(above.to_vec()))?;
    let mut children = Children::default();
    children.removed.insert(number);
    patched(&Page::of(document), &way.patch(Patch::inside(children)))
}
