//! Lines of scripts that build an image: which folder, and what it is called. A line that a shell
//! would have to expand for that says nothing.

use super::yaml;

/// An image that is built.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Built<'t> {
    /// The way to the folder that holds its Dockerfile.
    pub(super) way: Vec<&'t str>,
    /// What it is called, each name as it stands there.
    pub(super) tags: Vec<&'t str>,
}

/// Options of `build` that have a value, and of which the next word is none of ours.
const VALUED: &[&str] = &[
    "--build-arg",
    "--build-context",
    "--builder",
    "--cache-from",
    "--cache-to",
    "--label",
    "--network",
    "--output",
    "--platform",
    "--progress",
    "--provenance",
    "--sbom",
    "--secret",
    "--ssh",
    "--target",
    "-o",
];

/// What the lines of a script build; where they change the folder, nobody knows.
pub(super) fn builds(script: &str) -> Vec<Built<'_>> {
    let moves = |line: &str| {
        line.split_whitespace()
            .any(|word| matches!(word, "cd" | "pushd"))
    };
    if script.contains("\\\n") || script.lines().any(moves) {
        return Vec::new();
    }
    let commands = script.lines().flat_map(|line| line.split("&&"));
    commands.filter_map(build).collect()
}

fn build(command: &str) -> Option<Built<'_>> {
    if command.contains(['|', ';', '`', '#']) {
        return None;
    }
    let mut words = command
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'']));
    let (tool, verb) = (words.next()?, words.next()?);
    let verb = if verb == "buildx" {
        words.next()?
    } else {
        verb
    };
    if !matches!(
        (tool, verb),
        ("docker" | "podman", "build") | ("buildah", "bud" | "build")
    ) {
        return None;
    }
    let (mut tags, mut file, mut context) = (Vec::new(), None, None);
    while let Some(word) = words.next() {
        let (option, inline) = match word.split_once('=') {
            Some((option, value)) if word.starts_with("--") => (option, Some(value)),
            _ => (word, None),
        };
        match option {
            "-t" | "--tag" => tags.push(inline.or_else(|| words.next())?),
            "-f" | "--file" => file = Some(inline.or_else(|| words.next())?),
            _ if VALUED.contains(&option) => {
                inline.or_else(|| words.next())?;
            }
            _ if option.starts_with('-') => {}
            _ if context.is_none() => context = Some(word),
            _ => return None,
        }
    }
    Some(Built {
        way: way(context?, file)?,
        tags,
    })
}

/// The way to the folder of a Dockerfile: `file` is as seen from where the command runs.
pub(super) fn way<'t>(context: &'t str, file: Option<&'t str>) -> Option<Vec<&'t str>> {
    let Some(file) = file else {
        return yaml::way(context);
    };
    let mut way = yaml::way(file)?;
    way.pop();
    Some(way)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_build() {
        for (script, want) in [
            ("docker build -t a/b:1 .", ": a/b:1"),
            (
                "docker build --tag=a/b:1 --tag a/b:2 ./svc/shop/",
                "svc/shop: a/b:1 a/b:2",
            ),
            (
                "docker buildx build --push --platform linux/arm64 -t 'a/b:1' .",
                ": a/b:1",
            ),
            (
                "podman build -f svc/shop/Containerfile -t a/b:1 .",
                "svc/shop: a/b:1",
            ),
            ("buildah bud -t a/b:1 .", ": a/b:1"),
            (
                "docker login && docker build -t a/b:1 . && docker push a/b:1",
                ": a/b:1",
            ),
            ("docker build .", ": "),
            ("cd svc\ndocker build -t a/b:1 .", ""),
            ("docker build -t a/b:1 $DIR", ""),
            ("docker build -t a/b:1 https://git.example.com/x", ""),
            ("docker build -t a/b:1 . | tee log", ""),
            ("docker build -t", ""),
            ("docker build \\\n -t a/b:1 .", ""),
            ("echo docker build -t a/b:1 .", ""),
            ("docker", ""),
            ("", ""),
        ] {
            let said: Vec<String> = builds(script)
                .iter()
                .map(|one| format!("{}: {}", one.way.join("/"), one.tags.join(" ")))
                .collect();
            assert_eq!(said.join(", "), want, "{script}");
        }
    }
}
