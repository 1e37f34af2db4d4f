//! Rules between keys: each says what is wrong at the key where it is, all of them at once.
//!
//! What one word must look like is not here but in `value`.

mod canary;
mod expose;
mod network;
mod scale;
mod storage;
mod words;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

pub(super) use canary::too_fine;
pub(super) use expose::unlike_preset;

use super::layer::Layers;
use super::model::{AppSpec, AppType, Permission};
use super::settle;
use super::value::{Verb, Wrong};
use crate::diag::{Diagnostic, Span};
use crate::yaml::{Data, FieldPath, Manner, Step, Tree, decode};

/// Collects complaints about places of a spec.
struct Judge<'a> {
    tree: &'a Tree,
    complaints: &'a mut Vec<Diagnostic>,
    /// For lists of which an item could not be read: where each of the others stands in the text.
    readable: BTreeMap<&'static str, Vec<usize>>,
}

impl Judge<'_> {
    fn say(&mut self, path: &FieldPath, message: impl Into<String>, help: impl Into<String>) {
        let path = &self.as_written(path);
        let place = self.tree.place(path);
        self.complaints.push(
            Diagnostic::error(message)
                .at(place)
                .key(path.to_string())
                .help(help),
        );
    }

    /// The path in the text of a path in the spec that was read from it.
    fn as_written(&self, path: &FieldPath) -> FieldPath {
        let mut path = path.clone();
        if let [Step::Key(key), Step::Index(index), ..] = path.0.as_mut_slice()
            && let Some(place) = self
                .readable
                .get(key.as_str())
                .and_then(|all| all.get(*index))
        {
            *index = *place;
        }
        path
    }

    /// Looks for the items of the list `key` that could be read, if any could not.
    fn look<T: DeserializeOwned>(&mut self, key: &'static str, read: Option<&Vec<T>>) {
        let Some(Data::Seq(items)) = self.tree.get(key).map(|tree| &tree.data) else {
            return;
        };
        if items.len() == read.map_or(0, Vec::len) {
            return;
        }
        let is_read = |item: &Tree| {
            let document = item.to_document();
            document
                .root()
                .is_some_and(|root| decode::<T>(root, Manner::Spec).value.is_some())
        };
        let places = items.iter().enumerate().filter(|(_, item)| is_read(item));
        self.readable
            .insert(key, places.map(|(index, _)| index).collect());
    }

    /// Whether the list `key` has no items in the text.
    fn is_empty_list(&self, key: &str) -> bool {
        let list = self.tree.get(key).map(|tree| &tree.data);
        matches!(list, Some(Data::Seq(items)) if items.is_empty())
    }

    /// Whether a key below `path` is unknown: then what seems to be missing was only misspelt.
    fn has_unknown(&self, path: &FieldPath) -> bool {
        let below = format!("{}.", self.as_written(path));
        self.complaints.iter().any(|one| {
            one.message.starts_with("unknown key")
                && one.key.as_ref().is_some_and(|key| key.starts_with(&below))
        })
    }

    fn wrong(&mut self, path: &FieldPath, wrong: Wrong) {
        self.say(
            path,
            wrong.message,
            wrong.help.unwrap_or_else(|| "choose another".to_owned()),
        );
    }
}

fn at(key: &str) -> FieldPath {
    FieldPath::default().key(key)
}

/// Complains of required keys that no layer answers; `top` is where a spec begins, if there is one.
pub(super) fn missing(layers: &Layers, top: Option<Span>, complaints: &mut Vec<Diagnostic>) {
    for key in layers.missing() {
        let mut one = Diagnostic::error(format!("`{}` is missing: the {}", key.name, key.summary))
            .key(key.name);
        if let Some(top) = top {
            one = one.at(Span {
                end: top.start,
                ..top
            });
        }
        one.flag = Some(key.flag());
        one.variable = Some(key.variable());
        let flag = key.flag();
        let help = match top {
            None => format!(
                "give it with `{flag}`, the key `{}`, or the variable `{}`",
                key.name,
                key.variable()
            ),
            Some(_) => format!(
                "add the key `{}`; `prodgen new` also takes `{flag}` and the variable `{}`",
                key.name,
                key.variable()
            ),
        };
        complaints.push(one.help(help));
    }
}

/// The oldest Kubernetes minor that its makers still mend.
const OLDEST_MENDED: u32 = 35;

/// What holds, and is still worth a word.
pub(super) fn warnings(spec: &AppSpec, tree: &Tree) -> Vec<Diagnostic> {
    let old = spec
        .kubernetes
        .filter(|version| version.minor() < OLDEST_MENDED);
    let warning = |version| {
        Diagnostic::warning(format!(
            "Kubernetes {version} gets no more fixes from its makers"
        ))
        .at(tree.place(&at("kubernetes")))
        .key("kubernetes")
        .help("plan the upgrade of the cluster; the output works there all the same")
    };
    let mut warnings: Vec<Diagnostic> = old.map(warning).into_iter().collect();
    warnings.extend(narrow(spec, tree));
    warnings.extend(canary::warnings(spec, tree));
    warnings
}

/// Permissions to list and watch that go by a name, which few clients do.
fn narrow(spec: &AppSpec, tree: &Tree) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, one) in spec.permissions.iter().flatten().enumerate() {
        let Some(name) = one.names.iter().flatten().next() else {
            continue;
        };
        let mut verbs = one.verbs.iter().map(Verb::as_str);
        if let Some(verb) = verbs.find(|verb| ["list", "watch"].contains(verb)) {
            let what = format!(
                "with `names`, `{verb}` is allowed only to who asks with `fieldSelector: metadata.name={name}`"
            );
            let path = at("permissions").index(index).key("names");
            let one = Diagnostic::warning(what)
                .at(tree.place(&path))
                .key(path.to_string());
            found.push(one.help(
                "give a client that asks for all of them an item of its own, without `names`",
            ));
        }
    }
    found
}

