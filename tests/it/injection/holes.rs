//! Every position that a hole can have, also those that no template of ours has yet: sealed texts
//! are made by hand and opened.

use prodgen::yaml::{Envelope, Leaf, open};
use serde_json::{Value, json};

use super::hostile::{Dice, rounds, seed};
use super::readback::{compare, expected, read, token};

/// `@s7@` is the seventh value as a string; `b` as a block, `j` inside a typed leaf, `q` inside one
/// whose strings are all quoted, `i` as a leaf that is but a string, `k` as a key, `y` the fragment
/// of that number.
const TEMPLATE: &str = r#"# about @s0@
# @s1@
plain: @s2@
double: "@s3@"
single: '@s4@'
head: @s5@-tail
tail: head @s6@
both: "a @s7@ b @s8@"
two: @s9@:@s10@
right: @s11@  # and @s12@
@k13@: a key
k-@k14@: a key
"@k15@": a key
map:
  inner: @s16@
  # in between @s17@

  @k18@: @s19@
  deep:
    - @s20@
    - "@s21@"
    - a: @s22@
      b: @s23@ #@s24@
    - - @s25@
      - '@s26@'
unindented:
- @s27@
- x: @s28@
flow: {a: @s29@, @k30@: '@s31@', l: [@s32@, "@s33@", x-@s34@]} # @s35@
folded: one @s36@
  two @s37@
folded-in-quotes: "one @s38@

  two @s39@"
leaf: @j40@
leaf-right: @j41@  # why @s42@
strings: @q43@
strings-right: @q44@ # why
leaves:
  - @j45@
  - @j46@ # c @s47@
  - x: @j48@
    y: @q49@
    # above @s50@
    z: 1
unindented-leaves:
- @j51@
# between
- @q52@
flow-leaf: [@j53@, {z: @q54@}]
lone: @i55@
lone-items: [@i56@]
quoted-leaf: "@s57@"
block: @b58@
block-right: @b59@  # c @s60@
blocks:
  one: @b61@
  # between @s62@
  @k63@: @b64@
  list:
    - a: @b65@
      b: @b66@
    - @b67@
  flow: [@b68@]
key-of-nothing:
  @k69@:
    inner: 1
fragment: @y0@
nested:
  - f: @y1@
    # after @s70@
    g: 1
last: @b71@
"#;

/// Texts that take the place of a value; the second has the first in it.
const FRAGMENTS: [&str; 2] = [
    "# opens @s72@\na: @s73@\nlist:\n  - @j74@\n  - \"@s75@\"\n@k76@: @b77@\nend: @b78@\n",
    "x: '@s79@'\ny:\n  deep: @y0@\n# closes @s80@\nz: @q81@ # right @s82@\n",
];
/// How many values there are.
const VALUES: usize = 83;

fn fill(template: &str, value: &dyn Fn(usize) -> String) -> String {
    let mut out = String::new();
    for (index, part) in template.split('@').enumerate() {
        let (kind, at) = part.split_at(part.len().min(1));
        match at.parse::<usize>() {
            Ok(at) if index % 2 == 1 => hole(kind, at, value, &mut out),
            _ => out.push_str(part),
        }
    }
    out
}

fn hole(kind: &str, at: usize, value: &dyn Fn(usize) -> String, out: &mut String) {
    match kind {
        "s" | "k" => Envelope::seal_text(&value(at), out),
        "b" => Envelope::seal_block(&value(at), out),
        "i" => Envelope::seal_value(&Leaf::Text(value(at).into()), false, out),
        "j" | "q" => Envelope::seal_value(&Leaf::from(&leaf(at, value)), kind == "q", out),
        "y" => Envelope::seal_fragment(&fill(FRAGMENTS[at], value), out),
        other => panic!("no hole is called {other}"),
    }
}

