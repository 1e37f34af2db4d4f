//! Pods that change hands between a Deployment and a Rollout: in no other way than through a while in which
//! both have them, and with never fewer, at every size.

use prodgen::component::{Owner, pods};
use prodgen::spec::canary::{Holder, TakeoverSpec};
use prodgen::spec::{App, NoFiles, Replicas};

use super::argo::{ADD, SCALED};
use super::walk::count;
use super::{NEW, objects, run, service};
use crate::sandbox::Sandbox;
use crate::support::{BASICS, HEADER, settle};

#[test]
fn pods_change_hands_in_no_other_way() {
    let refused = |sandbox: &Sandbox, line: &str, words: &[&str]| {
        let before = sandbox.tree();
        run(sandbox, line).ends(1).says(words);
        assert!(sandbox.tree() == before, "{line}");
    };
    // By hand, in one step.
    let sandbox = service("");
    let written = sandbox.read("prodgen.yaml");
    sandbox.put(
        "prodgen.yaml",
        format!("{written}canary: {{ engine: argo }}\n"),
    );
    let lost = "the Deployment would lose its pods before the Rollout has any";
    refused(
        &sandbox,
        "render -w",
        &[lost, "prodgen add canary --engine argo"],
    );
    let sandbox = service("");
    refused(&sandbox, "set canary.engine=argo", &[lost]);
    let sandbox = service("canary: {}\n");
    refused(
        &sandbox,
        "set canary.engine=argo",
        &[lost, "prodgen remove canary"],
    );
    let sandbox = service("canary: { engine: argo }\n");
    let gone = "the Rollout would be gone before the Deployment has its pods back";
    refused(
        &sandbox,
        "set canary.engine=replicas",
        &[gone, "prodgen remove canary"],
    );
    let written = sandbox.read("prodgen.yaml");
    sandbox.put(
        "prodgen.yaml",
        written.replace("canary: { engine: argo }\n", ""),
    );
    refused(&sandbox, "render -w", &[gone]);

    // In the middle nothing else moves.
    let sandbox = service(SCALED);
    refused(
        &sandbox,
        &format!("{ADD} --size 21"),
        &["`--size 21`", "from 3 to 20"],
    );
    refused(
        &sandbox,
        "add canary --size 5",
        &["`--size`", "leave it out"],
    );
    refused(
        &sandbox,
        "add canary --set canary.takeover.size=5",
        &["not for adding", "`--size`"],
    );
    run(&sandbox, &format!("{ADD} --size 10")).ends(0);
    let start = format!("canary start {NEW}");
    refused(
        &sandbox,
        &start,
        &["are changing hands", "prodgen canary step"],
    );
    refused(&sandbox, "canary promote", &["no canary is under way"]);
    refused(
        &sandbox,
        "set canary.takeover.size=3",
        &["not for setting", "canary status"],
    );
    refused(
        &sandbox,
        "remove canary callers",
        &["two steps", "take it out alone"],
    );
    refused(&sandbox, "remove canary --size 2", &["`--size 2`"]);
    // As many as there can be come back, unless somebody says how many there are. Said twice is once.
    run(&sandbox, "remove canary canary").ends(0);
    let min = |sandbox: &Sandbox| {
        count(
            &objects(sandbox)["HorizontalPodAutoscaler/checkout"],
            "/spec/minReplicas",
        )
    };
    assert_eq!(min(&sandbox), 20);
    refused(
        &sandbox,
        "canary step",
        &["taking the pods back", "prodgen remove canary"],
    );
    refused(&sandbox, &start, &["are changing hands"]);
    run(&sandbox, "undo").ends(0);
    run(&sandbox, "canary step").ends(0);
    run(&sandbox, "remove canary --size 12").ends(0);
    assert_eq!(min(&sandbox), 12);
}

/// The pods that the Deployment and the Rollout have, as many as the cluster has made of the trees so far.
#[derive(Clone, Copy)]
struct Live {
    deployment: u32,
    rollout: u32,
}

/// What a tree makes of the pods that are there, once everything in it has been taken in.
fn taken(app: &App, live: Live) -> Live {
    let pods = pods(app);
    let bounds = |count: u32, owner: Owner| match pods.replicas {
        Replicas::Auto { min, max, .. } if pods.scaled == owner => count.clamp(min, max),
        Replicas::Auto { .. } | Replicas::Fixed(_) => count,
    };
    // A count that an apply takes away is one, until the autoscaler comes.
    let deployment = match pods.count {
        Some(count) => count,
        None => bounds(live.deployment.max(1), Owner::Deployment),
    };
    let rollout = match (pods.owner, app.replicas) {
        (Owner::Deployment, _) => 0,
        (_, Replicas::Fixed(count)) => count,
        (_, Replicas::Auto { .. }) => bounds(live.rollout.max(1), Owner::Rollout),
    };
    Live {
        deployment,
        rollout,
    }
}

#[test]
fn at_every_size_there_are_never_fewer() {
    let text = format!("{HEADER}{BASICS}canary: {{ engine: argo }}\n");
    let mut app = settle(&text, &NoFiles).unwrap();
    let mut states = 0;
    for size in 1..=200_u32 {
        for replicas in [
            Replicas::Fixed(size),
            Replicas::Auto {
                min: size.div_ceil(3),
                max: size * 2,
                cpu: 70,
            },
            Replicas::Auto {
                min: size,
                max: size,
                cpu: 70,
            },
        ] {
            app.replicas = replicas;
            let policy = app.canary.clone();
            let held = |to| Some(TakeoverSpec { size, to });
            // There, to rest, and back; the last is the service without a canary.
            let way = [held(Holder::Rollout), None, held(Holder::Deployment)];
            let mut live = Live {
                deployment: size,
                rollout: 0,
            };
            for place in way.map(Some).into_iter().chain([None]) {
                app.canary = place.map(|takeover| {
                    let mut canary = policy.clone().unwrap();
                    canary.takeover = takeover;
                    canary
                });
                let next = taken(&app, live);
                // However the two overtake each other, what both had and have is there.
                let fewest = live.deployment.min(next.deployment) + live.rollout.min(next.rollout);
                assert!(fewest >= size, "{size} {replicas:?} {place:?}");
                // The command that is to be waited for ends.
                let ready = match place.flatten().map(|takeover| takeover.to) {
                    Some(Holder::Rollout) | None if place.is_some() => next.rollout,
                    _ => next.deployment,
                };
                assert!(ready >= size, "{size} {replicas:?} {place:?}");
                live = next;
                states += 1;
            }
            app.canary = policy;
        }
    }
    assert_eq!(states, 200 * 3 * 4);
}
