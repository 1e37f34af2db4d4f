//! What merges, and what is left to a person.

use super::*;

mod choice;
mod random;

fn yaml(base: &str, ours: &str, theirs: &str) -> Result<String, Vec<String>> {
    decided(base, ours, theirs, &undecided)
}

fn decided(
    base: &str,
    ours: &str,
    theirs: &str,
    decide: Decide<'_>,
) -> Result<String, Vec<String>> {
    let texts = Texts { base, ours, theirs };
    merge(Manner::Yaml, texts, decide).map_err(|open| open.iter().map(said).collect())
}

/// A conflict on one line.
fn said(conflict: &Conflict) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    format!(
        "{}:{} {}{}: {} | {} | {}",
        conflict.line,
        conflict.column,
        conflict
            .object
            .as_ref()
            .map(|name| format!("{name} "))
            .unwrap_or_default(),
        conflict.path,
        value(&conflict.base),
        value(&conflict.ours),
        value(&conflict.theirs),
    )
}

#[test]
fn one_side_alone_is_taken_byte_for_byte() {
    let odd = "a:   1 # x\n\n\n'b' : {c: 2}";
    for other in [odd, "", "{", "a: 1\n---\nb: 2\n", "\u{feff}a: 1"] {
        let base = "a: 2\nb: 3\n";
        assert_eq!(yaml(base, base, other).as_deref(), Ok(other));
        assert_eq!(yaml(base, other, base).as_deref(), Ok(other));
        assert_eq!(yaml(base, other, other).as_deref(), Ok(other));
    }
    assert_eq!(
        yaml("a: 1\n", "a: 1\r\n", "a: 2\n").as_deref(),
        Ok("a: 2\r\n")
    );
}

#[test]
fn a_decision_settles_a_conflict_and_nothing_else() {
    let base = "a: 1\nb: 1\nc: 1\nd: 1\n";
    let ours = "a: 2\nb: 2 # mine\nc: 1\nd: 2\n";
    let theirs = "a: 3\nb: 3\nc: 3\n";
    assert_eq!(
        yaml(base, ours, theirs).unwrap_err(),
        ["1:1 a: 1 | 2 | 3", "2:1 b: 1 | 2 | 3", "4:1 d: 1 | 2 | -"]
    );
    let all = |side| decided(base, ours, theirs, &move |_: &Conflict| Some(side));
    assert_eq!(
        all(Side::Ours).as_deref(),
        Ok("a: 2\nb: 2 # mine\nc: 3\nd: 2\n")
    );
    assert_eq!(
        all(Side::Theirs).as_deref(),
        Ok("a: 3\nb: 3 # mine\nc: 3\n")
    );
    let by_path = |conflict: &Conflict| match conflict.path.to_string().as_str() {
        "a" => Some(Side::Theirs),
        "d" => Some(Side::Ours),
        _ => None,
    };
    let open = decided(base, ours, theirs, &by_path);
    assert_eq!(open.unwrap_err(), ["2:1 b: 1 | 2 | 3"]);
}

#[test]
fn anchors_in_the_way_are_conflicts_that_name_the_place() {
    let base = "a:\n  x: 1\nb:\n  x: 1\nc: 1\n";
    let ours = "a: &a\n  x: 1\nb: *a\nc: 1 # mine\n";
    let theirs = |x: u8, c: u8| format!("a:\n  x: {x}\nb:\n  x: {x}\nc: {c}\n");
    assert_eq!(
        yaml(base, ours, &theirs(1, 2)).as_deref(),
        Ok("a: &a\n  x: 1\nb: *a\nc: 2 # mine\n")
    );
    let texts = Texts {
        base,
        ours,
        theirs: &theirs(2, 1),
    };
    let open = merge(Manner::Yaml, texts, &undecided).unwrap_err();
    let whys: Vec<(String, &Why)> = open
        .iter()
        .map(|one| (one.path.to_string(), &one.why))
        .collect();
    assert_eq!(
        whys,
        [
            ("a.x".to_owned(), &Why::Anchor),
            ("b.x".to_owned(), &Why::Anchor)
        ]
    );
    assert_eq!(open[0].line, 2);
    // What cannot be edited can still be left as it is.
    let kept = merge(Manner::Yaml, texts, &|_: &Conflict| Some(Side::Ours));
    assert_eq!(kept.as_deref(), Ok(ours));
    let open = merge(Manner::Yaml, texts, &|_: &Conflict| Some(Side::Theirs));
    assert_eq!(open.unwrap_err().len(), 2);
    // What goes takes no anchor with it.
    let base = "a: 1\nb: {c: {d: 1}}\n";
    let open = yaml(base, &base.replace("d: 1", "d: &d 1"), "a: 1\n");
    assert_eq!(
        open.unwrap_err(),
        ["2:1 b: { c: { d: 1 } } | { c: { d: 1 } } | -"]
    );
}

