//! The address of the service inside the cluster.

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;

use super::view::{Words, annotations};
use super::{Component, Manifests};
use crate::spec::{App, AppType, Protocol};

/// Makes the Service.
pub(super) struct Service;

#[derive(Serialize)]
struct ServiceView {
    annotations: Words,
    ports: Vec<ServicePort>,
    /// Whether a zone with a canary's pod may keep its traffic to itself.
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
        "A Service with named ports, of all tracks"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        if app.kind != AppType::Service {
            return;
        }
        let own = ServiceView {
            annotations: annotations(app),
            ports: ports(app),
            by_zone: app.run().is_none(),
        };
        out.add(
            "service",
            app.name.as_str(),
            "service/service.yaml",
            out.views.plain(&own),
        );
    }
}
