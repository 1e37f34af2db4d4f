//! How much a service can come to need at once: what quota has to hold.

use crate::spec::value::{Cpu, Memory};
use crate::spec::{App, AppType, Overlap};

/// Percent of the pods that a rollout may add at once, rounded up as Kubernetes does.
pub(super) const SURGE_PERCENT: u32 = 25;
/// What a container may write besides its folders: its log and what the runtime keeps.
const SCRATCH: u64 = 192 << 20;
/// Disk that a container without writable folders is promised.
const LEAST_DISK: u64 = 64 << 20;
/// Runs of a cronjob that may pile up where they may overlap: a guard, not a promise.
const OVERLAPPING_RUNS: u32 = 10;

/// The most pods of a service at once, and what they hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// Pods at rest, at most.
    pub full: u32,
    /// Pods of a new version beside them, at most.
    pub canary: u32,
    /// Pods that a rollout adds.
    pub surge: u32,
    /// Pods that are ending but still count until their grace is over.
    pub terminating: u32,
    /// Disk that one container is promised.
    pub disk_request: Memory,
    /// Disk that one container may fill.
    pub disk_limit: Memory,
}

impl Capacity {
    /// What the service can come to.
    pub fn of(app: &App) -> Self {
        let (full, canary, surge) = match (app.kind, app.schedule.as_ref().map(|one| one.overlap)) {
            // One run, and one that a person starts by hand.
            (AppType::Cronjob, Some(Overlap::Allow)) => (OVERLAPPING_RUNS, 0, 1),
            (AppType::Cronjob, _) => (1, 0, 1),
            (AppType::Service | AppType::Worker, _) => {
                let full = app.replicas.max();
                // Whatever the size at which a canary starts: nobody raises a quota in the middle of one.
                let canary = app.canary.as_ref().map_or(0, |canary| canary.most(full));
                // Two Deployments, each with a surge of its own.
                let surge = |pods: u32| (pods * SURGE_PERCENT).div_ceil(100);
                (full, canary, surge(full) + surge(canary))
            }
        };
        let disk: u64 = app
            .writable
            .iter()
            .filter(|one| !one.memory)
            .map(|one| one.size.bytes())
            .fold(0, u64::saturating_add);
        Self {
            full,
            canary,
            surge,
            // A rollout that is quick to become ready replaces all pods within one grace period.
            terminating: full + canary,
            disk_request: Memory::from_bytes(disk.max(LEAST_DISK)),
            disk_limit: Memory::from_bytes(disk.saturating_add(SCRATCH)),
        }
    }

    /// All pods that count at once.
    pub fn pods(&self) -> u32 {
        self.full + self.canary + self.surge + self.terminating
    }

    /// Cores that they request.
    pub fn cpu(&self, app: &App) -> Cpu {
        app.container.cpu_request.times(self.pods())
    }

    /// Memory that they request.
    pub fn memory(&self, app: &App) -> Memory {
        app.container.memory_request.times(self.pods())
    }

    /// Memory that they may take.
    pub fn memory_limit(&self, app: &App) -> Memory {
        app.container.memory_limit.times(self.pods())
    }
}
