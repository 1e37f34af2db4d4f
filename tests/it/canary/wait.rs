//! The commands that are printed to wait for, at every place of a rollout of every engine: none ends before
//! its apply, none before what it waits for, and none waits for what never comes where that can be seen.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::cluster::{Cluster, End, State, ends};
use super::version::{ENGINES, moved_by};
use super::{OLD, objects, run, service};
use crate::sandbox::Sandbox;

/// The key of a spec with a route.
const ROUTE: &str = "expose: checkout.example.com\n";
const START: &str = "canary start registry.example.com/payments/checkout:1.5.0";

/// Runs a verb; the wait that it names.
fn told(sandbox: &Sandbox, line: &str) -> String {
    let json = run(sandbox, &format!("{line} -o json")).ends(0).json();
    json["canary"]["wait"].as_str().unwrap().to_owned()
}

/// A move of a walk: the trees on both of its sides, and the wait between.
struct Move {
    line: String,
    before: BTreeMap<String, Value>,
    after: BTreeMap<String, Value>,
    wait: String,
}

impl Move {
    fn take(sandbox: &Sandbox, line: &str) -> Self {
        let before = objects(sandbox);
        let wait = told(sandbox, line);
        Self {
            line: line.to_owned(),
            before,
            after: objects(sandbox),
            wait,
        }
    }

    fn ends(&self, states: &[&Cluster], wanted: End) {
        let ended = ends(&self.wait, states);
        assert_eq!(ended, wanted, "{}: {}", self.line, self.wait);
    }

    /// Holds it against a cluster that has not been told yet, in part, in full, and is ready.
    fn holds(&self, is_seen: &dyn Fn(&str) -> bool) {
        let [before, after] =
            [&self.before, &self.after].map(|tree| Cluster::of(tree, State::Ready));
        let busy = Cluster::of(&self.after, State::Busy);
        self.ends(&[&after], End::Done);
        self.ends(&[&before, &before, &after], End::Done);
        self.ends(&[&busy], End::Waits);
        // Nothing that is not applied yet is passed over, be it all or one file.
        self.ends(&[&before], End::Waits);
        let files = self.after.iter();
        let changed = files.filter(|(name, one)| self.before.get(*name) != Some(*one));
        let mut seen = 0;
        for name in changed.map(|(name, _)| name).filter(|name| is_seen(name)) {
            self.ends(&[&after.clone().with(name, &before)], End::Waits);
            seen += 1;
        }
        assert!(seen > 0, "{}", self.line);
    }
}

/// What moves pods or requests.
fn is_moved(name: &str) -> bool {
    const KINDS: &[&str] = &[
        "Deployment",
        "HorizontalPodAutoscaler",
        "HTTPRoute",
        "GRPCRoute",
    ];
    KINDS.contains(&name.split('/').next().unwrap())
}

fn walk(keys: &str, way: &[&str]) -> Vec<Move> {
    let sandbox = service(keys);
    way.iter().map(|line| Move::take(&sandbox, line)).collect()
}

#[test]
fn no_wait_of_a_render_ends_early_or_never() {
    let add = "add canary --set canary.steps=[34,67]";
    let mut moves = 0;
    for keys in ["", "replicas: 3\n"] {
        for way in [
            vec![
                add,
                START,
                "canary step",
                "canary promote",
                "canary promote",
            ],
            vec![add, START, "canary step", "canary abort", "canary abort"],
            vec![
                add,
                START,
                "canary step",
                "canary promote",
                "canary abort --now",
            ],
            vec![add, START, "canary abort"],
        ] {
            for one in walk(keys, &way) {
                one.holds(&is_moved);
                moves += 1;
            }
        }
    }
    assert_eq!(moves, 2 * 18);
}

#[test]
fn no_wait_for_a_route_ends_early_or_never() {
    let testers = "add canary --engine gateway --set canary={engine:~gateway,steps:~[0,50],testers:~{header:~x-canary}}";
    let plain = "add canary --engine gateway --set canary.steps=[5,50]";
    let mut moves = 0;
    for (keys, add) in [
        (ROUTE.to_owned(), plain),
        (format!("{ROUTE}replicas: 3\n"), testers),
        (
            "expose: { hosts: [checkout.example.com], tls: cert }\n".to_owned(),
            testers,
        ),
        (
            "preset: grpc\nexpose: { hosts: [a.example.com], gateway: edge/one }\n".to_owned(),
            testers,
        ),
    ] {
        for way in [
            vec![
                add,
                START,
                "canary step",
                "canary step",
                "canary promote",
                "canary promote",
                "canary promote",
            ],
            vec![add, START, "canary step", "canary abort", "canary abort"],
            vec![
                add,
                START,
                "canary step",
                "canary step",
                "canary promote",
                "canary abort",
                "canary abort",
            ],
            vec![add, START, "canary step", "canary abort --now"],
        ] {
            for one in walk(&keys, &way) {
                one.holds(&is_moved);
                moves += 1;
            }
        }
    }
    assert_eq!(moves, 4 * 23);
}

