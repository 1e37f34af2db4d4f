//! Whether what became of a tree is right, held against what the person had and what is rendered.

use std::collections::{BTreeMap, BTreeSet};

use prodgen::merge::{Side, Why};
use serde_json::Value;

use super::command::{Named, keys};
use super::leaves::{Found, compare, decodes, documents, touch};

/// A file on all sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) path: &'a str,
    pub(super) base: Option<&'a str>,
    pub(super) ours: Option<&'a str>,
    pub(super) theirs: Option<&'a str>,
    pub(super) after: Option<&'a str>,
    pub(super) named: &'a [Named],
    pub(super) accept: Option<Side>,
}

/// The words that only the person wrote.
pub(super) fn marks(text: &str) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for (at, _) in text.match_indices("mine-") {
        let rest = &text[at..];
        let end = rest.find('x').unwrap_or(rest.len());
        *found.entry(&rest[..end]).or_default() += 1;
    }
    found
}

fn lines(text: &str) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        *found.entry(line.trim()).or_default() += 1;
    }
    found
}

fn is_crlf(text: &str) -> bool {
    let crlf = text.matches("\r\n").count();
    crlf > 0 && crlf == text.matches('\n').count()
}

/// Whether two texts are the same but for line ends that are the same all through.
pub(super) fn same(ours: &str, other: &str) -> bool {
    ours == other || (is_crlf(ours) && ours.replace("\r\n", "\n") == other)
}

