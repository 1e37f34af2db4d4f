//! Tells cargo that a file added to an embedded folder is a reason to build again, and the linker of a static
//! program what to lay side by side.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=presets");
    println!("cargo:rerun-if-changed=src/order.ld");
    order();
}

/// A render needs a quarter of the program's text, strewn over all of it, and the kernel maps 64 KiB around each
/// piece: side by side they take half the memory, and a run a sixth fewer page faults.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells of the target in variables"
)]
fn order() {
    let is = |name: &str, value: &str| {
        env::var(name).is_ok_and(|values| values.split(',').any(|one| one == value))
    };
    if is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("CARGO_CFG_TARGET_FEATURE", "crt-static")
        && let Ok(package) = env::var("CARGO_MANIFEST_DIR")
    {
        println!("cargo:rustc-link-arg-bin=prodgen=-T{package}/src/order.ld");
    }
}
