//! `set`, `add` and `remove`: what is edited, what stays byte for byte, and what is refused.

mod maps;

use crate::sandbox::Sandbox;

pub(crate) const COMMENTED: &str = "\
# Ours.
apiVersion: prodgen.dev/v1alpha1
kind: App
name: checkout   # never changes
team: 'payments'

# What runs.
image: registry.example.com/payments/checkout:1.4.2  # CI moves this
port: 8080

callers:
  # the shop
  - storefront
# the end
";

fn commented() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", COMMENTED);
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox
}

#[test]
fn a_pipeline_moves_the_image() {
    let sandbox = commented();
    let image = "registry.example.com/payments/checkout:1.5.0";
    let ran = sandbox
        .run(&["set", &format!("image={image}"), "-o", "json"])
        .ends(0);
    assert_eq!(
        ran.files(),
        [
            "updated deploy/production/deployment-checkout.yaml",
            "updated prodgen.yaml"
        ]
    );
    assert_eq!(
        sandbox.read("prodgen.yaml"),
        COMMENTED.replace("checkout:1.4.2", "checkout:1.5.0")
    );
    assert!(
        sandbox
            .read("deploy/production/deployment-checkout.yaml")
            .contains(image)
    );
    sandbox.run(&["render", "--check"]).ends(0);
    // The same again is nothing.
    let tree = sandbox.tree();
    let again = sandbox
        .run(&["set", &format!("image={image}"), "-o", "json"])
        .ends(0);
    assert_eq!(again.outcome(), "unchanged");
    assert_eq!(sandbox.tree(), tree);
}

/// `expose` needs no answer; its short and long forms are edited in place, and it goes without a trace.
#[test]
fn a_service_of_another_name_leaves_the_one_from_before() {
    let sandbox = Sandbox::with_service();
    sandbox.run(&["set", "name=till"]).ends(0).says(&[
        "stays beside the new one; once nobody calls it, an administrator runs: kubectl -n checkout delete \
         deployment/checkout",
    ]);
    // With the namespace everything that others have in it would go.
    let ran = sandbox.run(&["set", "namespace={name: till, create: false}"]);
    assert!(!ran.ends(0).stderr.contains("namespace/"));
}

#[test]
fn users_are_let_in_and_shut_out() {
    let sandbox = commented();
    let before = sandbox.tree();
    sandbox
        .run(&["add", "expose"])
        .ends(0)
        .says(&["`expose` names no host", "below `/checkout`"]);
    assert!(sandbox.read("prodgen.yaml").contains("\nexpose: {}\n"));
    let route = "deploy/production/httproute-checkout.yaml";
    assert!(sandbox.read(route).contains("value: /checkout\n"));
    assert!(sandbox.has("deploy/production/networkpolicy-checkout-allow-gateway.yaml"));
    sandbox
        .run(&["set", "expose.hosts=[shop.example.com, www.example.com]"])
        .ends(0);
    assert!(
        sandbox
            .read(route)
            .contains("hostnames:\n    - shop.example.com\n    - www.example.com\n")
    );
    sandbox
        .run(&["set", "expose.gateway=edge/public", "expose.tls=shop-tls"])
        .ends(0);
    assert!(sandbox.has("deploy/production/listenerset-checkout.yaml"));
    sandbox.run(&["set", "expose=grpc://x.example.com"]).ends(2);
    let gateway = "expose.gateway={ingressClass: nginx, namespace: ingress-nginx}";
    sandbox.run(&["set", gateway]).ends(0);
    assert!(!sandbox.has(route) && sandbox.has("deploy/production/ingress-checkout.yaml"));
    sandbox.run(&["render", "--check"]).ends(0);
    sandbox.run(&["remove", "expose"]).ends(0).says(&[
        "users still reach it until an administrator runs: kubectl -n checkout delete \
         ingress/checkout networkpolicy/checkout-allow-gateway",
    ]);
    assert_eq!(sandbox.tree(), before);
    sandbox
        .run(&["add", "expose", "--expose", "shop.example.com"])
        .ends(0);
    assert!(
        sandbox
            .read("prodgen.yaml")
            .contains("\nexpose: shop.example.com\n")
    );
    // The short form becomes the long one where it must.
    sandbox.run(&["set", "expose.path=/shop"]).ends(0);
    let text = sandbox.read("prodgen.yaml");
    assert!(
        text.contains("hosts: [shop.example.com]") && text.contains("path: /shop"),
        "{text}"
    );
    let again = sandbox.run(&["add", "expose"]).ends(0);
    again.says(&["`expose` is there already"]);
    sandbox.run(&["remove", "expose"]).ends(0);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn several_keys_come_and_go_in_one_call() {
    let sandbox = commented();
    let before = sandbox.tree();
    sandbox
        .run(&["add", "needs", "access", "probes", "--need", "ledger:50051"])
        .ends(2)
        .says(&["`access` has no answer", "--set access"]);
    assert_eq!(sandbox.tree(), before);
    sandbox
        .call(&[
            "add",
            "needs",
            "access",
            "secrets",
            "--need",
            "ledger:50051",
        ])
        .env("PRODGEN_ACCESS", "{viewers: [shop]}")
        .env("PRODGEN_TEAM", "others")
        .stdin("")
        .run()
        .ends(2)
        .says(&["`secrets` has no answer", "PRODGEN_SECRETS"]);
    assert_eq!(sandbox.tree(), before);
    sandbox
        .call(&["add", "needs", "access", "--need", "ledger:50051"])
        .env("PRODGEN_ACCESS", "{viewers: [shop]}")
        .env("PRODGEN_TEAM", "others")
        .run()
        .ends(0);
    let text = sandbox.read("prodgen.yaml");
    let added = "\nneeds: [ledger:50051]\naccess:\n  viewers: [shop]\n";
    assert!(
        text.contains(added) && text.contains("team: 'payments'"),
        "{text}"
    );
    assert!(sandbox.has("deploy/production/rolebinding-checkout-viewers.yaml"));
    sandbox
        .run(&["add", "needs", "access"])
        .ends(0)
        .says(&["`needs` is there already", "`access` is there already"]);
    // What is in a list already is not added again, what is not is.
    sandbox
        .run(&[
            "add",
            "callers",
            "--caller",
            "storefront",
            "--caller",
            "batch",
        ])
        .ends(0);
    assert!(
        sandbox
            .read("prodgen.yaml")
            .contains("  # the shop\n  - storefront\n  - batch\nneeds:")
    );
    sandbox.run(&["set", "callers=[storefront]"]).ends(0);
    sandbox.run(&["remove", "access", "needs"]).ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), COMMENTED);
    assert_eq!(sandbox.tree(), before);
    sandbox
        .run(&["remove", "access"])
        .ends(0)
        .says(&["`access` is not in the spec"]);
}

