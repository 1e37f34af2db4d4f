//! The one integration test binary: a module for each thing that is proved.

#![cfg(test)]

mod psa;
mod schema;
