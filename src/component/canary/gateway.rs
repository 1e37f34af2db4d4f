//! The engine `gateway`: a Service for each version, and a route of the Gateway API that shares requests
//! out between them by weight.
//!
//! The Service that is there already becomes that of stable, so that no route ever leads to a Service
//! that has no pods yet; callers within the cluster meet stable alone.

use super::{Engine, deployment, name};
use crate::component::Manifests;
use crate::diag::Diagnostic;
use crate::spec::canary::RunSpec;
use crate::spec::value::{HeaderName, HeaderValue};
use crate::spec::{App, Track};

pub(super) struct Gateway;

impl Engine for Gateway {
    fn of_callers(&self) -> Option<Track> {
        Some(Track::Stable)
    }

    fn keeps_zones(&self, _: &App) -> bool {
        true
    }

    fn backends(&self, app: &App) -> Option<Vec<(String, u32)>> {
        let run = app.run();
        let share = run.map_or(0, |run| run.tracks(app.replicas.min()).share());
        Some(vec![
            (app.name.to_string(), 100_u32.saturating_sub(share)),
            (name(app), share),
        ])
    }

    fn testers<'a>(&self, app: &'a App) -> Option<(&'a HeaderName, &'a HeaderValue, String)> {
        let (header, value) = app.canary.as_ref()?.testers.as_ref()?;
        // Until its pods are there, nobody is led to it.
        let is_there = app.run().is_some_and(RunSpec::has_testers);
        is_there.then(|| (header, value, name(app)))
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let share = "Enough for its share of the highest load. They are there before the route sends them \
                     anything.";
        deployment(app, share, out);
    }

    fn caution(&self, _: &App) -> Diagnostic {
        let what = "the weights are of requests that come through the Gateway: callers within the cluster meet the \
                    version in use until it is promoted";
        let help = "a connection that lasts, such as a WebSocket or a stream, stays with the version that it \
                    began with: wait until old ones have ended before you judge a step";
        Diagnostic::note(what).key("canary").help(help)
    }
}
