//! Compose files: image, port, health and Secrets of the service that is built from this folder, and
//! whom it depends on. What stands in a variable is not found, and no other file is followed to.

mod dependency;

use super::place::Place;
use super::{Found, Repository, env, health, yaml};
use crate::spec::value::{HttpPath, ImageRef, Port};
use crate::yaml::{Data, Tree};

/// Names of the file; the first that is there counts.
const FILES: &[&str] = &[
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// Nobody but root may listen below it, and the image runs as somebody else.
const LOWEST: u16 = 1024;

/// What the file in the folder says of it, else that at the top of the repository.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    let here = FILES.iter().find_map(|path| place.here(path));
    let above = || FILES.iter().find_map(|path| place.above(path));
    let (text, file, way) = match (here, place.way()) {
        (Some((text, file)), _) => (text, file, Vec::new()),
        (None, Some(way)) => match above() {
            Some((text, file)) => (text, file, way),
            None => return,
        },
        (None, None) => return,
    };
    let Some(tree) = yaml::tree(&text) else {
        return;
    };
    let Some((name, service)) = own(&tree, &way, place.name()) else {
        return;
    };
    if let Some(image) = yaml::text(service, "image").and_then(|text| ImageRef::parse(text).ok()) {
        repository.add(Found::word("image", &image, &file));
    }
    let asked = check(service);
    let port = ports(service)
        .into_iter()
        .find(|port| port.number() >= LOWEST);
    if let Some(port) = port {
        repository.add(Found::word("port", &port, &file));
    }
    if let Some((port, path)) = asked {
        repository.add(Found::word("probes", &path, &file).on(Some(port)));
    }
    repository.add(Found::list("secrets", secrets(service), &file));
    dependency::read(&tree, name, service, &file, repository);
}

/// The one service that is built from the folder at the end of `way`.
fn own<'t>(tree: &'t Tree, way: &[&str], folder: Option<&str>) -> Option<(&'t str, &'t Tree)> {
    let services = tree.get("services")?.entries().iter();
    let services = services.map(|entry| (entry.key.as_str(), &entry.value));
    let candidates: Vec<(&str, &Tree)> = services
        .filter(|(_, service)| built_from(service).as_deref() == Some(way))
        .collect();
    match candidates.as_slice() {
        [one] => Some(*one),
        several => {
            let mut listen = several
                .iter()
                .filter(|(_, service)| !ports(service).is_empty());
            let named = several.iter().find(|(name, _)| Some(*name) == folder);
            match (named, listen.next(), listen.next()) {
                (Some(one), _, _) | (None, Some(one), None) => Some(*one),
                _ => None,
            }
        }
    }
}

/// The way to the folder that a service is built from: that of its Dockerfile.
fn built_from(service: &Tree) -> Option<Vec<&str>> {
    let build = service.get("build")?;
    let (context, file) = match yaml::word(build) {
        Some(context) => (context, "Dockerfile"),
        None => (
            yaml::text(build, "context").unwrap_or("."),
            yaml::text(build, "dockerfile").unwrap_or("Dockerfile"),
        ),
    };
    let mut way = yaml::way(context)?;
    let mut file = yaml::way(file)?;
    file.pop();
    way.extend(file);
    Some(way)
}

/// The ports that a service listens on, without those of udp.
fn ports(service: &Tree) -> Vec<Port> {
    let mut ports = Vec::new();
    let given = ["ports", "expose"];
    for item in given.iter().flat_map(|key| yaml::items(service, key)) {
        let found = match yaml::word(item) {
            Some(text) => short_port(text),
            None if yaml::text(item, "protocol").is_some_and(|one| one != "tcp") => None,
            None => yaml::text(item, "target").and_then(|text| Port::parse(text).ok()),
        };
        if let Some(port) = found.filter(|port| !ports.contains(port)) {
            ports.push(port);
        }
    }
    ports
}

/// The container's side of `127.0.0.1:80:8080/tcp`.
fn short_port(text: &str) -> Option<Port> {
    let text = match text.split_once('/') {
        Some((text, "tcp")) => text,
        Some(_) => return None,
        None => text,
    };
    Port::parse(text.rsplit(':').next()?).ok()
}

/// What the health check of a service asks for.
fn check(service: &Tree) -> Option<(Port, HttpPath)> {
    let check = service.get("healthcheck")?;
    if yaml::text(check, "disable").is_some_and(|word| word != "false") {
        return None;
    }
    match &check.get("test")?.data {
        Data::Scalar(line, _) => health::in_shell(line),
        Data::Map(_) => None,
        Data::Seq(words) => {
            let words: Option<Vec<&str>> = words.iter().map(yaml::word).collect();
            match words?.as_slice() {
                ["CMD-SHELL", line] => health::in_shell(line),
                ["CMD", words @ ..] => health::in_words(words),
                _ => None,
            }
        }
    }
}

/// The names of the Secrets of a service: those it is given as files, and its credentials.
fn secrets(service: &Tree) -> Vec<String> {
    let files = yaml::items(service, "secrets").iter();
    let files = files.filter_map(|item| yaml::word(item).or_else(|| yaml::text(item, "source")));
    let pairs = service.get("environment").map_or(&[][..], Tree::entries);
    let pairs = pairs
        .iter()
        .map(|one| (one.key.as_str(), yaml::word(&one.value).unwrap_or_default()));
    let lines = yaml::items(service, "environment").iter();
    let lines = lines
        .filter_map(yaml::word)
        .map(|line| line.split_once('=').unwrap_or((line, "")));
    let variables = pairs.chain(lines);
    let credentials = variables.filter(|(name, value)| env::is_secret(name, value));
    files
        .chain(credentials.map(|(name, _)| name))
        .filter_map(env::secret)
        .collect()
}

#[cfg(test)]
mod tests;
