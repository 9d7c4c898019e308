//! Ctrl-C, SIGTERM and SIGHUP as a value: whoever waits asks it, nobody is interrupted in the middle.

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How long a wait goes on before it looks again.
const LOOK: Duration = Duration::from_millis(50);

/// Shared by all threads; counts the signals that asked xtask to stop.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicUsize>);

/// The error of a step that was given up because the person asked to stop.
#[derive(Debug)]
pub(crate) struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stopped {}

impl Stop {
    /// Listens for the signals from now on. Children are in process groups of their own, so a Ctrl-C in the
    /// terminal reaches xtask alone and it decides in which order things end.
    pub(crate) fn listen() -> Result<Self> {
        let stop = Self::default();
        let counter = Arc::clone(&stop.0);
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("cannot listen for Ctrl-C")?;
        std::thread::spawn(move || {
            for _ in signals.forever() {
                counter.fetch_add(1, Ordering::SeqCst);
            }
        });
        Ok(stop)
    }

    /// Asks all threads to stop, as Ctrl-C does.
    pub(crate) fn request(&self) {
        // Only the first time: more than one means that a person insists.
        let _ = self.0.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Whether somebody asked to stop.
    pub(crate) fn requested(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 0
    }

    /// Whether it was asked more than once: the person does not want to wait any longer.
    pub(crate) fn insisted(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 1
    }

    /// `Err(Stopped)` once somebody asked to stop.
    pub(crate) fn check(&self) -> Result<()> {
        if self.requested() { Err(Stopped.into()) } else { Ok(()) }
    }

    /// Sleeps, but not past a request to stop.
    pub(crate) fn sleep(&self, time: Duration) -> Result<()> {
        let until = Instant::now() + time;
        loop {
            self.check()?;
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            std::thread::sleep(left.min(LOOK));
        }
    }

    /// Asks `ready` again and again until it has an answer, at most for `limit`; `None` when time is up.
    pub(crate) fn wait_for<T>(
        &self,
        limit: Duration,
        mut ready: impl FnMut() -> Result<Option<T>>,
    ) -> Result<Option<T>> {
        let until = Instant::now() + limit;
        loop {
            if let Some(found) = ready()? {
                return Ok(Some(found));
            }
            if Instant::now() >= until {
                return Ok(None);
            }
            self.sleep(Duration::from_millis(200))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_ends_every_wait() {
        let stop = Stop::default();
        assert!(stop.sleep(Duration::from_millis(1)).is_ok());
        stop.request();
        let begun = Instant::now();
        let error = stop.sleep(Duration::from_secs(60)).unwrap_err();
        assert!(error.is::<Stopped>());
        assert!(begun.elapsed() < Duration::from_secs(5));
        stop.request();
        assert!(!stop.insisted());
    }

    #[test]
    fn waiting_gives_up_when_time_is_up() {
        let never: Option<()> = Stop::default().wait_for(Duration::from_millis(10), || Ok(None)).unwrap();
        assert!(never.is_none());
    }
}
