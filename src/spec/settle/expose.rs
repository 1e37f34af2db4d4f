//! `expose`: which port users reach, through whom, and from where that one's calls come.

use std::collections::BTreeMap;

use crate::spec::app::{Expose, Gateway, Peer, PortSpec, Route};
use crate::spec::model::{AppSpec, GatewaySpec, Protocol};
use crate::spec::value::{LabelKey, LabelValue, Wrong};

/// Where a Gateway is if nobody says else.
const NAMESPACE: &str = "gateway-system";
const GATEWAY: &str = "public";
/// The listener, so that a route is never on that of plain HTTP by accident.
const LISTENER: &str = "https";
/// What every implementation of the Gateway API puts on the pods of a Gateway (GEP-1762).
const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";

/// The port that users reach: the first that a route can lead to.
pub(in crate::spec) fn port(ports: &[PortSpec]) -> Option<&PortSpec> {
    ports.iter().find(|port| port.protocol != Protocol::Tcp)
}

/// Where users reach it.
pub(super) fn expose(spec: &AppSpec, ports: &[PortSpec]) -> Result<Option<Expose>, Wrong> {
    let (Some(given), Some(port), Some(name)) = (&spec.expose, port(ports), &spec.name) else {
        return Ok(None);
    };
    let hosts = given.hosts.clone().unwrap_or_default();
    let usual = || match (port.protocol, hosts.is_empty()) {
        (Protocol::Http, true) => format!("/{name}").parse(),
        (Protocol::Http, false) | (Protocol::Grpc | Protocol::Tcp, _) => "/".parse(),
    };
    let gateway = given.gateway.clone().unwrap_or_default();
    Ok(Some(Expose {
        path: given.path.clone().map_or_else(usual, Ok)?,
        callers: callers(&gateway)?,
        route: match gateway.ingress_class {
            Some(class) => Route::Ingress { class },
            None => Route::Gateway(Gateway {
                namespace: match gateway.namespace {
                    Some(namespace) => namespace,
                    None => NAMESPACE.parse()?,
                },
                name: match gateway.name {
                    Some(name) => name,
                    None => GATEWAY.parse()?,
                },
                listener: match gateway.listener {
                    Some(listener) => listener,
                    None => LISTENER.parse()?,
                },
            }),
        },
        port: port.name.clone(),
        tls: given.tls.clone(),
        hosts,
    }))
}

/// The label that the pods of this Gateway have.
pub(in crate::spec) fn gateway_label(
    gateway: &GatewaySpec,
) -> Result<(LabelKey, LabelValue), Wrong> {
    let name = gateway.name.as_ref().map_or(GATEWAY, |name| name.as_str());
    Ok((GATEWAY_NAME.parse()?, name.parse()?))
}

/// Whose calls are let in. Addresses stand for the pods of a gateway that has none in the cluster;
/// where there are some beside them, their labels are given.
fn callers(gateway: &GatewaySpec) -> Result<Vec<Peer>, Wrong> {
    let cidrs = gateway.cidrs.iter().flatten().cloned();
    let mut peers: Vec<Peer> = cidrs.map(Peer::Addresses).collect();
    let is_ingress = gateway.ingress_class.is_some();
    let namespace = gateway
        .pod_namespace
        .as_ref()
        .or(gateway.namespace.as_ref());
    let labels = match &gateway.labels {
        Some(labels) => labels.clone(),
        None if is_ingress => BTreeMap::new(),
        None => [gateway_label(gateway)?].into(),
    };
    let has_pods = if is_ingress {
        namespace.is_some()
    } else {
        peers.is_empty() || gateway.labels.is_some() || gateway.pod_namespace.is_some()
    };
    if has_pods {
        let namespace = namespace.map_or(NAMESPACE, |namespace| namespace.as_str());
        let namespace = namespace.to_owned();
        let words = labels
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()));
        peers.push(if labels.is_empty() {
            Peer::Namespace(namespace)
        } else {
            Peer::Pods {
                namespace,
                labels: words.collect(),
            }
        });
    }
    Ok(peers)
}
