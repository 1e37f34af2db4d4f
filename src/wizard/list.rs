//! Questions for lists: items one by one, or several in a line as pasted, until an empty line.

use super::questions::{self, Asked};
use super::{Given, Interview};
use crate::prompt::{Answer, Error, Prompter, Question};

/// What is typed for no items at all where some are on offer.
const NONE: &str = "-";

impl Interview<'_> {
    /// Asks for items; those that are on offer are taken with an empty line.
    pub(super) fn ask_list(
        &self,
        question: &Asked,
        given: &[Given],
        prompter: &mut dyn Prompter,
    ) -> Result<Option<Given>, Error> {
        let key = question.path;
        let (mut offered, mut from) = self.items_on_offer(key, given);
        let done = |items| {
            Ok(Some(Given {
                key: key.to_owned(),
                items,
                list: true,
                from: None,
            }))
        };
        let mut items: Vec<String> = Vec::new();
        loop {
            let is_first = items.is_empty();
            let default = if is_first {
                offered.join(", ")
            } else {
                String::new()
            };
            let why = match (is_first, default.is_empty(), &from) {
                (false, _, _) => format!("so far: {}; an empty line goes on", items.join(", ")),
                (true, true, _) => question.why.to_owned(),
                (true, false, None) => format!("`{NONE}` for none; {}", question.why),
                (true, false, Some(file)) => {
                    format!("from {file}; `{NONE}` for none; {}", question.why)
                }
            };
            let next = Question {
                key,
                text: if is_first { question.text } else { "And?" },
                why: &why,
                default: Some(default),
                check: &|words| {
                    if is_first && words == NONE {
                        return Ok(());
                    }
                    let mut all = items.clone();
                    all.extend(questions::split(words));
                    self.check(key, given, &all, true)
                },
            };
            match prompter.ask(&next)? {
                Answer::Back if is_first => return Ok(None),
                // What was entered so far is not thrown away: it is what is on offer now.
                Answer::Back => (offered, from) = (std::mem::take(&mut items), None),
                Answer::Given(words) if is_first && words == NONE => return done(Vec::new()),
                Answer::Given(words) if words.is_empty() => return done(items),
                Answer::Given(words) => items.extend(questions::split(&words)),
            }
        }
    }

    /// The items on offer, and the file that says so: those of before, else those found.
    fn items_on_offer(&self, key: &str, given: &[Given]) -> (Vec<String>, Option<String>) {
        if let Some(before) = given.iter().find(|one| one.key == key) {
            return (before.items.clone(), None);
        }
        match self.found(key, given) {
            Some(found) => (found.items.clone(), Some(found.place().to_owned())),
            None => (Vec::new(), None),
        }
    }
}
