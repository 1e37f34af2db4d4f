//! The one integration test binary: a module for each thing that is proved.

#![cfg(test)]

mod architecture;
mod determinism;
mod examples;
mod injection;
#[cfg(unix)]
mod person;
mod prompt;
mod psa;
mod registry;
mod schema;
mod support;
mod templates;
mod traps;
mod wizard;
