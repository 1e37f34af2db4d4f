//! Tells cargo that a file added to an embedded folder is a reason to build again.

fn main() {
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=presets");
}
