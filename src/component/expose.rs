//! Where users reach the service: a route over a Gateway or an Ingress, listeners with a certificate of
//! the service's own, and a policy that lets the gateway in.

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::api::networking::v1::{NetworkPolicyPeer, NetworkPolicyPort};
use serde::Serialize;

use super::{Component, Manifests, canary, network, service};
use crate::spec::value::Host;
use crate::spec::{self, App, Gateway, PortSpec, Protocol, Route};

/// Makes what leads users to the service.
pub(super) struct Expose;

/// A kind of the Gateway API that leads calls to a Service.
pub(super) struct RouteKind {
    /// Its objects' files begin with it.
    file: &'static str,
    /// As a resource of the API, in the rules of a Role.
    pub(super) resource: &'static str,
    template: &'static str,
}

const HTTP_ROUTE: RouteKind = RouteKind {
    file: "httproute",
    resource: "httproutes",
    template: "expose/http-route.yaml",
};
const GRPC_ROUTE: RouteKind = RouteKind {
    file: "grpcroute",
    resource: "grpcroutes",
    template: "expose/grpc-route.yaml",
};

#[derive(Serialize)]
struct RouteView<'a> {
    /// The Gateway that the route is on; none where it is on listeners of its own.
    gateway: Option<GatewayView<'a>>,
    hosts: Vec<&'a str>,
    path: &'a str,
    backends: Vec<Backend>,
    /// Whether each of these has a share of the requests.
    is_shared: bool,
    /// The requests that meet a new version whatever its weight.
    testers: Option<TestersView<'a>>,
}

#[derive(Serialize)]
struct TestersView<'a> {
    header: &'a str,
    value: &'a str,
    backend: Backend,
}

#[derive(Serialize)]
struct GatewayView<'a> {
    namespace: &'a str,
    name: &'a str,
    listener: &'a str,
}

/// A Service that the route leads to.
#[derive(Serialize)]
struct Backend {
    name: String,
    port: i32,
    /// Its share of the requests, in percent.
    weight: u32,
}

#[derive(Serialize)]
struct ListenersView<'a> {
    gateway: GatewayView<'a>,
    tls: &'a str,
    listeners: Vec<Listener<'a>>,
}

#[derive(Serialize)]
struct Listener<'a> {
    name: String,
    hostname: &'a str,
}

#[derive(Serialize)]
struct IngressView<'a> {
    class: &'a str,
    tls: Option<&'a str>,
    hosts: Vec<&'a str>,
    rules: Vec<IngressRule<'a>>,
    path: &'a str,
    port: &'a str,
}

#[derive(Serialize)]
struct IngressRule<'a> {
    host: Option<&'a str>,
}

#[derive(Serialize)]
struct PolicyView {
    peers: Vec<NetworkPolicyPeer>,
    ports: Vec<NetworkPolicyPort>,
}

/// The kind of the route of a port.
fn kind(port: &PortSpec) -> &'static RouteKind {
    match port.protocol {
        Protocol::Grpc => &GRPC_ROUTE,
        Protocol::Http | Protocol::Tcp => &HTTP_ROUTE,
    }
}

/// The port that users reach.
fn port<'a>(app: &'a App, expose: &spec::Expose) -> Option<&'a PortSpec> {
    app.ports.iter().find(|port| port.name == expose.port)
}

/// The service's route over a Gateway, and the parent that leads to it.
pub(super) struct OnGateway<'a> {
    /// Its kind, as `kubectl get` takes it.
    pub(super) kind: &'static str,
    /// What its `parentRefs` say of the parent, each field with its value.
    pub(super) parent: Vec<(&'static str, &'a str)>,
}

/// The service's route over a Gateway, where it has one.
pub(super) fn route(app: &App) -> Option<OnGateway<'_>> {
    let expose = app.expose.as_ref()?;
    let Route::Gateway(gateway) = &expose.route else {
        return None;
    };
    let parent = match &expose.tls {
        None => vec![
            ("kind", "Gateway"),
            ("namespace", gateway.namespace.as_str()),
            ("name", gateway.name.as_str()),
        ],
        Some(_) => vec![("kind", "ListenerSet"), ("name", app.name.as_str())],
    };
    Some(OnGateway {
        kind: kind(port(app, expose)?).file,
        parent,
    })
}

/// The resources of the Gateway API that the service has.
pub(super) fn resources(app: &App) -> Vec<&'static str> {
    let Some(expose) = &app.expose else {
        return Vec::new();
    };
    match (&expose.route, port(app, expose)) {
        (Route::Gateway(_), Some(port)) => std::iter::once(kind(port).resource)
            .chain(expose.tls.as_ref().map(|_| "listenersets"))
            .collect(),
        (Route::Ingress { .. }, _) | (_, None) => Vec::new(),
    }
}

