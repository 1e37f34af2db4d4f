//! What comes of the answers, before anything is written.

use std::fmt::Write as _;

use crate::component::manifests;
use crate::prompt::fold;
use crate::spec::{App, AppType, Expose, NeedPeer, Peer, Probe, Replicas, Route, Settled, folded};

/// A summary: the service, the traffic that is allowed, what is not covered, the files.
pub fn review(settled: &Settled) -> String {
    let app = &settled.app;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let mut line = |name: &str, text: String| {
        let text = fold(&format!("  {name:<12} {text}"), 15);
        let _infallible = writeln!(out, "{text}");
    };
    line(
        "",
        format!("{} of team {}: a {}", app.name, app.team, app.kind.as_str()),
    );
    line(
        "runs",
        format!("{} in namespace {}", app.image.reference, app.namespace),
    );
    if !app.ports.is_empty() {
        let ports = app.ports.iter().map(|port| port.port.to_string());
        line("listens on", joined(ports, ""));
    }
    if app.probes.ready != Probe::Off || app.probes.live != Probe::Off {
        let (ready, alive) = (asked(&app.probes.ready), asked(&app.probes.live));
        let both = format!("{ready} (ready), {alive} (live)");
        line("is well if", if ready == alive { ready } else { both });
    }
    line("size", size(app));
    let folders = app.writable.iter().map(|one| one.path.to_string());
    let folders = joined(folders, "nothing");
    let container = &app.container;
    line(
        "runs as",
        format!("{}, may write to {folders}", container.uid),
    );
    if !app.secrets.is_empty() {
        let secrets = app.secrets.iter().map(|one| one.secret.to_string());
        line("Secrets", joined(secrets, ""));
    }
    if let Some(expose) = &app.expose {
        line("users at", reached(expose));
    }
    let gateway = app.expose.iter().flat_map(|expose| &expose.callers);
    let callers = app.callers.iter().chain(gateway).map(caller);
    line("traffic in", joined(callers, "nobody"));
    let needs = app
        .needs
        .iter()
        .map(|need| format!("{}:{}", needed(&need.peer), need.port));
    line(
        "traffic out",
        joined(std::iter::once("DNS".to_owned()).chain(needs), "nobody"),
    );
    for host in uncovered(app) {
        line(
            "not covered",
            format!("{host} stands in `env`, and no `needs` covers it"),
        );
    }
    line("by default", by_default(settled).join(", "));
    let open = left_open(app);
    if !open.is_empty() {
        line("left open", open.join(", "));
    }
    let files = manifests(app);
    line(
        "files",
        format!("prodgen.yaml and {} in deploy/production:", files.len()),
    );
    for file in files {
        line("", file.path.to_string());
    }
    out
}

fn joined(words: impl Iterator<Item = String>, none: &str) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        none.to_owned()
    } else {
        words.join(", ")
    }
}

/// Where users reach it, and through whom.
pub(super) fn reached(expose: &Expose) -> String {
    let path = match expose.path.as_str() {
        "/" => "",
        path => path,
    };
    let hosts = expose.hosts.iter().map(|host| format!("{host}{path}"));
    let through = match &expose.route {
        Route::Gateway(gateway) => format!("Gateway {}/{}", gateway.namespace, gateway.name),
        Route::Ingress { class } => format!("Ingress class {class}"),
    };
    if expose.hosts.is_empty() {
        format!("every host of {through}, under {}", expose.path)
    } else {
        format!("{}, through {through}", joined(hosts, ""))
    }
}

/// What a probe finds good.
pub(super) fn asked(probe: &Probe) -> String {
    match probe {
        Probe::Off => "never asked".to_owned(),
        Probe::Http(path) => format!("{path} answers"),
        Probe::Tcp => "the port is open".to_owned(),
        Probe::Grpc => "its gRPC health service says so".to_owned(),
        Probe::Exec(command) => format!("`{}` succeeds", command.join(" ")),
    }
}

/// The keys with a say in the above that nobody has answered.
fn by_default(settled: &Settled) -> Vec<&'static str> {
    let given = folded(&settled.spec());
    let app = &settled.app;
    [
        ("namespace", true),
        ("kubernetes", true),
        (
            "port",
            !app.ports.is_empty() && !given.contains_key("ports"),
        ),
        ("user", true),
        ("writable", true),
        ("resources", true),
        ("replicas", app.kind != AppType::Cronjob),
        ("probes", !app.ports.is_empty()),
        ("expose", app.expose.is_some()),
        ("shutdown", true),
        ("schedule", app.kind == AppType::Cronjob),
    ]
    .into_iter()
    .filter(|(key, applies)| *applies && !given.contains_key(*key))
    .map(|(key, _)| key)
    .collect()
}

