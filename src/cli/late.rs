//! Flags of a command, made only when that command is called: there are many, and a run has one.

use clap::builder::Resettable;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::Global;

/// The arguments of a command that are made late.
#[derive(Debug)]
pub(super) struct Late<T>(pub(super) T);

/// The flags of a command, and those that every command takes: global only from here on down, or
/// they would be copied into all the commands that are not called.
fn flags<T: Args>(command: Command) -> Command {
    let everywhere = Global::augment_args(command).mut_args(|flag| flag.global(true));
    T::augment_args(everywhere.next_help_heading(Resettable::Reset))
}

impl<T: Args> Args for Late<T> {
    fn augment_args(command: Command) -> Command {
        command.defer(flags::<T>)
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(flags::<T>)
    }
}

impl<T: FromArgMatches> FromArgMatches for Late<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches(matches).map(Self)
    }

    // The way that is taken: what is taken out needs no copy.
    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, clap::Error> {
        T::from_arg_matches_mut(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}
