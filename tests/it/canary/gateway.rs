//! The engine `gateway`: walks, each command with what it changes in the spec and the tree, and what
//! must be so at every step of them.

use serde_json::{Value, json};

use super::walk::{Objects, at, both_are_selected, changes, count, golden, selects};
use super::{NEW, OLD, objects, run, service, texts};

/// A spec with a route, beside the keys of the walk.
const ROUTE: &str = "expose: checkout.example.com\n";

/// What a tree says about its tracks.
#[derive(Debug, Clone, PartialEq)]
struct Place {
    pods: u64,
    weight: u64,
    testers: bool,
    stable_is_new: bool,
}

/// The weights of a rule by Service; one that names none has 1, as the API has it.
fn weights(rule: &Value) -> Vec<(&str, u64)> {
    let backends = at(rule, "/backendRefs").as_array().unwrap();
    let weight = |one: &Value| {
        one.get("weight")
            .map_or(1, |weight| weight.as_u64().unwrap())
    };
    backends
        .iter()
        .map(|one| (at(one, "/name").as_str().unwrap(), weight(one)))
        .collect()
}

/// Holds a tree against what is so at every step, and says where it is.
fn checked(all: &Objects, first: &Objects) -> Place {
    let stable = &all["Deployment/checkout"];
    let canary = &all["Deployment/checkout-canary"];
    let image = |one: &Value| at(one, "/spec/template/spec/containers/0/image").clone();
    let labels = |one: &Value| at(one, "/spec/template/metadata/labels").clone();
    let stable_is_new = image(stable) == NEW;

    // Each Deployment and each Service has its own pods and no others; nothing immutable has changed.
    for (workload, of) in [("checkout", stable), ("checkout-canary", canary)] {
        let deployment = &all[&format!("Deployment/{workload}")];
        let service = &all[&format!("Service/{workload}")];
        for one in [stable, canary] {
            let is_own = std::ptr::eq(one, of);
            let matches = at(deployment, "/spec/selector/matchLabels");
            assert_eq!(selects(matches, &labels(one)), is_own, "{workload}");
            assert_eq!(selects(at(service, "/spec/selector"), &labels(one)), is_own);
        }
        assert_eq!(
            at(service, "/spec/ports"),
            at(&first["Service/checkout"], "/spec/ports")
        );
    }
    let before = &first["Deployment/checkout"];
    assert_eq!(at(stable, "/spec/selector"), at(before, "/spec/selector"));
    both_are_selected(all, [stable, canary]);

    // Stable stays whole: autoscaler and count are what they were without a canary.
    let scaler = "HorizontalPodAutoscaler/checkout";
    assert_eq!(all.get(scaler), first.get(scaler));
    assert_eq!(
        stable.pointer("/spec/replicas"),
        before.pointer("/spec/replicas")
    );
    let most = all.get(scaler).map_or_else(
        || count(stable, "/spec/replicas"),
        |scaler| count(scaler, "/spec/maxReplicas"),
    );

    // The route leads to both, and their shares are all of it.
    let rules = at(&all["HTTPRoute/checkout"], "/spec/rules")
        .as_array()
        .unwrap();
    let shares = weights(rules.last().unwrap());
    let weight = shares[1].1;
    assert_eq!(
        shares,
        [("checkout", 100 - weight), ("checkout-canary", weight)]
    );
    let testers = rules.len() == 2;
    if testers {
        assert_eq!(weights(&rules[0]), [("checkout-canary", 1)]);
        assert_eq!(
            rules[0]["matches"][0]["headers"],
            json!([{ "name": "x-canary", "value": "always" }])
        );
        // Whoever is no tester meets the same paths as before.
        assert_eq!(
            rules[0]["matches"][0]["path"],
            rules[1]["matches"][0]["path"]
        );
    }

    let pods = count(canary, "/spec/replicas");
    // Everything at once fits the quota: full scale, the canary, and a rolling update of either.
    let quota = count(&all["ResourceQuota/checkout"], "/spec/hard/pods");
    let surge = |pods: u64| (pods * 25).div_ceil(100);
    let live = most + pods + surge(most) + surge(pods);
    assert!(live + most + pods <= quota, "{pods}: {quota}");
    // The highest load is carried by the pods that it is sent to.
    assert!(
        pods * 100 >= most * weight,
        "{pods} of {most} for {weight} %"
    );
    assert_eq!(
        image(canary),
        if pods > 0 { json!(NEW) } else { image(stable) }
    );
    Place {
        pods,
        weight,
        testers,
        stable_is_new,
    }
}

