//! What was found, and whether it is as it must be.

use std::{
    cell::Cell,
    fmt::Display,
    io::{Write, stdout},
};

/// Shows what is found and remembers whether all of it held.
pub(crate) struct Verdict(Cell<bool>);

impl Verdict {
    pub(crate) fn new(title: &str) -> Self {
        let verdict = Self(Cell::new(true));
        verdict.note(&format!("\n## {title}\n"));
        verdict
    }

    /// A line for people. Whoever reads no more is no failure of ours.
    pub(crate) fn note(&self, line: &str) {
        let _ = writeln!(stdout(), "{line}");
    }

    /// Something that must be so.
    pub(crate) fn must(&self, what: impl Display, so: bool) {
        if !so {
            self.0.set(false);
        }
        self.note(&format!("{} {what}", if so { "held:  " } else { "MISSED:" }));
    }

    pub(crate) fn holds(&self) -> bool {
        self.0.get()
    }
}
