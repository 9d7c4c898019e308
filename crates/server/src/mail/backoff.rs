//! How long to wait after a failure: twice as long as the time before, up to a limit.

use flowbit_domain::time::Timestamp;

/// Something that failed, and is tried again.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Backoff {
    failures: u32,
    until: Option<Timestamp>,
}

impl Backoff {
    /// Notes one more failure. The first pause is of `first_ms`, none is longer than `longest_ms`.
    pub(super) fn fail(&mut self, now: Timestamp, first_ms: i64, longest_ms: i64) {
        let factor = 1_i64 << self.failures.min(30);
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now.plus_ms(first_ms.saturating_mul(factor).min(longest_ms)));
    }

    /// Until when to wait; a moment in the past when nothing has failed.
    pub(super) fn until(&self) -> Timestamp {
        self.until.unwrap_or(Timestamp(0))
    }

    /// Whether the last time failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failures > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_that_fails_waits_longer_each_time() {
        let mut backoff = Backoff::default();
        assert!(!backoff.has_failed() && backoff.until() <= Timestamp(0));
        let pauses: Vec<i64> = (0..6)
            .map(|_| {
                backoff.fail(Timestamp(1000), 2, 20);
                backoff.until().0 - 1000
            })
            .collect();
        assert_eq!(pauses, [2, 4, 8, 16, 20, 20]);
        (0..100).for_each(|_| backoff.fail(Timestamp(0), 2, 20));
        assert_eq!(backoff.until(), Timestamp(20));
    }
}
