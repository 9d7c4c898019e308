//! Commands that wait, tenant by tenant. A tenant that has a queue has a task that works it off.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use flowbit_domain::{StoreError, id::TenantId};

use super::job::WriteJob;
use crate::counters::{Counters, count};

pub(crate) struct Queues {
    state: Mutex<State>,
    per_tenant: usize,
}

#[derive(Default)]
struct State {
    waiting: HashMap<TenantId, VecDeque<WriteJob>>,
    closed: bool,
}

/// What whoever let a command wait must do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pushed {
    /// See to it that a task works off this tenant's queue.
    Begin,
    /// Nothing: one does.
    Underway,
}

impl Queues {
    pub(crate) fn new(per_tenant: usize) -> Self {
        Self { state: Mutex::default(), per_tenant }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push(&self, tenant: TenantId, job: WriteJob) -> Result<Pushed, StoreError> {
        let mut state = self.lock();
        if state.closed {
            return Err(StoreError::Unavailable("the store is closed".to_owned()));
        }
        match state.waiting.get_mut(&tenant) {
            Some(queue) if queue.len() >= self.per_tenant => {
                Err(StoreError::Unavailable("too much of this tenant is waiting already".to_owned()))
            }
            Some(queue) => {
                queue.push_back(job);
                Ok(Pushed::Underway)
            }
            None => {
                state.waiting.insert(tenant, VecDeque::from([job]));
                Ok(Pushed::Begin)
            }
        }
    }

    /// The next ones of a tenant whose callers still wait. `None`: there are none, and the queue is gone.
    pub(crate) fn take(&self, tenant: TenantId, most: usize, counters: &Counters) -> Option<Vec<WriteJob>> {
        let mut state = self.lock();
        let queue = state.waiting.get_mut(&tenant)?;
        if queue.is_empty() {
            state.waiting.remove(&tenant);
            return None;
        }
        Some(next_of(queue, most, counters))
    }

    /// Those who have come since, for whoever works the queue off already: it stays, empty or not.
    pub(crate) fn take_more(&self, tenant: TenantId, most: usize, counters: &Counters) -> Vec<WriteJob> {
        let mut state = self.lock();
        let queue = state.waiting.get_mut(&tenant);
        queue.map_or_else(Vec::new, |queue| next_of(queue, most, counters))
    }

    /// All that wait for a tenant; the queue is gone.
    pub(crate) fn take_all(&self, tenant: TenantId) -> VecDeque<WriteJob> {
        self.lock().waiting.remove(&tenant).unwrap_or_default()
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting.values().map(VecDeque::len).sum()
    }

    /// Whether nothing waits and no task is at it.
    pub(crate) fn is_idle(&self) -> bool {
        self.lock().waiting.is_empty()
    }

    /// Takes no more; what waits is still worked off.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }
}

/// The first of a queue whose callers still wait.
fn next_of(queue: &mut VecDeque<WriteJob>, most: usize, counters: &Counters) -> Vec<WriteJob> {
    let mut jobs = Vec::new();
    while jobs.len() < most
        && let Some(job) = queue.pop_front()
    {
        if job.abandoned() {
            count(&counters.commands_abandoned);
        } else {
            jobs.push(job);
        }
    }
    jobs
}
