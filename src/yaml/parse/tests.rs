//! What opens, what reads back, and what is refused.

use serde_json::json;

use super::*;
use crate::diag::{Origin, SourceMap};
use crate::yaml::envelope::Envelope;

fn source() -> SourceId {
    SourceMap::default().add(Origin::Stdin, "")
}

fn seal(text: &str) -> String {
    let mut out = String::new();
    Envelope::seal_text(text, &mut out);
    out
}

fn leaf(value: &serde_json::Value, strings: bool) -> String {
    let mut out = String::new();
    Envelope::seal_value(&value.into(), strings, &mut out);
    out
}

fn opened(text: &str) -> String {
    let document = open(text).unwrap();
    let again = parse_one(source(), document.text()).unwrap();
    assert_eq!(
        again.root().unwrap().to_json(),
        document.root().unwrap().to_json(),
        "{}",
        document.text()
    );
    let places = |doc: &Document| -> Vec<(Kind, std::ops::Range<usize>, u32)> {
        let same = |node: &Node| (node.kind, node.span.range(), node.next);
        doc.nodes.iter().map(same).collect()
    };
    assert_eq!(places(&again), places(&document), "{}", document.text());
    document.into_text()
}

#[test]
fn sealed_strings_keep_the_templates_quotes_and_never_change_the_shape() {
    let text = format!(
        "# for {c}\na: {x}  # right\nb: '{x}-{y}'\n{y}: {x}:{y}\nf: {{k: {x}, l: [{x}]}}\n",
        c = seal("x\nhostNetwork: true"),
        x = seal("no"),
        y = seal("a: b #c"),
    );
    assert_eq!(
        opened(&text),
        "# for x hostNetwork: true\na: \"no\"  # right\nb: \"no-a: b #c\"\n\
         \"a: b #c\": \"no:a: b #c\"\nf: {k: \"no\", l: [\"no\"]}\n"
    );
}

#[test]
fn typed_leaves_open_as_block_yaml_at_their_column() {
    let probe = leaf(
        &json!({"httpGet": {"path": "/ok", "port": 8080}, "l": ["a", {"b": 1}]}),
        false,
    );
    let text = format!(
        "x:\n  # why\n  probe: {probe}  # right\n  next: 1\n  list:\n    - {probe}\n    - {probe} # c\n\
         flow: [{probe}]\nempty: {}\n",
        leaf(&json!({}), false)
    );
    assert_eq!(
        opened(&text),
        "x:\n  # why\n  probe:  # right\n    httpGet:\n      path: /ok\n      port: 8080\n    l:\n      \
         - a\n      - b: 1\n  next: 1\n  list:\n    - httpGet:\n        path: /ok\n        port: 8080\n      \
         l:\n        - a\n        - b: 1\n    - # c\n      httpGet:\n        path: /ok\n        port: 8080\n      \
         l:\n        - a\n        - b: 1\n\
         flow: [{ httpGet: { path: /ok, port: 8080 }, l: [a, { b: 1 }] }]\nempty: {}\n"
    );
    let labels = leaf(&json!({"app.kubernetes.io/name": "checkout"}), true);
    assert_eq!(
        opened(&format!("labels: {labels}\n")),
        "labels:\n  app.kubernetes.io/name: \"checkout\"\n"
    );
}

#[test]
fn fragments_move_to_their_column_with_their_comments() {
    let mut block = String::new();
    Envelope::seal_block("one\n\n  two\n", &mut block);
    let inner = format!(
        "# why\na: {}\nlist:\n  - {block}\nb:\n  c: {block}\n",
        seal("no")
    );
    let inner = inner.replace(&format!("  - {block}\n"), "  - 1\n");
    let mut fragment = String::new();
    Envelope::seal_fragment(&inner, &mut fragment);
    assert_eq!(
        opened(&format!("x:\n  spec: {fragment}\n  z: 1\n")),
        "x:\n  spec:\n    # why\n    a: \"no\"\n    list:\n      - 1\n    b:\n      c: |\n        one\n\n          two\n  z: 1\n"
    );
}

#[test]
fn blocks_are_literal_where_they_fit() {
    let block = |text: &str| {
        let mut out = String::new();
        Envelope::seal_block(text, &mut out);
        out
    };
    let text = format!(
        "data:\n  a: {}\n  b: {}\n  c: {}\n  d: {}\n  e: {}\n  f: {}\nz: 1\n",
        block("one\n two\n\nthree\n"),
        block("no break"),
        block("  lead\n\n\n"),
        block("a\r\nb"),
        block(""),
        block("\n\n"),
    );
    assert_eq!(
        opened(&text),
        "data:\n  a: |\n    one\n     two\n\n    three\n  b: |-\n    no break\n  c: |2+\n      lead\n\n\n  \
         d: \"a\\r\\nb\"\n  e: \"\"\n  f: \"\\n\\n\"\nz: 1\n"
    );
}

#[test]
fn seals_in_impossible_places_are_refused() {
    for text in [
        format!("a: &{} b\n", seal("x")),
        format!("a: |\n  {}\n", seal("x")),
        format!("a: x{}\n", leaf(&json!({"b": 1}), false)),
        format!("{}: 1\n", leaf(&json!({"b": 1}), false)),
        format!("a: {}\n", leaf(&json!(null), false)),
        "a: \u{e000}s%6\u{e001}\n".to_owned(),
        format!("{k}: 1\n{k}: 2\n", k = seal("same")),
        "a: 1\n---\nb: 2\n".to_owned(),
    ] {
        assert!(open(&text).is_err(), "{text:?}");
    }
}

#[test]
fn double_keys_and_syntax_errors_have_a_place() {
    let document = parse_one(source(), "a: 1\nb: 2\na: 3\n").unwrap();
    let wrong = document.doubles();
    assert_eq!(wrong[0].message, "`a` stands here twice");
    assert_eq!(wrong[0].primary.as_ref().unwrap().span.range(), 10..11);
    assert_eq!(wrong[0].related[0].span.range(), 0..1);
    let wrong = parse(source(), "a: [1, 2\nb: 3\n").unwrap_err();
    assert!(
        wrong[0].message.starts_with("this is not YAML"),
        "{wrong:?}"
    );
    assert!(parse_one(source(), "").unwrap().root().is_none());
    assert!(parse_one(source(), "# only\n").unwrap().root().is_none());
    assert!(parse_one(source(), "a: 1\n---\nb: 1\n").is_err());
    assert!(
        parse_one(source(), "\u{feff}a: 1\r\nb: \"x\"\r\n")
            .unwrap()
            .root()
            .is_some()
    );
    assert!(parse(source(), &"[".repeat(100_000)).is_err());
}

#[test]
fn people_may_write_the_marks() {
    let document = parse_one(source(), "a: \u{e000}s61\u{e001}\n").unwrap();
    assert_eq!(
        document.root().unwrap().get("a").unwrap().text(),
        "\u{e000}s61\u{e001}"
    );
}

#[test]
fn many_documents_share_their_text() {
    let text = "---\na: 1\n".repeat(20_000);
    let documents = parse(source(), &text).unwrap();
    assert_eq!(documents.len(), 20_000);
    assert!(
        documents
            .iter()
            .all(|one| Arc::ptr_eq(&one.text, &documents[0].text))
    );
}
