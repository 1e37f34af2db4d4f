//! A cluster as `kubectl` shows it to a wait: the objects of a tree with what controllers say of them.
//! The shell is the real one; `kubectl` and `sleep` are functions in it, so that no script is written.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

/// How a wait ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The next verb may be called.
    Done,
    /// It has not ended yet.
    Waits,
    /// It has seen that what it waits for never comes.
    GivesUp,
}

/// What controllers have made of the objects by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Everything.
    Ready,
    /// Something of everything, and they go on.
    Busy,
    /// Something, and no more comes.
    Stuck,
}

/// The objects that are live, by what `kubectl get` calls them.
#[derive(Debug, Clone)]
pub(super) struct Cluster {
    objects: BTreeMap<String, Value>,
    state: State,
    has_pods_of_canary: bool,
}

/// An object of a tree, as `kubectl get` calls it.
fn called(name: &str) -> String {
    let (kind, name) = name.split_once('/').unwrap();
    format!("{}/{name}", kind.to_lowercase())
}

/// The generation of every object.
const GENERATION: u64 = 7;

impl Cluster {
    /// The objects of a tree, by `Kind/name`.
    pub(super) fn of(tree: &BTreeMap<String, Value>, state: State) -> Self {
        let named = tree.iter().map(|(name, one)| (called(name), one.clone()));
        let mut objects: BTreeMap<String, Value> = named.collect();
        let counted = |name: &str| {
            let (kind, name) = name.split_once('/').unwrap();
            let scaler = tree.get(&format!("HorizontalPodAutoscaler/{name}"))?;
            let target = scaler["spec"]["scaleTargetRef"]["kind"].as_str()?;
            (target.to_lowercase() == kind).then(|| scaler["spec"]["minReplicas"].as_u64())?
        };
        let is_ready = state == State::Ready;
        let mut has_pods_of_canary = false;
        for (name, one) in &mut objects {
            one["metadata"]["generation"] = json!(GENERATION);
            match name.split('/').next().unwrap() {
                kind @ ("deployment" | "rollout") => {
                    // Whoever names no number has what the autoscaler makes of it.
                    let replicas = one["spec"]["replicas"].as_u64();
                    let replicas = replicas.or_else(|| counted(name)).unwrap_or(1);
                    one["spec"]["replicas"] = json!(replicas);
                    one["status"] = match (kind, state) {
                        ("rollout", _) => json!({
                            "workloadObservedGeneration": GENERATION.to_string(),
                            "phase": match state {
                                State::Ready => "Healthy",
                                State::Busy => "Progressing",
                                State::Stuck => "Degraded",
                            },
                        }),
                        (_, State::Stuck) => json!({ "conditions": [
                            { "type": "Progressing", "reason": "ProgressDeadlineExceeded" },
                        ]}),
                        _ => json!({ "conditions": [
                            { "type": "Progressing", "reason": "NewReplicaSetAvailable" },
                        ]}),
                    };
                    let available = replicas.saturating_sub(u64::from(!is_ready));
                    if available > 0 {
                        one["status"]["availableReplicas"] = json!(available);
                    }
                    has_pods_of_canary |= name.ends_with("-canary") && replicas > 0;
                }
                "httproute" | "grpcroute" => {
                    one["status"]["parents"] = parents(&one["spec"]["parentRefs"], is_ready);
                    let rules = one["spec"]["rules"].as_array_mut().unwrap();
                    let backends = rules
                        .iter_mut()
                        .filter_map(|rule| rule.get_mut("backendRefs"));
                    for backend in backends.flat_map(|all| all.as_array_mut().unwrap()) {
                        let weight = backend.get("weight").cloned();
                        backend["weight"] = weight.unwrap_or(json!(1));
                    }
                }
                _ => {}
            }
        }
        Self {
            objects,
            state,
            has_pods_of_canary: has_pods_of_canary || !is_ready,
        }
    }

    /// The object of that name, to be changed as somebody else would.
    pub(super) fn object(&mut self, name: &str) -> &mut Value {
        self.objects.get_mut(name).unwrap()
    }

    /// The same with one object of the tree as it is in another.
    pub(super) fn with(mut self, name: &str, other: &Self) -> Self {
        let name = &called(name);
        match other.objects.get(name) {
            Some(object) => self.objects.insert(name.clone(), object.clone()),
            None => self.objects.remove(name),
        };
        self
    }

    /// What a call of `kubectl` does: the words in the shell for it.
    fn answer(&self, call: &str) -> String {
        if let Some((objects, fields)) = call
            .split_once(" get ")
            .and_then(|(_, rest)| rest.split_once(" -o jsonpath="))
        {
            let names: Vec<&str> = objects.split(' ').collect();
            let found: Vec<&Value> = names
                .iter()
                .filter_map(|name| self.objects.get(*name))
                .collect();
            let root = match (names.len(), found.as_slice()) {
                (1, [one]) => Some((*one).clone()),
                (1, _) => None,
                _ => Some(json!({ "items": found })),
            };
            let shown = root
                .and_then(|root| template(&root, fields))
                .unwrap_or_default();
            let is_whole = found.len() == names.len();
            return format!("printf '%s' '{shown}'; return {}", u8::from(!is_whole));
        }
        let is_ready = self.state == State::Ready;
        if call.contains(" rollout status deployment/") {
            return match self.state {
                State::Ready => "return 0",
                State::Busy => "exit 98",
                State::Stuck => "return 1",
            }
            .to_owned();
        }
        assert!(call.contains(" wait --for=delete pod "), "{call}");
        let is_gone = is_ready && !self.has_pods_of_canary;
        if is_gone { "return 0" } else { "exit 98" }.to_owned()
    }
}

