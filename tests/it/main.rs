//! The one integration test binary: a module for each thing that is proved.

#![cfg(test)]

mod bad_input;
mod cli_new;
mod cli_render;
mod examples;
mod injection;
#[cfg(unix)]
mod person;
mod prompt;
mod psa;
mod sandbox;
mod schema;
mod support;
mod traps;
mod wizard;
