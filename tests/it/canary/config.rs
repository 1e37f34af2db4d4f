//! Configuration around a rollout: what its `ConfigMap` is called with the key and without, and which of
//! its changes are a new version.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::Value;

use super::version::{ENGINES, configured, maps, moved_by, reads};
use super::walk::{Objects, at, changes, golden};
use super::{NEW, OLD, objects, run, service, texts};
use crate::support::{Folder, settle};

/// The objects of a service whose folders `conf` and `conf-2` hold these files, by `Kind/name`.
fn rendered(keys: &str, folders: &[&Sources; 2]) -> Objects {
    let folder = tempfile::tempdir().unwrap();
    for (name, files) in ["conf", "conf-2"].iter().zip(folders) {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        for (file, text) in *files {
            let path = folder.path().join(name).join(file);
            std::fs::File::create(path)
                .and_then(|mut to| to.write_all(text.as_bytes()))
                .unwrap();
        }
    }
    let text = super::SPEC.replace("\ncallers", &format!("{keys}\ncallers"));
    let app = settle(&text, &Folder(folder.path())).unwrap();
    let files = prodgen::render::one(&app).unwrap().files("x").unwrap();
    let all = files.values().map(|text| {
        let object: Value = serde_yaml::from_str(text).unwrap();
        let word = |place: &str| at(&object, place).as_str().unwrap();
        let name = format!("{}/{}", word("/kind"), word("/metadata/name"));
        (name, object)
    });
    all.collect()
}

/// The files of a folder.
type Sources = BTreeMap<&'static str, &'static str>;

/// What the pods of a Deployment are made from, and the files that they read.
fn template(all: &Objects, name: &str) -> (Value, Value) {
    let template = at(&all[&format!("Deployment/{name}")], "/spec/template");
    let volumes = at(template, "/spec/volumes").as_array().unwrap();
    let volume = volumes.iter().find(|one| one["name"] == "config").unwrap();
    let map = at(volume, "/configMap/name").as_str().unwrap();
    let data = all[&format!("ConfigMap/{map}")]["data"].clone();
    (template.clone(), data)
}

/// Every pair of small sets of files, at every place of a rollout of every engine.
#[test]
fn whatever_the_files_are_each_version_reads_its_own() {
    let texts = [None, Some("x\n"), Some("y")];
    let sets: Vec<Sources> = texts
        .iter()
        .flat_map(|one| texts.map(|other| [("a", *one), ("ab", other)]))
        .map(|pair| {
            pair.into_iter()
                .filter_map(|(name, text)| Some((name, text?)))
        })
        .map(Iterator::collect)
        .filter(|set: &Sources| !set.is_empty())
        .collect();
    let way = |first: u32, counts: &'static str, ends: &'static [&'static str]| {
        let steps = (first..=2).map(move |step| format!("step: {step}, size: 3{counts}"));
        let ends = ends
            .iter()
            .map(move |end| format!("step: 2, size: 3{counts}, end: {end}"));
        steps.chain(ends).collect::<Vec<_>>()
    };
    let engines = [
        ("replicas", way(1, ", pods: [1, 2]", &["promote", "abort"])),
        (
            "gateway",
            way(
                0,
                ", pods: [1, 2], weights: [34, 67]",
                &["promote", "promoted", "abort"],
            ),
        ),
        (
            "argo",
            ["", ", end: promote", ", end: abort"]
                .map(|end| format!("step: 0, size: 3{end}"))
                .into(),
        ),
    ];
    let (mut names, mut places) = (BTreeMap::new(), 0);
    for (old, new) in sets
        .iter()
        .flat_map(|old| sets.iter().map(move |new| (old, new)))
    {
        for (engine, ways) in &engines {
            let spec = |config: &str, run: &str| {
                let keys = format!(
                    "config: {config}\nexpose: x.example.com\ncanary: {{ engine: {engine}, steps: [34, 67]{run} }}\n"
                );
                rendered(&keys, &[old, new])
            };
            let [before, after] =
                ["conf", "conf-2"].map(|config| template(&spec(config, ""), "checkout"));
            for place in ways {
                let all = spec(
                    "conf",
                    &format!(", run: {{ image: {OLD}, config: conf-2, {place} }}"),
                );
                // A name is of one set of files, everywhere.
                for (name, map) in all
                    .iter()
                    .filter(|(name, _)| name.starts_with("ConfigMap/"))
                {
                    assert_eq!(
                        *names.entry(name.clone()).or_insert(map["data"].clone()),
                        map["data"]
                    );
                }
                let stable = template(&all, "checkout");
                let is_new = match *engine {
                    "argo" => !place.contains("abort"),
                    _ => place.contains("promote"),
                };
                assert_eq!(
                    stable,
                    if is_new { &after } else { &before }.clone(),
                    "{place}"
                );
                if *engine != "argo" {
                    assert_eq!(template(&all, "checkout-canary").1, after.1);
                }
                places += 1;
            }
        }
    }
    assert_eq!((sets.len(), names.len(), places), (8, 8, 64 * (4 + 6 + 3)));
}

