//! The documents of a text, and which of one text is which of another.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use crate::diag::{Diagnostic, SourceId};
use crate::yaml::{Document, NodeRef, parse_one};

/// What an object is called: group, kind, namespace, name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    group: String,
    pub(super) kind: String,
    namespace: String,
    pub(super) name: String,
}

impl Id {
    /// What sort of object it is.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The namespace that it is in.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// One document of a text.
#[derive(Debug)]
pub(super) struct Piece<'t> {
    pub(super) range: Range<usize>,
    pub(super) text: &'t str,
    pub(super) document: Document,
    pub(super) id: Option<Id>,
}

/// The same object in the three texts, by the numbers of the pieces.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trio {
    pub(super) base: Option<usize>,
    pub(super) ours: Option<usize>,
    pub(super) theirs: Option<usize>,
}

/// The documents of a text, or where it is none and why.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece<'_>>, (usize, String)> {
    let mut starts = vec![0];
    let mut at = 0;
    let mut has_words = false;
    for line in text.split_inclusive('\n') {
        let words = line.trim_start_matches('\u{feff}').trim();
        let is_mark = line.starts_with("---")
            && line
                .get(3..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']));
        // Comments before the first mark belong to the document that it starts.
        if is_mark && has_words {
            starts.push(at);
        }
        has_words |= !words.is_empty() && !words.starts_with('#');
        at += line.len();
    }
    starts.push(text.len());
    let ranges = starts.windows(2).map(|pair| pair[0]..pair[1]);
    ranges
        .map(|range| {
            let place = |wrong: &Diagnostic| {
                let label = wrong.primary.as_ref();
                let at = label.map_or(0, |label| label.span.range().start);
                (range.start + at, wrong.message.clone())
            };
            let words = text.get(range.clone()).unwrap_or_default();
            let document = parse_one(SourceId::RENDERED, words);
            let document = document
                .map_err(|wrong| wrong.first().map_or((range.start, String::new()), place))?;
            if let Some(double) = document.doubles().first() {
                return Err(place(double));
            }
            let id = document.root().and_then(id);
            Ok(Piece {
                text: words,
                range,
                document,
                id,
            })
        })
        .collect()
}

/// Which object a text is, where it holds one and nothing else.
pub fn identity(text: &str) -> Option<Id> {
    let document = parse_one(SourceId::RENDERED, text).ok()?;
    id(document.root()?)
}

pub(super) fn id(root: NodeRef<'_>) -> Option<Id> {
    let word = |node: Option<NodeRef<'_>>| node.map(NodeRef::text).unwrap_or_default().to_owned();
    let api_version = word(root.get("apiVersion"));
    let kind = word(root.get("kind"));
    let metadata = root.get("metadata");
    if kind.is_empty() || api_version.is_empty() {
        return None;
    }
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    Some(Id {
        group: group.to_owned(),
        kind,
        namespace: word(metadata.and_then(|metadata| metadata.get("namespace"))),
        name: word(metadata.and_then(|metadata| metadata.get("name"))),
    })
}

/// Which object is which: by name, and the one that is left by being the one that is left.
pub(super) fn matched(base: &[Piece<'_>], ours: &[Piece<'_>], theirs: &[Piece<'_>]) -> Vec<Trio> {
    let mut mine = Pool::of(ours);
    let mut new = Pool::of(theirs);
    let mut trios: Vec<Trio> = full(base)
        .map(|(at, piece)| Trio {
            base: Some(at),
            ours: mine.take(piece.id.as_ref()),
            theirs: new.take(piece.id.as_ref()),
        })
        .collect();
    pair(&mut trios, base, ours, &mut mine, |trio| &mut trio.ours);
    pair(&mut trios, base, theirs, &mut new, |trio| &mut trio.theirs);
    for at in new.left {
        trios.push(Trio {
            base: None,
            ours: mine.take(theirs[at].id.as_ref()),
            theirs: Some(at),
        });
    }
    trios
}

/// Takes what one side renamed for what it was: the only one that is left on both, or the only one of
/// its kind.
fn pair(
    trios: &mut [Trio],
    base: &[Piece<'_>],
    pieces: &[Piece<'_>],
    pool: &mut Pool<'_>,
    side: fn(&mut Trio) -> &mut Option<usize>,
) {
    let lonely = trios
        .iter_mut()
        .filter_map(|trio| side(trio).is_none().then_some(trio));
    let mut lonely: Vec<&mut Trio> = lonely.collect();
    let [trio] = lonely.as_mut_slice() else {
        return;
    };
    let Some(old) = trio.base.and_then(|at| base.get(at)) else {
        return;
    };
    let found = pool.only(|at| is_of_kind(old, &pieces[at]));
    let found = found.or_else(|| pool.only(|_| true).filter(|at| alike(old, &pieces[*at])));
    if let Some(at) = found {
        *side(trio) = Some(at);
        pool.left.remove(&at);
    }
}

fn is_of_kind(one: &Piece<'_>, other: &Piece<'_>) -> bool {
    let kind = |piece: &Piece<'_>| {
        piece
            .id
            .as_ref()
            .map(|id| (id.group.clone(), id.kind.clone()))
    };
    kind(one).is_some() && kind(one) == kind(other)
}

/// The pieces that hold something.
fn full<'p, 't>(pieces: &'p [Piece<'t>]) -> impl Iterator<Item = (usize, &'p Piece<'t>)> {
    let numbered = pieces.iter().enumerate();
    numbered.filter(|(_, piece)| piece.document.root().is_some())
}

fn alike(one: &Piece<'_>, other: &Piece<'_>) -> bool {
    match (&one.id, &other.id) {
        (Some(one), Some(other)) => one.kind == other.kind,
        (None, _) | (_, None) => true,
    }
}

/// The pieces of one text that nobody has claimed.
struct Pool<'p> {
    by_id: BTreeMap<&'p Id, usize>,
    left: BTreeSet<usize>,
}

impl<'p> Pool<'p> {
    fn of(pieces: &'p [Piece<'_>]) -> Self {
        let mut by_id = BTreeMap::new();
        for (at, piece) in full(pieces) {
            if let Some(id) = &piece.id {
                by_id.entry(id).or_insert(at);
            }
        }
        Self {
            by_id,
            left: full(pieces).map(|(at, _)| at).collect(),
        }
    }

    fn take(&mut self, id: Option<&Id>) -> Option<usize> {
        let at = *self.by_id.get(id?)?;
        self.left.remove(&at).then_some(at)
    }

    /// The one that is left, of those that fit.
    fn only(&self, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let mut left = self.left.iter().copied().filter(|at| fits(*at));
        left.next().filter(|_| left.next().is_none())
    }
}
