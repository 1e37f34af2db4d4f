//! `schema`: the JSON Schema of a spec or a preset, for editors.

use clap::{Args, ValueEnum};

use super::Outcome;
use super::show::Report;
use crate::spec::schema;

/// Print the JSON Schema of a spec, for your editor
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Of what
    #[arg(value_enum, default_value = "spec")]
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// `prodgen.yaml`
    Spec,
    /// A file of presets
    Preset,
}

/// Runs `schema`.
pub(super) fn run(command: &Schema) -> Report {
    let schema = match command.what {
        What::Spec => schema::spec(),
        What::Preset => schema::preset(),
    };
    let mut report = Report::new(Outcome::Done, "printed");
    report.is_document = true;
    report.data = Some(format!("{schema:#}\n"));
    report
}
