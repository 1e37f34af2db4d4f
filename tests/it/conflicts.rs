//! Conflicts as a person and a program get to see them: none, one, two, two hundred; in CRLF files, in
//! files that have grown, beside anchors, and on a narrow terminal.

use serde_json::Value;

use super::sandbox::{Ran, SPEC, Sandbox};

const DEPLOYMENT: &str = "deploy/production/deployment-checkout.yaml";

/// A spec with so many variables of this value.
fn spec(count: usize, value: &str) -> String {
    let lines = (0..count).map(|at| format!("  VARIABLE_{at}: {value}-{at}\n"));
    let env: String = lines.collect();
    format!("{SPEC}env:\n{env}")
}

/// A service with so many variables, the first few of which the person and the spec have changed since.
fn at_odds(count: usize, conflicts: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", spec(count, "old"));
    sandbox.run(&["render", "-w"]).ends(0);
    let mut text = sandbox.read(DEPLOYMENT);
    for at in 0..conflicts {
        let (old, mine) = (format!("\"old-{at}\""), format!("\"mine-{at}\" # of {at}"));
        assert!(text.contains(&old));
        text = text.replace(&old, &mine);
    }
    sandbox.put(
        DEPLOYMENT,
        text.replace("minReadySeconds: 10", "minReadySeconds: 11"),
    );
    sandbox.put("prodgen.yaml", spec(count, "new"));
    sandbox
}

fn problems(ran: &Ran) -> Vec<Value> {
    let json = ran.json();
    json["problems"].as_array().unwrap().clone()
}

#[test]
fn each_conflict_is_named_with_its_place_and_values() {
    for (count, conflicts) in [(2, 0), (2, 1), (2, 2), (200, 200)] {
        let sandbox = at_odds(count, conflicts);
        let before = sandbox.tree();
        let text = sandbox.read(DEPLOYMENT);
        let json = sandbox.run(&["render", "-w", "--dry-run", "-o", "json"]);
        assert_eq!(sandbox.tree(), before);
        if conflicts == 0 {
            assert_eq!(json.ends(0).files(), [format!("merged {DEPLOYMENT}")]);
            sandbox.run(&["render", "-w"]).ends(0);
            assert!(sandbox.read(DEPLOYMENT).contains("minReadySeconds: 11"));
            continue;
        }
        let json = json.ends(1);
        assert_eq!(
            (json.outcome(), json.files()),
            (
                "conflict".to_owned(),
                vec![format!("conflict {DEPLOYMENT}")]
            )
        );
        let found = problems(&json);
        assert_eq!(found.len(), conflicts);
        let mut names: Vec<usize> = Vec::new();
        for one in &found {
            let key = one["key"].as_str().unwrap();
            let (_, rest) = key.split_once("env[name=VARIABLE_").unwrap();
            let (at, field) = rest.split_once(']').unwrap();
            assert_eq!((field, one["file"].as_str()), (".value", Some(DEPLOYMENT)));
            let side = |name: &str| one[name].as_str().unwrap().to_owned();
            let want = ["old", "mine", "new"].map(|word| format!("{word}-{at}"));
            let sides = [side("base"), side("ours"), side("theirs")]
                .map(|text| text.trim_matches('"').to_owned());
            assert_eq!(sides, want);
            let line = usize::try_from(one["line"].as_u64().unwrap()).unwrap();
            assert!(text.lines().nth(line - 1).unwrap().contains(&want[1]));
            names.push(at.parse().unwrap());
        }
        names.sort_unstable();
        assert!(names.into_iter().eq(0..conflicts));
        // The same for a person.
        let ran = sandbox.run(&["render", "-w"]).ends(1);
        assert_eq!(ran.stderr.matches("\nerror: ").count() + 1, conflicts);
        assert_eq!(
            ran.stderr.matches("--accept ours").count(),
            1,
            "advice is given once"
        );
        ran.says(&[
            "it was `old-0`, yours is `mine-0`, the render's `new-0`",
            "Nothing was written.",
        ]);
        assert_eq!(sandbox.tree(), before);
        decided(&sandbox, conflicts);
    }
}

/// One decision for all, one for each, and what neither is about stays.
fn decided(sandbox: &Sandbox, conflicts: usize) {
    let before = sandbox.tree();
    let field = |at: usize| {
        format!(
            "{DEPLOYMENT}:spec.template.spec.containers[name=checkout].env[name=VARIABLE_{at}].value"
        )
    };
    let one = format!("{}=ours", field(0));
    let ran = sandbox.run(&["render", "-w", "--accept", &one, "-o", "json"]);
    if conflicts == 1 {
        ran.ends(0);
        sandbox.run(&["undo"]).ends(0);
    } else {
        assert_eq!(problems(&ran.ends(1)).len(), conflicts - 1);
    }
    assert_eq!(sandbox.tree(), before);
    let ran = sandbox
        .run(&["render", "-w", "--accept", "theirs", "--accept", &one])
        .ends(0);
    assert!(ran.stdout.contains("merged"), "{}", ran.stdout);
    let text = sandbox.read(DEPLOYMENT);
    assert!(text.contains("\"mine-0\" # of 0") && text.contains("minReadySeconds: 11"));
    for at in 1..conflicts {
        assert!(
            text.contains(&format!("\"new-{at}\" # of {at}\n")),
            "{text}"
        );
    }
    sandbox.run(&["undo"]).ends(0);
    assert_eq!(sandbox.tree(), before);
    sandbox.run(&["render", "-w", "--accept", "ours"]).ends(0);
    let text = sandbox.read(DEPLOYMENT);
    assert_eq!(text.matches("mine-").count(), conflicts);
    let again = sandbox.run(&["render", "-w", "-o", "json"]).ends(0);
    assert_eq!(again.outcome(), "unchanged");
}

