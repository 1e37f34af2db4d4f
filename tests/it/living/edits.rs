//! What a person does to the tree and the spec, by hand.

use std::fs;

use prodgen::project::SPEC;

use super::command::keys;
use super::hand::Hand;
use super::held::full;
use super::service;
use super::world::World;

/// Names under which a file may be rendered one day.
const LATER: &[&str] = &[
    "networkpolicy-shop-allow-callers.yaml",
    "networkpolicy-shop-allow-needs.yaml",
    "horizontalpodautoscaler-shop.yaml",
    "service-till.yaml",
    "role-shop.yaml",
];

impl World {
    /// A person does something: what, if it came to anything.
    pub(super) fn edit(&mut self) -> Option<&'static str> {
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
                if self.hand.dice.below(16) > 0 && keys(&new) != keys(&text) {
                    return None;
                }
                ("spec: by hand", new)
            }
        };
        self.story.push(what.to_owned());
        self.put(SPEC, &new);
        Some(what)
    }
}

fn line_ends(text: &str) -> String {
    if text.contains("\r\n") {
        text.replace("\r\n", "\n")
    } else {
        text.replace('\n', "\r\n")
    }
}
