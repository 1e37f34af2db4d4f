//! The terminal, through the `inquire` crate. Everything is drawn on stderr; stdout is for data.

use std::io::{self, IsTerminal};

use ::inquire::ui::{Color, RenderConfig, StyleSheet, Styled};
use ::inquire::validator::Validation;
use ::inquire::{InquireError, Text};

use super::{Answer, Error, Prompter, Question};

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
            .with_canceled_prompt_indicator(Styled::new("back"));
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
        // The crate would open the terminal behind a redirected stdin.
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return Err(Error::NoTerminal);
        }
        let check = |words: &str| {
            Ok(match question.answer(words) {
                Ok(_) => Validation::Valid,
                Err(wrong) => Validation::Invalid(wrong.into()),
            })
        };
        let settle = |words: &str| question.answer(words).unwrap_or_else(|_| words.to_owned());
        let mut text = Text::new(question.text)
            .with_help_message(question.why)
            .with_validator(check)
            .with_formatter(&settle)
            .with_render_config(self.look);
        // A default that would move the cursor is used, not shown.
        text.default = question
            .default
            .as_deref()
            .filter(|default| !default.contains(char::is_control));
        match text.prompt() {
            Ok(words) => Ok(Answer::Given(settle(&words))),
            Err(InquireError::OperationCanceled) => Ok(Answer::Back),
            Err(InquireError::OperationInterrupted) => Err(Error::Interrupted),
            Err(InquireError::NotTTY) => Err(Error::NoTerminal),
            Err(InquireError::IO(error)) => Err(Error::Io(error)),
            Err(error @ (InquireError::InvalidConfiguration(_) | InquireError::Custom(_))) => {
                Err(Error::Io(io::Error::other(error.to_string())))
            }
        }
    }
}
