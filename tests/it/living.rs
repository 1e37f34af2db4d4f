//! Living with a service: random specs, a person's edits of every kind and commands in any order, and
//! nothing of the person's is lost, garbled or changed without a conflict that names it.

mod command;
mod edits;
mod hand;
mod held;
mod judge;
mod leaves;
mod older;
mod service;
mod world;

use std::sync::Mutex;

use crate::injection::hostile::{number, rounds, seed};
use crate::sandbox::Sandbox;

use command::Renders;
use world::{Asks, Count, World};

/// One sequence of edits and commands.
fn one(salt: u64, asks: Asks, renders: &mut Renders, count: &mut Count) -> Result<(), String> {
    let mut world = World::new(Sandbox::in_memory(), salt, asks);
    let lived = world.live(renders, count);
    lived.map_err(|wrong| {
        let place = format!("PRODGEN_SEED={} PRODGEN_ONLY={salt}", seed());
        format!("{place}\n{}\n{wrong}", world.story.join("\n"))
    })
}

/// So many sequences, on every core.
fn live(sequences: u64, asks: Asks) {
    let only = number("PRODGEN_ONLY");
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().min(8));
    let counts = Mutex::new(Count::default());
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (counts, wrong) = (&counts, &wrong);
            scope.spawn(move || {
                let (mut renders, mut count) = (Renders::default(), Count::default());
                for salt in (0..sequences).skip(thread).step_by(threads) {
                    if only.is_some_and(|only| only != salt) {
                        continue;
                    }
                    if let Err(error) = one(salt, asks, &mut renders, &mut count) {
                        wrong.lock().unwrap().push(error);
                    }
                    if salt % 64 == 0 {
                        renders = Renders::default();
                    }
                }
                let mut all = counts.lock().unwrap();
                for (what, times) in count.0 {
                    *all.0.entry(what).or_default() += times;
                }
            });
        }
    });
    for (what, times) in &counts.lock().unwrap().0 {
        println!("{times:>7} {what}");
    }
    let wrong = wrong.into_inner().unwrap();
    let shown: Vec<&str> = wrong.iter().take(3).map(String::as_str).collect();
    assert!(
        wrong.is_empty(),
        "{} went wrong, of them:\n{}",
        wrong.len(),
        shown.join("\n\n")
    );
}

#[test]
fn nothing_of_a_person_is_lost() {
    live(rounds(200), Asks::Library);
}

#[test]
fn nothing_of_a_person_is_lost_through_the_program() {
    live(rounds(200) / 50, Asks::Program);
}

#[test]
#[ignore = "for whoever has changed how a tree or a spec is edited: it takes minutes"]
fn nothing_of_a_person_is_lost_in_ten_thousand_lives() {
    live(rounds(10_000), Asks::Library);
    live(rounds(10_000) / 50, Asks::Program);
}
