//! Writing: one thread takes what waits for a tenant, runs each command so that it can be undone alone,
//! commits once and only then answers, so that many acknowledged writes share one fsync.

use std::time::Instant;

use flowbit_domain::{StoreError, event::StoredEvent, id::TenantId};

use super::{
    Shared,
    connection::{CHECKPOINT_PAGES, Head, Link, Purpose},
    job::WriteJob,
    reader::guard,
    transaction::WriteTx,
};
use crate::counters::count;
use crate::turns::Turns;

/// A log this long is copied back by the writer itself, after the answers: what remains is little, and
/// only while the writer pauses can the log begin anew.
const LOG_PAGES_MAX: i64 = 8 * CHECKPOINT_PAGES;

/// Works until the queue is closed and empty.
pub(crate) fn work(shared: &Shared, turns: &Turns<WriteJob>) {
    while let Some((tenant, first)) = turns.next() {
        // Whatever it is that panics here, callers are told (their channel closes) and work goes on.
        guard("a writer", || Batch::new(shared, turns, tenant).run(first));
    }
}

/// One turn of one tenant.
struct Batch<'s> {
    shared: &'s Shared,
    turns: &'s Turns<WriteJob>,
    tenant: TenantId,
    /// Those that were run, in order.
    jobs: Vec<WriteJob>,
    events: Vec<StoredEvent>,
}

/// Why a batch can't be committed.
struct Lost {
    why: StoreError,
    /// The last job run is the cause and keeps its own error.
    by_last: bool,
}

impl<'s> Batch<'s> {
    fn new(shared: &'s Shared, turns: &'s Turns<WriteJob>, tenant: TenantId) -> Self {
        Self { shared, turns, tenant, jobs: Vec::new(), events: Vec::new() }
    }

    fn run(mut self, first: WriteJob) {
        let mut loan = match self.shared.files.borrow(self.tenant, Purpose::Write) {
            Ok(loan) => loan,
            Err(why) => return self.refuse(first, &why),
        };
        let Some(link) = loan.link() else { return };
        let outcome = match self.gather(link, first) {
            Ok(()) if self.jobs.is_empty() => return,
            Ok(()) => self.commit(link),
            Err(lost) => Err(lost),
        };
        match outcome {
            Ok(log_pages) => {
                self.tell(link.head);
                if let Some(pages) = log_pages {
                    self.mind_log(link, pages);
                }
            }
            Err(lost) => {
                count(&self.shared.counters.batches_lost);
                if !link.is_idle() {
                    // Should even this fail, closing the connection undoes it.
                    let _ = link.run("ROLLBACK");
                }
                // The next batch begins with what is on disk rather than with what is remembered.
                loan.discard();
                self.fail(&lost);
            }
        }
    }

    /// Runs what waits, up to a full batch.
    fn gather(&mut self, link: &mut Link, first: WriteJob) -> Result<(), Lost> {
        let started = Instant::now();
        let mut next = Some(first);
        while let Some(job) = next {
            if job.abandoned() {
                count(&self.shared.counters.commands_abandoned);
            } else {
                self.jobs.push(job);
                self.run_last(link)?;
                if self.jobs.len() >= self.shared.batch_max || started.elapsed() >= self.shared.batch_time {
                    return Ok(());
                }
            }
            next = self.turns.next_of(self.tenant);
        }
        Ok(())
    }

