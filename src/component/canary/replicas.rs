//! The engine `replicas`: both versions stand behind one Service, and the ratio of their ready pods is
//! the share of new connections. It needs nothing in the cluster.

use super::{Engine, deployment};
use crate::component::Manifests;
use crate::diag::Diagnostic;
use crate::spec::{self, App, Protocol, Track};

pub(super) struct Replicas;

impl Engine for Replicas {
    fn of_callers(&self) -> Option<Track> {
        None
    }

    fn keeps_zones(&self, app: &App) -> bool {
        // A zone with a pod of the canary would meet it more often than planned.
        app.run().is_none()
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let share = "Its share of all ready pods is its share of new connections. No autoscaler here: it would \
                     change the share.";
        deployment(app, share, out);
    }

    fn caution(&self, app: &App) -> Diagnostic {
        let what = "connections stay with the pod that they were made to: the share of requests follows the share of \
                    pods only as callers connect anew";
        let is_lasting = |port: &spec::PortSpec| port.protocol != Protocol::Http;
        let help = if app.ports.iter().any(is_lasting) {
            "gRPC and other lasting connections: give callers a maximum age of a connection, or wait longer"
        } else {
            "HTTP keep-alive too: wait a few minutes before you judge a step"
        };
        Diagnostic::note(what).key("canary").help(help)
    }
}
