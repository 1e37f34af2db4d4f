//! Each row of the table of unions, each way in which two sides can change a choice.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::diag::SourceId;
use crate::kube::{UNIONS, Union};
use crate::yaml::parse_one;

/// The object that has a row's map, and where the map stands in it.
fn place(row: &Union) -> (&'static str, &'static str, String) {
    let (api_version, kind) = row.of;
    match kind {
        "Pod" => (
            "apps/v1",
            "Deployment",
            format!("spec.template.{}", row.path),
        ),
        "Container" => (
            "batch/v1",
            "CronJob",
            format!(
                "spec.jobTemplate.spec.template.spec.containers[].{}",
                row.path
            ),
        ),
        _ => (api_version, kind, row.path.to_owned()),
    }
}

/// An object whose map at the row's place has these lines beside one of its own.
fn object(row: &Union, own: &[String]) -> String {
    let (api_version, kind, path) = place(row);
    let mut lines = vec![
        format!("apiVersion: {api_version}"),
        format!("kind: {kind}"),
        "metadata: {name: a}".to_owned(),
    ];
    let mut indent = String::new();
    for step in path.split('.') {
        let key = step.trim_end_matches("[]");
        lines.push(format!("{indent}{key}:"));
        indent.push_str("  ");
        if key != step {
            lines.push(format!("{indent}- name: n"));
            indent.push_str("  ");
        }
    }
    lines.push(format!("{indent}other: 1"));
    lines.extend(own.iter().map(|line| format!("{indent}{line}")));
    lines.join("\n") + "\n"
}

/// The row's map in a text.
fn map(row: &Union, text: &str) -> serde_json::Map<String, Value> {
    let document =
        parse_one(SourceId::RENDERED, text).unwrap_or_else(|wrong| panic!("{text}\n{wrong:?}"));
    let mut at = document.root().unwrap().to_json();
    for step in place(row).2.split('.') {
        at = at[step.trim_end_matches("[]")].take();
        if step.ends_with("[]") {
            at = at[0].take();
        }
    }
    at.as_object().unwrap().clone()
}

/// The members that are there, with the value of the word.
fn made(row: &Union, text: &str) -> BTreeSet<(String, String)> {
    let members = map(row, text).into_iter();
    let members = members.filter(|(name, _)| row.members.contains(&name.as_str()));
    members
        .map(|(name, value)| {
            let word = if row.word == Some(name.as_str()) {
                value.to_string()
            } else {
                String::new()
            };
            (name, word)
        })
        .collect()
}

/// What a map can have: nothing, one member or another, each with one value or another; of a choice
/// that a word makes, the word with the other field and without.
fn states(row: &Union) -> Vec<Vec<String>> {
    let line = |name: &str, value: u8| format!("{name}: {{a: {value}, b: x}}");
    let [one, other] = [row.members[0], row.members[row.members.len() - 1]];
    match row.word {
        Some(word) => {
            let word = |value: u8| format!("{word}: Word{value}");
            vec![
                vec![],
                vec![word(1)],
                vec![word(2)],
                vec![word(1), line(other, 1)],
                vec![line(other, 2)],
            ]
        }
        None => vec![
            vec![],
            vec![line(one, 1)],
            vec![line(one, 2)],
            vec![line(other, 1)],
        ],
    }
}

