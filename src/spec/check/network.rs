//! Rules about where a service is, where it listens, and whom it talks to.

use std::collections::BTreeMap;

use super::{Judge, at};
use crate::spec::model::{AppSpec, AppType, CallerSpec, NeedSpec, Protocol};
use crate::spec::probe::Probe;
use crate::spec::settle;
use crate::spec::value::Namespace;

/// What the names of a service's further objects end with, after its own name.
const OF_OTHERS: [&str; 7] = [
    "-canary",
    "-ci",
    "-debugger",
    "-debuggers",
    "-deployer",
    "-deployers",
    "-viewers",
];

pub(super) fn namespace(spec: &AppSpec, judge: &mut Judge<'_>) {
    let namespace = spec.namespace.as_ref();
    let is_shared = namespace.is_some_and(|one| one.create == Some(false));
    let name = spec.name.as_ref().filter(|_| is_shared);
    if let Some((name, end)) = name.and_then(|name| {
        let end = OF_OTHERS
            .into_iter()
            .find(|end| name.as_str().ends_with(end))?;
        Some((name, end))
    }) {
        let other = name.as_str().trim_end_matches(end);
        judge.say(
            &at("name"),
            format!(
                "in a namespace that is shared, `{name}` is what an object of a service `{other}` is called"
            ),
            format!("choose a name that does not end with `{end}`, or a namespace of its own"),
        );
    }
    let named = spec
        .namespace
        .as_ref()
        .is_some_and(|namespace| namespace.name.is_some());
    if let (false, Some(name)) = (named, &spec.name)
        && let Err(wrong) = name.as_str().parse::<Namespace>()
    {
        judge.say(
            &at("name"),
            format!(
                "the namespace would have the name of the service, and {}",
                wrong.message
            ),
            "choose another name, or set `namespace`",
        );
    }
}

pub(super) fn ports(spec: &AppSpec, judge: &mut Judge<'_>) {
    if spec.port.is_some() && spec.ports.is_some() {
        judge.say(
            &at("ports"),
            "both `port` and `ports` are there",
            "keep one of them",
        );
        return;
    }
    if judge.is_empty_list("ports") {
        judge.say(
            &at("ports"),
            "`ports` has no items",
            "name a port, or take the key out",
        );
    }
    let Ok(ports) = settle::ports(spec) else {
        return;
    };
    for (index, port) in ports.iter().enumerate() {
        let here = at("ports").index(index);
        for earlier in &ports[..index] {
            if earlier.port == port.port {
                judge.say(
                    &here.key("port"),
                    format!("the port `{}` stands here twice", port.port),
                    "keep one of them",
                );
            } else if earlier.name == port.name {
                judge.say(
                    &here,
                    format!("two ports have the name `{}`", port.name),
                    "give each a `name` of its own",
                );
            }
        }
    }
}

pub(super) fn probes(spec: &AppSpec, judge: &mut Judge<'_>) {
    let (Some(probes), Ok(ports)) = (&spec.probes, settle::ports(spec)) else {
        return;
    };
    if settle::kind_of(spec) == AppType::Cronjob
        || judge.readable.contains_key("ports")
        || judge.is_empty_list("ports")
    {
        return;
    }
    if probes.startup.as_ref().is_some_and(|one| one.count() == 0) {
        judge.say(
            &at("probes").key("startup"),
            "no app is up in no time",
            "write the longest that it takes to start, such as `60s`",
        );
    }
    for (key, probe) in [("ready", &probes.ready), ("live", &probes.live)] {
        let (want, name) = match probe {
            Some(Probe::Http(_)) => (Protocol::Http, "http"),
            Some(Probe::Grpc) => (Protocol::Grpc, "grpc"),
            Some(Probe::Tcp) if ports.is_empty() => (Protocol::Tcp, "tcp"),
            Some(Probe::Tcp | Probe::Off | Probe::Exec(_)) | None => continue,
        };
        if !ports.iter().any(|port| port.protocol == want) {
            judge.say(
                &at("probes").key(key),
                format!("the probe speaks {name}, and no port does"),
                format!("name a port under `ports` with `protocol: {name}`, or ask in another way"),
            );
            return;
        }
    }
}

pub(super) fn callers(spec: &AppSpec, judge: &mut Judge<'_>) {
    for (index, caller) in spec.callers.iter().flatten().enumerate() {
        let here = at("callers").index(index);
        let CallerSpec {
            service,
            namespace,
            labels,
            cidr,
        } = caller;
        let pods = service.is_some() || namespace.is_some() || labels.is_some();
        if cidr.is_some() && pods {
            judge.say(
                &here,
                "a caller is pods or addresses, not both",
                "make two items of it: pods have no addresses that last",
            );
        } else if cidr.is_none()
            && service.is_none()
            && namespace.is_none()
            && !judge.has_unknown(&here)
        {
            judge.say(
                &here,
                "this caller is nobody",
                "write a service (`storefront`), `{namespace: web}` or `{cidr: 203.0.113.0/24}`",
            );
        }
        if labels.as_ref().is_some_and(BTreeMap::is_empty) {
            judge.say(
                &here.key("labels"),
                "no labels mean every pod",
                "name one, or take the key out",
            );
        }
    }
}

pub(super) fn needs(spec: &AppSpec, judge: &mut Judge<'_>) {
    for (index, need) in spec.needs.iter().flatten().enumerate() {
        let here = at("needs").index(index);
        let NeedSpec {
            service,
            namespace,
            labels,
            port,
            cidr,
            host,
            internet,
        } = need;
        let pods = service.is_some() || namespace.is_some() || labels.is_some();
        let internet = *internet == Some(true);
        let kinds = usize::from(pods) + usize::from(cidr.is_some()) + usize::from(internet);
        if host.is_some() && cidr.is_none() {
            judge.say(
                &here.key("host"),
                "a network policy cannot match names, so `host` alone allows nothing",
                "add the addresses as `cidr`, or write `{internet: true, port: 443}`",
            );
            continue;
        }
        if kinds > 1 {
            judge.say(
                &here,
                "a need is pods, addresses or the internet, one of them",
                "make an item of each",
            );
        } else if judge.has_unknown(&here) {
            continue;
        } else if kinds == 0 || (pods && service.is_none() && namespace.is_none()) {
            judge.say(
                &here,
                "this need is nobody",
                "write `ledger:50051`, `{cidr: 203.0.113.7/32, port: 443}` or `{internet: true}`",
            );
        }
        if labels.as_ref().is_some_and(BTreeMap::is_empty) {
            judge.say(
                &here.key("labels"),
                "no labels mean every pod",
                "name one, or take the key out",
            );
        }
        if port.is_none() && !internet {
            let who = service
                .as_ref()
                .map_or("SERVICE", |service| service.as_str());
            judge.say(
                &here,
                "a need says which port",
                format!("write `{who}:8080` with the port of its pods, not that of its Service"),
            );
        }
    }
}
