//! What must be true of a tree after a command that wrote.

use std::collections::{BTreeMap, BTreeSet};

use prodgen::files::{FileSet, RelPath};
use prodgen::merge::{Side, told};
use prodgen::project::{BASE, LOCK, SPEC, UNDO};
use prodgen::report::unified;

use super::command::{Asked, Command, Renders, Told};
use super::judge::{Case, marks, same};
use super::leaves::documents;
use super::world::{Count, Last, Tree, World, differing};

/// A file of the last render, and its path in the new one.
pub(super) type Move = (RelPath, RelPath);

/// Which object a text is.
fn identity(text: &str) -> Option<[String; 4]> {
    let all = documents(text)?;
    let object = all.first()?;
    let word = |place: &str| object.pointer(place).map(ToString::to_string);
    let places = [
        "/apiVersion",
        "/kind",
        "/metadata/namespace",
        "/metadata/name",
    ];
    Some(places.map(|place| word(place).unwrap_or_default()))
}

pub(super) fn full(path: &str) -> RelPath {
    RelPath::new(path).unwrap()
}

/// A command that ran: what it said, the trees around it, and what it rendered.
pub(super) struct Deed<'a> {
    pub(super) told: &'a Told,
    pub(super) before: &'a Tree,
    pub(super) after: &'a Tree,
    pub(super) theirs: &'a FileSet,
    pub(super) accept: Option<Side>,
}

impl World {
    /// What was rendered last: also for files that an edit keeps and nothing makes any more.
    pub(super) fn new_base(&self, before: &Tree, theirs: &FileSet, moves: &[Move]) -> FileSet {
        let mut base = theirs.clone();
        for (path, text) in self.base.iter() {
            let is_gone = !theirs.contains_key(path) && !moves.iter().any(|(from, _)| from == path);
            let ours = before.get(path.as_str()).filter(|_| is_gone);
            if ours.is_some_and(|ours| !same(ours, text)) {
                base.insert(path.clone(), text.clone());
            }
        }
        base
    }

    /// The files whose object has another path now, where nobody has put anything.
    pub(super) fn moves(&self, before: &Tree, theirs: &FileSet) -> Vec<Move> {
        let new = theirs.iter().filter(|(path, _)| {
            !self.base.contains_key(*path) && !before.contains_key(path.as_str())
        });
        let from = |text: &String| {
            let mut gone = self
                .base
                .iter()
                .filter(|(path, _)| !theirs.contains_key(*path));
            gone.find(|(_, old)| identity(old) == identity(text))
        };
        new.filter_map(|(to, text)| Some((from(text)?.0.clone(), to.clone())))
            .collect()
    }

    /// What moved is under its new path what it would have become under the old one.
    pub(super) fn moved(&self, deed: &Deed<'_>, moves: &[Move]) -> Result<(), String> {
        for (from, to) in moves {
            let mut case = self.case(from.as_str(), deed);
            case.theirs = deed.theirs.get(to).map(String::as_str);
            case.after = deed.after.get(to.as_str()).map(String::as_str);
            if let Some(wrong) = case.wrong() {
                return Err(difference(&case, &wrong));
            }
            if deed.after.contains_key(from.as_str()) {
                return Err(format!("{from} moved and is still there"));
            }
        }
        Ok(())
    }

    /// The exact bytes come back.
    pub(super) fn there_and_back(&mut self, renders: &mut Renders) -> Result<(), String> {
        let last = self.last.take().unwrap();
        let undo = Command {
            asked: Asked::Undo,
            accept: None,
            dry: false,
        };
        let told = self.run(&undo, renders);
        let mut want = last.before;
        want.remove(UNDO);
        if told.word != "undone" || files(&self.tree()) != files(&want) {
            return Err(format!(
                "undo: {} {}, {}",
                told.word,
                told.said,
                differing(&want, &self.tree())
            ));
        }
        self.story.push("and back".to_owned());
        self.base = last.base;
        Ok(())
    }

