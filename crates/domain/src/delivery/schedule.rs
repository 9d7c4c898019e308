//! When an attempt is made: the delays between attempts, and the breaker that spares an endpoint which
//! keeps failing. Pure functions; what they decide is saved elsewhere.

use crate::time::Timestamp;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Standard Webhooks' schedule: how long after the attempt before, the first at once.
pub const RETRY_DELAYS_MS: [i64; 10] =
    [0, 5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// So many failures in a row open the breaker.
pub const BREAKER_THRESHOLD: i64 = 5;

const PAUSE_FIRST_MS: i64 = 30 * SECOND;
const PAUSE_MAX_MS: i64 = 10 * MINUTE;
/// A pause that an endpoint asks for is kept for all its deliveries, within reason.
const ASKED_PAUSE_MAX_MS: i64 = HOUR;
/// How long one delivery is put off at most because the endpoint asked for it.
const RETRY_AFTER_MAX_MS: i64 = 24 * HOUR;
/// Who is overloaded and names no time gets at least this.
const OVERLOADED_DELAY_MS: i64 = 30 * SECOND;

/// How an attempt ended that did not succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Nobody was there to do anything: no connection, no such name, or a gateway without a service.
    pub(crate) unreachable: bool,
    /// It said that it is overloaded (429, 502, 503, 504).
    pub(crate) overloaded: bool,
    /// How long it asked to be left alone.
    pub(crate) retry_after_ms: Option<i64>,
}

impl Failure {
    /// A failure told by the status of the answer.
    pub(crate) fn of_status(status: u16, retry_after_ms: Option<i64>) -> Self {
        let overloaded = matches!(status, 429 | 502 | 503 | 504);
        Self {
            unreachable: matches!(status, 502..=504),
            overloaded,
            retry_after_ms: retry_after_ms.filter(|ms| overloaded && *ms > 0),
        }
    }
}

/// How long to wait after the `failed`-th failed attempt; `None`: that was the last. `roll` makes the
/// difference of up to a fifth that keeps a crowd of deliveries from returning all at once.
pub(crate) fn retry_delay(failed: i64, failure: Failure, roll: u16) -> Option<i64> {
    let base = usize::try_from(failed).ok().and_then(|n| RETRY_DELAYS_MS.get(n)).copied()?;
    let jittered = base * (800 + i64::from(roll % 401)) / 1000;
    let least = if failure.overloaded { OVERLOADED_DELAY_MS } else { 0 };
    let asked = failure.retry_after_ms.unwrap_or(0).min(RETRY_AFTER_MAX_MS);
    Some(jittered.max(least).max(asked))
}

/// How an endpoint is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Health {
    /// Failures in a row.
    pub(crate) failures: i64,
    /// Nothing is sent before.
    pub(crate) breaker_until: Option<Timestamp>,
    /// It was not even reachable: from then on one delivery may be tried although it is not due, so
    /// that an endpoint which comes back is found long before a retry hours away.
    pub(crate) probe_at: Option<Timestamp>,
}

/// What may be sent to an endpoint now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// Nothing.
    Nothing,
    /// So many of those that are due.
    Due(i64),
    /// One that is not due.
    Probe,
}

fn pause_ms(failures: i64) -> i64 {
    let doublings = u32::try_from(failures - BREAKER_THRESHOLD).unwrap_or(0).min(10);
    (PAUSE_FIRST_MS << doublings).min(PAUSE_MAX_MS)
}

impl Health {
    fn is_open(&self, now: Timestamp) -> bool {
        self.breaker_until.is_some_and(|until| until > now)
    }

    fn is_half_open(&self) -> bool {
        self.failures >= BREAKER_THRESHOLD
    }

    /// Whether it was away, rather than stumbling over one delivery.
    pub(crate) fn was_away(&self) -> bool {
        self.is_half_open() || self.probe_at.is_some()
    }

    /// How it is after another failure.
    pub(crate) fn after_failure(self, now: Timestamp, failure: Failure) -> Self {
        if self.is_half_open() && self.is_open(now) {
            // A straggler that was sent before the breaker opened: it says nothing new.
            return self;
        }
        let failures = self.failures.saturating_add(1);
        let pause = pause_ms(failures);
        let asked = failure.retry_after_ms.map(|ms| now.plus_ms(ms.min(ASKED_PAUSE_MAX_MS)));
        let opened = (failures >= BREAKER_THRESHOLD).then(|| now.plus_ms(pause));
        Self {
            failures,
            breaker_until: asked.max(opened).max(self.breaker_until.filter(|until| *until > now)),
            probe_at: failure.unreachable.then(|| now.plus_ms(pause)),
        }
    }

    /// What may be sent now, with `in_flight` on their way, at most `cap` at once, and the earliest of
    /// those waiting due at `earliest`.
    pub(crate) fn allowance(
        &self,
        now: Timestamp,
        earliest: Option<Timestamp>,
        in_flight: i64,
        cap: i64,
    ) -> Allowance {
        let Some(earliest) = earliest else { return Allowance::Nothing };
        let cap = if self.is_half_open() { 1 } else { cap };
        if self.is_open(now) || in_flight >= cap {
            Allowance::Nothing
        } else if earliest <= now {
            Allowance::Due(cap - in_flight)
        } else if in_flight == 0 && self.probe_at.is_some_and(|at| at <= now) {
            Allowance::Probe
        } else {
            Allowance::Nothing
        }
    }

