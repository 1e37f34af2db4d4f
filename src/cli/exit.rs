//! How a run ends. The only place with exit codes.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or nothing to do.
    Done,
    /// The answer is no: drift, a conflict, other answers than before.
    No,
    /// The question is wrong: usage, a spec that does not hold, a file in the way.
    Wrong,
    /// The machine failed: I/O, permissions.
    Failed,
    /// A fault of prodgen.
    Bug,
    /// The person left.
    Interrupted,
}

/// Every way to end, with the words for help.
pub const OUTCOMES: &[(Outcome, &str)] = &[
    (Outcome::Done, "done, or nothing to do"),
    (
        Outcome::No,
        "the answer is no: drift, a conflict, other answers than before",
    ),
    (
        Outcome::Wrong,
        "the question is wrong: usage, a spec that does not hold, a file in the way",
    ),
    (Outcome::Failed, "the machine failed: I/O, permissions"),
    (Outcome::Bug, "a fault of prodgen; please report it"),
    (Outcome::Interrupted, "interrupted"),
];

impl Outcome {
    /// The exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Wrong => 2,
            Self::Failed => 3,
            // What the Rust runtime ends a panic with.
            Self::Bug => 101,
            // 128 and SIGINT, as shells have it.
            Self::Interrupted => 130,
        }
    }
}

/// The table of exit codes, for help.
pub(super) fn table() -> String {
    let rows: Vec<String> = OUTCOMES
        .iter()
        .map(|(outcome, why)| format!("  {:<4} {why}", outcome.code()))
        .collect();
    format!("Exit codes:\n{}", rows.join("\n"))
}