/// A walk from a service that is live without a canary, and back to it.
fn walked(name: &str, commands: &[&str]) {
    let sandbox = configured("");
    let first = sandbox.tree();
    let mut before = texts(&sandbox);
    for (index, command) in commands.iter().enumerate() {
        run(&sandbox, command).ends(0);
        let after = texts(&sandbox);
        golden(name, index + 1, command, &changes(&before, &after));
        before = after;
    }
    if !commands.iter().any(|command| command.contains("promote")) {
        assert_eq!(sandbox.tree(), first);
    }
}

#[test]
fn to_the_end() {
    let start = format!("canary start {NEW} --config conf-2");
    walked(
        "version-promote",
        &[
            "add canary",
            &start,
            "canary step",
            "canary promote",
            "canary promote",
        ],
    );
}

#[test]
fn and_back() {
    let start = format!("canary start {OLD} --config conf-2");
    walked(
        "version-abort",
        &[
            "add canary",
            &start,
            "canary step",
            "canary abort",
            "canary abort",
            "remove canary",
        ],
    );
}

#[test]
fn to_the_end_by_a_controller() {
    let start = format!("canary start {NEW} --config conf-2");
    walked(
        "version-argo",
        &[
            "add canary --engine argo",
            "canary step",
            &start,
            "canary promote",
            "canary promote",
        ],
    );
}

#[test]
fn what_everybody_has_is_no_new_version() {
    for engine in ENGINES {
        let sandbox = moved_by(engine);
        sandbox.put("conf-3/app.conf", "mode = old\n");
        let before = sandbox.tree();
        for more in ["", " --config conf", " --config conf-3", " --secret db=db"] {
            run(&sandbox, &format!("canary start {OLD}{more}"))
                .ends(1)
                .says(&["is what stable runs already", "`--config` or `--secret`"]);
            assert_eq!(sandbox.tree(), before, "{engine}{more}");
        }
        // A new one with the files in use has no other ConfigMap.
        run(&sandbox, &format!("canary start {NEW} --config conf-3")).ends(0);
        assert_eq!(maps(&objects(&sandbox)).len(), 1);
    }
}

#[test]
fn the_key_gives_the_configuration_another_name_and_back() {
    for (add, remove) in [
        ("add canary", &["remove canary"][..]),
        (
            "add canary --engine argo",
            &["remove canary", "remove canary"],
        ),
    ] {
        let sandbox = configured("");
        let before = sandbox.tree();
        let all = objects(&sandbox);
        let map = &all["ConfigMap/checkout"];
        assert!(map.get("immutable").is_none());
        let annotations = "/spec/template/metadata/annotations/checksum~1config";
        assert!(all["Deployment/checkout"].pointer(annotations).is_some());
        run(&sandbox, add).ends(0).says(&[
            "the pods that read it restart once, a few at a time",
            "once no pod of before is left: kubectl -n checkout delete configmap/checkout\n",
        ]);
        let all = objects(&sandbox);
        assert!(all["Deployment/checkout"].pointer(annotations).is_none());
        let name = maps(&all).into_keys().next().unwrap();
        for command in remove {
            let ran = run(&sandbox, command).ends(0);
            let is_last = sandbox.tree() == before;
            assert_eq!(
                ran.stderr.contains("restart once"),
                is_last,
                "{}",
                ran.stderr
            );
            assert_eq!(ran.stderr.contains(&format!("configmap/{name}")), is_last);
        }
        assert_eq!(sandbox.tree(), before, "{add}");
    }
}

#[test]
fn its_configuration_is_watched_like_the_other() {
    let sandbox = moved_by("replicas");
    run(&sandbox, &format!("canary start {NEW} --config conf-2")).ends(0);
    let stable = sandbox.read("deploy/production/deployment-checkout.yaml");
    sandbox.put("conf-2/app.conf", "mode = newer\n");
    run(&sandbox, "render --check").ends(1);
    run(&sandbox, "canary step")
        .ends(1)
        .says(&["its configuration was edited since the last render"]);
    run(&sandbox, "render -w --bypass-canary")
        .ends(0)
        .says(&["the pods that read it restart once"]);
    assert_eq!(
        reads(&objects(&sandbox), "checkout-canary").text,
        "mode = newer"
    );
    assert_eq!(
        sandbox.read("deploy/production/deployment-checkout.yaml"),
        stable
    );
    run(&sandbox, "canary step").ends(0);
}

