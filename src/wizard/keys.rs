//! Single keys, asked in the words of the interview where it has some: what `add` needs on a terminal.

use super::questions::QUESTIONS;
use super::{Given, Interview, Memory};
use crate::diag::Origin;
use crate::prompt::{Answer, Error, Prompter, Question};
use crate::spec::{Key, Layers, example};
use crate::yaml::FieldPath;

/// A memory for answers that are few enough to be given again.
#[derive(Debug, Clone, Copy)]
pub struct Forgetful;

impl Memory for Forgetful {
    fn recall(&self) -> Vec<Given> {
        Vec::new()
    }

    fn keep(&self, _: &[Given]) {}
}

impl Interview<'_> {
    /// The answers to these keys; `None` where the person went back from the first question.
    pub fn ask_keys(
        &mut self,
        keys: &[&Key],
        prompter: &mut dyn Prompter,
    ) -> Result<Option<Layers>, Error> {
        let mut given: Vec<Given> = Vec::new();
        while let Some(key) = keys.get(given.len()) {
            match self.ask_key(key, &given, prompter)? {
                Some(answer) => given.push(answer),
                None if given.pop().is_none() => return Ok(None),
                None => {}
            }
        }
        let mut layers = Layers::default();
        for one in given {
            let origin = Origin::Prompt(one.key.clone());
            let path = FieldPath::default().key(one.key.as_str());
            let mut source = |text: &str| self.sources.add(origin.clone(), text);
            if one.list {
                let items: Vec<_> = one
                    .items
                    .into_iter()
                    .map(|item| (source(&item), item))
                    .collect();
                layers.answers(&one.key, &items);
            } else if let Some(text) = one.items.first() {
                let id = source(text);
                layers.answer(id, &path, text);
            }
        }
        Ok(Some(layers))
    }

    fn ask_key(
        &mut self,
        key: &Key,
        given: &[Given],
        prompter: &mut dyn Prompter,
    ) -> Result<Option<Given>, Error> {
        if let Some(question) = QUESTIONS.iter().find(|one| one.path == key.name) {
            return self.ask(question, given, prompter);
        }
        let example = example(key.name).unwrap_or_default();
        let question = Question {
            key: key.name,
            text: &format!("{}:", key.name),
            why: &format!("{}; as in `{example}`", key.summary),
            default: None,
            check: &|words| self.check(key.name, given, &[words.to_owned()], false),
        };
        Ok(match prompter.ask(&question)? {
            Answer::Back => None,
            Answer::Given(words) => Some(Given {
                key: key.name.to_owned(),
                items: vec![words],
                list: false,
                from: None,
            }),
        })
    }
}
