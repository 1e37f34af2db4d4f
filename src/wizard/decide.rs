//! What a person does with what came of the answers: write it, change something else, go back, leave.

use super::{Given, Interview, replay, review};
use crate::prompt::{Answer, Choice, Error, Picked, Prompter, Question};
use crate::spec::{KEYS, Settled};

/// What to do next.
pub(super) enum Decision {
    /// Write it.
    Write,
    /// Look at it again.
    Again,
    /// Ask the last question again.
    Back,
    /// Leave everything as it is.
    Leave,
}

impl Interview<'_> {
    /// Shows what comes of the answers and asks what to do.
    pub(super) fn decide(
        &mut self,
        settled: &Settled,
        given: &mut Vec<Given>,
        prompter: &mut dyn Prompter,
    ) -> Result<Decision, Error> {
        prompter.say(&review(settled))?;
        let choice = Choice {
            key: "",
            text: "Write it?",
            why: "nothing has been written so far",
            options: ["write it", "change anything else", "go back", "leave"]
                .map(str::to_owned)
                .into(),
            start: 0,
        };
        match prompter.choose(&choice)? {
            Picked::At(0) => Ok(Decision::Write),
            Picked::At(1) => {
                self.change(settled, given, prompter)?;
                Ok(Decision::Again)
            }
            Picked::At(2) | Picked::Back => Ok(Decision::Back),
            Picked::At(_) => Ok(Decision::Leave),
        }
    }

    /// The menu of all keys with their values.
    fn change(
        &mut self,
        settled: &Settled,
        given: &mut Vec<Given>,
        prompter: &mut dyn Prompter,
    ) -> Result<(), Error> {
        let spec = settled.spec();
        let value = |key: &str| replay::value(&spec, key).unwrap_or_default();
        let options = KEYS
            .iter()
            .filter(|key| key.name != "type")
            .map(|key| match value(key.name) {
                text if text.is_empty() => format!("{:<15} (default: {})", key.name, key.summary),
                text => format!("{:<15} {text}", key.name),
            })
            .collect();
        let choice = Choice {
            key: "",
            text: "Change what?",
            why: "type a part of a name to find it",
            options,
            start: 0,
        };
        let Picked::At(index) = prompter.choose(&choice)? else {
            return Ok(());
        };
        let Some(key) = KEYS.iter().filter(|key| key.name != "type").nth(index) else {
            return Ok(());
        };
        let before = value(key.name);
        let question = Question {
            key: key.name,
            text: &format!("{}:", key.name),
            why: &format!("{}; lists and maps as [a, b] and {{a: b}}", key.summary),
            default: Some(before).filter(|text| !text.is_empty()),
            check: &|words| self.check(key.name, given, &[words.to_owned()], false),
        };
        if let Answer::Given(words) = prompter.ask(&question)?
            && !words.is_empty()
        {
            given.retain(|one| {
                one.key != key.name && !one.key.starts_with(&format!("{}.", key.name))
            });
            given.push(Given {
                key: key.name.to_owned(),
                items: vec![words],
                list: false,
                from: None,
            });
            self.memory.keep(given);
        }
        Ok(())
    }
}
