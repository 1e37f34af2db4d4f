//! The commands that the engine `gateway` names to wait for, at every place of a rollout.

use super::{NEW, run, service};

/// The key of a spec with a route.
const ROUTE: &str = "expose: checkout.example.com\n";

/// The parent that leads users here is named: another one, and the rest of an earlier one, say nothing
/// of what the Gateway has taken.
#[test]
fn a_route_is_waited_for_at_the_parent_that_the_spec_names() {
    let taken = |keys: &str| {
        let sandbox = service(keys);
        run(&sandbox, "add canary --engine gateway").ends(0);
        run(&sandbox, &format!("canary start {NEW}")).ends(0);
        let json = run(&sandbox, "canary step -o json").ends(0).json();
        let wait = json["canary"]["wait"].as_str().unwrap();
        let (_, taken) = wait.split_once(" && ").unwrap();
        taken.replace("kubectl -n checkout get ", "")
    };
    let accepted = "{.conditions[?(@.type==\"Accepted\")]";
    for (keys, kind, fields, parent) in [
        (
            ROUTE,
            "httproute",
            "{.parentRef.kind} {.parentRef.namespace} {.parentRef.name}",
            "Gateway gateway-system public",
        ),
        (
            "expose: { hosts: [checkout.example.com], tls: checkout-tls }\n",
            "httproute",
            "{.parentRef.kind} {.parentRef.name}",
            "ListenerSet checkout",
        ),
        (
            "preset: grpc\nexpose: { hosts: [a.example.com], gateway: edge/one }\n",
            "grpcroute",
            "{.parentRef.kind} {.parentRef.namespace} {.parentRef.name}",
            "Gateway edge one",
        ),
    ] {
        let wanted = format!(
            "until {kind} checkout -o jsonpath='{{range .status.parents[*]}}{fields} {accepted}.status}} \
             {accepted}.observedGeneration}}{{\"\\n\"}}{{end}}' | grep -Fqx \"{parent} True \
             $({kind} checkout -o jsonpath='{{.metadata.generation}}')\"; do sleep 2; done"
        );
        assert_eq!(taken(keys), wanted);
    }
}

#[test]
fn what_to_wait_for_is_said_at_every_place() {
    let sandbox = service(ROUTE);
    run(&sandbox, "add canary --engine gateway").ends(0);
    let start = format!("canary start {NEW}");
    let taken = "get httproute checkout -o jsonpath='{.metadata.generation}'";
    let pods = "rollout status deployment/checkout-canary";
    let way: &[(&str, u64, &[&str])] = &[
        (&start, 0, &[pods]),
        ("canary step", 5, &[pods, taken]),
        ("canary step", 25, &[pods, taken]),
        ("canary step", 50, &[pods, taken]),
        (
            "canary promote",
            100,
            &["rollout status deployment/checkout"],
        ),
        ("canary promote", 100, &[taken]),
        ("canary promote", 0, &["wait --for=delete pod"]),
    ];
    for (line, share, words) in way {
        let json = run(&sandbox, &format!("{line} -o json")).ends(0).json();
        let place = &json["canary"];
        assert_eq!(place["share"], *share, "{line}");
        let wait = place["wait"].as_str().unwrap();
        for word in *words {
            assert!(wait.contains(word), "{line}: {wait}");
        }
    }
}

/// Stable may be taking the new version by then: its way back is waited for, as the route's is.
#[test]
fn a_way_back_waits_for_stable_too() {
    for is_promoted in [false, true] {
        let sandbox = service(ROUTE);
        run(
            &sandbox,
            "add canary --engine gateway --set canary.steps=[5]",
        )
        .ends(0);
        run(&sandbox, &format!("canary start {NEW}")).ends(0);
        run(&sandbox, "canary step").ends(0);
        if is_promoted {
            run(&sandbox, "canary promote").ends(0);
        }
        let json = run(&sandbox, "canary abort -o json").ends(0).json();
        let wait = json["canary"]["wait"].as_str().unwrap();
        let (stable, route) = wait.split_once(" && ").unwrap();
        assert!(
            stable.ends_with(" rollout status deployment/checkout"),
            "{wait}"
        );
        assert!(route.contains("get httproute checkout"), "{wait}");
    }
}
