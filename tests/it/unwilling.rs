//! A machine that will not: no space, no permission, folders that are gone, links that lead out. Every
//! command that writes says so, and the old tree stands.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use super::sandbox::{Ran, SPEC, Sandbox};

const DEPLOYMENT: &str = "deploy/production/deployment-checkout.yaml";

/// Every command that writes here, each of which changes the workload.
const COMMANDS: [&[&str]; 5] = [
    &["set", "port=9090"],
    &[
        "add",
        "needs",
        "args",
        "--need",
        "ledger:50051",
        "--set",
        "args=[-v]",
    ],
    &["remove", "replicas", "args"],
    &["render", "-w", "--accept", "theirs"],
    &["undo"],
];

/// A service for which each of the commands has something to do.
fn service() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put(
        "prodgen.yaml",
        format!("{SPEC}replicas: {{ min: 4, max: 9 }}\n"),
    );
    sandbox.run(&["render", "-w"]).ends(0);
    sandbox.run(&["set", "args=[-q]"]).ends(0);
    sandbox.put(
        "prodgen.yaml",
        format!("{}user: 10001\n", sandbox.read("prodgen.yaml")),
    );
    let mine = sandbox.read(DEPLOYMENT) + "# mine\n";
    sandbox.put(DEPLOYMENT, mine);
    sandbox
}

fn words_of(command: &[&'static str]) -> Vec<&'static str> {
    let more: &[&str] = if command == ["undo"] {
        &["--accept", "theirs"]
    } else {
        &[]
    };
    [command, more].concat()
}

/// As somebody whom permissions hold back: root is nobody here.
fn as_nobody(sandbox: &Sandbox, words: &[&str]) -> Option<Ran> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_prodgen"));
    command
        .args(words)
        .env_clear()
        .current_dir(sandbox.path(""));
    if tempfile::tempfile().unwrap().metadata().unwrap().uid() == 0 {
        give_away(sandbox);
        command.uid(65534).gid(65534);
    }
    // Where the program lies in a folder of root's nobody cannot start it.
    let output = command.stdin(Stdio::null()).output().ok()?;
    Some(said_by(&output))
}

fn said_by(output: &std::process::Output) -> Ran {
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout.clone()).unwrap(),
        stderr: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// Runs the program from a shell that does something before.
fn by_shell(sandbox: &Sandbox, script: &str, words: &[&str]) -> Ran {
    let output = Command::new("/bin/sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_prodgen")])
        .args(words)
        .env_clear()
        .current_dir(sandbox.path(""))
        .stdin(Stdio::null())
        .output();
    said_by(&output.unwrap())
}

