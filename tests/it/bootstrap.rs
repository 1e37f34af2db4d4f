//! The script of the README that makes ten services: run, killed in the middle, and run again.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::sandbox::Sandbox;

const README: &str = include_str!("../../README.md");
const SERVICES: usize = 10;

/// A reader of the one field that the script asks for, where there is no `jq`.
const READER: &str = "#!/bin/sh\nsed -n 's/^  \"outcome\": \"\\(.*\\)\",$/\\1/p'\n";

/// The script, as it stands there.
fn script() -> &'static str {
    let (_, after) = README.split_once("```bash\n#!/bin/sh\n").unwrap();
    after.split_once("```").unwrap().0
}

/// A folder for services, and beside it one with the programs that the script calls.
struct Shop {
    work: Sandbox,
    programs: Sandbox,
}

impl Shop {
    fn new() -> Self {
        let programs = Sandbox::new();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_prodgen"), programs.path("prodgen"))
            .unwrap();
        let is_there = Command::new("jq").arg("--version").output();
        if !is_there.is_ok_and(|out| out.status.success()) {
            programs.put("jq", READER);
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(programs.path("jq"), mode).unwrap();
        }
        Self {
            work: Sandbox::new(),
            programs,
        }
    }

    /// Starts a script in a process group of its own.
    fn start(&self, script: &str) -> Child {
        let usual = std::env::var_os("PATH").unwrap_or_default();
        let path = format!("{}:{}", self.programs.path("").display(), usual.display());
        Command::new("/bin/sh")
            .args(["-c", script])
            .current_dir(self.work.path(""))
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.programs.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap()
    }

    /// Runs the script to its end: whether it ended well, and what it said on stdout and stderr.
    fn runs(&self, script: &str) -> (bool, String, String) {
        let out = self.start(script).wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (out.status.success(), text(out.stdout), text(out.stderr))
    }

    /// Kills the script, and whatever it has started, once there are so many services and a moment
    /// has passed; says whether that was before its end.
    fn is_killed_after(&self, services: usize, moment: Duration) -> bool {
        let mut child = self.start(script());
        let made = || {
            let folders = std::fs::read_dir(self.work.path("services"));
            let specs = folders.into_iter().flatten().flatten();
            let is_made = |folder: &std::fs::DirEntry| folder.path().join("prodgen.yaml").exists();
            specs.filter(is_made).count()
        };
        while made() < services && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(moment);
        let group = format!("-{}", child.id());
        let kill = Command::new("kill").args(["-KILL", "--", &group]).output();
        kill.unwrap();
        !child.wait().unwrap().success()
    }

    fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        self.work.tree()
    }
}

/// How often each outcome was said.
fn outcomes(said: &str) -> BTreeMap<&str, usize> {
    let mut count = BTreeMap::new();
    for line in said.lines() {
        *count.entry(line.split_once(": ").unwrap().1).or_default() += 1;
    }
    count
}

#[test]
fn the_script_may_be_killed_anywhere_and_run_again() {
    killed_at(6);
}

#[test]
#[ignore = "the same at many more points, for whoever has changed how a tree is written"]
fn the_script_may_be_killed_anywhere_at_all() {
    killed_at(100);
}

/// Kills the script at so many points of its run, each time twice, and runs it to its end.
fn killed_at(points: u32) {
    let calm = Shop::new();
    let (well, said, wrong) = calm.runs(script());
    assert!(well, "{wrong}");
    assert_eq!(outcomes(&said), [("created", SERVICES)].into(), "{said}");
    let want = calm.tree();
    let specs = want.keys().filter(|path| path.ends_with("/prodgen.yaml"));
    assert_eq!(specs.count(), SERVICES);

    let mut killed = 0;
    for at in 1..=points {
        let shop = Shop::new();
        let moment = Duration::from_millis(u64::from(at * 7 % 13));
        if shop.is_killed_after(at as usize * (SERVICES - 1) / (points + 1) as usize, moment) {
            killed += 1;
        }
        // Killed again, and at another place.
        shop.is_killed_after(0, moment);
        let (well, said, wrong) = shop.runs(script());
        assert!(well, "{at}: {wrong}");
        let count = outcomes(&said);
        let good = ["created", "unchanged"]
            .iter()
            .filter_map(|one| count.get(one));
        assert_eq!(good.sum::<usize>(), SERVICES, "{at}: {said}");
        let tree = shop.tree();
        assert!(tree.keys().eq(want.keys()), "{at}: {:?}", tree.keys());
        assert!(tree == want, "{at}");
        let (_, said, _) = shop.runs(script());
        assert_eq!(
            outcomes(&said),
            [("unchanged", SERVICES)].into(),
            "{at}: {said}"
        );
    }
    assert!(2 * killed >= points, "only {killed} were in the middle");
    let (_, said, _) = calm.runs(script());
    assert_eq!(outcomes(&said), [("unchanged", SERVICES)].into(), "{said}");
    assert_eq!(calm.tree(), want);
}

#[test]
fn other_answers_stop_the_script_and_are_named() {
    let shop = Shop::new();
    let one = script().replace("storefront search cart", "storefront search");
    assert!(shop.runs(&one).0);
    let before = shop.tree();
    let other = one.replace("$name:1.0.0", "$name:2.0.0");
    let (well, said, wrong) = shop.runs(&other);
    assert!(!well && said.is_empty(), "{said}");
    let report: serde_json::Value = serde_json::from_str(&wrong).unwrap();
    assert_eq!(report["outcome"], "different");
    assert_eq!(report["problems"][0]["key"], "image");
    assert_eq!(shop.tree(), before);
}
