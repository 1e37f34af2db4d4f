//! The quota holds every state of every rollout: computed from the service alone, at every size.

use prodgen::component::Capacity;
use prodgen::spec::canary::{Holder, Ladder, Round, TakeoverSpec, start};
use prodgen::spec::{NoFiles, Replicas};

use super::NEW;
use crate::support::{BASICS, HEADER, settle};

fn surge(pods: u32) -> u32 {
    (pods * 25).div_ceil(100)
}

#[test]
fn every_state_of_every_size_fits_the_quota() {
    let text = format!("{HEADER}{BASICS}canary: {{}}\n");
    let mut app = settle(&text, &NoFiles).unwrap();
    let plans: &[&[u32]] = &[
        &[1],
        &[5],
        &[34, 67],
        &[50],
        &[99],
        &[100],
        &[5, 25, 50],
        &[10, 30, 60, 90, 100],
        &[1, 2, 3, 50],
    ];
    let mut states = 0_u32;
    for size in 1..=200_u32 {
        for most in [size, size + 1, size * 2] {
            for (steps, round) in plans.iter().flat_map(|steps| {
                [None, Some(Round::Up), Some(Round::Down)].map(|round| (steps, round))
            }) {
                let Ok(ladder) = Ladder::new(size, steps, round) else {
                    continue;
                };
                app.replicas = Replicas::Auto {
                    min: size,
                    max: most,
                    cpu: 70,
                };
                let canary = app.canary.as_mut().unwrap();
                canary.steps = steps.to_vec();
                canary.run = None;
                let quota = Capacity::of(&app);
                let mut run = start(None, NEW.parse().unwrap(), ladder).unwrap();
                let mut before = 0;
                loop {
                    app.canary.as_mut().unwrap().run = Some(run.clone());
                    // No administrator is needed in the middle of a rollout.
                    assert_eq!(Capacity::of(&app), quota);
                    let pods = run.tracks(size).canary;
                    // Load has taken stable to its maximum, both are being rolled, and all that was
                    // there is still ending.
                    let live = most + pods + surge(most) + surge(pods);
                    assert!(live + most + before <= quota.pods(), "{size} {steps:?}");
                    // What a step adds at once, the quota has left beside a whole service.
                    let left = quota.pods() - quota.terminating - most - before;
                    assert!(pods - before <= left, "{size} {steps:?}");
                    assert!(
                        matches!(app.stable(), Replicas::Auto { min, max, .. } if min >= 1 && max == most)
                    );
                    states += 1;
                    before = pods;
                    match run.step(None) {
                        Ok(next) => run = next,
                        Err(_) => break,
                    }
                }
            }
        }
    }
    assert!(states > 20_000, "{states}");
}

#[test]
fn both_have_room_while_pods_change_hands() {
    let text = format!("{HEADER}{BASICS}canary: {{ engine: argo }}\n");
    let mut app = settle(&text, &NoFiles).unwrap();
    for size in 1..=200_u32 {
        for most in [size, size + 1, size * 2] {
            app.replicas = Replicas::Auto {
                min: size,
                max: most,
                cpu: 70,
            };
            let quota = Capacity::of(&app);
            for to in [None, Some(Holder::Rollout), Some(Holder::Deployment)] {
                app.canary.as_mut().unwrap().takeover = to.map(|to| TakeoverSpec { size, to });
                assert_eq!(Capacity::of(&app), quota);
            }
            // Load has taken each to its maximum, a change of the configuration rolls both, and all that was
            // there is still ending.
            assert!(
                2 * (most + surge(most)) + 2 * most <= quota.pods(),
                "{size}"
            );
            // One of them has gone while the other puts a version out: its canary comes out of the surge.
            assert!(most + surge(most) + 2 * most <= quota.pods(), "{size}");
        }
    }
}
