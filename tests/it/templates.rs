//! The rules of the folder `templates/`, so that it stays a folder of YAML: what may stand in a
//! template, who uses it, and that every line of it is reached.

mod specs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use prodgen::component;
use prodgen::diag::{Origin, SourceMap};
use prodgen::render;
use prodgen::spec::{App, NoFiles};
use prodgen::template::{ids, source};
use prodgen::yaml::{Kind, NodeRef, Style, parse_one};
use serde_json::Value;

use crate::support::{Folder, settle};

const FILTERS: [&str; 4] = ["yaml", "strings", "block", "fragment"];

/// `labels`, `one.value`.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.split('.')
        .all(|part| part.starts_with(|c: char| c.is_ascii_lowercase()) && part.chars().all(fits))
}

/// Whether a control line asks or repeats, and no more than that.
fn is_control(line: &str) -> bool {
    let Some(tag) = line
        .trim()
        .strip_prefix("#%- ")
        .and_then(|rest| rest.strip_suffix(" %#"))
    else {
        return false;
    };
    match tag.split(' ').collect::<Vec<_>>().as_slice() {
        ["else" | "endif" | "endfor"] => true,
        ["if", name] | ["for", _, "in", name] => is_name(name),
        ["for", key, value, "in", name] => {
            key.strip_suffix(',').is_some_and(is_name) && is_name(value) && is_name(name)
        }
        _ => false,
    }
}

/// The filter of a hole, if it is one that may be: `name`, `name | yaml`.
fn filter(hole: &str) -> Result<Option<&str>, String> {
    let (name, filter) = match hole.split_once(" | ") {
        Some((name, filter)) => (name, Some(filter)),
        None => (hole, None),
    };
    let good = is_name(name) && filter.is_none_or(|filter| FILTERS.contains(&filter));
    good.then_some(filter)
        .ok_or_else(|| format!("`<< {hole} >>` is more than a name and a filter"))
}

/// The holes of a text, in order, each with the place where it begins.
fn holes(text: &str) -> Result<Vec<(usize, &str)>, String> {
    let mut found = Vec::new();
    for (start, _) in text.match_indices("<<") {
        let inner = text[start + 2..].split_once(">>").map(|(inner, _)| inner);
        let inner = inner.and_then(|inner| inner.strip_prefix(' ')?.strip_suffix(' '));
        found.push((start, inner.ok_or("a hole is `<< name >>`, on one line")?));
    }
    if text.matches(">>").count() != found.len() {
        return Err("a `>>` closes nothing".to_owned());
    }
    Ok(found)
}

fn scalars<'d>(node: NodeRef<'d>, is_key: bool, visit: &mut dyn FnMut(NodeRef<'d>, bool)) {
    if matches!(node.kind(), Kind::Scalar(_)) {
        visit(node, is_key);
    }
    for (key, value) in node.entries() {
        scalars(key, true, visit);
        scalars(value, false, visit);
    }
    node.items().for_each(|item| scalars(item, false, visit));
}

/// What is wrong with a template.
fn faults(text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if text.contains(['\u{e000}', '\u{e001}']) {
        wrong.push("it has a mark of seals in it".to_owned());
    }
    let first = text.lines().next().unwrap_or_default();
    let is_remark = first.starts_with("#{ ") && first.ends_with(" -}#");
    if !is_remark && !first.starts_with("# ") {
        wrong.push("its first line does not say what it makes".to_owned());
    }
    for line in text.lines() {
        if (line.contains("#%") || line.contains("%#")) && !is_control(line) {
            wrong.push(format!("`{}` is no control line", line.trim()));
        }
        if line.contains("#{") && !(is_remark && line == first) {
            wrong.push("a remark stands below the first line".to_owned());
        }
    }
    let source = SourceMap::default().add(Origin::Stdin, text);
    let document = match parse_one(source, text) {
        Ok(document) => document,
        Err(why) => {
            wrong.push(format!("it is not YAML: {}", why[0].message));
            return wrong;
        }
    };
    // Two branches have the same key: as data the second wins.
    if let Err(why) = serde_yaml::from_str::<Value>(text) {
        wrong.push(format!("to another reader it is not YAML: {why}"));
    }
    let holes = match holes(text) {
        Ok(holes) => holes,
        Err(why) => {
            wrong.push(why);
            return wrong;
        }
    };
    let mut words: Vec<(std::ops::Range<usize>, Kind, bool, &str)> = Vec::new();
    if let Some(root) = document.root() {
        scalars(root, false, &mut |node, is_key| {
            words.push((node.span().range(), node.kind(), is_key, node.text()));
        });
    }
    for (at, hole) in holes {
        let filter = match filter(hole) {
            Ok(filter) => filter,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        let in_word = words.iter().find(|(range, ..)| range.contains(&at));
        let good = match (in_word, filter) {
            (None, None) => line.contains('#'),
            (None, Some(_)) | (Some((_, Kind::Scalar(Style::Block), ..)), _) => false,
            (Some(_), None) => true,
            (Some((_, kind, is_key, word)), Some(_)) => {
                let whole = format!("<< {hole} >>");
                *kind == Kind::Scalar(Style::Plain) && !is_key && *word == whole
            }
        };
        if !good {
            wrong.push(format!("`<< {hole} >>` stands where it cannot"));
        }
    }
    wrong
}

#[test]
fn a_template_is_yaml_with_holes() {
    assert!(ids().len() > 20);
    for id in ids() {
        assert_eq!(faults(source(id).unwrap()), [""; 0], "{id}");
    }
    let only = std::fs::read_dir(templates())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let strange = only.filter(|path| !path.is_dir() && !path.ends_with("README.md"));
    assert_eq!(strange.count(), 0);
}

fn templates() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/templates"))
}

