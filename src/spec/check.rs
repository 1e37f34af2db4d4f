//! Rules between keys: each says what is wrong at the key where it is, all of them at once.
//!
//! What one word must look like is not here but in `value`.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use super::layer::Layers;
use super::model::{AppSpec, AppType, CallerSpec, NeedSpec, Permission, Protocol};
use super::probe::Probe;
use super::replicas::ReplicasSpec;
use super::settle;
use super::value::{MountPath, Namespace, Wrong};
use crate::diag::{Diagnostic, Span};
use crate::yaml::{Data, FieldPath, Manner, Step, Tree, decode};

/// The most pods that are believed; a larger number is a slip of the finger.
const MOST_PODS: u32 = 5000;

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
        complaints.push(one.help(format!(
            "give it with `{}`, the key `{}`, or the variable `{}`",
            key.flag(),
            key.name,
            key.variable()
        )));
    }
}

/// Complains of everything that cannot be meant.
pub(super) fn rules(spec: &AppSpec, tree: &Tree, complaints: &mut Vec<Diagnostic>) {
    let judge = &mut Judge {
        tree,
        complaints,
        readable: BTreeMap::new(),
    };
    judge.look("ports", spec.ports.as_ref());
    judge.look("secrets", spec.secrets.as_ref());
    judge.look("writable", spec.writable.as_ref());
    judge.look("callers", spec.callers.as_ref());
    judge.look("needs", spec.needs.as_ref());
    judge.look("permissions", spec.permissions.as_ref());
    kind(spec, judge);
    namespace(spec, judge);
    ports(spec, judge);
    replicas(spec, judge);
    resources(spec, judge);
    probes(spec, judge);
    shutdown(spec, judge);
    callers(spec, judge);
    needs(spec, judge);
    mounts(spec, judge);
    secrets(spec, judge);
    permissions(spec, judge);
    words(spec, judge);
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

fn namespace(spec: &AppSpec, judge: &mut Judge<'_>) {
    let named = spec
        .namespace
        .as_ref()
        .is_some_and(|namespace| namespace.name.is_some());
    if let (false, Some(name)) = (named, &spec.name)
        && let Err(wrong) = name.as_str().parse::<Namespace>()
    {
        judge.say(
            &at("name"),
            format!(
                "the namespace would have the name of the service, and {}",
                wrong.message
            ),
            "choose another name, or set `namespace`",
        );
    }
}

fn ports(spec: &AppSpec, judge: &mut Judge<'_>) {
    if spec.port.is_some() && spec.ports.is_some() {
        judge.say(
            &at("ports"),
            "both `port` and `ports` are there",
            "keep one of them",
        );
        return;
    }
    if judge.is_empty_list("ports") {
        judge.say(
            &at("ports"),
            "`ports` has no items",
            "name a port, or take the key out",
        );
    }
    let Ok(ports) = settle::ports(spec) else {
        return;
    };
    for (index, port) in ports.iter().enumerate() {
        let here = at("ports").index(index);
        for earlier in &ports[..index] {
            if earlier.port == port.port {
                judge.say(
                    &here.key("port"),
                    format!("the port `{}` stands here twice", port.port),
                    "keep one of them",
                );
            } else if earlier.name == port.name {
                judge.say(
                    &here,
                    format!("two ports have the name `{}`", port.name),
                    "give each a `name` of its own",
                );
            }
        }
    }
}

fn replicas(spec: &AppSpec, judge: &mut Judge<'_>) {
    let root = at("replicas");
    match &spec.replicas {
        Some(ReplicasSpec::Fixed(count)) if !(1..=MOST_PODS).contains(count) => judge.say(
            &root,
            format!("`{count}` is no number of pods to run in production"),
            format!("write a number from 1 to {MOST_PODS}"),
        ),
        Some(ReplicasSpec::Auto(auto)) => {
            for (key, bound) in [("min", auto.min), ("max", auto.max)] {
                if bound.is_some_and(|bound| !(1..=MOST_PODS).contains(&bound)) {
                    judge.say(
                        &root.key(key),
                        format!(
                            "`{}` is no number of pods to run in production",
                            bound.unwrap_or(0)
                        ),
                        format!("write a number from 1 to {MOST_PODS}"),
                    );
                }
            }
            if let (Some(min), Some(max)) = (auto.min, auto.max)
                && min > max
            {
                judge.say(
                    &root.key("min"),
                    format!("`min: {min}` is more than `max: {max}`"),
                    "raise `max` or lower `min`",
                );
            }
            if let Some(cpu) = auto.cpu
                && !(1..=100).contains(&cpu)
            {
                judge.say(
                    &root.key("cpu"),
                    format!("`{cpu}` is no percentage of the cpu request"),
                    "write a number from 1 to 100; 70 leaves room for a burst",
                );
            }
        }
        Some(ReplicasSpec::Fixed(_)) | None => {}
    }
}

fn resources(spec: &AppSpec, judge: &mut Judge<'_>) {
    let limits = at("resources").key("limits");
    let (Ok((memory, memory_limit)), Ok((cpu, cpu_limit))) =
        (settle::memory(spec), settle::cpu(spec))
    else {
        return;
    };
    if memory > memory_limit {
        judge.say(
            &limits.key("memory"),
            format!("the memory limit `{memory_limit}` is below the request `{memory}`"),
            "raise the limit, or take it out: it is the request then",
        );
    }
    if let Some(limit) = cpu_limit
        && cpu > limit
    {
        judge.say(
            &limits.key("cpu"),
            format!("the cpu limit `{limit}` is below the request `{cpu}`"),
            "raise the limit, or take it out: a cpu limit throttles",
        );
    }
    let Ok(writable) = settle::writable(spec) else {
        return;
    };
    for (index, one) in writable.iter().enumerate() {
        if one.memory && one.size >= memory_limit {
            judge.say(
                &at("writable").index(index),
                format!(
                    "`{}` may take {} of the {memory_limit} of memory",
                    one.path, one.size
                ),
                "a folder in memory counts as memory: make it smaller, or raise `resources`",
            );
        }
    }
}

fn probes(spec: &AppSpec, judge: &mut Judge<'_>) {
    let (Some(probes), Ok(ports)) = (&spec.probes, settle::ports(spec)) else {
        return;
    };
    if settle::kind_of(spec) == AppType::Cronjob
        || judge.readable.contains_key("ports")
        || judge.is_empty_list("ports")
    {
        return;
    }
    for (key, probe) in [("ready", &probes.ready), ("live", &probes.live)] {
        let (want, name) = match probe {
            Some(Probe::Http(_)) => (Protocol::Http, "http"),
            Some(Probe::Grpc) => (Protocol::Grpc, "grpc"),
            Some(Probe::Tcp) if ports.is_empty() => (Protocol::Tcp, "tcp"),
            Some(Probe::Tcp | Probe::Off | Probe::Exec(_)) | None => continue,
        };
        if !ports.iter().any(|port| port.protocol == want) {
            judge.say(
                &at("probes").key(key),
                format!("the probe speaks {name}, and no port does"),
                format!("name a port under `ports` with `protocol: {name}`, or ask in another way"),
            );
            return;
        }
    }
}

fn shutdown(spec: &AppSpec, judge: &mut Judge<'_>) {
    let Ok((delay, grace)) = settle::shutdown(spec) else {
        return;
    };
    if delay.count() >= grace.count() {
        judge.say(
            &at("shutdown"),
            format!("the pod is killed after {grace}, and asked to end only after {delay}"),
            "make `grace` longer than `delay`: the rest is what the app has to finish its work",
        );
    }
    if grace.count() > 3600 {
        judge.say(
            &at("shutdown").key("grace"),
            format!("a node that is drained would wait {grace} for each pod"),
            "write an hour at most",
        );
    }
}

fn callers(spec: &AppSpec, judge: &mut Judge<'_>) {
    for (index, caller) in spec.callers.iter().flatten().enumerate() {
        let here = at("callers").index(index);
        let CallerSpec {
            service,
            namespace,
            labels,
            cidr,
        } = caller;
        let pods = service.is_some() || namespace.is_some() || labels.is_some();
        if cidr.is_some() && pods {
            judge.say(
                &here,
                "a caller is pods or addresses, not both",
                "make two items of it: pods have no addresses that last",
            );
        } else if cidr.is_none()
            && service.is_none()
            && namespace.is_none()
            && !judge.has_unknown(&here)
        {
            judge.say(
                &here,
                "this caller is nobody",
                "write a service (`storefront`), `{namespace: web}` or `{cidr: 203.0.113.0/24}`",
            );
        }
        if labels.as_ref().is_some_and(BTreeMap::is_empty) {
            judge.say(
                &here.key("labels"),
                "no labels mean every pod",
                "name one, or take the key out",
            );
        }
    }
}

fn needs(spec: &AppSpec, judge: &mut Judge<'_>) {
    for (index, need) in spec.needs.iter().flatten().enumerate() {
        let here = at("needs").index(index);
        let NeedSpec {
            service,
            namespace,
            labels,
            port,
            cidr,
            host,
            internet,
        } = need;
        let pods = service.is_some() || namespace.is_some() || labels.is_some();
        let internet = *internet == Some(true);
        let kinds = usize::from(pods) + usize::from(cidr.is_some()) + usize::from(internet);
        if host.is_some() && cidr.is_none() {
            judge.say(
                &here.key("host"),
                "a network policy cannot match names, so `host` alone allows nothing",
                "add the addresses as `cidr`, or write `{internet: true, port: 443}`",
            );
            continue;
        }
        if kinds > 1 {
            judge.say(
                &here,
                "a need is pods, addresses or the internet, one of them",
                "make an item of each",
            );
        } else if judge.has_unknown(&here) {
            continue;
        } else if kinds == 0 || (pods && service.is_none() && namespace.is_none()) {
            judge.say(
                &here,
                "this need is nobody",
                "write `ledger:50051`, `{cidr: 203.0.113.7/32, port: 443}` or `{internet: true}`",
            );
        }
        if labels.as_ref().is_some_and(BTreeMap::is_empty) {
            judge.say(
                &here.key("labels"),
                "no labels mean every pod",
                "name one, or take the key out",
            );
        }
        if port.is_none() && !internet {
            let who = service
                .as_ref()
                .map_or("SERVICE", |service| service.as_str());
            judge.say(
                &here,
                "a need says which port",
                format!("write `{who}:8080` with the port of its pods, not that of its Service"),
            );
        }
    }
}

/// Everything that is mounted, with the key that says so.
fn mounted(spec: &AppSpec) -> Vec<(FieldPath, MountPath)> {
    let mut mounts = Vec::new();
    let secrets: Vec<_> = spec.secrets.iter().flatten().collect();
    for (index, secret) in secrets.iter().enumerate() {
        // The same one twice is said elsewhere.
        let is_first = secrets[..index].iter().all(|one| one.name != secret.name);
        if is_first && let Ok(mount) = settle::secret_mount(secret) {
            mounts.push((at("secrets").index(index).key("mount"), mount));
        }
    }
    if let Some(Ok(mount)) = settle::config_mount(spec) {
        mounts.push((at("config").key("mount"), mount));
    }
    for (index, one) in settle::writable(spec)
        .unwrap_or_default()
        .into_iter()
        .enumerate()
    {
        mounts.push((at("writable").index(index).key("path"), one.path));
    }
    mounts
}

fn mounts(spec: &AppSpec, judge: &mut Judge<'_>) {
    if let Some(Err(wrong)) = settle::config_mount(spec) {
        judge.wrong(&at("config"), wrong);
    }
    let mounts = mounted(spec);
    for (index, (path, mount)) in mounts.iter().enumerate() {
        for (other_path, other) in &mounts[..index] {
            // A default has no place in the text; the other of the two has.
            let is_written = judge.tree.place(path) != judge.tree.span;
            let path = if is_written { path } else { other_path };
            if mount == other {
                judge.say(
                    path,
                    format!("`{mount}` is mounted twice"),
                    "give each folder a place of its own",
                );
            } else if mount.is_within(other) || other.is_within(mount) {
                judge.say(
                    path,
                    format!("`{mount}` and `{other}` lie in each other: one hides the other"),
                    "mount them beside each other",
                );
            }
        }
    }
}

fn secrets(spec: &AppSpec, judge: &mut Judge<'_>) {
    let secrets: Vec<_> = spec.secrets.iter().flatten().collect();
    for (index, secret) in secrets.iter().enumerate() {
        let here = at("secrets").index(index);
        if secrets[..index]
            .iter()
            .any(|earlier| earlier.name == secret.name)
        {
            judge.say(
                &here.key("name"),
                format!("`{}` stands here twice", secret.name),
                "keep one of them",
            );
        }
        if secret.keys.as_ref().is_some_and(Vec::is_empty) {
            judge.say(
                &here.key("keys"),
                "no keys are shown",
                "name some, or take `keys` out to show all",
            );
        }
        for (variable, key) in secret.path_env.iter().flatten() {
            let path = here.key("pathEnv").key(variable.as_str());
            if secret.keys.as_ref().is_some_and(|keys| !keys.contains(key)) {
                judge.say(
                    &path,
                    format!("the key `{key}` is not among `keys`"),
                    "add it there",
                );
            }
            let taken = spec
                .env
                .as_ref()
                .is_some_and(|env| env.contains_key(variable))
                || secrets[..index].iter().any(|earlier| {
                    earlier
                        .path_env
                        .as_ref()
                        .is_some_and(|vars| vars.contains_key(variable))
                });
            if taken {
                judge.say(
                    &path,
                    format!("the variable `{variable}` is set twice"),
                    "keep one of them",
                );
            }
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

/// Labels that prodgen sets itself.
const OWN_LABELS: &[&str] = &[
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
];
/// Prefixes that are not the user's to set.
const OWN_PREFIXES: &[&str] = &[
    "prodgen.dev/",
    "pod-security.kubernetes.io/",
    "kubernetes.io/",
    "k8s.io/",
    "kubectl.kubernetes.io/",
];

fn words(spec: &AppSpec, judge: &mut Judge<'_>) {
    let labels = spec
        .labels
        .iter()
        .flatten()
        .map(|(key, _)| ("labels", key.as_str()));
    let annotations = spec
        .annotations
        .iter()
        .flatten()
        .map(|(key, _)| ("annotations", key.as_str()));
    for (map, key) in labels.chain(annotations) {
        if OWN_LABELS.contains(&key) || OWN_PREFIXES.iter().any(|prefix| key.starts_with(prefix)) {
            judge.say(
                &at(map).key(key),
                format!("`{key}` is set by prodgen or by Kubernetes"),
                "take it out, or choose a prefix of your own",
            );
        }
    }
    let size: usize = spec
        .annotations
        .iter()
        .flatten()
        .map(|(key, value)| key.as_str().len() + value.len())
        .sum();
    if size > 128 << 10 {
        judge.say(
            &at("annotations"),
            format!("the annotations have {size} bytes; Kubernetes takes 256 KiB with its own"),
            "keep them under 128 KiB",
        );
    }
    if let Some(day) = spec
        .about
        .as_ref()
        .and_then(|about| about.launched.as_deref())
        && !is_day(day)
    {
        judge.say(
            &at("about").key("launched"),
            format!(
                "`{}` is no day",
                day.chars()
                    .filter(|c| !c.is_control())
                    .take(60)
                    .collect::<String>()
            ),
            "write it as \"2026-11-24\"",
        );
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let number = |part: &str, len: usize| {
        (part.len() == len && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_days() {
        for good in ["2026-11-24", "2024-02-29"] {
            assert!(is_day(good));
        }
        for bad in [
            "2026-02-29",
            "24.11.2026",
            "2026-1-1",
            "2026-00-10",
            "+026-01-01",
            "",
        ] {
            assert!(!is_day(bad), "{bad}");
        }
    }
}
