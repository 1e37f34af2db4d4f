//! The program: parses the command line, runs it, leaves with its exit code.

use std::process::ExitCode;

use prodgen::cli::{self, Ambient};

fn main() -> ExitCode {
    cli::name_panics();
    ExitCode::from(cli::run(&Ambient::of_process()).code())
}
