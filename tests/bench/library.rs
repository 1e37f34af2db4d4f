//! The library in one thread: many services, from the text of a spec to files in memory and on disk.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use prodgen::diag::{Origin, SourceMap};
use prodgen::files::FileSet;
use prodgen::project::{MANIFESTS, export};
use prodgen::render::Renderer;
use prodgen::{preset, spec};

use super::{Error, Row, median};

/// Services that are rendered in memory, in ten lots.
const RENDERED: usize = 10_000;
const LOTS: usize = 10;
/// Services that are written and copied, and how often.
const WRITTEN: usize = 1_000;
const TURNS: usize = 3;

/// A service as people have it.
const SPEC: &str = "\
apiVersion: prodgen.dev/v1alpha1
kind: App
name: checkout-NUMBER
team: payments
image: registry.example.com/payments/checkout-NUMBER:1.4.2
port: 8080
probes: /healthz
replicas: { min: 3, max: 12 }
callers: [storefront]            # who may call us
needs: [ledger:50051]            # whom we may call
secrets: [db]
about:
  description: Takes the money
  contact: payments@example.com
";

/// The spec of service `number`.
pub(super) fn spec(number: usize) -> String {
    SPEC.replace("NUMBER", &number.to_string())
}

/// What many services cost in one thread.
pub(super) fn rows() -> Result<Vec<Row>, Error> {
    let renderer = Renderer::new()?;
    let (object, objects) = in_memory(&renderer)?;
    let each = objects / RENDERED;
    let micros = object.as_secs_f64() * 1e6;
    let mut rows = vec![Row {
        what: format!("an object, of {objects}, in µs"),
        ours: format!("{micros:.1} µs"),
        against: String::new(),
        value: format!("{micros:.1}"),
        aim: "15",
        limit: "",
        over: None,
    }];
    let [ours, copy] = on_disk(&renderer)?;
    let count = f64::from(u32::try_from(WRITTEN * each).unwrap_or(u32::MAX));
    let a_second = |time: Duration| format!("{:.0}/s", count / time.as_secs_f64());
    let what = format!("{count} documents written, against cp -r");
    rows.push(Row {
        ours: a_second(ours),
        against: a_second(copy),
        ..Row::ratio(&what, ours, copy, ["", ""])
    });
    Ok(rows)
}

/// From the text of a spec to files in memory.
fn render(renderer: &Renderer, text: &str) -> Result<FileSet, Error> {
    let mut sources = SourceMap::default();
    let source = sources.add(Origin::File("prodgen.yaml".to_owned()), text);
    let mut layers = spec::Layers::default();
    let refuse = |complaints| Error::Spec(format!("{complaints:?}"));
    layers.push(spec::read(source, text, false).map_err(refuse)?);
    let settled = preset::settle(&layers, &mut sources, &spec::NoFiles)
        .map_err(|refused| refuse(refused.complaints))?;
    let manifests = renderer.render(&settled.app)?;
    manifests
        .files(MANIFESTS)
        .map_err(|path| Error::Spec(path.to_string()))
}

/// The time that an object takes, the median of the lots, and how many objects there were.
fn in_memory(renderer: &Renderer) -> Result<(Duration, usize), Error> {
    let mut times = Vec::new();
    let mut objects = 0;
    for lot in 0..LOTS {
        let first = lot * RENDERED / LOTS;
        let began = Instant::now();
        let mut count = 0;
        for number in first..first + RENDERED / LOTS {
            count += render(renderer, &spec(number))?.len();
        }
        let count_or_one = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
        times.push(began.elapsed() / count_or_one);
        objects += count;
    }
    Ok((median(times), objects))
}

/// The time to render and write a tree, and the time that `cp -r` takes to copy it.
fn on_disk(renderer: &Renderer) -> Result<[Duration; 2], Error> {
    // In memory where there is a file system for that: the mood of a disk is not ours to measure.
    let memory = Path::new("/dev/shm");
    let mut folder = tempfile::Builder::new();
    folder.prefix("prodgen-bench-");
    let folder = if memory.is_dir() {
        folder.tempdir_in(memory)?
    } else {
        folder.tempdir()?
    };
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TURNS {
        let [tree, copy] = ["tree", "copy"].map(|name| folder.path().join(name));
        let began = Instant::now();
        for number in 0..WRITTEN {
            let files = render(renderer, &spec(number))?;
            export(&tree.join(number.to_string()), &files)?;
        }
        times[0].push(began.elapsed());
        let mut cp = Command::new("cp");
        cp.arg("-r").arg(&tree).arg(&copy);
        let began = Instant::now();
        let status = cp.status()?;
        times[1].push(began.elapsed());
        if !status.success() {
            return Err(Error::Failed(format!("{cp:?}")));
        }
        std::fs::remove_dir_all(&tree)?;
        std::fs::remove_dir_all(&copy)?;
    }
    Ok(times.map(median))
}
