//! The command lines that end when the cluster is where the files are, for whoever calls the next verb.
//!
//! A commit may be applied minutes later, by Argo CD for example, and until then the objects from before
//! are whole: each line first waits until the live objects show what was committed, and only then until it
//! is ready. A line is for any POSIX shell; what ends early does so in a subshell, for a line may be pasted.

use super::{deployed, engine, name, pods, pods_of_canary};
use crate::component::expose::{self, OnGateway};
use crate::component::{config, volume};
use crate::spec::canary::{Holder, TakeoverSpec};
use crate::spec::{App, Replicas};

/// The weight of the backend of testers: by it their rule is known from one that a person adds.
pub(in crate::component) const OF_TESTERS: u32 = 100;

/// The line of an engine whose every move is a render.
pub(super) fn is_reached(app: &App) -> String {
    let run = app.run();
    let mut parts = vec![shows_pods(app)];
    let route = weights(app).and_then(|_| expose::route(app));
    parts.extend(route.as_ref().and_then(|route| shows_shares(app, route)));
    // A later step leaves stable as it was, or takes of it: it may be the new version that mends it.
    if run.is_none_or(|run| run.end.is_some() || run.is_at_first_step()) {
        parts.push(is_whole(app));
    }
    // Once it is decided, nobody waits for pods that go.
    if run.is_some_and(|run| run.end.is_none()) {
        parts.push(rollout_status(app, &name(app)));
    }
    parts.extend(route.map(|route| is_taken(app, route)));
    if run.is_none() {
        parts.push(canary_is_gone(app));
    }
    parts.join(" && ")
}

/// The line of a Rollout that makes the pods: it has put out what the Deployment says.
pub(super) fn is_out(app: &App) -> String {
    let marks = marks(app, &deployed(app));
    let (paths, values): (Vec<String>, Vec<String>) = marks.into_iter().unzip();
    let paths: Vec<String> = paths.iter().map(|path| of("Deployment", path)).collect();
    let version = values.join(",");
    let fields = [
        paths.join(","),
        of("Deployment", ".spec.replicas"),
        of("Deployment", ".metadata.generation"),
        of("Rollout", ".status.workloadObservedGeneration"),
        of("Rollout", ".status.phase"),
    ];
    let shown = get(app, &["deployment", "rollout"], &fields.join(" "));
    unless_stuck(
        app,
        &format!("set -- $({shown}) && now=\"$1 $2 $3 $5\""),
        &format!("[ \"$now\" = \"{version} 0 $4 Healthy\" ]"),
        (&format!("{version} 0 $4"), Holder::Rollout),
    )
}

/// The line of pods that change hands: whoever takes them has as many as the other has by now, and as
/// many as are planned.
pub(super) fn is_handed_over(app: &App, takeover: TakeoverSpec) -> String {
    let size = pods(app).replicas.min();
    let (takes, gives, word) = match takeover.to {
        Holder::Rollout => ("Rollout", "Deployment", ".status.phase"),
        Holder::Deployment => (
            "Deployment",
            "Rollout",
            ".status.conditions[?(@.type==\"Progressing\")].reason",
        ),
    };
    let mut kinds = vec!["deployment", "rollout"];
    // Where somebody scales, that is what changes hands; else both name the number.
    let (plan, planned) = match app.replicas {
        Replicas::Fixed(_) => (
            ["Deployment", "Rollout"].map(|kind| of(kind, ".spec.replicas")),
            format!("{size}={size}"),
        ),
        Replicas::Auto { .. } => {
            kinds.push("horizontalpodautoscaler");
            (
                [".spec.scaleTargetRef.kind", ".spec.minReplicas"]
                    .map(|path| of("HorizontalPodAutoscaler", path)),
                format!("{takes}={size}"),
            )
        }
    };
    let fields = format!(
        "{} {} 0{} {}",
        plan.join("="),
        of(gives, ".spec.replicas"),
        of(takes, ".status.availableReplicas"),
        of(takes, word)
    );
    unless_stuck(
        app,
        &format!("set -- $({}) && now=\"$1 $4\"", get(app, &kinds, &fields)),
        &format!("[ \"$1\" = {planned} ] && [ \"$3\" -ge {size} ] && [ \"$3\" -ge \"$2\" ]"),
        (&planned, takeover.to),
    )
}

