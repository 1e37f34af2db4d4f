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

use emit::Stream;
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

/// Renders one service and keeps no template: for a process that renders one.
pub fn one(app: &App) -> Result<ManifestSet, Error> {
    Renderer::bare()?.render(app)
}

/// Renders one service as one stream, and keeps nothing of a manifest but its text.
pub fn stream(app: &App, form: Form) -> Result<String, Error> {
    let renderer = Renderer::bare()?;
    let manifests = manifests(app);
    let mut stream = Stream::new(form, manifests.len());
    let all = renderer.each(app, &manifests, |one| stream.push(&one));
    // The process ends soon; to take all this apart node by node would be time for nothing.
    std::mem::forget((renderer, manifests));
    all?;
    Ok(stream.end())
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

    /// A renderer that keeps no template.
    fn bare() -> Result<Self, Error> {
        Ok(Self {
            engine: Engine::new([])?,
        })
    }

    /// Renders `app`.
    pub fn render(&self, app: &App) -> Result<ManifestSet, Error> {
        let mut all = Vec::new();
        self.each(app, &manifests(app), |one| all.push(one))?;
        Ok(ManifestSet(all))
    }

    /// Makes one manifest after the other, no object twice.
    fn each(
        &self,
        app: &App,
        manifests: &[Manifest],
        mut take: impl FnMut(Rendered),
    ) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for manifest in manifests {
            let one = self.one(app, manifest)?;
            let Object {
                kind,
                name,
                namespace,
                ..
            } = &one.object;
            if !seen.insert((kind.kind, namespace.clone(), name.clone())) {
                let namespace = namespace.as_deref().unwrap_or_default();
                return Err(Error::Double(format!("{} {namespace}/{name}", kind.kind)));
            }
            take(one);
        }
        Ok(())
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
