//! What `set`, `add` and `remove` share: the spec's text is edited to say what was asked for, rendered,
//! and written together with the tree.

use super::canary::hand_edits::Move;
use super::render::{self, Found};
use super::road::{self, By};
use super::show::Report;
use super::{Session, Stop, Writing, canary, wrong};
use crate::diag::{Diagnostic, Origin, SourceId, Span, nearest, shown};
use crate::project::{SPEC, SpecText};
use crate::render as rendering;
use crate::spec::edit::{Refused, rewrite};
use crate::spec::{AppSpec, KEYS, Key, LATER, Layers};
use crate::yaml::edit::Page;
use crate::yaml::{NodeRef, parse_one};

/// The spec to change, which must be a `prodgen.yaml`.
pub(super) fn find(session: &mut Session<'_>) -> Result<(Found, String), Stop> {
    let mut found = render::find(session, None, false)?;
    match found.text.take() {
        Some(text) => Ok((found, text)),
        None => Err(wrong(Diagnostic::error(format!("there is no `{SPEC}`")))),
    }
}

/// The key of that name, or which one may be meant; `within` says what to do about a part of one.
pub(super) fn key(name: &str, within: &str) -> Result<&'static Key, Stop> {
    if let Some(key) = KEYS.iter().find(|key| key.name == name) {
        return Ok(key);
    }
    let shown = shown(name);
    if LATER.contains(&name) {
        let help = "`prodgen list keys` shows those of this version";
        return Err(wrong(
            Diagnostic::error(format!("`{shown}`: not in this version")).help(help),
        ));
    }
    // `replicas.max` and `canary.steps` are within a key.
    let top = name.split(['.', '[']).next().unwrap_or_default();
    let known = KEYS.iter().map(|key| key.name);
    let help = if known.clone().any(|key| key == top) {
        format!("name the key, `{top}`; {within}")
    } else {
        match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`prodgen list keys` shows them".to_owned(),
        }
    };
    Err(wrong(
        Diagnostic::error(format!("there is no key `{shown}`")).help(help),
    ))
}

/// Edits the text so that it says `wanted`, renders it, and shows or writes both.
pub(super) fn write(
    session: &mut Session<'_>,
    found: Found,
    text: String,
    wanted: &AppSpec,
    writing: &Writing,
) -> Result<Report, Stop> {
    let Found {
        project,
        layers,
        mut notes,
        ..
    } = found;
    let old = layers.given();
    let mut lost = None;
    let spec = if old == *wanted {
        SpecText::Read(text)
    } else {
        let shown = session.shown(&project, SPEC);
        let to = rewrite(&text, &old, wanted).map_err(|refused| {
            let help = by_hand(&old, wanted);
            not_edited(session, shown.clone(), &text, &refused, help)
        })?;
        lost = comments_gone(&shown, &text, &to);
        SpecText::Edited { from: text, to }
    };
    let mut layers = Layers::default();
    layers.push(render::read(session, &project, spec.text())?);
    let settled = render::settle(session, &project, &layers)?;
    notes.extend(settled.warnings.iter().cloned());
    let manifests = rendering::one(&settled.app)?;
    let step = Move::between(&old, wanted);
    if step == Some(Move::Start) {
        canary::start::brings_something(&settled.app)?;
    }
    let wanted = render::wanted(spec, &settled.app, &manifests)?;
    let by = step.map_or(By::Hand, By::Verb);
    let to = (&settled.app, wanted);
    let mut report = road::write(session, &project, to, (by, &old), writing, "written")?;
    report.diagnostics.splice(0..0, notes);
    report.diagnostics.extend(lost);
    Ok(report)
}

/// Names the comments that went with what they stood beside.
fn comments_gone(path: &str, before: &str, after: &str) -> Option<Diagnostic> {
    let [before, after] = [before, after].map(|text| parse_one(SourceId::RENDERED, text).ok());
    let (before, after) = (before?, after?);
    let mut left: Vec<&str> = Page::of(&after).comments().collect();
    let mut gone = Vec::new();
    for comment in Page::of(&before).comments() {
        match left.iter().position(|one| *one == comment) {
            Some(at) => {
                left.swap_remove(at);
            }
            None => gone.push(format!("`{}`", shown(comment))),
        }
    }
    let what = match gone.as_slice() {
        [] => return None,
        [_] => format!("a comment of `{path}` goes with what it stood beside"),
        more => {
            let count = more.len();
            format!("{count} comments of `{path}` go with what they stood beside")
        }
    };
    let what = format!("{what}: {}", gone.join(", "));
    Some(Diagnostic::note(what).help("write anew what is still true"))
}

/// What a person does instead of an edit.
fn by_hand(old: &AppSpec, wanted: &AppSpec) -> String {
    let run = |spec: &AppSpec| spec.canary.as_ref().is_some_and(|one| one.run.is_some());
    let image = wanted.image.as_ref().filter(|_| run(old) && !run(wanted));
    let what = image.filter(|_| old.image != wanted.image).map_or_else(
        || "change it by hand".to_owned(),
        |image| {
            let image = &image.reference;
            format!("write `{image}` as the image by hand, and take `run` out of `canary`")
        },
    );
    format!("{what}, then run `prodgen render -w`")
}

/// An edit that would have to guess is left to the person.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "a `Stop` is what `?` carries"
)]
fn not_edited(
    session: &mut Session<'_>,
    shown: String,
    text: &str,
    refused: &Refused,
    help: String,
) -> Stop {
    let what = format!("`{shown}` cannot be edited here: {refused}");
    let source = session.sources.add(Origin::File(shown), text);
    let mut one = Diagnostic::error(what).help(help);
    if let (Some(key), Ok(document)) = (refused.key, parse_one(source, text)) {
        let value = document.root().and_then(|root| root.get(key));
        let place = value.map_or(Span::new(source, 0, 0), NodeRef::span);
        one = one.at(place).key(key);
    }
    wrong(one)
}