/// Which components name which template in their source: its file, and those of its folder.
fn users() -> BTreeMap<String, BTreeSet<String>> {
    fn walk(folder: &Path, of: Option<&str>, users: &mut BTreeMap<String, BTreeSet<String>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = of.unwrap_or_else(|| path.file_stem().unwrap().to_str().unwrap());
            if path.is_dir() {
                walk(&path, Some(name), users);
                continue;
            }
            for id in named(&std::fs::read_to_string(&path).unwrap()) {
                users.entry(id).or_default().insert(name.to_owned());
            }
        }
    }
    let mut users = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/component");
    walk(&folder, None, &mut users);
    users
}

/// The templates that a source names.
fn named(source: &str) -> Vec<String> {
    let words = source.split('"').skip(1).step_by(2);
    let words = words.filter(|word| {
        let file = word
            .split_once('/')
            .and_then(|(_, file)| file.rsplit_once('.'));
        file.is_some_and(|(_, kind)| kind == "yaml")
    });
    words.map(str::to_owned).collect()
}

/// Why these are not the users that a template may have.
fn misused(id: &str, users: &[&str]) -> Option<String> {
    let folder = id.split('/').next()?;
    let good = match (folder, users) {
        ("pod", both) => both == ["cronjob", "deployment"],
        (folder, [only]) => folder == *only,
        _ => false,
    };
    (!good).then(|| format!("{id} is used by {users:?}"))
}

#[test]
fn every_template_belongs_to_one_component() {
    let users = users();
    for id in ids() {
        let users: Vec<&str> = users
            .get(id)
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        assert_eq!(misused(id, &users), None);
    }
    for id in users.keys() {
        assert!(source(id).is_ok(), "there is no {id}");
    }
}

struct OneFile;

impl prodgen::spec::Files for OneFile {
    fn read(&self, _: &str) -> Result<String, String> {
        Ok("text\n".to_owned())
    }

    fn list(&self, path: &str) -> Result<Vec<String>, String> {
        NoFiles.list(path)
    }
}

/// The texts that each template makes, a fragment's as part of another's.
fn made() -> BTreeMap<&'static str, Vec<String>> {
    let mut made: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut add = |app: &App| {
        let set = render::one(app).unwrap();
        for (manifest, one) in component::manifests(app).iter().zip(set.iter()) {
            assert_eq!(manifest.path, one.path);
            let fragment = manifest.fragment.iter().map(|part| part.template);
            for id in fragment.chain([manifest.template]) {
                made.entry(id)
                    .or_default()
                    .push(one.object.document.text().to_owned());
            }
        }
    };
    for spec in specs::specs() {
        add(&settle(&spec, &OneFile).unwrap_or_else(|wrong| panic!("{spec}\n{wrong:#?}")));
    }
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for entry in std::fs::read_dir(examples).unwrap() {
        let path = entry.unwrap().path();
        if let Ok(text) = std::fs::read_to_string(path.join("prodgen.yaml")) {
            add(&settle(&text, &Folder(&path)).unwrap());
        }
    }
    made
}

