//! What edits do, what they leave alone, and what they refuse.

use serde_json::{Value, json};

use super::*;

mod random;
mod tables;

fn document(text: &str) -> Document {
    open(SourceId::RENDERED, text).unwrap_or_else(|wrong| panic!("{text:?}: {wrong:?}"))
}

fn path(text: &str) -> FieldPath {
    if text.is_empty() {
        FieldPath::default()
    } else {
        FieldPath::parse(text).unwrap()
    }
}

fn setting(text: &str, at: &str, value: &Value) -> Result<String, Refusal> {
    set(&document(text), &path(at), value)
}

fn with_key(
    text: &str,
    at: &str,
    key: &str,
    value: &Value,
    place: &Place,
) -> Result<String, Refusal> {
    let cutting = Cutting::new(Some(key), value)?;
    insert_key(&document(text), &path(at), cutting, place)
}

fn with_item(text: &str, at: &str, value: &Value, place: &Place) -> Result<String, Refusal> {
    insert_item(
        &document(text),
        &path(at),
        Cutting::new(None, value)?,
        place,
    )
}

fn without(text: &str, at: &str) -> Result<String, Refusal> {
    remove(&document(text), &path(at))
}

#[test]
fn what_goes_takes_its_own_comments_and_no_others() {
    let table = [
        ("# a's\na: 1 # r\n# b's\nb: 2\n", "a", "# b's\nb: 2\n"),
        ("# loose\n\n# a's\na: 1\nb: 2\n", "a", "# loose\n\nb: 2\n"),
        ("a: 1\n\n# b's\nb: 2\n\nc: 3\n", "b", "a: 1\n\nc: 3\n"),
        ("a: 1\n\nb: 2\n", "b", "a: 1\n"),
        ("a: |+\n  x\n\nb: 2\n", "b", "a: |+\n  x\n\n"),
        ("m:\n  a: 1\n  # in m\nb: 2\n", "m", "b: 2\n"),
        ("m:\n  a: 1\nb: 2\n", "m.a", "m: {}\nb: 2\n"),
        (
            "m: # c\n  # a's\n  a: 1\n  # left\nb: 2\n",
            "m.a",
            "m: {} # c\n  # left\nb: 2\n",
        ),
        ("m:\n- a\n", "m[0]", "m: []\n"),
        (
            "l:\n  - a: 1 # x\n    # b's\n    b: 2\n",
            "l[0].a",
            "l:\n  - # b's\n    b: 2\n",
        ),
        ("l:\n  - a: 1\n", "l[0].a", "l:\n  - {}\n"),
        ("a: 1\n", "a", "{}\n"),
        ("m: {a: 1, b: 2}\n", "m.b", "m: {a: 1}\n"),
        ("m: {a: 1, b: 2}\n", "m.a", "m: {b: 2}\n"),
        ("m: { a: 1 }\n", "m.a", "m: { }\n"),
        (
            "l: [\n  # a's\n  a, # x\n  b,\n]\n",
            "l[0]",
            "l: [\n  b,\n]\n",
        ),
        ("l: [\n  a,\n  b, # y\n]\n", "l[1]", "l: [\n  a,\n]\n"),
        ("l: [a,\n  b]\n", "l[0]", "l: [\n  b]\n"),
    ];
    for (text, at, want) in table {
        assert_eq!(without(text, at).as_deref(), Ok(want), "{text:?}");
    }
}

