//! What one render has other than another, field by field, with the comment that says why.

use std::collections::BTreeMap;

use super::item::Item;
use super::list;
use super::piece::id;
use crate::diag::SourceId;
use crate::yaml::edit::{Page, flow_text};
use crate::yaml::{Document, FieldPath, NodeRef, parse_one};

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The object: `Deployment/checkout`.
    pub object: String,
    /// The field; empty for the object as a whole.
    pub path: FieldPath,
    /// Its value before, on one line.
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
    let read = |text: Option<&str>| parse_one(SourceId::RENDERED, text?).ok();
    let (before, after) = (read(before), read(after));
    let [old, new] = [&before, &after].map(|document| {
        let root = document.as_ref().and_then(Document::root);
        root.and_then(|root| Item::of(root).ok())
    });
    let newest = after.as_ref().filter(|_| new.is_some());
    let Some(document) = newest.or(before.as_ref()) else {
        return Vec::new();
    };
    let Some(id) = document.root().and_then(id) else {
        return Vec::new();
    };
    let word = |key: &str| {
        let root = document.root().and_then(|root| root.get(key));
        root.map(NodeRef::text).unwrap_or_default()
    };
    let mut teller = Teller {
        object: id.to_string(),
        kind: (word("apiVersion"), word("kind")),
        page: Page::of(document),
        told: Vec::new(),
    };
    teller.node(&FieldPath::default(), [old.as_ref(), new.as_ref()]);
    teller.told
}

struct Teller<'d> {
    object: String,
    /// API version and kind.
    kind: (&'d str, &'d str),
    /// The text that comments are read from: the new one where there is one.
    page: Page<'d>,
    told: Vec<Told>,
}

impl Teller<'_> {
    /// Tells two values apart.
    fn node(&mut self, path: &FieldPath, sides: [Option<&Item<'_>>; 2]) {
        let [Some(before), Some(after)] = sides else {
            self.tell(path, sides);
            return;
        };
        if before.same(after) {
            return;
        }
        match (before.map(), after.map(), before.seq(), after.seq()) {
            (Some(old), Some(new), ..) => {
                let named = |items: &[Item<'_>]| -> Vec<String> {
                    items.iter().map(|item| item.name.to_string()).collect()
                };
                let step = |name: &str| path.key(name);
                self.children(&named(old), old, &named(new), new, &step);
            }
            (_, _, Some(old), Some(new)) => match list::names(self.kind, path, old, &[], new) {
                Some(names) => {
                    let step = |name: &str| path.item(name);
                    self.children(&names.base, old, &names.theirs, new, &step);
                }
                None => self.items(path, before, after),
            },
            _ => self.tell(path, sides),
        }
    }

    /// Tells children apart by their names.
    fn children(
        &mut self,
        before: &[String],
        old: &[Item<'_>],
        after: &[String],
        new: &[Item<'_>],
        step: &dyn Fn(&str) -> FieldPath,
    ) {
        let mut left: BTreeMap<&String, &Item<'_>> = before.iter().zip(old).collect();
        for (name, item) in after.iter().zip(new) {
            self.node(&step(name), [left.remove(name), Some(item)]);
        }
        for (name, item) in before.iter().zip(old) {
            if left.contains_key(name) {
                self.node(&step(name), [Some(item), None]);
            }
        }
    }

    /// A list that is one value: of long ones only the items that one of the two lacks.
    fn items(&mut self, path: &FieldPath, before: &Item<'_>, after: &Item<'_>) {
        self.tell(path, [Some(before), Some(after)]);
        let lacking = |one: &Item<'_>, other: &Item<'_>| {
            let there = other.seq().unwrap_or_default();
            let items = one.seq().unwrap_or_default().iter();
            let texts: Vec<String> = items
                .filter(|item| !there.iter().any(|one| one.same(item)))
                .map(|item| flow_text(&item.tree()))
                .collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        };
        let (gone, new) = (lacking(before, after), lacking(after, before));
        if let Some(told) = self.told.last_mut()
            && (gone.is_some() || new.is_some())
            && self.kind.1 != "Secret"
        {
            told.is_new = gone.is_none();
            (told.before, told.after) = (gone, new);
        }
    }

    fn tell(&mut self, path: &FieldPath, sides: [Option<&Item<'_>>; 2]) {
        let is_whole = path.0.is_empty();
        let value = |item: Option<&Item<'_>>| {
            let item = item.filter(|_| !is_whole)?;
            Some(if self.kind.1 == "Secret" {
                "…".to_owned()
            } else {
                flow_text(&item.tree())
            })
        };
        let why = sides[1].and_then(|item| item.node).map(|node| {
            let lines = self.page.above(node).into_iter();
            let lines: Vec<&str> = lines
                .map(|line| line.trim_start_matches(['#', ' ']))
                .collect();
            lines.join(" ")
        });
        self.told.push(Told {
            object: self.object.clone(),
            path: path.clone(),
            before: value(sides[0]),
            after: value(sides[1]),
            why: why.filter(|why| !why.is_empty()),
            is_new: sides[0].is_none(),
        });
    }
}

impl Told {
    /// The field as a person reads it: `containers[name=app].image`.
    pub fn place(&self) -> String {
        if self.path.0.is_empty() {
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
        let before = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  # old\n  x: 1\n  \
                      gone: {a: 1}\n  template:\n    spec:\n      containers:\n        - name: app\n          \
                      image: a:1\n  list: [a]\n";
        let after = "# Runs it.\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  # Two, for\n  \
                     # a reason.\n  x: 2\n  template:\n    spec:\n      containers:\n        - name: app\n          \
                     image: a:2\n        - name: side\n          image: b\n  list: [a, b]\n";
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
                "spec.template.spec.containers[name=app].image: a:1 > a:2 ",
                "spec.template.spec.containers[name=side]: - > { name: side, image: b } ",
                "spec.list: - > b ",
                "spec.gone: { a: 1 } > - ",
            ]
        );
        assert_eq!(told(Some(after), Some(after)), []);
        let new = told(None, Some(after));
        assert_eq!(
            (new.len(), new[0].place()),
            (1, "`Deployment/a`".to_owned())
        );
        assert_eq!(told(Some("["), Some("# nothing\n")), []);
    }
}