#[test]
fn no_wait_for_a_rollout_ends_early_or_never() {
    let add = "add canary --engine argo --size 10";
    for keys in ["replicas: { min: 3, max: 20 }\n", "replicas: 10\n"] {
        let way = [
            add,
            "canary step",
            START,
            "canary abort",
            START,
            "canary promote",
            "remove canary",
        ];
        for one in walk(keys, &way) {
            if one.line == "canary promote" {
                // The cluster has it all by then, and is asked whether that is so.
                one.ends(&[&Cluster::of(&one.after, State::Ready)], End::Done);
                one.ends(&[&Cluster::of(&one.after, State::Busy)], End::Waits);
                continue;
            }
            // The Deployment has a label more with the engine, which moves no pod out of its hands.
            one.holds(&|name| match one.line.split(' ').next().unwrap() {
                "add" => {
                    name.starts_with("Rollout/") || name.starts_with("HorizontalPodAutoscaler/")
                }
                "remove" => is_moved(name),
                _ => name.starts_with("Deployment/"),
            });
        }
    }
}

/// A version of the same image is told from the one before by what it reads.
#[test]
fn no_wait_for_other_files_alone_ends_early_or_never() {
    let mut moves = 0;
    for what in ["--config conf-2", "--secret db=db-2"] {
        let start = format!("canary start {OLD} {what}");
        for engine in ENGINES {
            let steps = match engine {
                "replicas" => vec!["canary step"],
                "gateway" => vec!["canary step", "canary step"],
                _ => Vec::new(),
            };
            for end in [["canary promote"; 2], ["canary abort"; 2]] {
                let sandbox = moved_by(engine);
                let way = [&start[..]].into_iter().chain(steps.clone()).chain(end);
                // Where a controller has nothing of its own to keep, it is over at the first.
                for line in way.take_while(|line| {
                    *line == start || sandbox.read("prodgen.yaml").contains("run:")
                }) {
                    let one = Move::take(&sandbox, line);
                    let mut files = one.after.iter();
                    if files.any(|(name, it)| is_moved(name) && one.before.get(name) != Some(it)) {
                        one.holds(&is_moved);
                        moves += 1;
                    } else {
                        // The cluster moves by itself, and is asked whether it has come to the end.
                        one.ends(&[&Cluster::of(&one.after, State::Ready)], End::Done);
                        one.ends(&[&Cluster::of(&one.after, State::Busy)], End::Waits);
                    }
                }
            }
        }
    }
    assert_eq!(moves, 42);
}

#[test]
fn what_has_failed_is_not_waited_for() {
    let mut failed = 0;
    for (keys, way) in [
        (
            "",
            vec!["add canary", START, "canary step", "canary promote"],
        ),
        (
            ROUTE,
            vec![
                "add canary --engine gateway --set canary.steps=[5]",
                START,
                "canary step",
                "canary promote",
            ],
        ),
        (
            "replicas: { min: 3, max: 20 }\n",
            vec![
                "add canary --engine argo",
                "canary step",
                START,
                "canary abort",
                "remove canary",
            ],
        ),
    ] {
        for one in walk(keys, &way) {
            let [ready, stuck] =
                [State::Ready, State::Stuck].map(|state| Cluster::of(&one.after, state));
            one.ends(&[&stuck], End::GivesUp);
            // What is stuck before the apply says nothing of what is applied.
            let before = Cluster::of(&one.before, State::Stuck);
            one.ends(&[&before], End::Waits);
            one.ends(&[&before, &before, &before, &ready], End::Done);
            failed += 1;
        }
    }
    assert_eq!(failed, 4 + 4 + 5);
}

