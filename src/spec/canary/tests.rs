//! The arithmetic, at every size and plan: nobody meets more of a version than planned, and however
//! the two Deployments overtake each other, there are never fewer ready pods than at the start.

use proptest::prelude::{any, prop};
use proptest::test_runner::{Config, TestRunner};

use super::{End, Ladder, Mover, Round, RunSpec, TooFine, Tracks, round, start, usual_steps};
use crate::spec::value::ImageRef;

pub(super) const OLD: &str = "registry.example.com/shop/web:1.4.2";
pub(super) const NEW: &str = "registry.example.com/shop/web:1.5.0";

pub(super) fn image(text: &str) -> ImageRef {
    text.parse().unwrap()
}

pub(super) fn begun(ladder: Ladder) -> RunSpec {
    static IMAGE: std::sync::LazyLock<ImageRef> = std::sync::LazyLock::new(|| image(NEW));
    start(None, IMAGE.clone(), ladder).unwrap()
}

/// The whole way of a rollout: at each place the pods, and the step that is planned there.
fn way(first: &RunSpec, leaves_at: Option<u32>) -> Vec<(Tracks, u32)> {
    let size = first.size;
    let rest = Tracks {
        stable: size,
        canary: 0,
        weight: None,
    };
    let mut all = vec![(rest, 0)];
    let mut run = first.clone();
    loop {
        all.push((run.tracks(size), run.step));
        let next = match (leaves_at == Some(run.step) || run.end.is_some(), run.end) {
            (true, None | Some(End::Abort)) => run.abort(false),
            (_, Some(End::Promote | End::Promoted)) => run.promote().unwrap(),
            (false, _) if run.step < run.steps() => Some(run.step(None).unwrap()),
            (false, _) => run.promote().unwrap(),
        };
        match next {
            Some(next) => run = next,
            None => break,
        }
    }
    all.push((rest, 0));
    all
}

/// Counts every place that was looked at.
#[derive(Default)]
struct Seen {
    ladders: u64,
    moves: u64,
}

/// What must hold of a move, whichever Deployment is faster: both counts change in one direction, so
/// that the worst are two corners.
fn holds(from: Tracks, to: Tracks, size: u32, planned: Option<u32>) {
    let stable = from.stable.min(to.stable);
    let fewest = stable + from.canary.min(to.canary);
    assert!(fewest >= size, "{from:?} to {to:?} has {fewest} of {size}");
    if let Some(percent) = planned {
        let canary = from.canary.max(to.canary);
        let (most, all) = (u64::from(canary) * 100, u64::from(stable + canary));
        assert!(
            most <= u64::from(percent) * all,
            "{from:?} to {to:?}: {canary} of {all} is more than {percent} %"
        );
    }
}

/// A ladder, walked to its end and left at every step.
fn walk(ladder: &Ladder, steps: &[u32], is_rounded: bool, seen: &mut Seen) {
    seen.ladders += 1;
    let size = ladder.size;
    let first = begun(ladder.clone());
    let last = first.steps();
    assert!(
        ladder.pods.is_sorted_by(|one, next| one < next),
        "{ladder:?}"
    );
    assert!(ladder.pods.iter().all(|pods| (1..=size).contains(pods)));
    for leaves_at in (1..=last).map(Some).chain([None]) {
        let way = way(&first, leaves_at);
        for pair in way.windows(2) {
            let ((from, before), (to, step)) = (pair[0], pair[1]);
            let index = usize::try_from(step.max(before)).unwrap().checked_sub(1);
            // Rounded up, more is on purpose; and a version that is promoted is everybody's.
            let is_over = leaves_at.is_none() && before == last;
            let planned = index
                .filter(|_| !is_rounded && !is_over)
                .map(|index| steps[index]);
            holds(from, to, size, planned);
            assert!(from.stable >= 1 && to.stable >= 1);
            assert!(to.canary.saturating_sub(from.canary) <= *ladder.pods.last().unwrap());
            seen.moves += 1;
        }
        assert_eq!(way.first(), way.last());
    }
}

