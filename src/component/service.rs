//! The address of the service inside the cluster.

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;

use super::view::{Words, annotations, selector, track_selector};
use super::{Component, Manifests, canary};
use crate::spec::{App, AppType, Protocol, Track};

/// Makes the Service.
pub(super) struct Service;

#[derive(Serialize)]
struct ServiceView<'a> {
    service: &'a str,
    annotations: Words,
    /// The pods that callers meet.
    pods: Words,
    /// Who that is.
    reach: &'static str,
    ports: Vec<ServicePort>,
    /// Whether a zone may keep its traffic to itself.
    by_zone: bool,
}

/// The ports that callers dial: the first that speaks HTTP is 80, all others have their own number.
pub(super) fn ports(app: &App) -> Vec<ServicePort> {
    let first_http = app
        .ports
        .iter()
        .position(|port| port.protocol == Protocol::Http);
    let takes_80 = app.ports.iter().position(|port| port.port.number() == 80);
    let as_80 = if takes_80.is_some() { None } else { first_http };
    app.ports
        .iter()
        .enumerate()
        .map(|(index, port)| ServicePort {
            name: Some(port.name.to_string()),
            port: if as_80 == Some(index) {
                80
            } else {
                i32::from(port.port.number())
            },
            target_port: Some(IntOrString::String(port.name.to_string())),
            protocol: Some("TCP".to_owned()),
            // gRPC without TLS is HTTP/2 over cleartext; that is the name Kubernetes has for it.
            app_protocol: match port.protocol {
                Protocol::Http => Some("http".to_owned()),
                Protocol::Grpc => Some("kubernetes.io/h2c".to_owned()),
                Protocol::Tcp => None,
            },
            node_port: None,
        })
        .collect()
}

impl Component for Service {
    fn name(&self) -> &'static str {
        "service"
    }

    fn summary(&self) -> &'static str {
        "A Service with named ports, of all tracks, or one for each"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        if app.kind != AppType::Service {
            return;
        }
        let engine = canary::engine(app);
        let keeps_zones = engine.is_none_or(|engine| engine.keeps_zones(app));
        let mut add = |service: &str, pods: Words, reach, by_zone| {
            let own = ServiceView {
                service,
                annotations: annotations(app),
                pods,
                reach,
                ports: ports(app),
                by_zone,
            };
            let view = out.views.plain(&own);
            out.add("service", service, "service/service.yaml", view);
        };
        let name = app.name.as_str();
        let Some(track) = engine.and_then(canary::Engine::of_callers) else {
            let reach = "It selects all tracks: a canary gets its share here.";
            add(name, selector(app), reach, keeps_zones);
            return;
        };
        let reach = "It selects the version in use: a canary gets its share from the route alone.";
        add(name, track_selector(app, track), reach, keeps_zones);
        let reach = "It selects the next version, for the route alone: nobody else calls it.";
        let pods = track_selector(app, Track::Canary);
        add(&canary::name(app), pods, reach, false);
    }
}
