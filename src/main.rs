//! The program: parses the command line, runs it, leaves with its exit code.

fn main() {}
