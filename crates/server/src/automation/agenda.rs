//! Whose turn it is, of deliveries and of e-mails: when each tenant has something to do, and in which order they get it.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet, VecDeque},
};

use flowbit_domain::{id::TenantId, time::Timestamp};

/// The tenants' moments. A tenant has at most one turn at a time; whoever becomes ready gets in line
/// behind those that wait, so that a busy one delays the others by no more than its turn.
#[derive(Default)]
pub(crate) struct Agenda {
    /// When each tenant is due. What the heap has besides is out of date.
    due: HashMap<TenantId, Timestamp>,
    heap: BinaryHeap<Reverse<(Timestamp, TenantId)>>,
    line: VecDeque<TenantId>,
    in_line: HashSet<TenantId>,
    /// Those whose turn it is, and whether something was heard of them meanwhile.
    having_turn: HashMap<TenantId, bool>,
}

impl Agenda {
    /// The tenant may have something to do now.
    pub(crate) fn wake(&mut self, tenant: TenantId) {
        if let Some(again) = self.having_turn.get_mut(&tenant) {
            *again = true;
        } else if self.in_line.insert(tenant) {
            self.due.remove(&tenant);
            self.line.push_back(tenant);
        }
    }

    /// The tenant will have something to do at this moment, if nothing is heard of it before.
    pub(crate) fn plan(&mut self, tenant: TenantId, at: Timestamp) {
        if self.in_line.contains(&tenant) || self.due.get(&tenant).is_some_and(|known| *known <= at) {
            return;
        }
        self.due.insert(tenant, at);
        self.heap.push(Reverse((at, tenant)));
    }

    /// Moves those whose moment has come into the line, and says when the next one will.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Option<Timestamp> {
        while let Some(Reverse((at, tenant))) = self.heap.peek().copied() {
            if self.due.get(&tenant) != Some(&at) {
                self.heap.pop();
            } else if at <= now {
                self.heap.pop();
                self.due.remove(&tenant);
                self.wake(tenant);
            } else {
                return Some(at);
            }
        }
        None
    }

    /// How many are in line, and how many are due later.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        (self.line.len(), self.due.len())
    }

    /// Begins the turn of the first in line.
    pub(crate) fn begin(&mut self) -> Option<TenantId> {
        let tenant = self.line.pop_front()?;
        self.in_line.remove(&tenant);
        self.having_turn.insert(tenant, false);
        Some(tenant)
    }

    /// Ends a turn; `next` is when the tenant will have more to do.
    pub(crate) fn end(&mut self, tenant: TenantId, next: Option<Timestamp>) {
        let again = self.having_turn.remove(&tenant).unwrap_or(false);
        if again {
            self.wake(tenant);
        } else if let Some(at) = next {
            self.plan(tenant, at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const A: TenantId = TenantId(Uuid::from_u128(1));
    const B: TenantId = TenantId(Uuid::from_u128(2));

    fn at(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    #[test]
    fn moments_come_in_order_and_the_earliest_of_a_tenant_counts() {
        let mut agenda = Agenda::default();
        agenda.plan(A, at(50));
        agenda.plan(B, at(30));
        agenda.plan(A, at(20));
        agenda.plan(A, at(40)); // later than what is known: no news
        assert_eq!(agenda.advance(at(10)), Some(at(20)));
        assert_eq!(agenda.begin(), None);
        assert_eq!(agenda.advance(at(30)), None);
        assert_eq!(agenda.begin(), Some(A));
        assert_eq!(agenda.begin(), Some(B));
        assert_eq!(agenda.begin(), None);
        assert_eq!(agenda.advance(at(100)), None);
    }

    #[test]
    fn what_is_heard_during_a_turn_leads_to_another_one() {
        let mut agenda = Agenda::default();
        agenda.wake(A);
        agenda.wake(A);
        assert_eq!(agenda.begin(), Some(A));
        assert_eq!(agenda.begin(), None);
        agenda.wake(A);
        assert_eq!(agenda.begin(), None, "one turn at a time");
        agenda.end(A, Some(at(1000)));
        assert_eq!(agenda.begin(), Some(A));
        agenda.end(A, Some(at(1000)));
        assert_eq!(agenda.begin(), None);
        assert_eq!(agenda.advance(at(0)), Some(at(1000)));
    }

    #[test]
    fn a_busy_tenant_stands_behind_those_that_wait() {
        let mut agenda = Agenda::default();
        agenda.wake(A);
        assert_eq!(agenda.begin(), Some(A));
        agenda.wake(B);
        agenda.end(A, Some(at(0)));
        agenda.advance(at(0));
        assert_eq!(agenda.begin(), Some(B));
        assert_eq!(agenda.begin(), Some(A));
    }
}