#[test]
fn a_node_moves_to_another_column_with_its_comments() {
    let from = "\
x:
  # why
  # and how
  deep: # right
    # inner
    - name: a # one
      text: |
        two

          three
    # last
    - b
      # behind b
    # behind all
  next: 1
";
    let cutting = || cut(&document(from), &path("x.deep")).unwrap();
    let to = "a:\n    b:\n        c: 1\n";
    let got = insert_key(&document(to), &path("a.b"), cutting(), &Place::Last);
    let want = "\
a:
    b:
        c: 1
        # why
        # and how
        deep: # right
          # inner
          - name: a # one
            text: |
              two

                three
          # last
          - b
            # behind b
          # behind all
";
    assert_eq!(got.as_deref(), Ok(want));
    let got = insert_key(&document("z: 1\r\n"), &path(""), cutting(), &Place::First);
    assert!(
        got.unwrap()
            .starts_with("# why\r\n# and how\r\ndeep: # right\r\n  # inner\r\n")
    );
    let got = insert_key(&document("{z: 1}"), &path(""), cutting(), &Place::Last);
    let flow = "{z: 1, deep: [{ name: a, text: \"two\\n\\n  three\\n\" }, b]}";
    assert_eq!(got.as_deref(), Ok(flow));
    let item = cut(&document(from), &path("x.deep[0]")).unwrap();
    let got = insert_item(&document("l:\n- z\n"), &path("l"), item, &Place::First);
    let want = "l:\n# inner\n- name: a # one\n  text: |\n    two\n\n      three\n- z\n";
    assert_eq!(got.as_deref(), Ok(want));
    let wrapped = "a: \"one\n  two\"\nb: {c: 1,\n  d: 2}\n";
    for key in ["a", "b"] {
        let cutting = cut(&document(wrapped), &path(key)).unwrap();
        let got = insert_key(&document("m:\n  n: 1\n"), &path("m"), cutting, &Place::Last);
        assert!(got.unwrap().starts_with("m:\n  n: 1\n  "));
    }
}

#[test]
fn nothing_becomes_a_map_or_a_list() {
    let key = |text: &str| with_key(text, "", "k", &json!(1), &Place::Last);
    assert_eq!(key("").as_deref(), Ok("k: 1\n"));
    assert_eq!(key("# only\n").as_deref(), Ok("# only\nk: 1\n"));
    assert_eq!(key("# only").as_deref(), Ok("# only\nk: 1\n"));
    let key = |text: &str| with_key(text, "m", "k", &json!(1), &Place::Last);
    assert_eq!(key("m:\nn: 1\n").as_deref(), Ok("m:\n  k: 1\nn: 1\n"));
    assert_eq!(key("m: ~ # c\n").as_deref(), Ok("m: # c\n  k: 1\n"));
    let item = |text: &str| with_item(text, "m", &json!(1), &Place::Last);
    assert_eq!(item("m: null\n").as_deref(), Ok("m:\n  - 1\n"));
}

#[test]
fn anchors_and_aliases_are_read_and_never_edited() {
    let text = "base: &b\n  x: 1\n  y: &unused 2\nuse: *b\nmore:\n  <<: *b\n  z: 3\nfree: 1\n";
    let anchored =
        |result: Result<String, Refusal>| matches!(result, Err(Refusal::Anchored { .. }));
    for at in ["base.x", "base", "use", "use.x", "more"] {
        assert!(anchored(setting(text, at, &json!(5))), "{at}");
        assert!(anchored(without(text, at)), "{at}");
    }
    assert!(anchored(with_key(
        text,
        "base",
        "k",
        &json!(1),
        &Place::Last
    )));
    assert!(anchored(with_key(
        text,
        "use",
        "k",
        &json!(1),
        &Place::Last
    )));
    // What a merge key brings is not here to be edited; what is written beside it is.
    assert!(matches!(
        setting(text, "more.x", &json!(5)),
        Err(Refusal::NoSuchPlace { .. })
    ));
    let want = text.replace("z: 3", "z: 5");
    assert_eq!(setting(text, "more.z", &json!(5)), Ok(want));
    let want = text.replace("free: 1", "free: 5");
    assert_eq!(setting(text, "free", &json!(5)), Ok(want));
    assert!(cut(&document(text), &path("more")).is_err());
    assert!(anchored(setting("a: !!str 1\n", "a", &json!(2))));
    assert!(anchored(setting("a: &x 1\nb: 2\n", "a", &json!(2))));
    // One that nobody uses yet is somebody's all the same.
    for text in ["a: {b: &x 1}\nc: 2\n", "a:\n  - b: &x 1\nc: 2\n"] {
        assert!(anchored(without(text, "a")), "{text}");
        assert!(anchored(setting(text, "a", &json!(2))), "{text}");
    }
}

