//! Random objects, random edits of them, and the hands that write them down.

use std::fmt::Write as _;

/// A small random source; proptest gives the seed.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

/// A value with the comments that belong to it.
#[derive(Debug, Clone)]
pub(super) struct Node {
    above: Vec<String>,
    right: Option<String>,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Scalar(String),
    Map(Vec<(String, Node)>),
    List(Vec<Node>),
}

const SCALARS: &[&str] = &[
    "1", "'1'", "x", "\"a b\"", "true", "~", "{}", "[]", "2.5", "it's",
];

pub(super) struct Maker {
    pub(super) dice: Dice,
    pub(super) count: usize,
}

impl Maker {
    fn comment(&mut self) -> String {
        self.count += 1;
        format!("# c{}", self.count)
    }

    fn node(&mut self, depth: usize) -> Node {
        let above = (0..[0, 0, 0, 1, 2][self.dice.roll(5)])
            .map(|_| self.comment())
            .collect();
        let right = self.dice.one_in(5).then(|| self.comment());
        let what = match self.dice.roll(if depth == 0 { 3 } else { 6 }) {
            0..=2 => What::Scalar(SCALARS[self.dice.roll(SCALARS.len())].to_owned()),
            3 | 4 => What::Map(self.entries(depth)),
            _ => What::List(
                (0..=self.dice.roll(3))
                    .map(|_| self.node(depth - 1))
                    .collect(),
            ),
        };
        Node { above, right, what }
    }

    fn entries(&mut self, depth: usize) -> Vec<(String, Node)> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        for _ in 0..=self.dice.roll(4) {
            let key = ["a", "b", "c", "d", "e"][self.dice.roll(5)].to_owned();
            if entries.iter().all(|(other, _)| *other != key) {
                let node = self.node(depth.saturating_sub(1));
                entries.push((key, node));
            }
        }
        entries
    }

    fn container(&mut self, name: &str) -> Node {
        let mut entries = vec![("name".to_owned(), plain(What::Scalar(name.to_owned())))];
        entries.extend(self.entries(2));
        Node {
            above: (0..self.dice.roll(2)).map(|_| self.comment()).collect(),
            right: None,
            what: What::Map(entries),
        }
    }

    /// A Deployment, for its containers have names.
    pub(super) fn object(&mut self) -> Node {
        let containers = (0..=self.dice.roll(3))
            .map(|at| self.container(["p", "q", "r", "s"][at]))
            .collect();
        let map = |entries: Vec<(&str, Node)>| {
            let entries = entries.into_iter();
            plain(What::Map(
                entries.map(|(key, node)| (key.to_owned(), node)).collect(),
            ))
        };
        let word = |text: &str| plain(What::Scalar(text.to_owned()));
        let pod = map(vec![
            ("containers", plain(What::List(containers))),
            ("f", self.node(3)),
        ]);
        let spec = map(vec![
            ("g", self.node(3)),
            ("template", map(vec![("spec", pod)])),
            ("h", self.node(2)),
        ]);
        map(vec![
            ("apiVersion", word("apps/v1")),
            ("kind", word("Deployment")),
            (
                "metadata",
                map(vec![("name", word("n")), ("labels", self.node(1))]),
            ),
            ("spec", spec),
        ])
    }

    /// One edit somewhere below `node`.
    pub(super) fn edit(&mut self, node: &mut Node, depth: usize) {
        let deeper = depth < 3 || self.dice.roll(4) > 0;
        let count = match &node.what {
            What::Map(entries) => entries.len(),
            What::List(items) => items.len(),
            What::Scalar(_) => 0,
        };
        if count > 0 && deeper {
            let at = self.dice.roll(count);
            let child = match &mut node.what {
                What::Map(entries)
                    if !["name", "kind", "apiVersion"].contains(&entries[at].0.as_str()) =>
                {
                    &mut entries[at].1
                }
                What::List(items) => &mut items[at],
                What::Map(_) | What::Scalar(_) => return,
            };
            return self.edit(child, depth + 1);
        }
        let is_container = matches!(&node.what, What::Map(entries) if entries.first().is_some_and(|(key, _)| key == "name"));
        match (self.dice.roll(7), &mut node.what) {
            (0, _) => node.above.push(self.comment()),
            (1, _) => node.right = Some(self.comment()),
            (2 | 3, What::Map(entries)) => {
                let key = ["a", "b", "f", "new", "no"][self.dice.roll(5)].to_owned();
                let at = 1.max(self.dice.roll(entries.len() + 1)).min(entries.len());
                if entries.iter().all(|(other, _)| *other != key) {
                    let new = self.node(1);
                    entries.insert(at, (key, new));
                }
            }
            (4, What::Map(entries)) if entries.len() > 1 => {
                entries.remove(1 + self.dice.roll(entries.len() - 1));
            }
            (2 | 3, What::List(items)) => {
                let keyed = items.first().is_some_and(
                    |item| matches!(&item.what, What::Map(entries) if entries[0].0 == "name"),
                );
                let name_of_new = ["t", "u"][self.dice.roll(2)];
                let new = if keyed {
                    self.container(name_of_new)
                } else {
                    self.node(1)
                };
                let twice = keyed && items.iter().any(|item| name(item) == name(&new));
                if !twice {
                    items.insert(self.dice.roll(items.len() + 1), new);
                }
            }
            (4, What::List(items)) if items.len() > 1 => {
                items.remove(self.dice.roll(items.len()));
            }
            _ if !is_container => *node = self.node(1),
            _ => {}
        }
    }
}

