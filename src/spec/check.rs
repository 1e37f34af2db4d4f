//! Rules between keys: each says what is wrong at the key where it is, all of them at once.
//!
//! What one word must look like is not here but in `value`.

mod credential;
mod network;
mod scale;
mod storage;
mod words;

use super::layer::Layers;
use super::model::{AppSpec, AppType, Permission};
use super::settle;
use super::value::Wrong;
use crate::diag::{Diagnostic, Span};
use crate::yaml::{FieldPath, Tree};

/// Collects complaints about places of a spec.
struct Judge<'a> {
    tree: &'a Tree,
    complaints: &'a mut Vec<Diagnostic>,
}

impl Judge<'_> {
    fn say(&mut self, path: &FieldPath, message: impl Into<String>, help: impl Into<String>) {
        let place = self.tree.place(path);
        self.complaints.push(
            Diagnostic::error(message)
                .at(place)
                .key(path.to_string())
                .help(help),
        );
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

/// Complains of required keys that no layer answers.
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
        one.flag = key.flag.map(|flag| format!("--{flag}"));
        one.variable = Some(key.variable());
        let flag = key.flag.unwrap_or(key.name);
        let help = match top {
            None => format!(
                "give it with `--{flag}`, the key `{}`, or the variable `{}`",
                key.name,
                key.variable()
            ),
            Some(_) => format!(
                "add the key `{}`; `prodgen new` also takes `--{flag}` and the variable `{}`",
                key.name,
                key.variable()
            ),
        };
        complaints.push(one.help(help));
    }
}

/// Complains of everything that cannot be meant.
pub(super) fn rules(spec: &AppSpec, tree: &Tree, complaints: &mut Vec<Diagnostic>) {
    let judge = &mut Judge { tree, complaints };
    kind(spec, judge);
    network::namespace(spec, judge);
    network::ports(spec, judge);
    scale::replicas(spec, judge);
    scale::resources(spec, judge);
    network::probes(spec, judge);
    scale::shutdown(spec, judge);
    network::callers(spec, judge);
    network::needs(spec, judge);
    storage::mounts(spec, judge);
    storage::secrets(spec, judge);
    credential::env(spec, judge);
    permissions(spec, judge);
    words::words(spec, judge);
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
        ],
        AppType::Cronjob => &[
            ("port", "a cronjob listens nowhere: take the key out"),
            ("ports", "a cronjob listens nowhere: take the key out"),
            ("callers", "a cronjob answers nobody: take the key out"),
            (
                "probes",
                "a run that fails is tried again: take the key out, see `schedule.retries`",
            ),
            ("replicas", "a cronjob has one pod a run: take the key out"),
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
        let unnamed = ["create", "list", "watch", "deletecollection"];
        if names.as_ref().is_some_and(|names| !names.is_empty())
            && let Some(verb) = verbs.iter().find(|verb| unnamed.contains(&verb.as_str()))
        {
            judge.say(
                &here.key("names"),
                format!("`names` cannot narrow the verb `{verb}`"),
                "make an item of its own for that verb, without `names`",
            );
        }
    }
}
