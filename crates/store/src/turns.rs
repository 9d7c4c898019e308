//! Work waiting, tenant by tenant: turns go round the tenants, so that a flood from one delays each of
//! the others by one turn at most and can't take their places in the queue.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use flowbit_domain::id::TenantId;

/// Why work was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// So much of this tenant's is waiting already.
    Full,
    /// The store is closing.
    Closed,
}

pub(crate) struct Turns<J> {
    state: Mutex<State<J>>,
    filled: Condvar,
    per_tenant: usize,
}

struct State<J> {
    /// Each tenant in `order` has an entry, possibly empty, and no other has.
    waiting: HashMap<TenantId, VecDeque<(u64, J)>>,
    order: VecDeque<TenantId>,
    total: usize,
    /// How much has ever been pushed: the number of the last.
    pushed: u64,
    /// How many wait for something to be pushed.
    idle: usize,
    open: bool,
}

impl<J> State<J> {
    fn take_next(&mut self) -> Option<(TenantId, J)> {
        while let Some(tenant) = self.order.pop_front() {
            let Some(queue) = self.waiting.get_mut(&tenant) else { continue };
            let job = queue.pop_front();
            if queue.is_empty() {
                self.waiting.remove(&tenant);
            } else {
                self.order.push_back(tenant);
            }
            if let Some((_, job)) = job {
                self.total -= 1;
                return Some((tenant, job));
            }
        }
        None
    }
}

impl<J> Turns<J> {
    pub(crate) fn new(per_tenant: usize) -> Self {
        let state = State {
            waiting: HashMap::new(),
            order: VecDeque::new(),
            total: 0,
            pushed: 0,
            idle: 0,
            open: true,
        };
        Self { state: Mutex::new(state), filled: Condvar::new(), per_tenant }
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets work wait for its tenant's turn.
    pub(crate) fn push(&self, tenant: TenantId, job: J) -> Result<(), Refusal> {
        let mut state = self.lock();
        let State { waiting, order, total, pushed, idle, open } = &mut *state;
        if !*open {
            return Err(Refusal::Closed);
        }
        let queue = waiting.entry(tenant).or_insert_with(|| {
            order.push_back(tenant);
            VecDeque::new()
        });
        if queue.len() >= self.per_tenant {
            return Err(Refusal::Full);
        }
        *pushed += 1;
        queue.push_back((*pushed, job));
        *total += 1;
        // Waking is a call of the system's, whether anybody waits or not. Who is woken counts itself out only when
        // it runs, so another may be woken for nothing, but never too few.
        let anyone = *idle > 0;
        drop(state);
        if anyone {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Waits for the next turn and takes its first piece of work; the tenant goes to the end of the
    /// round if more of it waits. `None` when it is closed and nothing is left.
    pub(crate) fn next(&self) -> Option<(TenantId, J)> {
        let mut state = self.lock();
        loop {
            if let Some(next) = state.take_next() {
                return Some(next);
            }
            if !state.open {
                return None;
            }
            state.idle += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// The same without waiting: `None` when nothing is there.
    pub(crate) fn try_next(&self) -> Option<(TenantId, J)> {
        self.lock().take_next()
    }

    /// More work of the tenant whose turn it is, if any waits.
    pub(crate) fn next_of(&self, tenant: TenantId) -> Option<J> {
        let mut state = self.lock();
        let (_, job) = state.waiting.get_mut(&tenant)?.pop_front()?;
        state.total -= 1;
        Some(job)
    }

    /// The moment, for [`Self::next_of_before`].
    pub(crate) fn mark(&self) -> u64 {
        self.lock().pushed
    }

    /// More work of the tenant whose turn it is, if any was waiting at that moment.
    pub(crate) fn next_of_before(&self, tenant: TenantId, mark: u64) -> Option<J> {
        let mut state = self.lock();
        let (_, job) = state.waiting.get_mut(&tenant)?.pop_front_if(|(pushed, _)| *pushed <= mark)?;
        state.total -= 1;
        Some(job)
    }

    /// All that waits for this tenant, to be refused.
    pub(crate) fn take_all(&self, tenant: TenantId) -> VecDeque<J> {
        let mut state = self.lock();
        let jobs = state.waiting.get_mut(&tenant).map(std::mem::take).unwrap_or_default();
        state.total -= jobs.len();
        jobs.into_iter().map(|(_, job)| job).collect()
    }

    /// How much waits.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().total
    }

    /// Takes no more; what waits is still worked off.
    pub(crate) fn close(&self) {
        self.lock().open = false;
        self.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn tenant(n: u128) -> TenantId {
        TenantId(Uuid::from_u128(n))
    }

    #[test]
    fn turns_go_round() {
        let turns = Turns::new(100);
        for n in 0..5 {
            turns.push(tenant(1), n).unwrap();
        }
        turns.push(tenant(2), 20).unwrap();
        turns.push(tenant(3), 30).unwrap();
        let order: Vec<i32> = (0..7).map(|_| turns.next().unwrap().1).collect();
        assert_eq!(order, [0, 20, 30, 1, 2, 3, 4]);
        assert_eq!(turns.waiting(), 0);
    }

    #[test]
    fn a_tenant_emptied_in_its_own_turn_has_one_place_when_it_comes_again() {
        let turns = Turns::new(100);
        turns.push(tenant(1), 0).unwrap();
        turns.push(tenant(1), 1).unwrap();
        assert_eq!(turns.next(), Some((tenant(1), 0)));
        assert_eq!(turns.next_of(tenant(1)), Some(1));
        assert_eq!(turns.next_of(tenant(1)), None);
        for n in 2..4 {
            turns.push(tenant(1), n).unwrap();
        }
        turns.push(tenant(2), 20).unwrap();
        let order: Vec<i32> = (0..3).map(|_| turns.next().unwrap().1).collect();
        assert_eq!(order, [2, 20, 3]);
    }

    #[test]
    fn what_comes_after_a_moment_is_left_for_the_next_turn() {
        let turns = Turns::new(100);
        turns.push(tenant(1), 0).unwrap();
        turns.push(tenant(2), 20).unwrap();
        turns.push(tenant(1), 1).unwrap();
        assert_eq!(turns.next(), Some((tenant(1), 0)));
        let mark = turns.mark();
        turns.push(tenant(1), 2).unwrap();
        assert_eq!(turns.next_of_before(tenant(1), mark), Some(1));
        assert_eq!(turns.next_of_before(tenant(1), mark), None);
        assert_eq!(turns.waiting(), 2);
        assert_eq!(turns.next(), Some((tenant(2), 20)));
        assert_eq!(turns.next(), Some((tenant(1), 2)));
    }

    #[test]
    fn one_tenants_flood_leaves_anothers_places() {
        let turns = Turns::new(2);
        turns.push(tenant(1), 0).unwrap();
        turns.push(tenant(1), 1).unwrap();
        assert_eq!(turns.push(tenant(1), 2), Err(Refusal::Full));
        assert_eq!(turns.push(tenant(2), 3), Ok(()));
    }

    #[test]
    fn closing_works_off_what_waits() {
        let turns = Turns::new(2);
        turns.push(tenant(1), 0).unwrap();
        turns.close();
        assert_eq!(turns.push(tenant(1), 1), Err(Refusal::Closed));
        assert_eq!(turns.next(), Some((tenant(1), 0)));
        assert_eq!(turns.next(), None);
    }
}
