//! What every template sees: names, labels and annotations, decided.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::spec::{App, Track};
use crate::template::View;

/// Marks what an administrator applies: kinds whose change would widen what a deployer may do.
const ADMINISTRATOR: (&str, &str) = ("prodgen.dev/applied-by", "administrator");
/// Label whose value tells the tracks of a rollout apart.
const TRACK: &str = "prodgen.dev/track";

/// Labels or annotations, sorted.
pub(super) type Words = BTreeMap<String, String>;

/// What is the same in every manifest of a service.
#[derive(Debug, Serialize)]
struct Common<'a> {
    name: &'a str,
    namespace: &'a str,
    team: &'a str,
    labels: Words,
    /// Selects all pods of the service, whatever their track.
    selector: Words,
}

fn word(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

/// The labels that never change: the only ones that select.
pub(super) fn selector(app: &App) -> Words {
    let name = app.name.as_str();
    [
        word("app.kubernetes.io/name", name),
        word("app.kubernetes.io/instance", name),
    ]
    .into()
}

/// The same, of one track.
pub(super) fn track_selector(app: &App, track: Track) -> Words {
    let mut selector = selector(app);
    selector.extend([word(TRACK, track.as_str())]);
    selector
}

/// The labels of every object.
pub(super) fn labels(app: &App) -> Words {
    let mut labels: Words = [
        word("app.kubernetes.io/component", app.kind.as_str()),
        word("app.kubernetes.io/part-of", app.name.as_str()),
        word("prodgen.dev/environment", app.environment),
        word("prodgen.dev/team", app.team.as_str()),
    ]
    .into();
    for (key, given) in [
        ("prodgen.dev/user-exposed", app.about.user_exposed),
        ("prodgen.dev/stores-pii", app.about.stores_pii),
    ] {
        if let Some(given) = given {
            labels.extend([word(key, if given { "true" } else { "false" })]);
        }
    }
    labels.extend(
        app.labels
            .iter()
            .map(|(key, value)| word(key.as_str(), value.as_str())),
    );
    labels.extend([word("app.kubernetes.io/managed-by", "prodgen")]);
    labels.extend(selector(app));
    labels
}

/// The labels of the workload and its pods. Only they have a version: a release must not touch
/// what an administrator applies.
pub(super) fn workload_labels(app: &App) -> Words {
    let mut labels = labels(app);
    if let Some(version) = app.image.reference.version_label() {
        labels.extend([word("app.kubernetes.io/version", version.as_str())]);
    }
    labels
}

/// The labels of what an administrator applies.
pub(super) fn admin_labels(app: &App) -> Words {
    let mut labels = labels(app);
    labels.extend([word(ADMINISTRATOR.0, ADMINISTRATOR.1)]);
    labels
}

/// The annotations of the objects that people look at: namespace, workload, Service.
pub(super) fn annotations(app: &App) -> Words {
    let mut annotations: Words = [word("prodgen.dev/owner", app.team.as_str())].into();
    let about = &app.about;
    for (key, given) in [
        ("kubernetes.io/description", &about.description),
        ("prodgen.dev/contact", &about.contact),
        ("prodgen.dev/runbook", &about.runbook),
        ("prodgen.dev/source", &about.source),
        ("prodgen.dev/launched", &about.launched),
    ] {
        if let Some(given) = given {
            annotations.extend([word(key, given)]);
        }
    }
    annotations.extend(
        app.annotations
            .iter()
            .map(|(key, value)| word(key.as_str(), value)),
    );
    annotations
}

/// What every manifest of a service sees, made once for all of them.
#[derive(Debug)]
pub(super) struct Views {
    /// Of an object that whoever deploys applies.
    plain: View,
    /// Of the workload.
    workload: View,
    /// Of an object that an administrator applies.
    admin: View,
}

impl Views {
    /// The views of a service.
    pub(super) fn of(app: &App) -> Self {
        Self {
            plain: common(app, labels(app)),
            workload: common(app, workload_labels(app)),
            admin: common(app, admin_labels(app)),
        }
    }

    /// The view of an object that whoever deploys applies.
    pub(super) fn plain(&self, own: &impl Serialize) -> View {
        self.plain.clone().and(View::of(own))
    }

    /// The view of a workload.
    pub(super) fn workload(&self, own: &impl Serialize) -> View {
        self.workload.clone().and(View::of(own))
    }

    /// The view of an object that an administrator applies.
    pub(super) fn admin(&self, own: &impl Serialize) -> View {
        self.admin.clone().and(View::of(own))
    }
}

fn common(app: &App, labels: Words) -> View {
    View::of(&Common {
        name: app.name.as_str(),
        namespace: app.namespace.as_str(),
        team: app.team.as_str(),
        labels,
        selector: selector(app),
    })
    .sealing(&["labels", "selector"])
}
