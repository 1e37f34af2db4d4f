//! Random documents as people write them: every edit is refused or exact, and what came in goes out
//! again without a trace.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::yaml::{Kind, NodeRef};

/// A line of noise between entries.
fn noise() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        6 => Just(""),
        1 => Just("\n"),
        1 => Just("# c\n"),
        1 => Just("\n# loose\n\n"),
        1 => Just("# two\n# lines\n"),
        1 => Just("      # deep\n"),
    ]
}

fn right() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(""), 1 => Just(" # r"), 1 => Just("   # far"), 1 => Just("  ")]
}

fn scalar() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "1",
        "'q'",
        "\"d\\n\"",
        "plain words",
        "{a: 1, b: [x, y]}",
        "[]",
        "{}",
        "[1, 2]",
        "~",
        "",
        "{ }",
        "{\n         a: 1, # in\n         b: 2\n         }",
        "\"wrapped\n         line\"",
        "a#b",
    ])
}

#[derive(Debug, Clone)]
enum Shape {
    Scalar(&'static str),
    Text(&'static str),
    Map(Vec<(&'static str, &'static str, Shape)>, usize),
    Seq(Vec<(&'static str, &'static str, Shape)>, usize),
}

fn shape() -> impl Strategy<Value = Shape> {
    let text = prop::sample::select(vec!["|", "|-", "|+", ">", ">-"]);
    let leaf = prop_oneof![5 => scalar().prop_map(Shape::Scalar), 1 => text.prop_map(Shape::Text)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let entries = prop::collection::vec((noise(), right(), inner), 1..4).boxed();
        prop_oneof![
            (entries.clone(), prop::sample::select(vec![2_usize, 4]))
                .prop_map(|(entries, step)| Shape::Map(entries, step)),
            (entries, prop::sample::select(vec![0_usize, 2]))
                .prop_map(|(entries, step)| Shape::Seq(entries, step)),
        ]
    })
}

/// Writes a value behind a key or dash; `column` is that of the key or dash.
fn write(shape: &Shape, right: &str, column: usize, is_item: bool, out: &mut String) {
    match shape {
        Shape::Scalar(text) => {
            if !text.is_empty() {
                out.push(' ');
            }
            out.push_str(text);
            out.push_str(right);
            out.push('\n');
        }
        Shape::Text(header) => {
            let pad = " ".repeat(column + 2);
            let lines = format!(" {header}{right}\n{pad}one\n\n{pad}  # two\n{pad}three\n\n");
            out.push_str(&lines);
        }
        Shape::Map(entries, step) => {
            let column = column + if is_item { 2 } else { *step };
            collection(entries, right, column, is_item, true, out);
        }
        Shape::Seq(entries, step) => {
            let column = column + if is_item { 2 } else { *step };
            collection(entries, right, column, is_item, false, out);
        }
    }
}

fn collection(
    entries: &[(&'static str, &'static str, Shape)],
    side: &str,
    column: usize,
    hang: bool,
    is_map: bool,
    out: &mut String,
) {
    // A comment behind the dash sends the first entry to the next line.
    let hang = hang && side.trim().is_empty();
    if !hang {
        out.push_str(side);
        out.push('\n');
    }
    for (index, (noise, right, shape)) in entries.iter().enumerate() {
        if index == 0 && hang {
            out.push(' ');
        } else {
            for line in noise.lines() {
                if !line.is_empty() && !line.starts_with(' ') {
                    out.push_str(&" ".repeat(column));
                }
                out.push_str(line);
                out.push('\n');
            }
            out.push_str(&" ".repeat(column));
        }
        if is_map {
            out.push_str(["a:", "'b':", "c :"][index]);
        } else {
            out.push('-');
        }
        write(shape, right, column, !is_map, out);
    }
}

fn text() -> impl Strategy<Value = String> {
    let entries = prop::collection::vec((noise(), right(), shape()), 1..4);
    let ends = (any::<bool>(), any::<bool>(), noise());
    (
        entries,
        ends,
        prop::sample::select(vec!["", "---\n", "# top\n\n", "\u{feff}"]),
    )
        .prop_map(|(entries, (crlf, cut, end), start)| {
            let mut out = String::new();
            collection(&entries, "", 0, false, true, &mut out);
            let mut out = format!("{start}{}{end}", out.trim_start_matches('\n'));
            if cut {
                out.truncate(out.trim_end().len());
            }
            if crlf { out.replace('\n', "\r\n") } else { out }
        })
}

/// The paths of all collections and of all that stands in them.
fn paths(node: NodeRef<'_>, at: &FieldPath, out: &mut Vec<(FieldPath, Kind)>) {
    out.push((at.clone(), node.kind()));
    for (key, value) in node.entries() {
        paths(value, &at.key(key.text()), out);
    }
    for (index, item) in node.items().enumerate() {
        paths(item, &at.index(index), out);
    }
}

/// A refusal that is allowed: of one kind of place only.
fn may_refuse(text: &str, refusal: &Refusal) -> bool {
    match refusal {
        // A block scalar at the very end of a text without line end.
        Refusal::Unproved => !text.ends_with('\n'),
        Refusal::Unclear { .. } => text.contains("# in"),
        Refusal::NotYaml(_)
        | Refusal::NoSuchPlace { .. }
        | Refusal::Occupied { .. }
        | Refusal::Anchored { .. }
        | Refusal::Overlap => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_comes_in_goes_out_without_a_trace(text in text(), which in any::<prop::sample::Index>(),
        value in 0..4_usize, slot in any::<prop::sample::Index>()) {
        let Ok(document) = open(SourceId::RENDERED, &text) else {
            return Err(TestCaseError::reject("not YAML"));
        };
        let Some(root) = document.root() else { return Err(TestCaseError::reject("nothing")) };
        let mut all = Vec::new();
        paths(root, &FieldPath::default(), &mut all);
        all.retain(|(_, kind)| matches!(kind, Kind::Map | Kind::Seq));
        let (at, kind) = which.get(&all);
        let value = [json!(1), json!("no"), json!({"x": 1, "y": ["z"]}), json!([])][value].clone();
        let found = at.0.iter().try_fold(root, |node, step| match step {
            crate::yaml::Step::Key(key) => node.get(key),
            crate::yaml::Step::Index(index) => node.items().nth(*index),
            crate::yaml::Step::Item(_) => None,
        }).unwrap();
        let count = found.entries().count().max(found.items().count());
        let slot = slot.index(count + 1);
        let (inserted, inner) = if *kind == Kind::Map {
            let cutting = Cutting::new(Some("new"), &value).unwrap();
            (insert_key(&document, at, cutting, &Place::Before(slot)), at.key("new"))
        } else {
            let cutting = Cutting::new(None, &value).unwrap();
            (insert_item(&document, at, cutting, &Place::Before(slot)), at.index(slot))
        };
        match inserted {
            Ok(with) => {
                let back = remove(&open(SourceId::RENDERED, &with).unwrap(), &inner);
                prop_assert_eq!(back.as_ref(), Ok(&text), "{} in {:?} -> {:?}", at, text, with);
            }
            Err(refusal) => prop_assert!(may_refuse(&text, &refusal), "{} {:?}: {:?}", at, text, refusal),
        }
    }

    #[test]
    fn set_and_remove_are_exact_everywhere(text in text(), which in any::<prop::sample::Index>(),
        value in 0..5_usize) {
        let Ok(document) = open(SourceId::RENDERED, &text) else {
            return Err(TestCaseError::reject("not YAML"));
        };
        let Some(root) = document.root() else { return Err(TestCaseError::reject("nothing")) };
        let mut all = Vec::new();
        paths(root, &FieldPath::default(), &mut all);
        all.remove(0);
        let (at, _) = which.get(&all);
        let values = [json!(1), json!("two words"), json!("a\nb\n"), json!({"x": 1, "y": [{"z": 1}]}), json!([])];
        for result in [set(&document, at, &values[value]), remove(&document, at)] {
            if let Err(refusal) = result {
                prop_assert!(may_refuse(&text, &refusal), "{} {:?}: {:?}", at, text, refusal);
            }
        }
    }
}