#[test]
fn strange_layouts_are_refused_and_never_garbled() {
    for (text, at) in [
        ("? a\n: b\nc: 1\n", "c"),
        ("? [x]\n: y\nc: 1\n", "c"),
        ("%YAML 1.1\n---\nc: 1\n", "c"),
    ] {
        let got = setting(text, at, &json!({"k": 1}));
        assert!(
            matches!(got, Err(Refusal::Unclear { .. } | Refusal::Unproved)),
            "{text:?} {got:?}"
        );
    }
    for text in ["a: [b: 1]\n", "a: [? b]\n"] {
        assert!(setting(text, "a[0].b", &json!(2)).is_err(), "{text:?}");
    }
    assert!(open(SourceId::RENDERED, "a: 1\na: 2\n").is_err());
    assert!(open(SourceId::RENDERED, "a: [\n").is_err());
    assert!(matches!(
        setting("a: 1\n", "b", &json!(1)),
        Err(Refusal::NoSuchPlace { .. })
    ));
    let there = with_key("k: 1\n", "", "k", &json!(1), &Place::Last);
    assert!(matches!(there, Err(Refusal::Occupied { .. })));
    // Tabs where YAML allows them.
    assert_eq!(
        setting("a:\t1\t# c\n", "a", &json!(2)).as_deref(),
        Ok("a:\t2\t# c\n")
    );
}

#[test]
fn edits_that_overlap_are_refused() {
    let edit = |span, text: &str| Edit {
        span,
        text: text.to_owned(),
    };
    let both = [edit(2..3, "X"), edit(0..1, "Y")];
    assert_eq!(apply("abc\n", &both).as_deref(), Ok("YbX\n"));
    let same_place = [edit(1..1, "1"), edit(1..1, "2"), edit(1..2, "3")];
    assert_eq!(apply("abc\n", &same_place).as_deref(), Ok("a123c\n"));
    assert_eq!(
        apply("abc\n", &[edit(0..2, ""), edit(1..3, "")]),
        Err(Refusal::Overlap)
    );
    assert_eq!(apply("abc\n", &[edit(3..9, "")]), Err(Refusal::Overlap));
    assert_eq!(apply("ü\n", &[edit(1..2, "")]), Err(Refusal::Overlap));
}

#[test]
fn many_changes_of_one_collection_go_together() {
    let cutting = |key: &str| Cutting::new(Some(key), &json!(0)).unwrap();
    let patching = |text: &str, removed: &[usize], added: &[(usize, &str)]| {
        let document = document(text);
        let mut children = Children {
            removed: removed.iter().copied().collect(),
            ..Children::default()
        };
        for (slot, key) in added {
            children.added.entry(*slot).or_default().push(cutting(key));
        }
        patched(&Page::of(&document), &Patch::inside(children))
    };
    for flow in [false, true] {
        for mask in 0..8_usize {
            let removed: Vec<usize> = (0..3).filter(|bit| mask & (1 << bit) != 0).collect();
            for slots in [
                &[][..],
                &[(0, "x")],
                &[(3, "x")],
                &[(1, "x"), (1, "y"), (2, "z")],
            ] {
                let text = if flow {
                    "{a: 1, b: 2, c: 3}"
                } else {
                    "a: 1\n# b's\nb: 2\n\nc: 3"
                };
                let got = patching(text, &removed, slots);
                assert!(got.is_ok(), "{text:?} {removed:?} {slots:?}: {got:?}");
            }
        }
    }
}
