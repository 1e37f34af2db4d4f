//! A version that brings its own configuration and Secrets: each track reads its own, until all have
//! the new ones, and nothing that a pod may read goes before.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::walk::{Objects, at};
use super::{NEW, OLD, objects, run, texts};
use crate::sandbox::Sandbox;

pub(super) const ENGINES: [&str; 3] = ["replicas", "gateway", "argo"];

/// A live service with two configurations to read, and these keys more.
pub(super) fn configured(keys: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("conf/app.conf", "mode = old\n");
    sandbox.put("conf-2/app.conf", "mode = new\n");
    let keys = format!("config: conf # ours\nsecrets: [db, tls]\n{keys}");
    sandbox.put(
        "prodgen.yaml",
        super::SPEC.replace("\ncallers", &format!("{keys}\ncallers")),
    );
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox
}

/// The same with a canary of this engine.
pub(super) fn moved_by(engine: &str) -> Sandbox {
    let canary = format!("canary: {{ engine: {engine}, steps: [34, 67] }}\n");
    configured(&if engine == "gateway" {
        format!("expose: checkout.example.com\n{canary}")
    } else {
        canary
    })
}

/// What the pods of a Deployment read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reads {
    /// The name of their ConfigMap.
    pub(super) map: String,
    /// What that says.
    pub(super) text: String,
    /// The Secret that they know as `db`.
    pub(super) secret: String,
}

pub(super) fn reads(all: &Objects, deployment: &str) -> Reads {
    let template = at(
        &all[&format!("Deployment/{deployment}")],
        "/spec/template/spec",
    );
    let volumes = template["volumes"].as_array().unwrap();
    let volume = |name: &str| volumes.iter().find(|one| one["name"] == name).unwrap();
    let word = |value: &Value| value.as_str().unwrap().trim().to_owned();
    assert_eq!(volume("secret-tls")["secret"]["secretName"], "tls");
    let map = word(at(volume("config"), "/configMap/name"));
    // What a pod names is there.
    let text = word(&all[&format!("ConfigMap/{map}")]["data"]["app.conf"]);
    Reads {
        map,
        text,
        secret: word(at(volume("secret-db"), "/secret/secretName")),
    }
}

