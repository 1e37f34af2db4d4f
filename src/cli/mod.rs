//! The command line: a file for each command, and what several of them share. Nothing below here prints or
//! exits.

mod accept;
mod add;
mod ambient;
mod answers;
mod canary;
mod change;
mod diff;
mod disk;
mod drift;
mod exit;
mod explain;
mod export;
mod late;
mod left;
mod list;
mod memory;
mod new;
mod plan;
mod presets;
mod remove;
mod render;
mod road;
mod schema;
mod set;
mod show;
mod undo;
mod upgrade;
mod whole;

use std::io::Write as _;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::diag::{Diagnostic, SourceMap};
use crate::project::{self, Project};
use crate::render as rendering;

use accept::Accept;
pub use ambient::Ambient;
pub use exit::{OUTCOMES, Outcome};
use late::Late;
use show::{Report, show};

/// Kubernetes manifests that are right for production, from a short description of a service
#[derive(Debug, Parser)]
#[command(name = "prodgen", version, propagate_version = true, after_help = exit::table())]
#[command(disable_help_subcommand = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Flags that every command takes, before its name or behind it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Flags everywhere")]
struct Global {
    /// Work in this folder
    #[arg(short = 'C', value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Form of the output; `yaml` and `json` are forms of the manifests for `render`
    #[arg(short = 'o', value_name = "FORMAT", value_enum, default_value = "text")]
    output: Format,
    /// Say nothing but errors
    #[arg(short = 'q')]
    quiet: bool,
    /// Name also the files that nothing happens to
    #[arg(short = 'v')]
    verbose: bool,
    /// Use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value = "auto")]
    color: When,
    /// Never ask
    #[arg(long)]
    no_input: bool,
}

impl Global {
    fn is_json(&self) -> bool {
        self.output == Format::Json
    }

    /// Whether there is somebody to ask.
    fn may_ask(&self, ambient: &Ambient) -> bool {
        ambient.stdin
            && ambient.stdout
            && ambient.stderr
            && !self.no_input
            && !self.is_json()
            && ambient.variable("CI").is_none()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Yaml,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// Flags of the commands that write.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Writing")]
struct Writing {
    /// Show the plan and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Show the plan as a diff and write nothing
    #[arg(long)]
    diff: bool,
    /// Take what is found in the repository, and never ask
    #[arg(short = 'y')]
    yes: bool,
    /// Decide conflicts: `ours` keeps your edits, `theirs` takes the new render;
    /// `FILE=ours` and `FILE:FIELD=theirs` decide one, and can be given again
    #[arg(long, value_name = "SIDE")]
    accept: Vec<Accept>,
    #[command(flatten)]
    on_purpose: OnPurpose,
}

/// What a person says that they know.
#[derive(Debug, Clone, Copy, Args)]
struct OnPurpose {
    /// Let out what no step of a canary holds: another image for everybody at once, or what a
    /// controller takes for a new version
    #[arg(long, help_heading = "Writing")]
    bypass_canary: bool,
    /// The number of pods that goes out of a manifest is somebody else's already; without this flag
    /// it is said how
    #[arg(long, help_heading = "Writing")]
    handed_over: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Describe a service and write its spec and manifests
    New(Late<new::New>),
    /// Write manifests to stdout, or into the tree
    Render(Late<render::Render>),
    /// Show what `render -w` would change
    Diff(Late<diff::Diff>),
    /// Add keys to the spec, and to the manifests what they make
    Add(Late<add::Add>),
    /// Take keys out of the spec, so that their defaults come back
    Remove(Late<remove::Remove>),
    /// Change what the spec says, and the manifests with it
    Set(Late<set::Set>),
    /// Limit who meets a new version: start, step, promote, abort
    Canary(Late<canary::Canary>),
    /// Take back the last command that wrote, once
    Undo(Late<undo::Undo>),
    /// Move a service to the templates of this version
    Upgrade(Late<upgrade::Upgrade>),
    /// List what there is
    List(Late<list::List>),
    /// Say what something is, and why
    Explain(Late<explain::Explain>),
    /// Print the JSON Schema of a spec, for your editor
    Schema(Late<schema::Schema>),
}

/// What a run works with.
struct Session<'a> {
    ambient: &'a Ambient,
    global: Global,
    sources: SourceMap,
    /// The folder to work in.
    folder: PathBuf,
}

/// A command ends early with what it has to say.
type Stop = Box<Report>;

impl From<project::Error> for Stop {
    fn from(error: project::Error) -> Self {
        let outcome = if error.is_input() {
            Outcome::Wrong
        } else {
            Outcome::Failed
        };
        let word = if error.is_input() {
            "invalid"
        } else {
            "failed"
        };
        Box::new(Report {
            diagnostics: vec![error.diagnostic()],
            ..Report::new(outcome, word)
        })
    }
}

impl From<rendering::Error> for Stop {
    fn from(error: rendering::Error) -> Self {
        let what = Diagnostic::error(format!("prodgen made a mistake: {error}"))
            .help("this is a bug; please report it with the spec");
        Box::new(Report {
            diagnostics: vec![what],
            ..Report::new(Outcome::Bug, "bug")
        })
    }
}

#[expect(
    clippy::unnecessary_box_returns,
    reason = "a `Stop` is what `?` carries"
)]
fn wrong(diagnostic: Diagnostic) -> Stop {
    Box::new(Report::wrong(vec![diagnostic]))
}

