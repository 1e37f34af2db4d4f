//! When two values say the same: scalars as kubectl reads them, maps in any order.

use crate::yaml::{Data, Resolved, Tree, means};

/// Whether two values say the same, however they are written. Null, empty and missing are three things.
pub fn same_data(one: &Tree, other: &Tree) -> bool {
    match (&one.data, &other.data) {
        (Data::Scalar(one, style), Data::Scalar(other, other_style)) => {
            match (means(one, *style), means(other, *other_style)) {
                (Resolved::Str, Resolved::Str) => one == other,
                (Resolved::Float(one), Resolved::Float(other)) => {
                    one.total_cmp(&other).is_eq() || (one.is_nan() && other.is_nan())
                }
                (one, other) => one == other,
            }
        }
        (Data::Seq(one), Data::Seq(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_data(one, other))
        }
        (Data::Map(one), Data::Map(other)) => {
            if one.len() != other.len() {
                return false;
            }
            let in_order = one
                .iter()
                .zip(other)
                .all(|(one, other)| one.key == other.key);
            if in_order {
                return one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_data(&one.value, &other.value));
            }
            let others: std::collections::BTreeMap<&str, &Tree> = other
                .iter()
                .map(|entry| (entry.key.as_str(), &entry.value))
                .collect();
            one.iter().all(|entry| {
                others
                    .get(entry.key.as_str())
                    .is_some_and(|other| same_data(&entry.value, other))
            })
        }
        (Data::Scalar(..) | Data::Seq(_) | Data::Map(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::same_data;
    use crate::diag::SourceId;
    use crate::yaml::{Tree, parse_one};

    #[test]
    fn missing_null_and_empty_differ_and_writing_does_not_matter() {
        let tree = |text: &str| {
            let document = parse_one(SourceId::RENDERED, text).unwrap();
            Tree::of(document.root().unwrap()).unwrap()
        };
        for (one, other, same) in [
            ("a: 1\nb: x\n", "{b: 'x', a: 0x1}", true),
            ("a: |\n  x\n", "a: \"x\\n\"", true),
            ("a: {}", "a:", false),
            ("a: []", "a: {}", false),
            ("a:", "{}", false),
            ("a: '1'", "a: 1", false),
            ("a: yes", "a: true", true),
            ("a: ~", "a: null", true),
            ("a: ''", "a:", false),
            ("a: [1, 2]", "a: [2, 1]", false),
        ] {
            assert_eq!(
                same_data(&tree(one), &tree(other)),
                same,
                "{one:?} {other:?}"
            );
        }
    }
}
