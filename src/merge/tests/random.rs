//! Random objects, edited at random on both sides: the merge is what a second, much simpler merge of
//! the data says, nothing of the person's is lost, and every conflict is one.

mod hand;

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::*;
use crate::diag::SourceId;
use crate::yaml::NodeRef;
use crate::yaml::parse;

use hand::{Dice, Hand, Maker};

/// What a hand slips in; a backspace takes a letter out.
const SLIPS: &[&str] = &[
    "\u{8}", " ", "\n", "#", " # x", ":", "-", "'", "\"", "[", "}", ",", "&a ", "*a", "!!str ",
    "|", "? ", "\t", "\r", "---\n", "\n---\n", "...\n", "%", "<<: ", "\u{feff}", "ü", "~", "- ",
    "  ", "\n\n",
];

fn json(text: &str) -> Value {
    let documents =
        parse(SourceId::RENDERED, text).unwrap_or_else(|wrong| panic!("{text}\n{wrong:?}"));
    documents[0].root().unwrap().to_json()
}

/// The second merge: data only, maps by key and containers by name.
fn oracle(sides: [Option<&Value>; 3], path: &str, open: &mut Vec<String>) -> Option<Value> {
    let [base, ours, theirs] = sides;
    let map = |value: &Value| value.as_object().cloned();
    let named = |value: &Value| -> Option<Map<String, Value>> {
        let items = value
            .as_array()
            .filter(|_| path == "spec.template.spec.containers")?;
        items
            .iter()
            .map(|item| Some((format!("[name={}]", item["name"].as_str()?), item.clone())))
            .collect()
    };
    if let (Some(mine), Some(new)) = (ours, theirs) {
        for (is_list, as_map) in [(false, &map as &dyn Fn(&Value) -> _), (true, &named)] {
            let old = base.map_or(Some(Map::new()), as_map);
            let (Some(old), Some(mine), Some(new)) = (old, as_map(mine), as_map(new)) else {
                continue;
            };
            let mut keys: Vec<&String> = mine.keys().chain(new.keys()).collect();
            keys.sort();
            keys.dedup();
            let mut out = Map::new();
            for key in keys {
                let inner = if is_list {
                    format!("{path}{key}")
                } else {
                    format!("{path}.{key}")
                };
                let inner = inner.trim_start_matches('.');
                if let Some(value) =
                    oracle([old.get(key), mine.get(key), new.get(key)], inner, open)
                {
                    out.insert(key.clone(), value);
                }
            }
            return Some(if is_list {
                Value::Array(out.into_iter().map(|(_, value)| value).collect())
            } else {
                Value::Object(out)
            });
        }
    }
    if ours == theirs || base == theirs {
        return ours.cloned();
    }
    if base == ours {
        return theirs.cloned();
    }
    open.push(path.to_owned());
    ours.cloned()
}

/// Containers by name, for order is not the oracle's business.
fn sorted(mut value: Value) -> Value {
    if let Some(list) = value.pointer_mut("/spec/template/spec/containers")
        && let Some(items) = list.as_array_mut()
    {
        items.sort_by_key(|item| item["name"].to_string());
    }
    value
}

fn comments(text: &str) -> Vec<&str> {
    text.lines()
        .filter_map(|line| line.split_once("# c").map(|(_, number)| number.trim()))
        .collect()
}

