//! Reading: a few threads share one queue. Those who wait for the same tenant share a reading transaction.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use flowbit_domain::{StoreError, id::TenantId};

use super::{
    Shared,
    connection::{Link, Purpose},
    job::ReadJob,
    transaction::ReadTx,
};
use crate::call::panic_text;
use crate::counters::count;
use crate::turns::Turns;

/// A query on its way.
pub(crate) struct Reading {
    pub(crate) job: ReadJob,
    /// The tenant is only passed by: a connection opened for it is closed again.
    pub(crate) passing: bool,
}

/// Works until the queue is closed and empty.
pub(crate) fn work(shared: &Shared, turns: &Turns<Reading>) {
    while let Some((tenant, reading)) = turns.next() {
        guard("a reader", || run(shared, turns, tenant, reading));
    }
}

fn run(shared: &Shared, turns: &Turns<Reading>, tenant: TenantId, reading: Reading) {
    let Reading { mut job, passing } = reading;
    if job.abandoned() {
        return;
    }
    match shared.files.borrow(tenant, Purpose::Read) {
        Ok(mut loan) => {
            if let Some(link) = loan.link()
                && let Err(why) = run_in(link, shared, turns, tenant, job)
            {
                tracing::warn!(customerId = %tenant, error = %why, "a reading transaction could not be ended");
            }
            if passing && loan.fresh {
                loan.discard();
            }
        }
        Err(why) => {
            count(&shared.counters.queries);
            job.fail(why);
            job.answer();
        }
    }
}

/// Queries in one transaction: the first statement fixes the state that all see. So it takes none but those that
/// waited before it: who asks after a change was acknowledged must see it.
fn run_in(
    link: &mut Link,
    shared: &Shared,
    turns: &Turns<Reading>,
    tenant: TenantId,
    mut job: ReadJob,
) -> Result<(), StoreError> {
    let (mark, started) = (turns.mark(), Instant::now());
    count(&shared.counters.queries);
    if let Err(why) = link.run("BEGIN") {
        job.fail(why);
        job.answer();
        return Ok(());
    }
    loop {
        job.run(&mut ReadTx { link, tenant, now: shared.clock.now(), timeout: shared.read_timeout });
        job.answer();
        // A fault may have ended the transaction.
        if link.is_idle() {
            return Ok(());
        }
        if started.elapsed() >= shared.read_turn {
            break;
        }
        let waiting = std::iter::from_fn(|| turns.next_of_before(tenant, mark));
        let Some(next) = waiting.map(|reading| reading.job).find(|job| !job.abandoned()) else { break };
        count(&shared.counters.queries);
        job = next;
    }
    // Nothing was changed, so either end will do; a connection left inside is not used again.
    link.run("COMMIT")
}

/// Runs work whose panic must not end the thread.
pub(crate) fn guard(who: &str, work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        tracing::error!(panic = panic_text(panic.as_ref()), "{who} panicked; the work it was at is lost");
    }
}
