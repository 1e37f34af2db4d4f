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
    let all = renderer.each(app, &manifests);
    // The process ends soon; to take all this apart node by node would be time for nothing.
    std::mem::forget((renderer, manifests));
    set(all?)
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
                let part = one.fragment.as_ref().map(|part| part.template);
                [Some(one.template), part]
            })
            .flatten()
            .collect();
        Ok(Self {
            engine: Engine::new(used)?,
        })
    }

    /// Renders `app`.
    pub fn render(&self, app: &App) -> Result<ManifestSet, Error> {
        set(self.each(app, &manifests(app))?)
    }

    fn each(&self, app: &App, manifests: &[Manifest]) -> Result<Vec<Rendered>, Error> {
        manifests.iter().map(|one| self.one(app, one)).collect()
    }

    fn one(&self, app: &App, manifest: &Manifest) -> Result<Rendered, Error> {
        let template = manifest.template;
        let sealed = match &manifest.fragment {
            Some(part) => {
                let inner = self.engine.fragment(part.template, &part.view, part.name)?;
                self.engine
                    .render(template, &manifest.view.clone().and(inner))?
            }
            None => self.engine.render(template, &manifest.view)?,
        };
        let object = kube::decode(sealed.open()?).map_err(|complaints| Error::Decode {
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
            None => Ok(Rendered {
                path: manifest.path.clone(),
                object,
            }),
        }
    }
}

/// The manifests as a set, in which no object stands twice.
fn set(rendered: Vec<Rendered>) -> Result<ManifestSet, Error> {
    let mut seen = BTreeSet::new();
    for one in &rendered {
        let object = &one.object;
        let namespace = object.namespace.as_deref().unwrap_or_default();
        if !seen.insert((object.kind.kind, namespace, &object.name)) {
            let kind = object.kind.kind;
            return Err(Error::Double(format!("{kind} {namespace}/{}", object.name)));
        }
    }
    Ok(ManifestSet(rendered))
}
