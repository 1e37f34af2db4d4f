//! Kinds of service that have no canary: why, and what goes out how instead.

use crate::spec::AppType;
use crate::spec::value::Wrong;

/// Why services of this kind have none; nothing for those that may have one.
pub(in crate::cli) fn reason(kind: AppType) -> Option<Wrong> {
    let (why, help) = match kind {
        AppType::Service => return None,
        AppType::Worker => (
            "`canary` does not belong to a worker: it shares out the traffic of a service, and a worker has none",
            "`prodgen set image=IMAGE` brings a new version: new pods come first, and one that is not ready stops the rest",
        ),
        AppType::Cronjob => (
            "`canary` does not belong to a cronjob: it shares out the traffic of a service, and a run has none",
            "`prodgen set image=IMAGE` brings a new version, from the next run on",
        ),
    };
    Some(Wrong::new(why).help(help))
}
