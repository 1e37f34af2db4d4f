//! The objects of a file: which of one text is which of another, and each merged on its own.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::conflict::Lines;
use super::fold::Fate;
use super::item::Item;
use super::node::{Merger, Sides};
use super::{Conflict, Decide, Side, Texts, Why};
use crate::diag::{Diagnostic, SourceId};
use crate::yaml::edit::{Page, apply, edits, prove};
use crate::yaml::{Document, FieldPath, NodeRef, parse_one};

/// What an object is called: group, kind, namespace, name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Id {
    group: String,
    kind: String,
    namespace: String,
    name: String,
}

/// One document of a text.
#[derive(Debug)]
struct Piece<'t> {
    range: Range<usize>,
    text: &'t str,
    document: Document,
    id: Option<Id>,
}

/// The same object in the three texts, by the numbers of the pieces.
#[derive(Debug, Clone, Copy, Default)]
struct Trio {
    base: Option<usize>,
    ours: Option<usize>,
    theirs: Option<usize>,
}

/// Merges object by object.
pub(super) fn merge(texts: Texts<'_>, decide: Decide<'_>) -> Result<String, Vec<Conflict>> {
    let lines = Lines::of(texts.ours);
    let read = |text| pieces(text).map_err(|(at, wrong)| whole(&lines, at, Why::NotYaml(wrong)));
    let ours = match pieces(texts.ours) {
        Ok(pieces) => pieces,
        Err((at, wrong)) => {
            let conflict = whole(&lines, at, Why::NotYaml(wrong));
            return match decide(&conflict) {
                Some(Side::Ours) => Ok(texts.ours.to_owned()),
                Some(Side::Theirs) => Ok(texts.theirs.to_owned()),
                None => Err(vec![conflict]),
            };
        }
    };
    let (base, theirs) = match (read(texts.base), read(texts.theirs)) {
        (Ok(base), Ok(theirs)) => (base, theirs),
        (Err(mut conflict), _) | (_, Err(mut conflict)) => {
            // A render that is not YAML is a mistake of ours; the person's text is left alone.
            conflict.place = 0..0;
            (conflict.line, conflict.column) = (1, 1);
            return Err(vec![conflict]);
        }
    };
    let mut all = Objects {
        base: &base,
        ours: &ours,
        theirs: &theirs,
        lines: &lines,
        decide,
        open: Vec::new(),
    };
    let trios = matched(&base, &ours, &theirs);
    let known = trios.iter().filter_map(|trio| Some((trio.ours?, trio)));
    let known: BTreeMap<usize, &Trio> = known.collect();
    let mut out = String::with_capacity(texts.ours.len());
    for (at, piece) in ours.iter().enumerate() {
        match known.get(&at) {
            Some(trio) => out.push_str(&all.one(**trio, piece)),
            None => out.push_str(piece.text),
        }
    }
    for trio in trios.iter().filter(|trio| trio.ours.is_none()) {
        if let Some(text) = all.missing(*trio) {
            append(&mut out, text, texts.ours);
        }
    }
    if all.open.is_empty() {
        Ok(out)
    } else {
        Err(all.open)
    }
}

/// A conflict of everything at once.
fn whole(lines: &Lines<'_>, at: usize, why: Why) -> Conflict {
    let (line, column) = lines.place(at);
    Conflict {
        object: None,
        path: FieldPath::default(),
        base: None,
        ours: None,
        theirs: None,
        why,
        place: at..at,
        line,
        column,
    }
}

/// Puts one more document behind others.
fn append(out: &mut String, text: &str, like: &str) {
    let end = crate::yaml::edit::line_end_of(like);
    let words = text.strip_prefix("---\n").unwrap_or(text);
    if !out.trim().is_empty() {
        if !out.ends_with('\n') {
            out.push_str(end);
        }
        out.push_str("---");
        out.push_str(end);
    }
    out.push_str(&words.replace('\n', end));
}

/// The documents of a text, or where it is none and why.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, (usize, String)> {
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

