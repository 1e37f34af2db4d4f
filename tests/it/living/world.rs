//! A service folder, what a person and prodgen did to it in turns, and what must be true after each.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;

use prodgen::files::{FileSet, RelPath};
use prodgen::merge::Side;
use prodgen::project::{BASE, LOCK, Project, SPEC, UNDO};
use prodgen::report::unified;

use crate::sandbox::Sandbox;

use super::command::{Asked, Command, Renders, Told, by_library, by_program};
use super::hand::Hand;
use super::judge::{self, Case};
use super::service;

/// Every file, and every folder with a `/` behind it.
type Tree = BTreeMap<String, String>;

/// What can be taken back.
#[derive(Debug, Clone)]
struct Last {
    before: Tree,
    after: Tree,
    base: Rc<FileSet>,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Library,
    Program,
}

/// How often what happened.
#[derive(Debug, Default)]
pub(super) struct Count(pub(super) BTreeMap<String, usize>);

impl Count {
    pub(super) fn one(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }
}

/// The folder and what is known of it.
pub(super) struct World {
    sandbox: Sandbox,
    hand: Hand,
    asks: Asks,
    base: Rc<FileSet>,
    last: Option<Last>,
    pub(super) story: Vec<String>,
}

/// Names under which a file may be rendered one day.
const LATER: &[&str] = &[
    "networkpolicy-shop-allow-callers.yaml",
    "networkpolicy-shop-allow-needs.yaml",
    "horizontalpodautoscaler-shop.yaml",
    "service-till.yaml",
    "role-shop.yaml",
];

fn full(path: &str) -> RelPath {
    RelPath::new(path).unwrap()
}

impl World {
    /// An empty folder.
    pub(super) fn new(sandbox: Sandbox, salt: u64, asks: Asks) -> Self {
        Self {
            sandbox,
            hand: Hand::new(salt),
            asks,
            base: Rc::default(),
            last: None,
            story: Vec::new(),
        }
    }

    /// A service is made and lived with for a while.
    pub(super) fn live(&mut self, renders: &mut Renders, count: &mut Count) -> Result<(), String> {
        let spec = service::spec(&mut self.hand.dice, renders);
        self.story.push(format!("spec\n{spec}"));
        self.put(SPEC, &spec);
        let first = Command {
            asked: Asked::Render,
            accept: None,
            dry: false,
        };
        self.ask(&first, renders, count)?;
        for _ in 0..2 + self.hand.dice.below(5) {
            for _ in 0..self.hand.dice.below(4) {
                if let Some(what) = self.edit() {
                    count.one(format!("edit: {what}"));
                }
            }
            let spec = self.read(SPEC).unwrap_or_default();
            let command = service::command(&spec, &mut self.hand.dice);
            self.ask(&command, renders, count)?;
        }
        Ok(())
    }