/// Complains of everything that cannot be meant.
pub(super) fn rules(spec: &AppSpec, tree: &Tree, complaints: &mut Vec<Diagnostic>) {
    let judge = &mut Judge {
        tree,
        complaints,
        readable: BTreeMap::new(),
    };
    if is_too_long(judge) {
        return;
    }
    judge.look("ports", spec.ports.as_ref());
    judge.look("secrets", spec.secrets.as_ref());
    judge.look("writable", spec.writable.as_ref());
    judge.look("callers", spec.callers.as_ref());
    judge.look("needs", spec.needs.as_ref());
    judge.look("permissions", spec.permissions.as_ref());
    kind(spec, judge);
    network::namespace(spec, judge);
    network::ports(spec, judge);
    scale::replicas(spec, judge);
    scale::resources(spec, judge);
    network::probes(spec, judge);
    scale::shutdown(spec, judge);
    scale::schedule(spec, judge);
    network::callers(spec, judge);
    network::needs(spec, judge);
    expose::expose(spec, judge);
    storage::mounts(spec, judge);
    storage::secrets(spec, judge);
    permissions(spec, judge);
    canary::canary(spec, judge);
    words::words(spec, judge);
}

/// The most items of a list; no service has so many, and rules compare each with each.
const MOST_ITEMS: usize = 500;

/// Complains of lists and maps that nobody means.
fn is_too_long(judge: &mut Judge<'_>) -> bool {
    let before = judge.complaints.len();
    for entry in judge.tree.entries() {
        let count = match &entry.value.data {
            Data::Seq(items) => items.len(),
            Data::Map(entries) => entries.len(),
            Data::Scalar(..) => 0,
        };
        if count > MOST_ITEMS {
            judge.say(
                &at(&entry.key),
                format!("`{}` has {count} items", entry.key),
                format!("write {MOST_ITEMS} at most"),
            );
        }
    }
    judge.complaints.len() > before
}

fn kind(spec: &AppSpec, judge: &mut Judge<'_>) {
    let kind = settle::kind_of(spec);
    let given = |key: &str, judge: &Judge<'_>| judge.tree.get(key).is_some();
    let foreign: &[(&str, &str)] = match kind {
        AppType::Service => &[(
            "schedule",
            "only a cronjob runs at set times: write `type: cronjob`",
        )],
        AppType::Worker => &[
            (
                "schedule",
                "only a cronjob runs at set times: write `type: cronjob`",
            ),
            (
                "callers",
                "a worker answers nobody: write `type: service`, or take the key out",
            ),
            (
                "expose",
                "a worker answers nobody, and has no Service that users could be led to: write \
                 `type: service`, or take the key out",
            ),
            (
                "canary",
                "it shares out the traffic of a service, and a worker has none: take the key out; `prodgen set \
                 image=IMAGE` brings a new version, and pods that are not ready stop it",
            ),
        ],
        AppType::Cronjob => &[
            ("port", "a cronjob listens nowhere: take the key out"),
            ("ports", "a cronjob listens nowhere: take the key out"),
            ("callers", "a cronjob answers nobody: take the key out"),
            (
                "expose",
                "a cronjob answers nobody, and has no Service that users could be led to: take the key out",
            ),
            (
                "probes",
                "a run that fails is tried again: take the key out, see `schedule.retries`",
            ),
            ("replicas", "a cronjob has one pod a run: take the key out"),
            (
                "canary",
                "it shares out the traffic of a service, and a run has none: take the key out; `prodgen set \
                 image=IMAGE` brings a new version, from the next run on",
            ),
        ],
    };
    for (key, help) in foreign {
        if given(key, judge) {
            judge.say(
                &at(key),
                format!("`{key}` does not belong to a {}", kind.as_str()),
                *help,
            );
        }
    }
}

fn permissions(spec: &AppSpec, judge: &mut Judge<'_>) {
    for (index, one) in spec.permissions.iter().flatten().enumerate() {
        let here = at("permissions").index(index);
        let Permission {
            group: _,
            resources,
            names,
            verbs,
        } = one;
        if resources.is_empty() || verbs.is_empty() {
            judge.say(
                &here,
                "this permission allows nothing",
                "name `resources` and `verbs`",
            );
        }
        let all_secrets = names.as_ref().is_none_or(Vec::is_empty)
            || verbs
                .iter()
                .any(|verb| ["list", "watch"].contains(&verb.as_str()));
        if resources
            .iter()
            .any(|resource| resource.as_str() == "secrets")
            && all_secrets
        {
            judge.say(
                &here.key("resources"),
                "this permission reads every Secret of the namespace",
                "mount the ones it needs with `secrets`, or name them under `names` with the verb `get`",
            );
        }
        // What is asked for by a name can be narrowed to it: also `list` and `watch` of one object, and what
        // is created below one, such as `serviceaccounts/token`.
        let is_unnamed = |verb: &str| match verb {
            "deletecollection" => true,
            "create" => !resources.iter().all(|one| one.as_str().contains('/')),
            _ => false,
        };
        if names.as_ref().is_some_and(|names| !names.is_empty())
            && let Some(verb) = verbs.iter().find(|verb| is_unnamed(verb.as_str()))
        {
            judge.say(
                &here.key("names"),
                format!("`names` cannot narrow the verb `{verb}`"),
                "make an item of its own for that verb, without `names`",
            );
        }
    }
}