/// A loop that `look`s until it is `done`, and ends with 1 where the one who makes the pods has given up
/// what is `shown`. That is looked at twice: a new version begins with what was said of the one before.
fn unless_stuck(app: &App, look: &str, done: &str, (shown, holder): (&str, Holder)) -> String {
    let (kind, word) = match holder {
        Holder::Rollout => ("Rollout", "Degraded"),
        Holder::Deployment => ("Deployment", "ProgressDeadlineExceeded"),
    };
    let name = &app.name;
    format!(
        "(was=; until {look} && {done}; do if [ \"$now\" = \"{shown} {word}\" ] && [ \"$was\" = \"$now\" ]; then \
         echo \"{kind} {name}: {word}\" >&2; exit 1; fi; was=$now; sleep 5; done)"
    )
}

/// A field of the object of one kind, in a list of several; nothing where that is not there yet.
fn of(kind: &str, path: &str) -> String {
    format!("{{.items[?(@.kind==\"{kind}\")]{path}}}")
}

/// Prints fields of the objects of these kinds that have the service's name; several are a list.
fn get(app: &App, kinds: &[&str], fields: &str) -> String {
    let objects: Vec<String> = kinds
        .iter()
        .map(|kind| format!("{kind}/{}", app.name))
        .collect();
    print(app, &objects.join(" "), fields)
}

/// Prints fields of objects.
fn print(app: &App, objects: &str, fields: &str) -> String {
    let namespace = &app.namespace;
    format!("kubectl -n {namespace} get {objects} -o jsonpath='{fields}'")
}

/// What tells one version from another in what makes its pods, each with its value in `version`: the image,
/// whatever runs beside it, and where that is the same, the names of what is read.
fn marks(app: &App, version: &App) -> Vec<(String, String)> {
    let of_pod = |part: &str, name: &str, field: &str| {
        format!(".spec.template.spec.{part}[?(@.name==\"{name}\")].{field}")
    };
    let image = of_pod("containers", app.name.as_str(), "image");
    let mut marks = vec![(image, version.image.reference.to_string())];
    if app.image.reference != app.next().image.reference {
        return marks;
    }
    if let Some(config) = &version.config {
        let path = of_pod("volumes", volume::CONFIG, "configMap.name");
        marks.push((path, config::name(app, config)));
    }
    for secret in &version.secrets {
        let path = of_pod("volumes", &volume::of_secret(secret), "secret.secretName");
        marks.push((path, secret.secret.to_string()));
    }
    marks
}

/// Ends when both Deployments have the versions and the numbers of pods that the files say, or the
/// autoscaler has its part of them.
fn shows_pods(app: &App) -> String {
    let versions = [app, app.next()].map(|version| marks(app, version));
    let mut objects = vec![
        format!("deployment/{}", app.name),
        format!("deployment/{}", name(app)),
    ];
    let count_of = |name: &str| format!("{{.items[?(@.metadata.name==\"{name}\")].spec.replicas}}");
    let pods = pods(app);
    let count = match pods.replicas {
        Replicas::Fixed(_) => count_of(app.name.as_str()),
        Replicas::Auto { .. } => {
            objects.push(format!("horizontalpodautoscaler/{}", app.name));
            of("HorizontalPodAutoscaler", ".spec.minReplicas")
        }
    };
    let mut fields = vec![count, count_of(&name(app))];
    let mut planned = vec![
        pods.replicas.min().to_string(),
        pods_of_canary(app).to_string(),
    ];
    let [stable, canary] = versions;
    for ((path, stable), (_, canary)) in stable.into_iter().zip(canary) {
        fields.push(format!("{{.items[*]{path}}}"));
        planned.extend([stable, canary]);
    }
    format!(
        "until [ \"$({})\" = \"{}\" ]; do sleep 5; done",
        print(app, &objects.join(" "), &fields.join(" ")),
        planned.join(" ")
    )
}