/// Lines of a template that none of these texts has: what stands before the first hole is compared.
fn unreached<'t>(template: &'t str, made: &[String]) -> Vec<&'t str> {
    let lines = template.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("#%") && !line.starts_with("#{"));
    let heads = lines.map(|line| {
        line.split("<<")
            .next()
            .unwrap_or_default()
            .trim_end_matches(['"', ' '])
    });
    heads
        .filter(|head| !made.iter().any(|text| text.contains(head)))
        .collect()
}

#[test]
fn every_line_is_reached() {
    let made = made();
    for id in ids() {
        let texts = made.get(id).map(Vec::as_slice).unwrap_or_default();
        assert!(!texts.is_empty(), "no spec here needs {id}");
        assert_eq!(unreached(source(id).unwrap(), texts), [""; 0], "{id}");
    }
}

/// Whether a text is what the engine makes of a list or map without a filter.
fn is_printed_collection(text: &str) -> bool {
    text.trim_start().starts_with(['[', '{'])
}

/// With every line reached, a list or map that is printed as it is shows as a text that begins so;
/// none of the values here does.
#[test]
fn no_list_or_map_is_printed_bare() {
    for (id, texts) in made() {
        for text in texts {
            let id_of = SourceMap::default().add(Origin::Stdin, text.as_str());
            let document = parse_one(id_of, &text).unwrap();
            scalars(document.root().unwrap(), false, &mut |node, _| {
                assert!(!is_printed_collection(node.text()), "{id}: {}", node.text());
            });
            for line in text
                .lines()
                .filter(|line| line.trim_start().starts_with('#'))
            {
                assert!(!line.contains(['[', '{']), "{id}: {line}");
            }
        }
    }
}

/// Each rule, shown to fail.
#[test]
fn bad_samples_are_found() {
    let good = "# Makes it.\na: << b >>\n#%- if c %#\nd: << e | yaml >>  # << f >>\n#%- endif %#\n";
    assert_eq!(faults(good), [""; 0]);
    assert_eq!(
        faults("#{ A part. -}#\n\"<< a >>\": '<< b.c >>'\n"),
        [""; 0]
    );
    let bad = [
        "a: b\n",
        "# x\na: [<< b >>\n",
        "# x\na: \u{e000}s61\u{e001}\n",
        "# x\na: b #%- if c %#\n#%- endif %#\n",
        "# x\n#% if c %#\na: b\n#% endif %#\n",
        "# x\n#%- if b and c %#\na: b\n#%- endif %#\n",
        "# x\n#%- if not b %#\na: b\n#%- endif %#\n",
        "# x\n#%- if b or c %#\na: b\n#%- endif %#\n",
        "# x\n#%- set b = c %#\na: << b >>\n",
        "# x\n#%- filter yaml %#\na: b\n#%- endfilter %#\n",
        "# x\n#%- include b %#\na: b\n",
        "# x\na: << b | yaml | yaml >>\n",
        "# x\na: << b | safe >>\n",
        "# x\na: << b ~ c >>\n",
        "# x\na: <<b>>\n",
        "# x\na: << b\n",
        "# x\na: \"<< b | yaml >>\"\n",
        "# x\na: x<< b | block >>\n",
        "# x\n<< b | yaml >>: a\n",
        "# x\n# << b | yaml >>\na: b\n",
        "# x\na: |\n  << b >>\n",
        "# x\na: &<< b >> c\n",
        "# x\na: b\n#{ later -}#\n",
    ];
    for sample in bad {
        assert!(!faults(sample).is_empty(), "{sample}");
    }
    assert!(misused("service/service.yaml", &["service", "network"]).is_some());
    assert!(misused("service/service.yaml", &["network"]).is_some());
    assert!(misused("service/service.yaml", &[]).is_some());
    assert!(misused("pod/pod.yaml", &["deployment"]).is_some());
    assert_eq!(
        unreached("a: << b >>\nc: 1\n", &["a: 2\n".to_owned()]),
        ["c: 1"]
    );
    let mut tera = tera::Tera::new();
    tera.add_raw_template("all", "{{ list }}\n{{ map }}\n{{ nothing }}")
        .unwrap();
    let view = serde_json::json!({"list": ["a"], "map": {"a": 1}, "nothing": []});
    let printed = tera
        .render("all", &tera::Context::from_serialize(&view).unwrap())
        .unwrap();
    assert!(
        printed.lines().count() == 3 && printed.lines().all(is_printed_collection),
        "{printed}"
    );
}