impl Case<'_> {
    /// What is wrong with a file after a command that wrote.
    pub(super) fn wrong(&self) -> Option<String> {
        let Self {
            base,
            ours,
            theirs,
            after,
            ..
        } = *self;
        let must = |good: bool, words: &str| (!good).then(|| words.to_owned());
        let is = |text: Option<&str>, want: &str| text.is_some_and(|text| same(text, want));
        let Some(mine) = ours else {
            return match (base, theirs) {
                (None, Some(theirs)) => must(after == Some(theirs), "a new file is not the render"),
                _ => must(after.is_none(), "a deleted file came back"),
            };
        };
        let untouched = base.is_some_and(|base| same(mine, base));
        let Some(theirs) = theirs else {
            return if untouched {
                must(after.is_none(), "an unedited file stayed")
            } else {
                must(
                    after == ours,
                    "an edited file that is no longer made changed",
                )
            };
        };
        if untouched || same(mine, theirs) {
            let good =
                is(after, theirs) && after.is_some_and(|after| is_crlf(after) == is_crlf(mine));
            return must(good, "an unedited file is not the render");
        }
        let Some(base) = base else {
            return match self.accept {
                None => Some("a file in the way, and nobody said so".to_owned()),
                Some(Side::Ours) => must(after == ours, "the person's file was replaced"),
                Some(Side::Theirs) => must(is(after, theirs), "the render was not taken"),
            };
        };
        if base == theirs {
            return must(after == ours, "nothing new to bring, and the file changed");
        }
        let Some(after) = after else {
            return Some("an edited file is gone".to_owned());
        };
        self.merged([base, mine, theirs, after])
    }

    fn merged(&self, [base, ours, theirs, after]: [&str; 4]) -> Option<String> {
        if is_crlf(ours) != is_crlf(after) {
            return Some("line ends changed".to_owned());
        }
        let takes_theirs = self.accept == Some(Side::Theirs) && !self.named.is_empty();
        if !takes_theirs {
            // What the person wrote into the spec is the render's here.
            let (was, is, left) = (marks(base), marks(ours), marks(after));
            let mut own = is.iter().filter(|(mark, _)| !was.contains_key(*mark));
            if let Some((mark, _)) = own.find(|(mark, count)| left.get(*mark).unwrap_or(&0) < count)
            {
                return Some(format!("`{mark}` is lost"));
            }
        }
        let (Some(old), Some(mine), Some(new)) =
            (documents(base), documents(ours), documents(theirs))
        else {
            // What is not YAML is taken or left as a whole.
            let is_whole = after == ours || (takes_theirs && same(after, theirs));
            return (!is_whole).then(|| "a garbled file was edited".to_owned());
        };
        let Some(got) = documents(after) else {
            return Some("the result is no YAML".to_owned());
        };
        if decodes(ours) && !decodes(after) {
            return Some("the result does not decode".to_owned());
        }
        self.objects(&old[0], &mine, &new[0], &got)
    }

    /// The one rendered object, and those that the person put beside it.
    fn objects(&self, old: &Value, mine: &[Value], new: &Value, got: &[Value]) -> Option<String> {
        let [one] = mine
            .iter()
            .enumerate()
            .filter(|(_, value)| value["kind"] == old["kind"])
            .map(|(at, _)| at)
            .collect::<Vec<_>>()[..]
        else {
            return None;
        };
        if mine.len() != got.len() {
            return Some(format!("{} documents became {}", mine.len(), got.len()));
        }
        for (at, (mine, got)) in mine.iter().zip(got).enumerate() {
            if at != one && mine != got {
                return Some("a document of the person's changed".to_owned());
            }
        }
        let found = compare(old, &mine[one], new, &got[one]);
        let takes_theirs = self.accept == Some(Side::Theirs) && !self.named.is_empty();
        let sides = [self.base?, self.ours?, self.theirs?, self.after?];
        let is_whole = |value: &Option<Value>| value.as_ref().is_some_and(Value::is_array);
        let mut new = found.leaves.iter().filter(|leaf| leaf.is_new());
        let comes_whole = new.any(|leaf| is_whole(&leaf.theirs));
        if !takes_theirs && let Some(wrong) = comments(sides, comes_whole) {
            return Some(wrong);
        }
        self.object(&found)
    }

    fn object(&self, found: &Found) -> Option<String> {
        let places = || self.named.iter().filter_map(|named| named.place.as_ref());
        // The program does not say where; then whatever was named may be anywhere.
        let nowhere = self.named.iter().any(|named| named.place.is_none());
        let is_named = |path| nowhere || places().any(|(place, _)| touch(place, path));
        for leaf in &found.leaves {
            let is_in = is_named(&leaf.path);
            if leaf.clashes() && !is_in {
                return Some(format!("a conflict was not named: {leaf:?}"));
            }
            let good = match self.accept {
                _ if !is_in => leaf.after.as_ref() == leaf.want(),
                Some(Side::Ours) if leaf.is_mine() => leaf.after == leaf.ours,
                Some(Side::Theirs) if leaf.clashes() => leaf.after == leaf.theirs,
                Some(_) => leaf.after == leaf.ours || leaf.after == leaf.theirs,
                None => false,
            };
            // A list that is one value takes part in no other rule.
            if !good {
                return Some(format!("{} is wrong: {leaf:?}", leaf.path));
            }
        }
        found
            .reordered
            .iter()
            .find(|path| !is_named(path))
            .map(|path| format!("the order in `{path}` changed"))
    }

    /// What is wrong with conflicts that were named: each must be one.
    pub(super) fn spurious(&self) -> Option<String> {
        let (Some(base), Some(ours), Some(theirs)) = (self.base, self.ours, self.theirs) else {
            return None;
        };
        let (Some(old), Some(mine), Some(new)) =
            (documents(base), documents(ours), documents(theirs))
        else {
            return None;
        };
        let ([old], [mine], [new]) = (&old[..], &mine[..], &new[..]) else {
            return None;
        };
        let found = compare(old, mine, new, mine);
        for (path, why) in self.named.iter().filter_map(|named| named.place.as_ref()) {
            let below: Vec<_> = found
                .leaves
                .iter()
                .filter(|leaf| touch(path, &leaf.path))
                .collect();
            let is_one = match why {
                Why::BothChanged | Why::OursGone | Why::TheirsGone | Why::OneChoice(_) => {
                    below.iter().any(|leaf| leaf.is_mine())
                        && below.iter().any(|leaf| leaf.is_new())
                }
                Why::Comment | Why::Anchor | Why::Unclear => below.iter().any(|leaf| leaf.is_new()),
                Why::NotYaml(_) | Why::Unproved => false,
            };
            if !is_one {
                return Some(format!("no conflict: {path} {why:?}"));
            }
        }
        // And where something clashes, it is among them.
        let clash = found.leaves.iter().find(|leaf| {
            let mut places = self.named.iter().filter_map(|named| named.place.as_ref());
            leaf.clashes() && !places.any(|(place, _)| touch(place, &leaf.path))
        });
        clash.map(|leaf| format!("not named: {leaf:?}"))
    }
}

