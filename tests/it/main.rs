//! The one integration test binary: a module for each thing that is proved.

mod psa;
mod schema;
