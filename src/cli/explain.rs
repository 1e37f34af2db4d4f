//! `explain`: what a preset or a key is, and why.

use std::fmt::Write as _;

use clap::{Args, Subcommand};

use super::show::Report;
use super::{Outcome, Session, Stop, change, exit, presets, wrong};
use crate::diag::{Diagnostic, nearest, shown};
use crate::spec::examples;

/// Say what something is, and why
#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// What a preset sets, and why
    Preset {
        /// Its name
        name: String,
        /// A folder of presets of your own
        #[arg(long, value_name = "DIR")]
        presets: Option<std::path::PathBuf>,
    },
    /// What a key of the spec says
    Key {
        /// Its name
        name: String,
    },
    /// What the program's exit codes mean
    ExitCodes,
}

/// Runs `explain`.
pub(super) fn run(explain: &Explain, session: &mut Session<'_>) -> Result<Report, Stop> {
    let text = match &explain.what {
        What::Preset { name, presets } => preset(session, name, presets.as_deref())?,
        What::Key { name } => key(name)?,
        What::ExitCodes => format!("{}\n", exit::table()),
    };
    let mut report = Report::new(Outcome::Done, "explained");
    report.is_document = true;
    report.data = Some(if session.global.is_json() {
        format!("{:#}\n", serde_json::json!({"version": 1, "text": text}))
    } else {
        text
    });
    Ok(report)
}

fn preset(
    session: &mut Session<'_>,
    name: &str,
    folder: Option<&std::path::Path>,
) -> Result<String, Stop> {
    let folders = presets::folders(session, folder)?;
    let Some(preset) = presets::find(session, &folders, name)? else {
        let names: Vec<String> = presets::all(session, &folders)?
            .into_iter()
            .map(|one| one.name)
            .collect();
        let help = match nearest(name, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are: {}", names.join(", ")),
        };
        let shown = shown(name);
        return Err(wrong(
            Diagnostic::error(format!("there is no preset `{shown}`"))
                .key("preset")
                .help(help),
        ));
    };
    let mut out = format!(
        "{}: {}\n({})\n\n",
        preset.name,
        preset.description,
        presets::from(&preset.origin)
    );
    for setting in preset.settings() {
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "{}: {}", setting.key, setting.value);
        if let Some(why) = setting.why {
            let _infallible = writeln!(out, "    {why}");
        }
    }
    Ok(out)
}

fn key(name: &str) -> Result<String, Stop> {
    let key = change::key(name, "what is in it is explained with it")?;
    let flag = key
        .flag
        .map(|flag| format!("flag      --{flag}\n"))
        .unwrap_or_default();
    let example: String = examples(key.name)
        .flat_map(|example| ["example   ", example, "\n"])
        .collect();
    Ok(format!(
        "{}: {}\n\n{flag}variable  {}\n--set     {}=VALUE\n{example}",
        key.name,
        key.summary,
        key.variable(),
        key.name
    ))
}
