//! CI files: the image that GitHub Actions or GitLab CI build from this folder, where its whole name
//! stands there and only one such does. `${{ … }}` and `$CI_…` are nobody's to guess.

use super::command::{Built, builds, way};
use super::place::Place;
use super::{Found, Repository, yaml};
use crate::spec::value::ImageRef;
use crate::yaml::Tree;

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";
/// Nobody has more of them that build images.
const MOST_WORKFLOWS: usize = 20;
/// GitLab's file.
const GITLAB: &str = ".gitlab-ci.yml";

/// The one image that is built from the service's folder.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    let workflows = place.names_above(WORKFLOWS).into_iter();
    let workflows = workflows
        .filter(|name| [".yml", ".yaml"].iter().any(|end| name.ends_with(end)))
        .take(MOST_WORKFLOWS)
        .map(|name| (format!("{WORKFLOWS}/{name}"), steps as Images));
    let gitlab = (GITLAB.to_owned(), scripts as Images);
    let mut images: Vec<(ImageRef, String)> = Vec::new();
    for (path, read) in workflows.chain([gitlab]) {
        let Some((text, file)) = place.above(&path) else {
            continue;
        };
        let (Some(tree), Some(way)) = (yaml::tree(&text), place.way()) else {
            continue;
        };
        for image in read(&tree, &way) {
            if !images.iter().any(|(old, _)| *old == image) {
                images.push((image, file.clone()));
            }
        }
    }
    if let [(image, file)] = images.as_slice() {
        repository.add(Found::word("image", image, file));
    }
}

/// What reads the images that a CI file builds from the folder at the end of a way.
type Images = fn(&Tree, &[&str]) -> Vec<ImageRef>;

/// The images among names that were built from the folder at the end of `way`.
fn images<'t>(built: impl Iterator<Item = Built<'t>>, way: &[&str]) -> Vec<ImageRef> {
    let here = built.filter(|one| one.way == way);
    here.flat_map(|one| one.tags)
        .filter_map(|tag| ImageRef::parse(tag).ok())
        .collect()
}

/// The images of a workflow's steps.
fn steps(tree: &Tree, way: &[&str]) -> Vec<ImageRef> {
    let jobs = tree.get("jobs").map_or(&[][..], Tree::entries).iter();
    let steps = jobs.flat_map(|job| yaml::items(&job.value, "steps"));
    let built = steps.flat_map(|step| match yaml::text(step, "uses") {
        Some(uses) if uses.starts_with("docker/build-push-action@") => {
            action(step).into_iter().collect()
        }
        Some(_) => Vec::new(),
        None if step.get("working-directory").is_some() => Vec::new(),
        None => builds(yaml::text(step, "run").unwrap_or_default()),
    });
    images(built, way)
}

/// What a step with the action of Docker builds.
fn action(step: &Tree) -> Option<Built<'_>> {
    let with = step.get("with")?;
    let tags = yaml::text(with, "tags")?.split([',', '\n']).map(str::trim);
    Some(Built {
        way: way(
            yaml::text(with, "context").unwrap_or("."),
            yaml::text(with, "file"),
        )?,
        tags: tags.collect(),
    })
}

/// The images of the scripts of GitLab's jobs.
fn scripts(tree: &Tree, way: &[&str]) -> Vec<ImageRef> {
    let jobs = tree.entries().iter().map(|entry| &entry.value);
    let built = jobs.flat_map(|job| {
        let parts = ["before_script", "script"];
        let lines = parts.iter().flat_map(|key| yaml::items(job, key));
        let moves = lines
            .clone()
            .filter_map(yaml::word)
            .any(|line| line.split_whitespace().any(|word| word == "cd"));
        let lines = lines.filter(move |_| !moves).filter_map(yaml::word);
        lines.flat_map(builds).collect::<Vec<_>>()
    });
    images(built, way)
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    /// The image that is found, if any.
    fn image(file: &str, text: &str, folder: &str) -> String {
        let files = [(".git/config", ""), (file, text)];
        let mut all = found(&files, folder);
        all.retain(|one| one.starts_with("image="));
        all.concat()
    }

    const HUB: &str = ".github/workflows/build.yml";

    #[test]
    fn workflows() {
        let step = |with: &str| {
            format!(
                "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {with}\n"
            )
        };
        let run = |lines: &str| format!("jobs: {{a: {{steps: [{{run: '{lines}'}}]}}}}\n");
        for (text, folder, want) in [
            (
                step("{tags: registry.example.com/a:1.2}"),
                "",
                "registry.example.com/a:1.2",
            ),
            (
                step("{tags: 'registry.example.com/a:1.2, registry.example.com/a:latest'}"),
                "",
                "registry.example.com/a:1.2",
            ),
            (
                step("{tags: \"registry.example.com/a:1\\nregistry.example.com/a:2\"}"),
                "",
                "",
            ),
            (
                step("{tags: 'registry.example.com/a:${{ github.sha }}'}"),
                "",
                "",
            ),
            (step("{tags: 'a:1.2'}"), "", ""),
            (
                step("{context: svc/shop, tags: registry.example.com/a:1.2}"),
                "",
                "",
            ),
            (
                step("{context: svc/shop, tags: registry.example.com/a:1.2}"),
                "svc/shop",
                "registry.example.com/a:1.2",
            ),
            (
                step("{file: svc/shop/Dockerfile, tags: registry.example.com/a:1.2}"),
                "svc/shop",
                "registry.example.com/a:1.2",
            ),
            (
                run("docker build -t registry.example.com/a:1.2 ."),
                "",
                "registry.example.com/a:1.2",
            ),
            (run("docker build -t registry.example.com/a:$TAG ."), "", ""),
            (String::new(), "", ""),
            ("jobs: [".to_owned(), "", ""),
        ] {
            let want = match want {
                "" => String::new(),
                want => {
                    let up = "../".repeat(folder.split('/').filter(|it| !it.is_empty()).count());
                    format!("image={want} ({up}{HUB})")
                }
            };
            assert_eq!(image(HUB, &text, folder), want, "{text}");
        }
    }

    #[test]
    fn gitlab() {
        let text = "build:\n  script:\n    - docker build -t registry.example.com/a:1.2 svc/shop\n";
        let want = "image=registry.example.com/a:1.2 (../../.gitlab-ci.yml)";
        assert_eq!(image(".gitlab-ci.yml", text, "svc/shop"), want);
        let moved = format!("{text}    - cd x\n");
        assert_eq!(image(".gitlab-ci.yml", &moved, "svc/shop"), "");
        let variable = text.replace("1.2", "$CI_COMMIT_TAG");
        assert_eq!(image(".gitlab-ci.yml", &variable, "svc/shop"), "");
    }
}