/// A new version begins with what the controller has said of the one before.
#[test]
fn a_rollout_has_given_up_only_when_it_says_so_twice() {
    let way = walk("canary: { engine: argo }\n", &[START]);
    let [ready, busy, stuck] =
        [State::Ready, State::Busy, State::Stuck].map(|state| Cluster::of(&way[0].after, state));
    way[0].ends(&[&stuck, &busy, &stuck, &ready], End::Done);
    way[0].ends(&[&busy, &stuck], End::GivesUp);
    // The subshell ends, and not the shell that the line was pasted into.
    let pasted = format!("{} || true", way[0].wait);
    assert_eq!(ends(&pasted, &[&stuck]), End::Done);
}

/// Where more pods run than whoever took them over was told of, they are waited for too.
#[test]
fn who_takes_pods_over_has_as_many_as_the_other() {
    let keys = "replicas: { min: 3, max: 20 }\n";
    let way = walk(
        keys,
        &[
            "add canary --engine argo --size 10",
            "canary step",
            "remove canary --size 10",
        ],
    );
    for (one, (takes, gives)) in [
        (&way[0], ("rollout/checkout", "deployment/checkout")),
        (&way[2], ("deployment/checkout", "rollout/checkout")),
    ] {
        let mut grown = Cluster::of(&one.after, State::Ready);
        grown.object(gives)["spec"]["replicas"] = json!(12);
        one.ends(&[&grown], End::Waits);
        grown.object(takes)["status"]["availableReplicas"] = json!(12);
        one.ends(&[&grown], End::Done);
    }
    // Nobody has said how many there are: as many as there can be.
    for keys in [keys, "replicas: 20\n"] {
        let sandbox = service(keys);
        for line in ["add canary --engine argo", "canary step", "remove canary"] {
            assert!(line == "canary step" || told(&sandbox, line).contains("-ge 20"));
            if line == "canary step" {
                run(&sandbox, line).ends(0);
            }
        }
    }
}

/// Another parent, and the rest of an earlier one, say nothing of what the Gateway has taken; a rule that a
/// person has added says nothing of the shares.
#[test]
fn others_who_speak_of_a_route_are_passed_over() {
    let keys = format!("{ROUTE}replicas: 3\n");
    let add = "add canary --engine gateway --set canary={engine:~gateway,steps:~[5],testers:~{header:~x-canary}}";
    let way = walk(&keys, &[add, START, "canary step", "canary abort"]);
    for one in &way[2..] {
        let mut taken = Cluster::of(&one.after, State::Ready);
        let route = taken.object("httproute/checkout");
        let parents = route["status"]["parents"].as_array_mut().unwrap();
        let mut gone = parents[0].clone();
        gone["parentRef"]["sectionName"] = json!("http");
        gone["conditions"][0]["observedGeneration"] = json!(1);
        parents.insert(0, gone);
        parents
            .push(json!({ "parentRef": { "group": "", "kind": "Service", "name": "checkout" } }));
        let rules = route["spec"]["rules"].as_array_mut().unwrap();
        rules.push(json!({ "backendRefs": [{ "name": "checkout-canary", "weight": 1 }] }));
        rules.insert(0, json!({ "filters": [{ "type": "RequestRedirect" }] }));
        one.ends(&[&taken], End::Done);
        // A backend that cannot be resolved is no share.
        let route = taken.object("httproute/checkout");
        route["status"]["parents"][1]["conditions"][2]["status"] = json!("False");
        one.ends(&[&taken], End::Waits);
    }
}

/// What the README shows is what is printed.
#[test]
fn the_readme_has_a_wait_as_it_is_printed() {
    let sandbox = service("replicas: 3\n");
    run(&sandbox, "add canary").ends(0);
    let wait = told(&sandbox, START);
    let readme = include_str!("../../../README.md").replace("&&\n", "&& ");
    assert!(readme.contains(&format!("\n{wait}\n")), "{wait}");
}

/// What a person watches is of one kind, as `kubectl get --watch` wants it.
#[test]
fn what_is_watched_is_of_one_kind() {
    let sandbox = service("");
    for line in ["add canary --engine argo", "canary step", START] {
        let json = run(&sandbox, &format!("{line} -o json")).ends(0).json();
        let watch = json["canary"]["watch"].as_str().unwrap();
        let kubectl = watch.strip_prefix("kubectl -n checkout get ");
        let is_one = kubectl.map_or(
            watch.starts_with("kubectl argo rollouts get rollout "),
            |rest| rest.starts_with("pods -l ") && !rest.contains(','),
        );
        assert!(is_one, "{watch}");
    }
}
