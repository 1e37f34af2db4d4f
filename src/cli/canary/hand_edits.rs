//! What stands between a step of a rollout and its files: edits by hand that a merge keeps. A step that
//! the files do not hold is none, and is refused.

use super::route_edits::{self, Edit};
use super::{fit, refuse};
use crate::cli::{Session, Stop, render};
use crate::component::{Owner, config_hash, pods, volume_of_secret};
use crate::diag::{Diagnostic, Severity, SourceId};
use crate::files::{FileSet, RelPath};
use crate::merge::{Told, identity, told};
use crate::project::{Action, Change, Plan, Project};
use crate::render as rendering;
use crate::spec::canary::RunSpec;
use crate::spec::{App, AppSpec};
use crate::yaml::{FieldPath, Step, parse_one};

/// The fields that a step moves: the kind of object, and the path with the container's name for `NAME`
/// and `[0]` for every item.
const MOVED: &[(&str, &str)] = &[
    ("Deployment", "spec.replicas"),
    (
        "Deployment",
        "spec.template.spec.containers[name=NAME].image",
    ),
    (
        "Deployment",
        "spec.template.spec.volumes[name=config].configMap.name",
    ),
    ("HorizontalPodAutoscaler", "spec.minReplicas"),
    // While pods change hands.
    ("HorizontalPodAutoscaler", "spec.scaleTargetRef"),
    ("Rollout", "spec.replicas"),
    ("Rollout", "spec.workloadRef"),
    ("HTTPRoute", "spec.rules[0].backendRefs"),
    ("GRPCRoute", "spec.rules[0].backendRefs"),
];

/// The most fields that are named in one sentence.
const NAMED: usize = 5;

/// How a rollout moves from one spec to another; nothing where it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Move {
    /// It begins.
    Start,
    /// It goes on, or ends.
    Step,
}

impl Move {
    /// What becomes of the rollout under way.
    pub(in crate::cli) fn between(old: &AppSpec, new: &AppSpec) -> Option<Self> {
        let run = |spec: &AppSpec| -> Option<RunSpec> { spec.canary.as_ref()?.run.clone() };
        let takeover = |spec: &AppSpec| spec.canary.as_ref().and_then(|canary| canary.takeover);
        if takeover(old) != takeover(new) {
            return Some(Self::Step);
        }
        let (old, new) = (run(old), run(new));
        if old == new {
            None
        } else if old.is_none() {
            Some(Self::Start)
        } else {
            Some(Self::Step)
        }
    }
}

/// What was found between a step and its files.
#[derive(Debug)]
pub(in crate::cli) struct Found {
    /// With which it is none.
    pub(in crate::cli) wrong: Vec<Diagnostic>,
    /// Worth knowing besides.
    pub(in crate::cli) notes: Vec<Diagnostic>,
    /// Other edits by hand of the Deployments of stable and the canary, with their files.
    edits: [Option<(String, Vec<Told>)>; 2],
}

/// Refuses a plan whose files would not hold what the step moves; says what else is worth knowing.
pub(in crate::cli) fn check(
    session: &Session<'_>,
    project: &Project,
    (app, step): (&App, Move),
    plan: &Plan,
    render: &FileSet,
) -> Result<Vec<Diagnostic>, Stop> {
    let mut found = look(session, project, app, plan, render);
    if !found.wrong.is_empty() {
        return Err(refuse(found.wrong));
    }
    if let (Move::Start, [Some(stable), Some(canary)]) = (step, found.edits) {
        found.notes.extend(other_settings(&stable, &canary));
    }
    Ok(found.notes)
}

/// Lays the files of a plan beside what the step to `app` needs of them.
pub(in crate::cli) fn look(
    session: &Session<'_>,
    project: &Project,
    app: &App,
    plan: &Plan,
    render: &FileSet,
) -> Found {
    let name = app.name.as_str();
    let moved = MOVED.iter().filter_map(|(kind, path)| {
        let path = FieldPath::parse(&path.replace("NAME", name)).ok()?;
        Some((*kind, path))
    });
    let secrets = app.secrets.iter().filter_map(|secret| {
        let volume = volume_of_secret(secret);
        let path = format!("spec.template.spec.volumes[name={volume}].secret.secretName");
        Some(("Deployment", FieldPath::parse(&path).ok()?))
    });
    let moved: Vec<(&str, FieldPath)> = moved.chain(secrets).collect();
    let is_moved = |one: &Told| {
        let kind = one.object.split('/').next().unwrap_or_default();
        let mut fields = moved.iter().filter(|(of, _)| *of == kind);
        fields.any(|(_, path)| lie_on_one_way(path, &one.path))
    };
    let (mut wrong, mut notes) = (Vec::new(), Vec::new());
    let mut around = Vec::new();
    let mut edits: [Option<(String, Vec<Told>)>; 2] = [None, None];
    for (path, rendered, change) in settled(plan, render) {
        let Some(object) = identity(rendered).map(|id| id.to_string()) else {
            continue;
        };
        let (kind, _) = object.split_once('/').unwrap_or_default();
        let file = session.shown(project, path.as_str());
        let after = change.after.as_deref();
        around.extend(fit::Object::of(&object, &file, rendered, after));
        if !moved.iter().any(|(of, _)| *of == kind) {
            continue;
        }
        let Some(after) = &change.after else {
            let what = format!("`{file}` is not there, and a step changes it");
            let help = "bring it back from version control, then run this again";
            wrong.push(Diagnostic::error(what).in_file(file).help(help));
            continue;
        };
        if parse_one(SourceId::RENDERED, after).is_err() {
            let what = format!("`{file}` is no YAML any more, edited by hand");
            let help = "mend it, then run this again";
            wrong.push(Diagnostic::error(what).in_file(file).help(help));
            continue;
        }
        let edited = told(Some(rendered), Some(after));
        for one in &edited {
            match app.run().and_then(|run| route_edits::look(&file, run, one)) {
                Some(Edit::Wrong(one)) => wrong.push(one),
                Some(Edit::Beside(one)) => notes.push(one),
                None => {}
            }
        }
        let (held, other): (Vec<Told>, Vec<Told>) = edited.into_iter().partition(is_moved);
        wrong.extend(held.iter().filter_map(|one| not_held(app, &file, one)));
        for (track, slot) in ["", "-canary"].iter().zip(&mut edits) {
            if object == format!("Deployment/{name}{track}") {
                *slot = Some((file.clone(), other.clone()));
            }
        }
    }
    let (unfit, told) = fit::check(app, &around)
        .into_iter()
        .partition::<Vec<_>, _>(|one| one.severity == Severity::Error);
    wrong.extend(unfit);
    notes.extend(told);
    Found {
        wrong,
        notes,
        edits,
    }
}

