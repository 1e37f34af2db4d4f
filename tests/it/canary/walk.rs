//! Walks: every command of a rollout from its first to its last, each with what it changes in the
//! spec and the tree, and each held against what must be so at every step.

use std::collections::BTreeMap;
use std::path::Path;

use prodgen::report::unified;
use serde_json::{Value, json};

use super::{NEW, OLD, objects, run, service, texts};

pub(super) type Objects = BTreeMap<String, Value>;

pub(super) fn at<'v>(object: &'v Value, pointer: &str) -> &'v Value {
    let found = object.pointer(pointer);
    found.unwrap_or_else(|| panic!("no {pointer} in {object:#}"))
}

pub(super) fn count(object: &Value, pointer: &str) -> u64 {
    let found = at(object, pointer);
    let text = found.as_str().map(|text| text.parse().unwrap());
    text.unwrap_or_else(|| found.as_u64().unwrap())
}

pub(super) fn selects(selector: &Value, labels: &Value) -> bool {
    let mut wanted = selector.as_object().unwrap().iter();
    wanted.all(|(key, value)| labels.get(key) == Some(value))
}

/// What a tree says about its tracks.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    stable: u64,
    canary: u64,
    stable_is_new: bool,
}

/// That a monitor of somebody else takes the pods of every Deployment exactly once, by Services or by pods,
/// and tells their versions apart by a label: it selects what has the label of the service.
pub(super) fn is_monitored(all: &Objects) {
    let own = json!({ "app.kubernetes.io/instance": "checkout" });
    let of_kind = |kind: &'static str| {
        let is_one = move |(name, _): &(&String, &Value)| name.starts_with(&format!("{kind}/"));
        all.iter().filter(is_one).map(|(_, object)| object)
    };
    let mut tracks = Vec::new();
    for deployment in of_kind("Deployment") {
        let pod = at(deployment, "/spec/template/metadata/labels");
        assert!(selects(&own, pod));
        let services = of_kind("Service").filter(|service| {
            selects(&own, at(service, "/metadata/labels"))
                && selects(at(service, "/spec/selector"), pod)
        });
        assert_eq!(services.count(), 1);
        tracks.push(&pod["prodgen.dev/track"]);
    }
    tracks.dedup();
    assert_eq!(tracks.len(), of_kind("Deployment").count());
    // A controller writes the label itself, on pods from one template.
    for rollout in of_kind("Rollout") {
        for version in ["canary", "stable"] {
            let labels = at(
                rollout,
                &format!("/spec/strategy/canary/{version}Metadata/labels"),
            );
            assert_eq!(labels["prodgen.dev/rollout"], version);
        }
    }
}

