//! The embedded engine: SQLite, one file per tenant and one for control.
//!
//! A tenant's commands all go through one of a fixed number of writing threads ([`writer`]), which
//! commits many of them at once; queries go through a few reading threads ([`reader`]). Connections
//! are lent to the threads by [`files`], which bounds how many there are.

mod connection;
mod control;
mod erasures;
mod files;
mod folder;
mod import;
mod job;
mod migration;
mod open;
mod reader;
mod search;
mod seqs;
mod statement;
mod transaction;
mod writer;

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use flowbit_domain::{
    Command, Error, Query, Result, StoreError, TenantRead,
    control::{Tenant, TenantState},
    id::TenantId,
    time::{Clock, Randomness},
};
use tokio::sync::oneshot;

use crate::call::unanswered;
use crate::counters::{Counters, count};
use crate::journey::{Journey, Timings};
use crate::options::{CommitListener, Stats};
use crate::turns::{Refusal, Turns};
use connection::Purpose;
use control::EmbeddedControl;
use files::Files;
use folder::{Folder, Lock};
use job::WriteJob;
use reader::Reading;
use seqs::Seqs;

pub(crate) use import::EmbeddedImport;

/// What the threads share.
pub(crate) struct Shared {
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    listener: Arc<dyn CommitListener>,
    batch_max: usize,
    batch_time: Duration,
    read_turn: Duration,
    read_timeout: Duration,
    fsync_delay: Option<Duration>,
    counters: Arc<Counters>,
    timings: Arc<Timings>,
    seqs: Seqs,
    files: Files,
    folder: Folder,
    /// Let go when the threads have ended and the files are closed. The last field, dropped last.
    lock: Mutex<Option<Lock>>,
}

/// The engine. Its threads end when it is closed or dropped.
pub(crate) struct Embedded {
    shared: Arc<Shared>,
    /// Each writing thread's queue, or why there is none.
    writers: Result<Vec<Arc<Turns<WriteJob>>>, StoreError>,
    readers: Arc<Turns<Reading>>,
    reading_threads: usize,
    control: EmbeddedControl,
    threads: Mutex<Threads>,
}

#[derive(Default)]
struct Threads {
    working: Vec<JoinHandle<()>>,
    housekeeper: Option<JoinHandle<()>>,
}

struct ReadSeq;

impl Query for ReadSeq {
    type Output = i64;
    async fn run(self, tx: &mut impl TenantRead) -> Result<i64> {
        let seq = tx.query_one("SELECT seq FROM head", &[], |row| row.int(0)).await?;
        seq.ok_or_else(|| Error::Internal("the ledger has no head".to_owned()))
    }
}

impl Embedded {
    pub(crate) fn control(&self) -> &EmbeddedControl {
        &self.control
    }

    pub(crate) async fn read<Q: Query>(&self, tenant: TenantId, query: Q) -> Result<Q::Output> {
        self.ask(tenant, query, false)?.await.unwrap_or_else(|_| Err(unanswered()))
    }

    fn ask<Q: Query>(
        &self,
        tenant: TenantId,
        query: Q,
        passing: bool,
    ) -> Result<oneshot::Receiver<Result<Q::Output>>> {
        let (job, answer) = job::read_job(query);
        self.readers.push(tenant, Reading { job, passing }).map_err(|refusal| self.refuse(refusal))?;
        Ok(answer)
    }

    pub(crate) async fn write<C: Command>(
        &self,
        tenant: TenantId,
        command: C,
        journey: Journey,
    ) -> Result<C::Output> {
        let answer = {
            let writers = self.writers.as_ref().map_err(Clone::clone)?;
            // The last bytes of a version 7 UUID are random, which spreads tenants evenly.
            let (_, low) = tenant.0.as_u64_pair();
            let index = usize::try_from(low % writers.len() as u64).unwrap_or_default();
            let (job, answer) = job::write_job(command, journey);
            let writer = writers.get(index).ok_or_else(unanswered)?;
            writer.push(tenant, job).map_err(|refusal| self.refuse(refusal))?;
            answer
        };
        answer.await.unwrap_or_else(|_| Err(unanswered()))
    }

    fn refuse(&self, refusal: Refusal) -> Error {
        count(&self.shared.counters.refused);
        Error::Unavailable(match refusal {
            Refusal::Full => "too much of this tenant is waiting already".to_owned(),
            Refusal::Closed => "the store is closed".to_owned(),
        })
    }

    pub(crate) async fn ledger_seq(&self, tenant: TenantId) -> Result<i64> {
        if let Some(seq) = self.shared.seqs.get(tenant) {
            return Ok(seq);
        }
        let seq = self.read(tenant, ReadSeq).await?;
        // Only while no other process can write is what was read still known later.
        if self.writers.is_ok() {
            self.shared.seqs.raise(tenant, seq);
        }
        Ok(seq)
    }

