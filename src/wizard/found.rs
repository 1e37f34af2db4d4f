//! What of a repository's answers counts: for a key that is open, with what was answered so far, and
//! only where the spec holds with it.

use std::fmt::Write as _;

use super::questions::QUESTIONS;
use super::{Given, Interview};
use crate::detect::Found;
use crate::diag::{Diagnostic, Severity};
use crate::prompt::{Error, Prompter, fold};
use crate::spec::Layers;

/// Keys that nobody is asked about: what is found is taken, shown, and changed in the menu.
const SILENT: &[&str] = &["user", "writable"];

/// What a person cannot see on a prompt.
const KEYBOARD: &str =
    "Enter takes what stands in brackets, Esc goes back, Ctrl-C leaves and keeps the answers.";

impl Interview<'_> {
    /// Every answer of the repository that counts, laid below what is said, and which these are.
    pub fn take(&mut self) -> (Layers, Vec<Found>) {
        let mut given = Vec::new();
        let mut taken = Vec::new();
        let asked = QUESTIONS.iter().map(|one| one.path);
        for key in asked.chain(SILENT.iter().copied()) {
            if let Some(found) = self.found(key, &given) {
                taken.push(found.clone());
                given.push(accepted(found));
            }
        }
        taken.sort();
        let mut sources = std::mem::take(self.sources);
        let layers = self.layers(&given, &mut sources);
        *self.sources = sources;
        (layers, taken)
    }

    /// Lays what is found for keys that nobody is asked about among the answers; what a person has
    /// said to one of them before stays.
    pub(super) fn add_silent(&self, given: &mut Vec<Given>) {
        given.retain(|one| one.from.is_none());
        for key in SILENT {
            if given.iter().any(|one| one.key == *key) {
                continue;
            }
            if let Some(found) = self.found(key, given) {
                given.push(accepted(found));
            }
        }
    }

    /// What the repository says to a key, where it counts.
    pub(super) fn found(&self, key: &str, given: &[Given]) -> Option<&Found> {
        let found = self.found.found.iter().find(|one| one.key == key)?;
        let is_asked = |of: &str| {
            QUESTIONS
                .iter()
                .any(|one| one.path == key && of_kind(one.kinds, of))
        };
        let is_open = SILENT.contains(&key) || is_asked(self.kind);
        let is_said =
            self.said.answers_key(key) || (key == "port" && self.said.answers_key("ports"));
        let is_there = found
            .port
            .is_none_or(|port| self.port(given).as_deref() == Some(port.to_string().as_str()));
        let one = accepted(found);
        let holds = || self.check(key, given, &one.items, one.list).is_ok();
        (is_open && !is_said && is_there && holds()).then_some(found)
    }

    /// The port that the service listens on as things stand, if it is one.
    fn port(&self, given: &[Given]) -> Option<String> {
        if let Some(one) = given.iter().find(|one| one.key == "port") {
            return one.items.first().cloned();
        }
        if self.said.answers_key("ports") {
            return None;
        }
        let said = self.said.word("port").map(|(port, _)| port);
        said.or_else(|| self.preset_word("port", given))
    }

    /// Says which keys there are, and what was found that no question shows.
    pub(super) fn greet(&self, given: &[Given], prompter: &mut dyn Prompter) -> Result<(), Error> {
        let language = self.found.language.iter();
        let mut seen: Vec<String> = language
            .map(|one| format!("a {} ({})", one.name, one.file))
            .collect();
        let silent = given
            .iter()
            .filter_map(|one| Some((one, one.from.as_ref()?)));
        seen.extend(
            silent.map(|(one, from)| format!("{} {} ({from})", one.key, one.items.join(" "))),
        );
        let mut words = fold(KEYBOARD, 0);
        words.push('\n');
        if !seen.is_empty() {
            // Writing to a String cannot fail.
            let line = fold(&format!("Found here: {}", seen.join(", ")), 2);
            let _infallible = writeln!(words, "{line}");
        }
        for one in self.remarks() {
            let weight = match one.severity {
                Severity::Note => "note",
                Severity::Warning | Severity::Error => "warning",
            };
            let file = one.file.as_deref().unwrap_or_default();
            let help = one.help.as_deref().unwrap_or_default();
            let message = fold(&format!("{weight}: {file}: {}", one.message), 2);
            let help = fold(&format!("  help: {help}"), 4);
            let _infallible = writeln!(words, "{message}\n{help}");
        }
        prompter.say(words.trim_end())
    }

    /// What else the repository says, without what an answer has settled.
    pub fn remarks(&self) -> Vec<Diagnostic> {
        let is_open = |one: &&Diagnostic| match &one.key {
            Some(key) => !self.said.answers_key(key),
            None => true,
        };
        self.found.remarks.iter().filter(is_open).cloned().collect()
    }

    /// The items of a list that lie beside what a preset has there: `/tmp` stays writable.
    pub(super) fn with_preset(&self, one: &Given, given: &[Given]) -> Vec<String> {
        let mut items = Vec::new();
        if one.key == "writable" {
            items = self
                .preset_items("writable", given)
                .unwrap_or_else(|| vec!["/tmp".to_owned()]);
        }
        items.extend(one.items.iter().cloned());
        items
    }
}

fn of_kind(kinds: &[&str], kind: &str) -> bool {
    kinds.contains(&kind)
}

/// What is found, as an answer.
fn accepted(found: &Found) -> Given {
    Given {
        key: found.key.to_owned(),
        items: found.items.clone(),
        list: found.is_list(),
        from: Some(found.file.clone()),
    }
}
