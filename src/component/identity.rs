//! The identity of the pods: a ServiceAccount without a token, with the pull secret wired through.

use serde::Serialize;

use super::view::Words;
use super::{Component, Manifests};
use crate::spec::App;

/// Makes the ServiceAccount.
pub(super) struct Identity;

#[derive(Serialize)]
struct IdentityView<'a> {
    annotations: Words,
    pull_secret: Option<&'a str>,
}

impl Component for Identity {
    fn name(&self) -> &'static str {
        "identity"
    }

    fn summary(&self) -> &'static str {
        "A ServiceAccount of its own, without a token, with the image pull secret"
    }

    fn manifests(&self, app: &App, out: &mut Manifests) {
        let own = IdentityView {
            annotations: app
                .identity
                .iter()
                .map(|(key, value)| (key.to_string(), value.clone()))
                .collect(),
            pull_secret: app.image.pull_secret.as_ref().map(AsRef::as_ref),
        };
        let view = out.views.plain(&own);
        out.add(
            "serviceaccount",
            app.name.as_str(),
            "identity/service-account.yaml",
            view,
        );
    }
}