fn id(root: NodeRef<'_>) -> Option<Id> {
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
fn matched(base: &[Piece<'_>], ours: &[Piece<'_>], theirs: &[Piece<'_>]) -> Vec<Trio> {
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

/// Takes what one side renamed for what it was: the only one that is left on both.
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
    let ([trio], Some(at)) = (lonely.as_mut_slice(), pool.only()) else {
        return;
    };
    let old = trio.base.and_then(|at| base.get(at));
    if old.is_some_and(|old| alike(old, &pieces[at])) {
        *side(trio) = Some(at);
        pool.left.clear();
    }
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

    fn only(&self) -> Option<usize> {
        let mut left = self.left.iter();
        left.next().copied().filter(|_| left.next().is_none())
    }
}

/// All objects of the three texts.
struct Objects<'a> {
    base: &'a [Piece<'a>],
    ours: &'a [Piece<'a>],
    theirs: &'a [Piece<'a>],
    lines: &'a Lines<'a>,
    decide: Decide<'a>,
    open: Vec<Conflict>,
}

impl<'a> Objects<'a> {
    fn ask(&mut self, conflict: Conflict) -> Side {
        (self.decide)(&conflict).unwrap_or_else(|| {
            self.open.push(conflict);
            Side::Ours
        })
    }

    fn conflict(&self, trio: Trio, why: Why) -> Conflict {
        let name = |pieces: &[Piece<'_>], at: Option<usize>| {
            let piece = pieces.get(at?)?;
            Some(piece.id.as_ref().map_or_else(
                || "a document".to_owned(),
                |id| format!("{}/{}", id.kind, id.name),
            ))
        };
        let at = trio.ours.and_then(|at| self.ours.get(at));
        let words = |piece: &Piece<'_>| {
            let root = piece
                .document
                .root()
                .map_or(0, |root| root.span().range().start);
            piece.range.start + root
        };
        let (base, ours) = (name(self.base, trio.base), name(self.ours, trio.ours));
        let theirs = name(self.theirs, trio.theirs);
        Conflict {
            object: ours
                .clone()
                .or_else(|| base.clone())
                .or_else(|| theirs.clone()),
            base,
            ours,
            theirs,
            ..whole(self.lines, at.map_or(0, words), why)
        }
    }

    /// An object that the person's file does not have: its text, if it comes.
    fn missing(&mut self, trio: Trio) -> Option<&'a str> {
        let theirs = self.theirs.get(trio.theirs?)?;
        let Some(base) = trio.base.and_then(|at| self.base.get(at)) else {
            return Some(theirs.text);
        };
        let item = |piece: &Piece<'_>| {
            let root = piece.document.root()?;
            Some(Item::of(root).ok()?.tree())
        };
        let same = match (item(base), item(theirs)) {
            (Some(base), Some(theirs)) => crate::yaml::edit::same_data(&base, &theirs),
            (Some(_), None) | (None, Some(_)) | (None, None) => false,
        };
        if same {
            return None;
        }
        let conflict = self.conflict(trio, Why::OursGone);
        match self.ask(conflict) {
            Side::Ours => None,
            Side::Theirs => Some(theirs.text),
        }
    }

    /// The text of an object that the person's file has.
    fn one(&mut self, trio: Trio, ours: &Piece<'_>) -> String {
        let base = trio.base.and_then(|at| self.base.get(at));
        let Some(theirs) = trio.theirs.and_then(|at| self.theirs.get(at)) else {
            return self.gone(trio, ours);
        };
        match self.merged(base, ours, theirs) {
            Ok(text) => text,
            Err(why) => {
                let conflict = self.conflict(trio, why);
                match self.ask(conflict) {
                    Side::Ours => ours.text.to_owned(),
                    Side::Theirs => {
                        let end = crate::yaml::edit::line_end_of(ours.text);
                        let has_mark = ours.text.starts_with("---");
                        let words = theirs.text.strip_prefix("---\n").unwrap_or(theirs.text);
                        let mark = if has_mark { "---\n" } else { "" };
                        format!("{mark}{words}").replace('\n', end)
                    }
                }
            }
        }
    }

    /// An object that the new render does not have.
    fn gone(&mut self, trio: Trio, ours: &Piece<'_>) -> String {
        let untouched = trio
            .base
            .and_then(|at| self.base.get(at))
            .is_some_and(|base| {
                let plain = |text: &str| {
                    text.replace("\r\n", "\n")
                        .trim_start_matches("---\n")
                        .trim_end()
                        .to_owned()
                };
                plain(base.text) == plain(ours.text)
            });
        if untouched {
            return String::new();
        }
        let conflict = self.conflict(trio, Why::TheirsGone);
        match self.ask(conflict) {
            Side::Ours => ours.text.to_owned(),
            Side::Theirs => String::new(),
        }
    }

    fn merged(
        &mut self,
        base: Option<&Piece<'_>>,
        ours: &Piece<'_>,
        theirs: &Piece<'_>,
    ) -> Result<String, Why> {
        let pages = (
            base.map(|piece| Page::of(&piece.document)),
            Page::of(&ours.document),
            Page::of(&theirs.document),
        );
        let unreadable = |wrong: Box<Diagnostic>| Why::NotYaml(wrong.message);
        let mine = ours
            .document
            .root()
            .map(Item::of)
            .transpose()
            .map_err(unreadable)?;
        let new = theirs
            .document
            .root()
            .map(Item::of)
            .transpose()
            .map_err(unreadable)?;
        let old = base.and_then(|piece| piece.document.root());
        let old = old.map(Item::of).transpose().map_err(unreadable)?;
        let (Some(mine), Some(new)) = (mine, new) else {
            return Err(Why::BothChanged);
        };
        let word = |name: &str| mine.get(name).and_then(Item::scalar).unwrap_or_default();
        let mut merger = Merger {
            base: pages.0.as_ref(),
            ours: &pages.1,
            theirs: &pages.2,
            object: ours
                .id
                .as_ref()
                .map(|id| format!("{}/{}", id.kind, id.name)),
            api_version: word("apiVersion").to_owned(),
            kind: word("kind").to_owned(),
            offset: ours.range.start,
            lines: self.lines,
            decide: self.decide,
            open: Vec::new(),
            took_theirs: false,
        };
        let sides = Sides {
            base: old.as_ref(),
            ours: Some(&mine),
            theirs: Some(&new),
        };
        let fate = merger.node(sides, &FieldPath::default(), &mine);
        let took_theirs = merger.took_theirs;
        let open = std::mem::take(&mut merger.open);
        let has_open = !open.is_empty();
        self.open.extend(open);
        if has_open {
            return Ok(ours.text.to_owned());
        }
        let fate = fate.ok_or(Why::Unproved)?;
        let text = written(&fate, &pages.1, &pages.2).ok_or(Why::Unproved)?;
        // Whoever decides for the render gives up what stood there.
        if took_theirs || keeps_comments(&text, &pages.1, pages.0.as_ref()) {
            Ok(text)
        } else {
            Err(Why::Comment)
        }
    }
}

/// The person's text with the merge in it, if it can be proved.
fn written<'d>(fate: &Fate<'_, 'd>, ours: &Page<'d>, theirs: &Page<'d>) -> Option<String> {
    let patch = fate.patch(theirs).ok()?;
    let text = apply(ours.document().text(), &edits(ours, &patch).ok()?).ok()?;
    prove(&text, &fate.tree()).ok()?;
    Some(text)
}

/// Whether every comment of the person is still there.
fn keeps_comments(text: &str, ours: &Page<'_>, base: Option<&Page<'_>>) -> bool {
    let Ok(document) = parse_one(SourceId::RENDERED, text) else {
        return false;
    };
    let page = Page::of(&document);
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for comment in page
        .comments()
        .chain(base.into_iter().flat_map(Page::comments))
    {
        *left.entry(comment).or_default() += 1;
    }
    ours.comments().all(|comment| match left.get_mut(comment) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        Some(_) | None => false,
    })
}
