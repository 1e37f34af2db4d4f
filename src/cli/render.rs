//! `render`: manifests to stdout, into the tree, or into a folder; or only whether they are in step.

use std::path::PathBuf;

use clap::Args;

use super::canary::known;
use super::disk::Disk;
use super::road::{self, By};
use super::show::Report;
use super::{Format, Outcome, Session, Stop, Writing, answers, drift, export, plan, wrong};
use crate::component::config_hash;
use crate::diag::{Diagnostic, Origin};
use crate::preset;
use crate::project::{self, MANIFESTS, Plan, Project, SPEC, SpecText, Wanted};
use crate::render::{self as rendering, Form, ManifestSet};
use crate::spec::{self, App, Layers, Settled};

/// Write manifests to stdout, or into the tree
#[derive(Debug, Args)]
#[command(next_help_heading = "Where from")]
pub(super) struct Render {
    /// The spec; `-` is stdin. Without it, the nearest prodgen.yaml here or above
    #[arg(short = 'f', value_name = "SPEC")]
    file: Option<String>,
    /// Lay an answer over the spec: `image=registry.example.com/shop:2`
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Merge the manifests into the tree beside the spec
    #[arg(short = 'w', long, help_heading = "Where to", conflicts_with_all = ["out", "check"])]
    write: bool,
    /// Write the manifests into this folder, which holds no others
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "Where to",
        conflicts_with = "check"
    )]
    out: Option<PathBuf>,
    /// Write nothing; exit with 1 if the tree is not what the spec makes
    #[arg(long, help_heading = "Where to")]
    check: bool,
    /// With --check: whether a tree that only this newer version would render otherwise is an error
    #[arg(
        long,
        value_name = "WHAT",
        help_heading = "Where to",
        requires = "check",
        value_enum
    )]
    stale: Option<drift::Weight>,
    /// With --check: whether a tree that only people have changed is an error
    #[arg(
        long,
        value_name = "WHAT",
        help_heading = "Where to",
        requires = "check",
        value_enum
    )]
    edited: Option<drift::Weight>,
    /// With --write, where `.prodgen` is gone: take the tree as it stands for your edits
    #[arg(long, help_heading = "Where to", requires = "write")]
    adopt: bool,
    #[command(flatten)]
    writing: Writing,
}

/// A spec that was found and holds.
pub(super) struct Loaded {
    /// The folder that it lies in.
    pub(super) project: Project,
    /// Its text, if it is the `prodgen.yaml` of that folder and nothing was laid over it.
    pub(super) text: Option<String>,
    /// What it comes to.
    pub(super) settled: Settled,
    /// What was said on the way.
    pub(super) notes: Vec<Diagnostic>,
}

/// A spec that was found and read, and is not held against any rule yet.
pub(super) struct Found {
    /// The folder that it lies in.
    pub(super) project: Project,
    /// Its text, if it is the `prodgen.yaml` of that folder.
    pub(super) text: Option<String>,
    /// What it says.
    pub(super) layers: Layers,
    /// What was said on the way.
    pub(super) notes: Vec<Diagnostic>,
}

/// Finds and reads the spec; there need be none if something else is `set`.
pub(super) fn find(
    session: &mut Session<'_>,
    file: Option<&str>,
    set: bool,
) -> Result<Found, Stop> {
    let mut found = Found {
        project: Project::at(session.folder.clone()),
        text: None,
        layers: Layers::default(),
        notes: Vec::new(),
    };
    match file {
        Some("-") => answers::file(session, &mut found.layers, "-", false)?,
        Some(name) => {
            let path = session.folder.join(name);
            found.project = Project::at(path.parent().map(PathBuf::from).unwrap_or_default());
            if path.file_name().is_some_and(|file| file == SPEC) {
                nearest(session, &mut found)?;
                if found.text.is_none() {
                    return Err(missing(name));
                }
            } else {
                answers::file(session, &mut found.layers, name, false)?;
            }
        }
        None => {
            around(session, &mut found)?;
            if found.text.is_none() && !set {
                return Err(nowhere(session, found.notes));
            }
        }
    }
    Ok(found)
}

