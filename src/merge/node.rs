//! The three-way rule for one value and all below it. Missing, null and empty are three things.

use std::collections::BTreeMap;
use std::ops::Range;

use super::conflict::Lines;
use super::fold::{Child, Fate};
use super::item::{Item, What};
use super::{Conflict, Decide, Side, Why, list};
use crate::yaml::edit::{Page, Refusal, Right, flow_text};
use crate::yaml::{Data, FieldPath, Tree};

/// Merges one object.
pub(super) struct Merger<'a, 'd> {
    pub(super) base: Option<&'a Page<'d>>,
    pub(super) ours: &'a Page<'d>,
    pub(super) theirs: &'a Page<'d>,
    /// What the object is called.
    pub(super) object: Option<String>,
    pub(super) api_version: String,
    pub(super) kind: String,
    /// Where the object starts in the person's file.
    pub(super) offset: usize,
    pub(super) lines: &'a Lines<'a>,
    pub(super) decide: Decide<'a>,
    pub(super) open: Vec<Conflict>,
    /// A decision went to the new render.
    pub(super) took_theirs: bool,
}

/// The three sides of one value.
#[derive(Clone, Copy)]
pub(super) struct Sides<'t, 'd> {
    pub(super) base: Option<&'t Item<'d>>,
    pub(super) ours: Option<&'t Item<'d>>,
    pub(super) theirs: Option<&'t Item<'d>>,
}

impl<'t, 'd> Sides<'t, 'd> {
    /// What one side wants.
    fn of(self, side: Side) -> Option<Fate<'t, 'd>> {
        match side {
            Side::Ours => self.ours.map(Fate::Stays),
            Side::Theirs => self.theirs.map(Fate::Comes),
        }
    }
}

/// Where the children of a value stand, and which of them are decided already.
#[derive(Clone, Copy)]
struct Places<'a> {
    /// The path of a child.
    step: &'a dyn Fn(&str) -> FieldPath,
    /// Whose child it is, where that is not the child's own business.
    settled: &'a dyn Fn(&str) -> Option<Side>,
}