#[test]
fn every_size_and_every_plan_of_one_and_two_steps() {
    let mut seen = Seen::default();
    let mut refused = 0;
    for size in 1..=200 {
        for one in 1..=100 {
            for plan in (one..=100).map(|two| [one, two]) {
                let steps = if plan[0] == plan[1] {
                    &plan[..1]
                } else {
                    &plan[..]
                };
                match Ladder::new(size, steps, None) {
                    Ok(ladder) => walk(&ladder, steps, false, &mut seen),
                    Err(wrong) => {
                        refused += 1;
                        assert!(!wrong.is_empty() && wrong.len() <= steps.len());
                    }
                }
                // Rounded, a plan is one of the ladders of another plan: a few sizes are enough.
                if ![1, 2, 3, 7, 20, 199].contains(&size) {
                    continue;
                }
                let up = Ladder::new(size, steps, Some(Round::Up)).unwrap();
                walk(&up, steps, true, &mut seen);
                if let Ok(down) = Ladder::new(size, steps, Some(Round::Down)) {
                    walk(&down, steps, true, &mut seen);
                }
            }
        }
    }
    let counts = [seen.ladders, seen.moves, refused];
    assert_eq!(counts, [1_010_819, 9_909_000, 52_930]);
}

#[test]
fn longer_plans() {
    let mut runner = TestRunner::new(Config {
        cases: 4096,
        failure_persistence: None,
        ..Config::default()
    });
    let plan = (
        1..=200_u32,
        prop::collection::btree_set(1..=100_u32, 1..12),
        any::<u8>(),
    );
    let done = runner.run(&plan, |(size, steps, round)| {
        let steps: Vec<u32> = steps.into_iter().collect();
        let round = [None, Some(Round::Up), Some(Round::Down)][usize::from(round % 3)];
        if let Ok(ladder) = Ladder::new(size, &steps, round) {
            walk(&ladder, &steps, round.is_some(), &mut Seen::default());
        }
        Ok(())
    });
    done.unwrap();
}

/// Weights, at every size and plan: traffic goes only where pods enough are ready already, stable stays
/// whole, and no pod goes while anything leads to it.
#[test]
fn weights_of_every_size_and_every_plan() {
    let rest = |size| Tracks {
        stable: size,
        canary: 0,
        weight: Some(0),
    };
    let mut moves = 0;
    for size in 1..=200_u32 {
        for plan in (1..=100).flat_map(|one| (one..=100).step_by(3).map(move |two| [one, two])) {
            let steps = if plan[0] == plan[1] {
                &plan[..1]
            } else {
                &plan[..]
            };
            let first = begun(Ladder::weighted(size, steps));
            assert_eq!((first.step, first.mover()), (0, Mover::Weights));
            for leaves_at in (0..=first.steps()).map(Some).chain([None]) {
                let (mut from, mut run) = (rest(size), Some(first.clone()));
                while let Some(now) = &run {
                    let to = now.tracks(size);
                    let weight = to.weight.unwrap();
                    let planned = now
                        .step
                        .checked_sub(1)
                        .map_or(0, |at| steps[usize::try_from(at).unwrap()]);
                    assert!(weight <= planned, "{now:?}");
                    assert_eq!(weight, if now.end.is_none() { planned } else { weight });
                    let ready = from.canary.min(to.canary);
                    assert!(ready * 100 >= size * weight, "{from:?} {to:?}");
                    assert!(ready >= 1 || weight == 0, "{from:?} {to:?}");
                    assert!(to.canary >= from.canary || from.weight == Some(0));
                    assert_eq!((to.stable, to.share()), (size, weight));
                    assert!(to.canary <= round::most(size, steps));
                    moves += 1;
                    from = to;
                    run = if leaves_at == Some(now.step) || now.end == Some(End::Abort) {
                        now.abort(false)
                    } else if now.step < now.steps() {
                        Some(now.step(None).unwrap())
                    } else {
                        now.promote().unwrap()
                    };
                }
                // Nothing leads to the canary any more when its pods go.
                assert_eq!(from.weight, Some(0));
            }
        }
    }
    assert_eq!(moves, 4_364_200);
}

