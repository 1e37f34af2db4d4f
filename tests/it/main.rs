//! The one integration test binary: a module for each thing that is proved.

#![cfg(test)]

mod architecture;
#[cfg(unix)]
mod ask;
mod bad_flag;
mod bad_input;
#[cfg(unix)]
mod bootstrap;
mod canary;
mod change;
mod cli_disk;
mod cli_merge;
mod cli_new;
mod cli_render;
mod conflicts;
mod credential;
mod detect;
mod determinism;
mod drift;
mod editor;
mod examples;
#[cfg(unix)]
mod hostile;
mod injection;
#[cfg(unix)]
mod killed;
mod living;
mod merge;
mod offer;
#[cfg(unix)]
mod person;
mod prompt;
mod psa;
mod registry;
#[cfg(unix)]
mod replay;
mod rewrite;
mod sandbox;
mod schema;
mod support;
mod templates;
mod traps;
mod undo;
#[cfg(unix)]
mod unwilling;
mod upgrade;
mod wizard;
