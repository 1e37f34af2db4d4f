//! Repositories made to do harm: nothing outside of them is read, nothing waits, nothing grows, and
//! nothing of what they hold reaches the screen as it is.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use prodgen::detect::{self, Repository};

use super::sandbox::Sandbox;

/// Files of every kind that is read.
const FILES: &[&str] = &[
    "Dockerfile",
    "Containerfile",
    "compose.yaml",
    ".env.example",
    "CODEOWNERS",
    ".gitlab-ci.yml",
    ".github/workflows/a.yml",
    ".git/config",
    "go.mod",
    "pom.xml",
    "src/main/resources/application.yml",
];

/// Long enough for a busy machine, and far from a hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// Looks at a folder and makes a service of it with `-y`; nothing strange may be said.
fn survives(sandbox: &Sandbox, folder: &str) -> Repository {
    let start = Instant::now();
    let repository = detect::repository(&sandbox.path(folder));
    let basics = [
        "new", "service", "shop", "--team", "shop", "-C", folder, "-y",
    ];
    let image = ["--image", "registry.example.com/a/b:1"];
    let ran = sandbox.run(&[&basics[..], &image].concat()).ends(0);
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
    let shown = format!("{}{}{repository:?}", ran.stdout, ran.stderr);
    assert!(
        !shown.contains(|c: char| c.is_control() && c != '\n'),
        "{shown}"
    );
    assert!(
        !shown.contains("hunter2") && !shown.contains('\u{202e}'),
        "{shown}"
    );
    repository
}

/// Only the folder's name is found.
fn finds_nothing(sandbox: &Sandbox, folder: &str) {
    let found = survives(sandbox, folder).found;
    assert!(found.iter().all(|one| one.file == "."), "{found:?}");
}

/// A text of each kind that says much if it is read.
fn talkative(file: &str) -> &'static str {
    match file {
        "compose.yaml" => "services: {a: {build: ., expose: [9000], secrets: [outside]}}\n",
        ".env.example" => "OUTSIDE_TOKEN=hunter2\n",
        "CODEOWNERS" => "* @a/outside\n",
        ".git/config" => "[remote \"origin\"]\nurl = https://git.example.com/outside/outside\n",
        "src/main/resources/application.yml" => "server: {port: 9000}\n",
        "pom.xml" => "spring-boot-starter-web",
        _ => "FROM a\nEXPOSE 9000\nUSER outside\n",
    }
}

#[test]
fn links_that_lead_out_are_not_followed() {
    let sandbox = Sandbox::new();
    for (at, file) in FILES.iter().enumerate() {
        sandbox.put(&format!("outside/{at}"), talkative(file));
        let link = sandbox.path(&format!("shop/{file}"));
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(sandbox.path(&format!("outside/{at}")), link).unwrap();
    }
    finds_nothing(&sandbox, "shop");
    assert!(survives(&sandbox, "shop").remarks.is_empty());
    // Whole folders too.
    sandbox.put("away/workflows/a.yml", talkative("a.yml"));
    fs::create_dir_all(sandbox.path("two")).unwrap();
    symlink(sandbox.path("away"), sandbox.path("two/.github")).unwrap();
    symlink("/", sandbox.path("two/src")).unwrap();
    symlink("two", sandbox.path("two/Dockerfile")).unwrap();
    symlink("/dev/zero", sandbox.path("two/compose.yaml")).unwrap();
    symlink("/proc/self/environ", sandbox.path("two/.env.example")).unwrap();
    finds_nothing(&sandbox, "two");
}

#[test]
fn huge_files_are_left_alone() {
    let sandbox = Sandbox::new();
    for file in FILES {
        sandbox.put(&format!("shop/{file}"), talkative(file));
        let file = fs::OpenOptions::new()
            .write(true)
            .open(sandbox.path(&format!("shop/{file}")));
        file.unwrap().set_len(100 << 20).unwrap();
    }
    finds_nothing(&sandbox, "shop");
}

