//! Where a rollout is, and the commands that move it on.

use crate::component::{Moment, engine};
use crate::report::{Canary, TrackRow};
use crate::spec::canary::{End, Holder, Mover};
use crate::spec::{App, Replicas};

/// Where the rollout of a service is.
pub(super) fn place(app: &App) -> Canary {
    let (name, namespace) = (&app.name, &app.namespace);
    let kubectl = format!("kubectl -n {namespace}");
    let pods = format!("-l app.kubernetes.io/instance={name}");
    let planned = app.canary.as_ref().map_or(0, |canary| canary.steps.len());
    let stable = |pods| TrackRow {
        image: app.image.reference.to_string(),
        pods: Some(pods),
    };
    let watch = engine(app).and_then(|engine| engine.watch(app));
    let rest = Canary {
        phase: "rest".to_owned(),
        step: None,
        steps: u32::try_from(planned).unwrap_or(u32::MAX),
        stable: stable(app.replicas.min()),
        canary: None,
        scales: matches!(app.replicas, Replicas::Auto { .. }),
        share: 0,
        watch: watch
            .unwrap_or_else(|| format!("{kubectl} get pods {pods} -L prodgen.dev/track -w")),
        cluster: Vec::new(),
        wait: None,
        next: "prodgen canary start IMAGE".to_owned(),
        back: None,
    };
    if let Some(takeover) = app.takeover() {
        let (phase, next, back) = match takeover.to {
            Holder::Rollout => ("takeover", "canary step", Some("prodgen remove canary")),
            Holder::Deployment => ("handback", "remove canary", None),
        };
        return Canary {
            phase: phase.to_owned(),
            stable: stable(takeover.size.max(app.replicas.min())),
            wait: engine(app).map(|engine| engine.wait(app)),
            next: format!("prodgen {next}"),
            back: back.map(str::to_owned),
            ..rest
        };
    }
    let Some(run) = app.run() else { return rest };
    if run.mover() == Mover::Controller {
        let (phase, moment, next) = match run.end {
            None => ("run", Moment::Run, "promote"),
            Some(End::Promote | End::Promoted) => ("promote", Moment::Promoted, "promote"),
            Some(End::Abort) => ("abort", Moment::Aborted, "abort"),
        };
        return Canary {
            phase: phase.to_owned(),
            canary: Some(TrackRow {
                image: run.image.to_string(),
                pods: None,
            }),
            // It goes on to the last step and beyond, without another change.
            share: 100,
            cluster: engine(app)
                .map(|engine| engine.commands(app, moment))
                .unwrap_or_default(),
            wait: engine(app).map(|engine| engine.wait(app)),
            next: format!("prodgen canary {next}"),
            back: (run.end != Some(End::Abort)).then(|| "prodgen canary abort".to_owned()),
            ..rest
        };
    }
    let tracks = run.tracks(app.replicas.min());
    let (phase, next, share) = match run.end {
        None if run.step < run.steps() => {
            ("step", format!("step {}", run.step + 1), tracks.share())
        }
        None => ("step", "promote".to_owned(), tracks.share()),
        // Both tracks have the new version then.
        Some(End::Promote | End::Promoted) => ("promote", "promote".to_owned(), 100),
        Some(End::Abort) => ("abort", "abort".to_owned(), tracks.share()),
    };
    Canary {
        phase: phase.to_owned(),
        step: Some(run.step),
        steps: run.steps(),
        stable: stable(tracks.stable),
        canary: Some(TrackRow {
            image: run.image.to_string(),
            pods: Some(tracks.canary),
        }),
        share,
        wait: engine(app).map(|engine| engine.wait(app)),
        next: format!("prodgen canary {next}"),
        back: (run.end != Some(End::Abort)).then(|| "prodgen canary abort".to_owned()),
        ..rest
    }
}