fn name(node: &Node) -> Option<String> {
    match &node.what {
        What::Map(entries) => match &entries.first()?.1.what {
            What::Scalar(text) => Some(text.clone()),
            What::Map(_) | What::List(_) => None,
        },
        What::Scalar(_) | What::List(_) => None,
    }
}

fn plain(what: What) -> Node {
    Node {
        above: Vec::new(),
        right: None,
        what,
    }
}

/// How a text is written.
pub(super) struct Hand {
    pub(super) dice: Dice,
    pub(super) neat: bool,
}

impl Hand {
    fn odd(&mut self, sides: usize) -> bool {
        !self.neat && self.dice.one_in(sides)
    }

    fn flow(node: &Node) -> Option<String> {
        let inner = |node: &Node| {
            (node.above.is_empty() && node.right.is_none()).then(|| Self::flow(node))?
        };
        match &node.what {
            What::Scalar(text) if text == "~" => Some("null".to_owned()),
            What::Scalar(text) => Some(text.clone()),
            What::List(items) => {
                let items: Option<Vec<String>> = items.iter().map(inner).collect();
                Some(format!("[{}]", items?.join(", ")))
            }
            What::Map(entries) => {
                let entries: Option<Vec<String>> = entries
                    .iter()
                    .map(|(key, node)| Some(format!("{key}: {}", inner(node)?)))
                    .collect();
                Some(format!("{{{}}}", entries?.join(", ")))
            }
        }
    }

    fn children(&mut self, node: &Node, column: usize, hang: bool, out: &mut String) {
        let children: Vec<(Option<&String>, &Node)> = match &node.what {
            What::Map(entries) => entries
                .iter()
                .map(|(key, node)| (Some(key), node))
                .collect(),
            What::List(items) => items.iter().map(|node| (None, node)).collect(),
            What::Scalar(_) => return,
        };
        let pad = " ".repeat(column);
        for (at, (key, child)) in children.into_iter().enumerate() {
            if at > 0 || !hang {
                if self.odd(9) {
                    out.push('\n');
                }
                for line in &child.above {
                    writeln!(out, "{pad}{line}").unwrap();
                }
                out.push_str(&pad);
            }
            match key {
                Some(key) if self.odd(8) => write!(out, "'{key}':").unwrap(),
                Some(key) => write!(out, "{key}:").unwrap(),
                None => out.push('-'),
            }
            self.value(child, column, key.is_none(), out);
        }
    }

    fn value(&mut self, node: &Node, column: usize, is_item: bool, out: &mut String) {
        let right = node
            .right
            .as_ref()
            .map(|words| format!("  {words}"))
            .unwrap_or_default();
        let count = match &node.what {
            What::Map(entries) => entries.len(),
            What::List(items) => items.len(),
            What::Scalar(_) => 0,
        };
        if let (true, Some(flow)) = (count == 0 || self.odd(3), Self::flow(node)) {
            writeln!(out, " {flow}{right}").unwrap();
            return;
        }
        let first_above = match &node.what {
            What::Map(entries) => entries[0].1.above.is_empty(),
            What::List(items) => items[0].above.is_empty(),
            What::Scalar(_) => true,
        };
        if is_item && right.is_empty() && first_above {
            out.push(' ');
            self.children(node, column + 2, true, out);
            return;
        }
        writeln!(out, "{right}").unwrap();
        let is_list = matches!(node.what, What::List(_));
        let step = match (is_list && !is_item && self.odd(2), self.odd(4)) {
            (true, _) => 0,
            (false, true) => 4,
            (false, false) => 2,
        };
        self.children(node, column + step, false, out);
    }

    pub(super) fn text(mut self, node: &Node) -> String {
        let mut out = String::new();
        self.children(node, 0, false, &mut out);
        out
    }
}
