//! The questions: what is asked, why, and of which kinds of workload.

use crate::diag::SourceMap;
use crate::preset;

/// How an answer is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A line.
    Word,
    /// A line, or nothing: then the preset's word stands.
    Perhaps,
    /// Lines until an empty one.
    List,
    /// One of several.
    Pick,
}

/// A question of the wizard.
#[derive(Debug)]
pub(super) struct Asked {
    /// The key that it answers, or the path below it.
    pub(super) path: &'static str,
    pub(super) text: &'static str,
    /// Why it is asked, and which item of the checklist it serves.
    pub(super) why: &'static str,
    pub(super) shape: Shape,
    pub(super) kinds: &'static [&'static str],
    /// What there is to pick from: the value, and how it is shown.
    pub(super) options: fn(kind: &str) -> Vec<(String, String)>,
}

const ALL: &[&str] = &["service", "worker", "cronjob"];
const SERVICE: &[&str] = &["service"];

fn none(_: &str) -> Vec<(String, String)> {
    Vec::new()
}

/// The presets that make this kind of workload, the plain one first.
fn presets(kind: &str) -> Vec<(String, String)> {
    let mut sources = SourceMap::default();
    let mut options: Vec<(String, String)> = preset::names()
        .into_iter()
        .filter_map(|name| preset::load(name, &mut sources)?.ok())
        .filter(|preset| preset.kind == kind)
        .map(|preset| {
            let shown = format!("{:<13} {}", preset.name, preset.description);
            (preset.name, shown)
        })
        .collect();
    options.sort_by_key(|(name, _)| name != "web");
    options
}

fn personal_data(_: &str) -> Vec<(String, String)> {
    let shown = [("", "leave it open"), ("false", "no"), ("true", "yes")];
    shown
        .map(|(value, shown)| (value.to_owned(), shown.to_owned()))
        .into()
}

const fn word(
    path: &'static str,
    text: &'static str,
    why: &'static str,
    kinds: &'static [&'static str],
) -> Asked {
    Asked {
        path,
        text,
        why,
        shape: Shape::Word,
        kinds,
        options: none,
    }
}

const fn list(
    path: &'static str,
    text: &'static str,
    why: &'static str,
    kinds: &'static [&'static str],
) -> Asked {
    Asked {
        path,
        text,
        why,
        shape: Shape::List,
        kinds,
        options: none,
    }
}

/// In the order in which they are asked; ten at most of any service, for who is reached from outside
/// is asked under which host, and all others who may call.
pub(super) const QUESTIONS: &[Asked] = &[
    word(
        "name",
        "What is it called?",
        "every object carries the name (checklist: labels)",
        ALL,
    ),
    Asked {
        path: "preset",
        text: "What is it?",
        why: "a starting point; everything can be changed later",
        shape: Shape::Pick,
        kinds: SERVICE,
        options: presets,
    },
    word(
        "team",
        "Which team owns it?",
        "who is asked when it breaks (checklist: labels)",
        ALL,
    ),
    word(
        "image",
        "Which image?",
        "with registry and version; it need not be pushed yet (checklist: registries)",
        ALL,
    ),
    word(
        "port",
        "Which port does it listen on?",
        "probes, Service and policies use it (checklist: network policies)",
        SERVICE,
    ),
    word(
        "probes",
        "How to tell that it is well?",
        "/path, tcp or grpc; a path that answers without asking others (checklist: stability)",
        SERVICE,
    ),
    Asked {
        path: "expose",
        text: "Under which host do its users reach it?",
        why: "such as shop.example.com; none: every host of the Gateway, under /NAME (checklist: network policies)",
        shape: Shape::Perhaps,
        kinds: SERVICE,
        options: none,
    },
    list(
        "callers",
        "Who may call it?",
        "a service, or {namespace: x}, {cidr: x}; nobody else can (checklist: network policies)",
        SERVICE,
    ),
    list(
        "needs",
        "Whom does it call?",
        "service:port of its pods, or {cidr: x, port: n}, {internet: true} (checklist: network policies)",
        ALL,
    ),
    list(
        "secrets",
        "Which Secrets does it read?",
        "names of Secrets, never values; they become files (checklist: secrets)",
        ALL,
    ),
    word(
        "schedule",
        "When does it run?",
        "minute hour day month weekday, in UTC (checklist: stability)",
        &["cronjob"],
    ),
    Asked {
        path: "about.storesPii",
        text: "Does it store personal data?",
        why: "left open it shows as missing (checklist: labels)",
        shape: Shape::Pick,
        kinds: ALL,
        options: personal_data,
    },
];

/// The items of a line: apart by commas or blanks, but not inside brackets or quotes.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut item = String::new();
    let mut depth = 0_usize;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => depth = depth.saturating_sub(1),
            (None, '"' | '\'') if depth > 0 => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        if depth == 0 && quote.is_none() && (c == ',' || c.is_whitespace()) {
            items.push(std::mem::take(&mut item));
        } else {
            item.push(c);
        }
    }
    items.push(item);
    items.retain(|item| !item.is_empty());
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_is_asked_more_than_ten_questions() {
        for kind in ALL {
            let asked = QUESTIONS.iter().filter(|one| one.kinds.contains(kind));
            // One of the two is asked, never both.
            let either = |one: &&Asked| ["expose", "callers"].contains(&one.path);
            let count = asked.clone().count();
            let pair = asked.filter(either).count();
            assert!(count - pair.saturating_sub(1) <= 10, "{kind}");
        }
    }

    #[test]
    fn a_pasted_line_falls_into_items() {
        assert_eq!(split("a, b  c"), ["a", "b", "c"]);
        assert_eq!(
            split("{cidr: 10.0.0.0/8, port: 1} x:2"),
            ["{cidr: 10.0.0.0/8, port: 1}", "x:2"]
        );
        assert_eq!(split("{a: \"}, b\"}"), ["{a: \"}, b\"}"]);
        assert!(split("  ").is_empty());
    }
}
