//! The only place that knows Kubernetes types: kinds, strict decoding, which field came when, how the
//! items of a list are told apart, and which fields are one choice.

mod crd;
mod decode;
mod gate;
mod kinds;
mod merge_key;
mod union;

pub use decode::{Object, decode};
pub use gate::{GATES, Gate, beyond};
pub use kinds::{KINDS, KindRow, Scope};
pub use merge_key::{CUSTOM_LISTS, LISTS, ListKind, ListRow, default_of, list_kind};
pub use union::{UNIONS, Union, union_at};
