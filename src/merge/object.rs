//! The objects of a file, each merged on its own and proved.

use std::collections::BTreeMap;

use super::conflict::Lines;
use super::fold::Fate;
use super::item::Item;
use super::node::{Merger, Sides};
use super::piece::{Piece, Trio, matched, pieces};
use super::{Conflict, Decide, Side, Texts, Why};
use crate::diag::{Diagnostic, SourceId};
use crate::yaml::edit::{Page, apply, edits, line_end_of, prove};
use crate::yaml::{FieldPath, parse_one};

/// Merges object by object.
pub(super) fn merge(texts: Texts<'_>, decide: Decide<'_>) -> Result<String, Vec<Conflict>> {
    let lines = Lines::of(texts.ours);
    let ours = match pieces(texts.ours) {
        Ok(pieces) => pieces,
        Err((at, wrong)) => {
            let conflict = whole(&lines, at, Why::NotYaml(wrong));
            return match decide(&conflict) {
                Some(Side::Ours) => Ok(texts.ours.to_owned()),
                Some(Side::Theirs) => Ok(texts.theirs.replace('\n', line_end_of(texts.ours))),
                None => Err(vec![conflict]),
            };
        }
    };
    let (base, theirs) = match (pieces(texts.base), pieces(texts.theirs)) {
        (Ok(base), Ok(theirs)) => (base, theirs),
        // A render that is not YAML is a mistake of ours; the person's text is left alone.
        (Err((_, wrong)), _) | (_, Err((_, wrong))) => {
            return Err(vec![whole(&lines, 0, Why::NotYaml(wrong))]);
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
    let end = line_end_of(like);
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
            let id = piece.id.as_ref().map(ToString::to_string);
            Some(id.unwrap_or_else(|| "a document".to_owned()))
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
            (Some(_) | None, None) | (None, Some(_)) => false,
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
                        let end = line_end_of(ours.text);
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
            object: ours.id.as_ref().map(ToString::to_string),
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