/// Comments of the render that both have stay, and those that the person took out stay out; with a list
/// that comes whole they come back.
fn comments([base, ours, theirs, after]: [&str; 4], comes_whole: bool) -> Option<String> {
    let [base, ours, theirs, after] = [base, ours, theirs, after].map(lines);
    let count = |side: &BTreeMap<&str, usize>, line: &str| side.get(line).copied().unwrap_or(0);
    let all = base.keys().filter(|line| line.starts_with('#'));
    let mut steady = all.filter(|line| count(&base, line) == count(&theirs, line));
    let wrong = steady.find(|line| {
        let (mine, left) = (count(&ours, line), count(&after, line));
        left < mine || (left > mine && !comes_whole)
    });
    wrong.map(|line| {
        let (mine, left) = (count(&ours, line), count(&after, line));
        format!("the comment {line:?} stands {left} times, not {mine}")
    })
}

/// What is wrong with an edit of the spec that changed what it says.
pub(super) fn spec(before: &str, after: &str) -> Option<String> {
    if before == after {
        return None;
    }
    if is_crlf(before) != is_crlf(after) && before.contains('\n') {
        return Some("line ends of the spec changed".to_owned());
    }
    let (old_keys, new_keys) = (keys(before)?, keys(after)?);
    let names: BTreeSet<&String> = old_keys.keys().chain(new_keys.keys()).collect();
    let moved: Vec<&&String> = names
        .iter()
        .filter(|name| old_keys.get(**name) != new_keys.get(**name))
        .collect();
    let [moved] = moved[..] else {
        return moved
            .is_empty()
            .then(|| "the spec says the same in other bytes".to_owned());
    };
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let shortest = old.len().min(new.len());
    let head = (0..shortest).take_while(|at| old[*at] == new[*at]).count();
    let tail = (0..shortest - head)
        .take_while(|at| old[old.len() - 1 - at] == new[new.len() - 1 - at])
        .count();
    // The lines that went, and those that may.
    let gone = head..old.len() - tail;
    let Some(start) = old
        .iter()
        .position(|line| line.starts_with(&format!("{moved}:")))
    else {
        let lost = gone
            .clone()
            .any(|at| !old[at].is_empty() || at + 1 < old.len());
        return (lost && !before.contains('{')).then(|| format!("{gone:?} of the spec is lost"));
    };
    let is_key = |line: &str| line.starts_with(|c: char| c.is_ascii_alphanumeric());
    let end = (start + 1..old.len())
        .find(|at| is_key(old[*at]))
        .unwrap_or(old.len());
    let is_above = |at: &usize| old[*at].starts_with('#') || old[*at].trim().is_empty();
    let above = (0..start).rev().take_while(is_above).count();
    if gone.start < start - above || gone.end > end {
        return Some(format!(
            "`{moved}` changed, and {gone:?} of the spec with it"
        ));
    }
    // Comments go only with what they are about.
    let (was, is) = (old_keys.get(*moved), new_keys.get(*moved));
    let stays = was.zip(is).is_some_and(|(was, is)| has_all(is, was));
    let (there, left) = (marks(before), marks(after));
    let is_comment = |mark: &&&str| before.contains(&format!("# {mark}"));
    let mut comments = there.keys().filter(is_comment);
    let lost = comments.find(|mark| !left.contains_key(*mark));
    lost.filter(|_| stays)
        .map(|mark| format!("`{mark}` of the spec is lost"))
}

/// Whether a value has every field of another, and no list in it lost an item.
fn has_all(value: &Value, fields: &Value) -> bool {
    match (value, fields) {
        (Value::Object(map), Value::Object(fields)) => fields
            .iter()
            .all(|(key, field)| map.get(key).is_some_and(|value| has_all(value, field))),
        (Value::Array(items), Value::Array(old)) => old.iter().all(|item| items.contains(item)),
        _ => true,
    }
}
