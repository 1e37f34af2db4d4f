//! What leads users in: over HTTPS only, to the right port, and past exactly one door in the policies.

use std::collections::BTreeSet;

use prodgen::kube::{ListKind, list_kind};
use serde_json::{Value, json};

use super::{Objects, at, service};
use crate::support::{HEADER, settled};

/// The kinds of the objects that `expose` makes.
fn made(objects: &Objects) -> BTreeSet<&str> {
    let names = objects.keys().filter_map(|name| name.split_once('/'));
    names
        .filter(|(kind, name)| {
            kind.ends_with("Route")
                || *kind == "Ingress"
                || *kind == "ListenerSet"
                || name.ends_with("-gateway")
        })
        .map(|(kind, _)| kind)
        .collect()
}

fn rules_of<'o>(objects: &'o Objects, role: &str, group: &str) -> Vec<&'o str> {
    let rules = at(&objects[role], "/rules").as_array().unwrap();
    let of_group = rules
        .iter()
        .filter(|rule| rule["apiGroups"] == json!([group]));
    of_group
        .flat_map(|rule| rule["resources"].as_array().unwrap())
        .map(|one| one.as_str().unwrap())
        .collect()
}

const ACCESS: &str = "access: { viewers: [v], deployers: [d] }\n";
const DEPLOYER: &str = "Role/shop-deployer";
const GATEWAY_API: &str = "gateway.networking.k8s.io";

/// 55: the port is that of the Service; 56: the route is where the Service is; 57: nothing of the
/// experimental channel. Without a listener's name a route would be on that of plain HTTP too.
#[test]
fn a_route_leads_from_one_listener_to_the_port_of_the_service() {
    let all = service("expose: shop.example.com\n");
    assert_eq!(made(&all), ["HTTPRoute", "NetworkPolicy"].into());
    assert_eq!(
        all["HTTPRoute/shop"]["spec"],
        json!({
            "parentRefs": [{"name": "public", "namespace": "gateway-system", "sectionName": "https"}],
            "hostnames": ["shop.example.com"],
            "rules": [{
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": "shop", "port": 80}],
            }],
        })
    );
    assert_eq!(
        *at(&all["HTTPRoute/shop"], "/metadata/namespace"),
        json!("shop")
    );
    assert_eq!(*at(&all["Service/shop"], "/spec/ports/0/port"), json!(80));
    // Without hosts it has a path of its own on everybody's.
    let all = service("expose: {}\n");
    let spec = &all["HTTPRoute/shop"]["spec"];
    assert!(spec.get("hostnames").is_none());
    assert_eq!(*at(spec, "/rules/0/matches/0/path/value"), json!("/shop"));
    // The first port that a route can lead to, whatever stands before it.
    let ports =
        "ports: [{port: 5000, protocol: tcp}, {port: 9000, protocol: grpc}, {port: 8080}]\n";
    let all = service(&format!("{ports}expose: grpc.example.com\n"));
    assert_eq!(made(&all), ["GRPCRoute", "NetworkPolicy"].into());
    assert_eq!(
        all["GRPCRoute/shop"]["spec"],
        json!({
            "parentRefs": [{"name": "public", "namespace": "gateway-system", "sectionName": "https"}],
            "hostnames": ["grpc.example.com"],
            "rules": [{"backendRefs": [{"name": "shop", "port": 9000}]}],
        })
    );
    let policy = &all["NetworkPolicy/shop-allow-gateway"];
    assert_eq!(
        *at(policy, "/spec/ingress/0/ports"),
        json!([{"protocol": "TCP", "port": 9000}])
    );
}

#[test]
fn a_certificate_comes_with_listeners_and_the_route_is_on_these_alone() {
    let all = service(
        "expose: {hosts: [a.example.com, \"*.example.org\"], tls: cert, gateway: edge/main}\n",
    );
    assert_eq!(
        made(&all),
        ["HTTPRoute", "ListenerSet", "NetworkPolicy"].into()
    );
    assert_eq!(
        *at(&all["HTTPRoute/shop"], "/spec/parentRefs"),
        json!([{"group": GATEWAY_API, "kind": "ListenerSet", "name": "shop"}])
    );
    let spec = &all["ListenerSet/shop"]["spec"];
    assert_eq!(
        spec["parentRef"],
        json!({"name": "main", "namespace": "edge"})
    );
    let listener = |name: &str, host: &str| {
        json!({
            "name": name,
            "hostname": host,
            "port": 443,
            "protocol": "HTTPS",
            "tls": {"mode": "Terminate", "certificateRefs": [{"kind": "Secret", "name": "cert"}]},
            "allowedRoutes": {"namespaces": {"from": "Same"}},
        })
    };
    assert_eq!(
        spec["listeners"],
        json!([
            listener("a.example.com", "a.example.com"),
            listener("wildcard.example.org", "*.example.org"),
        ])
    );
    // It is the Gateway's pods that call, whoever brought the listener.
    let pods = "/spec/ingress/0/from/0/podSelector/matchLabels";
    let name = json!({"gateway.networking.k8s.io/gateway-name": "main"});
    assert_eq!(*at(&all["NetworkPolicy/shop-allow-gateway"], pods), name);
}

