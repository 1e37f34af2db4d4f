//! Spring Boot, of which port and health paths are sure under conditions that stand in files: since
//! 2.3 the actuator answers `/actuator/health/readiness` and `/liveness` in Kubernetes, on the port of
//! the application, if nothing configures it otherwise and no login stands before it. Any doubt, and
//! nothing is said.

use super::place::Place;
use super::{Found, Repository, yaml};
use crate::spec::value::Port;

const BUILDS: &[&str] = &["pom.xml", "build.gradle.kts", "build.gradle"];
const RESOURCES: &str = "src/main/resources";
const ACTUATOR: &str = "spring-boot-starter-actuator";
const WEB: &str = "spring-boot-starter-web";
/// Parts of names of libraries that may put a login before every path, or configure from afar.
const DOUBTFUL_LIBRARIES: &[&str] = &[
    "security", "oauth2", "keycloak", "-config", "consul", "vault",
];
/// Words of settings that may move the paths, or make them answer TLS only.
const DOUBTFUL_SETTINGS: &[&str] = &["management", "path", "ssl", "import", "security"];
/// Ends of the names of files with settings.
const SETTINGS: &[&str] = &[".properties", ".yml", ".yaml"];
/// Nobody or root listens below it.
const LOWEST: u16 = 1024;

const PROBES: &str = "{ready: /actuator/health/readiness, live: /actuator/health/liveness}";

/// Port and health paths, where they are sure.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    let Some((build, file)) = BUILDS.iter().find_map(|path| place.here(path)) else {
        return;
    };
    let build = without_asides(&build);
    if !build.contains(WEB) {
        return;
    }
    let Some(settings) = settings(place) else {
        return;
    };
    if let Some((port, file)) = port(&settings) {
        repository.add(Found::word("port", &port, &file));
    }
    let doubtful = |text: &str, words: &[&str]| {
        let text = text.to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    let is_sure = build.contains(ACTUATOR)
        && is_recent(&build)
        && !doubtful(&build, DOUBTFUL_LIBRARIES)
        && !settings
            .iter()
            .any(|(text, _)| doubtful(text, DOUBTFUL_SETTINGS));
    let variables = ["Dockerfile", "Containerfile"]
        .iter()
        .filter_map(|path| place.here(path));
    let is_moved =
        { variables }.any(|(text, _)| doubtful(&text, &["management_", "server_", "spring_"]));
    if is_sure && !is_moved {
        repository.add(Found::word("probes", &PROBES, &file));
    }
}

/// A build file without comments and without what is in no program: management, plugins, profiles.
fn without_asides(build: &str) -> String {
    let mut text = build.to_owned();
    for (open, close) in [
        ("<!--", "-->"),
        ("/*", "*/"),
        ("//", "\n"),
        ("<dependencyManagement>", "</dependencyManagement>"),
        ("<profiles>", "</profiles>"),
        ("<build>", "</build>"),
    ] {
        let mut kept = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(open) {
            kept.push_str(before);
            // `https://` opens no comment.
            if open == "//" && before.ends_with(':') {
                kept.push_str(open);
                rest = after;
            } else {
                rest = after.split_once(close).map_or("", |(_, after)| after);
                kept.push('\n');
            }
        }
        kept.push_str(rest);
        text = kept;
    }
    text
}

/// Whether the version is there, and at least 2.3.
fn is_recent(build: &str) -> bool {
    let after = |mark: &str| build.split_once(mark).map(|(_, after)| after);
    let version = after("<artifactId>spring-boot-starter-parent</artifactId>")
        .and_then(|rest| rest.split_once("<version>").map(|(_, rest)| rest))
        .or_else(|| {
            let line = after("org.springframework.boot")?.lines().next()?;
            let (_, rest) = line.split_once("version")?;
            Some(rest.trim_start_matches([' ', '(', '"', '\'', '=']))
        });
    let mut parts = version.unwrap_or_default().split('.');
    let mut number = || parts.next()?.parse::<u32>().ok();
    match (number(), number()) {
        (Some(major), Some(minor)) => (major, minor) >= (2, 3),
        _ => false,
    }
}

/// Every file with settings, text and name; nothing where one cannot be read.
fn settings(place: &Place) -> Option<Vec<(String, String)>> {
    let names = place.names_here(RESOURCES);
    if names.iter().any(|name| name == "config") {
        return None;
    }
    let is_settings = |name: &String| {
        (name.starts_with("application") || name.starts_with("bootstrap"))
            && SETTINGS.iter().any(|end| name.ends_with(end))
    };
    let files = names.iter().filter(|name| is_settings(name));
    files
        .map(|name| place.here(&format!("{RESOURCES}/{name}")))
        .collect()
}

