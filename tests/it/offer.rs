//! What a repository says, in the hands of a person: taken, refused, changed, and left out where it
//! does not go with other answers.

use prodgen::detect::{self, Repository};
use prodgen::diag::{Origin, SourceMap};
use prodgen::prompt::{Answer, Scripted};
use prodgen::spec::{self, Layers, NoFiles};
use prodgen::wizard::{Ended, Given, Interview, Memory};
use prodgen::yaml::FieldPath;

use super::sandbox::Sandbox;

const COMPOSE: &str = "\
services:
  shop:
    build: .
    image: registry.example.com/shop/shop:1.0.0
    depends_on: [db, ledger]
    environment: {API_TOKEN: hunter2}
  db: {image: postgres}
  ledger: {image: x, expose: [50051]}
";
const DOCKERFILE: &str = "\
FROM a
EXPOSE 9000
USER app
VOLUME /var/lib/shop
HEALTHCHECK CMD curl -f http://localhost:9000/healthz
";

/// What is found in a folder with these files.
fn repository() -> Repository {
    let sandbox = Sandbox::new();
    sandbox.put("shop/compose.yaml", COMPOSE);
    sandbox.put("shop/Dockerfile", DOCKERFILE);
    detect::repository(&sandbox.path("shop"))
}

struct Forgetful;

impl Memory for Forgetful {
    fn recall(&self) -> Vec<Given> {
        Vec::new()
    }

    fn keep(&self, _: &[Given]) {}
}

/// The keys of the spec that comes of these answers, and who gave them.
fn interviewed(said: &[(&str, &str)], person: &mut Scripted) -> String {
    let mut sources = SourceMap::default();
    let mut layers = Layers::default();
    for (key, value) in said {
        let source = sources.add(Origin::Flag((*key).to_owned()), *value);
        layers.answer(source, &FieldPath::default().key(*key), value);
    }
    let mut interview = Interview {
        kind: "service",
        said: layers,
        found: repository(),
        sources: &mut sources,
        files: &NoFiles,
        memory: &Forgetful,
    };
    match interview.run(person).unwrap() {
        Ended::Write(settled) => {
            let text = spec::to_yaml(&settled.spec());
            text.split_once("kind: App\n").unwrap().1.to_owned()
        }
        Ended::Left => panic!("left"),
    }
}

/// What was on offer each time that a key was asked for.
fn offers<'p>(person: &'p Scripted, key: &str) -> Vec<&'p str> {
    let asked = person.asked().iter().filter(|one| one.key == key);
    asked
        .map(|one| one.default.as_deref().unwrap_or_default())
        .collect()
}

const TEAM: [(&str, &str); 1] = [("team", "shop")];

#[test]
fn everything_on_offer_may_be_refused() {
    // name, preset, image, port, probes, callers, needs, secrets, personal data
    let mut person = Scripted::of(["", "", "", "8081", "", "", "-", "-", "", ""]);
    let made = interviewed(&TEAM, &mut person);
    assert!(
        !made.contains("needs") && !made.contains("secrets"),
        "{made}"
    );
    assert_eq!(offers(&person, "needs"), ["db:5432, ledger:50051"]);
    assert_eq!(offers(&person, "secrets"), ["api-token"]);
    // The path was that of another port.
    assert_eq!(offers(&person, "port"), ["9000"]);
    assert_eq!(offers(&person, "probes"), ["tcp"]);
    assert!(
        made.contains("port: 8081\n") && !made.contains("probes"),
        "{made}"
    );
}

#[test]
fn what_no_question_shows_is_said_and_in_the_menu() {
    let menu = [
        "change anything else",
        "writable",
        "[/tmp, /data]",
        "write it",
    ];
    let defaults = ["", "", "", "", "", "", "", "", "", "", ""];
    let mut person = Scripted::of(defaults.into_iter().chain(menu));
    let made = interviewed(&TEAM, &mut person);
    assert!(made.contains("writable: [/tmp, /data]\n"), "{made}");
    let greeting = &person.said()[0];
    assert!(
        greeting.contains("writable /var/lib/shop (Dockerfile)"),
        "{greeting}"
    );
    assert!(greeting.contains("`USER app` (line 3)"), "{greeting}");
    // A remark that an answer has settled is not made.
    let said = [TEAM[0], ("user", "1000"), ("needs", "[a:1]")];
    let mut person = Scripted::of(["", "", "", "", "", "", "", "", "", ""]);
    interviewed(&said, &mut person);
    let greeting = &person.said()[0];
    assert!(
        !greeting.contains("USER") && !greeting.contains("stores"),
        "{greeting}"
    );
}

#[test]
fn what_does_not_go_with_other_answers_is_left_out() {
    let secret = "{name: db, mount: /var/lib/shop}";
    let mut person = Scripted::of(["", "", "", "", "", "", "-", secret, "", "", ""]);
    let made = interviewed(&TEAM, &mut person);
    assert!(
        made.contains("mount: /var/lib/shop") && !made.contains("writable"),
        "{made}"
    );
    // The folders that a preset has are kept, as it has them.
    let mut person = Scripted::of(["", "regulated", "", "", "", "", "", "", "", "", "", ""]);
    let made = interviewed(&TEAM, &mut person);
    assert!(
        made.contains("/var/lib/shop") && made.contains("memory: true"),
        "{made}"
    );
}

