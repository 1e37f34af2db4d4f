//! A settled service becomes manifests: components, templates, seals, strict types. A pure function:
//! no clock, no environment, no randomness; the same service gives the same bytes.

mod emit;

use std::collections::BTreeSet;

use crate::component::{Manifest, manifests};
use crate::diag::Diagnostic;
use crate::files::RelPath;
use crate::kube::{self, Object};
use crate::spec::App;
use crate::template::{self, Engine};

pub use emit::{Form, emit};

/// Rendering failed: a fault of prodgen, for a settled service always renders.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template failed.
    #[error(transparent)]
    Template(#[from] template::Error),
    /// What a template made is no object of its kind.
    #[error("template `{template}` made an object that is none: {}", messages(.complaints))]
    Decode {
        /// The template.
        template: &'static str,
        /// What is wrong with the object.
        complaints: Vec<Diagnostic>,
    },
    /// A field that the oldest cluster does not have.
    #[error("template `{template}` made `{field}`, which Kubernetes {minimum} does not have")]
    Beyond {
        /// The template.
        template: &'static str,
        /// The field.
        field: &'static str,
        /// The chosen minimum.
        minimum: String,
    },
    /// Two objects of one name.
    #[error("two manifests are {0}")]
    Double(String),
}

fn messages(complaints: &[Diagnostic]) -> String {
    complaints
        .iter()
        .map(|one| one.message.as_str())
        .collect::<Vec<_>>()
        .join("; ")
}

/// A rendered manifest.
#[derive(Debug)]
pub struct Rendered {
    /// Its file, below the folder of the environment.
    pub path: RelPath,
    /// The object, its text with it.
    pub object: Object,
}

/// All manifests of a service, in the order of their paths.
#[derive(Debug)]
pub struct ManifestSet(Vec<Rendered>);

impl ManifestSet {
    /// The manifests.
    pub fn iter(&self) -> impl Iterator<Item = &Rendered> {
        self.0.iter()
    }
}

/// Renders one service, with no more templates than it needs: for a process that renders one.
pub fn one(app: &App) -> Result<ManifestSet, Error> {
    let manifests = manifests(app);
    let renderer = Renderer::of(&manifests)?;
    let set = renderer.all(app, manifests);
    // The process ends soon; to take the templates apart node by node would be time for nothing.
    std::mem::forget(renderer);
    set
}

/// Renders services. Holds parsed templates; one is enough for any number of services and threads.
#[derive(Debug)]
pub struct Renderer {
    engine: Engine,
}

impl Renderer {
    /// A renderer that can render any service.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            engine: Engine::new(template::ids())?,
        })
    }

    /// A renderer that has loaded only what these manifests need.
    fn of(manifests: &[Manifest]) -> Result<Self, Error> {
        let used: BTreeSet<&'static str> = manifests
            .iter()
            .flat_map(|one| {
                [
                    Some(one.template),
                    one.fragment.as_ref().map(|part| part.template),
                ]
            })
            .flatten()
            .collect();
        Ok(Self {
            engine: Engine::new(used)?,
        })
    }

    /// Renders `app`.
    pub fn render(&self, app: &App) -> Result<ManifestSet, Error> {
        self.all(app, manifests(app))
    }

    fn all(&self, app: &App, manifests: Vec<Manifest>) -> Result<ManifestSet, Error> {
        let rendered: Vec<Rendered> = manifests
            .into_iter()
            .map(|one| self.one(app, one))
            .collect::<Result<_, _>>()?;
        let mut seen = BTreeSet::new();
        for one in &rendered {
            let object = &one.object;
            let name = format!(
                "{:?} {}/{}",
                object.kind,
                object.namespace.as_deref().unwrap_or_default(),
                object.name
            );
            if !seen.insert(name.clone()) {
                return Err(Error::Double(name));
            }
        }
        Ok(ManifestSet(rendered))
    }

    fn one(&self, app: &App, manifest: Manifest) -> Result<Rendered, Error> {
        let Manifest {
            path,
            template,
            mut view,
            fragment,
        } = manifest;
        if let Some(part) = fragment {
            view = view.and(self.engine.fragment(part.template, &part.view, part.name)?);
        }
        let document = self.engine.render(template, &view)?.open()?;
        let object = kube::decode(document).map_err(|complaints| Error::Decode {
            template,
            complaints,
        })?;
        let beyond = object
            .document
            .root()
            .map(|root| kube::beyond(root, object.kind, app.kubernetes.minor()))
            .unwrap_or_default();
        match beyond.first() {
            Some((gate, _)) => Err(Error::Beyond {
                template,
                field: gate.field,
                minimum: app.kubernetes.to_string(),
            }),
            None => Ok(Rendered { path, object }),
        }
    }
}