/// The two corners are the worst of all places between: every one of them, for small services.
#[test]
fn every_interleaving_of_small_services() {
    for size in 1..=12_u32 {
        let steps: Vec<u32> = (1..=size).map(|pods| (pods * 100).div_ceil(size)).collect();
        let ladder = Ladder::new(size, &steps, None).unwrap();
        for leaves_at in (1..=size).map(Some).chain([None]) {
            for pair in way(&begun(ladder.clone()), leaves_at).windows(2) {
                let (from, to) = (pair[0].0, pair[1].0);
                for stable in from.stable.min(to.stable)..=from.stable.max(to.stable) {
                    for canary in from.canary.min(to.canary)..=from.canary.max(to.canary) {
                        assert!(stable + canary >= size, "{from:?} {to:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn usual_steps_hold_at_the_size_that_they_are_for() {
    for size in 1..=5000 {
        let steps = usual_steps(size);
        let held = Ladder::new(size, &steps, None);
        assert!(held.is_ok(), "{size}: {steps:?} {held:?}");
    }
    assert_eq!(usual_steps(1), [100]);
    assert_eq!(usual_steps(2), [50]);
    assert_eq!(usual_steps(3), [34, 67]);
    assert_eq!(usual_steps(10), [10, 20, 50]);
    assert_eq!(usual_steps(100), [5, 25, 50]);
}

#[test]
fn a_step_that_comes_to_no_pod_is_named_with_what_would_hold() {
    let wrong = Ladder::new(3, &[5], None).unwrap_err();
    let five = TooFine {
        index: 0,
        percent: 5,
        before: 0,
        least: Some(34),
    };
    assert_eq!(wrong, [five]);
    assert_eq!(Ladder::smallest(&[5]), Some(20));
    assert_eq!(Ladder::new(3, &[5], Some(Round::Up)).unwrap().pods, [1]);
    assert_eq!(Ladder::new(3, &[5], Some(Round::Down)).unwrap_err(), [five]);
    // 50 % of three pods is one pod: less than planned, and a whole step.
    assert_eq!(Ladder::new(3, &[50], None).unwrap().pods, [1]);
    let wrong = Ladder::new(3, &[34, 50, 99], None).unwrap_err();
    assert_eq!(
        (wrong.len(), wrong[0].index, wrong[0].least),
        (1, 1, Some(67))
    );
    assert_eq!(
        Ladder::new(3, &[34, 50, 99], Some(Round::Up)).unwrap().pods,
        [2, 3]
    );
    assert_eq!(
        Ladder::new(3, &[5, 34, 50], Some(Round::Down))
            .unwrap()
            .pods,
        [1]
    );
    let all = Ladder::new(1, &[100], None).unwrap();
    assert_eq!(all.pods, [1]);
    assert_eq!(Ladder::new(1, &[50], None).unwrap_err()[0].least, Some(100));
}

#[test]
fn a_service_that_has_grown_since_keeps_its_pods() {
    let run = begun(Ladder::new(3, &[34, 67], None).unwrap())
        .step(None)
        .unwrap();
    let tracks = |stable, canary| Tracks {
        stable,
        canary,
        weight: None,
    };
    assert_eq!(run.tracks(3), tracks(2, 2));
    assert_eq!(run.tracks(9), tracks(8, 2));
    // Fewer than at the start are fewer than were promised.
    assert_eq!(run.tracks(1), tracks(2, 2));
    assert_eq!((run.tracks(3).share(), run.tracks(9).share()), (50, 20));
}

#[test]
fn a_verb_out_of_its_turn_says_whose_turn_it_is() {
    let ladder = || Ladder::new(3, &[34, 67], None).unwrap();
    let one = begun(ladder());
    let says = |wrong: Result<Option<RunSpec>, _>, words: [&str; 2]| {
        let wrong: crate::spec::value::Wrong = wrong.unwrap_err();
        assert!(wrong.message.contains(words[0]), "{wrong}");
        assert!(wrong.help.as_deref().unwrap().contains(words[1]), "{wrong}");
    };
    let again = start(Some(&one), image(NEW), ladder()).map(Some);
    says(again, ["under way", "canary step"]);
    says(
        one.step(Some(1)).map(Some),
        ["step 1 was taken already", "canary step"],
    );
    says(
        one.step(Some(3)).map(Some),
        ["step 3 is not the next one", "canary step"],
    );
    assert_eq!(one.step(Some(2)), one.step(None));
    says(one.promote(), ["steps to take before", "canary step"]);
    let two = one.step(None).unwrap();
    says(
        two.step(None).map(Some),
        ["that was the last step", "canary promote"],
    );
    let promoted = two.promote().unwrap().unwrap();
    says(
        promoted.step(None).map(Some),
        ["no further step", "canary promote"],
    );
    assert_eq!(promoted.promote(), Ok(None));
    // There is a way back until the end.
    let back = promoted.abort(false).unwrap();
    assert_eq!(back.end, Some(End::Abort));
    says(back.promote(), ["decided otherwise", "canary abort"]);
    assert_eq!((back.abort(false), two.abort(true)), (None, None));
    // Stable is whole at the first step: nothing to wait for.
    assert_eq!(one.abort(false), None);
}