#[test]
fn back_offers_what_was_answered_and_wrong_items_are_asked_again() {
    let words = ["", "", "", "", "", "a {bad", "a, b", "", "-"];
    let given = words.map(|word| Answer::Given(word.to_owned()));
    let rest = [""; 7].map(|word| Answer::Given(word.to_owned()));
    let back = [Answer::Back, Answer::Back];
    let mut person = Scripted::new(given.into_iter().chain(back).chain(rest));
    let made = interviewed(&TEAM, &mut person);
    assert!(made.contains("callers: [a, b]\n"), "{made}");
    let refused = person.asked().iter().filter(|one| one.refused.is_some());
    assert_eq!(
        refused.map(|one| one.key.as_str()).collect::<Vec<_>>(),
        ["callers"]
    );
    assert_eq!(offers(&person, "callers"), ["", "", "", "a, b", ""]);
    // A refusal stays one.
    assert_eq!(offers(&person, "needs"), ["db:5432, ledger:50051", "", ""]);
}

#[test]
fn yes_takes_the_same_and_leaves_the_same_out() {
    let sandbox = Sandbox::new();
    sandbox.put("shop/compose.yaml", COMPOSE);
    sandbox.put("shop/Dockerfile", DOCKERFILE);
    let args = ["new", "service", "-C", "shop", "--team", "shop", "-y"];
    let secret = [
        "--secret",
        "{name: db, mount: /var/lib/shop}",
        "--port",
        "8081",
    ];
    let ran = sandbox.run(&[&args[..], &secret].concat()).ends(0);
    let ran = ran.says(&[
        "note: `needs: [db:5432, ledger:50051]` is from compose.yaml",
        "warning: `USER app` (line 3) is a name",
        "Dockerfile",
    ]);
    assert!(!ran.stderr.contains("writable") && !ran.stderr.contains("probes"));
    // What was only found is no other answer: the file knows better.
    sandbox.put("shop/compose.yaml", COMPOSE.replace("50051", "50052"));
    sandbox.run(&[&args[..], &secret].concat()).ends(0);
    let kept = sandbox.read("shop/prodgen.yaml");
    assert!(kept.contains("ledger:50051"), "{kept}");
    // No look is taken where nobody wants it.
    let args = [
        "new",
        "service",
        "-C",
        "shop",
        "--team",
        "shop",
        "--no-input",
    ];
    sandbox
        .run(&args)
        .ends(2)
        .says(&["`name` is missing", "`image` is missing"]);
}

#[test]
fn back_within_a_list_keeps_what_was_entered() {
    let given = ["", "", "", "", "", "a, b"].map(|word| Answer::Given(word.to_owned()));
    let rest = ["", "", "-", "-", "", ""].map(|word| Answer::Given(word.to_owned()));
    let mut person = Scripted::new(given.into_iter().chain([Answer::Back]).chain(rest));
    let made = interviewed(&TEAM, &mut person);
    assert!(made.contains("callers: [a, b]\n"), "{made}");
    assert_eq!(offers(&person, "callers"), ["", "", "a, b", ""]);
}

/// Who has users is asked for their host: a URL is refused with what to write, and nothing at all is
/// what the preset says.
#[test]
fn who_has_users_is_asked_under_which_host() {
    let said = [("team", "shop"), ("preset", "public-api")];
    // name, image, port, probes, host, needs, secrets, personal data
    let words = [
        "",
        "",
        "",
        "",
        "https://shop.example.com/",
        "shop.example.com",
        "-",
        "-",
        "",
        "",
    ];
    let mut person = Scripted::of(words);
    let made = interviewed(&said, &mut person);
    assert!(made.contains("expose: shop.example.com\n"), "{made}");
    let refused = person
        .asked()
        .iter()
        .filter_map(|one| one.refused.as_deref());
    let refused: Vec<&str> = refused.collect();
    assert!(
        refused.len() == 1 && refused[0].contains("write `shop.example.com`"),
        "{refused:?}"
    );
    assert!(person.asked().iter().all(|one| one.key != "callers"));
    let shown = person.said().join(" ");
    let shown: Vec<&str> = shown.split_whitespace().collect();
    let want = "users at shop.example.com, through Gateway gateway-system/public";
    assert!(shown.join(" ").contains(want), "{shown:?}");
    let mut person = Scripted::of(["", "", "", "", "", "-", "-", "", ""]);
    let made = interviewed(&said, &mut person);
    assert!(!made.contains("expose"), "{made}");
    // Nobody else is asked.
    let mut person = Scripted::of(["", "", "", "", "", "", "-", "-", "", ""]);
    interviewed(&TEAM, &mut person);
    assert!(person.asked().iter().all(|one| one.key != "expose"));
}
