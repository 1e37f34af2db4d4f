//! What one render has other than another, field by field, with the comment that says why.

use super::conflict::short;
use crate::diag::SourceId;
use crate::yaml::edit::{Page, flow_text};
use crate::yaml::{Document, FieldPath, Kind, NodeRef, Step, Tree, parse_one};

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The object: `Deployment/checkout`.
    pub object: String,
    /// The field; empty for the object as a whole.
    pub path: FieldPath,
    /// Its value before, short and on one line.
    pub before: Option<String>,
    /// Its value now.
    pub after: Option<String>,
    /// The comment above it.
    pub why: Option<String>,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// What `after` has other than `before`; a text that is no object tells nothing.
pub fn told(before: Option<&str>, after: Option<&str>) -> Vec<Told> {
    let read = |text: Option<&str>| text.and_then(|text| parse_one(SourceId::RENDERED, text).ok());
    let (before, after) = (read(before), read(after));
    let sides = [root(before.as_ref()), root(after.as_ref())];
    let newest = after.as_ref().filter(|_| sides[1].is_some());
    let Some(document) = newest.or(before.as_ref().filter(|_| sides[0].is_some())) else {
        return Vec::new();
    };
    let mut teller = Teller {
        object: object(document),
        page: Page::of(document),
        told: Vec::new(),
    };
    teller.node(&FieldPath::default(), sides);
    teller.told
}

fn root(document: Option<&Document>) -> Option<NodeRef<'_>> {
    document.and_then(Document::root)
}

fn object(document: &Document) -> String {
    let root = document.root();
    let word = |node: Option<NodeRef<'_>>| node.map(NodeRef::text).unwrap_or_default().to_owned();
    let kind = word(root.and_then(|root| root.get("kind")));
    let name = word(root.and_then(|root| root.get("metadata")?.get("name")));
    format!("{kind}/{name}")
}

struct Teller<'d> {
    object: String,
    /// The text that comments are read from: the new one where there is one.
    page: Page<'d>,
    told: Vec<Told>,
}

impl<'d> Teller<'d> {
    /// Tells two values apart.
    fn node(&mut self, path: &FieldPath, sides: [Option<NodeRef<'d>>; 2]) {
        match sides {
            [Some(before), Some(after)] => match (before.kind(), after.kind()) {
                (Kind::Map, Kind::Map) => self.maps(path, before, after),
                (Kind::Seq, Kind::Seq) if is_named(before) && is_named(after) => {
                    self.lists(path, before, after);
                }
                _ if before.to_json() == after.to_json() => {}
                (Kind::Seq, Kind::Seq) => self.items(path, [before, after]),
                _ => self.tell(path, sides),
            },
            [None, None] => {}
            _ => self.tell(path, sides),
        }
    }

    fn maps(&mut self, path: &FieldPath, before: NodeRef<'d>, after: NodeRef<'d>) {
        for (key, value) in after.entries() {
            let below = path.key(key.text());
            self.node(&below, [before.get(key.text()), Some(value)]);
        }
        for (key, value) in before.entries() {
            if after.get(key.text()).is_none() {
                self.node(&path.key(key.text()), [Some(value), None]);
            }
        }
    }

    fn lists(&mut self, path: &FieldPath, before: NodeRef<'d>, after: NodeRef<'d>) {
        let of_name = |list: NodeRef<'d>, name: &str| {
            let named = |item: &NodeRef<'d>| item.get("name").is_some_and(|one| one.text() == name);
            list.items().find(named)
        };
        let name = |item: NodeRef<'d>| item.get("name").map(NodeRef::text).unwrap_or_default();
        for item in after.items() {
            let below = path.item(format!("name={}", name(item)));
            self.node(&below, [of_name(before, name(item)), Some(item)]);
        }
        for item in before.items() {
            if of_name(after, name(item)).is_none() {
                let below = path.item(format!("name={}", name(item)));
                self.node(&below, [Some(item), None]);
            }
        }
    }