/// Reads the spec of the nearest project, if there is one.
fn around(session: &mut Session<'_>, found: &mut Found) -> Result<(), Stop> {
    let mut notes = Vec::new();
    // An interrupted run that had not got as far as its spec makes no project: once it is swept up, the
    // next one above is the nearest.
    for _ in 0..2 {
        let Some(project) = Project::find(&session.folder) else {
            break;
        };
        found.project = project;
        nearest(session, found)?;
        notes.append(&mut found.notes);
        if found.text.is_some() {
            break;
        }
        found.project = Project::at(session.folder.clone());
    }
    found.notes = notes;
    Ok(())
}

/// There is no spec to go by.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "a `Stop` is what `?` carries"
)]
fn nowhere(session: &Session<'_>, notes: Vec<Diagnostic>) -> Stop {
    let what = if session.folder.is_dir() {
        format!("there is no `{SPEC}` here or in a folder above")
    } else {
        format!("there is no folder `{}`", session.folder.display())
    };
    let mut stop = wrong(
        Diagnostic::error(what).help("make one with `prodgen new service`, or name one with `-f`"),
    );
    stop.diagnostics.splice(0..0, notes);
    stop
}

/// Finds, reads and settles the spec.
pub(super) fn load(
    session: &mut Session<'_>,
    file: Option<&str>,
    set: &[String],
) -> Result<Loaded, Stop> {
    let Found {
        project,
        mut text,
        mut layers,
        mut notes,
    } = find(session, file, !set.is_empty())?;
    if !set.is_empty() {
        answers::set(session, &mut layers, set)?;
        text = None;
    }
    let settled = settle(session, &project, &layers)?;
    notes.extend(settled.warnings.iter().cloned());
    Ok(Loaded {
        project,
        text,
        settled,
        notes,
    })
}

/// Holds what was read against every rule.
pub(super) fn settle(
    session: &mut Session<'_>,
    project: &Project,
    layers: &Layers,
) -> Result<Settled, Stop> {
    preset::settle(layers, &mut session.sources, &Disk(project))
        .map_err(|refused| refuse(refused.complaints))
}

/// What is wrong with a spec, for a command that reads no variables and has no flag for each key.
#[expect(
    clippy::unnecessary_box_returns,
    reason = "a `Stop` is what `?` carries"
)]
pub(super) fn refuse(mut complaints: Vec<Diagnostic>) -> Stop {
    for one in &mut complaints {
        if let (Some(_), Some(key)) = (one.variable.take(), &one.key) {
            one.flag = Some("--set".to_owned());
            one.help = Some(format!(
                "write `{key}: ...` into the spec, or give it with `--set {key}=...`"
            ));
        }
    }
    Box::new(Report::wrong(complaints))
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "a `Stop` is what `?` carries"
)]
fn missing(name: &str) -> Stop {
    wrong(
        Diagnostic::error("the file cannot be read: it is not there")
            .in_file(name)
            .help("make one with `prodgen new service`"),
    )
}

/// Reads the `prodgen.yaml` of a project.
fn nearest(session: &mut Session<'_>, found: &mut Found) -> Result<(), Stop> {
    found.notes = plan::recover(&found.project)?;
    found.text = found.project.read_spec()?;
    if let Some(text) = &found.text {
        let layer = read(session, &found.project, text)?;
        found.layers.push(layer);
    }
    Ok(())
}

/// Reads a text as the `prodgen.yaml` of a project.
pub(super) fn read(
    session: &mut Session<'_>,
    project: &Project,
    text: &str,
) -> Result<spec::Layer, Stop> {
    let shown = session.shown(project, SPEC);
    let source = session.sources.add(Origin::File(shown), text);
    spec::read(source, text, false).map_err(|wrong| Box::new(Report::wrong(wrong)))
}

