//! A use-case's way through the store, for those who watch: how long it waited, how long it took, and to which
//! trace it belongs.
//!
//! Spans are made only where somebody follows the caller's: otherwise this is two looks at the clock.

use std::time::Instant;

use metrics::{Histogram, histogram};
use tracing::{Level, Span};

/// The target of spans that are made for traces, which are not the log's.
pub const TRACE_TARGET: &str = "flowbit_trace";

/// Where one engine's durations are counted. Of no effect in a process that counts nothing.
pub(crate) struct Timings {
    /// From a query's asking to its answer, in seconds.
    pub(crate) reads: Histogram,
    /// From a command's asking to its answer, in seconds.
    pub(crate) writes: Histogram,
    /// From a command's asking to its turn, in seconds.
    pub(crate) waits: Histogram,
    /// Each commit, in seconds.
    pub(crate) commits: Histogram,
    /// How many commands shared each commit.
    pub(crate) batches: Histogram,
}

impl Timings {
    pub(crate) fn new(engine: &'static str) -> Self {
        Self {
            reads: histogram!("flowbit_store_read_duration_seconds", "engine" => engine),
            writes: histogram!("flowbit_store_write_duration_seconds", "engine" => engine),
            waits: histogram!("flowbit_store_wait_duration_seconds", "engine" => engine),
            commits: histogram!("flowbit_store_commit_duration_seconds", "engine" => engine),
            batches: histogram!("flowbit_store_batch_commands", "engine" => engine),
        }
    }
}

/// A span within the caller's, if that is followed.
macro_rules! span_within {
    ($name:literal $(, $key:ident = $value:expr)*) => {
        if tracing::level_enabled!(Level::DEBUG) && !Span::current().is_none() {
            tracing::debug_span!(target: TRACE_TARGET, $name $(, $key = $value)*)
        } else {
            Span::none()
        }
    };
}

/// The span of a query: `Q` is what is asked.
pub(crate) fn reading<Q>() -> Span {
    span_within!("read", use_case = short_name::<Q>())
}

/// One command's way.
pub(crate) struct Journey {
    asked: Instant,
    has_waited: bool,
    /// From the asking to the answer.
    whole: Span,
    /// Until its turn.
    waiting: Span,
    /// From the beginning of the commit to the answer.
    committing: Span,
    /// The caller's `traceparent`, for what the command causes.
    parent: Option<String>,
}

impl Journey {
    /// Begins. `C` is what is asked; `parent` is the caller's place in a trace.
    pub(crate) fn begin<C>(parent: Option<String>) -> Self {
        let whole = span_within!("write", use_case = short_name::<C>());
        let waiting = whole.in_scope(|| span_within!("wait"));
        Self { asked: Instant::now(), has_waited: false, whole, waiting, committing: Span::none(), parent }
    }

    /// Its turn has come; once more, when it is run again.
    pub(crate) fn take_turn(&mut self, timings: &Timings) {
        if !std::mem::replace(&mut self.has_waited, true) {
            self.waiting = Span::none();
            timings.waits.record(self.asked.elapsed());
        }
    }

    /// The span in which it runs.
    pub(crate) fn span(&self) -> Span {
        self.whole.clone()
    }

    /// To which trace what it causes belongs.
    pub(crate) fn parent(&self) -> Option<String> {
        self.parent.clone()
    }

    /// Its commit begins, with so many others.
    pub(crate) fn commit(&mut self, batch: usize) {
        if !self.whole.is_none() {
            self.committing = self.whole.in_scope(|| span_within!("commit", batch = batch));
        }
    }
}

impl Drop for Journey {
    fn drop(&mut self) {
        if !self.whole.is_none() {
            // A span's end is when it was last left: the whole ends with its last part.
            let committing = std::mem::replace(&mut self.committing, Span::none());
            self.whole.in_scope(|| drop(committing));
        }
    }
}

/// A use-case's name without the path to it.
fn short_name<T>() -> &'static str {
    let whole = std::any::type_name::<T>();
    let outer = whole.split('<').next().unwrap_or(whole);
    outer.rsplit("::").next().unwrap_or(outer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short() {
        assert_eq!(short_name::<std::collections::HashMap<String, Vec<u8>>>(), "HashMap");
    }

    #[test]
    fn without_a_follower_there_are_no_spans() {
        let mut journey = Journey::begin::<u8>(None);
        journey.commit(3);
        assert!(journey.whole.is_none() && journey.waiting.is_none() && journey.committing.is_none());
    }
}
