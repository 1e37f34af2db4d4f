//! Edits by hand of a route that shares requests out: what would make another share of a step than the
//! planned one, and what has no part in it.

use super::{NEW, run, service};
use crate::sandbox::Sandbox;

/// The key of a spec with a route.
const EXPOSE: &str = "expose: checkout.example.com\n";
const ROUTE: &str = "deploy/production/httproute-checkout.yaml";

/// A service at a step of `[5, 25, 50]`, with what a person adds to its route; -1 is at rest.
fn edited(step: i32, keys: &str, route: &str, from: &str, to: &str) -> Sandbox {
    let sandbox = service(keys);
    run(&sandbox, "add canary --engine gateway").ends(0);
    if step >= 0 {
        run(&sandbox, &format!("canary start {NEW}")).ends(0);
    }
    for _ in 0..step {
        run(&sandbox, "canary step").ends(0);
    }
    edit(&sandbox, route, from, to);
    sandbox
}

fn edit(sandbox: &Sandbox, route: &str, from: &str, to: &str) {
    let text = sandbox.read(route);
    assert!(text.contains(from), "{from} in\n{text}");
    sandbox.put(route, text.replacen(from, to, 1));
}

#[test]
fn a_weight_that_a_person_keeps_is_no_step() {
    let sandbox = service(EXPOSE);
    run(&sandbox, "add canary --engine gateway").ends(0);
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    let text = sandbox.read(ROUTE);
    sandbox.put(ROUTE, text.replace("weight: 0", "weight: 10"));
    let before = sandbox.tree();
    run(&sandbox, "canary step")
        .ends(1)
        .says(&["yours is `10`"]);
    let kept = run(&sandbox, "canary step --accept ours").ends(1);
    kept.says(&["weight: 10`, edited by hand, and the render makes it `5`"]);
    assert_eq!(sandbox.tree(), before);
    // What a step does not move stays the person's.
    let timeouts = "      timeouts: {request: 10s}\n      backendRefs:";
    sandbox.put(ROUTE, text.replace("      backendRefs:", timeouts));
    run(&sandbox, "canary step").ends(0);
    assert!(sandbox.read(ROUTE).contains("timeouts: {request: 10s}"));
}

/// A third Service, in any rule of either kind of route, with a weight that is named or not.
#[test]
fn a_service_that_takes_a_part_of_the_share_is_refused() {
    let grpc = format!("preset: grpc\n{EXPOSE}");
    let grpc_route = "deploy/production/grpcroute-checkout.yaml";
    let end = "        - name: checkout-canary\n          port: 80\n          weight: ";
    let table = [
        (-1, EXPOSE, ROUTE, end, "weight: 100"),
        (0, EXPOSE, ROUTE, end, "port: 80"),
        (1, EXPOSE, ROUTE, end, "weight: 1"),
        (
            2,
            &grpc,
            grpc_route,
            &end.replace("80", "50051"),
            "weight: 7",
        ),
    ];
    for (step, keys, route, end, weight) in table {
        let own = format!("        - name: legacy\n          {weight}\n{end}");
        let sandbox = edited(step, keys, route, end, &own);
        let before = sandbox.tree();
        let verb = if step < 0 {
            format!("canary start {NEW}")
        } else {
            "canary step".to_owned()
        };
        for more in ["", " --dry-run", " --accept ours"] {
            let ran = run(&sandbox, &format!("{verb}{more}")).ends(1);
            ran.says(&[
                route,
                "backendRefs[name=legacy]`, added by hand",
                "has the share that is planned",
                "`weight: 0`",
                "Nothing was written",
            ]);
            assert_eq!(sandbox.tree(), before);
        }
        // Whose requests are none takes none.
        edit(&sandbox, route, &own, &own.replacen(weight, "weight: 0", 1));
        let ran = run(&sandbox, &verb).ends(0);
        assert!(!ran.stderr.contains("added by hand"), "{}", ran.stderr);
        assert!(sandbox.read(route).contains("name: legacy"));
    }
}

