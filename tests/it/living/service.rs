//! Services and commands at random.

use prodgen::merge::Side;
use prodgen::spec::{KEYS, REQUIRED, example};

use crate::injection::hostile::Dice;
use crate::support::{BASICS, HEADER};

use super::command::{Asked, Command, Renders, keys};

/// What `set` is asked, by the place in the spec.
const SET: &[(&str, &[&str])] = &[
    (
        "image",
        &[
            "registry.example.com/payments/shop:1.5.0",
            "registry.example.com/payments/shop:2.0.0-rc.1",
            "registry.example.com/payments/shop@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
        ],
    ),
    ("port", &["8080", "9090", "8443"]),
    ("replicas", &["2", "5", "{min: 2, max: 9}"]),
    ("replicas.max", &["7", "20"]),
    (
        "env",
        &[
            "{LOG_LEVEL: debug}",
            "{LOG_LEVEL: info, MODE: fast}",
            "{MODE: slow}",
        ],
    ),
    ("args", &["[--fast]", "[--fast, --quiet]", "[]"]),
    ("resources.memory", &["512Mi", "1Gi"]),
    ("resources", &["{cpu: 200m, memory: 300Mi}"]),
    ("probes", &["/healthz", "tcp", "{ready: /ready, live: tcp}"]),
    (
        "labels",
        &[
            "{example.com/tier: back}",
            "{example.com/tier: front, a: b}",
        ],
    ),
    (
        "callers",
        &["[storefront]", "[web, storefront]", "[{namespace: batch}]"],
    ),
    (
        "needs",
        &[
            "[ledger:50051]",
            "[pricing:80, ledger:50051]",
            "[{internet: true}]",
        ],
    ),
    (
        "secrets",
        &["[db]", "[db, smtp]", "[{name: db, keys: [user]}]"],
    ),
    (
        "writable",
        &["[/tmp, /cache]", "[{path: /cache, size: 1Gi}]"],
    ),
    ("shutdown", &["60s", "{delay: 5s, grace: 30s}"]),
    ("team", &["payments", "shop"]),
    ("name", &["shop", "till"]),
    (
        "namespace",
        &["shop", "tills", "{name: shared, create: false}"],
    ),
    ("user", &["10001", "65532"]),
    ("kubernetes", &["1.35", "1.36"]),
    ("type", &["service", "worker", "cronjob"]),
    (
        "canary",
        &["{engine: argo}", "{engine: argo, steps: [50]}", "{}"],
    ),
];

/// A canary that a controller takes out, as a service has it from its first day.
const ARGO: &[&str] = &[
    "canary: { engine: argo }\n",
    "canary: # by the controller\n  engine: argo\n  steps: [50]\n",
    "canary:\n  engine: argo\n  # who measures it\n  objective: { prometheus: http://prometheus.monitoring:9090, \
     successRate: 99.5, latency: 300ms }\n",
];

/// Keys that are added and taken out.
fn optional(dice: &mut Dice) -> &'static str {
    loop {
        let key = KEYS[dice.below(KEYS.len())].name;
        if !REQUIRED.contains(&key) && key != "config" && key != "preset" {
            return key;
        }
    }
}

/// What an example says to its key.
fn answer(key: &str, dice: &mut Dice) -> String {
    if key == "canary" && dice.below(3) > 0 {
        return "{engine: argo, steps: [34, 67]}".to_owned();
    }
    let line = example(key).unwrap();
    line.split_once(": ").unwrap().1.to_owned()
}

/// The text of a spec that holds.
pub(super) fn spec(dice: &mut Dice, renders: &mut Renders) -> String {
    let kind = dice.pick(&["", "", "type: worker\n", "type: cronjob\n"]);
    let mut text = format!("{HEADER}{BASICS}{kind}");
    if kind != "type: cronjob\n" && dice.below(4) == 0 {
        text = with(&text, "canary", dice);
    } else if kind.is_empty() && dice.below(4) == 0 {
        text += dice.pick(ARGO);
    }
    for _ in 0..dice.below(7) {
        let more = with(&text, optional(dice), dice);
        if renders.of(&more).is_ok() {
            text = more;
        }
    }
    text
}

/// The spec as a person adds a key to it.
pub(super) fn with(text: &str, key: &str, dice: &mut Dice) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line = example(key).unwrap();
    let start = if text.ends_with('\n') { "" } else { end };
    match dice.below(3) {
        0 => format!("{text}{start}{line}{end}"),
        1 => format!("{text}{start}{end}# why {key}{end}{line}{end}"),
        _ => format!("{text}{start}{line}  # {key}{end}"),
    }
}

/// A verb of a rollout, mostly one whose turn it is.
fn verb(spec: &str, dice: &mut Dice) -> &'static str {
    let mut canary = keys(spec).and_then(|mut keys| keys.remove("canary"));
    let mut part = |key: &str| canary.as_mut()?.as_object_mut()?.remove(key);
    if part("takeover").is_some() {
        return dice.pick(&["step", "step", "start", "promote", "abort"]);
    }
    let run = part("run");
    let turn: &[&str] = match run.as_ref().map(|run| run["end"].as_str()) {
        None => &["start"],
        Some(None) => &["step", "step", "promote", "abort", "abort --now"],
        Some(Some("promote")) => &["promote", "promote", "abort", "abort --now"],
        Some(Some(_)) => &["abort", "abort --now"],
    };
    if dice.below(8) == 0 {
        dice.pick(&["start", "step", "promote", "abort", "abort --now"])
    } else {
        dice.pick(turn)
    }
}

/// Something to ask of a service.
pub(super) fn command(spec: &str, dice: &mut Dice) -> Command {
    let there: Vec<String> = keys(spec)
        .into_iter()
        .flatten()
        .map(|(key, _)| key)
        .collect();
    let there_is = |key: &str| there.iter().any(|one| one == key);
    let asked = match dice.below(12) {
        _ if there_is("canary") && dice.below(3) > 0 => Asked::Canary(verb(spec, dice)),
        0..=4 => {
            let (path, values) = dice.pick(SET);
            Asked::Set(path.to_owned(), dice.pick(values).to_owned())
        }
        5..=6 => {
            let key = optional(dice);
            let value = answer(key, dice);
            Asked::Add(key, value)
        }
        7..=8 => {
            let key = optional(dice);
            let of_those = KEYS.iter().map(|key| key.name);
            let of_those: Vec<&'static str> = of_those
                .filter(|key| there_is(key) && !REQUIRED.contains(key))
                .collect();
            Asked::Remove(if of_those.is_empty() {
                key
            } else {
                dice.pick(&of_those)
            })
        }
        9 => Asked::Render,
        _ => Asked::Undo,
    };
    Command {
        asked,
        accept: dice.pick(&[None, None, None, Some(Side::Ours), Some(Side::Theirs)]),
        dry: dice.below(12) == 0,
    }
}
