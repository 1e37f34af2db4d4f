//! The engine `argo`: the pods change hands and come back, a new version goes out and stays or goes; each
//! command with what it changes, and what must be so at every place.

use serde_json::{Value, json};

use super::walk::{Objects, at, changes, count, golden, is_monitored, selects};
use super::{NEW, objects, run, service, texts};
use crate::sandbox::Sandbox;

pub(super) const ADD: &str = "add canary --engine argo";
/// A service that an autoscaler has ten pods of by now.
pub(super) const SCALED: &str = "replicas: { min: 3, max: 20 }\n";

/// Who says how many pods a Rollout has.
#[derive(Debug, PartialEq)]
enum Count {
    /// The autoscaler.
    Scaled,
    /// Its own manifest.
    Fixed(u64),
}

/// Who makes the pods, what the autoscaler scales and how few it leaves, and whether the template is new.
#[derive(Debug, PartialEq)]
struct Place {
    /// The count that the Deployment names.
    deployment: Option<u64>,
    /// Whose count the Rollout's is, where there is one.
    rollout: Option<Count>,
    scaled: Option<(String, u64)>,
    is_new: bool,
}

/// Holds a tree against what is so at every place, and says which place it is.
fn checked(all: &Objects, first: &Objects) -> Place {
    let deployment = &all["Deployment/checkout"];
    let before = &first["Deployment/checkout"];
    let labels = at(deployment, "/spec/template/metadata/labels");
    // Nothing immutable changes, and everything around selects the pods of both: they have the same template.
    assert_eq!(
        at(deployment, "/spec/selector"),
        at(before, "/spec/selector")
    );
    for (name, object) in all {
        let selector = match name.split('/').next().unwrap() {
            "NetworkPolicy" => object.pointer("/spec/podSelector/matchLabels"),
            "PodDisruptionBudget" | "Rollout" => object.pointer("/spec/selector/matchLabels"),
            "Service" => object.pointer("/spec/selector"),
            _ => continue,
        };
        assert!(
            selector.is_none_or(|one| selects(one, labels)),
            "{name}: {selector:?}"
        );
        let is_policy = !matches!(
            name.as_str(),
            "Rollout/checkout" | "Service/checkout" | "PodDisruptionBudget/checkout"
        );
        assert!(is_policy || selector.is_some(), "{name}");
    }
    let budgets = all
        .keys()
        .filter(|name| name.starts_with("PodDisruptionBudget/"));
    assert_eq!(budgets.count(), 1);
    is_monitored(all);

    // Zones and nodes have as many of each revision as of any other, whoever makes its pods.
    let spread = at(deployment, "/spec/template/spec/topologySpreadConstraints");
    let mut keys = vec!["pod-template-hash"];
    if all.contains_key("Rollout/checkout") {
        keys.push("rollouts-pod-template-hash");
    }
    let spread = spread.as_array().unwrap();
    let told: Vec<_> = spread.iter().map(|one| &one["matchLabelKeys"]).collect();
    assert_eq!(told, [&json!(keys), &json!(keys)]);

    let number = |one: &Value| {
        one.pointer("/spec/replicas")
            .map(|_| count(one, "/spec/replicas"))
    };
    let rollout = all.get("Rollout/checkout");
    let scaler = all.get("HorizontalPodAutoscaler/checkout");
    let target = scaler.map(|scaler| {
        let target = at(scaler, "/spec/scaleTargetRef");
        assert_eq!(target["name"], "checkout");
        let kind = target["kind"].as_str().unwrap();
        // What it scales is there, and nobody else says how many pods that has.
        let owned = &all[&format!("{kind}/checkout")];
        assert_eq!(target["apiVersion"], owned["apiVersion"]);
        assert_eq!(number(owned), None, "{kind}");
        let was = &first["HorizontalPodAutoscaler/checkout"];
        assert_eq!(
            at(scaler, "/spec/maxReplicas"),
            at(was, "/spec/maxReplicas")
        );
        (kind.to_owned(), count(scaler, "/spec/minReplicas"))
    });
    if let Some(rollout) = rollout {
        assert_eq!(scaler.is_none(), number(rollout).is_some());
        assert_eq!(
            *at(rollout, "/spec/workloadRef"),
            json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout" })
        );
        let canary = at(rollout, "/spec/strategy/canary");
        assert_eq!(canary["maxUnavailable"], 0);
        assert!(canary.get("trafficRouting").is_none());
        for field in ["minReadySeconds", "progressDeadlineSeconds"] {
            assert_eq!(rollout["spec"][field], deployment["spec"][field]);
        }
        let role = &all["Role/checkout-deployer"];
        let may = |resource: &str| role.to_string().contains(&format!("\"{resource}\""));
        assert!(may("rollouts") && may("rollouts/status"));
        // What the plugin shows a rollout from.
        for shown in ["analysisruns", "experiments", "replicasets", "pods"] {
            assert!(may(shown), "{shown}");
        }
        assert_eq!(
            may("analysistemplates"),
            all.contains_key("AnalysisTemplate/checkout")
        );
    } else {
        assert!(
            !all["Role/checkout-deployer"]
                .to_string()
                .contains("argoproj")
        );
    }
    Place {
        deployment: number(deployment),
        rollout: rollout.map(|one| number(one).map_or(Count::Scaled, Count::Fixed)),
        scaled: target,
        is_new: *at(deployment, "/spec/template/spec/containers/0/image") == NEW,
    }
}

