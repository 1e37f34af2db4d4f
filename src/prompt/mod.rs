//! Asking a human: a question, whoever carries it, and the answer. What to ask is others' business.

mod fold;
mod inquire;
mod scripted;

use std::fmt;
use std::io;

pub use self::fold::fold;
pub use self::inquire::Terminal;
pub use self::scripted::{Asked, Scripted};

/// One thing that somebody has to say.
#[derive(Clone)]
pub struct Question<'a> {
    /// The key of the spec that it is about.
    pub key: &'a str,
    /// The question itself, in a few words.
    pub text: &'a str,
    /// Why it is asked, on a line of help.
    pub why: &'a str,
    /// What an empty answer means.
    pub default: Option<String>,
    /// Says what is wrong with an answer; where more than one line is said, the rest is help.
    pub check: &'a dyn Fn(&str) -> Result<(), String>,
}

impl Question<'_> {
    /// What `words` say: without the space around them, by default where there are none, checked.
    pub fn answer(&self, words: &str) -> Result<String, String> {
        let answer = match (words.trim(), &self.default) {
            ("", Some(default)) => default,
            (words, _) => words,
        };
        (self.check)(answer).map(|()| answer.to_owned())
    }
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Question")
            .field("key", &self.key)
            .field("text", &self.text)
            .field("why", &self.why)
            .field("default", &self.default)
            .finish_non_exhaustive()
    }
}

/// One thing of several that somebody has to pick.
#[derive(Debug, Clone)]
pub struct Choice<'a> {
    /// The key of the spec that it is about; empty where it is about none.
    pub key: &'a str,
    /// The question itself, in a few words.
    pub text: &'a str,
    /// Why it is asked, on a line of help.
    pub why: &'a str,
    /// What there is to pick from.
    pub options: Vec<String>,
    /// The one that is on offer, from 0.
    pub start: usize,
}

/// What was picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picked {
    /// The option at this place, from 0.
    At(usize),
    /// The question before this one, please.
    Back,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An answer that holds.
    Given(String),
    /// The question before this one, please.
    Back,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The person left.
    #[error("interrupted")]
    Interrupted,
    /// There is nobody to ask.
    #[error("there is no terminal to ask on")]
    NoTerminal,
    /// The terminal broke.
    #[error("the terminal failed")]
    Io(#[from] io::Error),
}

/// Somebody who carries questions to a human.
pub trait Prompter {
    /// Asks until the answer holds.
    fn ask(&mut self, question: &Question<'_>) -> Result<Answer, Error>;
    /// Lets pick one of several.
    fn choose(&mut self, choice: &Choice<'_>) -> Result<Picked, Error>;
    /// Says something that needs no answer.
    fn say(&mut self, words: &str) -> Result<(), Error>;
}
