//! The one integration test binary: a module for each thing that is proved.

#![cfg(test)]

mod examples;
mod injection;
#[cfg(unix)]
mod person;
mod prompt;
mod psa;
mod schema;
mod support;
mod traps;
mod wizard;