/// The port that the settings name, where no profile may say otherwise.
fn port(settings: &[(String, String)]) -> Option<(Port, String)> {
    let [(text, file)] = settings else {
        return None;
    };
    let word = if file.ends_with(".properties") {
        let lines = text.lines().filter_map(|line| line.split_once(['=', ':']));
        let mut ports = lines.filter(|(key, _)| key.trim() == "server.port");
        ports.next_back().map(|(_, value)| value.trim().to_owned())
    } else {
        let tree = yaml::tree(text)?;
        let server = tree.get("server");
        let port = server.and_then(|server| yaml::text(server, "port"));
        port.or_else(|| yaml::text(&tree, "server.port"))
            .map(str::to_owned)
    };
    let port = Port::parse(&word?).ok()?;
    (port.number() >= LOWEST).then(|| (port, file.clone()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;

    const POM: &str = "<project><parent><artifactId>spring-boot-starter-parent</artifactId>\
        <version>3.4.1</version></parent><dependencies>\
        <dependency><artifactId>spring-boot-starter-web</artifactId></dependency>\
        <dependency><artifactId>spring-boot-starter-actuator</artifactId></dependency>\
        </dependencies></project>";
    const GRADLE: &str = "plugins { id 'org.springframework.boot' version '2.7.18' }\n\
        dependencies {\n  implementation 'org.springframework.boot:spring-boot-starter-webflux'\n\
        \x20 implementation 'org.springframework.boot:spring-boot-starter-actuator' // health\n}\n";
    const PROBES: &str =
        "probes={ready: /actuator/health/readiness, live: /actuator/health/liveness}";

    fn said(build: (&str, &str), more: &[(&str, &str)]) -> Vec<String> {
        let mut files = vec![build];
        files.extend(more);
        let mut all = found(&files, ".");
        all.retain(|one| !one.starts_with("name="));
        all
    }

    #[test]
    fn sure_paths() {
        let pom = [format!("{PROBES} (pom.xml)")];
        assert_eq!(said(("pom.xml", POM), &[]), pom);
        let gradle = [format!("{PROBES} (build.gradle)")];
        assert_eq!(said(("build.gradle", GRADLE), &[]), gradle);
        let kotlin = GRADLE.replace(
            " 'org.springframework.boot' version '2.7.18'",
            "(\"org.springframework.boot\") version \"4.0.0\"",
        );
        let kotlin = said(("build.gradle.kts", &kotlin), &[]);
        assert_eq!(kotlin, [format!("{PROBES} (build.gradle.kts)")]);
        let plain = (
            "src/main/resources/application.properties",
            "spring.application.name=x\n",
        );
        assert_eq!(said(("pom.xml", POM), &[plain]), pom);
    }

    #[test]
    fn any_doubt_and_nothing_is_said() {
        for (from, to) in [
            ("3.4.1", "2.2.9"),
            ("3.4.1", "${boot}"),
            ("starter-web<", "starter-batch<"),
            ("starter-actuator", "starter-x"),
            (
                "</dependencies>",
                "<artifactId>spring-boot-starter-security</artifactId>",
            ),
            ("<dependencies>", "<dependencyManagement><dependencies>"),
            ("<dependencies>", "<!--"),
        ] {
            assert!(
                said(("pom.xml", &POM.replace(from, to)), &[]).is_empty(),
                "{to}"
            );
        }
        for (file, text) in [
            (
                "src/main/resources/application.properties",
                "management.server.port=9001\n",
            ),
            (
                "src/main/resources/application-prod.yml",
                "server: {servlet: {context-path: /x}}",
            ),
            (
                "src/main/resources/application.yaml",
                "server: {ssl: {enabled: true}}",
            ),
            ("src/main/resources/config/application.yaml", ""),
            ("Dockerfile", "FROM a\nENV MANAGEMENT_SERVER_PORT=9001\n"),
        ] {
            assert!(said(("pom.xml", POM), &[(file, text)]).is_empty(), "{file}");
        }
    }

    #[test]
    fn ports() {
        let build = POM.replace("starter-actuator", "starter-x");
        for (file, text, want) in [
            (
                "application.properties",
                "a=b\nserver.port = 9090\n",
                "port=9090",
            ),
            ("application.yml", "server: {port: 9090}", "port=9090"),
            ("application.yaml", "server.port: 9090", "port=9090"),
            ("application.properties", "server.port=${PORT:9090}\n", ""),
            ("application.properties", "server.port=0\n", ""),
        ] {
            let path = format!("src/main/resources/{file}");
            let all = said(("pom.xml", &build), &[(&path, text)]);
            let want = match want {
                "" => vec![],
                want => vec![format!("{want} ({path})")],
            };
            assert_eq!(all, want, "{text}");
            let other = ("src/main/resources/application-prod.yml", "");
            assert!(said(("pom.xml", &build), &[(&path, text), other]).is_empty());
        }
    }
}