fn holds(seed: u64, edits: (usize, usize)) -> Result<(), TestCaseError> {
    let mut maker = Maker {
        dice: Dice(seed | 1),
        count: 0,
    };
    let base = maker.object();
    let (mut ours, mut theirs) = (base.clone(), base.clone());
    (0..edits.0).for_each(|_| maker.edit(&mut ours, 0));
    (0..edits.1).for_each(|_| maker.edit(&mut theirs, 0));
    let hand = |neat| Hand {
        dice: Dice(seed.rotate_left(20) | 1),
        neat,
    };
    let (base, theirs) = (hand(true).text(&base), hand(true).text(&theirs));
    let ours = hand(seed.is_multiple_of(3)).text(&ours);
    let ours = if seed.is_multiple_of(5) {
        ours.trim_end().to_owned()
    } else {
        ours
    };
    let ours = if seed.is_multiple_of(7) {
        ours.replace('\n', "\r\n")
    } else {
        ours
    };
    let texts = Texts {
        base: &base,
        ours: &ours,
        theirs: &theirs,
    };
    let shown = format!("--- base\n{base}--- ours\n{ours}\n--- theirs\n{theirs}");
    let mut open = Vec::new();
    let (b, o, t) = (json(&base), json(&ours), json(&theirs));
    let want = oracle([Some(&b), Some(&o), Some(&t)], "", &mut open);
    match merge(Manner::Yaml, texts, &undecided) {
        Ok(text) => {
            prop_assert!(
                open.is_empty(),
                "{open:?} was no conflict\n{shown}\n--- got\n{text}"
            );
            prop_assert_eq!(
                want.map(sorted),
                Some(sorted(json(&text))),
                "{}\n--- got\n{}",
                shown,
                text
            );
            let (old, left) = (comments(&base), comments(&text));
            for mine in comments(&ours).iter().filter(|mine| !old.contains(mine)) {
                prop_assert!(
                    left.contains(mine),
                    "# c{mine} is lost\n{shown}\n--- got\n{text}"
                );
            }
            prop_assert_eq!(text.contains("\r\n"), ours.contains("\r\n"));
            let unix = text.matches('\n').count() - text.matches("\r\n").count();
            prop_assert!(unix == 0 || !ours.contains("\r\n"));
            prop_assert_eq!(
                text.ends_with('\n'),
                ours.ends_with('\n') || text == theirs,
                "{}\n--- got\n{}",
                shown,
                text
            );
        }
        Err(found) => {
            let of = |want: bool| {
                found
                    .iter()
                    .filter(move |one| (one.why == Why::Comment) == want)
            };
            let mut paths: Vec<String> = of(false).map(|one| one.path.to_string()).collect();
            paths.sort();
            open.sort();
            prop_assert_eq!(&paths, &open, "{}\n{:?}", shown, found);
            for one in of(true) {
                prop_assert!(!one.path.0.is_empty(), "{one:?}\n{shown}");
            }
        }
    }
    for side in [Side::Ours, Side::Theirs] {
        let settled = merge(Manner::Yaml, texts, &move |_: &Conflict| Some(side));
        prop_assert!(settled.is_ok(), "{side:?} {settled:?}\n{shown}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_merge_loses_nothing_and_says_what_it_cannot_do(seed in any::<u64>(), ours in 0..12_usize, theirs in 0..12_usize) {
        holds(seed, (ours, theirs))?;
    }

    /// A file that a hand slipped in: a place, never a panic, and nothing that it says is lost.
    #[test]
    fn a_garbled_file_merges_exactly_or_not_at_all(seed in any::<u64>(), slips in prop::collection::vec(
        (any::<prop::sample::Index>(), prop::sample::select(SLIPS)), 1..4)) {
        let mut maker = Maker { dice: Dice(seed | 1), count: 0 };
        let base = maker.object();
        let mut theirs = base.clone();
        (0..4).for_each(|_| maker.edit(&mut theirs, 0));
        let hand = || Hand { dice: Dice(seed | 1), neat: true };
        let (base, theirs) = (hand().text(&base), hand().text(&theirs));
        let mut ours = base.clone();
        for (at, slip) in slips {
            let at = ours.floor_char_boundary(at.index(ours.len()));
            if slip == "\u{8}" {
                ours.remove(at);
            } else {
                ours.insert_str(at, slip);
            }
        }
        let texts = Texts { base: &base, ours: &ours, theirs: &theirs };
        let shown = format!("--- base\n{base}--- ours\n{ours}\n--- theirs\n{theirs}");
        let Ok(text) = merge(Manner::Yaml, texts, &undecided) else { return Ok(()) };
        let plain = |text: &str| {
            let documents = parse(SourceId::RENDERED, text).ok()?;
            let [document] = documents.as_slice() else { return None };
            let is_plain = document.doubles().is_empty() && !text.contains(['&', '*', '<']);
            document.root().filter(|_| is_plain).map(NodeRef::to_json)
        };
        // Where the render brings nothing, nobody looks at what the file says.
        prop_assert!(base == theirs || parse(SourceId::RENDERED, &text).is_ok(), "{shown}\n--- got\n{text}");
        if let (Some(b), Some(o), Some(t), Some(got)) = (plain(&base), plain(&ours), plain(&theirs), plain(&text)) {
            let mut open = Vec::new();
            let want = oracle([Some(&b), Some(&o), Some(&t)], "", &mut open);
            prop_assert!(open.is_empty(), "{open:?}\n{shown}\n--- got\n{text}");
            prop_assert_eq!(want.map(sorted), Some(sorted(got)), "{}\n--- got\n{}", shown, text);
        }
    }
}
