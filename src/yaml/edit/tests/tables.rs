//! Edits as tables: the text before, the edit, the text after.

use super::*;

#[test]
fn a_scalar_is_set_in_its_own_quotes_and_keeps_its_comments() {
    let table: &[(&str, &str, Value, &str)] = &[
        ("a: 1 # why\n", "a", json!(2), "a: 2 # why\n"),
        (
            "# x\na: 'b'   # why\n",
            "a",
            json!("c d"),
            "# x\na: 'c d'   # why\n",
        ),
        ("a: \"b\"\n", "a", json!("c"), "a: \"c\"\n"),
        ("a: 'it'\n", "a", json!("it's"), "a: 'it''s'\n"),
        (
            "a: 'it'\n",
            "a",
            json!("two\nlines"),
            "a: \"two\\nlines\"\n",
        ),
        ("a: b\n", "a", json!("no"), "a: \"no\"\n"),
        ("a: 'b'\n", "a", json!(3), "a: 3\n"),
        ("a:\nb: 1\n", "a", json!("x"), "a: x\nb: 1\n"),
        ("a:  # why\nb: 1\n", "a", json!("x"), "a: x  # why\nb: 1\n"),
        ("a: 1", "a", json!(2), "a: 2"),
        ("a: 1\r\nb: 2\r\n", "b", json!(3), "a: 1\r\nb: 3\r\n"),
        ("\u{feff}a: 1\n", "a", json!(2), "\u{feff}a: 2\n"),
        ("---\na: 1\n...\n", "a", json!(2), "---\na: 2\n...\n"),
        (
            "a: {b: 1, c: 'x'} # f\n",
            "a.b",
            json!(2),
            "a: {b: 2, c: 'x'} # f\n",
        ),
        (
            "a: {b: 1, c: 'x'}\n",
            "a.c",
            json!("y"),
            "a: {b: 1, c: 'y'}\n",
        ),
        ("a: [x, y]\n", "a[1]", json!("z"), "a: [x, z]\n"),
        (
            "a: plain\n  goes on\nb: 1\n",
            "a",
            json!("short"),
            "a: short\nb: 1\n",
        ),
        (
            "a: |  # text\n  one\n  two\nb: 1\n",
            "a",
            json!("x"),
            "a: x  # text\nb: 1\n",
        ),
        ("a: |+\n  one\n\n\nb: 1\n", "a", json!("x"), "a: x\nb: 1\n"),
        (
            "- a: 1 # c\n  b: 2\n",
            "[0].a",
            json!(3),
            "- a: 3 # c\n  b: 2\n",
        ),
    ];
    for (text, at, value, want) in table {
        let at = at.strip_prefix("[0].").map_or_else(
            || path(at),
            |rest| FieldPath(vec![crate::yaml::Step::Index(0)]).key(rest),
        );
        assert_eq!(
            set(&document(text), &at, value).as_deref(),
            Ok(*want),
            "{text:?}"
        );
    }
}

