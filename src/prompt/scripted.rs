//! Answers from a list, for tests and for programs. Each is checked as a person's is.

use std::collections::VecDeque;

use super::{Answer, Choice, Error, Picked, Prompter, Question};

/// Somebody who has made up their mind before being asked.
///
/// ```
/// use prodgen::prompt::{Answer, Prompter, Question, Scripted};
///
/// let question = Question {
///     key: "team",
///     text: "Team",
///     why: "somebody has to own it",
///     default: Some("payments".to_owned()),
///     check: &|_| Ok(()),
/// };
/// let answer = Scripted::of([""]).ask(&question)?;
/// assert_eq!(answer, Answer::Given("payments".to_owned()));
/// # Ok::<(), prodgen::prompt::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Scripted {
    answers: VecDeque<Answer>,
    asked: Vec<Asked>,
    said: Vec<String>,
}

/// A question that was asked, once for every answer to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The key that it was about.
    pub key: String,
    /// The question itself.
    pub text: String,
    /// The answer that was on offer.
    pub default: Option<String>,
    /// What was wrong with the answer.
    pub refused: Option<String>,
}

impl Scripted {
    /// Gives these answers, one after the other; an empty one takes what is on offer.
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: answers.into_iter().collect(),
            asked: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Gives these words, one after the other, and never goes back.
    pub fn of<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(words.into_iter().map(|word| Answer::Given(word.to_owned())))
    }

    /// What was asked so far.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// What was said so far.
    pub fn said(&self) -> &[String] {
        &self.said
    }

    /// The answers that nobody has asked for.
    pub fn left(&self) -> impl Iterator<Item = &Answer> {
        self.answers.iter()
    }
}

impl Prompter for Scripted {
    /// Gives the next answer that holds; with none left there is nobody to ask.
    fn ask(&mut self, question: &Question<'_>) -> Result<Answer, Error> {
        loop {
            let answer = match self.answers.pop_front() {
                Some(Answer::Given(words)) => question.answer(&words).map(Answer::Given),
                Some(Answer::Back) => Ok(Answer::Back),
                None => return Err(Error::NoTerminal),
            };
            self.asked.push(Asked {
                key: question.key.to_owned(),
                text: question.text.to_owned(),
                default: question.default.clone(),
                refused: answer.as_ref().err().cloned(),
            });
            if let Ok(answer) = answer {
                return Ok(answer);
            }
        }
    }

    /// Picks the option that begins with the next answer; an empty one takes what is on offer.
    fn choose(&mut self, choice: &Choice<'_>) -> Result<Picked, Error> {
        loop {
            let picked = match self.answers.pop_front() {
                None => return Err(Error::NoTerminal),
                Some(Answer::Back) => Some(Picked::Back),
                Some(Answer::Given(words)) if words.is_empty() => Some(Picked::At(choice.start)),
                Some(Answer::Given(words)) => choice
                    .options
                    .iter()
                    .position(|option| option.starts_with(&words))
                    .map(Picked::At),
            };
            self.asked.push(Asked {
                key: choice.key.to_owned(),
                text: choice.text.to_owned(),
                default: choice.options.get(choice.start).cloned(),
                refused: picked
                    .is_none()
                    .then(|| "not one of the options".to_owned()),
            });
            if let Some(picked) = picked {
                return Ok(picked);
            }
        }
    }

    /// Keeps what is said.
    fn say(&mut self, words: &str) -> Result<(), Error> {
        self.said.push(words.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small(words: &str) -> Result<(), String> {
        if words.is_empty() || words.chars().any(char::is_uppercase) {
            return Err(format!("`{words}` is not small"));
        }
        Ok(())
    }

    fn question(default: Option<&str>) -> Question<'_> {
        Question {
            key: "name",
            text: "Name of the service",
            why: "every object carries it",
            default: default.map(str::to_owned),
            check: &small,
        }
    }

    fn given(words: &str) -> Answer {
        Answer::Given(words.to_owned())
    }

    #[test]
    fn answers_come_in_order_and_trimmed() {
        let mut prompter = Scripted::of(["a", " b\t"]);
        assert_eq!(prompter.ask(&question(None)).unwrap(), given("a"));
        assert_eq!(prompter.left().count(), 1);
        assert_eq!(prompter.ask(&question(None)).unwrap(), given("b"));
        assert_eq!(prompter.left().count(), 0);
    }

    #[test]
    fn an_empty_answer_takes_what_is_on_offer() {
        let mut prompter = Scripted::of(["", " "]);
        assert_eq!(prompter.ask(&question(Some("a"))).unwrap(), given("a"));
        assert_eq!(prompter.ask(&question(Some("b"))).unwrap(), given("b"));
        assert_eq!(prompter.asked()[1].default.as_deref(), Some("b"));
    }

    #[test]
    fn a_refused_answer_is_recorded_and_the_next_one_given() {
        let mut prompter = Scripted::of(["A", "", "a"]);
        assert_eq!(prompter.ask(&question(None)).unwrap(), given("a"));
        let refused: Vec<_> = prompter
            .asked()
            .iter()
            .map(|asked| asked.refused.as_deref())
            .collect();
        assert_eq!(
            refused,
            [Some("`A` is not small"), Some("`` is not small"), None]
        );
        assert!(prompter.asked().iter().all(|asked| asked.key == "name"));
    }

    #[test]
    fn a_bad_offer_is_refused_too() {
        let mut prompter = Scripted::of([""]);
        let answer = prompter.ask(&question(Some("A")));
        assert!(matches!(answer, Err(Error::NoTerminal)));
        assert_eq!(prompter.asked().len(), 1);
    }

    #[test]
    fn back_is_an_answer_and_the_end_is_an_error() {
        let mut prompter = Scripted::new([Answer::Back]);
        assert_eq!(prompter.ask(&question(None)).unwrap(), Answer::Back);
        assert!(matches!(
            prompter.ask(&question(None)),
            Err(Error::NoTerminal)
        ));
    }
}
