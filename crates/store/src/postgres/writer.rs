//! Writing: the commands of one tenant that wait here share a transaction, and are answered after its commit.
//! Without a queue a command has the transaction to itself. Hardly ever must one of them be undone; if so, all
//! are, and run again, each in a savepoint.
//!
//! Commands run in a task of their own: a caller that goes away leaves them to their end.

use std::{collections::VecDeque, sync::Arc, time::Instant};

use flowbit_domain::{StoreError, event::StoredEvent, id::TenantId};

use super::{
    Shared,
    job::WriteJob,
    pool::Loan,
    transaction::{Batch, Sharing, Uncommitted},
    writing::WriteTx,
};
use crate::{call::panic_text, counters::count};

/// Each savepoint is a transaction within the transaction, of which the database keeps 64 at hand.
const SAVEPOINTS_MAX: usize = 60;

impl Shared {
    /// How many commands may share a transaction.
    fn most_together(&self) -> usize {
        self.batch_max.min(SAVEPOINTS_MAX)
    }
}

/// Works off what waits for a tenant, batch by batch; between them others get their turn.
pub(crate) async fn work(shared: Arc<Shared>, tenant: TenantId) {
    // Should this end before the queue is empty, what waits is told and the next command begins anew.
    let mut end = End { shared: Arc::clone(&shared), tenant, is_early: true };
    loop {
        let loan = match shared.pool.borrow(tenant).await {
            Ok(loan) => loan,
            Err(why) => {
                end.is_early = false;
                refuse(shared.queues.take_all(tenant), &why);
                return;
            }
        };
        let Some(jobs) = shared.queues.take(tenant, shared.most_together(), &shared.counters) else {
            end.is_early = false;
            return;
        };
        if !jobs.is_empty() {
            run(Arc::clone(&shared), loan, tenant, jobs).await;
        }
    }
}

struct End {
    shared: Arc<Shared>,
    tenant: TenantId,
    /// The queue is still there, and ours.
    is_early: bool,
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.is_early {
            return;
        }
        let why = StoreError::Unavailable("the store closed before it could answer".to_owned());
        refuse(self.shared.queues.take_all(self.tenant), &why);
    }
}

fn refuse(jobs: VecDeque<WriteJob>, why: &StoreError) {
    for mut job in jobs {
        job.fail(why.clone());
        job.answer();
    }
}

/// Runs commands in one transaction and answers them.
pub(crate) async fn run(shared: Arc<Shared>, loan: Loan, tenant: TenantId, mut jobs: Vec<WriteJob>) {
    let sharing = if jobs.len() > 1 { Sharing::Together } else { Sharing::Alone };
    let mut batch = Batch::new(Arc::clone(&shared), loan, tenant, sharing);
    let mut outcome = attempt(&shared, &mut batch, &mut jobs).await;
    if matches!(outcome, Err(Uncommitted::ByOne)) {
        count(&shared.counters.batches_repeated);
        batch.begin_apart();
        outcome = attempt(&shared, &mut batch, &mut jobs).await;
    }
    jobs.iter().for_each(|_| count(&shared.counters.commands));
    let seq = batch.seq();
    // The connection goes back before anybody is told, and goes on.
    drop(batch);
    let why = match outcome {
        Ok(events) => {
            tell(&shared, tenant, seq, &events, jobs.len());
            None
        }
        Err(Uncommitted::ByCommand(why)) => Some(why),
        Err(Uncommitted::ByOne) => Some(StoreError::Failed("a batch was spoilt twice".to_owned())),
        Err(Uncommitted::All(why)) => {
            count(&shared.counters.batches_lost);
            Some(why)
        }
    };
    if let Some(why) = why {
        jobs.iter_mut().for_each(|job| job.fail(why.clone()));
    }
    jobs.into_iter().for_each(|job| job.answer());
}

async fn attempt(
    shared: &Shared,
    batch: &mut Batch,
    jobs: &mut Vec<WriteJob>,
) -> Result<Vec<StoredEvent>, Uncommitted> {
    let mut events = Vec::new();
    let mut next = 0;
    loop {
        if next == jobs.len() {
            join(shared, batch, jobs);
        }
        let Some(job) = jobs.get_mut(next) else { break };
        next += 1;
        let mut tx = WriteTx::begin(batch);
        if job.run(&mut tx, &shared.timings).await {
            match tx.finish().await {
                Ok(appended) => events.extend(appended),
                Err((tx, why)) => {
                    job.fail(why);
                    tx.undo().await;
                }
            }
        } else {
            tx.undo().await;
        }
        if let Some(why) = batch.lost() {
            return Err(Uncommitted::All(why.clone()));
        }
        if batch.is_spoilt {
            return Err(Uncommitted::ByOne);
        }
    }
    let (begun, size) = (Instant::now(), jobs.len());
    jobs.iter_mut().for_each(|job| job.commit(size));
    batch.commit().await?;
    shared.timings.commits.record(begun.elapsed());
    #[expect(clippy::cast_precision_loss, reason = "a batch is far below 2^52 commands")]
    shared.timings.batches.record(size as f64);
    Ok(events)
}

/// Lets those in who have come since: while another node had hold of the head, or while the others ran.
fn join(shared: &Shared, batch: &Batch, jobs: &mut Vec<WriteJob>) {
    // A command that began alone can't be run again.
    if batch.sharing == Sharing::Together {
        let room = shared.most_together().saturating_sub(jobs.len());
        jobs.extend(shared.queues.take_more(batch.tenant, room, &shared.counters));
    }
}

/// Tells the listener, whose panic must cost nobody an answer.
fn tell(shared: &Shared, tenant: TenantId, seq: i64, events: &[StoredEvent], size: usize) {
    count(&shared.counters.commits);
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    shared.counters.largest_batch.fetch_max(size, std::sync::atomic::Ordering::Relaxed);
    if events.is_empty() {
        return;
    }
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        shared.listener.committed(tenant, seq, events);
    }));
    if let Err(panic) = told {
        tracing::error!(panic = panic_text(panic.as_ref()), "the listener of commits panicked");
    }
    shared.nodes.committed(tenant, events);
}
