//! The same spec makes the same bytes: again, in another thread, on its own, and
//! whatever the environment of the process says.

use std::path::Path;
use std::process::Command;

use prodgen::render::{self, Form, ManifestSet, Renderer, emit};
use prodgen::spec::App;

use crate::support::{Folder, settle};

fn example(name: &str) -> App {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("examples")
        .join(name);
    let text = std::fs::read_to_string(folder.join("prodgen.yaml")).unwrap();
    settle(&text, &Folder(&folder)).unwrap()
}

#[test]
fn fifty_times_in_four_threads_it_is_the_same() {
    for name in ["web", "cronjob"] {
        let app = example(name);
        let every = Renderer::new().unwrap();
        let both = |set: &ManifestSet| [emit(set, Form::Yaml), emit(set, Form::Json)];
        let first = both(&every.render(&app).unwrap());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for round in 0..50 {
                        assert_eq!(both(&every.render(&app).unwrap()), first);
                        // On its own it loads its templates anew: now and then.
                        if round % 25 == 0 {
                            assert_eq!(both(&render::one(&app).unwrap()), first);
                            assert_eq!(both(&render::one(&example(name)).unwrap()), first);
                        }
                    }
                });
            }
        });
    }
}

#[test]
fn the_environment_changes_nothing() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/web");
    let rendered = |variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_prodgen"));
        command.env_clear().current_dir(&folder).arg("render");
        let output = command.envs(variables.iter().copied()).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    };
    let bare = rendered(&[]);
    assert!(bare.starts_with(b"---\n"));
    for variables in [
        &[
            ("TZ", "Asia/Kathmandu"),
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "tr_TR.UTF-8"),
        ][..],
        &[
            ("HOME", "/nowhere"),
            ("USER", "nobody"),
            ("CI", "true"),
            ("SOURCE_DATE_EPOCH", "1"),
        ],
        &[
            ("COLUMNS", "20"),
            ("NO_COLOR", "1"),
            ("CLICOLOR_FORCE", "1"),
            ("TERM", "xterm-256color"),
        ],
        &[
            ("RUST_LOG", "trace"),
            ("RUST_BACKTRACE", "full"),
            ("TMPDIR", "/nowhere"),
        ],
    ] {
        assert_eq!(rendered(variables), bare, "{variables:?}");
    }
}