/// Holds a tree against what is so at every step, and says where it is.
fn checked(all: &Objects, first: &Objects) -> Place {
    let deployment = |name: &str| all.get(&format!("Deployment/{name}"));
    let stable = deployment("checkout").unwrap();
    let image = |one: &Value| at(one, "/spec/template/spec/containers/0/image").clone();
    let labels = |one: &Value| at(one, "/spec/template/metadata/labels").clone();
    let is_new = image(stable) == NEW;
    let Some(canary) = deployment("checkout-canary") else {
        let scaler = all.get("HorizontalPodAutoscaler/checkout");
        let size = scaler.map_or_else(
            || count(stable, "/spec/replicas"),
            |scaler| count(scaler, "/spec/minReplicas"),
        );
        return Place {
            stable: size,
            canary: 0,
            stable_is_new: is_new,
        };
    };
    let tracks = [stable, canary];

    // Each Deployment selects its own pods and no others; nothing immutable has changed.
    for (index, one) in tracks.iter().enumerate() {
        for (other_index, other) in tracks.iter().enumerate() {
            let selector = at(one, "/spec/selector/matchLabels");
            assert_eq!(selects(selector, &labels(other)), index == other_index);
        }
    }
    let before = &first["Deployment/checkout"];
    assert_eq!(at(stable, "/spec/selector"), at(before, "/spec/selector"));
    let (service, was) = (&all["Service/checkout"], &first["Service/checkout"]);
    assert_eq!(at(service, "/spec/selector"), at(was, "/spec/selector"));

    for one in tracks {
        assert!(selects(at(service, "/spec/selector"), &labels(one)));
    }
    both_are_selected(all, tracks);
    is_monitored(all);

    // The autoscaler has stable, and nobody else says how many pods that has.
    let scaler = all.get("HorizontalPodAutoscaler/checkout");
    let (size, most) = match scaler {
        Some(scaler) => {
            assert_eq!(*at(scaler, "/spec/scaleTargetRef/name"), json!("checkout"));
            assert!(stable.pointer("/spec/replicas").is_none());
            let was = &first["HorizontalPodAutoscaler/checkout"];
            let most = count(scaler, "/spec/maxReplicas");
            assert_eq!(most, count(was, "/spec/maxReplicas"));
            (count(scaler, "/spec/minReplicas"), most)
        }
        None => (
            count(stable, "/spec/replicas"),
            count(before, "/spec/replicas"),
        ),
    };
    assert!(size >= 1);
    let place = Place {
        stable: size,
        canary: count(canary, "/spec/replicas"),
        stable_is_new: is_new,
    };

    // Everything at once fits the quota: full scale, the canary, and a rolling update of either.
    let quota = count(&all["ResourceQuota/checkout"], "/spec/hard/pods");
    let surge = |pods: u64| (pods * 25).div_ceil(100);
    let live = most + place.canary + surge(most) + surge(place.canary);
    assert!(live + most + place.canary <= quota, "{place:?}: {quota}");

    // The canary differs in nothing but its name, its track, its image and its version.
    let expected = if place.canary > 0 {
        json!(NEW)
    } else {
        image(stable)
    };
    assert_eq!(image(canary), expected);
    let plain = |one: &Value| {
        let mut pod = at(one, "/spec/template/spec").clone();
        pod["containers"][0]["image"] = Value::Null;
        pod
    };
    assert_eq!(plain(stable), plain(canary));
    // No zone may keep the canary's pods for itself while there are any.
    let by_zone = service.pointer("/spec/trafficDistribution").is_some();
    assert_eq!(by_zone, place.canary == 0);
    place
}

/// Budget and policies select both; there is one budget, and it lets a drain go on.
pub(super) fn both_are_selected(all: &Objects, tracks: [&Value; 2]) {
    let labels = |one: &Value| at(one, "/spec/template/metadata/labels").clone();
    for one in tracks {
        for (name, object) in all {
            let selector = match name.split('/').next().unwrap() {
                "NetworkPolicy" => object.pointer("/spec/podSelector/matchLabels"),
                "PodDisruptionBudget" => object.pointer("/spec/selector/matchLabels"),
                _ => None,
            };
            assert!(
                selector.is_none_or(|one_of| selects(one_of, &labels(one))),
                "{name}"
            );
        }
        // A spread by revision is one by track.
        for spread in at(one, "/spec/template/spec/topologySpreadConstraints")
            .as_array()
            .unwrap()
        {
            assert_eq!(spread["matchLabelKeys"], json!(["pod-template-hash"]));
            assert!(selects(
                at(spread, "/labelSelector/matchLabels"),
                &labels(one)
            ));
        }
        assert_eq!(
            *at(one, "/spec/strategy/rollingUpdate/maxUnavailable"),
            json!(0)
        );
    }
    let budgets: Vec<_> = all
        .keys()
        .filter(|name| name.starts_with("PodDis"))
        .collect();
    assert_eq!(budgets, ["PodDisruptionBudget/checkout"]);
    assert_eq!(count(&all[budgets[0]], "/spec/maxUnavailable"), 1);
}

