//! A service folder, what a person and prodgen did to it in turns, and what must be true after each.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;

use prodgen::files::FileSet;
use prodgen::project::{Project, SPEC};

use crate::sandbox::Sandbox;

use super::command::{Asked, Command, Renders, Told, by_library, by_program};
use super::hand::Hand;
use super::held::Deed;
use super::judge;
use super::{held, service};

/// Every file, and every folder with a `/` behind it.
pub(super) type Tree = BTreeMap<String, String>;

/// What can be taken back.
#[derive(Debug, Clone)]
pub(super) struct Last {
    pub(super) before: Tree,
    pub(super) after: Tree,
    pub(super) base: Rc<FileSet>,
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
    pub(super) sandbox: Sandbox,
    pub(super) hand: Hand,
    asks: Asks,
    pub(super) base: Rc<FileSet>,
    pub(super) last: Option<Last>,
    pub(super) story: Vec<String>,
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
        // Only the library can be made to render as an older version does.
        renders.is_old = self.asks == Asks::Library && self.hand.dice.below(2) == 0;
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
            let mut command = service::command(&spec, &mut self.hand.dice);
            if renders.is_old && self.hand.dice.below(3) == 0 {
                renders.is_old = false;
                self.story.push("a newer version".to_owned());
                count.one("upgrade");
                command.asked = Asked::Render;
            }
            self.ask(&command, renders, count)?;
        }
        Ok(())
    }

    pub(super) fn put(&self, path: &str, text: &str) {
        self.sandbox.put(path, text);
    }

    pub(super) fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.sandbox.path(path)).ok()
    }

    pub(super) fn tree(&self) -> Tree {
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

    pub(super) fn run(&self, command: &Command, renders: &mut Renders) -> Told {
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
        held::as_shown(&told, &before, &after)?;
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
        let moves = self.moves(&before, &theirs);
        let base = self.new_base(&before, &theirs, &moves);
        if state.base != base {
            return Err("the merge base is not what was rendered".to_owned());
        }
        if let Some(wrong) = judge::spec(&before[SPEC], &spec) {
            return Err(format!(
                "spec: {wrong}\n--- before\n{}\n--- after\n{spec}",
                before[SPEC]
            ));
        }
        let deed = Deed {
            told: &told,
            before: &before,
            after: &after,
            theirs: &theirs,
            accept: command.accept,
        };
        self.moved(&deed, &moves)?;
        self.files(&deed, &moves)?;
        self.last = Some(Last {
            before,
            after: after.clone(),
            base: std::mem::replace(&mut self.base, Rc::new(base)),
        });
        // A verb goes one step further each time: what it has left is rendered.
        let mut repeated = command.clone();
        let is_halfway = spec.contains("takeover:");
        if matches!(command.asked, Asked::Canary(_)) || is_halfway {
            repeated.asked = Asked::Render;
        }
        let again = self.run(&repeated, renders);
        if self.tree() != after || again.word != if command.dry { "planned" } else { "unchanged" } {
            let more = Command {
                accept: None,
                ..repeated
            };
            return Err(format!("{more:?} again: {} {}", again.word, again.said));
        }
        if matches!(command.asked, Asked::Canary("start")) && command.accept.is_none() {
            self.back_again(renders, count)?;
        }
        if self.hand.dice.below(6) == 0 {
            return self.there_and_back(renders);
        }
        Ok(())
    }

    /// What was named stands against it.
    fn stands(
        &self,
        command: &Command,
        told: &Told,
        before: &Tree,
        renders: &mut Renders,
    ) -> Result<(), String> {
        let theirs = match (&command.asked, &told.render) {
            _ if told.word != "conflict" => return Ok(()),
            (_, Some(render)) => render.clone(),
            (Asked::Render, None) => renders.of(&before[SPEC])?,
            (
                Asked::Set(..) | Asked::Add(..) | Asked::Remove(_) | Asked::Canary(_) | Asked::Undo,
                None,
            ) => return Ok(()),
        };
        let files: BTreeSet<&String> = told.named.iter().map(|named| &named.file).collect();
        let deed = Deed {
            told,
            before,
            after: before,
            theirs: &theirs,
            accept: command.accept,
        };
        for file in files {
            let case = self.case(file, &deed);
            if let Some(wrong) = case.spurious() {
                return Err(held::difference(&case, &wrong));
            }
        }
        Ok(())
    }
}

pub(super) fn differing(one: &Tree, other: &Tree) -> String {
    let all: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let all = all
        .into_iter()
        .filter(|path| one.get(*path) != other.get(*path));
    let each = all.map(|path| format!("{path}: {:?} and {:?}", one.get(path), other.get(path)));
    each.collect::<Vec<_>>().join("\n")
}
