//! What may lie between two renders of a service with a canary, whoever has changed the spec: pods enough
//! at every moment, and no more of the new version than the next step gives.

#[cfg(test)]
mod tests;

use super::{Mover, RunSpec, Tracks, round};

/// Whether pods enough are ready at every moment between two renders, whichever of the objects in them
/// is taken in first. The rollout under way says what is enough; at rest there are as many.
pub fn keeps_pods(before: Option<&RunSpec>, after: Option<&RunSpec>) -> bool {
    let Some(promise) = before.or(after) else {
        return true;
    };
    if [before, after]
        .into_iter()
        .flatten()
        .any(|run| run.mover() != promise.mover())
    {
        return false;
    }
    let rest = Tracks {
        stable: promise.size,
        canary: 0,
        weight: None,
    };
    let [from, to] = [before, after].map(|run| run.map_or(rest, |run| run.tracks(run.size)));
    let canary = from.canary.min(to.canary);
    match promise.mover() {
        // Both counts change in one direction, so that the worst is a corner.
        Mover::Pods => from.stable.min(to.stable) + canary >= promise.size,
        Mover::Weights => {
            let needed = |run: Option<&RunSpec>| run.map_or(0, RunSpec::needed);
            canary >= needed(before).max(needed(after))
        }
        // It looks after them itself.
        Mover::Controller => true,
    }
}

/// Whether a render is what a verb makes of the one before, or leads to fewer of the new version;
/// `takes` says whether stable comes to run the image of a rollout with it.
pub fn in_turn(
    before: Option<&RunSpec>,
    after: Option<&RunSpec>,
    takes: impl Fn(&RunSpec) -> bool,
) -> bool {
    match (before, after) {
        (None, None) => true,
        (None, Some(after)) => after.end.is_none() && after.is_at_first_step() && !takes(after),
        (Some(before), None) => !takes(before) || before.promote() == Ok(None),
        (Some(before), Some(after)) => {
            let plan = |run: &RunSpec| RunSpec {
                step: before.step,
                end: before.end,
                ..run.clone()
            };
            let verbs = [
                before.step(None).ok(),
                before.promote().ok().flatten(),
                before.abort(false),
            ];
            plan(after) == *before
                && (after.is_promoted() || !takes(after))
                && (verbs.iter().flatten().any(|next| next == after)
                    || after.is_met_by_no_more_than(before))
        }
    }
}

impl RunSpec {
    /// The pods that the requests need which a route leads to the new version.
    fn needed(&self) -> u32 {
        match self.tracks(self.size).weight {
            Some(0) => u32::from(self.has_testers()),
            Some(weight) => round::up(self.size, weight).max(1),
            None => 0,
        }
    }

    /// The part of the traffic that meets the new version: so many of so many.
    fn part(&self) -> (u64, u64) {
        let tracks = self.tracks(self.size);
        let (stable, canary) = (u64::from(tracks.stable), u64::from(tracks.canary));
        match tracks.weight {
            _ if self.is_promoted() => (1, 1),
            Some(weight) => (u64::from(weight), 100),
            None => (canary, (stable + canary).max(1)),
        }
    }

    fn is_met_by_no_more_than(&self, other: &Self) -> bool {
        let ((part, all), (most, of)) = (self.part(), other.part());
        let may_test = other.has_testers() || !self.has_testers();
        self.step <= other.step && part * of <= most * all && may_test
    }
}
