//! YAML of others, taken apart within bounds: what is larger than anybody writes is not read.

use crate::diag::SourceId;
use crate::yaml::{Data, NodeRef, Tree, parse_one};

/// Nobody writes a compose or a CI file longer than that.
const LONGEST: usize = 256 << 10;
/// Nobody gives a map more keys; looking for doubles takes their number squared.
const MOST_KEYS: usize = 500;

/// The text as a tree, if it is one document and small enough.
pub(super) fn tree(text: &str) -> Option<Tree> {
    // A stream of documents is neither of the two.
    let marks = text
        .lines()
        .filter(|line| ["---", "..."].iter().any(|mark| line.starts_with(mark)));
    if text.len() > LONGEST || marks.count() > 1 {
        return None;
    }
    let document = parse_one(SourceId::RENDERED, text).ok()?;
    let root = document.root()?;
    if is_wide(root) {
        return None;
    }
    Tree::of(root).ok()
}

/// Whether a map in it has more keys than anybody means.
fn is_wide(node: NodeRef<'_>) -> bool {
    let mut count = 0;
    node.entries().any(|(_, value)| {
        count += 1;
        count > MOST_KEYS || is_wide(value)
    }) || node.items().any(is_wide)
}

/// The text of a scalar.
pub(super) fn word(tree: &Tree) -> Option<&str> {
    match &tree.data {
        Data::Scalar(text, _) => Some(text),
        Data::Seq(_) | Data::Map(_) => None,
    }
}

/// The text of a scalar under `key`.
pub(super) fn text<'t>(tree: &'t Tree, key: &str) -> Option<&'t str> {
    word(tree.get(key)?)
}

/// The items under `key`; a single word is one.
pub(super) fn items<'t>(tree: &'t Tree, key: &str) -> &'t [Tree] {
    match tree.get(key) {
        Some(Tree {
            data: Data::Seq(items),
            ..
        }) => items,
        Some(
            one @ Tree {
                data: Data::Scalar(..),
                ..
            },
        ) => std::slice::from_ref(one),
        Some(_) | None => &[],
    }
}

/// The names under `key`: the words of a list, or the keys of a map.
pub(super) fn names<'t>(tree: &'t Tree, key: &str) -> Vec<&'t str> {
    let keys = tree.get(key).map_or(&[][..], Tree::entries).iter();
    let words = items(tree, key).iter().filter_map(word);
    keys.map(|entry| entry.key.as_str()).chain(words).collect()
}

/// A folder as the parts of the way to it, if it is a plain one below where it is seen from.
pub(super) fn way(path: &str) -> Option<Vec<&str>> {
    let is_plain = |part: &&str| *part != ".." && !part.contains(['$', ':', '{', '*', '\\']);
    if path.starts_with(['/', '~']) {
        return None;
    }
    let parts = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".");
    parts.map(|part| is_plain(&part).then_some(part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_not_read() {
        assert!(tree("a: [b]").is_some());
        assert!(tree(&format!("a: {}", "x".repeat(LONGEST))).is_none());
        let wide: Vec<_> = (0..=MOST_KEYS).map(|i| format!("a{i}: 1\n")).collect();
        assert!(tree(&wide.concat()).is_none());
        let line = |i: u32| format!("a{}: &a{} [*a{i}, *a{i}]\n", i + 1, i + 1);
        let bomb: Vec<_> = (0..40).map(line).collect();
        assert!(tree(&format!("a0: &a0 [x, x]\n{}", bomb.concat())).is_none());
        assert!(tree("a: &a [*a]").is_none());
        for deep in ["[", "{a: ", "- ", "? "] {
            assert!(tree(&deep.repeat(60_000)).is_none());
        }
        assert!(tree("---\na: 1\n").is_some());
        for stream in ["a: 1\n---\nb: 1\n", "a: 1\n...\nb: 1\n"] {
            assert!(tree(stream).is_none());
            assert!(tree(&stream.repeat(10_000)).is_none());
        }
        assert!(tree("").is_none());
    }

    #[test]
    fn ways() {
        assert_eq!(way("."), Some(vec![]));
        assert_eq!(way("./a//b/"), Some(vec!["a", "b"]));
        for strange in [
            "..",
            "a/../b",
            "/a",
            "~/a",
            "${A}",
            "https://a",
            "{{context}}",
        ] {
            assert_eq!(way(strange), None, "{strange}");
        }
    }
}
