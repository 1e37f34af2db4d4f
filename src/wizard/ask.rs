//! One question to a person, in the shape that its answer has.

use super::questions::{Asked, Shape};
use super::{Given, Interview};
use crate::prompt::{Answer, Choice, Error, Picked, Prompter, Question};

impl Interview<'_> {
    /// Asks one question; `None` where the person wants the one before.
    pub(super) fn ask(
        &mut self,
        question: &Asked,
        given: &[Given],
        prompter: &mut dyn Prompter,
    ) -> Result<Option<Given>, Error> {
        let key = question.path;
        match question.shape {
            Shape::Pick => {
                let options = (question.options)(self.kind);
                let choice = Choice {
                    key,
                    text: question.text,
                    why: question.why,
                    start: start(key, &options, given),
                    options: options.iter().map(|(_, shown)| shown.clone()).collect(),
                };
                Ok(match prompter.choose(&choice)? {
                    Picked::Back => None,
                    Picked::At(index) => Some(Given {
                        key: key.to_owned(),
                        // Left open is an answer too, so that it is not asked again.
                        items: options
                            .get(index)
                            .map(|(value, _)| value.clone())
                            .filter(|value| !value.is_empty())
                            .into_iter()
                            .collect(),
                        list: false,
                        from: None,
                    }),
                })
            }
            Shape::Word | Shape::Perhaps => {
                let may_be_none = question.shape == Shape::Perhaps;
                let (mut default, from) = self.default(question, given);
                if may_be_none {
                    default = default.or_else(|| Some(String::new()));
                }
                let why = match from {
                    Some(from) => format!("from {from}; {}", question.why),
                    None => question.why.to_owned(),
                };
                let text = Question {
                    key,
                    text: question.text,
                    why: &why,
                    default,
                    check: &|words| match words {
                        "" if may_be_none => Ok(()),
                        words => self.check(key, given, &[words.to_owned()], false),
                    },
                };
                Ok(match prompter.ask(&text)? {
                    Answer::Back => None,
                    Answer::Given(words) => Some(Given {
                        key: key.to_owned(),
                        items: if may_be_none && words.is_empty() {
                            Vec::new()
                        } else {
                            vec![words]
                        },
                        list: false,
                        from: None,
                    }),
                })
            }
            Shape::List => self.ask_list(question, given, prompter),
        }
    }
}

/// The option that is on offer: the one that was picked before.
fn start(key: &str, options: &[(String, String)], given: &[Given]) -> usize {
    let before = given.iter().find(|one| one.key == key);
    let picked = before.and_then(|one| one.items.first());
    let at = options.iter().position(|(value, _)| picked == Some(value));
    at.unwrap_or_default()
}
