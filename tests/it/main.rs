//! The one integration test binary: a module for each thing that is proved.

#![cfg(test)]

mod architecture;
mod bad_flag;
mod bad_input;
mod change;
mod cli_disk;
mod cli_merge;
mod cli_new;
mod cli_render;
mod credential;
mod determinism;
mod editor;
mod examples;
mod injection;
mod merge;
#[cfg(unix)]
mod person;
mod prompt;
mod psa;
mod registry;
mod sandbox;
mod schema;
mod support;
mod templates;
mod traps;
mod wizard;
