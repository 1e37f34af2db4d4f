//! `Dockerfile` and `Containerfile`: what the last stage says about the port, the user, folders to
//! write to and health. Nothing is expanded: what stands in a variable is not found.

mod instruction;

use std::collections::BTreeMap;

use super::place::Place;
use super::{Found, Repository, health};
use crate::diag::Diagnostic;
use crate::spec::value::{HttpPath, MountPath, Port, Uid};
use instruction::{Instruction, instructions};

/// The first that is there counts.
const FILES: &[&str] = &["Dockerfile", "Containerfile"];

/// Nobody but root may listen below it, and the image runs as somebody else.
const LOWEST: u16 = 1024;

/// What is made for the pod, or by prodgen itself: no volume of the image's.
const OTHERS: &[&str] = &["/tmp", "/etc", "/run", "/var/run"];

/// What a stage says.
#[derive(Debug, Clone, Default)]
struct Stage {
    port: Option<Port>,
    /// Whether the stage itself names the port, and has not only inherited it.
    exposes: bool,
    /// Whom it runs as, and the line that says so.
    user: Option<(String, usize)>,
    volumes: Vec<MountPath>,
    health: Option<(Port, HttpPath)>,
}

/// What the stage that the file ends with has or inherits.
pub(super) fn read(place: &Place, repository: &mut Repository) {
    let Some((text, file)) = FILES.iter().find_map(|path| place.here(path)) else {
        return;
    };
    let stage = last(&text);
    let asked = stage.health.as_ref().map(|(port, _)| *port);
    let listens = stage.port.or(asked.filter(|port| port.number() >= LOWEST));
    if let Some(port) = listens {
        repository.add(Found::word("port", &port, &file));
    }
    if let Some((port, path)) = &stage.health {
        repository.add(Found::word("probes", path, &file).on(Some(*port)));
    }
    if !stage.volumes.is_empty() {
        let paths = stage.volumes.iter().map(ToString::to_string).collect();
        repository.add(Found::list("writable", paths, &file));
    }
    if let Some((user, line)) = &stage.user {
        match numeric(user) {
            Some(found) => repository.add(Found::word("user", &found, &file)),
            None => repository.remarks.extend(nameless(user, *line, &file)),
        }
    }
}

/// The answer that a numeric user gives: the uid, and a group that is another.
fn numeric(user: &str) -> Option<String> {
    // The key reads numbers only through serde.
    let number = |text: &str| {
        let id = serde_json::from_str::<Uid>(text).ok()?;
        Some(u32::from(id))
    };
    let (uid, gid) = match user.split_once(':') {
        Some((uid, gid)) => (number(uid)?, number(gid)),
        None => (number(user)?, None),
    };
    // A group of root's, as OpenShift has it, is no group to run as.
    Some(match gid.filter(|gid| *gid != uid) {
        Some(gid) => format!("{{uid: {uid}, gid: {gid}}}"),
        None => uid.to_string(),
    })
}

/// What to know of a user who is root, or of whom Kubernetes cannot tell.
fn nameless(user: &str, line: usize, file: &str) -> Option<Diagnostic> {
    let name = user.split(':').next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if name.is_empty() || name.len() > 32 || !name.chars().all(is_name) {
        return None;
    }
    let is_root = name == "root" || name.bytes().all(|byte| byte == b'0');
    let text = if is_root {
        format!(
            "the image runs as root (line {line}), which Pod Security refuses; prodgen runs it as \
             65532, who may not own what it writes to"
        )
    } else {
        format!(
            "`USER {name}` (line {line}) is a name, from which Kubernetes cannot tell that it is not \
             root; prodgen runs the image as 65532, who may not own what it writes to"
        )
    };
    let help = "write its number there, as in `USER 10001:10001`, or give it here: `--set \
                user=10001`";
    let remark = Diagnostic::warning(text).in_file(file).key("user");
    Some(remark.help(help))
}

/// The last stage.
fn last(text: &str) -> Stage {
    let mut stages: BTreeMap<String, Stage> = BTreeMap::new();
    let mut stage = Stage::default();
    let mut name = None;
    for Instruction {
        name: what,
        rest,
        line,
    } in instructions(text)
    {
        let words = rest.split_whitespace();
        match what.as_str() {
            "FROM" => {
                if let Some(name) = name.take() {
                    stages.insert(name, stage);
                }
                let mut names = words
                    .filter(|word| !word.starts_with("--"))
                    .map(str::to_lowercase);
                let base = names.next().and_then(|base| stages.get(&base).cloned());
                stage = base.unwrap_or_default();
                stage.exposes = false;
                name = names.nth(1);
            }
            // Of several the first is meant: the others are for TLS, metrics, debuggers.
            "EXPOSE" if !stage.exposes => {
                if let Some(port) = { words }.find_map(usable) {
                    stage.port = Some(port);
                    stage.exposes = true;
                }
            }
            "USER" => stage.user = { words }.next().map(|user| (user.to_owned(), line)),
            "VOLUME" => volumes(&rest, &mut stage.volumes),
            "HEALTHCHECK" => stage.health = check(&rest),
            _ => {}
        }
    }
    stage
}