/// Testers are to meet the new version and nothing else.
#[test]
fn a_service_beside_the_testers_is_refused() {
    let sandbox = service(EXPOSE);
    run(
        &sandbox,
        "add canary --engine gateway --set canary.testers={header:~x-canary}",
    )
    .ends(0);
    run(&sandbox, &format!("canary start {NEW}")).ends(0);
    run(&sandbox, "canary step").ends(0);
    let canary = "        - name: checkout-canary\n";
    edit(
        &sandbox,
        ROUTE,
        canary,
        &format!("        - name: checkout\n          port: 80\n{canary}"),
    );
    run(&sandbox, "canary step")
        .ends(1)
        .says(&[ROUTE, "backendRefs[name=checkout]`, added by hand"]);
}

/// Nobody is kept from the way back, nor from the end.
#[test]
fn once_it_is_decided_a_further_service_is_only_told() {
    let canary = "        - name: checkout-canary\n";
    let own = format!("        - name: legacy\n          port: 80\n{canary}");
    let said = "backendRefs[name=legacy]`, added by hand";
    for (step, way) in [
        (1, ["abort", "abort", ""]),
        (3, ["promote", "promote", "promote"]),
    ] {
        let sandbox = edited(step, EXPOSE, ROUTE, canary, &own);
        for (index, verb) in way.iter().filter(|verb| !verb.is_empty()).enumerate() {
            let ran = run(&sandbox, &format!("canary {verb}")).ends(0);
            let is_over = way.get(index + 1).is_none_or(|verb| verb.is_empty());
            assert_eq!(ran.stderr.contains(said), !is_over, "{}", ran.stderr);
        }
        assert!(sandbox.read(ROUTE).contains("name: legacy"));
    }
    // Where pods are the share, a route moves nothing.
    let sandbox = service(EXPOSE);
    run(&sandbox, "add canary").ends(0);
    let end = "        - name: checkout\n";
    edit(
        &sandbox,
        ROUTE,
        end,
        &format!("        - name: legacy\n          port: 80\n{end}"),
    );
    let ran = run(&sandbox, &format!("canary start {NEW}")).ends(0);
    assert!(!ran.stderr.contains("added by hand"), "{}", ran.stderr);
}

/// What is a person's own stays, and is said: a rule, and filters that lead requests past the weights.
#[test]
fn what_has_no_part_in_the_share_is_told() {
    let rule = "  rules:\n    - matches:\n        - path:\n            type: Exact\n            value: /pay\n      \
                backendRefs:\n        - name: checkout\n          port: 80\n";
    let filter = |text: &str| format!("      filters:\n        - {text}\n      backendRefs:\n");
    let mirror = "{ type: RequestMirror, requestMirror: { backendRef: { name: checkout-canary, port: 80 } } }";
    let away = "{ type: RequestRedirect, requestRedirect: { hostname: b.example.com } }";
    let header = "{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: a, value: b }] } }";
    let table: &[(&str, String, Option<[&str; 2]>)] = &[
        (
            "  rules:\n",
            rule.to_owned(),
            Some([
                "a rule of its own, `spec.rules[matches=Exact /pay]`",
                "whatever the step",
            ]),
        ),
        (
            "      backendRefs:\n",
            filter(mirror),
            Some([
                "`type: RequestMirror` in `spec.rules[",
                "whatever the weights are",
            ]),
        ),
        (
            "      backendRefs:\n",
            filter(away),
            Some([
                "`type: RequestRedirect` in `spec.rules[",
                "no weight shares them out",
            ]),
        ),
        ("      backendRefs:\n", filter(header), None),
    ];
    for (from, to, said) in table {
        let sandbox = edited(1, EXPOSE, ROUTE, from, to);
        let ran = run(&sandbox, "canary step").ends(0);
        match said {
            Some(words) => {
                ran.says(&["note", ROUTE, "added by hand"]).says(words);
            }
            None => assert!(!ran.stderr.contains("added by hand"), "{}", ran.stderr),
        }
        assert!(sandbox.read(ROUTE).contains(to));
    }
}
