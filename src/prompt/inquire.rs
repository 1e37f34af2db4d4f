//! The terminal, through the `inquire` crate. Everything is drawn on stderr; stdout is for data.

use std::io::{self, IsTerminal, Write as _};

use ::inquire::list_option::ListOption;
use ::inquire::ui::{Color, ErrorMessageRenderConfig, RenderConfig, StyleSheet, Styled};
use ::inquire::validator::Validation;
use ::inquire::{InquireError, Select, Text};

use super::fold;
use super::{Answer, Choice, Error, Picked, Prompter, Question};

/// A person at a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    look: RenderConfig<'static>,
}

impl Terminal {
    /// The terminal of this process; without `colour` no style is used at all.
    pub fn new(colour: bool) -> Self {
        let look = RenderConfig::empty()
            .with_answered_prompt_prefix(Styled::new("✓"))
            .with_canceled_prompt_indicator(Styled::new("back"))
            .with_error_message(ErrorMessageRenderConfig::empty().with_prefix(Styled::new("✗")));
        let look = if colour { coloured(look) } else { look };
        Self { look }
    }
}

/// The same look in the terminal's own colours.
fn coloured(mut look: RenderConfig<'static>) -> RenderConfig<'static> {
    let quiet = StyleSheet::new().with_fg(Color::DarkGrey);
    look.prompt_prefix = look.prompt_prefix.with_fg(Color::DarkCyan);
    look.answered_prompt_prefix = look.answered_prompt_prefix.with_fg(Color::DarkGreen);
    look.canceled_prompt_indicator = look.canceled_prompt_indicator.with_fg(Color::DarkGrey);
    look.error_message.prefix = look.error_message.prefix.with_fg(Color::DarkRed);
    look.error_message.message = StyleSheet::new().with_fg(Color::DarkRed);
    look.with_default_value(quiet)
        .with_help_message(quiet)
        .with_answer(StyleSheet::new().with_fg(Color::DarkCyan))
}

impl Prompter for Terminal {
    /// Asks on the terminal: Escape is [`Answer::Back`], Ctrl-C is [`Error::Interrupted`].
    fn ask(&mut self, question: &Question<'_>) -> Result<Answer, Error> {
        is_there()?;
        let check = |words: &str| {
            Ok(match question.answer(words) {
                Ok(_) => Validation::Valid,
                Err(wrong) => Validation::Invalid(fold::marked(&wrong, 2).into()),
            })
        };
        let settle = |words: &str| question.answer(words).unwrap_or_else(|_| words.to_owned());
        let why = fold::marked(question.why, 1);
        let mut text = Text::new(question.text)
            .with_help_message(&why)
            .with_validator(check)
            .with_formatter(&settle)
            .with_render_config(self.look);
        // A default that would move the cursor is used, not shown; of nothing there is nothing to see.
        text.default = question
            .default
            .as_deref()
            .filter(|default| !default.is_empty() && !default.contains(char::is_control));
        match text.prompt() {
            Ok(words) => Ok(Answer::Given(settle(&words))),
            Err(InquireError::OperationCanceled) => Ok(Answer::Back),
            Err(error) => Err(ended(error)),
        }
    }

    /// Lets pick with the arrow keys, or by typing a part of an option.
    fn choose(&mut self, choice: &Choice<'_>) -> Result<Picked, Error> {
        is_there()?;
        let why = fold::marked(choice.why, 1);
        // What an option says about itself is of no use once it is picked.
        let picked = |option: ListOption<&String>| {
            let word = option.value.split("  ").next();
            word.unwrap_or_default().to_owned()
        };
        let options = choice.options.iter().map(|one| fold::marked(one, 16));
        let select = Select::new(choice.text, options.collect())
            .with_formatter(&picked)
            .with_help_message(&why)
            .with_starting_cursor(choice.start.min(choice.options.len().saturating_sub(1)))
            .with_page_size(12)
            .with_render_config(self.look);
        match select.raw_prompt() {
            Ok(option) => Ok(Picked::At(option.index)),
            Err(InquireError::OperationCanceled) => Ok(Picked::Back),
            Err(error) => Err(ended(error)),
        }
    }

    fn say(&mut self, words: &str) -> Result<(), Error> {
        Ok(writeln!(io::stderr().lock(), "{words}")?)
    }
}

/// The crate would open the terminal behind a redirected stdin.
fn is_there() -> Result<(), Error> {
    if io::stdin().is_terminal() && io::stderr().is_terminal() {
        Ok(())
    } else {
        Err(Error::NoTerminal)
    }
}

/// Why a prompt ended without an answer, where it was not to go back.
fn ended(error: InquireError) -> Error {
    match error {
        InquireError::OperationInterrupted => Error::Interrupted,
        InquireError::NotTTY => Error::NoTerminal,
        InquireError::IO(error) => Error::Io(error),
        InquireError::OperationCanceled
        | InquireError::InvalidConfiguration(_)
        | InquireError::Custom(_) => Error::Io(io::Error::other(error.to_string())),
    }
}
