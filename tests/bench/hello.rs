//! What a process costs at the least: one line, in a program built as everybody builds.

fn main() {
    println!("hello");
}