#[test]
fn comments_that_go_are_named() {
    let sandbox = commented();
    let ran = sandbox
        .run(&["set", "callers=[batch]", "--dry-run"])
        .ends(0);
    ran.says(&["note: a comment of `prodgen.yaml` goes with what it stood beside: `# the shop`"]);
    // What only moves takes its comment along, and what stays keeps it.
    let ran = sandbox
        .run(&["set", "callers=[batch, storefront]", "-o", "json"])
        .ends(0);
    assert_eq!(ran.json()["problems"].as_array().unwrap().len(), 0);
    sandbox.run(&["set", "callers=[storefront, batch]"]).ends(0);
    let text = sandbox.read("prodgen.yaml");
    let want = "callers:\n  # the shop\n  - storefront\n  - batch\n# the end\n";
    assert!(text.ends_with(want), "{text}");
}

#[test]
fn a_plan_is_shown_and_not_carried_out() {
    let sandbox = commented();
    let before = sandbox.tree();
    let ran = sandbox.run(&["set", "port=9090", "--dry-run"]).ends(0);
    assert!(
        ran.stdout.contains("updated  prodgen.yaml"),
        "{}",
        ran.stdout
    );
    let ran = sandbox.run(&["set", "port=9090", "--diff"]).ends(0);
    assert!(
        ran.stdout.contains("-port: 8080\n+port: 9090\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn what_cannot_be_is_refused_and_nothing_is_written() {
    let sandbox = commented();
    let before = sandbox.tree();
    let table: &[(&[&str], i32, &[&str])] = &[
        (
            &["set", "port=99999"],
            2,
            &["set port", "`99999` is not a port"],
        ),
        (&["set", "prot=1"], 2, &["unknown key `prot`", "`port`"]),
        (&["set", "port"], 2, &["set: `port` has no `=`"]),
        (&["set", "=1"], 2, &["names no key"]),
        (&["set", "callers[0]=a"], 2, &["names an item of a list"]),
        (&["set", "waivers=[]"], 2, &["not in this version"]),
        (
            &["set", "canary.steps=[1, 0]"],
            2,
            &["set canary.steps", "`0` is no next step"],
        ),
        (&["set", "image=nginx"], 2, &["set image"]),
        (&["set"], 2, &["PATH=VALUE"]),
        (&["add", "waivers"], 2, &["not in this version"]),
        (
            &["add", "canary", "--set", "canary.engine=istio"],
            2,
            &["`istio`: not in this version", "write `replicas`"],
        ),
        (
            &["add", "nothing\u{1b}[31m"],
            2,
            &["there is no key `nothing[31m`"],
        ),
        (&["add", "replicas.max"], 2, &["name the key, `replicas`"]),
        (
            &["add", "port", "--port", "9090"],
            1,
            &["with another answer", "prodgen set port"],
        ),
        (
            &["add", "needs", "--team", "x", "--need", "a:1"],
            2,
            &["not among the keys to add"],
        ),
        (&["add", "needs", "--need", "a"], 2, &["--need"]),
        (
            &["add", "schedule", "--schedule", "@daily"],
            2,
            &["schedule"],
        ),
        (&["remove", "team"], 2, &["cannot be taken out"]),
        (&["remove", "calers"], 2, &["did you mean `callers`"]),
    ];
    for (arguments, code, words) in table {
        sandbox.run(arguments).ends(*code).says(words);
        assert_eq!(sandbox.tree(), before, "{arguments:?}");
    }
    let empty = Sandbox::new();
    for arguments in [
        &["set", "port=1"][..],
        &["add", "needs"],
        &["remove", "needs"],
    ] {
        empty
            .run(arguments)
            .ends(2)
            .says(&["there is no `prodgen.yaml`"]);
    }
}

#[test]
fn what_depends_on_a_key_is_named() {
    let sandbox = Sandbox::new();
    let spec = COMMENTED.replace("port: 8080\n", "type: cronjob\nschedule: \"17 3 * * *\"\n");
    let spec = spec.replace("callers:\n  # the shop\n  - storefront\n", "");
    sandbox.put("prodgen.yaml", &spec);
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox
        .run(&["remove", "type"])
        .ends(2)
        .says(&["without `type` the spec does not hold", "`schedule`"]);
    assert_eq!(sandbox.read("prodgen.yaml"), spec);
}

#[test]
fn an_anchor_is_left_to_its_owner() {
    let sandbox = Sandbox::new();
    let spec = COMMENTED.replace(
        "port: 8080\n",
        "port: 8080\nlabels: &same { a.b/c: d }\nannotations: *same\n",
    );
    sandbox.put("prodgen.yaml", &spec);
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox
        .run(&["set", "annotations[\"a.b/e\"]=f"])
        .ends(2)
        .says(&["an anchor", "by hand", "prodgen.yaml:11:14"]);
    assert_eq!(sandbox.read("prodgen.yaml"), spec);
    sandbox.run(&["set", "port=9090"]).ends(0);
    assert_eq!(
        sandbox.read("prodgen.yaml"),
        spec.replace("port: 8080", "port: 9090")
    );
}

#[test]
fn a_spec_that_does_not_hold_is_mended_by_set() {
    let sandbox = Sandbox::new();
    let broken = COMMENTED.replace("port: 8080", "port: 808080");
    sandbox.put("prodgen.yaml", broken);
    sandbox.run(&["set", "port=8080"]).ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), COMMENTED);
}

