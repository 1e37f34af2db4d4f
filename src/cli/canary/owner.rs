//! Who makes the pods of a rendered service, and who says how many: neither changes over in one change
//! that would leave the service with fewer.

use std::collections::BTreeSet;

use super::known::Known;
use super::{out_of_turn, refuse, turn};
use crate::cli::{Stop, Writing};
use crate::component::Owner;
use crate::diag::{Diagnostic, SourceId};
use crate::files::{FileSet, RelPath};
use crate::project::{MANIFESTS, State};
use crate::spec::App;
use crate::spec::canary::{Holder, RunSpec};
use crate::spec::value::Wrong;
use crate::yaml::{NodeRef, parse_one};

/// How one render comes after another.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) enum Way<'a> {
    /// As the spec was changed, which comes to this.
    On(&'a App),
    /// As a verb of a rollout has it, which found this one in the spec.
    Verb(Option<&'a RunSpec>),
    /// As a command is taken back, before which this was known: whoever had the pods then has them.
    Back(&'a State),
}

/// What makes pods, as it was rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Maker {
    namespace: String,
    /// The number that it names; none where somebody else says how many there are.
    count: Option<u32>,
}

/// The part of a tree that makes the pods of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct Rendered {
    deployment: Maker,
    rollout: Option<Maker>,
    /// Whose count the autoscaler has, where there is one.
    scaled: Option<Holder>,
    /// What stable runs.
    image: Option<String>,
}

impl Rendered {
    /// What a tree has for the service of that name; none where that makes no pods of its own.
    pub(in crate::cli) fn of(files: &FileSet, name: &str) -> Option<Self> {
        let read = |kind: &str, take: &dyn Fn(NodeRef<'_>) -> Option<String>| {
            let file = format!("{MANIFESTS}/{kind}-{name}.yaml");
            let (_, text) = files.iter().find(|(path, _)| path.as_str() == file)?;
            // The text is one of ours, as it was made.
            take(parse_one(SourceId::RENDERED, text).ok()?.root()?)
        };
        let word = |root: NodeRef<'_>, keys: [&str; 2]| {
            let [outer, inner] = keys;
            root.get(outer)?
                .get(inner)
                .map(|node| node.text().to_owned())
        };
        let maker = |kind: &str| {
            let namespace = read(kind, &|root| word(root, ["metadata", "namespace"]))?;
            let count = read(kind, &|root| word(root, ["spec", "replicas"]));
            Some(Maker {
                namespace,
                count: count.and_then(|count| count.parse().ok()),
            })
        };
        let scaled = read("horizontalpodautoscaler", &|root| {
            word(root.get("spec")?, ["scaleTargetRef", "kind"])
        });
        let image = read("deployment", &|root| {
            let pod = root.get("spec")?.get("template")?.get("spec")?;
            let mut containers = pod.get("containers")?.items();
            let own = containers.find(|one| one.get("name").is_some_and(|it| it.text() == name))?;
            Some(own.get("image")?.text().to_owned())
        });
        Some(Self {
            deployment: maker("deployment")?,
            rollout: maker("rollout"),
            image,
            scaled: scaled.map(|kind| match kind.as_str() {
                "Rollout" => Holder::Rollout,
                _ => Holder::Deployment,
            }),
        })
    }

    /// Where the pods are.
    pub(in crate::cli) fn namespace(&self) -> &str {
        &self.deployment.namespace
    }

    /// What stable runs, as the Deployment names it.
    pub(in crate::cli) fn image(&self) -> Option<&str> {
        self.image.as_deref()
    }

    /// Who makes the pods.
    pub(in crate::cli) fn owner(&self) -> Owner {
        match (&self.rollout, self.deployment.count) {
            (None, _) => Owner::Deployment,
            (Some(_), Some(0)) => Owner::Rollout,
            (Some(_), _) => Owner::Both,
        }
    }
}

/// What stable runs, of every service of a tree.
pub(in crate::cli) fn images(files: &FileSet) -> BTreeSet<String> {
    let names = files.keys().filter_map(deployment_of);
    let rendered = names.filter_map(|(_, name)| Rendered::of(files, name));
    rendered.filter_map(|one| one.image).collect()
}