/// Whether one of the paths leads on from the other; an index of the first is any item of a list.
fn lie_on_one_way(moved: &FieldPath, path: &FieldPath) -> bool {
    let mut pairs = moved.0.iter().zip(&path.0);
    pairs.all(|(one, other)| match one {
        Step::Index(_) => !matches!(other, Step::Key(_)),
        Step::Key(_) | Step::Item(_) => one == other,
    })
}

/// The rendered files with what becomes of them, where nobody has to decide about that first.
fn settled<'p>(
    plan: &'p Plan,
    render: &'p FileSet,
) -> impl Iterator<Item = (&'p RelPath, &'p str, &'p Change)> {
    let open = |change: &Change| matches!(change.action, Action::Conflict | Action::InTheWay);
    render.iter().filter_map(move |(path, text)| {
        let mut changes = plan.changes.iter();
        let change = changes.find(|change| change.path == *path)?;
        (!open(change)).then_some((path, text.as_str(), change))
    })
}

/// A field of a file that is not what the step makes it; what the step leaves to others may be there.
fn not_held(app: &App, file: &str, one: &Told) -> Option<Diagnostic> {
    let wanted = one.before.as_ref()?;
    let field = one.path.to_string();
    let has = match &one.after {
        Some(value) => format!("has `{field}: {value}`"),
        None => format!("has no `{field}`"),
    };
    let what = format!("`{file}` {has}, edited by hand, and the render makes it `{wanted}`");
    let image = Step::Key("image".to_owned());
    // What runs may be said in the spec while it is stable's own, and nothing is on its way.
    let is_open = pods(app).owner != Owner::Rollout
        && app
            .run()
            .is_none_or(|run| run.end.is_none() && run.is_at_first_step());
    let key = match (one.object.split_once('/'), field.as_str()) {
        (Some(("Deployment", name)), _) if !is_open || name.ends_with("-canary") => None,
        (Some(("Deployment", _)), "spec.replicas") => Some("replicas"),
        (Some(("Deployment", _)), _) if one.path.0.last() == Some(&image) => Some("image"),
        _ => None,
    };
    let help = match (key, &one.after) {
        (Some(key), Some(value)) => format!(
            "where that is what runs, `prodgen set {key}={value} --bypass-canary` says so in the spec; or write `{wanted}` \
             there, then run this again"
        ),
        _ => format!("write `{wanted}` there, or take the edit back, then run this again"),
    };
    Some(Diagnostic::error(what).in_file(file).key(field).help(help))
}

/// A word about edits of the one Deployment that the other does not have.
fn other_settings(
    (stable, edits): &(String, Vec<Told>),
    (canary, own): &(String, Vec<Told>),
) -> Option<Diagnostic> {
    let has = |one: &Told| {
        let same = |other: &Told| other.path == one.path && other.after == one.after;
        own.iter().any(same)
    };
    let missing = edits.iter().filter(|one| !has(one));
    let mut fields: Vec<String> = missing.map(|one| format!("`{}`", one.path)).collect();
    if fields.is_empty() {
        return None;
    }
    if fields.len() > NAMED {
        let more = fields.len() - NAMED;
        fields.truncate(NAMED);
        fields.push(format!("{more} more"));
    }
    let what = format!(
        "the new version runs with other settings than the one in use: `{stable}` was edited by hand in {}, and \
         `{canary}` was not",
        fields.join(", ")
    );
    let help = "make the edit there too, or in the spec for both";
    Some(Diagnostic::note(what).in_file(canary.clone()).help(help))
}

/// Whether a spec makes what was rendered last: then it was edited only in what makes no difference,
/// such as a comment.
pub(in crate::cli) fn is_as_rendered(project: &Project, app: &App) -> Result<bool, Stop> {
    let state = project.state()?;
    let Some(lock) = state.lock else {
        return Ok(false);
    };
    if lock.config != config_hash(app) {
        return Ok(false);
    }
    let files = render::files(&rendering::one(app)?)?;
    Ok(files
        .iter()
        .all(|(path, text)| state.base.get(path) == Some(text)))
}
