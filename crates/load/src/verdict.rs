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

    /// Each load has asked something, and was answered well each time: how many requests, how many of them failed.
    pub(crate) fn must_answer(&self, loads: &[(usize, usize)]) {
        let well = loads.iter().all(|(asked, failed)| *asked > 0 && *failed == 0);
        self.must("every request is answered well, and there were some", well);
    }

    pub(crate) fn holds(&self) -> bool {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_as_long_as_all_of_it_does() {
        let verdict = Verdict::new("A load");
        verdict.must("one", true);
        assert!(verdict.holds());
        verdict.must("another", false);
        verdict.must("a third", true);
        assert!(!verdict.holds());
    }

    #[test]
    fn a_load_that_asked_nothing_has_shown_nothing() {
        for (loads, well) in
            [(&[(7, 0), (1, 0)][..], true), (&[(7, 1), (1, 0)], false), (&[(7, 0), (0, 0)], false)]
        {
            let verdict = Verdict::new("A load");
            verdict.must_answer(loads);
            assert_eq!(verdict.holds(), well, "{loads:?}");
        }
    }
}