    fn put(&self, path: &str, text: &str) {
        self.sandbox.put(path, text);
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.sandbox.path(path)).ok()
    }

    fn tree(&self) -> Tree {
        fn walk(root: &Path, at: &Path, tree: &mut Tree) {
            for entry in fs::read_dir(at).unwrap() {
                let path = entry.unwrap().path();
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                if path.is_dir() {
                    walk(root, &path, tree);
                    tree.insert(format!("{name}/"), String::new());
                } else {
                    tree.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        let root = self.sandbox.path("");
        let mut tree = Tree::new();
        walk(&root, &root, &mut tree);
        tree
    }

    /// A person does something: what, if it came to anything.
    fn edit(&mut self) -> Option<&'static str> {
        let tree = self.tree();
        let is_manifest = |name: &&String| name.starts_with("deploy/") && !name.ends_with('/');
        let files: Vec<&String> = tree.keys().filter(is_manifest).collect();
        if self.hand.dice.below(5) == 0 || files.is_empty() {
            return self.edit_spec();
        }
        let mut path = files[self.hand.dice.below(files.len())];
        // Most of what commands change is in the workload.
        let is_workload =
            |name: &&&String| name.contains("/deployment-") || name.contains("/cronjob-");
        if let Some(workload) = files
            .iter()
            .find(is_workload)
            .filter(|_| self.hand.dice.below(3) > 0)
        {
            path = workload;
        }
        let text = &tree[path];
        let (what, edits): (&'static str, Vec<(String, Option<String>)>) =
            match self.hand.dice.below(60) {
                0 => ("delete a file", vec![(path.clone(), None)]),
                1 => {
                    let name = path.rsplit('/').next().unwrap();
                    let folder = self.hand.dice.pick(&["deploy/production/old", "elsewhere"]);
                    let to = format!("{folder}/{name}");
                    (
                        "move a file",
                        vec![(path.clone(), None), (to, Some(text.clone()))],
                    )
                }
                2 => {
                    let to = format!("deploy/production/{}.yaml", self.hand.mark());
                    (
                        "rename a file",
                        vec![(path.clone(), None), (to, Some(text.clone()))],
                    )
                }
                3 => {
                    let name = self.hand.mark();
                    let to = format!("deploy/production/{name}.yaml");
                    ("add a file", vec![(to, Some(format!("mine: {name}\n")))])
                }
                4 => {
                    let name = self.hand.dice.pick(LATER);
                    let (to, mark) = (format!("deploy/production/{name}"), self.hand.mark());
                    (
                        "put a file in the way",
                        vec![(to, Some(format!("mine: {mark}\n")))],
                    )
                }
                5 => ("CRLF", vec![(path.clone(), Some(line_ends(text)))]),
                6 => {
                    let all = tree.iter().filter(|(name, _)| !name.ends_with('/'));
                    let all = all.filter(|(name, _)| !name.ends_with("undo.json"));
                    let to =
                        |(name, text): (&String, &String)| (name.clone(), Some(line_ends(text)));
                    ("CRLF everywhere", all.map(to).collect())
                }
                7 => (
                    "reformat",
                    vec![(path.clone(), Some(Hand::reformat(text)?))],
                ),
                8 => {
                    let at = text.floor_char_boundary(self.hand.dice.below(text.len() + 1));
                    let slip = self
                        .hand
                        .dice
                        .pick(&["\t", "[", "'", ": ", "- ", "%", "\u{feff}", "{{"]);
                    let text = format!("{}{slip}{}", &text[..at], &text[at..]);
                    ("slip", vec![(path.clone(), Some(text))])
                }
                9 => (
                    "cut the end",
                    vec![(path.clone(), Some(text.trim_end().to_owned()))],
                ),
                10 => ("empty a file", vec![(path.clone(), Some(String::new()))]),
                11 => {
                    let old = self.base.get(&full(path))?;
                    ("restore a file", vec![(path.clone(), Some(old.clone()))])
                }
                12 => {
                    let other = files[self.hand.dice.below(files.len())];
                    ("copy over", vec![(path.clone(), Some(tree[other].clone()))])
                }
                _ => {
                    let (what, text) = self.hand.edit(text)?;
                    (what, vec![(path.clone(), Some(text))])
                }
            };
        self.story.push(format!("{what}: {path}"));
        for (path, text) in edits {
            match text {
                Some(text) => self.put(&path, &text),
                None => fs::remove_file(self.sandbox.path(&path)).unwrap(),
            }
        }
        Some(what)
    }

    fn edit_spec(&mut self) -> Option<&'static str> {
        let text = self.read(SPEC)?;
        let (what, new) = match self.hand.dice.below(10) {
            0 => {
                let key = self
                    .hand
                    .dice
                    .pick(&["callers", "needs", "labels", "about", "args"]);
                (
                    "spec: add a key",
                    service::with(&text, key, &mut self.hand.dice),
                )
            }
            1 => ("spec: image", text.replace("shop:1.4.2", "shop:1.4.3")),
            2 => ("spec: CRLF", line_ends(&text)),
            3 => ("spec: cut the end", text.trim_end().to_owned()),
            4 => ("spec: reformat", Hand::reformat(&text)?),
            _ => {
                let (_, new) = self.hand.edit(&text)?;
                // What no longer holds is only ever refused.
                if self.hand.dice.below(16) > 0
                    && super::command::keys(&new) != super::command::keys(&text)
                {
                    return None;
                }
                ("spec: by hand", new)
            }
        };
        self.story.push(what.to_owned());
        self.put(SPEC, &new);
        Some(what)
    }

    fn run(&self, command: &Command, renders: &mut Renders) -> Told {
        match self.asks {
            Asks::Library => by_library(&self.sandbox.path(""), command, renders),
            Asks::Program => by_program(&self.sandbox, command),
        }
    }

    /// Asks for something and holds what came of it against what is known.
    fn ask(
        &mut self,
        command: &Command,
        renders: &mut Renders,
        count: &mut Count,
    ) -> Result<(), String> {
        let before = self.tree();
        let told = self.run(command, renders);
        let after = self.tree();
        let kind = format!("{:?}", command.asked);
        let kind = kind.split('(').next().unwrap_or_default().to_owned();
        count.one(format!("{kind}: {}", told.word));
        if told.word == "refused" {
            count.one(format!("refused: {}", told.said));
        }
        self.story
            .push(format!("{command:?} -> {} {}", told.word, told.said));
        for (_, word) in told.files.iter().filter(|_| told.is_done()) {
            count.one(format!("file: {word}"));
        }
        for named in &told.named {
            let why = named.place.as_ref().map(|(_, why)| format!("{why:?}"));
            let why = why.unwrap_or_else(|| "whole file".to_owned());
            count.one(format!(
                "conflict: {}",
                why.split('(').next().unwrap_or_default()
            ));
        }
        if !told.is_done() {
            return if before == after {
                self.stands(command, &told, &before, renders)
            } else {
                Err(format!("{} and {}", told.word, differing(&before, &after)))
            };
        }
        self.shown(&told, &before, &after)?;
        let folder = self.sandbox.path("");
        let state = Project::at(&folder)
            .state()
            .map_err(|error| error.to_string())?;
        if told.word == "undone" {
            self.undone(command.accept, &told, &before, &after)?;
            return Ok(());
        }
        let spec = after.get(SPEC).cloned().unwrap_or_default();
        let theirs = renders.of(&spec)?;
        let base = self.new_base(&before, &theirs);
        if state.base != base {
            return Err("the merge base is not what was rendered".to_owned());
        }
        if let Some(wrong) = judge::spec(&before[SPEC], &spec) {
            return Err(format!(
                "spec: {wrong}\n--- before\n{}\n--- after\n{spec}",
                before[SPEC]
            ));
        }
        self.files(command, &told, (&before, &after), &theirs)?;
        self.last = Some(Last {
            before,
            after: after.clone(),
            base: std::mem::replace(&mut self.base, Rc::new(base)),
        });
        let again = self.run(command, renders);
        if self.tree() != after || again.word != if command.dry { "planned" } else { "unchanged" } {
            let more = Command {
                accept: None,
                ..command.clone()
            };
            return Err(format!("{more:?} again: {} {}", again.word, again.said));
        }
        if self.hand.dice.below(6) == 0 {
            return self.there_and_back(renders);
        }
        Ok(())
    }

    /// What was refused stands against it; where nothing was to be done, nothing is.
    fn stands(
        &self,
        command: &Command,
        told: &Told,
        before: &Tree,
        renders: &mut Renders,
    ) -> Result<(), String> {
        if told.word != "conflict"
            || matches!(
                command.asked,
                Asked::Set(..) | Asked::Add(..) | Asked::Remove(_) | Asked::Undo
            )
        {
            return Ok(());
        }
        let theirs = renders.of(&before[SPEC])?;
        let files: BTreeSet<&String> = told.named.iter().map(|named| &named.file).collect();
        for file in files {
            let case = self.case(file, before, before, &theirs, told, command.accept);
            if let Some(wrong) = case.spurious() {
                return Err(shown(&case, &wrong));
            }
        }
        Ok(())
    }

    /// What was rendered last: also for files that an edit keeps and nothing makes any more.
    fn new_base(&self, before: &Tree, theirs: &FileSet) -> FileSet {
        let mut base = theirs.clone();
        for (path, text) in self
            .base
            .iter()
            .filter(|(path, _)| !theirs.contains_key(*path))
        {
            if before
                .get(path.as_str())
                .is_some_and(|ours| !judge::same(ours, text))
            {
                base.insert(path.clone(), text.clone());
            }
        }
        base
    }

    /// The exact bytes come back.
    fn there_and_back(&mut self, renders: &mut Renders) -> Result<(), String> {
        let last = self.last.take().unwrap();
        let undo = Command {
            asked: Asked::Undo,
            accept: None,
            dry: false,
        };
        let told = self.run(&undo, renders);
        let mut want = last.before;
        want.remove(UNDO);
        if told.word != "undone" || self.tree() != want {
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

    /// Each file is what the plan showed.
    fn shown(&self, told: &Told, before: &Tree, after: &Tree) -> Result<(), String> {
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

    fn case<'a>(
        &'a self,
        path: &'a str,
        before: &'a Tree,
        after: &'a Tree,
        theirs: &'a FileSet,
        told: &'a Told,
        accept: Option<Side>,
    ) -> Case<'a> {
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

    fn files(
        &self,
        command: &Command,
        told: &Told,
        (before, after): (&Tree, &Tree),
        theirs: &FileSet,
    ) -> Result<(), String> {
        let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for path in all {
            if path.ends_with('/') || path.starts_with(".prodgen/") || path == SPEC {
                continue;
            }
            let rel = full(path);
            if !self.base.contains_key(&rel) && !theirs.contains_key(&rel) {
                if before.get(path) != after.get(path) {
                    return Err(format!("a file of the person's changed: {path}"));
                }
                continue;
            }
            let case = self.case(path, before, after, theirs, told, command.accept);
            if let Some(wrong) = case.wrong() {
                return Err(shown(&case, &wrong));
            }
        }
        Ok(())
    }

    /// Taken back: all that the last write changed and nobody touched since is as it was before it.
    fn undone(
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
        let files = |tree: &Tree| -> Tree {
            let files = tree.iter().filter(|(path, _)| !path.ends_with('/'));
            files
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect()
        };
        let (want, got) = (files(&want), files(after));
        if want != got {
            return Err(format!("undo: {}", differing(&want, &got)));
        }
        // Whoever keeps their records keeps what they say.
        if changed
            .iter()
            .all(|path| ![BASE, LOCK].contains(&path.as_str()))
            || accept != Some(Side::Ours)
        {
            self.base = last.base;
        }
        Ok(())
    }
}

fn line_ends(text: &str) -> String {
    if text.contains("\r\n") {
        text.replace("\r\n", "\n")
    } else {
        text.replace('\n', "\r\n")
    }
}

fn differing(one: &Tree, other: &Tree) -> String {
    let all: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let all = all
        .into_iter()
        .filter(|path| one.get(*path) != other.get(*path));
    let each = all.map(|path| format!("{path}: {:?} and {:?}", one.get(path), other.get(path)));
    each.collect::<Vec<_>>().join("\n")
}

fn shown(case: &Case<'_>, wrong: &str) -> String {
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
