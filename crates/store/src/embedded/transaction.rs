//! The transactions that use-cases run in. Each statement is run when it is asked for; the futures
//! that answer it are ready at once.

use std::{
    future::{Future, ready},
    time::{Duration, Instant},
};

use flowbit_domain::{
    StoreError, TenantRead, TenantTx, Value,
    event::{EventDraft, StoredEvent},
    id::{EventId, TenantId},
    time::{Randomness, Timestamp},
    tx::{Row, SearchDialect},
};
use uuid::Uuid;

use crate::ledger::APPEND;

use super::{
    connection::{Head, Link},
    search::{self, SEARCH},
    statement::{self, Kind},
};

/// A reading transaction.
pub(crate) struct ReadTx<'a> {
    pub(crate) link: &'a mut Link,
    pub(crate) tenant: TenantId,
    pub(crate) now: Timestamp,
    /// How long one statement may take.
    pub(crate) timeout: Duration,
}

/// After how many steps of the engine's machine it is looked whether a statement has taken too long: some
/// milliseconds.
const STEPS: i32 = 100_000;

impl ReadTx<'_> {
    /// From now on a statement ends once this is so.
    fn watch(&mut self, too_long: Option<impl FnMut() -> bool + Send + 'static>) -> Result<(), StoreError> {
        self.link.conn.progress_handler(STEPS, too_long).map_err(|e| statement::failure(&e))
    }
}

impl TenantRead for ReadTx<'_> {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn search(&self) -> &'static SearchDialect {
        &SEARCH
    }

    fn query<T, F>(
        &mut self,
        sql: &str,
        params: &[Value],
        map: F,
    ) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send
    where
        T: Send,
        F: FnMut(&dyn Row) -> Result<T, StoreError> + Send,
    {
        let (began, timeout) = (Instant::now(), self.timeout);
        ready(self.watch(Some(move || began.elapsed() >= timeout)).and_then(|()| {
            let found = statement::query(self.link, sql, params, Kind::ReadOnly, map);
            // Others use the connection as well: for backups and checkpoints.
            self.watch(None::<fn() -> bool>).and(found)
        }))
    }
}

/// A writing transaction: one command's part of a batch.
pub(crate) struct WriteTx<'a> {
    link: &'a mut Link,
    tenant: TenantId,
    now: Timestamp,
    randomness: &'a dyn Randomness,
    drafts: Vec<(EventId, EventDraft)>,
    /// To which trace the command belongs.
    pub(crate) trace_parent: Option<String>,
    /// The first error of a statement that nobody waited for.
    unheard: Option<StoreError>,
}

const SET_HEAD: &str = "UPDATE head SET seq = $1, hash = $2 WHERE one = 1";
const TAKE_NUMBER: &str = "UPDATE head SET last_number = last_number + 1 WHERE one = 1 RETURNING last_number";
const SKIP_NUMBERS: &str = "UPDATE head SET last_number = $1 WHERE one = 1 AND last_number < $1";

impl<'a> WriteTx<'a> {
    pub(crate) fn new(
        link: &'a mut Link,
        tenant: TenantId,
        now: Timestamp,
        randomness: &'a dyn Randomness,
    ) -> Self {
        Self { link, tenant, now, randomness, drafts: Vec::new(), trace_parent: None, unheard: None }
    }

    fn heard(&mut self) -> Result<(), StoreError> {
        self.unheard.take().map_or(Ok(()), Err)
    }

    /// What must be done before a statement can be run.
    fn prepare(&mut self, sql: &str) -> Result<(), StoreError> {
        self.heard()?;
        if self.link.indexing.is_waiting() && search::concerns(sql) {
            self.link.index()?;
        }
        Ok(())
    }

    /// Ends the command: what it left unheard comes out, and its events get their places in the chain.
    pub(crate) fn finish(mut self) -> Result<Vec<StoredEvent>, StoreError> {
        self.heard()?;
        let Head { mut seq, mut hash } = self.link.head;
        let mut events = Vec::with_capacity(self.drafts.len());
        for (id, draft) in std::mem::take(&mut self.drafts) {
            seq += 1;
            let event = StoredEvent::seal(draft, id, seq, self.now, hash);
            hash = event.hash;
            statement::execute(self.link, APPEND, &event.values())?;
            events.push(event);
        }
        if !events.is_empty() {
            statement::execute(self.link, SET_HEAD, &[seq.into(), hash.to_vec().into()])?;
            self.link.head = Head { seq, hash };
        }
        Ok(events)
    }
}

impl TenantRead for WriteTx<'_> {
    fn tenant(&self) -> TenantId {
        self.tenant
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn search(&self) -> &'static SearchDialect {
        &SEARCH
    }

    fn query<T, F>(
        &mut self,
        sql: &str,
        params: &[Value],
        map: F,
    ) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send
    where
        T: Send,
        F: FnMut(&dyn Row) -> Result<T, StoreError> + Send,
    {
        ready(self.prepare(sql).and_then(|()| statement::query(self.link, sql, params, Kind::Any, map)))
    }
}

impl TenantTx for WriteTx<'_> {
    fn new_id(&mut self) -> Uuid {
        self.link.ids.next(self.now, self.randomness)
    }

    fn random(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.randomness.fill(&mut bytes);
        bytes
    }

    fn take_number(&mut self) -> impl Future<Output = Result<i64, StoreError>> + Send {
        let taken = self
            .prepare(TAKE_NUMBER)
            .and_then(|()| statement::query(self.link, TAKE_NUMBER, &[], Kind::Any, |row| row.int(0)));
        let number = |taken: Vec<i64>| {
            taken.first().copied().ok_or_else(|| StoreError::Failed("the ledger has no head".to_owned()))
        };
        ready(taken.and_then(number))
    }

    fn skip_numbers(&mut self, up_to: i64) -> impl Future<Output = Result<(), StoreError>> + Send {
        let skipped = self
            .prepare(SKIP_NUMBERS)
            .and_then(|()| statement::execute(self.link, SKIP_NUMBERS, &[up_to.into()]));
        ready(skipped.map(drop))
    }

    fn execute(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> impl Future<Output = Result<u64, StoreError>> + Send {
        ready(self.prepare(sql).and_then(|()| statement::execute(self.link, sql, params)))
    }

    fn put(&mut self, sql: &'static str, params: Vec<Value>) {
        // After an error nothing further is run, as on the other engine.
        if self.unheard.is_some() {
            return;
        }
        if search::can_wait(sql) {
            self.link.indexing.changes.push((sql, params));
        } else {
            let outcome = self.prepare(sql).and_then(|()| statement::execute(self.link, sql, &params));
            self.unheard = outcome.err();
        }
    }

    fn trace_parent(&self) -> Option<&str> {
        self.trace_parent.as_deref()
    }

    fn append(&mut self, draft: EventDraft) -> EventId {
        let id = EventId(self.new_id());
        self.drafts.push((id, draft));
        id
    }
}
