//! `list`: what there is.

use clap::{Args, ValueEnum};

use super::show::Report;
use super::{Outcome, Session, Stop, presets};
use crate::component::COMPONENTS;
use crate::spec::KEYS;

/// List what there is
#[derive(Debug, Args)]
pub(super) struct List {
    /// Of what
    #[arg(value_enum)]
    what: What,
    /// A folder of presets of your own
    #[arg(long, value_name = "DIR")]
    presets: Option<std::path::PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Named starting points
    Presets,
    /// Keys of the spec
    Keys,
    /// Things that a service can have
    Components,
}

/// Runs `list`.
pub(super) fn run(list: &List, session: &mut Session<'_>) -> Result<Report, Stop> {
    let rows: Vec<[String; 3]> = match list.what {
        What::Presets => {
            let folders = presets::folders(session, list.presets.as_deref())?;
            presets::all(session, &folders)?
                .into_iter()
                .map(|preset| {
                    [
                        preset.name,
                        presets::from(&preset.origin),
                        preset.description,
                    ]
                })
                .collect()
        }
        What::Keys => KEYS
            .iter()
            .map(|key| {
                let flag = key.flag.map(|flag| format!("--{flag}")).unwrap_or_default();
                [key.name.to_owned(), flag, key.summary.to_owned()]
            })
            .collect(),
        What::Components => COMPONENTS
            .iter()
            .map(|one| {
                [
                    one.name().to_owned(),
                    String::new(),
                    one.summary().to_owned(),
                ]
            })
            .collect(),
    };
    let mut report = Report::new(Outcome::Done, "listed");
    report.is_document = true;
    report.data = Some(if session.global.is_json() {
        let items: Vec<_> = rows
            .iter()
            .map(|[name, from, summary]| {
                serde_json::json!({"name": name, "from": from, "summary": summary})
            })
            .collect();
        format!("{:#}\n", serde_json::json!({"version": 1, "items": items}))
    } else {
        table(&rows)
    });
    Ok(report)
}

fn table(rows: &[[String; 3]]) -> String {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    let line = |[name, from, summary]: &[String; 3]| match second {
        0 => format!("{name:<first$}  {summary}\n"),
        _ => format!("{name:<first$}  {from:<second$}  {summary}\n"),
    };
    rows.iter().map(line).collect()
}