/// Walks through these commands: each with the pods and the weight of the canary afterwards.
fn walk(name: &str, keys: &str, way: &[(&str, u64, u64)]) {
    let sandbox = service(&format!("{ROUTE}{keys}"));
    let first = objects(&sandbox);
    let mut before = texts(&sandbox);
    let mut last: Option<Place> = None;
    let mut quota = None;
    for (index, (command, pods, weight)) in way.iter().enumerate() {
        let ran = run(&sandbox, &format!("{command} -o json")).ends(0);
        assert_eq!(ran.outcome(), "written", "{command}");
        let (after, all) = (texts(&sandbox), objects(&sandbox));
        golden(name, index + 1, command, &changes(&before, &after));
        let place = checked(&all, &first);
        assert_eq!((place.pods, place.weight), (*pods, *weight), "{command}");
        let is_promoted = index > 0 && command.ends_with("promote");
        assert_eq!(place.stable_is_new, is_promoted, "{command}");
        if let Some(last) = &last {
            // Where anything leads now, pods enough were ready before; and none goes while the route
            // as it was still leads there.
            let most = 6;
            assert!(
                last.pods.min(place.pods) * 100 >= most * place.weight,
                "{command}"
            );
            assert!(!place.testers || last.pods > 0, "{command}");
            assert!(place.pods >= last.pods || (last.weight == 0 && !last.testers));
        }
        let now = all["ResourceQuota/checkout"].clone();
        assert_eq!(*quota.get_or_insert(now.clone()), now);
        run(&sandbox, "render --check").ends(0);
        (before, last) = (after, Some(place));
    }
    let end = last.unwrap();
    assert_eq!((end.pods, end.weight, end.testers), (0, 0, false));
}

#[test]
fn to_the_end() {
    walk(
        "gateway-promote",
        "",
        &[
            (
                "add canary --engine gateway --set canary.testers={header:~x-canary}",
                0,
                0,
            ),
            (&format!("canary start {NEW}"), 1, 0),
            ("canary step", 2, 5),
            ("canary step", 3, 25),
            ("canary step", 3, 50),
            ("canary promote", 3, 50),
            ("canary promote", 3, 0),
            ("canary promote", 0, 0),
        ],
    );
}

#[test]
fn and_back() {
    walk(
        "gateway-abort",
        "replicas: 6\n",
        &[
            (
                "add canary --engine gateway --set canary.steps=[10,100]",
                0,
                0,
            ),
            (&format!("canary start {NEW}"), 1, 0),
            ("canary step", 6, 10),
            ("canary step", 6, 100),
            ("canary abort", 6, 0),
            ("canary abort", 0, 0),
        ],
    );
}

#[test]
fn a_way_back_leads_to_the_bytes_from_before() {
    let ways: &[&[&str]] = &[
        &["abort"],
        &["abort --now"],
        &["step", "abort", "abort"],
        &["step", "step", "abort --now"],
        &["step", "step", "step", "promote", "abort", "abort"],
        &[
            "step", "step", "step", "promote", "promote", "abort", "abort",
        ],
        &["step", "step", "step", "promote", "promote", "abort --now"],
    ];
    let sandbox = service(ROUTE);
    let before = sandbox.tree();
    run(&sandbox, "add canary --engine gateway").ends(0);
    let added = sandbox.tree();
    for way in ways {
        run(&sandbox, &format!("canary start {NEW}")).ends(0);
        for verb in *way {
            run(&sandbox, &format!("canary {verb}")).ends(0);
        }
        assert!(sandbox.tree() == added, "{way:?}");
    }
    let ran = run(&sandbox, "remove canary").ends(0);
    ran.says(&["delete deployment/checkout-canary service/checkout-canary"]);
    assert!(sandbox.tree() == before, "remove");
}