#[test]
fn long_values_are_whole_for_programs_and_told_apart_for_people() {
    let long = "registry.example.com/a/b/c/".repeat(8);
    let sandbox = Sandbox::new();
    let spec = |end: &str| format!("{SPEC}env:\n  LONG: {long}{end}\n");
    sandbox.put("prodgen.yaml", spec("one"));
    sandbox.run(&["render", "-w"]).ends(0);
    let text = sandbox.read(DEPLOYMENT);
    let mine = text.replace(&format!("{long}one"), &format!("{long}two"));
    assert_ne!(text, mine);
    sandbox.put(DEPLOYMENT, mine);
    sandbox.put("prodgen.yaml", spec("three"));
    let found = problems(&sandbox.run(&["render", "-w", "-o", "json"]).ends(1));
    for (side, end) in [("base", "one"), ("ours", "two"), ("theirs", "three")] {
        let value = found[0][side].as_str().unwrap().trim_matches('"');
        assert_eq!(value, format!("{long}{end}"));
    }
    let ran = sandbox.run(&["render", "-w"]).ends(1);
    ran.says(&[
        "/b/c/one\"`, yours",
        "/b/c/two\"`, the render",
        "/b/c/three\"`",
    ]);
}

#[test]
fn files_are_decided_one_by_one_where_there_is_nothing_but_the_whole() {
    let sandbox = at_odds(2, 1);
    sandbox.run(&["render", "-w", "--accept", "ours"]).ends(0);
    sandbox.run(&["set", "port=9090"]).ends(0);
    let service = "deploy/production/service-checkout.yaml";
    for file in [DEPLOYMENT, "prodgen.yaml"] {
        sandbox.put(file, format!("{}# later\n", sandbox.read(file)));
    }
    let before = sandbox.tree();
    let one = format!("{DEPLOYMENT}=ours");
    let ran = sandbox
        .run(&["undo", "--accept", &one, "-o", "json"])
        .ends(1);
    assert!(ran.files().contains(&"conflict prodgen.yaml".to_owned()));
    assert_eq!(sandbox.tree(), before);
    let other = "prodgen.yaml=theirs";
    sandbox
        .run(&["undo", "--accept", &one, "--accept", other])
        .ends(0);
    assert!(sandbox.read(DEPLOYMENT).ends_with("# later\n"));
    assert_eq!(sandbox.read("prodgen.yaml"), spec(2, "new"));
    // A file in the way is one, too.
    let sandbox = Sandbox::new();
    sandbox.put("prodgen.yaml", SPEC);
    sandbox.put(DEPLOYMENT, "mine: 1\n");
    sandbox.put(service, "mine: 2\n");
    sandbox.run(&["render", "-w", "--accept", &one]).ends(2);
    let other = format!("./{service}=theirs");
    sandbox
        .run(&["render", "-w", "--accept", &one, "--accept", &other])
        .ends(0);
    assert_eq!(sandbox.read(DEPLOYMENT), "mine: 1\n");
    assert!(sandbox.read(service).contains("kind: Service"));
}

#[test]
fn a_narrow_terminal_gets_it_all() {
    for (count, conflicts) in [(2, 1), (2, 2), (200, 200)] {
        let sandbox = at_odds(count, conflicts);
        let narrow = sandbox
            .call(&["render", "-w"])
            .env("COLUMNS", "60")
            .run()
            .ends(1);
        let wide = sandbox
            .call(&["render", "-w"])
            .env("COLUMNS", "400")
            .run()
            .ends(1);
        assert_eq!(narrow.stdout, wide.stdout);
        // Lines of the file are cut to the terminal; words are not, for it breaks those itself.
        let excerpts = narrow.stderr.lines().filter(|line| {
            line.trim_start()
                .starts_with(|c: char| c == '|' || c.is_ascii_digit())
        });
        let mut shown = 0;
        for line in excerpts {
            assert!(line.chars().count() <= 60, "{line}");
            shown += 1;
        }
        assert!(shown >= conflicts);
        let words = |text: &str| -> Vec<String> {
            let errors = text.lines().filter(|line| line.starts_with("error: "));
            errors.map(str::to_owned).collect()
        };
        assert_eq!(words(&narrow.stderr), words(&wide.stderr));
        for columns in ["0", "1", "7", "x"] {
            sandbox
                .call(&["render", "-w"])
                .env("COLUMNS", columns)
                .run()
                .ends(1);
        }
    }
}