pub(super) fn same(one: Option<&Item<'_>>, other: Option<&Item<'_>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.same(other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

impl<'d> Merger<'_, 'd> {
    /// What becomes of a value; nothing if it goes or stays away. `around` is what it stands in.
    pub(super) fn node<'t>(
        &mut self,
        sides: Sides<'t, 'd>,
        path: &FieldPath,
        around: &Item<'d>,
    ) -> Option<Fate<'t, 'd>> {
        let Sides { base, ours, theirs } = sides;
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && let Some(fate) = self.inside(base, ours, theirs, path)
        {
            return Some(fate);
        }
        if same(ours, theirs) || same(base, theirs) {
            return sides.of(Side::Ours);
        }
        if !same(base, ours) {
            let why = match (ours, theirs) {
                (None, _) => Why::OursGone,
                (_, None) => Why::TheirsGone,
                (Some(_), Some(_)) => Why::BothChanged,
            };
            return self.conflict(sides, path, around, why);
        }
        match self.obstacle(sides, around) {
            None => sides.of(Side::Theirs),
            Some(why) => self.conflict(sides, path, around, why),
        }
    }

    /// Merges the children, where both sides have a map or a list whose items can be told apart.
    fn inside<'t>(
        &mut self,
        base: Option<&'t Item<'d>>,
        ours: &'t Item<'d>,
        theirs: &'t Item<'d>,
        path: &FieldPath,
    ) -> Option<Fate<'t, 'd>> {
        let children = match (&ours.what, &theirs.what) {
            (What::Map(mine), What::Map(new)) => {
                let old = match base.map(Item::map) {
                    Some(old) => old?,
                    None => &[],
                };
                let named = |items: &'t [Item<'d>]| -> Vec<(&'t str, &'t Item<'d>)> {
                    items
                        .iter()
                        .map(|item| (item.name.as_ref(), item))
                        .collect()
                };
                let sides = Sides {
                    base,
                    ours: Some(ours),
                    theirs: Some(theirs),
                };
                let choice = self.choice(sides, path);
                let (old, mine, new) = (named(old), named(mine), named(new));
                let places = Places {
                    step: &|name| path.key(name),
                    settled: &|name| choice.as_ref()?.side_of(name),
                };
                self.children(&old, &mine, &new, places, ours)
            }
            (What::Seq(mine), What::Seq(new)) => {
                let old = match base.map(Item::seq) {
                    Some(old) => old?,
                    None => &[],
                };
                let kind = (self.api_version.as_str(), self.kind.as_str());
                let names = list::names(kind, path, old, mine, new)?;
                let pairs = |names: &[String], items: &'t [Item<'d>]| {
                    names.iter().cloned().zip(items).collect::<Vec<_>>()
                };
                let (old, mine, new) = (
                    pairs(&names.base, old),
                    pairs(&names.ours, mine),
                    pairs(&names.theirs, new),
                );
                let places = Places {
                    step: &|name| path.item(name),
                    settled: &|_| None,
                };
                self.children(&old, &mine, &new, places, ours)
            }
            (What::Scalar(..) | What::Seq(_) | What::Map(_), _) => return None,
        };
        Some(Fate::Inside(ours, children))
    }

    /// Merges children by name: in the person's order, and what is new after the sibling that it
    /// follows in the new render.
    fn children<'t, N: AsRef<str>>(
        &mut self,
        old: &[(N, &'t Item<'d>)],
        mine: &[(N, &'t Item<'d>)],
        new: &[(N, &'t Item<'d>)],
        places: Places<'_>,
        around: &'t Item<'d>,
    ) -> Vec<Child<'t, 'd>> {
        let fate =
            |merger: &mut Self, name: &str, sides: Sides<'t, 'd>| match (places.settled)(name) {
                Some(side) => sides.of(side),
                None => merger.node(sides, &(places.step)(name), around),
            };
        let by_name = |items: &[(N, &'t Item<'d>)]| -> BTreeMap<String, (usize, &'t Item<'d>)> {
            let numbered = items.iter().enumerate();
            numbered
                .map(|(at, (name, item))| (name.as_ref().to_owned(), (at, *item)))
                .collect()
        };
        let (old_by, mine_by, new_by) = (by_name(old), by_name(mine), by_name(new));
        let find = |items: &BTreeMap<String, (usize, &'t Item<'d>)>, name: &str| {
            items.get(name).map(|(_, item)| *item)
        };
        // What comes, by the number of the person's child that it follows.
        let mut coming: BTreeMap<Option<usize>, Vec<Child<'t, 'd>>> = BTreeMap::new();
        let mut after = None;
        for (name, item) in new {
            let name = name.as_ref();
            if let Some((at, _)) = mine_by.get(name) {
                after = Some(*at);
                continue;
            }
            let sides = Sides {
                base: find(&old_by, name),
                ours: None,
                theirs: Some(item),
            };
            let fate = fate(self, name, sides);
            coming.entry(after).or_default().push(Child {
                name: item.name.as_ref(),
                ours: None,
                fate,
                above: None,
                right: Right::Stays,
            });
        }
        let mut children = coming.remove(&None).unwrap_or_default();
        for (at, (name, item)) in mine.iter().enumerate() {
            let name = name.as_ref();
            let sides = Sides {
                base: find(&old_by, name),
                ours: Some(item),
                theirs: find(&new_by, name),
            };
            let fate = fate(self, name, sides);
            let (above, right) = match &fate {
                Some(_) => self.comments(sides),
                None => (None, Right::Stays),
            };
            children.push(Child {
                name: item.name.as_ref(),
                ours: Some(item),
                fate,
                above,
                right,
            });
            children.extend(coming.remove(&Some(at)).unwrap_or_default());
        }
        children
    }

    /// The comments that the new render changed and the person did not.
    fn comments(&self, sides: Sides<'_, 'd>) -> (Option<Vec<String>>, Right) {
        let nodes = |side: Option<&Item<'d>>| side.and_then(|item| item.node);
        let (Some(old), Some(mine), Some(new), Some(base)) = (
            nodes(sides.base),
            nodes(sides.ours),
            nodes(sides.theirs),
            self.base,
        ) else {
            return (None, Right::Stays);
        };
        let have_above =
            base.takes_above(old) && self.ours.takes_above(mine) && self.theirs.takes_above(new);
        let (was, is, comes) = (
            base.above(old),
            self.ours.above(mine),
            self.theirs.above(new),
        );
        let above = (have_above && was == is && was != comes)
            .then(|| comes.into_iter().map(str::to_owned).collect());
        let have_right = self.ours.takes_right(mine) && self.theirs.takes_right(new);
        let (was, is, comes) = (
            base.right(old),
            self.ours.right(mine),
            self.theirs.right(new),
        );
        let right = match comes {
            _ if !have_right || was != is || was == comes => Right::Stays,
            Some(words) => Right::Becomes(words.to_owned()),
            None => Right::Goes,
        };
        (above, right)
    }

    /// What stands against taking the new render's value, or its absence.
    pub(super) fn obstacle(&self, sides: Sides<'_, 'd>, around: &Item<'d>) -> Option<Why> {
        let refused = |result: Result<(), Refusal>| match result {
            Ok(()) => None,
            Err(Refusal::Anchored { .. }) => Some(Why::Anchor),
            Err(_) => Some(Why::Unclear),
        };
        let Some(ours) = sides.ours else {
            let Some(node) = around.node else {
                return Some(Why::Anchor);
            };
            return refused(self.ours.check_inside(node));
        };
        let Some(node) = ours.node else {
            return Some(Why::Anchor);
        };
        if let Some(why) = refused(self.ours.check_whole(node)) {
            return Some(why);
        }
        let goes = sides.theirs.is_none();
        if goes
            && let Some(why) = around
                .node
                .and_then(|node| refused(self.ours.check_inside(node)))
        {
            return Some(why);
        }
        // A comment goes with its value only if it is not the person's own.
        let (mine, was) = match (goes, sides.base.and_then(|item| item.node), self.base) {
            (true, Some(old), Some(base)) => (self.ours.comments_of(node), base.comments_of(old)),
            (false, Some(old), Some(base)) if ours.scalar().is_none() => {
                (self.ours.comments_inside(node), base.comments_inside(old))
            }
            (true | false, ..) => return None,
        };
        let mut left = was;
        for comment in mine {
            match left.iter().position(|old| *old == comment) {
                Some(at) => left.swap_remove(at),
                None => return Some(Why::Comment),
            };
        }
        None
    }

    /// Asks for a decision; without one the conflict stays open.
    fn conflict<'t>(
        &mut self,
        sides: Sides<'t, 'd>,
        path: &FieldPath,
        around: &Item<'d>,
        why: Why,
    ) -> Option<Fate<'t, 'd>> {
        let value = |item: Option<&Item<'d>>| Some(self.value(&item?.tree()));
        let values = [sides.base, sides.ours, sides.theirs].map(value);
        let conflict = self.found(path, values, self.place(sides.ours, around), why);
        // The render's value can be wanted and still not be had.
        let fixed = self.obstacle(sides, around).filter(Why::is_fixed);
        sides.of(self.ask(conflict, fixed))
    }

    /// A value as a conflict shows it.
    pub(super) fn value(&self, value: &Tree) -> String {
        match &value.data {
            Data::Scalar(..) if self.kind == "Secret" => "(not shown)".to_owned(),
            _ if self.kind == "Secret" => "(values not shown)".to_owned(),
            Data::Scalar(..) | Data::Seq(_) | Data::Map(_) => flow_text(value),
        }
    }

    /// A conflict about a place of this object; the values are those of base, ours and theirs.
    pub(super) fn found(
        &self,
        path: &FieldPath,
        [base, ours, theirs]: [Option<String>; 3],
        place: Range<usize>,
        why: Why,
    ) -> Conflict {
        let (line, column) = self.lines.place(place.start);
        Conflict {
            object: self.object.clone(),
            path: path.clone(),
            base,
            ours,
            theirs,
            why,
            place,
            line,
            column,
        }
    }

    /// Whose side a conflict is decided for. Where nobody decides it, or for the render where that cannot
    /// be because of what is `fixed`, it stays open: ours stands, and no open merge is ever written.
    pub(super) fn ask(&mut self, mut conflict: Conflict, fixed: Option<Why>) -> Side {
        match ((self.decide)(&conflict), fixed) {
            (Some(Side::Ours), _) => return Side::Ours,
            (Some(Side::Theirs), None) => {
                self.took_theirs = true;
                return Side::Theirs;
            }
            (Some(Side::Theirs), Some(why)) => conflict.why = why,
            (None, _) => {}
        }
        self.open.push(conflict);
        Side::Ours
    }

    /// Where a value is in the person's file, or what it would stand in.
    pub(super) fn place(&self, item: Option<&Item<'d>>, around: &Item<'d>) -> Range<usize> {
        let node = item.and_then(|item| item.node).or(around.node);
        let range = node.map_or(0..0, |node| self.ours.entry_range(node));
        self.offset + range.start..self.offset + range.end
    }
}
