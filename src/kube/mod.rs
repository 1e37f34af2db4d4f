//! The only place that knows Kubernetes types: kinds, strict decoding, and which field came when.

mod decode;
mod gate;
mod kinds;

pub use decode::{Object, decode};
pub use gate::{GATES, Gate, beyond};
pub use kinds::{KINDS, KindRow, Scope};