#[test]
fn promoted_it_is_the_tree_of_the_new_version() {
    let sandbox = service(ROUTE);
    run(&sandbox, "add canary --engine gateway").ends(0);
    let added = texts(&sandbox);
    let start = format!("canary start {NEW}");
    let way = [
        start.as_str(),
        "canary step",
        "canary step",
        "canary step 3",
        "canary promote",
        "canary promote",
        "canary promote",
    ];
    for line in way {
        run(&sandbox, line).ends(0);
    }
    let new = added.into_iter().map(|(path, text)| {
        let text = text.replace(OLD, NEW).replace("\"1.4.2\"", "\"1.5.0\"");
        (path, text)
    });
    assert!(new.collect::<std::collections::BTreeMap<_, _>>() == texts(&sandbox));
}

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

#[test]
fn what_it_cannot_do_without_is_said() {
    let table = [
        (
            "canary: { engine: gateway }\n",
            "prodgen.yaml:7:19",
            ["this service has none", "prodgen add expose"],
        ),
        (
            "expose: { gateway: { ingressClass: nginx, namespace: ingress } }\ncanary: { engine: gateway }\n",
            "prodgen.yaml:8:19",
            ["`expose` has an Ingress", "engine: replicas"],
        ),
        (
            "canary: { testers: { header: x-canary } }\n",
            "prodgen.yaml:7:20",
            ["no route that could tell testers", "engine: gateway"],
        ),
        (
            "expose: a.example.com\ncanary: { engine: gateway, steps: [0, 5] }\n",
            "prodgen.yaml:8:36",
            ["`0` is no next step", "from 1 to 100"],
        ),
        (
            "expose: a.example.com\ncanary: { engine: gateway, testers: { header: X-Canary } }\n",
            "prodgen.yaml:8:47",
            ["has capitals", "write `x-canary`"],
        ),
        (
            "expose: a.example.com\ncanary: { engine: gatway }\n",
            "prodgen.yaml:8:19",
            ["`gatway` is no engine", "did you mean `gateway`?"],
        ),
    ];
    for (keys, place, words) in table {
        let sandbox = crate::sandbox::Sandbox::new();
        sandbox.put(
            "prodgen.yaml",
            super::SPEC.replace("\ncallers", &format!("{keys}\ncallers")),
        );
        let ran = run(&sandbox, "render").ends(2);
        ran.says(&[place]).says(&words);
    }
    let sandbox = service(&format!("{ROUTE}canary: {{ engine: gateway }}\n"));
    let before = sandbox.tree();
    run(&sandbox, &format!("canary start {NEW} --round up"))
        .ends(1)
        .says(&["holds every percentage"]);
    run(&sandbox, "add canary --engine argho")
        .ends(2)
        .says(&["--engine"]);
    run(&sandbox, "add callers --engine gateway").ends(2);
    // An engine that changes in the middle would leave half of a rollout.
    assert_eq!(sandbox.tree(), before);
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    run(&sandbox, "set canary.engine=replicas")
        .ends(2)
        .says(&["did not begin with the engine `replicas`"]);
    run(&sandbox, "remove expose").ends(2);
}

#[test]
fn a_weight_that_a_person_keeps_is_no_step() {
    let sandbox = service(ROUTE);
    run(&sandbox, "add canary --engine gateway").ends(0);
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    let route = "deploy/production/httproute-checkout.yaml";
    let text = sandbox.read(route);
    sandbox.put(route, text.replace("weight: 0", "weight: 10"));
    let before = sandbox.tree();
    run(&sandbox, "canary step")
        .ends(1)
        .says(&["yours is `10`"]);
    let kept = run(&sandbox, "canary step --accept ours").ends(1);
    kept.says(&["weight: 10`, edited by hand, and the step makes it `5`"]);
    assert_eq!(sandbox.tree(), before);
    // What a step does not move stays the person's.
    let timeouts = "      timeouts: {request: 10s}\n      backendRefs:";
    sandbox.put(route, text.replace("      backendRefs:", timeouts));
    run(&sandbox, "canary step").ends(0);
    assert!(sandbox.read(route).contains("timeouts: {request: 10s}"));
}