/// What a command changed, as one text.
pub(super) fn changes(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> String {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let text = |path: &String| {
        let side = |all: &BTreeMap<String, String>| all.get(path).cloned();
        unified(side(before).as_deref(), side(after).as_deref(), path, false)
    };
    paths.into_iter().map(text).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "blessing writes the repository's own walks"
)]
pub(super) fn golden(walk: &str, number: usize, command: &str, text: &str) {
    let verb = command.split(' ').find(|word| *word != "canary").unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/canary")
        .join(walk);
    let file = folder.join(format!("{number:02}-{verb}.diff"));
    let text = format!("$ prodgen {command}\n{text}");
    if std::env::var_os("PRODGEN_BLESS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&file, &text).unwrap();
    }
    let want = std::fs::read_to_string(&file).unwrap_or_default();
    snapbox::assert_data_eq!(text, want);
}

/// Walks through these commands: each with the pods that stable and canary have afterwards, at least
/// and exactly, and the share that is planned.
fn walk(name: &str, keys: &str, size: u64, way: &[(&str, u64, u64, u64)]) {
    let sandbox = service(keys);
    let first = objects(&sandbox);
    let (mut before, mut known) = (texts(&sandbox), sandbox.tree());
    let mut last = checked(&first, &first);
    let mut quota = None;
    for (index, (command, stable, canary, planned)) in way.iter().enumerate() {
        let ran = run(&sandbox, &format!("{command} -o json")).ends(0);
        assert_eq!(ran.outcome(), "written", "{command}");
        let (after, all) = (texts(&sandbox), objects(&sandbox));
        golden(name, index + 1, command, &changes(&before, &after));
        let place = checked(&all, &first);
        assert_eq!(
            (place.stable, place.canary),
            (*stable, *canary),
            "{command}"
        );
        // Whichever Deployment is faster, there are never fewer ready pods than at the start.
        let fewest = last.stable.min(place.stable);
        assert!(fewest + last.canary.min(place.canary) >= size, "{command}");
        let worst = last.canary.max(place.canary);
        assert!(worst * 100 <= planned * (fewest + worst), "{command}");
        assert_eq!(
            place.stable_is_new,
            index > 0 && command.ends_with("promote"),
            "{command}"
        );
        // One change of the quota, with the policy: an administrator is not needed again.
        let now = all["ResourceQuota/checkout"].clone();
        assert_eq!(*quota.get_or_insert(now.clone()), now);
        run(&sandbox, "render --check").ends(0);
        if index == 0 {
            known = sandbox.tree();
        }
        (before, last) = (after, place);
    }
    // Back where it began, or with the new version and nothing else.
    let old: BTreeMap<String, String> = known
        .into_iter()
        .filter(|(path, _)| before.contains_key(path))
        .map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()))
        .collect();
    if last.stable_is_new {
        let new = old.into_iter().map(|(path, text)| {
            let text = text.replace(OLD, NEW).replace("\"1.4.2\"", "\"1.5.0\"");
            (path, text)
        });
        assert_eq!(new.collect::<BTreeMap<_, _>>(), before);
    } else {
        assert_eq!(old, before);
    }
}

#[test]
fn to_the_end() {
    walk(
        "walk-promote",
        "",
        3,
        &[
            ("add canary", 3, 0, 0),
            (&format!("canary start {NEW}"), 3, 1, 34),
            ("canary step", 2, 2, 67),
            ("canary promote", 3, 2, 100),
            ("canary promote", 3, 0, 100),
        ],
    );
}

#[test]
fn and_back() {
    walk(
        "walk-abort",
        "",
        3,
        &[
            ("add canary", 3, 0, 0),
            (&format!("canary start {NEW}"), 3, 1, 34),
            ("canary step", 2, 2, 67),
            ("canary abort", 3, 2, 67),
            ("canary abort", 3, 0, 67),
        ],
    );
}

#[test]
fn of_a_fixed_number_of_pods() {
    walk(
        "walk-fixed",
        "replicas: 10\n",
        10,
        &[
            ("add canary --set canary.steps=[10,30,100]", 10, 0, 0),
            (&format!("canary start {NEW}"), 10, 1, 10),
            ("canary step", 9, 3, 30),
            ("canary step", 7, 10, 100),
            ("canary promote", 10, 10, 100),
            ("canary promote", 10, 0, 100),
        ],
    );
}