/// Refuses a render that would take the pods from one and give them to the other in one change, or a
/// number out of a manifest while nobody else has it; or that is not the turn of a rollout under way.
pub(in crate::cli) fn guard(
    known: &Known,
    before: &FileSet,
    after: &FileSet,
    way: Way<'_>,
    writing: &Writing,
) -> Result<(), Stop> {
    turn::guard(known, before, way)?;
    for path in before.keys() {
        let Some((_, name)) = deployment_of(path) else {
            continue;
        };
        let [before, after] = [before, after].map(|files| Rendered::of(files, name));
        let (Some(before), Some(after)) = (before, after) else {
            continue;
        };
        makes(&before, &after, way)?;
        if !writing.on_purpose.handed_over {
            counts(name, &before, &after)?;
        }
    }
    Ok(())
}

/// The file of a Deployment that makes pods of stable, and the name of its service.
pub(in crate::cli) fn deployment_of(path: &RelPath) -> Option<(&str, &str)> {
    let file = path.as_str().strip_prefix(MANIFESTS)?.strip_prefix('/')?;
    let name = file.strip_prefix("deployment-")?.strip_suffix(".yaml")?;
    Some((file, name))
}

/// Who makes the pods changes only through a while in which both have them, and the right one goes.
fn makes(before: &Rendered, after: &Rendered, way: Way<'_>) -> Result<(), Stop> {
    // A number is in both manifests, whoever of them takes the pods over.
    let takes = before.scaled.filter(|_| !matches!(way, Way::Back(_)));
    let (what, on, back) = match (before.owner(), after.owner()) {
        (Owner::Deployment, Owner::Rollout) => (
            "the Deployment would lose its pods before the Rollout has any",
            "take `engine: argo` out of `canary` again; `prodgen remove canary` if there is another engine, then \
             `prodgen add canary --engine argo` lets both run until the Rollout has its pods",
            "`prodgen add canary --engine argo` lets both run until the Rollout has its pods",
        ),
        (Owner::Both, Owner::Rollout) if takes == Some(Holder::Deployment) => (
            "the Deployment would lose its pods, and whether the Rollout still has any is not known",
            "put `canary.takeover` back as it was; `prodgen remove canary` ends what it has begun",
            "",
        ),
        (Owner::Rollout, Owner::Deployment) => (
            "the Rollout would be gone before the Deployment has its pods back",
            "put `engine: argo` back into `canary`; `prodgen remove canary` gives them back in two steps",
            "`prodgen remove canary` gives them back in two steps",
        ),
        (Owner::Both, Owner::Deployment) if takes == Some(Holder::Rollout) => (
            "the Rollout would be gone, and whether the Deployment still has its pods is not known",
            "put `canary` back as it was; `prodgen remove canary` gives them back in two steps",
            "",
        ),
        _ => return Ok(()),
    };
    let help = match way {
        Way::On(_) | Way::Verb(_) => on,
        Way::Back(_) => back,
    };
    Err(out_of_turn(Wrong::new(what).help(help)))
}

/// A number that goes out of a manifest is one pod in the cluster, unless somebody else has it by then.
fn counts(name: &str, before: &Rendered, after: &Rendered) -> Result<(), Stop> {
    let pairs = [
        (
            "apps/v1",
            "Deployment",
            Some(&before.deployment),
            Some(&after.deployment),
        ),
        (
            "argoproj.io/v1alpha1",
            "Rollout",
            before.rollout.as_ref(),
            after.rollout.as_ref(),
        ),
    ];
    for (api_version, kind, before, after) in pairs {
        let (Some(before), Some(after)) = (before, after) else {
            continue;
        };
        let (Some(count @ 2..), None) = (before.count, after.count) else {
            continue;
        };
        let object = serde_json::json!({
            "apiVersion": api_version,
            "kind": kind,
            "metadata": { "name": name, "namespace": before.namespace },
            "spec": { "replicas": count },
        });
        let what = format!(
            "the {kind} would go from {count} pods to 1: it would name no number any more, and the autoscaler looks \
             only later"
        );
        let help = format!(
            "let somebody else have the number first: `echo '{object}' | kubectl apply --server-side \
             --field-manager=autoscaler -f -`; then, or where nothing was applied yet, run this again with \
             `--handed-over`"
        );
        return Err(refuse(vec![
            Diagnostic::error(what).key("replicas").help(help),
        ]));
    }
    Ok(())
}