fn give_away(sandbox: &Sandbox) {
    let mut open = vec![sandbox.path("")];
    while let Some(path) = open.pop() {
        chown(&path, Some(65534), Some(65534)).unwrap();
        if path.is_dir() {
            open.extend(
                fs::read_dir(&path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        }
    }
}

fn protect(sandbox: &Sandbox, name: &str, mode: u32) {
    fs::set_permissions(sandbox.path(name), Permissions::from_mode(mode)).unwrap();
}

/// Whether nothing is there that was not, and nothing else.
#[track_caller]
fn stands(sandbox: &Sandbox, before: &std::collections::BTreeMap<String, Vec<u8>>, words: &[&str]) {
    let after = sandbox.tree();
    assert!(after == *before, "{words:?}: {:?}", after.keys());
}

#[test]
fn a_folder_or_file_that_is_read_only_stops_everything() {
    for command in COMMANDS {
        let words = words_of(command);
        let sandbox = service();
        let before = sandbox.tree();
        for folder in ["deploy/production", ".prodgen", "."] {
            // The spec lies in the project's own folder, and not every command writes it.
            if folder == "." && command[0] == "render" {
                continue;
            }
            protect(&sandbox, folder, 0o555);
            let ran = as_nobody(&sandbox, &words);
            protect(&sandbox, folder, 0o755);
            let Some(ran) = ran else { continue };
            let ran = ran
                .ends(3)
                .says(&["cannot ", "permission", "look at the permissions"]);
            assert!(!ran.stderr.contains("panic"));
            stands(&sandbox, &before, &words);
        }
        for file in [DEPLOYMENT, ".prodgen/base.json"] {
            protect(&sandbox, file, 0o444);
            let ran = sandbox.run(&words).ends(2);
            ran.says(&[file, "is read-only", "make it writable"]);
            stands(&sandbox, &before, &words);
            protect(&sandbox, file, 0o644);
        }
        protect(&sandbox, DEPLOYMENT, 0o000);
        if let Some(ran) = as_nobody(&sandbox, &words) {
            ran.ends(3).says(&["cannot read", DEPLOYMENT]);
        }
        protect(&sandbox, DEPLOYMENT, 0o644);
        stands(&sandbox, &before, &words);
        sandbox.run(&words).ends(0);
    }
}

#[test]
fn a_disk_that_is_full_leaves_the_old_tree() {
    for command in COMMANDS {
        let words = words_of(command);
        let (sandbox, mut full) = (service(), 0);
        let before = sandbox.tree();
        // No file may grow over so many blocks: the system says so, or kills who tries.
        for blocks in [0, 1, 2, 4, 8, 16, 32, 64, 128] {
            for trap in ["trap '' 25; ", ""] {
                let script = format!("{trap}ulimit -f {blocks} && exec \"$0\" \"$@\"");
                let ran = by_shell(&sandbox, &script, &words);
                if ran.code == 0 {
                    sandbox.run(&["undo"]);
                    break;
                }
                full += 1;
                if !trap.is_empty() {
                    let ran = ran.ends(3);
                    ran.says(&["cannot write", "too large", "the space on the disk"]);
                    stands(&sandbox, &before, &words);
                }
                // What the dead left is found and taken away.
                let check = sandbox.run(&["render", "--check"]);
                assert!(check.code < 2, "{check:?}");
                stands(&sandbox, &before, &words);
            }
            if sandbox.tree() != before {
                break;
            }
        }
        assert!(full > 6, "{words:?}: {full}");
    }
}

#[test]
fn folders_that_are_gone_are_named() {
    let sandbox = service();
    for command in COMMANDS {
        let words = words_of(command);
        let elsewhere = [&["-C", "no/such/folder"], &words[..]].concat();
        let ran = sandbox.run(&elsewhere);
        let (code, said) = match command[0] {
            "undo" => (1, "nothing to take back"),
            _ => (2, "there is no folder `"),
        };
        ran.ends(code).says(&[said]);
        assert!(!sandbox.has("no"));
        // The folder goes while the shell stands in it.
        let script = "mkdir gone && cd gone && rmdir ../gone && exec \"$0\" \"$@\"";
        let ran = by_shell(&sandbox, script, &words);
        assert!(
            [1, 2, 3].contains(&ran.code) && ran.stderr.contains("error: "),
            "{ran:?}"
        );
        assert!(!sandbox.has("gone"));
    }
    // The manifests are gone, all of them: that is an edit, and stays one.
    fs::remove_dir_all(sandbox.path("deploy")).unwrap();
    sandbox.run(&["set", "port=9090"]).ends(0);
    assert!(!sandbox.has("deploy"));
}

#[test]
fn links_that_lead_out_stop_every_command() {
    for command in COMMANDS {
        let words = words_of(command);
        for link in [
            "deploy",
            "deploy/production",
            ".prodgen",
            "prodgen.yaml",
            DEPLOYMENT,
        ] {
            let (sandbox, outside) = (service(), Sandbox::new());
            let target = outside.path("target");
            fs::rename(sandbox.path(link), &target).unwrap();
            symlink(&target, sandbox.path(link)).unwrap();
            let before = (sandbox.tree(), outside.tree());
            let ran = sandbox.run(&words).ends(2);
            ran.says(&["is a link that leads out of the project", link]);
            assert!(
                (sandbox.tree(), outside.tree()) == before,
                "{words:?} {link}"
            );
        }
        // One that stays inside is not replaced by a file either.
        let sandbox = service();
        fs::rename(sandbox.path(DEPLOYMENT), sandbox.path("real.yaml")).unwrap();
        symlink("../../real.yaml", sandbox.path(DEPLOYMENT)).unwrap();
        let before = sandbox.tree();
        let ran = sandbox.run(&words).ends(2);
        ran.says(&["is a link, and a write would replace it", DEPLOYMENT]);
        stands(&sandbox, &before, &words);
    }
}
