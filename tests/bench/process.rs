//! The program as a process: how long it takes from start to end, and how much memory.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Error, Row, library, median};

/// Turns, after some that are not counted.
const TURNS: usize = 300;
const WARM_UP: usize = 20;

/// What to do about too much memory.
const ORDER: &str = "a render needs more memory than it may: `.ci/order` writes src/order.ld anew for the program as it is";

/// What a start of `ours` costs against one of `hello`.
pub(super) fn rows(ours: &Path, hello: &Path) -> Result<Vec<Row>, Error> {
    let mut spec = tempfile::Builder::new().suffix(".yaml").tempfile()?;
    spec.write_all(library::spec(0).as_bytes())?;
    let mut render = quiet(ours);
    render.arg("render").arg("-f").arg(spec.path());
    let mut version = quiet(ours);
    version.arg("--version");
    let mut hello = quiet(hello);

    let floor = peak(&mut hello)?;
    let memory = peak(&mut render)?;
    let [hello, version, render] = in_turns([&mut hello, &mut version, &mut render])?;
    let mut rows = vec![
        Row::ratio("render, against a process", render, hello, ["2.0", "2.5"]),
        Row::ratio("--version, against a process", version, hello, ["1.3", ""]),
    ];
    if let (Some(floor), Some(memory)) = (floor, memory) {
        rows.push(Row {
            what: "render, peak memory in MiB".to_owned(),
            ours: format!("{memory:.1} MiB"),
            against: format!("{floor:.1} MiB"),
            value: format!("{memory:.1}"),
            aim: "",
            limit: "6.0",
            over: (memory > 6.0).then_some(ORDER),
        });
    }
    Ok(rows)
}

/// A program that is heard by nobody and knows nothing of where it runs.
fn quiet(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn run(command: &mut Command) -> Result<Duration, Error> {
    let began = Instant::now();
    let status = command.status()?;
    let took = began.elapsed();
    if status.success() {
        Ok(took)
    } else {
        Err(Error::Failed(format!("{command:?}")))
    }
}

/// The median of each, one after the other again and again, so that all have the same weather.
fn in_turns<const N: usize>(mut commands: [&mut Command; N]) -> Result<[Duration; N], Error> {
    let mut times = [const { Vec::new() }; N];
    for turn in 0..WARM_UP + TURNS {
        for (command, times) in commands.iter_mut().zip(&mut times) {
            let took = run(command)?;
            if turn >= WARM_UP {
                times.push(took);
            }
        }
    }
    Ok(times.map(median))
}

/// The most memory that any process so far has had at once, this one among them, in MiB.
///
/// So the small one has to be run first, and this process has to be small as long.
#[cfg(target_os = "linux")]
fn peak(command: &mut Command) -> Result<Option<f64>, Error> {
    use nix::sys::resource::{UsageWho, getrusage};

    run(command)?;
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).map_err(std::io::Error::from)?;
    let kibibytes = u32::try_from(usage.max_rss()).ok();
    Ok(kibibytes.map(|number| f64::from(number) / 1024.0))
}

#[cfg(not(target_os = "linux"))]
fn peak(_command: &mut Command) -> Result<Option<f64>, Error> {
    Ok(None)
}