/// Walks through these commands; each with who scales what afterwards, and the Deployment's own count.
fn walk(name: &str, keys: &str, way: &[(&str, Place)]) -> Sandbox {
    let sandbox = service(keys);
    let first = objects(&sandbox);
    let mut before = texts(&sandbox);
    let mut quota = None;
    for (index, (command, place)) in way.iter().enumerate() {
        let ran = run(&sandbox, &format!("{command} -o json")).ends(0);
        assert_eq!(ran.outcome(), "written", "{command}");
        let (after, all) = (texts(&sandbox), objects(&sandbox));
        golden(name, index + 1, command, &changes(&before, &after));
        assert_eq!(checked(&all, &first), *place, "{command}");
        if place.rollout.is_some() {
            // One change of the quota, with the policy: an administrator is not needed again.
            let now = all["ResourceQuota/checkout"].clone();
            assert_eq!(*quota.get_or_insert(now.clone()), now);
        }
        run(&sandbox, "render --check").ends(0);
        before = after;
    }
    sandbox
}

/// A place of a service with an autoscaler.
fn place(deployment: Option<u64>, kind: &str, min: u64, is_new: bool) -> Place {
    Place {
        deployment,
        rollout: Some(Count::Scaled),
        scaled: Some((kind.to_owned(), min)),
        is_new,
    }
}

#[test]
fn ten_pods_change_hands_and_a_version_goes_out() {
    let start = format!("canary start {NEW}");
    let sandbox = walk(
        "argo-promote",
        SCALED,
        &[
            (
                &format!("{ADD} --size 10"),
                place(None, "Rollout", 10, false),
            ),
            ("canary step", place(Some(0), "Rollout", 3, false)),
            (&start, place(Some(0), "Rollout", 3, true)),
            ("canary promote", place(Some(0), "Rollout", 3, true)),
        ],
    );
    let spec = sandbox.read("prodgen.yaml");
    assert!(spec.contains(&format!("image: {NEW}  # CI")));
}

#[test]
fn pods_of_a_fixed_number_change_hands_and_come_back() {
    let place = |deployment, rollout| Place {
        deployment: Some(deployment),
        rollout,
        scaled: None,
        is_new: false,
    };
    walk(
        "argo-fixed",
        "replicas: 10\n",
        &[
            (
                &format!("{ADD} --set canary.steps=[10,50]"),
                place(10, Some(Count::Fixed(10))),
            ),
            ("canary step", place(0, Some(Count::Fixed(10)))),
            ("remove canary", place(10, Some(Count::Fixed(10)))),
            ("remove canary", place(10, None)),
        ],
    );
}