#[test]
fn a_file_that_is_not_yaml_is_a_conflict_with_a_place() {
    let open = yaml("a: 1\n", "a: 1\nb: [\n", "a: 2\n").unwrap_err();
    assert_eq!(open.len(), 1, "{open:?}");
    let theirs = |_: &Conflict| Some(Side::Theirs);
    let taken = decided("a: 1\n", "a: 1\r\nb: [\r\n", "a: 2\n", &theirs);
    assert_eq!(taken.as_deref(), Ok("a: 2\r\n"));
    let double = Texts {
        base: "a: 1\n",
        ours: "a: 1\nb: 1\n  \nb: 2\n",
        theirs: "a: 2\n",
    };
    let open = merge(Manner::Yaml, double, &undecided).unwrap_err();
    assert_eq!((open[0].line, open[0].column), (4, 1));
    assert_eq!(
        open[0].why,
        Why::NotYaml("`b` stands here twice".to_owned())
    );
    let open = yaml(
        "a: {}\n",
        &format!("a: {}{}\n", "[".repeat(900), "]".repeat(900)),
        "a: {b: 1}\n",
    );
    assert!(open.is_err());
}

#[test]
fn secrets_are_not_shown() {
    let secret = |value: &str| {
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData:\n  k: {value}\n")
    };
    let texts = (secret("one"), secret("two"), secret("three"));
    let open = yaml(&texts.0, &texts.1, &texts.2).unwrap_err();
    assert_eq!(
        open,
        ["5:3 Secret/s stringData.k: (not shown) | (not shown) | (not shown)"]
    );
}

#[test]
fn lines_merge_where_the_file_is_not_yaml() {
    let base = "FROM a:1\n\nRUN one\n\nCMD x\n";
    let ours = "FROM a:1\n\nRUN one && two\n\nCMD x\n";
    let theirs = "FROM a:2\n\nRUN one\n\nCMD x\n";
    let lines = |base, ours, theirs, decide: Decide<'_>| {
        merge(
            Manner::of("Dockerfile"),
            Texts { base, ours, theirs },
            decide,
        )
    };
    let want = "FROM a:2\n\nRUN one && two\n\nCMD x\n";
    assert_eq!(lines(base, ours, theirs, &undecided).as_deref(), Ok(want));
    let crlf = ours.replace('\n', "\r\n");
    let want = want.replace('\n', "\r\n");
    assert_eq!(lines(base, &crlf, theirs, &undecided), Ok(want));
    let both = "FROM a:1\n\nRUN three\n\nCMD y";
    let open = lines(base, ours, both, &undecided).unwrap_err();
    assert_eq!(open.len(), 1);
    assert_eq!(said(&open[0]), "3:1 : RUN one | RUN one && two | RUN three");
    let theirs = lines(base, ours, both, &|_: &Conflict| Some(Side::Theirs));
    assert_eq!(theirs.as_deref(), Ok(both));
    let ours = lines(base, ours, both, &|_: &Conflict| Some(Side::Ours));
    assert_eq!(ours.as_deref(), Ok("FROM a:1\n\nRUN one && two\n\nCMD y"));
}

#[test]
fn two_hundred_conflicts_are_all_named() {
    let text = |value: &str| {
        let lines = (0..200).map(|at| format!("k{at}: {value}\n"));
        lines.collect::<Vec<_>>().concat()
    };
    let open = yaml(&text("a"), &text("b"), &text("c")).unwrap_err();
    assert_eq!(open.len(), 200);
    assert_eq!(open[199], "200:1 k199: a | b | c");
}

#[test]
fn big_files_take_no_longer_than_they_are_big() {
    // In a debug build much smaller; the shape is what would show.
    let size = if cfg!(debug_assertions) {
        2_000
    } else {
        80_000
    };
    let text = |changed: usize, value: &str| -> String {
        let one = |at: usize| {
            let value = if at % 1000 == changed { value } else { "x" };
            format!("key-{at}:\n  # why\n  name: {value}\n  list: [a, b]\n  more: some text\n")
        };
        (0..size).map(one).collect()
    };
    let started = std::time::Instant::now();
    let merged = yaml(&text(1, "x"), &text(2, "ours"), &text(3, "theirs")).unwrap();
    assert_eq!(merged.matches("name: ours").count(), size / 1000);
    assert_eq!(merged.matches("name: theirs").count(), size / 1000);
    let took = started.elapsed();
    assert!(took.as_secs() < 20, "{took:?}");
    let flow = |value: &str| {
        let items: Vec<String> = (0..size).map(|at| format!("k{at}: {value}")).collect();
        format!("a: {{{}}}\nb: {value}\n", items.join(", "))
    };
    let ours = flow("x").replace("b: x", "b: y");
    assert!(yaml(&flow("x"), &ours, &flow("x").replace("k5: x", "k5: z")).is_ok());
    let list =
        (0..size).map(|at| format!("---\nkind: A\napiVersion: v1\nmetadata: {{name: n{at}}}\n"));
    let list = list.collect::<Vec<_>>().concat();
    let ours = format!("{list}---\nkind: B\napiVersion: v1\n");
    let theirs = list.replace("{name: n7}", "{name: n7, labels: {}}");
    assert!(yaml(&list, &ours, &theirs).unwrap().contains("labels: {}"));
    let took = started.elapsed();
    assert!(took.as_secs() < 40, "{took:?}");
}