/// Whether the service has an Ingress.
pub(super) fn has_ingress(app: &App) -> bool {
    let route = app.expose.as_ref().map(|expose| &expose.route);
    matches!(route, Some(Route::Ingress { .. }))
}

fn gateway_view(gateway: &Gateway) -> GatewayView<'_> {
    GatewayView {
        namespace: gateway.namespace.as_str(),
        name: gateway.name.as_str(),
        listener: gateway.listener.as_str(),
    }
}

/// A listener for each host but those that another one covers.
fn listeners(hosts: &[Host]) -> Vec<Listener<'_>> {
    let is_own = |host: &&Host| !hosts.iter().any(|other| other.covers(host));
    hosts
        .iter()
        .filter(is_own)
        .map(|host| Listener {
            name: host.listener(),
            hostname: host.as_str(),
        })
        .collect()
}

impl Component for Expose {
    fn name(&self) -> &'static str {
        "expose"
    }

    fn summary(&self) -> &'static str {
        "A route over a Gateway or an Ingress, and a policy that lets it in"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let Some(expose) = &app.expose else { return };
        let Some(port) = port(app, expose) else {
            return;
        };
        let name = app.name.as_str();
        let hosts: Vec<&str> = expose.hosts.iter().map(Host::as_str).collect();
        let tls = expose.tls.as_ref().map(AsRef::as_ref);
        match &expose.route {
            Route::Gateway(gateway) => {
                let is_port = |one: &ServicePort| one.name.as_deref() == Some(port.name.as_str());
                let ports = service::ports(app);
                let port_of_service = ports.iter().find(|one| is_port(one)).map(|one| one.port);
                let Some(number) = port_of_service else {
                    return;
                };
                let backend = |(name, weight)| Backend {
                    name,
                    port: number,
                    weight,
                };
                let engine = canary::engine(app);
                let backends = engine.and_then(|engine| engine.backends(app));
                let is_shared = backends.is_some();
                let backends = backends.unwrap_or_else(|| vec![(name.to_owned(), 100)]);
                let testers = engine.and_then(|engine| engine.testers(app));
                let own = RouteView {
                    gateway: tls.is_none().then(|| gateway_view(gateway)),
                    hosts,
                    path: expose.path.as_str(),
                    backends: backends.into_iter().map(backend).collect(),
                    is_shared,
                    testers: testers.map(|(header, value, service)| TestersView {
                        header: header.as_str(),
                        value: value.as_str(),
                        backend: backend((service, canary::wait::OF_TESTERS)),
                    }),
                };
                let RouteKind { file, template, .. } = kind(port);
                out.add(file, name, template, out.views.plain(&own));
                if let Some(tls) = tls {
                    let own = ListenersView {
                        gateway: gateway_view(gateway),
                        tls,
                        listeners: listeners(&expose.hosts),
                    };
                    let view = out.views.plain(&own);
                    out.add("listenerset", name, "expose/listener-set.yaml", view);
                }
            }
            Route::Ingress { class } => {
                let mut rules = vec![IngressRule { host: None }];
                if !hosts.is_empty() {
                    rules = hosts
                        .iter()
                        .map(|host| IngressRule { host: Some(host) })
                        .collect();
                }
                let own = IngressView {
                    class: class.as_str(),
                    tls,
                    rules,
                    hosts,
                    path: expose.path.as_str(),
                    port: port.name.as_str(),
                };
                let view = out.views.plain(&own);
                out.add("ingress", name, "expose/ingress.yaml", view);
            }
        }
        let own = PolicyView {
            peers: expose.callers.iter().map(network::caller).collect(),
            ports: vec![network::tcp(i32::from(port.port.number()))],
        };
        let view = out.views.plain(&own);
        let file = format!("{name}-allow-gateway");
        out.add("networkpolicy", &file, "expose/allow-gateway.yaml", view);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_have_names_that_last_and_none_is_covered() {
        let names = |hosts: &[&str]| -> Vec<String> {
            let hosts: Vec<Host> = hosts.iter().map(|host| host.parse().unwrap()).collect();
            listeners(&hosts).into_iter().map(|one| one.name).collect()
        };
        assert_eq!(
            names(&["b.example.com", "a.example.com"]),
            ["b.example.com", "a.example.com"]
        );
        assert_eq!(
            names(&["wildcard.example.com", "*.example.com", "example.com"]),
            ["wildcard.example.com", "example.com"]
        );
        assert_eq!(
            names(&["*.a.example.com", "*.example.com"]),
            ["wildcard.example.com"]
        );
    }
}
