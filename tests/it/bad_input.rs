//! Specs that do not hold: each mistake is found where it is, with what to do, and nothing is
//! written. `cases.txt` is the table: spec, words of the message, words of the help; `«` stands in
//! front of the place, `⏎` for a new line. Keys that every spec needs are added where they are not given.
//! The rules that only a run shows stand beside the table, so that there are many lines.

use std::collections::BTreeSet;

use serde_json::Value;

use super::sandbox::{Ran, SPEC, Sandbox};

const CASES: &str = include_str!("bad_input/cases.txt");

/// A spec with `keys`, with a mark or without.
pub(super) fn spec(keys: &str) -> String {
    let mut text = "apiVersion: prodgen.dev/v1alpha1\nkind: App\n".to_owned();
    for line in ["name: x", "team: core", "image: registry.example.com/a/b:1"] {
        let key = line.split_once(' ').unwrap().0;
        if !keys
            .lines()
            .any(|other| other.replace('«', "").starts_with(key))
        {
            text.push_str(line);
            text.push('\n');
        }
    }
    text + keys + "\n"
}

/// The text without its marks, and the line and column of each.
fn marked(text: &str) -> (String, Vec<(usize, usize)>) {
    let mut places = Vec::new();
    for (line, text) in text.lines().enumerate() {
        let parts: Vec<&str> = text.split('«').collect();
        let mut column = 1;
        for part in &parts[..parts.len() - 1] {
            column += part.chars().count();
            places.push((line + 1, column));
        }
    }
    (text.replace('«', ""), places)
}

/// Each problem of the JSON: line, column, message, help.
fn problems(ran: &Ran) -> Vec<(usize, usize, String, String)> {
    let number = |one: &Value, key: &str| {
        let number = one[key].as_u64().unwrap_or_default();
        usize::try_from(number).unwrap()
    };
    let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    ran.json()["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                number(one, "line"),
                number(one, "column"),
                word(one, "message"),
                word(one, "help"),
            )
        })
        .collect()
}

/// Renders a spec that does not hold, for a person and for a program; nothing may be written.
pub(super) fn refused(text: impl AsRef<[u8]>) -> (Ran, Ran) {
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", text);
    sandbox.put("c/f", "x");
    let before = sandbox.tree();
    let person = sandbox.run(&["render", "-w"]).ends(2);
    assert_eq!(person.stdout, "", "only data goes to stdout");
    let program = sandbox.run(&["render", "--check", "-o", "json"]).ends(2);
    assert_eq!(program.outcome(), "invalid");
    assert_eq!(sandbox.tree(), before);
    (person, program)
}

#[test]
fn every_mistake_has_its_place_and_its_remedy() {
    assert!(CASES.lines().count() > 150);
    for case in CASES.lines() {
        let fields: Vec<&str> = case.split(" | ").collect();
        let [keys, message, help] = fields[..] else {
            panic!("{case}")
        };
        let (text, places) = marked(&spec(&keys.replace('⏎', "\n")));
        let [(line, column)] = places[..] else {
            panic!("{case}")
        };
        let (person, program) = refused(&text);
        person.says(&[
            message,
            help,
            &format!(" --> prodgen.yaml:{line}:{column}\n"),
            "= help: ",
        ]);
        let found = problems(&program);
        let [one] = &found[..] else {
            panic!("{case}: {found:?}")
        };
        assert_eq!((one.0, one.1), (line, column), "{case}");
        assert!(
            one.2.contains(message) && one.3.contains(help),
            "{case}: {one:?}"
        );
    }
}

#[test]
fn all_mistakes_of_one_spec_are_said_at_once() {
    let keys = "\
name: «Check_Out
team: «12
image: «nginx
port: «70000
user: «0
env: {A: «no, B: fine, «9: x}
secrets: [«DB, ok, «ok]
writable: [{path: «/proc/x}, /tmp, «/tmp]
replicas: {min: «5, max: 2}
probes: «healthz
shutdown: {delay: «soon}
callers: [fine, «Web, «{}]
needs: [«a:b, ledger:1, {host: «db.example.com}]
labels: {a: «[b]}
«waivers: {}
«prots: []
about: {launched: «tomorrow}
";
    all_are_said(keys);
}

/// Of one key too, however deep; a folder that is not there is a mistake like others.
#[test]
fn all_mistakes_of_one_key_are_said_at_once() {
    let keys = "\
image: {ref: «nope, pullSecret: «A_B}
port: «1e3
config: «nowhere
access: {viewers: [fine, «'', ok, «'system:masters'], deployers: [«'system:masters'], «debugers: [a]}
probes: {ready: «bad, live: «worse, startup: «5q}
secrets: [{name: db, mount: «x, keys: [«a b]}, {name: «A_B, mount: «y, «mout: z}]
resources: {cpu: «lots, limits: {memory: «1z}}
expose: {hosts: [«UPPER, ok.example.com, «a_b], path: «nope}
about: {userExposed: «'true', «nonsense: 1}
serviceAccount: {annotations: {«a b: c, «'/': d}}
";
    all_are_said(keys);
}