impl Session<'_> {
    /// Names files as seen from the folder to work in, as the user would type them.
    fn shorten(&self, report: &mut Report) {
        let prefix = format!("{}/", self.folder.display());
        for one in &mut report.diagnostics {
            if let Some(file) = one
                .file
                .as_ref()
                .and_then(|file| file.strip_prefix(&prefix))
            {
                one.file = Some(file.to_owned());
            }
            one.message = one.message.replace(&format!("`{prefix}"), "`");
        }
    }

    /// The path of something in the project as seen from the folder to work in.
    fn shown(&self, project: &Project, name: &str) -> String {
        let full = project.root.join(name);
        if let Ok(below) = full.strip_prefix(&self.folder) {
            return below.display().to_string();
        }
        let mut up = PathBuf::new();
        for above in self.folder.ancestors().skip(1) {
            up.push("..");
            if let Ok(below) = full.strip_prefix(above) {
                return up.join(below).display().to_string();
            }
        }
        full.display().to_string()
    }
}

/// Runs the command line of `ambient` and says how the program is to end.
pub fn run(ambient: &Ambient) -> Outcome {
    let cli = match Cli::try_parse_from(&ambient.arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, ambient),
    };
    let Cli { global, command } = cli;
    let base = ambient.folder.clone().unwrap_or_else(|| PathBuf::from("."));
    let folder = global
        .folder
        .as_ref()
        .map_or_else(|| base.clone(), |folder| base.join(folder));
    let mut session = Session {
        ambient,
        global,
        sources: SourceMap::default(),
        folder,
    };
    let made = match command {
        Command::New(Late(command)) => new::run(command, &mut session),
        Command::Render(Late(command)) => render::run(command, &mut session),
        Command::Diff(Late(command)) => diff::run(&command, &mut session),
        Command::Add(Late(command)) => add::run(command, &mut session),
        Command::Remove(Late(command)) => remove::run(&command, &mut session),
        Command::Set(Late(command)) => set::run(&command, &mut session),
        Command::Canary(Late(command)) => canary::run(&command, &mut session),
        Command::Undo(Late(command)) => undo::run(&command, &mut session),
        Command::Upgrade(Late(command)) => upgrade::run(&command, &mut session),
        Command::List(Late(command)) => list::run(&command, &mut session),
        Command::Explain(Late(command)) => explain::run(&command, &mut session),
        Command::Schema(Late(command)) => Ok(schema::run(&command)),
    };
    let mut report = made.unwrap_or_else(|stop| *stop);
    session.shorten(&mut report);
    show(&report, &session.sources, &session.global, ambient)
}

/// Help, the version, or a command line that says nothing we know.
fn usage(error: &clap::Error, ambient: &Ambient) -> Outcome {
    let is_answer = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if is_answer {
        // A reader that has gone away has seen enough.
        return if error.print().is_ok() {
            Outcome::Done
        } else {
            Outcome::Failed
        };
    }
    let words: Vec<_> = ambient
        .arguments
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    let wants_json = words
        .windows(2)
        .any(|pair| pair[0] == "-o" && pair[1] == "json")
        || words
            .iter()
            .any(|word| word == "-ojson" || word == "-o=json");
    if wants_json {
        let text = error.render().to_string();
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let message = lines
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ")
            .to_owned();
        let rest = lines.collect::<Vec<_>>().join("\n");
        let report = Report::wrong(vec![Diagnostic::error(message).help(rest)]);
        let global = Global {
            folder: None,
            output: Format::Json,
            quiet: false,
            verbose: false,
            color: When::Never,
            no_input: true,
        };
        return show(&report, &SourceMap::default(), &global, ambient);
    }
    if error.print().is_ok() {
        Outcome::Wrong
    } else {
        Outcome::Failed
    }
}

/// Makes a panic say that it is our fault, and end with 101 however the program was built.
#[expect(clippy::exit, reason = "after a panic there is no main to return to")]
pub fn name_panics() {
    let inner = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        inner(panic);
        let words = "prodgen stopped at a mistake of its own; nothing was half written.\n\
                     Please report this with the command and the spec.\n";
        // With stderr gone there is nobody to tell.
        let _nobody = std::io::stderr().write_all(words.as_bytes());
        std::process::exit(101);
    }));
}
