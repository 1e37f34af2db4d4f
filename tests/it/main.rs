//! The one integration test binary: a module for each thing that is proved.

#![cfg(test)]

mod bad_flag;
mod bad_input;
mod cli_disk;
mod cli_new;
mod cli_render;
mod credential;
mod psa;
mod sandbox;
mod schema;