/// Runs `render`.
pub(super) fn run(render: Render, session: &mut Session<'_>) -> Result<Report, Stop> {
    let Render {
        file,
        set,
        write,
        out,
        check,
        stale,
        edited,
        adopt,
        writing,
    } = render;
    if !writing.accept.is_empty() && !write && !writing.dry_run && !writing.diff {
        let mut one =
            Diagnostic::error("`--accept` decides about a tree, and none is written here")
                .help("give `-w` too");
        one.flag = Some("--accept".to_owned());
        return Err(wrong(one));
    }
    let loaded = load(session, file.as_deref(), &set)?;
    let app = &loaded.settled.app;
    let mut report = if write || ((writing.dry_run || writing.diff) && out.is_none()) {
        into_tree(session, &loaded, &rendering::one(app)?, &writing, adopt)?
    } else if let Some(folder) = out {
        export::run(session, &folder, &rendering::one(app)?, &writing)?
    } else if check {
        drift::run(session, &loaded, &rendering::one(app)?, stale, edited)?
    } else {
        let form = match session.global.output {
            Format::Text | Format::Yaml => Form::Yaml,
            Format::Json => Form::Json,
        };
        let mut report = Report::new(Outcome::Done, "rendered");
        report.data = Some(rendering::stream(app, form)?);
        report.is_document = true;
        report
    };
    report.diagnostics.splice(0..0, loaded.notes);
    Ok(report)
}

/// The text of the spec, which a command that compares with the tree must have.
pub(super) fn own_text(loaded: &Loaded) -> Result<String, Stop> {
    loaded.text.clone().ok_or_else(|| {
        wrong(
            Diagnostic::error(format!(
                "the tree belongs to a `{SPEC}`, and this spec is none"
            ))
            .help("leave `--set` and `-f` out, or write to stdout or with `--out DIR`"),
        )
    })
}

/// The plan of `render -w`.
pub(super) fn tree_plan(loaded: &Loaded, manifests: &ManifestSet) -> Result<Plan, Stop> {
    let spec = SpecText::Read(own_text(loaded)?);
    let wanted = wanted(spec, &loaded.settled.app, manifests)?;
    Ok(Plan::new(
        &loaded.project,
        &loaded.project.state()?,
        wanted,
    )?)
}

/// The plan that takes the tree as it stands, which is only for where nothing else is known.
fn adopted(session: &Session<'_>, loaded: &Loaded, manifests: &ManifestSet) -> Result<Plan, Stop> {
    let project = &loaded.project;
    let state = project.state();
    // What a newer version knows is not lost, and not this one's to give up.
    if let Err(newer @ project::Error::Newer { .. }) = state {
        return Err(newer.into());
    }
    if state.is_ok_and(|state| state.lock.is_some()) {
        let path = session.shown(project, project::LOCK);
        return Err(wrong(
            Diagnostic::error(format!(
                "`{path}` knows what was rendered: there is nothing to adopt"
            ))
            .in_file(path)
            .help("run it without `--adopt`"),
        ));
    }
    let spec = SpecText::Read(own_text(loaded)?);
    let wanted = wanted(spec, &loaded.settled.app, manifests)?;
    Ok(Plan::adopt(project, wanted)?)
}

/// What a project should hold.
pub(super) fn wanted(spec: SpecText, app: &App, manifests: &ManifestSet) -> Result<Wanted, Stop> {
    Ok(Wanted {
        spec,
        config: config_hash(app),
        canary: known::remembered(app),
        manifests: files(manifests)?,
    })
}

/// The manifests as files of the tree.
pub(super) fn files(manifests: &ManifestSet) -> Result<crate::files::FileSet, Stop> {
    manifests
        .files(MANIFESTS)
        .map_err(|error| wrong(Diagnostic::error(error.to_string())))
}

fn into_tree(
    session: &mut Session<'_>,
    loaded: &Loaded,
    manifests: &ManifestSet,
    writing: &Writing,
    adopt: bool,
) -> Result<Report, Stop> {
    if adopt {
        let plan = adopted(session, loaded, manifests)?;
        return plan::carry_out(session, &loaded.project, plan, writing, "written");
    }
    let app = &loaded.settled.app;
    let wanted = wanted(SpecText::Read(own_text(loaded)?), app, manifests)?;
    let by = (By::Hand, &loaded.settled.spec());
    road::write(
        session,
        &loaded.project,
        (app, wanted),
        by,
        writing,
        "written",
    )
}
