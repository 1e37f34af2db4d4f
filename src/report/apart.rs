//! Values side by side on one line, long ones cut to what tells them apart.

/// The longest value that is shown whole, in characters.
const WHOLE: usize = 72;
/// What is shown of the start of a longer one, before the first difference and from each one on.
const START: usize = 16;
const BEFORE: usize = 16;
const FROM: usize = 28;

/// The values as a message shows them; no two that differ look the same.
pub fn apart<const N: usize>(values: [Option<&str>; N]) -> [Option<String>; N] {
    let letters = values.map(|value| value.map(|text| text.chars().collect::<Vec<char>>()));
    let there: Vec<&Vec<char>> = letters.iter().flatten().collect();
    let mut differences = Vec::new();
    for (at, one) in there.iter().enumerate() {
        for other in there.iter().skip(at + 1).filter(|other| one != *other) {
            let same = one.iter().zip(other.iter());
            differences.push(same.take_while(|(one, other)| one == other).count());
        }
    }
    differences.sort_unstable();
    differences.dedup();
    std::array::from_fn(|at| Some(cut(letters.get(at)?.as_ref()?, &differences)))
}

/// A value, what lies far from its start and from all differences left out.
fn cut(letters: &[char], differences: &[usize]) -> String {
    if letters.len() <= WHOLE {
        return letters.iter().collect();
    }
    let mut kept = vec![false; letters.len()];
    let mut keep = |from: usize, to: usize| {
        kept.iter_mut()
            .take(to)
            .skip(from)
            .for_each(|one| *one = true);
    };
    keep(0, START);
    for at in differences {
        keep(at.saturating_sub(BEFORE), at + FROM);
    }
    // What room is left goes to what follows.
    let last = kept.iter().rposition(|one| *one).unwrap_or_default();
    let room = WHOLE.saturating_sub(kept.iter().filter(|one| **one).count());
    kept.iter_mut()
        .skip(last)
        .take(room)
        .for_each(|one| *one = true);
    let mut out = String::new();
    let mut is_out = false;
    for (letter, kept) in letters.iter().zip(kept) {
        if kept {
            out.push(*letter);
        } else if !is_out {
            out.push('…');
        }
        is_out = !kept;
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_differs_is_seen() {
        let long = "registry.example.com/payments/".repeat(5);
        let [one, other] = [format!("{long}checkout:1"), format!("{long}checkout:2")];
        let shown =
            apart([Some(&one), Some(&other), Some("b"), None]).map(Option::unwrap_or_default);
        assert_eq!(
            shown,
            [
                "registry.example.com/payment…yments/checkout:1",
                "registry.example.com/payment…yments/checkout:2",
                "b",
                ""
            ]
        );
        let [alone] = apart([Some(&long)]).map(Option::unwrap_or_default);
        assert_eq!(alone.chars().count(), WHOLE);
        assert!(alone.ends_with('…'), "{alone}");
        let whole = "ü".repeat(WHOLE);
        assert_eq!(apart([Some(&whole)]), [Some(whole.clone())]);
    }

    proptest! {
        /// Long values that have much in common, in any order, some of them longer than others.
        #[test]
        fn no_two_that_differ_look_the_same(
            start in "[ab]{0,120}", rest in prop::collection::vec(("[a-c]{0,100}", "[ab]{0,3}"), 3)) {
            let values: Vec<String> = rest.iter().map(|(middle, end)| format!("{start}{middle}{end}{start}")).collect();
            let shown = apart([Some(&values[0]), Some(&values[1]), Some(&values[2])]);
            for (one, other) in [(0, 1), (0, 2), (1, 2)] {
                prop_assert_eq!(values[one] == values[other], shown[one] == shown[other], "{:?}", values);
            }
            for text in shown.iter().flatten() {
                prop_assert!(text.chars().count() <= 107, "{text}");
            }
        }
    }
}