#[test]
fn a_value_of_another_kind_takes_the_lines_of_the_old_one() {
    let map = json!({"x": 1, "z": ["a"]});
    let table: &[(&str, &str, Value, &str)] = &[
        (
            "a: 1 # c\nb: 2\n",
            "a",
            map.clone(),
            "a: # c\n  x: 1\n  z:\n    - a\nb: 2\n",
        ),
        (
            "a: # c\n  # in\n  x: 1\n  y: 2\nb: 2\n",
            "a",
            json!(5),
            "a: 5 # c\nb: 2\n",
        ),
        ("a:\n- 1\n- 2\nb: 2\n", "a", json!("x"), "a: x\nb: 2\n"),
        (
            "a:\n  - b: 1\n    c: 2\n  - d\n",
            "a[0]",
            json!("x"),
            "a:\n  - x\n  - d\n",
        ),
        (
            "a:\n  - x # c\n",
            "a[0]",
            json!({"k": 1}),
            "a:\n  - # c\n    k: 1\n",
        ),
        (
            "a:\n  - x\n",
            "a[0]",
            json!({"k": 1, "l": 2}),
            "a:\n  - k: 1\n    l: 2\n",
        ),
        (
            "a: {x: {y: 1}}\n",
            "a.x",
            map.clone(),
            "a: {x: { x: 1, z: [a] }}\n",
        ),
        ("a: [1,\n  2]\nb: 1\n", "a", json!([3]), "a:\n  - 3\nb: 1\n"),
        ("a: 1", "a", json!({"k": 1}), "a:\n  k: 1"),
        (
            "a: 1\r\nb: 2\r\n",
            "a",
            json!({"k": 1}),
            "a:\r\n  k: 1\r\nb: 2\r\n",
        ),
    ];
    for (text, at, value, want) in table {
        assert_eq!(setting(text, at, value).as_deref(), Ok(*want), "{text:?}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_key_goes_in_and_out_and_leaves_the_same_bytes() {
    let last = || Place::Last;
    let after = |key: &str| Place::After(key.to_owned());
    let table: &[(&str, &str, Value, Place, &str)] = &[
        ("a: 1\n", "", json!(2), last(), "a: 1\nk: 2\n"),
        ("a: 1", "", json!(2), last(), "a: 1\nk: 2"),
        ("a: 1\r\n", "", json!(2), last(), "a: 1\r\nk: 2\r\n"),
        ("a: 1\r\nb: 2", "", json!(2), last(), "a: 1\r\nb: 2\r\nk: 2"),
        ("a: 1\n# end\n", "", json!(2), last(), "a: 1\nk: 2\n# end\n"),
        (
            "a: 1\n\n# b's\nb: 2\n",
            "",
            json!(2),
            after("a"),
            "a: 1\nk: 2\n\n# b's\nb: 2\n",
        ),
        (
            "a: 1 # c\n      # goes on\nb: 2\n",
            "",
            json!(2),
            after("a"),
            "a: 1 # c\n      # goes on\nk: 2\nb: 2\n",
        ),
        (
            "# top\n\n# a's\na: 1\n",
            "",
            json!(2),
            Place::First,
            "# top\n\nk: 2\n# a's\na: 1\n",
        ),
        (
            "m:\n    x: 1\nn: 1\n",
            "m",
            json!({"z": 1}),
            last(),
            "m:\n    x: 1\n    k:\n      z: 1\nn: 1\n",
        ),
        ("m: {}\nn: 1\n", "m", json!(2), last(), "m:\n  k: 2\nn: 1\n"),
        (
            "m: {} # c\nn: 1\n",
            "m",
            json!(2),
            last(),
            "m: # c\n  k: 2\nn: 1\n",
        ),
        ("m:   { }\n", "m", json!(2), last(), "m:   { k: 2 }\n"),
        ("m: {}", "m", json!(2), last(), "m:\n  k: 2"),
        (
            "m: {a: 1}\n",
            "m",
            json!([2]),
            last(),
            "m: {a: 1, k: [2]}\n",
        ),
        (
            "m: {a: 1, b: 2}\n",
            "m",
            json!(3),
            after("a"),
            "m: {a: 1, k: 3, b: 2}\n",
        ),
        (
            "m: {a: 1}\n",
            "m",
            json!(3),
            Place::First,
            "m: {k: 3, a: 1}\n",
        ),
        (
            "m: {\n  a: 1, # one\n  b: 2,\n}\n",
            "m",
            json!(3),
            after("a"),
            "m: {\n  a: 1, k: 3, # one\n  b: 2,\n}\n",
        ),
        (
            "l:\n  - a: 1\n    b: 2\n",
            "l[0]",
            json!(3),
            Place::First,
            "l:\n  - k: 3\n    a: 1\n    b: 2\n",
        ),
        (
            "l:\n- a: 1\n- b\n",
            "l[0]",
            json!(3),
            last(),
            "l:\n- a: 1\n  k: 3\n- b\n",
        ),
        (
            "l:\n- {}\n- b\n",
            "l[0]",
            json!({"x": 1, "z": 2}),
            last(),
            "l:\n- k:\n    x: 1\n    z: 2\n- b\n",
        ),
        (
            "a: |\n  text\n\n\nb: 1\n",
            "",
            json!(2),
            after("a"),
            "a: |\n  text\nk: 2\n\n\nb: 1\n",
        ),
        (
            "a: |+\n  text\n\n\nb: 1\n",
            "",
            json!(2),
            after("a"),
            "a: |+\n  text\n\n\nk: 2\nb: 1\n",
        ),
        (
            "a: |\n  # no comment\n# comment\nb: 1\n",
            "",
            json!(2),
            after("a"),
            "a: |\n  # no comment\nk: 2\n# comment\nb: 1\n",
        ),
        (
            "a: |\nb: 1\n",
            "",
            json!(2),
            after("a"),
            "a: |\nk: 2\nb: 1\n",
        ),
        (
            "---\na: 1\n...\n",
            "",
            json!(2),
            last(),
            "---\na: 1\nk: 2\n...\n",
        ),
        (
            "\u{feff}a: 1\n",
            "",
            json!(2),
            Place::First,
            "\u{feff}k: 2\na: 1\n",
        ),
        ("{}\n", "", json!(2), last(), "k: 2\n"),
        ("{ }", "", json!(2), last(), "{ k: 2 }"),
    ];
    for (text, at, value, place, want) in table {
        let got = with_key(text, at, "k", value, place);
        assert_eq!(got.as_deref(), Ok(*want), "{text:?}");
        let inner = path(at).key("k");
        let back = remove(&document(want), &inner);
        assert_eq!(back.as_deref(), Ok(*text), "{want:?}");
    }
}

#[test]
fn an_item_goes_in_and_out_and_leaves_the_same_bytes() {
    let table: &[(&str, Value, Place, usize, &str)] = &[
        (
            "l:\n  - a\n",
            json!("b"),
            Place::Last,
            1,
            "l:\n  - a\n  - b\n",
        ),
        (
            "l:\n- a\n",
            json!({"b": 1, "c": 2}),
            Place::Last,
            1,
            "l:\n- a\n- b: 1\n  c: 2\n",
        ),
        (
            "l:\n# a's\n- a\nm: 1\n",
            json!("b"),
            Place::First,
            0,
            "l:\n- b\n# a's\n- a\nm: 1\n",
        ),
        (
            "l:\n- a # x\n# c's\n- c\n",
            json!("b"),
            Place::Before(1),
            1,
            "l:\n- a # x\n- b\n# c's\n- c\n",
        ),
        ("l: []\n", json!("b"), Place::Last, 0, "l:\n  - b\n"),
        (
            "l: []\nm:\n- a\n",
            json!("b"),
            Place::Last,
            0,
            "l:\n- b\nm:\n- a\n",
        ),
        (
            "l: [a]\n",
            json!({"x": "no"}),
            Place::Last,
            1,
            "l: [a, { x: \"no\" }]\n",
        ),
        (
            "l: [a, c]\n",
            json!("b"),
            Place::Before(1),
            1,
            "l: [a, b, c]\n",
        ),
        (
            "l: [\n  a, # one\n  c\n]\n",
            json!("b"),
            Place::Before(1),
            1,
            "l: [\n  a, b, # one\n  c\n]\n",
        ),
        ("l: [ ]\n", json!("b"), Place::Last, 0, "l: [ b ]\n"),
    ];
    for (text, value, place, at, want) in table {
        assert_eq!(
            with_item(text, "l", value, place).as_deref(),
            Ok(*want),
            "{text:?}"
        );
        let back = remove(&document(want), &path("l").index(*at));
        assert_eq!(back.as_deref(), Ok(*text), "{want:?}");
    }
}
