//! The text itself: quotes, names, and what a release touches.

use super::{FULL, at, deployment, full};
use crate::support::{HEADER, render, settle};
use serde_json::json;

/// 82: every string of labels, annotations and variables is quoted in the text itself.
#[test]
fn strings_that_look_like_something_else_are_quoted() {
    let set = render(FULL);
    let mut inside = None;
    let mut seen = 0;
    for line in set
        .iter()
        .filter(|one| one.object.kind.pod_template.is_some())
        .flat_map(|one| one.object.document.text().lines())
    {
        let indent = line.len() - line.trim_start().len();
        if inside.is_some_and(|outer| indent <= outer) {
            inside = None;
        }
        if matches!(line.trim(), "labels:" | "annotations:") {
            inside = Some(indent);
        } else if inside.is_some() && !line.trim_start().starts_with('#') {
            seen += 1;
            assert!(line.ends_with('"') && line.contains(": \""), "{line}");
        } else if line.trim_start().starts_with("value: ") {
            seen += 1;
            assert!(line.ends_with('"'), "{line}");
        }
    }
    assert!(seen > 20);
    let all = full();
    assert_eq!(*at(deployment(&all), "/metadata/labels/x"), json!("on"));
}

/// 84: the longest name leaves room for every suffix; 83: no two objects have one name.
#[test]
fn the_longest_name_fits_everywhere() {
    let name = "a".repeat(50);
    let text = format!("{HEADER}{FULL}name: {name}\nteam: t\nimage: r.example.com/a:1\n");
    let app = settle(&text, &prodgen::spec::NoFiles).unwrap();
    let set = prodgen::render::one(&app).unwrap();
    let mut paths = std::collections::BTreeSet::new();
    for one in set.iter() {
        assert!(one.object.name.len() <= 68, "{}", one.object.name);
        assert!(paths.insert(one.path.clone()));
        let object = crate::support::json(&one.object.document);
        for (_, value) in at(&object, "/metadata/labels").as_object().unwrap() {
            assert!(value.as_str().unwrap().len() <= 63);
        }
    }
}

/// A release touches the workload alone: nothing that an administrator applies, no policy.
#[test]
fn a_new_image_changes_one_file() {
    let text =
        |tag: &str| format!("{HEADER}name: shop\nteam: t\nimage: r.example.com/a:{tag}\n{FULL}");
    let files = |tag: &str| {
        let app = settle(&text(tag), &prodgen::spec::NoFiles).unwrap();
        let set = prodgen::render::one(&app).unwrap();
        set.files("x").unwrap()
    };
    let (old, new) = (files("1"), files("2"));
    let changed: Vec<_> = old
        .iter()
        .filter(|(path, text)| new[*path] != **text)
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(changed, ["x/deployment-shop.yaml"]);
}
