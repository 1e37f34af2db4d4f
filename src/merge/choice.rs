//! Fields that are one choice, merged as one value: of two handlers of a probe only one may stand.

use std::borrow::Cow;

use super::item::{Item, entry, tree};
use super::list::pattern;
use super::node::{Merger, Sides, same};
use super::{Side, Why};
use crate::kube::{Union, union_at};
use crate::yaml::{Data, FieldPath};

/// Whose choice stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    union: &'static Union,
    side: Side,
}

impl Choice {
    /// Whose field this is, if it is part of the choice.
    pub(super) fn side_of(self, name: &str) -> Option<Side> {
        self.union.members.contains(&name).then_some(self.side)
    }

    /// The members that a map has, with the value of the word; two maps in which these are the same
    /// merge field by field.
    fn made<'t>(union: &Union, item: Option<&'t Item<'_>>) -> Vec<(&'static str, Cow<'t, str>)> {
        let members = union.members.iter().filter_map(|name| {
            let value = item?.get(name)?;
            let is_word = union.word == Some(name);
            let word = value.scalar().filter(|_| is_word).unwrap_or_default();
            Some((*name, Cow::Borrowed(word)))
        });
        members.collect()
    }
}

impl<'d> Merger<'_, 'd> {
    /// Decides for all fields of a choice at once, where both sides do not make the same one.
    pub(super) fn choice(&mut self, sides: Sides<'_, 'd>, path: &FieldPath) -> Option<Choice> {
        let (ours, theirs) = (sides.ours?, sides.theirs?);
        if ours.same(theirs) {
            return None;
        }
        let union = union_at(&self.api_version, &self.kind, &pattern(path))?;
        let all = [sides.base, Some(ours), Some(theirs)];
        if Choice::made(union, all[1]) == Choice::made(union, all[2]) {
            return None;
        }
        // Where only one field is in question, it is one value anyway.
        let is_set =
            |name: &&'static str| all.iter().flatten().any(|item| item.get(name).is_some());
        let names: Vec<&'static str> = union.members.iter().copied().filter(is_set).collect();
        if names.len() < 2 {
            return None;
        }
        let member = |name: &str| Sides {
            base: sides.base.and_then(|item| item.get(name)),
            ours: ours.get(name),
            theirs: theirs.get(name),
        };
        let members: Vec<Sides<'_, 'd>> = names.iter().map(|name| member(name)).collect();
        let all_same = |two: fn(&Sides<'_, 'd>) -> bool| members.iter().all(two);
        let why = if all_same(|one| same(one.base, one.theirs)) {
            return Some(Choice {
                union,
                side: Side::Ours,
            });
        } else if all_same(|one| same(one.base, one.ours)) {
            let mut changed = members.iter().filter(|one| !same(one.ours, one.theirs));
            let Some(why) = changed.find_map(|one| self.obstacle(*one, ours)) else {
                return Some(Choice {
                    union,
                    side: Side::Theirs,
                });
            };
            why
        } else {
            Why::OneChoice(names.clone())
        };
        let values = all.map(|item| {
            let set = names
                .iter()
                .filter_map(|name| Some(entry(name, item?.get(name)?.tree())));
            let set: Vec<_> = set.collect();
            (!set.is_empty()).then(|| self.value(&tree(Data::Map(set))))
        });
        let mine = members.iter().find_map(|one| one.ours);
        let conflict = self.found(path, values, self.place(mine, ours), why);
        let changed = members.iter().filter(|one| !same(one.ours, one.theirs));
        let fixed = changed
            .filter_map(|one| self.obstacle(*one, ours))
            .find(Why::is_fixed);
        let side = self.ask(conflict, fixed);
        Some(Choice { union, side })
    }
}