/// Every `ConfigMap` of a tree, by name: each never changes, and its name says what it holds.
pub(super) fn maps(all: &Objects) -> BTreeMap<String, Value> {
    let maps = all
        .iter()
        .filter_map(|(key, map)| Some((key.strip_prefix("ConfigMap/")?, map)));
    maps.map(|(name, map)| {
        let hash = name.strip_prefix("checkout-").unwrap();
        assert!(hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(map["immutable"], true);
        (name.to_owned(), map["data"].clone())
    })
    .collect()
}

/// A rollout and what must be so of it: which files each version brings, and what was there before.
struct Walk {
    sandbox: Sandbox,
    engine: &'static str,
    before: BTreeMap<String, Vec<u8>>,
    first: Objects,
    old: Reads,
    new: Reads,
}

impl Walk {
    /// Begins with a version.
    fn begin(engine: &'static str, image: &str, more: &str) -> Self {
        let sandbox = moved_by(engine);
        let (before, first) = (sandbox.tree(), objects(&sandbox));
        let old = reads(&first, "checkout");
        assert_eq!(
            (old.text.as_str(), old.secret.as_str()),
            ("mode = old", "db")
        );
        run(&sandbox, &format!("canary start {image} {more}")).ends(0);
        let all = objects(&sandbox);
        let new = match engine {
            "argo" => reads(&all, "checkout"),
            _ => reads(&all, "checkout-canary"),
        };
        let walk = Self {
            sandbox,
            engine,
            before,
            first,
            old,
            new,
        };
        walk.checked();
        walk
    }

    /// `canary.run` as the spec has it; null where the rollout is over.
    fn under_way(&self) -> Value {
        let spec: Value = serde_yaml::from_str(&self.sandbox.read("prodgen.yaml")).unwrap();
        spec["canary"]["run"].clone()
    }

    /// Holds a tree against what is so at every place of the rollout.
    fn checked(&self) {
        let (all, under_way) = (objects(&self.sandbox), self.under_way());
        let end = under_way["end"].as_str();
        let (old, new) = (&self.old, &self.new);
        let stable = reads(&all, "checkout");
        let there: Vec<String> = maps(&all).into_keys().collect();
        if under_way.is_null() {
            // Everybody reads the same, and nothing else is there.
            assert!(stable == *old || stable == *new);
            assert_eq!(there, [stable.map.as_str()]);
        } else {
            // What either may read stays, whoever reads it.
            let mut both = vec![old.map.clone(), new.map.clone()];
            both.sort();
            both.dedup();
            assert_eq!(there, both, "{under_way}");
            for name in [&old.map, &new.map] {
                let known = self.first.get(&format!("ConfigMap/{name}"));
                assert!(known.is_none_or(|map| *map == all[&format!("ConfigMap/{name}")]));
            }
        }
        let (is_back, is_promoted) = (end == Some("abort"), end.is_some_and(|end| end != "abort"));
        match (self.engine, under_way.is_null()) {
            (_, true) => {}
            // One template for both: the controller keeps the one from before.
            ("argo", false) => assert_eq!(stable, if is_back { old } else { new }.clone()),
            (_, false) => {
                assert_eq!(stable, if is_promoted { new } else { old }.clone());
                assert_eq!(reads(&all, "checkout-canary"), *new);
            }
        }
        if !is_promoted && self.engine != "argo" && !under_way.is_null() {
            // Not before `promote` does a pod of stable get anything new.
            let template =
                |all: &Objects| at(&all["Deployment/checkout"], "/spec/template").clone();
            assert_eq!(template(&all), template(&self.first));
        }
        run(&self.sandbox, "render --check").ends(0);
    }

    /// A verb, and what must be said of a ConfigMap that goes.
    fn take(&self, verb: &str) {
        let before = maps(&objects(&self.sandbox));
        let ran = run(&self.sandbox, verb).ends(0);
        let after = maps(&objects(&self.sandbox));
        self.checked();
        let gone: Vec<&String> = before
            .keys()
            .filter(|name| !after.contains_key(*name))
            .collect();
        let line = "Where applying prunes nothing, an administrator does, once no pod of before is left: kubectl -n \
                    checkout delete configmap/";
        assert_eq!(
            ran.stderr.contains(line),
            !gone.is_empty(),
            "{}",
            ran.stderr
        );
        for name in gone {
            // After what is to be waited for.
            let told = ran.stderr.find(&format!("{line}{name}\n")).unwrap();
            assert!(told > ran.stderr.find("next    ").unwrap());
        }
    }

    /// One verb on; whether the rollout is over.
    fn on(&self) -> bool {
        let run = self.under_way();
        let steps = run["pods"].as_array().map_or(0, Vec::len);
        let is_last = run["step"].as_u64() == u64::try_from(steps).ok();
        self.take(if is_last {
            "canary promote"
        } else {
            "canary step"
        });
        self.under_way().is_null()
    }

    /// Brings a tree back, as a version control system does.
    fn put(&self, tree: &BTreeMap<String, Vec<u8>>) {
        std::fs::remove_dir_all(self.sandbox.path("deploy")).unwrap();
        for (path, bytes) in tree {
            self.sandbox.put(path, bytes);
        }
    }
}

/// What a version may bring: its image, and what else.
const BRINGS: [(&str, &str); 3] = [
    (NEW, "--config conf-2 --secret db=db-2"),
    // The same image.
    (OLD, "--config conf-2"),
    (OLD, "--secret db=db-2"),
];

/// Walks to the end, and from every place on the way back; in so many ways.
fn every_way(engine: &'static str, ways: usize) {
    let mut gone = 0;
    for (image, more) in BRINGS {
        let walk = Walk::begin(engine, image, more);
        let (is_map, is_secret) = (more.contains("--config"), more.contains("--secret"));
        assert_eq!(walk.old.map != walk.new.map, is_map);
        assert_eq!(walk.new.text == "mode = new", is_map);
        assert_eq!(walk.new.secret == "db-2", is_secret);
        loop {
            let place = walk.sandbox.tree();
            while !walk.under_way().is_null() {
                walk.take("canary abort");
            }
            assert_eq!(walk.sandbox.tree(), walk.before, "{more}");
            gone += 1;
            walk.put(&place);
            if walk.on() {
                break;
            }
        }
        assert_eq!(reads(&objects(&walk.sandbox), "checkout"), walk.new);
    }
    assert_eq!(gone, ways);
}

#[test]
fn each_track_reads_its_own_at_every_step_and_on_every_way_back() {
    every_way("replicas", 3 * 3);
}

#[test]
fn each_track_reads_its_own_whoever_shares_the_requests_out() {
    every_way("gateway", 3 * 5);
}

#[test]
fn pods_of_a_controller_find_what_they_read_until_it_is_done() {
    // Where there are no files to wait for, `promote` is the end at once.
    every_way("argo", 2 * 2 + 1);
}

#[test]
fn what_is_promoted_is_what_everybody_has() {
    let walk = Walk::begin("replicas", NEW, "--config conf-2 --secret db=db-2");
    while !walk.on() {}
    let spec = walk.sandbox.read("prodgen.yaml");
    for text in ["config: conf-2 # ours", "secret: db-2", NEW] {
        assert!(spec.contains(text), "{spec}");
    }
    let spec: Value = serde_yaml::from_str(&spec).unwrap();
    assert_eq!(
        spec["canary"],
        json!({ "engine": "replicas", "steps": [34, 67] })
    );
    assert_eq!(reads(&objects(&walk.sandbox), "checkout-canary"), walk.new);
    // The files from before are nobody's any more.
    std::fs::remove_dir_all(walk.sandbox.path("conf")).unwrap();
    run(&walk.sandbox, "render --check").ends(0);
}

#[test]
fn at_once_and_taken_back() {
    for engine in ENGINES {
        let walk = Walk::begin(engine, NEW, "--config conf-2");
        for verb in ["canary abort --now", "undo", "canary abort --now"] {
            run(&walk.sandbox, verb).ends(0);
            walk.checked();
        }
        assert_eq!(walk.sandbox.tree(), walk.before, "{engine}");
    }
}

#[test]
fn a_controller_is_waited_for_while_pods_of_before_may_read_their_files() {
    let walk = Walk::begin("argo", NEW, "--config conf-2");
    let begun = texts(&walk.sandbox);
    for (verb, phase, there) in [
        ("canary promote", "promote", "promote --full checkout"),
        ("canary abort", "abort", "abort checkout"),
    ] {
        let place = run(&walk.sandbox, &format!("{verb} -o json"))
            .ends(0)
            .json()["canary"]
            .clone();
        assert_eq!(
            (&place["phase"], &place["next"]),
            (&json!(phase), &json!(format!("prodgen {verb}")))
        );
        assert!(
            place["cluster"][0].as_str().unwrap().contains(there),
            "{place}"
        );
        assert!(
            place["wait"]
                .as_str()
                .unwrap()
                .contains("workloadObservedGeneration")
        );
        assert_eq!(place["back"].is_null(), phase == "abort");
        walk.checked();
        run(&walk.sandbox, "canary step")
            .ends(1)
            .says(&["there is no further step"]);
        if phase == "promote" {
            // The template is out already.
            let all = texts(&walk.sandbox);
            let other: Vec<_> = begun
                .iter()
                .filter(|(path, text)| all[*path] != **text)
                .collect();
            assert_eq!(other.len(), 1, "the spec alone");
        }
    }
    let place = run(&walk.sandbox, "canary abort -o json").ends(0).json()["canary"].clone();
    assert!(
        place["cluster"].is_null() && place["phase"] == "rest",
        "{place}"
    );
    assert_eq!(walk.sandbox.tree(), walk.before);
}

#[test]
fn what_a_version_began_with_is_read_until_it_is_over() {
    for engine in ["replicas", "gateway"] {
        let sandbox = moved_by(engine);
        let begins = format!("canary start {NEW} --config conf-2 --secret db=db-2");
        run(&sandbox, &begins).ends(0);
        let before = objects(&sandbox);
        let refused = |line: &str| {
            run(&sandbox, line).ends(1).says(&[
                "a canary is under way, and pods would read other files than it began with",
                "`--bypass-canary` gives them to everybody at once",
                "Nothing was written.",
            ]);
            assert!(objects(&sandbox) == before, "{line}");
        };
        // Of stable, by a command and by hand.
        refused("set config=conf-2");
        refused("set secrets=[{name:~db,secret:~db-2},tls]");
        sandbox.put("conf/app.conf", "mode = third\n");
        refused("render -w");
        sandbox.put("conf/app.conf", "mode = old\n");
        // And of the version on its way.
        sandbox.put("conf-2/app.conf", "mode = third\n");
        refused("render -w");
        refused("upgrade");
        run(&sandbox, "render -w --bypass-canary").ends(0);
        assert_eq!(
            reads(&objects(&sandbox), "checkout-canary").text,
            "mode = third"
        );
        run(&sandbox, "canary abort").ends(0);
    }
}