fn size(app: &App) -> String {
    let container = &app.container;
    let each = format!(
        "{} cpu and {} each",
        container.cpu_request, container.memory_limit
    );
    match (app.kind, app.replicas, &app.schedule) {
        (AppType::Cronjob, _, Some(schedule)) => {
            format!(
                "one pod at {} ({}), {each}",
                schedule.cron, schedule.time_zone
            )
        }
        (_, Replicas::Fixed(count), _) => format!("{count} pods, {each}"),
        (_, Replicas::Auto { min, max, .. }, _) => format!("{min} to {max} pods, {each}"),
    }
}

fn caller(peer: &Peer) -> String {
    match peer {
        Peer::Pods { namespace, labels } => pods(namespace, labels.values().next()),
        Peer::Namespace(namespace) => format!("all of {namespace}"),
        Peer::Addresses(cidr) => cidr.to_string(),
    }
}

fn needed(peer: &NeedPeer) -> String {
    match peer {
        NeedPeer::Pods { namespace, labels } => pods(namespace, labels.values().next()),
        NeedPeer::Namespace(namespace) => format!("all of {namespace}"),
        NeedPeer::Addresses { cidr, host } => host
            .as_ref()
            .map_or_else(|| cidr.to_string(), |host| format!("{host} ({cidr})")),
        NeedPeer::Internet => "the internet".to_owned(),
    }
}

fn pods(namespace: &str, label: Option<&String>) -> String {
    match label {
        Some(label) if label == namespace => namespace.to_owned(),
        Some(label) => format!("{label} in {namespace}"),
        None => format!("all of {namespace}"),
    }
}

/// Hosts in variables that no need names; a policy would keep the app from them.
fn uncovered(app: &App) -> Vec<String> {
    let internet = app.needs.iter().any(|need| need.peer == NeedPeer::Internet);
    let covered = |host: &str| {
        app.needs.iter().any(|need| match &need.peer {
            NeedPeer::Pods { namespace, labels } => {
                let service = host.split('.').next().unwrap_or(host);
                namespace == service || labels.values().any(|label| label == service)
            }
            NeedPeer::Namespace(namespace) => host.split('.').any(|part| part == namespace),
            NeedPeer::Addresses { host: named, .. } => named.as_deref() == Some(host),
            NeedPeer::Internet => true,
        })
    };
    let mut hosts: Vec<String> = app
        .container
        .env
        .iter()
        .filter_map(|(name, value)| host(name.as_str(), value))
        .filter(|host| !internet && !covered(host))
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

/// The host that a variable names: `postgres://db.example.com/x`, `DB_HOST=db`.
fn host(name: &str, value: &str) -> Option<String> {
    let authority = match value.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next()?.rsplit('@').next()?,
        None if name.ends_with("_HOST") || name == "HOST" || name.ends_with("_ADDR") => value,
        None => return None,
    };
    let host = authority.split(':').next()?;
    let is_own = matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "");
    let is_host = host
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    (is_host && !is_own).then(|| host.to_owned())
}

/// What the next reader would look for and not find.
fn left_open(app: &App) -> Vec<&'static str> {
    let about = &app.about;
    let mut open = Vec::new();
    for (name, missing) in [
        ("about.description", about.description.is_none()),
        ("about.contact", about.contact.is_none()),
        ("about.runbook", about.runbook.is_none()),
        ("about.storesPii", about.stores_pii.is_none()),
        ("about.userExposed", about.user_exposed.is_none()),
    ] {
        if missing {
            open.push(name);
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn hosts_are_found_in_variables() {
        assert_eq!(
            host("URL", "https://api.example.com:8443/x").as_deref(),
            Some("api.example.com")
        );
        assert_eq!(host("DB_HOST", "db").as_deref(), Some("db"));
        assert_eq!(host("DB_ADDR", "db:5432").as_deref(), Some("db"));
        assert_eq!(host("LOG_LEVEL", "info"), None);
        assert_eq!(host("REDIS_HOST", "localhost"), None);
    }
}
