//! `upgrade`: a service on the templates of this version, with every edit, and what changes in plain words.

use std::collections::BTreeMap;

use clap::Args;

use super::road::{self, By};
use super::show::Report;
use super::{Outcome, Session, Stop, Writing, plan, render, wrong};
use crate::component::config_hash;
use crate::diag::Diagnostic;
use crate::files::{FileSet, RelPath};
use crate::merge::{identity, told};
use crate::project::{LOCK, Plan, SpecText, State};
use crate::render as rendering;
use crate::report::apart;

/// Move a service to the templates of this version
#[derive(Debug, Args)]
pub(super) struct Upgrade {
    /// Write nothing; exit with 1 if there is something to upgrade
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    writing: Writing,
}

/// Runs `upgrade`.
pub(super) fn run(upgrade: &Upgrade, session: &mut Session<'_>) -> Result<Report, Stop> {
    let mut loaded = render::load(session, None, &[])?;
    let state = loaded.project.state()?;
    let Some(lock) = &state.lock else {
        let path = session.shown(&loaded.project, LOCK);
        return Err(wrong(
            Diagnostic::error(format!(
                "there is no `{path}`: nothing says what was rendered before"
            ))
            .in_file(path)
            .help("run `prodgen render -w`, with `--adopt` if the manifests are there already"),
        ));
    };
    let manifests = rendering::one(&loaded.settled.app)?;
    let mut notes = std::mem::take(&mut loaded.notes);
    let version = env!("CARGO_PKG_VERSION");
    if lock.prodgen != version {
        let what = format!("from prodgen {} to {version}", lock.prodgen);
        notes.push(Diagnostic::note(what));
    }
    if lock.is_behind(loaded.text.as_deref().unwrap_or_default()) {
        let what = "the spec was changed since the last render: what that changes is among this";
        notes.push(Diagnostic::note(what));
    }
    let text = render::own_text(&loaded)?;
    let app = &loaded.settled.app;
    // What a newer version renders otherwise has no other way out.
    let by = if lock.is_only_older(&text, config_hash(app).as_deref()) {
        By::Version
    } else {
        By::Hand
    };
    let wanted = render::wanted(SpecText::Read(text), app, &manifests)?;
    notes.extend(changes(&state, &wanted.manifests));
    let mut report = if upgrade.check {
        let plan = Plan::new(&loaded.project, &state, wanted)?;
        let unchanged = plan.is_unchanged();
        let (outcome, word) = if unchanged {
            (Outcome::Done, "unchanged")
        } else {
            (Outcome::No, "outdated")
        };
        let mut report = Report::new(outcome, word);
        report.rows = plan::rows(session, &loaded.project, &plan);
        report
    } else {
        let (project, writing) = (&loaded.project, &upgrade.writing);
        let by = (by, &loaded.settled.spec());
        road::write(session, project, (app, wanted), by, writing, "upgraded")?
    };
    report.diagnostics.splice(0..0, notes);
    Ok(report)
}

/// What the new render has other than the last one, and why, as its comments say it.
fn changes(state: &State, render: &FileSet) -> Vec<Diagnostic> {
    // An object is the same under another file name; what is none goes by its name.
    let known = |path: &RelPath, text: &str| {
        let id = identity(text);
        let name = id.is_none().then(|| path.clone());
        (id, name)
    };
    let mut before: BTreeMap<_, &str> = BTreeMap::new();
    for (path, text) in &state.base {
        before.insert(known(path, text), text);
    }
    let mut said = Vec::new();
    for (path, after) in render {
        said.extend(told(before.remove(&known(path, after)), Some(after)));
    }
    for gone in before.into_values() {
        said.extend(told(Some(gone), None));
    }
    said.iter()
        .map(|one| {
            let place = one.place();
            let what = match apart([one.before.as_deref(), one.after.as_deref()]) {
                [Some(before), Some(after)] => format!("{place}: was `{before}`, is `{after}`"),
                [None, Some(after)] => format!("{place}: new, `{after}`"),
                [Some(before), None] => format!("{place}: gone, it was `{before}`"),
                [None, None] if one.is_new => format!("{place} is new"),
                [None, None] => format!("{place} is gone"),
            };
            let note = Diagnostic::note(what).key(one.path.to_string());
            match &one.why {
                Some(why) => note.help(why.clone()),
                None => note,
            }
        })
        .collect()
}
