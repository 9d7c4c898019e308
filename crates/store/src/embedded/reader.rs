//! Reading: a few threads share one queue; each query runs in one reading transaction.

use std::panic::{AssertUnwindSafe, catch_unwind};

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
        guard("a reader", || run(shared, tenant, reading));
    }
}

fn run(shared: &Shared, tenant: TenantId, reading: Reading) {
    let Reading { mut job, passing } = reading;
    if job.abandoned() {
        return;
    }
    count(&shared.counters.queries);
    match shared.files.borrow(tenant, Purpose::Read) {
        Ok(mut loan) => {
            if let Some(link) = loan.link()
                && let Err(why) = run_in(link, shared, tenant, &mut job)
            {
                job.fail(why);
            }
            job.answer();
            if passing && loan.fresh {
                loan.discard();
            }
        }
        Err(why) => {
            job.fail(why);
            job.answer();
        }
    }
}

/// One query in one transaction: the first statement fixes the state that all see.
fn run_in(link: &mut Link, shared: &Shared, tenant: TenantId, job: &mut ReadJob) -> Result<(), StoreError> {
    link.run("BEGIN")?;
    job.run(&mut ReadTx { link, tenant, now: shared.clock.now() });
    // Nothing was changed, so either end will do; a connection left inside is not used again.
    if !link.is_idle() {
        link.run("COMMIT")?;
    }
    Ok(())
}

/// Runs work whose panic must not end the thread.
pub(crate) fn guard(who: &str, work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        tracing::error!(panic = panic_text(panic.as_ref()), "{who} panicked; the work it was at is lost");
    }
}
