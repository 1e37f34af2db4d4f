//! What the verbs do may always lie between two renders, and what jumps over a step or leaves too few
//! pods never: held against every moment in between, for every pair of places of a rollout.

use super::super::tests::{NEW, OLD, begun, image};
use super::super::{End, Engine, Ladder, Mover, RunSpec, in_turn, keeps_pods};
use crate::spec::value::ImageRef;

/// Plans that services of up to this many pods are walked with.
const SIZES: u32 = 12;

/// What a rollout of `ladder` can be at, by whatever verbs; nothing is at rest.
fn places(ladder: &Ladder) -> Vec<Option<RunSpec>> {
    let mut all = vec![None, Some(begun(ladder.clone()))];
    let mut at = 1;
    while let Some(place) = all.get(at) {
        for (next, _) in place.as_ref().map(verbs).unwrap_or_default() {
            if !all.contains(&next) {
                all.push(next);
            }
        }
        at += 1;
    }
    all
}

/// Whether stable runs the image of a rollout, where it runs this one.
fn takes(stable: &ImageRef) -> impl Fn(&RunSpec) -> bool {
    move |run| run.image == *stable
}

/// What the verbs make of a rollout, and whether everybody has the new version then.
fn verbs(run: &RunSpec) -> Vec<(Option<RunSpec>, bool)> {
    let mut all = vec![(run.abort(false), false)];
    all.extend(run.step(None).map(|next| (Some(next), false)));
    all.extend(run.promote().map(|next| (next, true)));
    all
}

/// What stable runs at a place; at rest it may be either.
fn of_stable(run: &RunSpec) -> ImageRef {
    image(if run.is_promoted() { NEW } else { OLD })
}

/// Plans of whole pods and of weights, of a step, of two, and of three.
fn ladders() -> Vec<(Ladder, Vec<u32>)> {
    let mut all = Vec::new();
    let plans = (1..=100).flat_map(|one| {
        let two = (one..=100).step_by(9).map(move |two| vec![one, two]);
        two.chain([vec![one], vec![one, one + 1, 100]])
    });
    let ascends = |plan: &Vec<u32>| plan.is_sorted_by(|one, next| one < next);
    for plan in plans.filter(ascends) {
        for size in 1..=SIZES {
            for engine in [Engine::Replicas, Engine::Gateway] {
                if let Ok(ladder) = engine.ladder(size, &plan, None) {
                    all.push((ladder, plan.clone()));
                }
            }
        }
    }
    all
}

#[test]
fn what_a_verb_does_may_follow_and_may_be_taken_back() {
    let mut moves = 0;
    let controller = Ladder {
        size: 3,
        pods: Vec::new(),
        weights: Vec::new(),
    };
    let all = ladders().into_iter().map(|(ladder, _)| ladder);
    for ladder in all.chain([controller]) {
        let first = begun(ladder.clone());
        assert!(keeps_pods(None, Some(&first)) && in_turn(None, Some(&first), takes(&image(OLD))));
        assert!(keeps_pods(Some(&first), None));
        for run in places(&ladder).into_iter().flatten() {
            assert!(keeps_pods(Some(&run), Some(&run)));
            assert!(in_turn(Some(&run), Some(&run), takes(&of_stable(&run))));
            for (next, is_everybodys) in verbs(&run) {
                let stable = image(if is_everybodys { NEW } else { OLD });
                let next = next.as_ref();
                assert!(keeps_pods(Some(&run), next), "{run:?} {next:?}");
                assert!(
                    in_turn(Some(&run), next, takes(&stable)),
                    "{run:?} {next:?}"
                );
                assert!(keeps_pods(next, Some(&run)), "{next:?} {run:?}");
                moves += 1;
            }
        }
    }
    assert_eq!(moves, 129_154);
}

/// How many pods of stable and of the canary there may be between two places, and which weights.
struct Between {
    stable: [u32; 2],
    canary: [u32; 2],
    weights: [u32; 2],
}

impl Between {
    fn of(size: u32, places: [Option<&RunSpec>; 2]) -> Self {
        let tracks = places.map(|run| run.map(|run| run.tracks(size)));
        Self {
            stable: tracks.map(|one| one.map_or(size, |one| one.stable)),
            canary: tracks.map(|one| one.map_or(0, |one| one.canary)),
            weights: tracks.map(|one| one.and_then(|one| one.weight).unwrap_or(0)),
        }
    }

    /// Every number of pods of stable and of the canary, with every weight.
    fn moments(&self) -> impl Iterator<Item = (u32, u32, u32)> {
        let range = |[one, other]: [u32; 2]| one.min(other)..=one.max(other);
        let (canary, weights) = (self.canary, self.weights);
        range(self.stable).flat_map(move |stable| {
            let pods = range(canary).map(move |canary| (stable, canary));
            pods.flat_map(move |(stable, canary)| {
                weights.map(|weight| (stable, canary, weight)).into_iter()
            })
        })
    }
}