#[test]
fn a_name_that_a_hand_has_written_is_no_step() {
    let sandbox = moved_by("replicas");
    run(&sandbox, &format!("canary start {NEW} --config conf-2")).ends(0);
    let path = "deploy/production/deployment-checkout-canary.yaml";
    let new = reads(&objects(&sandbox), "checkout-canary").map;
    sandbox.put(path, sandbox.read(path).replace(&new, "by-hand"));
    let before = sandbox.tree();
    run(&sandbox, "canary step").ends(1).says(&[
        "name: by-hand`, edited by hand",
        &format!("the render makes it `{new}`"),
    ]);
    assert_eq!(sandbox.tree(), before);
}

#[test]
fn what_is_not_there_cannot_be_another_one() {
    let sandbox = moved_by("replicas");
    std::fs::create_dir(sandbox.path("empty")).unwrap();
    let before = sandbox.tree();
    let start = format!("canary start {NEW}");
    let table = [
        (
            "--config gone",
            2,
            "error: --config: there is no folder `gone`",
        ),
        ("--config empty", 2, "error: --config: `empty` has no files"),
        ("--config ../out", 2, "--config: "),
        ("--secret cache=b", 1, "`secrets` has none of that name"),
        ("--secret db", 2, "is no NAME=SECRET"),
        ("--secret db=A", 2, "--secret: "),
    ];
    for (more, code, words) in table {
        run(&sandbox, &format!("{start} {more}"))
            .ends(code)
            .says(&[words]);
        assert_eq!(sandbox.tree(), before, "{more}");
    }
    let plain = service("canary: {}\n");
    run(&plain, &format!("{start} --config conf"))
        .ends(1)
        .says(&["this service has no `config`"]);
    // Of files that are gone in mid-run it is said whose they are.
    run(&sandbox, &format!("{start} --config conf-2")).ends(0);
    std::fs::remove_dir_all(sandbox.path("conf-2")).unwrap();
    run(&sandbox, "canary abort").ends(2).says(&[
        "there is no folder `conf-2`",
        "prodgen.yaml:",
        "bring them back, from version control: a version under way reads them",
    ]);
}

#[test]
fn a_controller_begins_with_nothing_that_no_verb_has_begun() {
    let sandbox = moved_by("argo");
    let before = sandbox.tree();
    for line in [
        "set env={MODE:~fast}",
        "set resources.cpu=200m",
        "add env --set env={MODE:~fast}",
        "remove secrets",
    ] {
        run(&sandbox, line).ends(1).says(&[
            "the controller takes another pod template for a new version",
            "`deployment-checkout.yaml`",
            "add `--bypass-canary`",
        ]);
        assert_eq!(sandbox.tree(), before, "{line}");
    }
    // What is no pod's is nobody's rollout.
    run(&sandbox, "set canary.steps=[50]").ends(0);
    run(&sandbox, "undo").ends(0);
    run(&sandbox, "set env={MODE:~fast} --bypass-canary").ends(0);
    run(&sandbox, "undo").ends(0);

    // Edited files neither, with a word on how they go out.
    sandbox.put("conf/app.conf", "mode = other\n");
    let edited = sandbox.tree();
    for line in ["render -w", "render --dry-run", "set config=conf-2"] {
        run(&sandbox, line).ends(1).says(&[
            "prodgen canary start IMAGE --config FOLDER",
            "`--bypass-canary`",
        ]);
        assert_eq!(sandbox.tree(), edited, "{line}");
    }
    run(&sandbox, "render -w --bypass-canary").ends(0);
    assert_eq!(reads(&objects(&sandbox), "checkout").text, "mode = other");
    // And nothing joins a version that is on its way.
    run(&sandbox, &format!("canary start {OLD} --config conf-2")).ends(0);
    run(&sandbox, "set env={MODE:~fast}")
        .ends(1)
        .says(&["--bypass-canary"]);
    // Where pods are the Deployment's, a change of the configuration is an ordinary one.
    let plain = moved_by("replicas");
    plain.put("conf/app.conf", "mode = other\n");
    run(&plain, "render -w")
        .ends(0)
        .says(&["restart once", "delete configmap/checkout-"]);
}

#[test]
fn what_goes_along_with_a_version_is_in_the_one_template() {
    let sandbox = service("secrets: [db]\ncanary: { engine: argo }\n");
    run(&sandbox, &format!("canary start {NEW} --secret db=db-2")).ends(0);
    let begun = objects(&sandbox);
    let template = at(&begun["Deployment/checkout"], "/spec/template");
    assert!(template.to_string().contains("\"db-2\""));
    // When it is promoted, the controller has nothing more to put out.
    run(&sandbox, "canary promote").ends(0);
    let all = objects(&sandbox);
    for (name, object) in &all {
        assert!(
            *object == begun[name] || name == "Service/checkout",
            "{name}"
        );
    }
    assert_eq!(all.len(), begun.len());
}
