//! The engine `gateway`: walks, each command with what it changes in the spec and the tree, and what
//! must be so at every step of them.

use serde_json::{Value, json};

use super::walk::{Objects, at, both_are_selected, changes, count, golden, is_monitored, selects};
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
    is_monitored(all);

    let pods = count(canary, "/spec/replicas");
    // Stable stays whole: its count is what it was without a canary, and an autoscaler leaves it as many as
    // the rollout is made for.
    let scaler = "HorizontalPodAutoscaler/checkout";
    let mut left = first.get(scaler).cloned();
    if let Some(left) = left.as_mut().filter(|_| pods > 0) {
        left["spec"]["minReplicas"] = left["spec"]["maxReplicas"].clone();
    }
    assert_eq!(all.get(scaler), left.as_ref());
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
        assert_eq!(weights(&rules[0]), [("checkout-canary", 100)]);
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