#[test]
fn an_ingress_is_for_where_there_is_no_gateway() {
    let gateway = "gateway: {ingressClass: nginx, namespace: ingress}";
    let all = service(&format!(
        "expose: {{hosts: [a.example.com, b.example.com], tls: cert, {gateway}}}\n"
    ));
    assert_eq!(made(&all), ["Ingress", "NetworkPolicy"].into());
    let rule = |host: &str| {
        json!({
            "host": host,
            "http": {"paths": [{
                "path": "/",
                "pathType": "Prefix",
                "backend": {"service": {"name": "shop", "port": {"name": "http"}}},
            }]},
        })
    };
    assert_eq!(
        all["Ingress/shop"]["spec"],
        json!({
            "ingressClassName": "nginx",
            "tls": [{"hosts": ["a.example.com", "b.example.com"], "secretName": "cert"}],
            "rules": [rule("a.example.com"), rule("b.example.com")],
        })
    );
    let all = service(&format!("expose: {{{gateway}}}\n"));
    let spec = &all["Ingress/shop"]["spec"];
    assert!(spec.get("tls").is_none() && at(spec, "/rules/0").get("host").is_none());
    assert_eq!(*at(spec, "/rules/0/http/paths/0/path"), json!("/shop"));
}

/// The policy that lets the gateway in: whose calls, for each way to say where they come from.
#[test]
fn exactly_the_gateway_is_let_in() {
    let pods = |namespace: &str, labels: Value| {
        json!({
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "podSelector": {"matchLabels": labels},
        })
    };
    let all_of = |namespace: &str| json!({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}});
    let net = |cidr: &str| json!({"ipBlock": {"cidr": cidr}});
    let named = |name: &str| json!({"gateway.networking.k8s.io/gateway-name": name});
    for (gateway, peers) in [
        ("", json!([pods("gateway-system", named("public"))])),
        (
            "gateway: edge",
            json!([pods("gateway-system", named("edge"))]),
        ),
        ("gateway: infra/edge", json!([pods("infra", named("edge"))])),
        (
            "gateway: {name: edge, labels: {app: envoy}}",
            json!([pods("gateway-system", json!({"app": "envoy"}))]),
        ),
        (
            "gateway: {podNamespace: envoy-gateway-system}",
            json!([pods("envoy-gateway-system", named("public"))]),
        ),
        // A load balancer outside of the cluster has no pods there.
        (
            "gateway: {cidrs: [192.0.2.0/24]}",
            json!([net("192.0.2.0/24")]),
        ),
        (
            "gateway: {cidrs: [192.0.2.0/24], labels: {app: envoy}}",
            json!([
                net("192.0.2.0/24"),
                pods("gateway-system", json!({"app": "envoy"}))
            ]),
        ),
        (
            "gateway: {ingressClass: a, namespace: b}",
            json!([all_of("b")]),
        ),
        (
            "gateway: {ingressClass: a, namespace: b, labels: {c: d}, cidrs: [\"2001:db8::/32\"]}",
            json!([net("2001:db8::/32"), pods("b", json!({"c": "d"}))]),
        ),
        (
            "gateway: {ingressClass: a, cidrs: [192.0.2.0/24]}",
            json!([net("192.0.2.0/24")]),
        ),
    ] {
        let all = service(&format!("expose: {{hosts: [a.example.com], {gateway}}}\n"));
        let spec = &all["NetworkPolicy/shop-allow-gateway"]["spec"];
        let labels =
            json!({"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "shop"});
        assert_eq!(
            *spec,
            json!({
                "podSelector": {"matchLabels": labels},
                "policyTypes": ["Ingress"],
                "ingress": [{"from": peers, "ports": [{"protocol": "TCP", "port": 8080}]}],
            }),
            "{gateway}"
        );
    }
}

#[test]
fn deployers_and_viewers_have_the_kinds_that_are_there_and_no_others() {
    let routes = |all: &Objects| rules_of(all, DEPLOYER, GATEWAY_API).join(" ");
    let networking = |all: &Objects| rules_of(all, DEPLOYER, "networking.k8s.io").join(" ");
    let none = service(ACCESS);
    assert_eq!(
        (routes(&none).as_str(), networking(&none).as_str()),
        ("", "networkpolicies")
    );
    assert!(!none.contains_key("Role/shop-routes"));
    let route = service(&format!("{ACCESS}expose: {{}}\n"));
    assert_eq!(
        (routes(&route).as_str(), networking(&route).as_str()),
        ("httproutes", "networkpolicies")
    );
    let role = &route["Role/shop-routes"]["rules"];
    assert_eq!(
        *role,
        json!([{"apiGroups": [GATEWAY_API], "resources": ["httproutes"], "verbs": ["get", "list", "watch"]}])
    );
    let binding = &route["RoleBinding/shop-routes"];
    assert_eq!(
        binding["subjects"],
        route["RoleBinding/shop-viewers"]["subjects"]
    );
    assert_eq!(*at(binding, "/roleRef/name"), json!("shop-routes"));
    let both = service("probes: grpc\nexpose: {hosts: [a.example.com], tls: cert}\n");
    assert_eq!(routes(&both), "grpcroutes listenersets");
    assert!(!both.contains_key("Role/shop-routes"));
    let ingress = format!("{ACCESS}expose: {{gateway: {{ingressClass: a, namespace: b}}}}\n");
    let ingress = service(&ingress);
    assert_eq!(
        (routes(&ingress).as_str(), networking(&ingress).as_str()),
        ("", "ingresses networkpolicies")
    );
    assert!(!ingress.contains_key("Role/shop-routes"));
}

/// Who has users says so, unless the person says that it has none; a preset is contradicted aloud.
#[test]
fn what_is_exposed_is_called_so() {
    let label = |keys: &str| {
        let all = service(keys);
        let labels = at(&all["Deployment/shop"], "/metadata/labels").clone();
        labels
            .get("prodgen.dev/user-exposed")
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(label(""), Value::Null);
    assert_eq!(label("expose: {}\n"), json!("true"));
    assert_eq!(
        label("expose: {}\nabout: {userExposed: false}\n"),
        json!("false")
    );
    let warnings = |keys: &str| {
        let text = format!(
            "{HEADER}{}preset: internal-api\n{keys}",
            crate::support::BASICS
        );
        settled(&text, &prodgen::spec::NoFiles).unwrap().warnings
    };
    let said = warnings("expose: {}\n");
    assert!(
        said.len() == 1 && said[0].key.as_deref() == Some("expose"),
        "{said:?}"
    );
    assert!(warnings("").is_empty());
    assert!(warnings("expose: {}\nabout: {userExposed: false}\n").is_empty());
}

/// The published lists of the kinds: what tells their items apart is what merges go by.
#[test]
fn lists_of_custom_kinds_are_as_their_crds_say() {
    let all: Value = serde_json::from_str(include_str!("../schema/gateway-api.json")).unwrap();
    let mut seen = 0;
    for (kind, schema) in all.as_object().unwrap() {
        walk(at(schema, "/properties/spec"), "spec", &mut |path, list| {
            let found = list_kind("gateway.networking.k8s.io/v1", kind, path);
            let keys = list.get("x-kubernetes-list-map-keys");
            match (found, keys) {
                (ListKind::Keyed(found), Some(keys)) => {
                    assert_eq!(json!(found), *keys, "{kind} {path}");
                }
                // Finer than server-side apply, as the table says; no item has a name that is not its own.
                (ListKind::Keyed(["matches"]), None) => assert_eq!(path, "spec.rules", "{kind}"),
                (ListKind::Keyed(keys), None) => {
                    assert_eq!(
                        (path, keys),
                        ("spec.rules[].backendRefs", &["name"][..]),
                        "{kind}"
                    );
                    assert_eq!(list["items"]["required"], json!(["name"]));
                }
                (ListKind::Set, None) => panic!("{kind} {path} is atomic"),
                // What prodgen never writes may stay one value.
                (ListKind::Atomic, Some(_)) => assert!(path.contains("[]."), "{kind} {path}"),
                (ListKind::Atomic, None) => {}
                (ListKind::Set, Some(_)) => panic!("{kind} {path} has keys"),
            }
            seen += 1;
        });
    }
    assert!(seen > 30, "{seen}");
}

fn walk(schema: &Value, path: &str, visit: &mut impl FnMut(&str, &Value)) {
    if schema["type"] == json!("array") {
        visit(path, schema);
        walk(&schema["items"], &format!("{path}[]"), visit);
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        walk(inner, &format!("{path}.{name}"), visit);
    }
}
