//! Rules about labels, annotations and what is said about a service.

use super::{Judge, at};
use crate::diag::shown;
use crate::spec::model::AppSpec;

/// Labels that prodgen sets itself.
const OWN_LABELS: &[&str] = &[
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
];

/// Prefixes that are not the user's to set.
const OWN_PREFIXES: &[&str] = &[
    "prodgen.dev/",
    "pod-security.kubernetes.io/",
    "kubernetes.io/",
    "k8s.io/",
    "kubectl.kubernetes.io/",
];

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
    let size: usize = spec
        .annotations
        .iter()
        .flatten()
        .map(|(key, value)| key.as_str().len() + value.len())
        .sum();
    if size > 128 << 10 {
        judge.say(
            &at("annotations"),
            format!("the annotations have {size} bytes; Kubernetes takes 256 KiB with its own"),
            "keep them under 128 KiB",
        );
    }
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