#[test]
fn what_may_follow_has_pods_enough_and_is_met_by_no_more_than_planned() {
    let (mut followed, mut refused) = (0, 0);
    for (ladder, steps) in ladders() {
        let size = ladder.size;
        let places = places(&ladder);
        for from in &places {
            for to in &places {
                let (from, to) = (from.as_ref(), to.as_ref());
                let between = Between::of(size, [from, to]);
                let is_enough = |(stable, canary, weight): (u32, u32, u32)| {
                    if ladder.weights.is_empty() {
                        stable + canary >= size
                    } else {
                        canary * 100 >= size * weight && (canary > 0 || weight == 0)
                    }
                };
                let holds = between.moments().all(is_enough);
                assert_eq!(keeps_pods(from, to), holds, "{from:?} {to:?}");
                let stable = to.map_or(image(OLD), of_stable);
                if !in_turn(from, to, takes(&stable)) {
                    refused += 1;
                    continue;
                }
                followed += 1;
                let step = |run: Option<&RunSpec>| run.map_or(0, |run| run.step);
                assert!(step(to) <= step(from) + 1, "{from:?} {to:?}");
                let is_promoted = |run: Option<&RunSpec>| run.is_some_and(RunSpec::is_promoted);
                if is_promoted(to) && !is_promoted(from) {
                    assert_eq!(
                        from.map(|run| (run.end, run.step)),
                        Some((None, to.unwrap().steps()))
                    );
                }
                if is_promoted(from) || is_promoted(to) || !holds {
                    continue;
                }
                let most = step(from).max(step(to));
                let planned = most
                    .checked_sub(1)
                    .map_or(0, |at| steps[usize::try_from(at).unwrap()]);
                for (stable, canary, weight) in between.moments() {
                    if ladder.weights.is_empty() {
                        assert!(
                            canary * 100 <= planned * (stable + canary),
                            "{from:?} {to:?}"
                        );
                    } else {
                        assert!(weight <= planned, "{from:?} {to:?}");
                    }
                }
            }
        }
    }
    assert_eq!((followed, refused), (384_850, 263_080));
}

#[test]
fn what_goes_at_once_leaves_too_few_and_so_does_its_way_back() {
    for (ladder, _) in ladders() {
        for run in places(&ladder).into_iter().flatten() {
            let is_harmless = match run.mover() {
                Mover::Pods => run.step == 1 || run.end.is_some(),
                Mover::Weights => run.tracks(run.size).weight == Some(0),
                Mover::Controller => true,
            };
            assert_eq!(run.abort(true), None);
            assert_eq!(keeps_pods(Some(&run), None), is_harmless, "{run:?}");
            assert_eq!(keeps_pods(None, Some(&run)), is_harmless, "{run:?}");
        }
    }
}

#[test]
fn what_no_verb_writes_does_not_follow() {
    let pods = begun(Ladder::new(10, &[10, 20, 30, 50], None).unwrap());
    let weights = begun(Ladder::weighted(10, &[5, 25, 40, 50]));
    let (old, new) = (image(OLD), image(NEW));
    for first in [pods, weights] {
        let run = first.step(None).unwrap();
        let edited = |edit: &dyn Fn(&mut RunSpec)| {
            let mut other = run.clone();
            edit(&mut other);
            other
        };
        let other = "registry.example.com/shop/web:1.6.0";
        for wrong in [
            edited(&|run| run.image = image(other)),
            edited(&|run| run.size = 12),
            edited(&|run| run.pods[2] = 10),
            edited(&|run| run.pods.truncate(2)),
            edited(&|run| run.config = Some("conf-2".parse().unwrap())),
            edited(&|run| run.step += 2),
            edited(&|run| run.end = Some(End::Promote)),
            edited(&|run| run.end = Some(End::Promoted)),
        ] {
            assert!(!in_turn(Some(&run), Some(&wrong), takes(&old)), "{wrong:?}");
        }
        // Whoever has fewer is not in a hurry, and who gives up goes on later.
        assert!(in_turn(Some(&run), Some(&first), takes(&old)));
        let aborted = edited(&|run| run.end = Some(End::Abort));
        assert!(in_turn(Some(&run), Some(&aborted), takes(&old)));
        assert!(!in_turn(Some(&aborted), Some(&run), takes(&old)));
        // Everybody has it once it is promoted, and not before.
        assert!(!in_turn(Some(&run), Some(&run), takes(&new)));
        assert!(!in_turn(Some(&run), None, takes(&new)));
        assert!(in_turn(Some(&run), None, takes(&old)));
        // It begins with its first step, and with another version.
        assert!(in_turn(None, Some(&first), takes(&old)));
        assert!(!in_turn(None, Some(&first), takes(&new)));
        assert!(!in_turn(None, Some(&run), takes(&old)));
        assert!(!in_turn(None, Some(&aborted), takes(&old)));
        // Of another kind it is another rollout.
        let other = edited(&|run| run.pods.clear());
        assert!(!keeps_pods(Some(&run), Some(&other)));
        assert!(!in_turn(Some(&run), Some(&other), takes(&old)));
    }
}