    /// A list that is one value: of long ones only the items that one of the two lacks.
    fn items(&mut self, path: &FieldPath, [before, after]: [NodeRef<'d>; 2]) {
        self.tell(path, [Some(before), Some(after)]);
        let lacking = |one: NodeRef<'_>, other: NodeRef<'_>| {
            let there: Vec<_> = other.items().map(NodeRef::to_json).collect();
            let items = one.items().filter(|item| !there.contains(&item.to_json()));
            let texts: Vec<String> = items
                .filter_map(|item| Some(flow_text(&Tree::of(item).ok()?)))
                .collect();
            (!texts.is_empty()).then(|| short(&texts.join(", ")))
        };
        let (gone, new) = (lacking(before, after), lacking(after, before));
        if let Some(told) = self.told.last_mut()
            && (gone.is_some() || new.is_some())
            && !self.object.starts_with("Secret/")
        {
            told.is_new = gone.is_none();
            (told.before, told.after) = (gone, new);
        }
    }

    fn tell(&mut self, path: &FieldPath, sides: [Option<NodeRef<'d>>; 2]) {
        let whole = path.0.is_empty();
        let secret = self.object.starts_with("Secret/");
        let value = |node: Option<NodeRef<'_>>| {
            let tree = Tree::of(node?).ok()?;
            Some(if secret {
                "…".to_owned()
            } else {
                short(&flow_text(&tree))
            })
        };
        let [before, after] = sides.map(value).map(|value| value.filter(|_| !whole));
        let why = sides[1].map(|node| {
            let lines: Vec<&str> = self
                .page
                .above(node)
                .into_iter()
                .map(|line| line.trim_start_matches(['#', ' ']))
                .collect();
            lines.join(" ")
        });
        self.told.push(Told {
            object: self.object.clone(),
            path: path.clone(),
            before,
            after,
            why: why.filter(|why| !why.is_empty()),
            is_new: sides[0].is_none(),
        });
    }
}

/// Whether every item of a list has a name.
fn is_named(list: NodeRef<'_>) -> bool {
    list.items().all(|item| item.get("name").is_some())
}

impl Told {
    /// The field as a person reads it: `containers[name=app].image`.
    pub fn place(&self) -> String {
        let only_keys = self
            .path
            .0
            .iter()
            .all(|step| !matches!(step, Step::Index(_)));
        if self.path.0.is_empty() || !only_keys {
            return format!("`{}`", self.object);
        }
        format!("`{}` of `{}`", self.path, self.object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_told_with_its_reason() {
        let before = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  # old\n  x: 1\n  gone: {a: 1}\n  \
                      ports:\n    - name: http\n      port: 80\n  list: [a]\n";
        let after = "# Reaches it.\napiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  # Two, for\n  # a reason.\n  \
                     x: 2\n  ports:\n    - name: http\n      port: 81\n    - name: grpc\n      port: 82\n  list: [a, b]\n";
        let said: Vec<String> = told(Some(before), Some(after))
            .iter()
            .map(|one| {
                let value =
                    |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
                let why = one.why.clone().unwrap_or_default();
                format!(
                    "{}: {} > {} {why}",
                    one.path,
                    value(&one.before),
                    value(&one.after)
                )
            })
            .collect();
        assert_eq!(
            said,
            [
                "spec.x: 1 > 2 Two, for a reason.",
                "spec.ports[name=http].port: 80 > 81 ",
                "spec.ports[name=grpc]: - > { name: grpc, port: 82 } ",
                "spec.list: - > b ",
                "spec.gone: { a: 1 } > - ",
            ]
        );
        assert_eq!(told(Some(after), Some(after)), []);
        let new = told(None, Some(after));
        assert_eq!((new.len(), new[0].place()), (1, "`Service/a`".to_owned()));
        assert_eq!(told(Some("["), Some("# nothing\n")), []);
    }
}