/// That each marked place, and no other, has its complaint.
fn all_are_said(keys: &str) {
    let (text, mut places) = marked(&spec(keys));
    let (person, program) = refused(&text);
    let found: Vec<_> = problems(&program)
        .into_iter()
        .map(|one| (one.0, one.1))
        .collect();
    places.sort_unstable();
    assert_eq!(found, places, "{}", person.stderr);
    for (line, column) in places {
        assert!(
            person
                .stderr
                .contains(&format!(" --> prodgen.yaml:{line}:{column}\n"))
        );
    }
}

#[test]
fn a_text_that_is_no_spec_is_refused() {
    let with = |more: &str| format!("{SPEC}{more}");
    let cases: [(String, &str, &str); 16] = [
        (String::new(), ":1:1", "there is no spec here"),
        ("# only this\n".to_owned(), ":1:1", "there is no spec here"),
        ("- a\n".to_owned(), ":1:1", "a spec is a map of keys"),
        ("just words\n".to_owned(), ":1:1", "a spec is a map of keys"),
        (
            SPEC.replace("v1alpha1", "v9"),
            ":1:13",
            "`apiVersion: prodgen.dev/v9` is unknown",
        ),
        (
            SPEC.replace("App", "Deployment"),
            ":2:7",
            "`kind: Deployment` is unknown",
        ),
        (SPEC.replace("kind: App\n", ""), ":1:1", "`kind` is missing"),
        (
            SPEC.replace("kind: App", "kind: [App]"),
            ":2:7",
            "`kind` is a word",
        ),
        (with("---\na: b\n"), ":7:1", "more than one YAML document"),
        (with("env:\n\tA: b\n"), ":7:", "this is not YAML"),
        (with("env: {A: b\n"), ":6:6", "unclosed bracket"),
        (
            with("port: 1\nport: 2\n"),
            ":7:1",
            "`port` stands here twice",
        ),
        (with("? [a]\n: b\n"), ":6:3", "a key must be a plain word"),
        (with("env: {<<: [1]}\n"), ":6:12", "`<<` takes a map"),
        (with("env: *nowhere\n"), ":6:", "this is not YAML"),
        (
            with("env: &a {A: *a}\n"),
            ":6:13",
            "stands inside what it names",
        ),
    ];
    for (text, place, message) in cases {
        let (person, _) = refused(&text);
        person.says(&[&format!(" --> prodgen.yaml{place}"), message]);
    }
    refused(b"name: \xff\xfe\n").0.says(&["is not UTF-8"]);
    // A bomb: a few hundred bytes that would unfold to billions of nodes.
    let mut bomb = with("env:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..12 {
        let item = format!("*a{}, ", n - 1).repeat(10);
        bomb.extend([format!("  a{n}: &a{n} [{item}]\n")]);
    }
    refused(&bomb).0.says(&["more than 100,000 values"]);
    for deep in ["[", "{a: ", "- "] {
        refused(with(&format!("env: {}", deep.repeat(20_000))));
    }
}

#[test]
fn anchors_aliases_and_merge_keys_are_read() {
    let sandbox = Sandbox::new();
    let text = format!("{SPEC}env: &env {{A: \"1\", B: \"2\"}}\nlabels: {{<<: *env, B: \"3\"}}\n");
    sandbox.put("prodgen.yaml", text);
    let stream = sandbox.run(&["render"]).ends(0).stdout;
    assert!(stream.contains("A: \"1\"") && stream.contains("B: \"3\""));
}

#[test]
fn only_one_complaint_for_each_mistake() {
    for keys in [
        "image: «{pullSecret: x}",
        "ports: [{port: «70000}]",
        "ports: [«{name: a}]",
        "ports: «[]",
        "config: «gone",
        "config: {files: {a: «gone}}",
        "config: {folder: c, mount: «/tmp}",
        "secrets: [db, «db]",
        "needs: [{«svc: ledger, port: 1}]",
        "callers: [{«servce: web}]",
        "replicas: {«mn: 3}",
        "probes: «/x⏎ports: [{port: 1, protocol: tcp}]",
        "preset: «wob",
    ] {
        let (text, places) = marked(&spec(&keys.replace('⏎', "\n")));
        let found: Vec<_> = problems(&refused(&text).1)
            .into_iter()
            .map(|one| (one.0, one.1))
            .collect();
        assert_eq!(found, places, "{keys}");
    }
}

#[test]
fn keys_of_later_versions_say_so() {
    let known: BTreeSet<&str> = prodgen::spec::LATER.iter().copied().collect();
    let tested = CASES
        .lines()
        .filter(|case| case.contains("not in this version"));
    let tested: BTreeSet<&str> = tested
        .filter_map(|case| case.strip_prefix('«')?.split_once(':').map(|(key, _)| key))
        .collect();
    assert_eq!(tested, known);
}

#[test]
fn a_wrong_file_is_not_answered_with_a_flood() {
    use std::fmt::Write as _;
    let mut keys = String::new();
    for n in 0..3000 {
        writeln!(keys, "k{n}: x").unwrap();
    }
    assert_eq!(problems(&refused(spec(&keys)).1).len(), 200);
}
