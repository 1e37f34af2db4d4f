//! The CronJob: work at set times that never piles up.

use serde::Serialize;

use super::view::{Words, annotations, workload_labels};
use super::{Component, Fragment, Manifests, deployment, pod};
use crate::spec::App;

/// Makes the CronJob.
pub(super) struct CronJob;

#[derive(Serialize)]
struct CronJobView<'a> {
    annotations: Words,
    schedule: &'a str,
    time_zone: &'a str,
    overlap: &'static str,
    deadline: u32,
    retries: u32,
    pod_labels: Words,
    pod_annotations: Words,
}

impl Component for CronJob {
    fn name(&self) -> &'static str {
        "cronjob"
    }

    fn summary(&self) -> &'static str {
        "A CronJob that ends in time and does not pile up"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let Some(schedule) = &app.schedule else {
            return;
        };
        let own = CronJobView {
            annotations: annotations(app),
            schedule: schedule.cron.as_str(),
            time_zone: schedule.time_zone.as_str(),
            overlap: schedule.overlap.policy(),
            deadline: schedule.deadline.count(),
            retries: schedule.retries,
            pod_labels: workload_labels(app),
            pod_annotations: deployment::pod_annotations(app),
        };
        let fragment = Fragment {
            name: "pod",
            template: "pod/pod.yaml",
            view: pod::view(app),
        };
        let name = app.name.as_str();
        out.push(
            "cronjob",
            name,
            "cronjob/cron-job.yaml",
            out.views.workload(&own),
            Some(fragment),
        );
    }
}
