//! What the user asks for: the words of `prodgen.yaml`, each parsed once.

pub mod value;
