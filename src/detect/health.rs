//! Health checks of an image or of compose: which path of which port they ask for, where that is
//! beyond doubt. A check that looks at more than the status, or sends more than a plain request, would
//! not be the one that the kubelet makes.

use crate::spec::value::{HttpPath, Port};

/// A tool that asks over HTTP, and its options that change nothing about what is asked.
struct Tool {
    name: &'static str,
    /// Letters of options without a value, and of such with one.
    short: (&'static str, &'static str),
    /// The same, in words.
    long: (&'static [&'static str], &'static [&'static str]),
    /// Options of which one must be there, or the status is not looked at.
    strict: &'static [&'static str],
}

const TOOLS: &[Tool] = &[
    Tool {
        name: "curl",
        short: ("fsSLkgv46", "mo"),
        long: (
            &[
                "fail",
                "fail-with-body",
                "silent",
                "show-error",
                "location",
                "insecure",
                "retry-connrefused",
                "no-progress-meter",
            ],
            &[
                "max-time",
                "connect-timeout",
                "output",
                "retry",
                "retry-delay",
                "retry-max-time",
            ],
        ),
        strict: &["f", "fail", "fail-with-body"],
    },
    Tool {
        name: "wget",
        short: ("qnv", "OTt"),
        long: (
            &["spider", "quiet", "no-verbose", "no-check-certificate"],
            &["tries", "timeout", "output-document"],
        ),
        strict: &[],
    },
];

/// What a check in shell form asks for.
pub(super) fn in_shell(line: &str) -> Option<(Port, HttpPath)> {
    let (command, otherwise) = line.split_once("||").unwrap_or((line, "exit 1"));
    let mut ends = otherwise.split_whitespace();
    let ends_badly = match (ends.next(), ends.next(), ends.next()) {
        (Some("exit"), Some(code), None) => code != "0",
        (Some("false"), None, None) => true,
        _ => false,
    };
    let mut command = command.to_owned();
    for silence in ["2>&1", "2>/dev/null", ">/dev/null", "> /dev/null"] {
        command = command.replace(silence, " ");
    }
    if !ends_badly || command.contains(['|', '&', ';', '<', '>', '$', '`', '(', '\\', '*']) {
        return None;
    }
    let words: Vec<&str> = command
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'']))
        .collect();
    in_words(&words)
}

/// What a check in exec form asks for.
pub(super) fn in_words(words: &[&str]) -> Option<(Port, HttpPath)> {
    let (first, rest) = words.split_first()?;
    let program = first.rsplit('/').next()?;
    if let ("sh" | "bash" | "ash", ["-c", line]) = (program, rest) {
        return in_shell(line);
    }
    let tool = TOOLS.iter().find(|tool| tool.name == program)?;
    asked(tool, rest)
}

fn asked(tool: &Tool, words: &[&str]) -> Option<(Port, HttpPath)> {
    let mut address = None;
    let mut is_strict = tool.strict.is_empty();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Some(option) = word.strip_prefix("--") {
            let (name, value) = match option.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (option, None),
            };
            is_strict |= tool.strict.contains(&name);
            if tool.long.1.contains(&name) {
                value.or_else(|| words.next().copied())?;
            } else if !tool.long.0.contains(&name) {
                return None;
            }
        } else if let Some(letters) = word.strip_prefix('-') {
            let mut letters = letters.chars();
            while let Some(letter) = letters.next() {
                is_strict |= tool.strict.contains(&letter.to_string().as_str());
                if tool.short.1.contains(letter) {
                    if letters.as_str().is_empty() {
                        words.next()?;
                    }
                    break;
                }
                if !tool.short.0.contains(letter) {
                    return None;
                }
            }
        } else if address.replace(*word).is_some() {
            return None;
        }
    }
    own(address.filter(|_| is_strict)?)
}

/// Port and path of an address of the container itself.
fn own(address: &str) -> Option<(Port, HttpPath)> {
    let rest = match address.split_once("://") {
        Some(("http", rest)) => rest,
        Some(_) => return None,
        None => address,
    };
    let (host, path) = rest
        .find('/')
        .map_or((rest, "/"), |slash| rest.split_at(slash));
    let own = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]"];
    let port = own.iter().find_map(|own| host.strip_prefix(own))?;
    let port = match port.strip_prefix(':') {
        Some(port) => Port::parse(port).ok()?,
        None if port.is_empty() => Port::from_number(80)?,
        None => return None,
    };
    Some((port, HttpPath::parse(path).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks() {
        for (line, want) in [
            ("curl -f http://localhost:8080/healthz", "8080/healthz"),
            (
                "curl -fsS http://127.0.0.1:8080/healthz || exit 1",
                "8080/healthz",
            ),
            (
                "/usr/bin/curl --fail --max-time 2 -o /dev/null 'http://[::1]:9000/a?b=c' || false",
                "9000/a?b=c",
            ),
            ("wget -qO- http://localhost:8080/ready", "8080/ready"),
            (
                "wget --no-verbose --tries=1 --spider http://localhost:3000 || exit 1",
                "3000/",
            ),
            ("wget -q -O /dev/null localhost:8080/up", "8080/up"),
            (
                "curl -f http://localhost:8080/up > /dev/null 2>&1 || exit 1",
                "8080/up",
            ),
            ("sh -c 'curl'", ""),
            ("curl -f http://localhost/", "80/"),
            // Without `-f` any answer at all is a good one.
            ("curl http://localhost:8080/healthz || exit 1", ""),
            ("curl -f https://localhost:8443/healthz", ""),
            ("curl -f http://db:8080/healthz", ""),
            ("curl -f http://localhost.example.com/healthz", ""),
            ("curl -f http://localhost:$PORT/healthz", ""),
            ("curl -f http://localhost:8080/healthz | grep ok", ""),
            ("curl -f http://localhost:8080/healthz && true", ""),
            ("curl -f http://localhost:8080/healthz || exit 0", ""),
            ("curl -f -XPOST http://localhost:8080/healthz", ""),
            ("curl -f -H 'Host: a' http://localhost:8080/healthz", ""),
            (
                "curl -f http://localhost:8080/a http://localhost:8080/b",
                "",
            ),
            ("curl -f", ""),
            ("/app/healthcheck http://localhost:8080/healthz", ""),
            ("curl -f http://localhost:8080/\u{1b}[2J", ""),
            ("", ""),
        ] {
            let said = in_shell(line).map(|(port, path)| format!("{port}{path}"));
            assert_eq!(said.unwrap_or_default(), want, "{line}");
        }
        let words = ["sh", "-c", "curl -f http://localhost:8080/healthz"];
        assert!(in_words(&words).is_some());
        assert!(in_words(&["wget", "http://localhost:8080/healthz"]).is_some());
    }
}