#[test]
fn a_measured_version_goes_out_by_itself_and_back() {
    let objective =
        "{prometheus:~http://prometheus.monitoring:9090,successRate:~99.5,latency:~300ms}";
    let add = format!("{ADD} --set canary.objective={objective}");
    let start = format!("canary start {NEW}");
    walk(
        "argo-measured",
        "",
        &[
            (&add, place(None, "Rollout", 6, false)),
            ("canary step", place(Some(0), "Rollout", 3, false)),
            (&start, place(Some(0), "Rollout", 3, true)),
            ("canary abort", place(Some(0), "Rollout", 3, false)),
        ],
    );
}

#[test]
fn a_way_back_leads_to_the_bytes_from_before() {
    let start = format!("canary start {NEW}");
    for keys in ["", SCALED, "replicas: 4\n"] {
        let sandbox = service(keys);
        let before = sandbox.tree();
        let first = objects(&sandbox);
        run(&sandbox, ADD).ends(0);
        // Back out of the middle, also in two steps: which of the two has its pods is for the cluster to say.
        run(&sandbox, "remove canary").ends(0);
        checked(&objects(&sandbox), &first);
        let ran = run(&sandbox, "remove canary").ends(0);
        ran.says(&["kubectl -n checkout delete rollout/checkout"]);
        assert!(sandbox.tree() == before, "{keys}: back from the middle");
        run(&sandbox, ADD).ends(0);
        run(&sandbox, "canary step").ends(0);
        let added = sandbox.tree();
        for abort in ["canary abort", "canary abort --now"] {
            run(&sandbox, &start).ends(0);
            assert!(checked(&objects(&sandbox), &first).is_new);
            // A step is the controller's.
            let begun = sandbox.tree();
            let ran = run(&sandbox, "canary step").ends(0);
            ran.says(&[
                "Nothing to write",
                "kubectl argo rollouts promote checkout -n checkout",
            ]);
            assert!(sandbox.tree() == begun);
            run(&sandbox, abort)
                .ends(0)
                .says(&["kubectl argo rollouts abort checkout -n checkout"]);
            assert!(sandbox.tree() == added, "{keys}: {abort}");
        }
        run(&sandbox, "remove canary").ends(0);
        run(&sandbox, "remove canary").ends(0);
        assert!(sandbox.tree() == before, "{keys}: remove");
    }
}

#[test]
fn who_has_it_from_the_first_day_takes_nothing_over() {
    let sandbox = service("canary: { engine: argo }\n");
    let all = objects(&sandbox);
    assert_eq!(checked(&all, &all), place(Some(0), "Rollout", 3, false));
    // Where nothing was rendered yet, there is nothing to hand over either.
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", super::SPEC);
    run(&sandbox, ADD).ends(0);
    assert_eq!(
        *at(&objects(&sandbox)["Deployment/checkout"], "/spec/replicas"),
        0
    );
    run(&sandbox, "canary start a.io/b:2").ends(0);
}