    /// Runs the job that was added last: in a savepoint, unless it begins the transaction. Then it can be
    /// undone with the transaction, and the copies of pages that a savepoint keeps are spared.
    fn run_last(&mut self, link: &mut Link) -> Result<(), Lost> {
        let Some(job) = self.jobs.last_mut() else { return Ok(()) };
        let lost = |why| Lost { why, by_last: false };
        count(&self.shared.counters.commands);
        let begins = link.is_idle();
        link.run(if begins { "BEGIN IMMEDIATE" } else { "SAVEPOINT command" }).map_err(lost)?;
        let (before, indexed) = (link.head, link.indexing.mark());
        let mut tx =
            WriteTx::new(link, self.tenant, self.shared.clock.now(), self.shared.randomness.as_ref());
        let mut kept = job.run(&mut tx, &self.shared.timings);
        if kept {
            match tx.finish() {
                Ok(events) => self.events.extend(events),
                Err(why) => {
                    job.fail(why);
                    kept = false;
                }
            }
        }
        if link.is_idle() {
            let why = "a command of the same batch dropped the transaction; nothing was changed";
            if kept {
                job.fail(StoreError::Failed("the command ended the transaction".to_owned()));
            }
            return Err(Lost { why: StoreError::Unavailable(why.to_owned()), by_last: true });
        }
        if !kept {
            link.head = before;
            link.indexing.undo_to(indexed);
            link.run(if begins { "ROLLBACK" } else { "ROLLBACK TO command" }).map_err(lost)?;
        }
        if begins { Ok(()) } else { link.run("RELEASE command").map_err(lost) }
    }

    /// One fsync for all. Answers how long the log is, if anything was written.
    fn commit(&mut self, link: &mut Link) -> Result<Option<i64>, Lost> {
        if link.is_idle() {
            // Each of them failed and has been undone.
            return Ok(None);
        }
        let failed = |why| {
            let why = match why {
                StoreError::Unavailable(why) | StoreError::Failed(why) => why,
            };
            let why = format!("the commit failed, nothing was changed: {why}");
            Lost { why: StoreError::Unavailable(why), by_last: false }
        };
        let (begun, size) = (Instant::now(), self.jobs.len());
        self.jobs.iter_mut().for_each(|job| job.commit(size));
        link.index().and_then(|()| link.run("COMMIT")).map_err(failed)?;
        link.indexing.clear();
        let pages = link.take_wal_pages();
        if pages.is_some() {
            count(&self.shared.counters.commits);
            if let Some(delay) = self.shared.fsync_delay {
                std::thread::sleep(delay);
            }
            self.shared.timings.commits.record(begun.elapsed());
            #[expect(clippy::cast_precision_loss, reason = "a batch is far below 2^52 commands")]
            self.shared.timings.batches.record(size as f64);
        }
        Ok(pages)
    }

    /// Tells the new state, then the listener, then the callers.
    fn tell(&mut self, head: Head) {
        let size = u64::try_from(self.jobs.len()).unwrap_or(u64::MAX);
        self.shared.counters.largest_batch.fetch_max(size, std::sync::atomic::Ordering::Relaxed);
        self.shared.seqs.raise(self.tenant, head.seq);
        if !self.events.is_empty() {
            guard("the listener of commits", || {
                self.shared.listener.committed(self.tenant, head.seq, &self.events);
            });
        }
        for job in self.jobs.drain(..) {
            job.answer();
        }
    }

    fn mind_log(&self, link: &mut Link, pages: i64) {
        if pages < CHECKPOINT_PAGES {
            link.checkpoint_at = CHECKPOINT_PAGES;
        } else if pages >= link.checkpoint_at {
            link.checkpoint_at = pages + CHECKPOINT_PAGES;
            if pages < LOG_PAGES_MAX {
                self.shared.files.want_checkpoint(self.tenant);
            } else if let Err(e) = link.checkpoint() {
                tracing::warn!(customerId = %self.tenant, error = %e, "a write-ahead log could not be copied back");
            }
        }
    }

    /// Nothing of the batch was kept: tells every caller so.
    fn fail(&mut self, lost: &Lost) {
        let last = self.jobs.pop();
        for mut job in self.jobs.drain(..) {
            job.fail(lost.why.clone());
            job.answer();
        }
        if let Some(mut last) = last {
            if !lost.by_last {
                last.fail(lost.why.clone());
            }
            last.answer();
        }
    }

    /// The file can't be opened: tells all who wait for it now, rather than trying for each of them.
    fn refuse(self, first: WriteJob, why: &StoreError) {
        for mut job in std::iter::once(first).chain(self.turns.take_all(self.tenant)) {
            job.fail(why.clone());
            job.answer();
        }
    }
}