    /// A rollout that has begun is left by a random way, whatever the person's hand did to the tree before,
    /// and the bytes from before its start are there again. Then it begins once more.
    pub(super) fn back_again(
        &mut self,
        renders: &mut Renders,
        count: &mut Count,
    ) -> Result<(), String> {
        let last = self.last.clone().ok_or("a start without a trace")?;
        let ways: &[&[&str]] = &[
            &["abort"],
            &["abort --now"],
            &["step", "abort", "abort"],
            &["step", "abort --now"],
            &["step", "promote", "abort", "abort"],
        ];
        let way = self.hand.dice.pick(ways);
        let mut told = String::new();
        for verb in way {
            let ran = self.canary(verb, renders);
            told = format!("{told}{verb}: {} {}; ", ran.word, ran.said);
            if !ran.is_done() {
                // A step meets a count that the person has changed. The way back is the one that has nothing to meet.
                count.one(format!("a way that is {}", ran.word));
                let ran = self.canary("abort --now", renders);
                told = format!("{told}now: {} {}", ran.word, ran.said);
                break;
            }
        }
        self.is_again(&last.before, Some(&last.base), &told)?;
        let before = self.tree();
        let again = self.canary("start", renders);
        self.is_again(&last.after, None, &format!("{told}start: {}", again.word))?;
        let after = self.tree();
        self.last = Some(Last {
            before,
            after,
            ..last
        });
        count.one("ways back from a rollout");
        Ok(())
    }

    /// Whether a tree is what it was: to the byte, but for how a value is spelt in a file that a person has
    /// written anew, for a value that goes and comes back is spelt as it is rendered.
    fn is_again(&self, was: &Tree, base: Option<&FileSet>, told: &str) -> Result<(), String> {
        let (mut now, mut was) = (files(&self.tree()), files(was));
        for tree in [&mut now, &mut was] {
            tree.remove(UNDO);
        }
        now.retain(|path, text| {
            let Some(old) = was.get(path) else {
                return true;
            };
            let is_mine = self
                .base
                .get(&full(path))
                .is_none_or(|base| !same(old, base));
            let says_the_same = || {
                let all = [documents(old), documents(text)];
                all[0].is_some() && all[0] == all[1] && marks(old) == marks(text)
            };
            // A record is written anew with line ends of ours, and has the hash of the spec with those that it has.
            let said = |text: &str| -> Vec<String> {
                let lines = text.lines().filter(|line| !line.starts_with("spec: "));
                lines.map(str::to_owned).collect()
            };
            let is_record = || [BASE, LOCK].contains(&path.as_str()) && said(old) == said(text);
            let is_same = old == text
                || is_record()
                || base.is_some_and(|base| Self::is_of_both(&full(path), [base, &self.base], old))
                || (path.starts_with("deploy/") && is_mine && says_the_same());
            if is_same {
                was.remove(path);
            }
            !is_same
        });
        let all = now.keys().chain(was.keys());
        let each = all.map(|path| {
            let text = |tree: &Tree| tree.get(path).cloned();
            unified(text(&was).as_deref(), text(&now).as_deref(), path, false)
        });
        let each: String = each.collect();
        if each.is_empty() {
            Ok(())
        } else {
            Err(format!("{told}, and it is another tree:\n{each}"))
        }
    }

    /// Whether a hand has written what the start makes too: a way back takes that for the start's.
    fn is_of_both(path: &RelPath, bases: [&FileSet; 2], ours: &str) -> bool {
        let [base, next] = bases.map(|base| base.get(path).map(String::as_str));
        let moved = told(base, next);
        let is_moved = |one| moved.contains(one);
        told(base, Some(ours)).iter().any(is_moved)
    }

    fn canary(&self, verb: &'static str, renders: &mut Renders) -> Told {
        let command = Command {
            asked: Asked::Canary(verb),
            accept: None,
            dry: false,
        };
        self.run(&command, renders)
    }