#[test]
fn every_place_says_what_to_wait_for() {
    let sandbox = service(SCALED);
    let start = format!("canary start {NEW}");
    let rollout = "[ \"$1\" = Rollout=10 ] && [ \"$3\" -ge 10 ]";
    let deployment = "[ \"$1\" = Deployment=11 ] && [ \"$3\" -ge 11 ]";
    let out = ".status.workloadObservedGeneration";
    let add = format!("{ADD} --size 10");
    let way: &[(&str, &str, Option<&str>, &str)] = &[
        (&add, "takeover", Some(rollout), "prodgen canary step"),
        ("canary step", "rest", None, "prodgen canary start IMAGE"),
        (&start, "run", Some(out), "prodgen canary promote"),
        ("canary promote", "rest", None, "prodgen canary start IMAGE"),
        (
            "remove canary --size 11",
            "handback",
            Some(deployment),
            "prodgen remove canary",
        ),
    ];
    for (command, phase, wait, next) in way {
        run(&sandbox, command).ends(0);
        let before = sandbox.tree();
        let json = run(&sandbox, "canary status -o json").ends(0).json();
        let place = &json["canary"];
        assert_eq!(
            (&place["phase"], &place["next"]),
            (&json!(phase), &json!(next))
        );
        match wait {
            Some(words) => assert!(place["wait"].as_str().unwrap().contains(words), "{place}"),
            None => assert!(place.get("wait").is_none()),
        }
        let ran = run(&sandbox, "canary status").ends(0);
        assert!(ran.stdout.contains(next), "{}", ran.stdout);
        assert!(sandbox.tree() == before, "{command}");
    }
    let stopped = service("canary: { engine: argo, steps: [5] }\n");
    let ran = run(&stopped, &start).ends(1).says(&[
        "5 % of 3 pods is less than one pod",
        "what holds: 34 % or more; 20 pods",
    ]);
    assert!(!ran.stderr.contains("--round"));
    run(&stopped, &format!("{start} --round up"))
        .ends(1)
        .says(&["leaves that to its controller"]);
}

#[test]
fn an_objective_is_measured_of_the_canary_alone() {
    let objective = "canary:\n  engine: argo\n  objective:\n    prometheus: http://prometheus.monitoring:9090\n    \
                     successRate: 99.5\n    latency: 300ms\n    requests: http_server_requests_total\n    code: \
                     status\n    pause: 15m\n";
    let sandbox = service(objective);
    let all = objects(&sandbox);
    checked(&all, &all);
    let canary = at(&all["Rollout/checkout"], "/spec/strategy/canary");
    assert_eq!(
        *at(canary, "/analysis/args"),
        json!([{ "name": "canary-hash", "valueFrom": { "podTemplateHashValue": "Latest" } }])
    );
    assert_eq!(
        canary["steps"][1],
        json!({ "pause": { "duration": "15m" } })
    );
    let metrics = at(&all["AnalysisTemplate/checkout"], "/spec/metrics")
        .as_array()
        .unwrap();
    let names: Vec<_> = metrics
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["success-rate", "latency"]);
    for (one, bound) in metrics.iter().zip(["0.995", "0.3"]) {
        let query = at(one, "/provider/prometheus/query").as_str().unwrap();
        // Every series is of the canary's pods, in this namespace.
        let series = query.matches("rate(").count();
        for label in [
            "namespace=\"{{args.namespace}}\"",
            "rollouts_pod_template_hash=\"{{args.canary-hash}}\"",
        ] {
            assert_eq!(query.matches(label).count(), series, "{query}");
        }
        for condition in ["successCondition", "failureCondition"] {
            let words = one[condition].as_str().unwrap();
            // Without a request neither holds.
            assert!(words.starts_with("len(result) > 0 && !isNaN(result[0]) && "));
            assert!(words.ends_with(&format!(" {bound}")), "{words}");
        }
    }
    let query = at(&metrics[0], "/provider/prometheus/query")
        .as_str()
        .unwrap();
    assert_eq!(
        *at(&all["AnalysisTemplate/checkout"], "/spec/args"),
        json!([
            { "name": "canary-hash" },
            { "name": "namespace", "value": "checkout" },
            { "name": "requests", "value": "http_server_requests_total" },
            { "name": "code", "value": "status" },
            { "name": "duration", "value": "http_request_duration_seconds" },
        ])
    );
    assert!(query.contains("{{args.requests}}{") && query.contains("{{args.code}}=~\"5..\""));
    assert!(query.contains("or vector(0)"));
    // Without one, a person goes on.
    run(&sandbox, "set canary={engine:~argo,steps:~[34]}").ends(0);
    let all = objects(&sandbox);
    assert!(!all.contains_key("AnalysisTemplate/checkout"));
    let canary = at(&all["Rollout/checkout"], "/spec/strategy/canary");
    assert_eq!(
        canary["steps"],
        json!([{ "setWeight": 34 }, { "pause": {} }])
    );
}
