//! Where a rollout is, and the commands that watch it and wait for it.

use crate::report::{Canary, TrackRow};
use crate::spec::canary::{End, Tracks};
use crate::spec::{App, Replicas};

/// Where the rollout of a service is.
pub(super) fn place(app: &App) -> Canary {
    let (name, namespace) = (&app.name, &app.namespace);
    let kubectl = format!("kubectl -n {namespace}");
    let pods = format!("-l app.kubernetes.io/instance={name}");
    let planned = app.canary.as_ref().map_or(0, |canary| canary.steps.len());
    let stable = |pods| TrackRow {
        image: app.image.reference.to_string(),
        pods,
    };
    let rest = Canary {
        phase: "rest".to_owned(),
        step: None,
        steps: u32::try_from(planned).unwrap_or(u32::MAX),
        stable: stable(app.replicas.min()),
        canary: None,
        scales: matches!(app.replicas, Replicas::Auto { .. }),
        share: 0,
        watch: format!("{kubectl} get pods {pods} -L prodgen.dev/track -w"),
        wait: None,
        next: "prodgen canary start IMAGE".to_owned(),
        back: None,
    };
    let Some(run) = app.run() else { return rest };
    let tracks = run.tracks(app.replicas.min());
    let (phase, next, share) = match run.end {
        None if run.step < run.steps() => {
            ("step", format!("step {}", run.step + 1), tracks.share())
        }
        None => ("step", "promote".to_owned(), tracks.share()),
        // Both tracks have the new version then.
        Some(End::Promote) => ("promote", "promote".to_owned(), 100),
        Some(End::Abort) => ("abort", "abort".to_owned(), tracks.share()),
    };
    Canary {
        phase: phase.to_owned(),
        step: Some(run.step),
        steps: run.steps(),
        stable: stable(tracks.stable),
        canary: Some(TrackRow {
            image: run.image.to_string(),
            pods: tracks.canary,
        }),
        share,
        wait: Some(wait(app, run.end, tracks)),
        next: format!("prodgen canary {next}"),
        back: (run.end != Some(End::Abort)).then(|| "prodgen canary abort".to_owned()),
        ..rest
    }
}

/// The command that ends when the pods of a canary that is over are gone.
pub(super) fn gone(app: &App) -> String {
    let (name, namespace) = (&app.name, &app.namespace);
    format!(
        "kubectl -n {namespace} wait --for=delete pod -l \
         app.kubernetes.io/instance={name},prodgen.dev/track=canary --timeout=10m"
    )
}

/// The command that ends when the next verb may be called.
fn wait(app: &App, end: Option<End>, tracks: Tracks) -> String {
    let (name, namespace) = (&app.name, &app.namespace);
    let kubectl = format!("kubectl -n {namespace}");
    if end.is_none() {
        return format!("{kubectl} rollout status deployment/{name}-canary");
    }
    let status = format!("{kubectl} rollout status deployment/{name}");
    match app.replicas {
        Replicas::Fixed(_) => status,
        // The autoscaler raises the count only after the rollout has been looked at: both must hold.
        Replicas::Auto { .. } => format!(
            "{status} && until [ \"0$({kubectl} get deployment {name} -o jsonpath={{.status.availableReplicas}})\" \
             -ge {} ]; do sleep 5; done",
            tracks.stable
        ),
    }
}