/// What the Gateway, which has taken the route as it is or as it was before, says at each parent.
fn parents(refs: &Value, is_current: bool) -> Value {
    let of_gateway = |one: &Value| {
        let mut parent = json!({ "group": "gateway.networking.k8s.io", "kind": "Gateway" });
        let own = one.as_object().unwrap().clone();
        parent.as_object_mut().unwrap().extend(own);
        let condition = |name: &str| {
            let generation = GENERATION - u64::from(!is_current);
            json!({ "type": name, "status": "True", "observedGeneration": generation })
        };
        let conditions = ["Accepted", "Programmed", "ResolvedRefs"].map(condition);
        json!({ "parentRef": parent, "conditions": conditions })
    };
    refs.as_array().unwrap().iter().map(of_gateway).collect()
}

/// Runs a wait while the cluster goes through these states: from one to the next at each `sleep`, and the
/// last one stays.
pub(super) fn ends(wait: &str, states: &[&Cluster]) -> End {
    let last = states.len() + 3;
    let mut lines = vec![
        "n=0".to_owned(),
        format!("sleep() {{ n=$((n + 1)); [ \"$n\" -lt {last} ] || exit 99; }}"),
        "kubectl() {".to_owned(),
    ];
    for (index, state) in states.iter().enumerate() {
        let is_last = index + 1 == states.len();
        let when = if is_last {
            "true".to_owned()
        } else {
            format!("[ \"$n\" = {index} ]")
        };
        lines.push(format!("if {when}; then case \"$*\" in"));
        let answers = calls(wait).into_iter();
        lines.extend(answers.map(|call| format!("'{call}') {};;", state.answer(&call))));
        lines.push("esac; echo \"unknown: $*\" >&2; exit 97; fi".to_owned());
    }
    lines.extend(["}".to_owned(), wait.to_owned()]);
    let script = lines.join("\n");
    let done = Command::new("sh").arg("-c").arg(&script).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    let wrong = ["unknown", "syntax", "integer", "operator", "expression"];
    assert!(
        !wrong.iter().any(|word| said.contains(word)),
        "{said}\n{script}"
    );
    match done.status.code() {
        Some(0) => End::Done,
        Some(1) => End::GivesUp,
        Some(98 | 99) => End::Waits,
        other => panic!("{other:?}: {said}\n{script}"),
    }
}

/// The calls of `kubectl` in a line, each as `"$*"` has it.
fn calls(wait: &str) -> Vec<String> {
    let mut calls = Vec::new();
    for part in wait.split("kubectl ").skip(1) {
        let call = match part.split_once(" -o jsonpath='") {
            Some((before, rest)) if before.contains(" get ") => {
                let (fields, _) = rest.split_once('\'').unwrap();
                format!("{before} -o jsonpath={fields}")
            }
            _ => part.split(" && ").next().unwrap().trim_end().to_owned(),
        };
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    calls
}

/// A template of `kubectl -o jsonpath` over an object; none where it is an error there.
fn template(root: &Value, fields: &str) -> Option<String> {
    let (mut out, mut rest) = (String::new(), fields);
    while let Some((text, tail)) = rest.split_once('{') {
        out += text;
        let (hole, tail) = tail.split_once('}').unwrap();
        rest = tail;
        if hole == "\"\\n\"" {
            out.push('\n');
        } else if let Some(path) = hole.strip_prefix("range ") {
            let (body, tail) = tail.split_once("{end}").unwrap();
            rest = tail;
            for one in walk(vec![root], path)? {
                out += &template(one, body)?;
            }
        } else {
            let words = walk(vec![root], hole)?.into_iter().map(|one| {
                let word = one.as_str().map(str::to_owned);
                word.unwrap_or_else(|| one.to_string())
            });
            out += &words.collect::<Vec<_>>().join(" ");
        }
    }
    Some(out + rest)
}

/// The values that a path leads to. A key that is missing leads nowhere; an index that is, is an error.
fn walk<'v>(mut values: Vec<&'v Value>, path: &str) -> Option<Vec<&'v Value>> {
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix("[?(@") {
            let (test, tail) = tail.split_once(")]").unwrap();
            let (field, word) = test.split_once("==").unwrap();
            let word = word.trim_matches('"');
            let items = values.into_iter().flat_map(|one| one.as_array().unwrap());
            values = items
                .filter(|one| walk(vec![one], field).is_some_and(|found| found == [word]))
                .collect();
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('[') {
            let (index, tail) = tail.split_once(']').unwrap();
            let lists = values.into_iter().map(|one| one.as_array().unwrap());
            values = match index.parse::<usize>() {
                Ok(index) => lists.map(|list| list.get(index)).collect::<Option<_>>()?,
                Err(_) => lists.flatten().collect(),
            };
            rest = tail;
        } else {
            let field = rest.strip_prefix('.').unwrap();
            let end = field.find(['.', '[']).unwrap_or(field.len());
            let (field, tail) = field.split_at(end);
            values = values
                .into_iter()
                .filter_map(|one| one.get(field))
                .collect();
            rest = tail;
        }
    }
    Some(values)
}