/// What a rule that shares requests out has for stable and for the canary, as a line prints it.
fn weights(app: &App) -> Option<String> {
    let backends = engine(app)?.backends(app)?;
    let weights: Vec<String> = backends
        .iter()
        .map(|(_, weight)| weight.to_string())
        .collect();
    Some(weights.join("/"))
}

/// Ends when the route has the weights that its file says, and leads testers so; a rule that a person has
/// added is passed over.
fn shows_shares(app: &App, route: &OnGateway<'_>) -> Option<String> {
    let weights = weights(app)?;
    let weight = |name: &str| format!("{{.backendRefs[?(@.name==\"{name}\")].weight}}");
    let fields = format!(
        "{{range .spec.rules[*]}}{}/{}{{\"\\n\"}}{{end}}",
        weight(app.name.as_str()),
        weight(&name(app))
    );
    let rules = get(app, &[route.kind], &fields);
    if app.canary.as_ref()?.testers.is_none() {
        return Some(format!(
            "until {rules} | grep -qx {weights}; do sleep 5; done"
        ));
    }
    let testers = format!("/{OF_TESTERS}");
    let shown = match engine(app)?.testers(app) {
        Some(_) => format!("{testers} {weights}"),
        None => weights.clone(),
    };
    Some(format!(
        "until [ \"$(echo $({rules} | grep -x -e {testers} -e {weights}))\" = \"{shown}\" ]; do sleep 5; done"
    ))
}

/// Ends when the Gateway has taken the route as it is. A route can have other parents, each with a
/// controller of its own, so that the one that leads users here is named.
fn is_taken(app: &App, OnGateway { kind, parent }: OnGateway<'_>) -> String {
    let (mut fields, values): (Vec<String>, Vec<&str>) = parent
        .into_iter()
        .map(|(field, value)| (format!("{{.parentRef.{field}}}"), value))
        .unzip();
    for field in ["status", "observedGeneration"] {
        fields.extend(
            ["Accepted", "ResolvedRefs"]
                .map(|one| format!("{{.conditions[?(@.type==\"{one}\")].{field}}}")),
        );
    }
    let parents = format!(
        "{{range .status.parents[*]}}{}{{\"\\n\"}}{{end}}",
        fields.join(" ")
    );
    format!(
        "until {} | grep -Fqx \"{} True True $({})\"; do sleep 5; done",
        get(app, &[kind], &parents),
        values.join(" "),
        get(
            app,
            &[kind],
            "{.metadata.generation} {.metadata.generation}"
        )
    )
}

/// Ends when stable is rolled out and has the pods that are planned. An autoscaler raises their number
/// only after the rollout has been looked at: both must hold.
fn is_whole(app: &App) -> String {
    let status = rollout_status(app, app.name.as_str());
    match pods(app).replicas {
        Replicas::Fixed(_) => status,
        Replicas::Auto { min, .. } => format!(
            "{status} && until [ \"0$({})\" -ge {min} ]; do sleep 5; done",
            get(app, &["deployment"], "{.status.availableReplicas}")
        ),
    }
}

/// Ends when the pods of a Deployment are ready; with 1 where they do not get so in time.
fn rollout_status(app: &App, deployment: &str) -> String {
    let namespace = &app.namespace;
    format!("kubectl -n {namespace} rollout status deployment/{deployment}")
}

/// Ends when no pod of the canary is left.
fn canary_is_gone(app: &App) -> String {
    let (name, namespace) = (&app.name, &app.namespace);
    format!(
        "kubectl -n {namespace} wait --for=delete pod -l \
         app.kubernetes.io/instance={name},prodgen.dev/track=canary --timeout=10m"
    )
}
