//! One file for each thing that a service can have. A component reads its own slice of the settled
//! service, makes every decision, and hands views to templates; it writes no YAML itself.

mod access;
mod autoscaling;
mod canary;
mod capacity;
mod config;
mod cronjob;
mod deployment;
mod disruption;
mod expose;
mod identity;
mod namespace;
mod network;
mod permissions;
mod pod;
mod service;
mod view;
mod volume;

use crate::files::RelPath;
use crate::spec::App;
use crate::template::View;

pub use canary::{Engine, Moment, Owner, Pods, engine, pods};
pub use capacity::Capacity;
pub use config::{hash as config_hash, name as config_name};
use view::Views;
pub use volume::of_secret as volume_of_secret;

/// A thing that a service can have.
pub trait Component: Sync {
    /// Its name: that of its file and of its folder of templates.
    fn name(&self) -> &'static str;
    /// What it is for, in one line.
    fn summary(&self) -> &'static str;
    /// Adds its manifests; none where it does not apply.
    fn manifests(&self, app: &App, out: &mut Manifests);
}

/// Every component.
pub const COMPONENTS: &[&dyn Component] = &[
    &namespace::Namespace,
    &identity::Identity,
    &permissions::Permissions,
    &access::Access,
    &deployment::Deployment,
    &canary::Canary,
    &cronjob::CronJob,
    &service::Service,
    &expose::Expose,
    &config::Config,
    &network::Network,
    &autoscaling::Autoscaling,
    &disruption::Disruption,
];

/// A manifest to be rendered.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its file, below the folder of the environment.
    pub path: RelPath,
    /// The template that makes it.
    pub template: &'static str,
    /// What the template sees.
    pub view: View,
    /// A template that is rendered first and becomes a value of the other.
    pub fragment: Option<Fragment>,
}

/// A part of a manifest that several share.
#[derive(Debug, Clone)]
pub struct Fragment {
    /// The name of the value.
    pub name: &'static str,
    /// The template that makes it.
    pub template: &'static str,
    /// What that template sees.
    pub view: View,
}

/// The manifests of a service, as components add them.
#[derive(Debug)]
pub struct Manifests {
    items: Vec<Manifest>,
    views: Views,
}

impl Manifests {
    fn of(app: &App) -> Self {
        Self {
            items: Vec::new(),
            views: Views::of(app),
        }
    }

    /// Adds a manifest of `kind` and `name`, made by `template`.
    fn add(&mut self, kind: &str, name: &str, template: &'static str, view: View) {
        self.push(kind, name, template, view, None);
    }

    fn push(
        &mut self,
        kind: &str,
        name: &str,
        template: &'static str,
        view: View,
        fragment: Option<Fragment>,
    ) {
        // What the others need comes first in a folder, so that an apply in file order finds it
        // there: the namespace, and the accounts without which no pod can be made.
        let file = match kind {
            "namespace" => "00-namespace.yaml".to_owned(),
            "serviceaccount" => format!("00-{kind}-{name}.yaml"),
            _ => format!("{kind}-{name}.yaml"),
        };
        // Kinds are ours and names are DNS names, so that the path is always a good one.
        if let Ok(path) = RelPath::new(file) {
            self.items.push(Manifest {
                path,
                template,
                view,
                fragment,
            });
        }
    }

    /// The manifests in the order of their paths.
    fn into_sorted(mut self) -> Vec<Manifest> {
        self.items.sort_by(|one, other| one.path.cmp(&other.path));
        self.items
    }
}

/// All manifests of a service, in the order of their paths.
pub fn manifests(app: &App) -> Vec<Manifest> {
    let mut out = Manifests::of(app);
    for component in COMPONENTS {
        component.manifests(app, &mut out);
    }
    out.into_sorted()
}