#[test]
fn no_merge_makes_a_choice_that_neither_side_made() {
    let mut conflicts = 0;
    for row in UNIONS {
        let states = states(row);
        for (base, ours, theirs) in states.iter().flat_map(|base| {
            let states = &states;
            states
                .iter()
                .flat_map(move |ours| states.iter().map(move |theirs| (base, ours, theirs)))
        }) {
            // Each side changes something else besides, so that there is something to merge.
            let (base, ours, theirs) = (
                object(row, base),
                object(row, ours) + "mine: 1\n",
                object(row, theirs).replace("other: 1", "other: 2"),
            );
            let texts = Texts {
                base: &base,
                ours: &ours,
                theirs: &theirs,
            };
            let shown = format!("--- base\n{base}--- ours\n{ours}--- theirs\n{theirs}");
            let holds = |text: &str| {
                let got = made(row, text);
                assert!(
                    [&ours, &theirs].iter().any(|side| made(row, side) == got),
                    "{shown}--- got\n{text}"
                );
                assert!(
                    text.contains("mine: 1") && text.contains("other: 2"),
                    "{text}"
                );
            };
            let merged = merge(Manner::Yaml, texts, &undecided);
            let side = |text: &str| {
                let mut map = map(row, text);
                map.remove("other");
                map
            };
            let (was, mine, new) = (side(&base), side(&ours), side(&theirs));
            match &merged {
                Ok(text) => {
                    holds(text);
                    if was == mine || mine == new {
                        assert_eq!(side(text), new, "{shown}--- got\n{text}");
                    } else if was == new {
                        assert_eq!(side(text), mine, "{shown}--- got\n{text}");
                    }
                }
                Err(open) => {
                    assert!(
                        was != mine && was != new && mine != new,
                        "{open:?}\n{shown}"
                    );
                    conflicts += 1;
                    for side in [Side::Ours, Side::Theirs] {
                        let settled = merge(Manner::Yaml, texts, &move |_: &Conflict| Some(side));
                        holds(&settled.unwrap_or_else(|open| panic!("{open:?}\n{shown}")));
                    }
                }
            }
        }
    }
    assert!(conflicts > 100, "{conflicts}");
}

#[test]
fn a_choice_is_told_as_one() {
    let probe = |lines: &str| {
        let head = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      \
                    containers:\n        - name: app\n          readinessProbe:\n            periodSeconds: 5\n";
        format!("{head}{lines}")
    };
    let texts = [
        probe("            tcpSocket: {port: 1}\n"),
        probe("            # Mine.\n            httpGet: {port: 1}\n"),
        probe("            grpc: {port: 1}\n"),
    ];
    let open = yaml(&texts[0], &texts[1], &texts[2]).unwrap_err();
    assert_eq!(
        open,
        [
            "12:13 Deployment/a spec.template.spec.containers[name=app].readinessProbe: \
          { tcpSocket: { port: 1 } } | { httpGet: { port: 1 } } | { grpc: { port: 1 } }"
        ]
    );
    let theirs = decided(&texts[0], &texts[1], &texts[2], &|_: &Conflict| {
        Some(Side::Theirs)
    });
    assert_eq!(theirs.as_ref(), Ok(&texts[2]));
    let why = Why::OneChoice(vec!["grpc", "httpGet"]).words();
    assert_eq!(
        why,
        "`grpc`, `httpGet` are one choice, and you and the render both changed it"
    );
}

/// What stands in the way of one member stands in the way of all.
#[test]
fn a_comment_or_an_anchor_in_a_member_keeps_the_choice_whole() {
    let volume = |source: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  volumes:\n    - name: v\n{source}  other: 1\n"
        )
    };
    let base = volume("      emptyDir:\n        sizeLimit: 1Gi\n");
    let theirs = volume("      hostPath: {path: /a}\n");
    for (ours, why, settles) in [
        (
            volume("      emptyDir:\n        # Mine.\n        sizeLimit: 1Gi\n"),
            Why::Comment,
            true,
        ),
        (
            volume("      emptyDir: &a\n        sizeLimit: 1Gi\n"),
            Why::Anchor,
            false,
        ),
    ] {
        let texts = Texts {
            base: &base,
            ours: &ours,
            theirs: &theirs,
        };
        let open = merge(Manner::Yaml, texts, &undecided).unwrap_err();
        assert_eq!((open.len(), &open[0].why), (1, &why));
        assert_eq!(open[0].path.to_string(), "spec.volumes[name=v]");
        let kept = merge(Manner::Yaml, texts, &|_: &Conflict| Some(Side::Ours));
        assert_eq!(kept.as_ref(), Ok(&ours));
        let taken = merge(Manner::Yaml, texts, &|_: &Conflict| Some(Side::Theirs));
        assert_eq!(taken.is_ok(), settles, "{taken:?}");
        if settles {
            assert_eq!(taken.as_ref(), Ok(&theirs));
        }
    }
}
