//! `Dockerfile` and `Containerfile`: the port that the image says it listens on. Nothing is expanded:
//! a port in a variable is not found.

use std::collections::BTreeMap;

use super::Found;
use super::place::Place;
use crate::spec::value::Port;

/// The first that is there counts.
const FILES: &[&str] = &["Dockerfile", "Containerfile"];

/// Nobody but root may listen below it, and the image runs as somebody else.
const LOWEST: u16 = 1024;

/// The port of the image that the file ends with.
pub(super) fn read(place: &Place) -> Vec<Found> {
    let Some((text, file)) = FILES.iter().find_map(|path| place.here(path)) else {
        return Vec::new();
    };
    let found = exposed(&text).map(|port| Found {
        key: "port",
        value: port.to_string(),
        file,
    });
    found.into_iter().collect()
}

/// The port of the last `EXPOSE` that the last stage has or inherits.
fn exposed(text: &str) -> Option<Port> {
    let mut stages: BTreeMap<String, Option<Port>> = BTreeMap::new();
    let mut port = None;
    let mut stage = None;
    for line in instructions(text) {
        let mut words = line.split_whitespace();
        let instruction = words.next().unwrap_or_default();
        if instruction.eq_ignore_ascii_case("from") {
            if let Some(stage) = stage.take() {
                stages.insert(stage, port);
            }
            let mut names = words
                .filter(|word| !word.starts_with("--"))
                .map(str::to_lowercase);
            port = names.next().and_then(|base| *stages.get(&base)?);
            stage = names.nth(1);
        } else if instruction.eq_ignore_ascii_case("expose") {
            port = words.find_map(usable).or(port);
        }
    }
    port
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

/// The instructions, each on one line; comments and the text of here-documents are left out.
fn instructions(text: &str) -> Vec<String> {
    let mark = continuation(text);
    let mut instructions = Vec::new();
    let mut lines = text.lines();
    let mut open = String::new();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(begun) = line.strip_suffix(mark) {
            open.push_str(begun);
            open.push(' ');
            continue;
        }
        open.push_str(line);
        for word in here_documents(&open) {
            let mut rest = lines.clone();
            // Without its end it is no here-document.
            if rest.any(|line| line.trim() == word) {
                lines = rest;
            }
        }
        instructions.push(std::mem::take(&mut open));
    }
    instructions.push(open);
    instructions
}

/// The sign that joins lines: a directive at the top may say that it is a backtick.
fn continuation(text: &str) -> char {
    text.lines()
        .map_while(|line| line.trim().strip_prefix('#')?.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"))
        .and_then(|(_, sign)| sign.trim().parse().ok())
        .filter(|sign| *sign == '`')
        .unwrap_or('\\')
}

/// The words that end the here-documents of an instruction: `<<EOF`, `<<-"EOF"`.
fn here_documents(instruction: &str) -> Vec<&str> {
    let takes_one = ["run", "copy", "add"]
        .iter()
        .any(|name| first_word_is(instruction, name));
    if !takes_one {
        return Vec::new();
    }
    instruction
        .split_whitespace()
        .filter_map(|word| word.split_once("<<"))
        .filter(|(before, _)| before.bytes().all(|b| b.is_ascii_digit()))
        .map(|(_, word)| word.trim_start_matches('-').trim_matches(['"', '\'']))
        .filter(|word| !word.is_empty() && !word.contains('<'))
        .collect()
}

/// Whether an instruction is the one of that name.
fn first_word_is(instruction: &str, name: &str) -> bool {
    let first = instruction.split_whitespace().next();
    first.is_some_and(|first| first.eq_ignore_ascii_case(name))
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
            ("FROM a\nEXPOSE 8080\nEXPOSE 9090\n", Some(9090)),
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
            assert_eq!(exposed(text).map(Port::number), want, "{text:?}");
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
            assert_eq!(exposed(text).map(Port::number), want, "{text:?}");
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
}