    /// When [`Self::allowance`] will allow something, if nothing else happens before.
    pub(crate) fn next(&self, earliest: Option<Timestamp>, in_flight: i64, cap: i64) -> Option<Timestamp> {
        let cap = if self.is_half_open() { 1 } else { cap };
        if in_flight >= cap {
            return None; // the end of one of those will be the next moment
        }
        let probe = self.probe_at.filter(|_| in_flight == 0);
        let wanted = probe.map_or(earliest?, |at| at.min(earliest.unwrap_or(at)));
        earliest.map(|_| self.breaker_until.map_or(wanted, |until| until.max(wanted)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Timestamp = Timestamp(1_800_000_000_000);
    const PLAIN: Failure = Failure { unreachable: false, overloaded: false, retry_after_ms: None };
    const AWAY: Failure = Failure { unreachable: true, overloaded: false, retry_after_ms: None };

    #[test]
    fn delays_follow_the_schedule_within_a_fifth_and_end() {
        for (failed, base) in (1_i64..).zip(RETRY_DELAYS_MS[1..].iter().copied()) {
            for roll in [0, 200, 400, 401, u16::MAX] {
                let delay = retry_delay(failed, PLAIN, roll).unwrap();
                assert!((base * 8 / 10..=base * 12 / 10).contains(&delay), "{failed}: {delay}");
            }
        }
        assert_eq!(retry_delay(10, PLAIN, 0), None);
        assert_eq!(retry_delay(-1, PLAIN, 0), None);
    }

    #[test]
    fn what_the_endpoint_asks_for_is_honoured_only_when_it_is_overloaded() {
        let asked = Some(90 * SECOND);
        assert_eq!(retry_delay(1, Failure::of_status(429, asked), 0), Some(90 * SECOND));
        assert_eq!(retry_delay(1, Failure::of_status(503, asked), 0), Some(90 * SECOND));
        assert!(retry_delay(1, Failure::of_status(500, asked), 0).unwrap() < 10 * SECOND);
        assert_eq!(retry_delay(1, Failure::of_status(504, None), 0), Some(OVERLOADED_DELAY_MS));
        assert_eq!(retry_delay(1, Failure::of_status(429, Some(i64::MAX)), 0), Some(RETRY_AFTER_MAX_MS));
        // A shorter wish does not shorten the schedule.
        assert!(retry_delay(3, Failure::of_status(429, Some(SECOND)), 0).unwrap() > 20 * MINUTE);
    }

    #[test]
    fn the_breaker_opens_at_the_fifth_failure_and_doubles_to_ten_minutes() {
        let mut health = Health::default();
        let mut now = T;
        for _ in 0..4 {
            health = health.after_failure(now, PLAIN);
            assert_eq!(health.breaker_until, None);
        }
        let mut pauses = Vec::new();
        for _ in 0..7 {
            health = health.after_failure(now, PLAIN);
            let until = health.breaker_until.unwrap();
            pauses.push((until.0 - now.0) / SECOND);
            now = until;
        }
        assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600]);
    }

    #[test]
    fn a_straggler_does_not_lengthen_the_pause() {
        let open = Health { failures: 5, breaker_until: Some(T.plus_ms(30 * SECOND)), probe_at: None };
        assert_eq!(open.after_failure(T.plus_ms(SECOND), AWAY), open);
    }

    #[test]
    fn an_open_breaker_lets_nothing_through_and_a_half_open_one_a_single_try() {
        let until = T.plus_ms(30 * SECOND);
        let health = Health { failures: 5, breaker_until: Some(until), probe_at: None };
        assert_eq!(health.allowance(T, Some(T), 0, 4), Allowance::Nothing);
        assert_eq!(health.next(Some(T), 0, 4), Some(until));
        assert_eq!(health.allowance(until, Some(T), 0, 4), Allowance::Due(1));
        assert_eq!(health.allowance(until, Some(T), 1, 4), Allowance::Nothing);
        assert_eq!(health.next(Some(T), 1, 4), None);
        assert_eq!(Health::default().allowance(T, Some(T), 1, 4), Allowance::Due(3));
        assert_eq!(Health::default().allowance(T, None, 0, 4), Allowance::Nothing);
    }

    #[test]
    fn one_that_is_away_is_probed_before_the_next_retry_is_due() {
        let far = Some(T.plus_ms(5 * HOUR));
        let health = Health::default().after_failure(T, AWAY);
        let probe = T.plus_ms(30 * SECOND);
        assert_eq!(health.next(far, 0, 4), Some(probe));
        assert_eq!(health.allowance(T, far, 0, 4), Allowance::Nothing);
        assert_eq!(health.allowance(probe, far, 0, 4), Allowance::Probe);
        // An answer, even a bad one, ends the probing: the endpoint is there.
        assert_eq!(
            health.after_failure(probe, PLAIN).allowance(probe.plus_ms(HOUR), far, 0, 4),
            Allowance::Nothing
        );
    }

    #[test]
    fn the_next_moment_is_one_at_which_something_is_allowed() {
        for failures in [0, 4, 5, 9] {
            for breaker in [None, Some(T), Some(T.plus_ms(MINUTE))] {
                for probe in [None, Some(T), Some(T.plus_ms(2 * MINUTE))] {
                    for earliest in [None, Some(T), Some(T.plus_ms(HOUR))] {
                        for in_flight in [0, 1, 4] {
                            let health = Health { failures, breaker_until: breaker, probe_at: probe };
                            let Some(at) = health.next(earliest, in_flight, 4) else { continue };
                            let allowed = health.allowance(at, earliest, in_flight, 4);
                            assert_ne!(allowed, Allowance::Nothing, "{health:?} {earliest:?} {in_flight}");
                        }
                    }
                }
            }
        }
    }
}