#[test]
fn a_crlf_file_has_the_same_conflicts_and_stays_one() {
    let sandbox = at_odds(2, 2);
    let lf = sandbox.run(&["render", "-w", "-o", "json"]).ends(1);
    for name in [DEPLOYMENT, "prodgen.yaml"] {
        sandbox.put(name, sandbox.read(name).replace('\n', "\r\n"));
    }
    let crlf = sandbox.run(&["render", "-w", "-o", "json"]).ends(1);
    assert_eq!(problems(&crlf), problems(&lf));
    let before = sandbox.tree();
    for (side, words) in [
        ("ours", "\"mine-1\" # of 1\r\n"),
        ("theirs", "\"new-1\" # of 1\r\n"),
    ] {
        sandbox.run(&["render", "-w", "--accept", side]).ends(0);
        let text = sandbox.read(DEPLOYMENT);
        assert!(text.contains(words), "{text}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        sandbox.run(&["set", "port=9090"]).ends(0);
        let spec = sandbox.read("prodgen.yaml");
        assert_eq!(spec.matches('\n').count(), spec.matches("\r\n").count());
        sandbox.run(&["undo"]).ends(0);
        // Two steps back are for version control.
        for (name, bytes) in &before {
            sandbox.put(name, bytes);
        }
    }
}

#[test]
fn a_file_of_five_megabytes_merges_and_conflicts_like_any_other() {
    let sandbox = at_odds(2, 0);
    let place = "  annotations:\n";
    let more = (0..62_000).map(|at| {
        format!("    example.com/key-{at:06}: \"what somebody wrote, number {at}\"  # of {at}, and nobody else's\n")
    });
    let grown: String = more.collect();
    let text = sandbox
        .read(DEPLOYMENT)
        .replacen(place, &format!("{place}{grown}"), 1);
    assert!(text.len() > 5_000_000);
    sandbox.put(DEPLOYMENT, &text);
    sandbox.run(&["render", "-w"]).ends(0);
    let merged = sandbox.read(DEPLOYMENT);
    assert!(
        merged == text.replace("\"old-", "\"new-"),
        "only what is new came"
    );
    sandbox.put(DEPLOYMENT, merged.replace("\"new-0\"", "\"mine-0\""));
    sandbox.put("prodgen.yaml", spec(2, "newer"));
    let before = sandbox.tree();
    let ran = sandbox.run(&["render", "-w", "-o", "json"]).ends(1);
    let found = problems(&ran);
    assert_eq!(found.len(), 1);
    assert!(found[0]["line"].as_u64().unwrap() > 62_000);
    let ran = sandbox.run(&["render", "-w"]).ends(1);
    assert!(ran.stderr.len() < 2_000, "{} bytes", ran.stderr.len());
    assert!(sandbox.tree() == before);
}

#[test]
fn anchors_in_a_spec_stay_and_are_worked_around() {
    let sandbox = Sandbox::new();
    let text = format!(
        "{SPEC}labels: &shared {{example.com/tier: front}}  # for both\nannotations: *shared\nport: &port 8080\n\
         env:\n  PORT: \"8080\"\n"
    );
    sandbox.put("prodgen.yaml", &text);
    sandbox.run(&["render", "-w"]).ends(0);
    let tree = sandbox.tree();
    let mine = sandbox
        .read(DEPLOYMENT)
        .replace("1.4.2\n", "1.4.2-mine # why\n");
    // What has nothing to do with an anchor is edited, the conflict beside it named.
    let image = "image=registry.example.com/payments/checkout:1.5.0";
    sandbox.run(&["set", image]).ends(0);
    let moved = sandbox.read("prodgen.yaml");
    assert_eq!(moved, text.replace("1.4.2", "1.5.0"));
    sandbox.run(&["undo"]).ends(0);
    assert_eq!(sandbox.tree(), tree);
    sandbox.put(DEPLOYMENT, &mine);
    let before = sandbox.tree();
    let ran = sandbox.run(&["set", image]).ends(1);
    ran.says(&[
        "containers[name=checkout].image",
        "1.4.2-mine",
        "Nothing was written",
    ]);
    assert_eq!(sandbox.tree(), before);
    sandbox.run(&["set", image, "--accept", "ours"]).ends(0);
    assert_eq!(sandbox.read("prodgen.yaml"), moved);
    // What an anchor holds is left to its owner, and so is the tree.
    let before = sandbox.tree();
    for words in [
        &["set", "port=9090"][..],
        &["remove", "labels"],
        &["remove", "annotations"],
        &["add", "labels", "--set", "labels={a: b}"],
        &["set", "annotations={a: b}"],
    ] {
        sandbox
            .run(words)
            .ends(2)
            .says(&["an anchor", "by hand", "prodgen.yaml"]);
        assert_eq!(sandbox.tree(), before, "{words:?}");
    }
}