#[test]
fn pipes_and_folders_are_no_files() {
    let sandbox = Sandbox::new();
    for (at, file) in FILES.iter().enumerate() {
        let path = sandbox.path(&format!("shop/{file}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if at % 4 == 3 {
            fs::create_dir(path).unwrap();
        } else {
            assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
        }
    }
    finds_nothing(&sandbox, "shop");
}

#[test]
fn strange_bytes_and_names_reach_no_screen() {
    let sandbox = Sandbox::new();
    let strange = "\u{1b}[2J\u{7}\u{202e}\u{9b}31m\r\n\u{0}";
    for file in FILES {
        let mut bytes = talkative(file).replace("outside", strange).into_bytes();
        bytes.extend(b"\xff\xfe\x80");
        sandbox.put(&format!("shop/{file}"), bytes);
    }
    survives(&sandbox, "shop");
    // Names of files and folders, also such as are no UTF-8.
    let folder = sandbox.path("names");
    for name in [
        &b"\x1b[2J.csproj"[..],
        b"\xff.csproj",
        b"a\nb.fsproj",
        b"\xe2\x80\xae.csproj",
    ] {
        let name = std::ffi::OsStr::from_bytes(name);
        fs::create_dir_all(folder.join(name)).unwrap();
        let workflows = folder.join(".github/workflows");
        fs::create_dir_all(workflows.join(name)).unwrap();
    }
    sandbox.put(
        "names/.github/workflows/\u{1b}[31m.yml",
        "jobs: {a: {steps: [{run: docker build -t registry.example.com/a:1 .}]}}",
    );
    finds_nothing(&sandbox, "names");
    assert!(survives(&sandbox, "names").language.is_none());
    let folder = sandbox.path("\u{1b}[2Jshop");
    fs::create_dir(&folder).unwrap();
    assert!(detect::repository(&folder).found.is_empty());
    let folder = sandbox
        .path("")
        .join(Path::new(std::ffi::OsStr::from_bytes(b"\xff")));
    fs::create_dir(&folder).unwrap();
    assert!(detect::repository(&folder).found.is_empty());
}

#[test]
fn texts_that_would_grow_are_refused() {
    let line = |at: u32| format!("a{0}: &a{0} [*a{at}, *a{at}, *a{at}]\n", at + 1);
    let bomb: Vec<String> = (0..39).map(line).collect();
    let bomb = format!(
        "a0: &a0 {{build: ., expose: [9000]}}\n{}services: *a39\n",
        bomb.concat()
    );
    let wide: Vec<String> = (0..30_000).map(|at| format!("{at}: 1\n")).collect();
    let merges = format!(
        "a: &a {{{}}}\nb: {{<<: [{}]}}\n",
        "x: 1, ".repeat(400),
        "*a, ".repeat(4_000)
    );
    let texts = [
        bomb,
        "services: &a {a: *a}\n".to_owned(),
        "[".repeat(200_000),
        "{a: ".repeat(60_000),
        "- ".repeat(100_000),
        format!("services: {}", "[".repeat(50_000)),
        "? ".repeat(100_000),
        wide.concat(),
        merges,
        "a: |\n".repeat(40_000),
        "\"".repeat(200_000),
        "---\n".repeat(60_000),
    ];
    for text in texts {
        let sandbox = Sandbox::new();
        for file in [
            "compose.yaml",
            ".gitlab-ci.yml",
            "src/main/resources/application.yml",
        ] {
            sandbox.put(&format!("shop/{file}"), &text);
        }
        for at in 0..3 {
            sandbox.put(&format!("shop/.github/workflows/{at}.yml"), &text);
        }
        sandbox.put("shop/pom.xml", "spring-boot-starter-web");
        finds_nothing(&sandbox, "shop");
    }
}

#[test]
fn lines_without_end_and_folders_without_bottom() {
    let sandbox = Sandbox::new();
    sandbox.put("shop/.env.example", "A".repeat(1 << 20));
    sandbox.put(
        "shop/Dockerfile",
        format!("FROM a\n{}", "RUN <<A\\\n".repeat(60_000)),
    );
    sandbox.put(
        "shop/CODEOWNERS",
        format!("{} @a/b", "**/*".repeat(200_000)),
    );
    sandbox.put("shop/pom.xml", "<!--".repeat(250_000));
    finds_nothing(&sandbox, "shop");
    for at in 0..6_000 {
        sandbox.put(&format!("many/{at}.csproj"), "");
    }
    assert!(survives(&sandbox, "many").language.is_none());
    let deep = format!("deep/{}", "d/".repeat(1_000));
    fs::create_dir_all(sandbox.path(&deep)).unwrap();
    sandbox.put("deep/.git/config", "");
    sandbox.put("deep/CODEOWNERS", "* @a/team\n");
    let found = detect::repository(&sandbox.path(&deep)).found;
    assert_eq!(found.last().unwrap().file.matches("../").count(), 1_000);
}
