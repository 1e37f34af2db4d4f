//! Rules about `expose`: a route that leads to a port, over a gateway that can have it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Judge, at};
use crate::diag::Diagnostic;
use crate::spec::model::{AppSpec, AppType, ExposeSpec, GatewaySpec, Protocol};
use crate::spec::settle;
use crate::yaml::{Data, Tree};

/// The most hosts of a route (`hostnames` of `HTTPRoute` and `GRPCRoute`).
const MOST_HOSTS: usize = 16;

/// The longest name of a listener (`sectionName`).
const LISTENER_LONGEST: usize = 253;

pub(super) fn expose(spec: &AppSpec, judge: &mut Judge<'_>) {
    let Some(given) = &spec.expose else { return };
    if settle::kind_of(spec) != AppType::Service {
        return;
    }
    hosts(given, judge);
    if let Some(gateway) = &given.gateway {
        through(gateway, judge);
    }
    if judge.readable.contains_key("ports") || judge.is_empty_list("ports") {
        return;
    }
    let Ok(ports) = settle::ports(spec) else {
        return;
    };
    let root = at("expose");
    match settle::exposed_port(&ports).map(|port| port.protocol) {
        None => judge.say(
            &root,
            "users are led to a port by host and path, and no port speaks HTTP or gRPC",
            "name a port under `ports` with `protocol: http` or `protocol: grpc`, or take `expose` out",
        ),
        Some(Protocol::Grpc) => grpc(given, judge),
        Some(Protocol::Http | Protocol::Tcp) => {}
    }
    tls(given, judge);
}

fn hosts(given: &ExposeSpec, judge: &mut Judge<'_>) {
    let path = at("expose").key("hosts");
    let Some(hosts) = &given.hosts else { return };
    let in_text = judge.tree.get("expose").and_then(|tree| tree.get("hosts"));
    let count = match in_text.map(|tree| &tree.data) {
        Some(Data::Seq(items)) => items.len(),
        Some(Data::Scalar(..) | Data::Map(_)) | None => return,
    };
    if count == 0 {
        judge.say(
            &path,
            "`hosts` has no items",
            "name a host, or take the key out: then it is every host of the gateway, under a path",
        );
    }
    if count > MOST_HOSTS {
        judge.say(
            &path,
            format!("`hosts` has {count} items, and a route takes {MOST_HOSTS}"),
            "write one name for many, such as `*.example.com`",
        );
    }
    if count != hosts.len() {
        // One of them could not be read, so that the places of the others are not known.
        return;
    }
    let mut seen = BTreeSet::new();
    for (index, host) in hosts.iter().enumerate() {
        if !seen.insert(host) {
            judge.say(
                &path.index(index),
                format!("the host `{host}` stands here twice"),
                "keep one of them",
            );
        }
    }
}

fn through(gateway: &GatewaySpec, judge: &mut Judge<'_>) {
    let root = at("expose").key("gateway");
    let GatewaySpec {
        namespace,
        name,
        listener,
        ingress_class,
        pod_namespace,
        labels,
        cidrs,
    } = gateway;
    if ingress_class.is_some() {
        let foreign = [
            (
                "name",
                name.is_some(),
                "a Gateway has a name, and an Ingress has a class",
            ),
            (
                "listener",
                listener.is_some(),
                "a Gateway has listeners, and an Ingress has none",
            ),
            (
                "podNamespace",
                pod_namespace.is_some(),
                "the pods of an Ingress controller are in its `namespace`",
            ),
        ];
        for (key, is_there, why) in foreign {
            if is_there {
                judge.say(&root.key(key), why, "take this key out, or `ingressClass`");
            }
        }
        if namespace.is_none() && (cidrs.is_none() || labels.is_some()) && !judge.has_unknown(&root)
        {
            judge.say(
                &root,
                "nobody says where the calls of this Ingress controller come from",
                "name the `namespace` of its pods, or the addresses of a load balancer as `cidrs`",
            );
        }
    } else if labels.is_none()
        && cidrs.is_none()
        && let Err(wrong) = settle::gateway_label(gateway)
    {
        judge.say(
            &root.key("name"),
            format!(
                "no label can hold the name of this Gateway: {}",
                wrong.message
            ),
            "name the labels of its pods under `labels`",
        );
    }
    if labels.as_ref().is_some_and(BTreeMap::is_empty) {
        judge.say(
            &root.key("labels"),
            "no labels mean every pod",
            "name one, or take the key out",
        );
    }
    if cidrs.as_ref().is_some_and(Vec::is_empty) {
        judge.say(
            &root.key("cidrs"),
            "`cidrs` has no items",
            "name a network, or take the key out",
        );
    }
}

fn grpc(given: &ExposeSpec, judge: &mut Judge<'_>) {
    let root = at("expose");
    if given
        .gateway
        .as_ref()
        .is_some_and(|one| one.ingress_class.is_some())
    {
        judge.say(
            &root.key("gateway").key("ingressClass"),
            "an Ingress has no word for gRPC: each controller has annotations of its own",
            "name a Gateway instead, such as `gateway-system/public`",
        );
    }
    if given.path.as_ref().is_some_and(|path| path.as_str() != "/") {
        judge.say(
            &root.key("path"),
            "a gRPC call has no path of yours: it is that of its service and method",
            "take the key out, and tell services apart by `hosts`",
        );
    }
    if given.hosts.is_none() && !judge.has_unknown(&root) {
        judge.say(
            &root,
            "without `hosts` every gRPC call of the gateway would come here",
            "name them, as in `expose: grpc.example.com`",
        );
    }
}

fn tls(given: &ExposeSpec, judge: &mut Judge<'_>) {
    if given.tls.is_none() {
        return;
    }
    let root = at("expose");
    if given.hosts.is_none() && !judge.has_unknown(&root) {
        judge.say(
            &root.key("tls"),
            "a certificate is for hosts, and `hosts` is not there",
            "name the hosts, or take the key out: then the gateway has the certificate",
        );
    }
    if given
        .gateway
        .as_ref()
        .is_some_and(|one| one.listener.is_some())
    {
        judge.say(
            &root.key("gateway").key("listener"),
            "with `tls` the service brings listeners of its own",
            "take the key out, or `tls`",
        );
    }
    for (index, host) in given.hosts.iter().flatten().enumerate() {
        if host.listener().len() > LISTENER_LONGEST {
            judge.say(
                &root.key("hosts").index(index),
                format!("`{host}` is too long for the name of its listener, which has `wildcard` for the star"),
                "name a shorter domain, or take `tls` out: then the gateway has the certificate",
            );
        }
    }
}

/// What a preset says of its users that a spec contradicts.
pub(in crate::spec) fn unlike_preset(
    spec: &AppSpec,
    given: &Tree,
    tree: &Tree,
) -> Option<Diagnostic> {
    let says_no = spec.about.as_ref()?.user_exposed == Some(false);
    let is_own = given
        .get("about")
        .is_some_and(|about| about.get("userExposed").is_some());
    let one =
        Diagnostic::warning("the preset says that no user reaches it, and `expose` lets users in");
    (spec.expose.is_some() && says_no && !is_own).then(|| {
        one.at(tree.place(&at("expose"))).key("expose").help(
            "write `about.userExposed: true`, or `false` where its gateway is for colleagues alone",
        )
    })
}
