//! Rules about labels, annotations and what is said about a service.

use super::{Judge, at};
use crate::diag::shown;
use crate::spec::credential::holds_a_credential;
use crate::spec::model::AppSpec;
use crate::yaml::Step;

/// Labels that prodgen sets itself, and those that controllers know their pods by.
const OWN_LABELS: &[&str] = &[
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-hash",
    "rollouts-pod-template-hash",
];

/// Prefixes that are not the user's to set.
const OWN_PREFIXES: &[&str] = &[
    "prodgen.dev/",
    "batch.kubernetes.io/",
    "pod-security.kubernetes.io/",
    "kubernetes.io/",
    "k8s.io/",
    "kubectl.kubernetes.io/",
];

/// The most bytes of annotations of one's own: with those of Kubernetes an object has 256 KiB
/// (`validation.TotalAnnotationSizeLimitB`).
const ANNOTATION_BYTES: usize = 128 << 10;
/// The most bytes of what is said about a service, which is annotations too.
const ABOUT_BYTES: usize = 16 << 10;
/// The most bytes of one argument or variable that Linux starts a process with (`MAX_ARG_STRLEN`).
const ARGUMENT_BYTES: usize = (128 << 10) - 1;
/// The most bytes of all of them, so that an object can be stored (etcd takes 1.5 MiB a request).
const PROCESS_BYTES: usize = 512 << 10;

/// What a process is started with.
fn process(spec: &AppSpec, judge: &mut Judge<'_>) {
    let mut all = Vec::new();
    for (key, words) in [("command", &spec.command), ("args", &spec.args)] {
        let words = words.iter().flatten().enumerate();
        all.extend(words.map(|(index, word)| (at(key).index(index), word.len(), word)));
    }
    let env = spec.env.iter().flatten();
    all.extend(env.map(|(name, value)| {
        let name = name.as_str();
        (at("env").key(name), name.len() + 1 + value.len(), value)
    }));
    for (path, size, text) in &all {
        if text.contains('\0') {
            let what = "there is a NUL in it, and no process can be started with one";
            judge.say(path, what, "take it out");
        }
        if path.0.first() != Some(&Step::Key("env".to_owned())) && holds_a_credential(text) {
            let what = "it holds a credential, which everybody sees who sees the pod";
            judge.say(
                path,
                what,
                "keep it in a Secret, and give the path of its file: see `secrets`",
            );
        }
        if *size > ARGUMENT_BYTES {
            let what = format!("{size} bytes are more than Linux starts a process with");
            judge.say(path, what, "put it into a file under `config`");
        }
    }
    let size: usize = all.iter().map(|(_, size, _)| size).sum();
    if size > PROCESS_BYTES {
        let key = ["env", "args", "command"]
            .into_iter()
            .find(|key| judge.tree.get(key).is_some());
        let what =
            format!("`command`, `args` and `env` have {size} bytes, more than a cluster stores");
        judge.say(
            &at(key.unwrap_or("env")),
            what,
            "put what is long into files under `config`",
        );
    }
}

pub(super) fn words(spec: &AppSpec, judge: &mut Judge<'_>) {
    let labels = spec
        .labels
        .iter()
        .flatten()
        .map(|(key, _)| ("labels", key.as_str()));
    let annotations = spec
        .annotations
        .iter()
        .flatten()
        .map(|(key, _)| ("annotations", key.as_str()));
    for (map, key) in labels.chain(annotations) {
        if OWN_LABELS.contains(&key) || OWN_PREFIXES.iter().any(|prefix| key.starts_with(prefix)) {
            judge.say(
                &at(map).key(key),
                format!("`{key}` is set by prodgen or by Kubernetes"),
                "take it out, or choose a prefix of your own",
            );
        }
    }
    let of_account = spec.service_account.as_ref();
    let maps = [
        (at("annotations"), &spec.annotations),
        (
            at("serviceAccount").key("annotations"),
            of_account.map_or(&None, |account| &account.annotations),
        ),
    ];
    for (path, map) in maps {
        let entries = map.iter().flatten();
        let size: usize = entries
            .map(|(key, value)| key.as_str().len() + value.len())
            .sum();
        if size > ANNOTATION_BYTES {
            judge.say(
                &path,
                format!("the annotations have {size} bytes; Kubernetes takes 256 KiB with its own"),
                "keep them under 128 KiB",
            );
        }
    }
    if let Some(about) = &spec.about {
        let words = [
            ("description", &about.description),
            ("contact", &about.contact),
            ("runbook", &about.runbook),
            ("source", &about.source),
        ];
        for (key, text) in words {
            let size = text.as_ref().map_or(0, String::len);
            if text.as_ref().is_some_and(|text| holds_a_credential(text)) {
                let what = format!("`{key}` holds a credential, and stands in every object");
                judge.say(&at("about").key(key), what, "take it out");
            }
            if size > ABOUT_BYTES {
                judge.say(
                    &at("about").key(key),
                    format!("`{key}` has {size} bytes, and stands in every object"),
                    "write a sentence, or where to read more; 16 KiB at most",
                );
            }
        }
    }
    process(spec, judge);
    if let Some(day) = spec
        .about
        .as_ref()
        .and_then(|about| about.launched.as_deref())
        && !is_day(day)
    {
        judge.say(
            &at("about").key("launched"),
            format!("`{}` is no day", shown(day)),
            "write it as \"2026-11-24\"",
        );
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let number = |part: &str, len: usize| {
        (part.len() == len && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_days() {
        for good in ["2026-11-24", "2024-02-29"] {
            assert!(is_day(good));
        }
        for bad in [
            "2026-02-29",
            "24.11.2026",
            "2026-1-1",
            "2026-00-10",
            "+026-01-01",
            "",
        ] {
            assert!(!is_day(bad), "{bad}");
        }
    }
}