/// The port in `8080` or `8080/tcp`, if anybody may listen there.
fn usable(word: &str) -> Option<Port> {
    let number = match word.split_once('/') {
        Some((number, protocol)) if protocol.eq_ignore_ascii_case("tcp") => number,
        Some(_) => return None,
        None => word,
    };
    Port::parse(number)
        .ok()
        .filter(|port| port.number() >= LOWEST)
}

/// The words of an instruction in exec form, `["a", "b"]`.
fn exec(rest: &str) -> Option<Vec<String>> {
    serde_json::from_str(rest).ok()
}

/// Adds the folders of a `VOLUME` that a pod can be given.
fn volumes(rest: &str, there: &mut Vec<MountPath>) {
    let words = exec(rest);
    let words = words.unwrap_or_else(|| rest.split_whitespace().map(str::to_owned).collect());
    for word in words {
        let path = match word.trim_end_matches('/') {
            "" => continue,
            path => MountPath::parse(path),
        };
        let Ok(path) = path else { continue };
        let within = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let is_others = OTHERS
            .iter()
            .any(|other| within(path.as_str(), other) || within(other, path.as_str()));
        let meets = there
            .iter()
            .any(|old| path.is_within(old) || old.is_within(&path));
        if !is_others && !meets {
            there.push(path);
        }
    }
}