/// The value in every position of a typed leaf; as a key it is short.
fn leaf(at: usize, value: &dyn Fn(usize) -> String) -> Value {
    let text = value(at);
    let key: String = text.chars().take(100).collect();
    json!({
        "first": text, "none": [], "nothing": {},
        "list": [text, [text, 1], {"a": text, "b": true}, []],
        "map": {format!("k{key}"): text, "n": -1.5, "deep": {"x": [{"y": text}]}},
    })
}

fn values(dice: &mut Dice) -> Vec<String> {
    let in_keys = [13, 14, 15, 18, 30, 63, 69, 76];
    let in_leaves = [40, 41, 43, 44, 45, 46, 48, 49, 51, 52, 53, 54, 74, 81];
    // No key may be one that stands there already.
    let stands = |key: &str| {
        [TEMPLATE, FRAGMENTS[0], FRAGMENTS[1]]
            .concat()
            .contains(&format!("{key}:"))
    };
    let mut keys = Vec::new();
    (0..VALUES)
        .map(|at| {
            if in_keys.contains(&at) {
                while keys.len() <= in_keys.len() {
                    let key = dice.key();
                    if !keys.contains(&key) && (key.is_empty() || !stands(&key)) {
                        keys.push(key.clone());
                        return key;
                    }
                }
            }
            // A leaf has its key from its value, so that it too must be short.
            if in_leaves.contains(&at) {
                dice.key()
            } else {
                dice.text()
            }
        })
        .collect()
}

fn holds(values: &[String]) -> Result<(), String> {
    let make = |value: &dyn Fn(usize) -> String| {
        let sealed = fill(TEMPLATE, value);
        open(&sealed).map_err(|wrong| format!("{wrong:?}\n{sealed}"))
    };
    let tokens = read(&make(&token)?)?;
    let value = |at: usize| values[at].clone();
    let document = make(&value)?;
    let found = read(&document)?;
    compare(&expected(&tokens, &value), &found)
        .map_err(|wrong| format!("{wrong}\n{}", document.text()))?;
    if document.text() == make(&value)?.text() {
        Ok(())
    } else {
        Err("opened twice, it is not the same".to_owned())
    }
}

#[test]
fn a_hole_holds_in_every_position() {
    let usual = 20_000_usize.div_ceil(VALUES);
    for round in 0..rounds(u64::try_from(usual).unwrap()) {
        let values = values(&mut Dice::new(round ^ 0x401e));
        if let Err(wrong) = holds(&values) {
            let alone = (0..VALUES).filter_map(|at| {
                let one = |other: usize| {
                    if other == at {
                        values[at].clone()
                    } else {
                        token(other)
                    }
                };
                let wrong = holds(&(0..VALUES).map(one).collect::<Vec<_>>()).err()?;
                Some(format!(
                    "@{at}@ {:?}: {}",
                    values[at],
                    wrong.lines().next()?
                ))
            });
            let alone: Vec<_> = alone.collect();
            panic!(
                "seed {}, round {round}: {wrong:.2000}\nalone: {alone:#?}",
                seed()
            );
        }
    }
}

#[test]
fn every_position_is_named_once() {
    let all = [TEMPLATE, FRAGMENTS[0], FRAGMENTS[1]].concat();
    let named = all
        .split('@')
        .filter_map(|part| part.get(1..)?.parse().ok());
    let mut named: Vec<usize> = named.filter(|at| *at < VALUES).collect();
    named.sort_unstable();
    named.dedup();
    assert_eq!(named, (0..VALUES).collect::<Vec<_>>());
}

#[test]
fn what_would_swallow_a_comment_is_refused() {
    for (template, is_good) in [
        ("a: @y0@\nb: 1\n", true),
        ("a: @y0@ # right\nb: 1\n", false),
        ("a: [@y0@]\n", false),
        ("- @y0@\n", false),
        ("a: x@y0@\n", false),
    ] {
        assert_eq!(open(&fill(template, &token)).is_ok(), is_good, "{template}");
    }
}
