//! Which step may follow which: a verb says what the rollout is afterwards, or why it is not its turn.

use std::collections::BTreeMap;

use super::{End, Ladder, Mover, RunSpec};
use crate::spec::value::{ImageRef, Wrong};

/// The beginning of a rollout of `image`.
pub fn start(
    under_way: Option<&RunSpec>,
    image: ImageRef,
    ladder: Ladder,
) -> Result<RunSpec, Wrong> {
    if let Some(run) = under_way {
        let what = format!("a canary is under way: {}", run.words());
        return Err(Wrong::new(what).help(run.next()));
    }
    let mut run = RunSpec {
        image,
        step: 0,
        size: ladder.size,
        pods: ladder.pods,
        weights: ladder.weights,
        config: None,
        secrets: BTreeMap::new(),
        end: None,
    };
    run.step = run.first();
    Ok(run)
}

impl RunSpec {
    /// The step that it begins with: a weight waits until there are pods to take it.
    pub(super) fn first(&self) -> u32 {
        u32::from(self.mover() == Mover::Pods)
    }

    /// Where it is, in a few words.
    pub fn words(&self) -> String {
        let (image, step, steps) = (&self.image, self.step, self.steps());
        match self.end {
            None if self.mover() == Mover::Controller => {
                format!("`{image}`, which the cluster moves")
            }
            None => format!("`{image}` at step {step} of {steps}"),
            Some(End::Promote | End::Promoted) => format!("`{image}` is being promoted"),
            Some(End::Abort) => format!("`{image}` is being taken back"),
        }
    }

    /// What may follow.
    pub fn next(&self) -> &'static str {
        match self.end {
            None if self.step < self.steps() => {
                "go on with `prodgen canary step`, or back with `prodgen canary abort`"
            }
            None => "go on with `prodgen canary promote`, or back with `prodgen canary abort`",
            Some(End::Promote | End::Promoted) => {
                "end it with `prodgen canary promote`, or go back with `prodgen canary abort`"
            }
            Some(End::Abort) => "end it with `prodgen canary abort`",
        }
    }

    fn not_now(&self, what: &str) -> Wrong {
        Wrong::new(format!("{what}: {}", self.words())).help(self.next())
    }

    /// One step further. Whoever names the step `wanted` takes it once, however often they ask.
    pub fn step(&self, wanted: Option<u32>) -> Result<Self, Wrong> {
        if let Some(wanted) = wanted.filter(|wanted| *wanted != self.step + 1) {
            let what = if (1..=self.step).contains(&wanted) && self.steps() > 0 {
                format!("step {wanted} was taken already")
            } else {
                format!("step {wanted} is not the next one")
            };
            return Err(self.not_now(&what));
        }
        if self.end.is_some() {
            return Err(self.not_now("there is no further step"));
        }
        if self.step >= self.steps() {
            return Err(self.not_now("that was the last step"));
        }
        Ok(Self {
            step: self.step + 1,
            ..self.clone()
        })
    }

    /// Stable takes the new version; when called again, once that is ready, the rollout is over: at once
    /// where the share is that of the pods, and a call later where traffic has to leave the canary first.
    /// A controller that takes out a version with files of its own is waited for too: pods of stable read
    /// the others to the end.
    pub fn promote(&self) -> Result<Option<Self>, Wrong> {
        let end = match (self.end, self.mover()) {
            (Some(End::Abort), _) => return Err(self.not_now("it was decided otherwise")),
            (None, _) if self.step < self.steps() => {
                return Err(self.not_now("there are steps to take before"));
            }
            (None, Mover::Controller) if self.config.is_none() => return Ok(None),
            (None, _) => End::Promote,
            (Some(End::Promote), Mover::Weights) => End::Promoted,
            (Some(End::Promote | End::Promoted), _) => return Ok(None),
        };
        Ok(Some(self.ended(end)))
    }

    /// Stable is brought back; the second time, when it is there, the rollout is over. That is at once
    /// where nobody meets the new version and stable is whole, or where nobody wants to wait.
    pub fn abort(&self, now: bool) -> Option<Self> {
        let is_untouched = self.end.is_none()
            && match self.mover() {
                Mover::Pods | Mover::Weights => self.is_at_first_step(),
                // Pods of stable read files of their own until it is done.
                Mover::Controller => self.config.is_none(),
            };
        if now || is_untouched || self.end == Some(End::Abort) {
            return None;
        }
        Some(self.ended(End::Abort))
    }

    fn ended(&self, end: End) -> Self {
        Self {
            end: Some(end),
            ..self.clone()
        }
    }
}