/// What a `HEALTHCHECK` asks for.
fn check(rest: &str) -> Option<(Port, HttpPath)> {
    let mut rest = rest;
    while rest.starts_with("--") {
        rest = rest.split_once(char::is_whitespace)?.1.trim_start();
    }
    let (word, command) = rest.split_once(char::is_whitespace)?;
    if !word.eq_ignore_ascii_case("cmd") {
        return None;
    }
    match exec(command.trim()) {
        Some(words) => health::in_words(&words.iter().map(String::as_str).collect::<Vec<_>>()),
        None => health::in_shell(command),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn ports() {
        for (text, want) in [
            ("FROM scratch\nEXPOSE 8080\n", Some(8080)),
            ("FROM scratch\r\nexpose 8080/TCP\r\n", Some(8080)),
            ("FROM a\nEXPOSE 8080\nEXPOSE 9090\n", Some(8080)),
            ("FROM a\nEXPOSE 8080 9090\n", Some(8080)),
            ("FROM a\nEXPOSE 53/udp 80 9090/tcp\n", Some(9090)),
            ("FROM a\nEXPOSE 8080\nEXPOSE $PORT\n", Some(8080)),
            ("FROM a\nEXPOSE \\\n  # why\n\n  8080\n", Some(8080)),
            (
                "# escape=`\nFROM a\nEXPOSE `\n8080\nRUN dir c:\\\n",
                Some(8080),
            ),
            (
                "# syntax=x\n# Escape = `\nFROM a\nRUN c:\\\nEXPOSE 8080",
                Some(8080),
            ),
            ("FROM a\nEXPOSE 80\n", None),
            ("FROM a\nEXPOSE 1023\n", None),
            ("FROM a\nEXPOSE 1024\n", Some(1024)),
            ("FROM a\nEXPOSE 65536\n", None),
            ("FROM a\nEXPOSE 8000-8010 http 08080 8080/sctp 1.5\n", None),
            ("FROM a\nEXPOSE ${PORT:-8080}\n", None),
            ("FROM a\n# EXPOSE 8080\n", None),
            ("FROM a\nRUN echo EXPOSE 8080\n", None),
            ("FROM a\nRUN x \\\nEXPOSE 8080\n", None),
            ("FROM a\nRUN <<EOF\nEXPOSE 8080\nEOF\n", None),
            (
                "FROM a\nCOPY <<-\"A\" <<B /x/\nEXPOSE 1\nA\nEXPOSE 2\nB\nEXPOSE 8080",
                Some(8080),
            ),
            ("FROM a\nRUN echo $((1 <<3))\nEXPOSE 8080\n", Some(8080)),
            ("EXPOSE 8080", Some(8080)),
            ("\0\u{fffd}\nEXPOSE\nEXPOSE \\", None),
            ("", None),
        ] {
            assert_eq!(last(text).port.map(Port::number), want, "{text:?}");
        }
    }

    #[test]
    fn stages() {
        for (text, want) in [
            ("FROM a AS build\nEXPOSE 8080\nFROM b\n", None),
            (
                "FROM a AS Base\nEXPOSE 8080\nFROM --platform=x base\n",
                Some(8080),
            ),
            (
                "FROM a AS base\nEXPOSE 8080\nFROM base AS c\nFROM c\nEXPOSE 9090\n",
                Some(9090),
            ),
            (
                "FROM a AS base\nFROM b AS other\nEXPOSE 8080\nFROM base\n",
                None,
            ),
        ] {
            assert_eq!(last(text).port.map(Port::number), want, "{text:?}");
        }
    }

    #[test]
    fn answers() {
        let docker = ("shop/Dockerfile", "FROM a\nEXPOSE 8081\n");
        let container = ("shop/Containerfile", "FROM a\nEXPOSE 8082\n");
        for (files, want) in [
            (&[docker, container][..], "port=8081 (Dockerfile)"),
            (&[container], "port=8082 (Containerfile)"),
        ] {
            assert_eq!(found(files, "shop"), ["name=shop (.)", want]);
        }
    }

    #[test]
    fn users_volumes_and_health() {
        for (text, want) in [
            ("FROM a\nUSER 1000\n", &["user=1000"][..]),
            ("FROM a\nUSER 1000:1000\n", &["user=1000"]),
            ("FROM a\nUSER 1000:2000\n", &["user={uid: 1000, gid: 2000}"]),
            ("FROM a\nUSER 1001:0\n", &["user=1001"]),
            ("FROM a\nUSER 1001:app\n", &["user=1001"]),
            ("FROM a AS b\nUSER 7\nFROM b\n", &["user=7"]),
            ("FROM a AS b\nUSER 7\nFROM c\n", &[]),
            ("FROM a\nUSER 7\nUSER $APP\n", &[]),
            ("FROM a\nUSER 99999999999\n", &[]),
            (
                "FROM a\nVOLUME [\"/data/\", \"/cache\"]\nVOLUME /data /srv/x $DIR\n",
                &["writable=[/data, /cache, /srv/x]"],
            ),
            (
                "FROM a\nVOLUME /tmp /etc/x / /proc /var/run/x rel a:b\n",
                &[],
            ),
            ("FROM a\nVOLUME /data/in /data\n", &["writable=[/data/in]"]),
            (
                "FROM a\nEXPOSE 8080\nHEALTHCHECK --interval=5s --timeout=2s \\\n  CMD curl -f \\\n \
                 http://localhost:8080/healthz || exit 1\n",
                &["port=8080", "probes=/healthz"],
            ),
            (
                "FROM a\nHEALTHCHECK CMD [\"wget\", \"-q\", \"http://localhost:9000/up\"]\n",
                &["port=9000", "probes=/up"],
            ),
            (
                "FROM a\nHEALTHCHECK CMD curl -f http://localhost:9000/\nHEALTHCHECK NONE\n",
                &[],
            ),
            (
                "FROM a\nHEALTHCHECK CMD curl -f http://localhost/\n",
                &["probes=/"],
            ),
            ("FROM a\nHEALTHCHECK --interval=5s\nHEALTHCHECK CMD\n", &[]),
        ] {
            let all = found(&[("shop/Dockerfile", text)], "shop");
            let mut want: Vec<_> = want
                .iter()
                .map(|one| format!("{one} (Dockerfile)"))
                .collect();
            want.push("name=shop (.)".to_owned());
            want.sort();
            assert_eq!(all, want, "{text}");
        }
    }

    #[test]
    fn a_user_without_a_number_is_explained() {
        for (user, want) in [
            ("app", Some("`USER app` (line 2) is a name")),
            ("app:app", Some("`USER app` (line 2) is a name")),
            ("root", Some("the image runs as root (line 2)")),
            ("0:0", Some("the image runs as root (line 2)")),
            ("1000", None),
            ("$APP", None),
            ("a\u{1b}[2J", None),
        ] {
            let temporary = tempfile::tempdir().unwrap();
            let text = format!("FROM a\nUSER {user}\n");
            super::super::tests::lay(temporary.path(), &[("Dockerfile", &text)]);
            let remarks = super::super::repository(temporary.path()).remarks;
            let said = remarks.first().map(|one| one.message.as_str());
            assert_eq!(said.is_some(), want.is_some(), "{user}");
            assert!(
                said.unwrap_or_default()
                    .starts_with(want.unwrap_or_default())
            );
            assert!(remarks.iter().all(|one| one.key.as_deref() == Some("user")));
        }
    }
}
