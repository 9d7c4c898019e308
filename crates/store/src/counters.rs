//! What the engine counts while it runs.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::options::Stats;

/// Counters since the store was opened. They order nothing, so each is relaxed.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: AtomicU64,
    pub(crate) commands: AtomicU64,
    pub(crate) commands_abandoned: AtomicU64,
    pub(crate) batches_lost: AtomicU64,
    pub(crate) batches_repeated: AtomicU64,
    pub(crate) largest_batch: AtomicU64,
    pub(crate) queries: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) opened: AtomicU64,
    pub(crate) evicted: AtomicU64,
    pub(crate) prepared: AtomicU64,
    pub(crate) reprepared: AtomicU64,
    pub(crate) checkpoints: AtomicU64,
    pub(crate) tenants_read: AtomicU64,
}

/// Counts one more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Counts so many more.
pub(crate) fn add(counter: &AtomicU64, more: usize) {
    counter.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
}

impl Counters {
    /// The counters; what stands rather than happened is left at 0.
    pub(crate) fn read(&self) -> Stats {
        let get = |c: &AtomicU64| c.load(Ordering::Relaxed);
        Stats {
            commits: get(&self.commits),
            commands: get(&self.commands),
            commands_abandoned: get(&self.commands_abandoned),
            batches_lost: get(&self.batches_lost),
            batches_repeated: get(&self.batches_repeated),
            largest_batch: get(&self.largest_batch),
            queries: get(&self.queries),
            refused: get(&self.refused),
            connections_opened: get(&self.opened),
            connections_evicted: get(&self.evicted),
            prepared: get(&self.prepared),
            reprepared: get(&self.reprepared),
            checkpoints: get(&self.checkpoints),
            tenants_read: get(&self.tenants_read),
            ..Stats::default()
        }
    }
}
