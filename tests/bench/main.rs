//! What prodgen costs, against things that every machine has, measured in the same run and in turns.
//! It prints a table and judges no time, which is a machine's mood; memory is the same in every run, and judged.

mod library;
mod process;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Render(#[from] prodgen::render::Error),
    #[error(transparent)]
    Project(#[from] prodgen::project::Error),
    #[error("the spec of the benchmark does not hold: {0}")]
    Spec(String),
    #[error("`{0}` failed")]
    Failed(String),
    #[error("{0}")]
    Over(&'static str),
}

/// One line of the table.
struct Row {
    what: String,
    ours: String,
    against: String,
    value: String,
    aim: &'static str,
    limit: &'static str,
    /// What to do where the limit is judged, and does not hold.
    over: Option<&'static str>,
}

impl Row {
    /// How many times longer `ours` took than `theirs`.
    fn ratio(what: &str, ours: Duration, theirs: Duration, bounds: [&'static str; 2]) -> Self {
        let [aim, limit] = bounds;
        Self {
            what: what.to_owned(),
            ours: millis(ours),
            against: millis(theirs),
            value: format!("{:.2}", ours.as_secs_f64() / theirs.as_secs_f64()),
            aim,
            limit,
            over: None,
        }
    }
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// The one in the middle.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn write_table(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    let head = Row {
        what: String::new(),
        ours: "ours".to_owned(),
        against: "against".to_owned(),
        value: "value".to_owned(),
        aim: "aim",
        limit: "limit",
        over: None,
    };
    for row in [&head].into_iter().chain(rows) {
        let Row {
            what,
            ours,
            against,
            value,
            aim,
            limit,
            over: _,
        } = row;
        let line = format!("{what:<42} {ours:>12} {against:>12} {value:>8} {aim:>6} {limit:>6}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn main() -> Result<(), Error> {
    let mut out = io::stdout();
    // `cargo test --all-targets` runs this too, and has no use for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        writeln!(out, "the benchmark runs with `cargo bench`")?;
        return Ok(());
    }
    let mut rows = Vec::new();
    // First the processes: a child counts its parent's memory as its own, as long as it is that.
    let programs = ["PRODGEN_BENCH_BIN", "PRODGEN_BENCH_HELLO"].map(std::env::var_os);
    if let [Some(ours), Some(hello)] = programs.map(|path| path.map(PathBuf::from)) {
        rows.extend(process::rows(&ours, &hello)?);
    } else {
        writeln!(out, "the program itself is measured by `.ci/bench`")?;
    }
    rows.extend(library::rows()?);
    write_table(&mut out, &rows)?;
    match rows.iter().find_map(|row| row.over) {
        Some(what) => Err(Error::Over(what)),
        None => Ok(()),
    }
}