#[test]
fn an_autoscaler_begins_at_the_number_that_was_there() {
    let sandbox = Sandbox::new();
    let spec = |replicas: &str| COMMENTED.replace("port: 8080", &format!("replicas: {replicas}"));
    sandbox.put("prodgen.yaml", spec("5"));
    sandbox.run(&["set", "replicas.max=8"]).ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), spec("{ min: 5, max: 8 }"));
    sandbox.put("prodgen.yaml", spec("5"));
    sandbox
        .run(&["set", "replicas.min=2", "replicas.max=4"])
        .ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), spec("{ min: 2, max: 4 }"));
    sandbox.put("prodgen.yaml", spec("5"));
    sandbox
        .run(&["set", "replicas.max=4"])
        .ends(2)
        .says(&["set replicas.max: `min: 5` is more than `max: 4`"]);
    assert_eq!(sandbox.read("prodgen.yaml"), spec("5"));
}

#[test]
fn what_is_no_file_is_not_taken_for_nothing() {
    let sandbox = Sandbox::new();
    std::fs::create_dir(sandbox.path("prodgen.yaml")).unwrap();
    for arguments in [&["render"][..], &["set", "port=1"], &["diff"]] {
        sandbox
            .run(arguments)
            .ends(2)
            .says(&["`prodgen.yaml` is a folder"]);
    }
}