    pub(crate) async fn scan_tenants<Q: Query>(
        &self,
        ask: impl Fn(&Tenant) -> Q + Send,
    ) -> Vec<(Arc<Tenant>, Result<Q::Output>)> {
        let mut tenants = self.control.tenants().page(None, usize::MAX).into_iter();
        let mut asked = VecDeque::new();
        let mut answers = Vec::with_capacity(tenants.len());
        loop {
            while asked.len() < self.reading_threads
                && let Some(tenant) = tenants.find(|t| t.state == TenantState::Active)
            {
                let answer = self.ask(tenant.id, ask(&tenant), true);
                asked.push_back((tenant, answer));
            }
            let Some((tenant, answer)) = asked.pop_front() else { return answers };
            let answer = match answer {
                Ok(answer) => answer.await.unwrap_or_else(|_| Err(unanswered())),
                Err(e) => Err(e),
            };
            answers.push((tenant, answer));
        }
    }

    pub(crate) async fn migrate_tenants(&self) -> Vec<(Arc<Tenant>, Error)> {
        let mut failed = Vec::new();
        for tenant in self.control.tenants().page(None, usize::MAX) {
            let answer = match self.ask(tenant.id, ReadSeq, true) {
                Ok(answer) => answer.await.unwrap_or_else(|_| Err(unanswered())),
                Err(e) => Err(e),
            };
            failed.extend(answer.err().map(|e| (tenant, e)));
        }
        failed
    }

    pub(crate) async fn export_tenant(&self, tenant: TenantId, path: PathBuf) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let exported = tokio::task::spawn_blocking(move || {
            let loan = shared.files.borrow(tenant, Purpose::Read)?;
            connection::copy_into(&shared.folder.tenant(tenant), &path)?;
            drop(loan);
            Ok::<_, StoreError>(())
        });
        Ok(exported.await.map_err(|e| Error::Internal(e.to_string()))??)
    }

    pub(crate) async fn export_control(&self, path: PathBuf) -> Result<()> {
        let shared = Arc::clone(&self.shared);
        let exported =
            tokio::task::spawn_blocking(move || connection::copy_into(&shared.folder.control(), &path));
        Ok(exported.await.map_err(|e| Error::Internal(e.to_string()))??)
    }

    pub(crate) async fn inspect_tenant(&self, tenant: TenantId) -> Result<Vec<String>> {
        let shared = Arc::clone(&self.shared);
        let inspected = tokio::task::spawn_blocking(move || {
            let mut loan = shared.files.borrow(tenant, Purpose::Read)?;
            let link = loan.link().ok_or_else(|| StoreError::Failed("the file was closed".to_owned()))?;
            connection::inspect(&link.conn).map_err(|e| statement::failure(&e))
        });
        Ok(inspected.await.map_err(|e| Error::Internal(e.to_string()))??)
    }

    pub(crate) async fn check(&self) -> Result<(), String> {
        let dead = {
            let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
            threads.working.is_empty() || threads.working.iter().any(JoinHandle::is_finished)
        };
        if dead {
            return Err("the store is closed".to_owned());
        }
        self.control.check().await.map_err(|e| e.to_string())
    }

    pub(crate) fn stats(&self) -> Stats {
        let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let (open, limit) = self.shared.files.usage();
        let writers = self.writers.iter().flatten();
        Stats {
            commands_waiting: writers.map(|turns| wide(turns.waiting())).sum(),
            queries_waiting: wide(self.readers.waiting()),
            connections_open: wide(open),
            connections_max: wide(limit),
            ..self.shared.counters.read()
        }
    }

    fn stop(&self) {
        for writer in self.writers.iter().flatten() {
            writer.close();
        }
        self.readers.close();
        self.control.close();
    }

    pub(crate) async fn close(&self) {
        self.stop();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let shared = Arc::clone(&self.shared);
        let closed = tokio::task::spawn_blocking(move || threads.finish(&shared));
        if let Err(e) = closed.await {
            tracing::error!(error = %e, "the store did not close in order");
        }
    }
}

impl Threads {
    /// Waits for the work to be done, then closes the files.
    fn finish(self, shared: &Shared) {
        for thread in self.working {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
        shared.files.stop_keeping_house();
        if let Some(housekeeper) = self.housekeeper {
            let _ = housekeeper.join();
        }
        shared.files.close_idle();
        shared.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.stop();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let shared = Arc::clone(&self.shared);
        // Nobody waits for it: who cares when it is done calls `close`.
        if !threads.working.is_empty() {
            std::thread::spawn(move || threads.finish(&shared));
        }
    }
}