    pub(super) fn case<'a>(&'a self, path: &'a str, deed: &Deed<'a>) -> Case<'a> {
        let Deed {
            told,
            before,
            after,
            theirs,
            accept,
        } = *deed;
        let rel = full(path);
        // The conflicts of one file stand together.
        let start = told
            .named
            .iter()
            .position(|named| named.file == path)
            .unwrap_or(0);
        let count = told.named[start..]
            .iter()
            .take_while(|named| named.file == path)
            .count();
        Case {
            path,
            base: self.base.get(&rel).map(String::as_str),
            ours: before.get(path).map(String::as_str),
            theirs: theirs.get(&rel).map(String::as_str),
            after: after.get(path).map(String::as_str),
            named: &told.named[start..start + count],
            accept,
        }
    }

    pub(super) fn files(&self, deed: &Deed<'_>, moves: &[Move]) -> Result<(), String> {
        let Deed {
            before,
            after,
            theirs,
            ..
        } = *deed;
        let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for path in all {
            if path.ends_with('/') || path.starts_with(".prodgen/") || path == SPEC {
                continue;
            }
            let rel = full(path);
            if moves.iter().any(|(from, to)| [from, to].contains(&&rel)) {
                continue;
            }
            if !self.base.contains_key(&rel) && !theirs.contains_key(&rel) {
                if before.get(path) != after.get(path) {
                    return Err(format!("a file of the person's changed: {path}"));
                }
                continue;
            }
            let case = self.case(path, deed);
            if let Some(wrong) = case.wrong() {
                return Err(difference(&case, &wrong));
            }
        }
        Ok(())
    }

    /// Taken back: all that the last write changed and nobody touched since is as it was before it.
    pub(super) fn undone(
        &mut self,
        accept: Option<Side>,
        told: &Told,
        before: &Tree,
        after: &Tree,
    ) -> Result<(), String> {
        let Some(last) = self.last.take() else {
            return Err("there was nothing to take back".to_owned());
        };
        let mut want = before.clone();
        let mut changed = BTreeSet::new();
        for path in last.before.keys().chain(last.after.keys()) {
            let (was, became) = (last.before.get(path), last.after.get(path));
            let now = before.get(path);
            if was == became || path.ends_with('/') || path == UNDO {
                continue;
            }
            let is_mine = now != became && now != was;
            if is_mine {
                changed.insert(path.clone());
            }
            if is_mine && accept == Some(Side::Ours) {
                continue;
            }
            match was {
                Some(text) => want.insert(path.clone(), text.clone()),
                None => want.remove(path),
            };
        }
        want.remove(UNDO);
        let named: BTreeSet<String> = told.named.iter().map(|named| named.file.clone()).collect();
        if named != changed {
            return Err(format!("changed since: {changed:?}, named: {named:?}"));
        }
        if accept.is_none() && !changed.is_empty() {
            return Err("it went on over edits".to_owned());
        }
        let (mut want, mut got) = (files(&want), files(after));
        let is_record = |path: &String| [BASE, LOCK].contains(&path.as_str());
        let is_kept = accept == Some(Side::Ours);
        if is_kept && changed.iter().any(is_record) {
            // Whoever keeps their records keeps what they say.
        } else {
            // What stays as it is stays in the records as it was rendered for that.
            let mut base = FileSet::clone(&last.base);
            for path in changed.iter().filter(|_| is_kept) {
                let path = full(path);
                match self.base.get(&path) {
                    Some(text) => base.insert(path, text.clone()),
                    None => base.remove(&path),
                };
            }
            self.base = base.into();
        }
        if is_kept && !changed.is_empty() && !changed.iter().any(is_record) {
            let records = |tree: &mut Tree| (tree.remove(BASE), tree.remove(LOCK));
            records(&mut want);
            let (base, _) = records(&mut got);
            let base: BTreeMap<String, String> =
                serde_json::from_str(&base.unwrap_or_default()).unwrap_or_default();
            let own = self.base.iter();
            let own = own.map(|(path, text)| (path.as_str().to_owned(), text.clone()));
            if own.collect::<BTreeMap<_, _>>() != base {
                return Err("undo: other files in the records than those that are there".to_owned());
            }
        }
        if want != got {
            return Err(format!("undo: {}", differing(&want, &got)));
        }
        Ok(())
    }
}

/// Each file is what the plan showed.
pub(super) fn as_shown(told: &Told, before: &Tree, after: &Tree) -> Result<(), String> {
    for path in before.keys().chain(after.keys()) {
        let (was, is) = (before.get(path), after.get(path));
        let word = told.files.get(path).map_or("none", String::as_str);
        let good = match word {
            "new" => was.is_none() && is.is_some(),
            "same" | "kept" | "none" => was == is,
            "updated" | "merged" => was.is_some() && is.is_some() && was != is,
            "removed" => was.is_some() && is.is_none(),
            _ => false,
        };
        let is_record = path.starts_with(".prodgen/") || path.ends_with('/');
        if !good && !is_record {
            return Err(format!("{path} was shown as {word}: {was:?} became {is:?}"));
        }
    }
    Ok(())
}

/// The files of a tree: an empty folder is nobody's.
fn files(tree: &Tree) -> Tree {
    let files = tree.iter().filter(|(path, _)| !path.ends_with('/'));
    files
        .map(|(path, text)| (path.clone(), text.clone()))
        .collect()
}

/// What differs between the sides of a file, for whoever reads that it went wrong.
pub(super) fn difference(case: &Case<'_>, wrong: &str) -> String {
    let crlf = |text: Option<&str>| text.map(|text| text.replace('\r', "\u{240d}"));
    let [base, ours, theirs, after] = [case.base, case.ours, case.theirs, case.after].map(crlf);
    let diff = |one: &Option<String>, other: &Option<String>, words: &str| {
        unified(one.as_deref(), other.as_deref(), words, false)
    };
    format!(
        "{}: {wrong}\nnamed {:?}\n{}{}{}",
        case.path,
        case.named,
        diff(&base, &ours, "the person"),
        diff(&base, &theirs, "the render"),
        diff(&ours, &after, "the result"),
    )
}
