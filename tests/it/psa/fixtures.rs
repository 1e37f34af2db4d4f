//! The proof of the evaluator: a handful of pods, and the published fixtures.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::*;

fn good() -> Value {
    json!({
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": 65532,
            "seccompProfile": { "type": "RuntimeDefault" },
        },
        "containers": [{
            "name": "app",
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "capabilities": { "drop": ["ALL"] },
            },
        }],
    })
}

/// A good pod with one value changed, and the checks that must see it.
#[test]
fn a_handful_of_pods() {
    assert_eq!(restricted(&good(), 37), [""; 0]);
    let table = [
        ("/hostNetwork", json!(true), 37, vec!["hostNamespaces"]),
        (
            "/securityContext/runAsNonRoot",
            json!(null),
            37,
            vec!["runAsNonRoot"],
        ),
        (
            "/securityContext/runAsUser",
            json!(0),
            37,
            vec!["runAsUser"],
        ),
        ("/securityContext/runAsUser", json!(0), 22, vec![]),
        (
            "/containers/0/securityContext/capabilities",
            json!({}),
            37,
            vec!["capabilities_restricted"],
        ),
        (
            "/containers/0/securityContext/capabilities/add",
            json!(["SYS_ADMIN"]),
            37,
            vec!["capabilities_baseline", "capabilities_restricted"],
        ),
        (
            "/containers/0/livenessProbe",
            json!({ "httpGet": { "host": "x" } }),
            37,
            vec!["hostProbesAndHostLifecycle"],
        ),
        (
            "/containers/0/livenessProbe",
            json!({ "httpGet": { "host": "x" } }),
            33,
            vec![],
        ),
        (
            "/volumes",
            json!([{ "name": "a", "hostPath": {} }]),
            37,
            vec!["hostPathVolumes", "restrictedVolumes"],
        ),
        (
            "/securityContext/seccompProfile/type",
            json!("Unconfined"),
            37,
            vec!["seccompProfile_baseline", "seccompProfile_restricted"],
        ),
        (
            "/initContainers",
            json!([{ "name": "init" }]),
            37,
            vec!["allowPrivilegeEscalation", "capabilities_restricted"],
        ),
    ];
    for (pointer, value, minor, expected) in table {
        let mut pod = good();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        pod.pointer_mut(parent).unwrap()[key] = value;
        assert_eq!(restricted(&pod, minor), expected, "{pointer} at v1.{minor}");
    }
}

#[test]
fn every_published_fixture() {
    let Some(corpora) = std::env::var_os("PRODGEN_CORPORA") else {
        println!("PRODGEN_CORPORA was not given: the published fixtures were not tried");
        return;
    };
    let mut wrong = Vec::new();
    let mut count = 0;
    for (name, level) in [
        ("baseline", Level::Baseline),
        ("restricted", Level::Restricted),
    ] {
        for policy in entries(&Path::new(&corpora).join("psa").join(name)) {
            let minor = file_name(&policy)
                .strip_prefix("v1.")
                .unwrap()
                .parse()
                .unwrap();
            for verdict in entries(&policy) {
                for file in entries(&verdict) {
                    count += 1;
                    wrong.extend(misjudged(&file, level, minor));
                }
            }
        }
    }
    println!("{count} fixtures");
    assert!(count > 4000, "only {count} fixtures");
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Checks that a fixture may fail beside the one that it is named after.
const COMPANIONS: [(&str, &str); 9] = [
    ("allowprivilegeescalation", "capabilities_restricted"),
    ("capabilities_baseline", "capabilities_restricted"),
    ("hostpathvolumes", "restrictedVolumes"),
    ("privileged", "allowPrivilegeEscalation"),
    ("procmount", "procMount_restricted"),
    ("restrictedvolumes", "hostPathVolumes"),
    ("seccompprofile_baseline", "seccompProfile_restricted"),
    ("seccompprofile_restricted", "seccompProfile_baseline"),
    ("windowshostprocess", "hostNamespaces"),
];

/// What the evaluator got wrong about one fixture; its path is its label.
fn misjudged(file: &Path, level: Level, minor: u32) -> Option<String> {
    let pod: Value = serde_yaml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let annotations = pod
        .pointer("/metadata/annotations")
        .and_then(Value::as_object);
    let found = violations(annotations, &pod["spec"], level, minor);
    let right = if file.parent().is_some_and(|folder| folder.ends_with("pass")) {
        found.is_empty()
    } else {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let expected = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let own = |id: &str| id.to_lowercase() == expected;
        found.iter().any(|id| own(id))
            && found
                .iter()
                .all(|id| own(id) || COMPANIONS.contains(&(expected, id.as_str())))
    };
    (!right).then(|| format!("{}: {found:?}", file.display()))
}

fn file_name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let list = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = list.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}
