//! Network policies: nothing in, nothing out, and then exactly what was declared.

use k8s_openapi::api::networking::v1::{IPBlock, NetworkPolicyPeer, NetworkPolicyPort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;

use super::view::{Words, selector};
use super::{Component, Manifests};
use crate::spec::{App, Need, NeedPeer, Peer};

/// Makes the network policies.
pub(super) struct Network;

/// Addresses that are not the internet: private, shared and link-local ranges, the last of which
/// holds the metadata service of every cloud (RFC 1918, 6598, 3927).
const PRIVATE_V4: &[&str] = &[
    "10.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
];
/// The same of IPv6: unique local and link-local (RFC 4193, 4291).
const PRIVATE_V6: &[&str] = &["fc00::/7", "fe80::/10"];
/// Link-local addresses alone: what no pod may reach even where private ranges are open.
const LINK_LOCAL: (&str, &str) = ("169.254.0.0/16", "fe80::/10");
/// Where `NodeLocal` DNSCache listens unless it is told otherwise.
const NODE_LOCAL_DNS: &str = "169.254.20.10/32";
/// Ports of API servers: managed and kubeadm clusters use one of these.
const API_SERVER_PORTS: [i32; 2] = [443, 6443];

#[derive(Serialize)]
struct PolicyView {
    /// The pods that it is about: all of a namespace of our own, else only ours.
    pods: Option<Words>,
}

#[derive(Serialize)]
struct DnsView {
    pods: Option<Words>,
    peers: Vec<NetworkPolicyPeer>,
}

#[derive(Serialize)]
struct CallersView {
    peers: Vec<NetworkPolicyPeer>,
    ports: Vec<NetworkPolicyPort>,
}

#[derive(Serialize)]
struct NeedsView {
    needs: Vec<NeedView>,
}

#[derive(Serialize)]
struct NeedView {
    why: String,
    peers: Vec<NetworkPolicyPeer>,
    ports: Vec<NetworkPolicyPort>,
}

#[derive(Serialize)]
struct ApiServerView {
    peers: Vec<NetworkPolicyPeer>,
    ports: Vec<NetworkPolicyPort>,
}

pub(super) fn tcp(port: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        protocol: Some("TCP".to_owned()),
        port: Some(IntOrString::Int(port)),
        end_port: None,
    }
}

fn labelled(labels: Words) -> LabelSelector {
    LabelSelector {
        match_labels: Some(labels),
        match_expressions: None,
    }
}

/// A namespace by the label that the API server sets and nobody can forge.
fn namespace(name: &str) -> LabelSelector {
    labelled([("kubernetes.io/metadata.name".to_owned(), name.to_owned())].into())
}

/// Pods of a namespace: both selectors in one peer, for two peers would mean either.
fn pods(in_namespace: &str, labels: Option<Words>) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        namespace_selector: Some(namespace(in_namespace)),
        pod_selector: labels.map(labelled),
        ip_block: None,
    }
}

fn addresses(cidr: &str, except: &[&str]) -> NetworkPolicyPeer {
    let except: Vec<String> = except.iter().map(|&one| one.to_owned()).collect();
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: (!except.is_empty()).then_some(except),
        }),
        ..NetworkPolicyPeer::default()
    }
}

pub(super) fn caller(peer: &Peer) -> NetworkPolicyPeer {
    match peer {
        Peer::Pods { namespace, labels } => pods(namespace, Some(labels.clone())),
        Peer::Namespace(namespace) => pods(namespace, None),
        Peer::Addresses(cidr) => addresses(cidr.as_str(), &[]),
    }
}

fn need(need: &Need) -> NeedView {
    let port = i32::from(need.port.number());
    let (why, peers) = match &need.peer {
        NeedPeer::Pods { namespace, labels } => (
            format!(
                "Pods in {namespace}, by their own port, which need not be that of their Service."
            ),
            vec![pods(namespace, Some(labels.clone()))],
        ),
        NeedPeer::Namespace(namespace) => (
            format!("Everything in {namespace}."),
            vec![pods(namespace, None)],
        ),
        NeedPeer::Addresses { cidr, host } => (
            match host {
                Some(host) => format!("{host}, by address: a policy cannot match names."),
                None => "Addresses outside the cluster.".to_owned(),
            },
            vec![addresses(cidr.as_str(), &[])],
        ),
        NeedPeer::Internet => (
            "The internet, but no private range and not the cloud's metadata address.".to_owned(),
            vec![
                addresses("0.0.0.0/0", PRIVATE_V4),
                addresses("::/0", PRIVATE_V6),
            ],
        ),
    };
    NeedView {
        why,
        peers,
        ports: vec![tcp(port)],
    }
}

/// Adds a policy.
fn add(app: &App, out: &mut Manifests, suffix: &str, template: &'static str, own: &impl Serialize) {
    let view = out.views.plain(own);
    let name = format!("{}-{suffix}", app.name);
    out.add("networkpolicy", &name, template, view);
}

impl Component for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn summary(&self) -> &'static str {
        "Default deny both ways, DNS, declared callers and needs"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let pods_of = || (!app.owns_namespace).then(|| selector(app));
        let own = PolicyView { pods: pods_of() };
        add(app, out, "default-deny", "network/default-deny.yaml", &own);
        let dns = DnsView {
            pods: pods_of(),
            peers: vec![
                pods(
                    "kube-system",
                    Some([("k8s-app".to_owned(), "kube-dns".to_owned())].into()),
                ),
                addresses(NODE_LOCAL_DNS, &[]),
            ],
        };
        add(app, out, "allow-dns", "network/allow-dns.yaml", &dns);
        if !app.callers.is_empty() {
            let own = CallersView {
                peers: app.callers.iter().map(caller).collect(),
                ports: app
                    .ports
                    .iter()
                    .map(|port| tcp(i32::from(port.port.number())))
                    .collect(),
            };
            add(
                app,
                out,
                "allow-callers",
                "network/allow-callers.yaml",
                &own,
            );
        }
        if !app.needs.is_empty() {
            let own = NeedsView {
                needs: app.needs.iter().map(need).collect(),
            };
            add(app, out, "allow-needs", "network/allow-needs.yaml", &own);
        }
        if !app.permissions.is_empty() {
            let own = ApiServerView {
                peers: vec![
                    addresses("0.0.0.0/0", &[LINK_LOCAL.0]),
                    addresses("::/0", &[LINK_LOCAL.1]),
                ],
                ports: API_SERVER_PORTS.map(tcp).into(),
            };
            add(
                app,
                out,
                "allow-api-server",
                "network/allow-api-server.yaml",
                &own,
            );
        }
    }
}
