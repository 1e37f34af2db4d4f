//! From percentages to pods: what a number of pods can hold of a plan, and what it could hold instead.

/// Which way a step goes that comes to no whole pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// To the next pod: more meet the new version than planned.
    Up,
    /// To the pod before; steps that come to nothing are left out.
    Down,
}

/// How many pods of the new version each step has, out of a number of pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// All pods.
    pub size: u32,
    /// Those of the new version, more at each step.
    pub pods: Vec<u32>,
    /// Percent of the traffic at each step, where a route shares it out.
    pub weights: Vec<u32>,
}

/// A step that a number of pods cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFine {
    /// Which of the steps it is, from 0.
    pub index: usize,
    /// Its percentage.
    pub percent: u32,
    /// The pods that the step before has.
    pub before: u32,
    /// The least percentage that would be a pod more, if there is one.
    pub least: Option<u32>,
}

/// The most pods that are looked at for a size that holds a plan.
const MOST_PODS: u32 = 5000;

/// The share of `size` pods that is never more than `percent`.
fn down(size: u32, percent: u32) -> u32 {
    share(u64::from(size) * u64::from(percent) / 100)
}

/// The share of `size` pods that is never less than `percent`.
pub(super) fn up(size: u32, percent: u32) -> u32 {
    share((u64::from(size) * u64::from(percent)).div_ceil(100))
}

/// A percentage is 100 at most, so that a share is no larger than the whole.
fn share(pods: u64) -> u32 {
    u32::try_from(pods).unwrap_or(u32::MAX)
}

impl Ladder {
    /// What `size` pods make of these steps: at each a whole pod more than before, and never more of
    /// them than planned. With `round` every plan comes to something, as long as it has a pod.
    pub fn new(size: u32, steps: &[u32], round: Option<Round>) -> Result<Self, Vec<TooFine>> {
        let mut pods: Vec<u32> = Vec::new();
        let mut wrong = Vec::new();
        for (index, &percent) in steps.iter().enumerate() {
            let before = pods.last().copied().unwrap_or(0);
            let count = match round {
                Some(Round::Up) => up(size, percent),
                Some(Round::Down) | None => down(size, percent),
            };
            if count > before {
                pods.push(count);
            } else if round.is_none() {
                let least = (u64::from(before) + 1) * 100;
                let least = least.div_ceil(u64::from(size.max(1)));
                wrong.push(TooFine {
                    index,
                    percent,
                    before,
                    least: u32::try_from(least).ok().filter(|least| *least <= 100),
                });
            }
        }
        if pods.is_empty() && wrong.is_empty() {
            wrong.push(TooFine {
                index: 0,
                percent: steps.first().copied().unwrap_or(0),
                before: 0,
                least: Some(100_u32.div_ceil(size.max(1))),
            });
        }
        if wrong.is_empty() {
            Ok(Self {
                size,
                pods,
                weights: Vec::new(),
            })
        } else {
            Err(wrong)
        }
    }

    /// Any steps, where `size` pods can serve all traffic: for each its weight, and pods enough for it.
    pub fn weighted(size: u32, steps: &[u32]) -> Self {
        let pods = steps.iter().map(|&percent| up(size, percent).max(1));
        Self {
            size,
            pods: pods.collect(),
            weights: steps.to_vec(),
        }
    }

    /// The fewest pods that hold these steps.
    pub fn smallest(steps: &[u32]) -> Option<u32> {
        (1..=MOST_PODS).find(|&size| Self::new(size, steps, None).is_ok())
    }
}

/// The most pods of the new version that these steps come to out of `size`, whichever way they are
/// rounded.
pub(in crate::spec) fn most(size: u32, steps: &[u32]) -> u32 {
    steps.last().map_or(0, |&percent| up(size, percent).max(1))
}

/// Steps that `size` pods hold: one pod or a twentieth first, then a quarter, then half.
pub fn usual_steps(size: u32) -> Vec<u32> {
    // From here on the percentages themselves are whole pods.
    if size >= 20 {
        return vec![5, 25, 50];
    }
    let size = size.max(1);
    let counts: Vec<u32> = match size {
        1 => vec![1],
        2 | 3 => (1..size).collect(),
        _ => vec![1, size / 4, size / 2],
    };
    let mut steps: Vec<u32> = counts
        .iter()
        .map(|pods| (pods * 100).div_ceil(size))
        .collect();
    steps.dedup();
    steps
}
