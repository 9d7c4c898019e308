//! The transactions that use-cases run in. What needs no answer travels with what does: a transaction begins
//! with its first statement, and a command's changes go with its commit.

use std::{borrow::Cow, sync::Arc};

use flowbit_domain::{
    StoreError, TenantRead, TenantTx, Value,
    event::{EventDraft, Hash, StoredEvent},
    id::{EventId, TenantId},
    time::Timestamp,
    tx::{Row, SearchDialect},
};
use uuid::Uuid;

use super::{
    Shared,
    ahead::{Ahead, map_kept},
    connection::{Answer, Each, Lost, Step},
    pool::Loan,
    search::SEARCH,
    statement::RowInPlace,
};
use crate::ledger::{APPEND, event_values};

/// A command sees all that was committed before it got hold of the head.
const BEGIN_WRITING: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// Whose transaction it is, until its end.
const SET_TENANT: &str =
    "SELECT set_config('app.tenant', $1, true), set_config('statement_timeout', $2, true)";
/// The head makes a tenant's commands wait for each other, on all nodes.
const LOCK_HEAD: &str = "SELECT seq, hash, last_number FROM head FOR NO KEY UPDATE";
const SET_HEAD: &str = "UPDATE head SET seq = $1, hash = $2, last_number = $3";
/// Where other nodes look which ledgers have moved.
const SET_LEDGER: &str = "INSERT INTO flowbit_control.ledgers AS known (tenant, seq, identity_seq, moved) \
    VALUES ($1, $2::int8, CASE WHEN $3 THEN $2 ELSE 0 END, pg_current_xact_id()) \
    ON CONFLICT ON CONSTRAINT ledgers_pkey DO UPDATE SET seq = excluded.seq, \
    identity_seq = greatest(known.identity_seq, excluded.identity_seq), moved = excluded.moved";
const COMMIT: &str = "COMMIT";
const SAVEPOINT: &str = "SAVEPOINT command";
const ROLLBACK_TO: &str = "ROLLBACK TO SAVEPOINT command";
const RELEASE: &str = "RELEASE SAVEPOINT command";

pub(super) fn tenant_step<'s>(shared: &Shared, tenant: TenantId) -> Step<'s> {
    let values = vec![tenant.to_string().into(), shared.statement_timeout.as_str().into()];
    Step::Asked(Cow::Borrowed(SET_TENANT), Cow::Owned(values))
}

/// Flies with a transaction under way, or beginning.
pub(super) async fn fly(loan: &mut Loan, steps: &[Step<'_>], each: Each<'_>) -> Result<Vec<Answer>, Lost> {
    let gone = |why| Lost { at: 0, why, is_certain: true };
    loan.link().map_err(gone)?;
    // From here on one may be under way, wherever this is left.
    loan.is_open = true;
    loan.link().map_err(gone)?.fly(steps, each).await
}

/// The end of a tenant's ledger, and the last number of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Head {
    seq: i64,
    hash: Hash,
    last_number: i64,
}

impl Head {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self, StoreError> {
        let row = RowInPlace(row);
        let hash = row.bytes(1)?.try_into();
        let hash = hash.map_err(|_| StoreError::Failed("the head's hash can't be read".to_owned()))?;
        Ok(Self { seq: row.int(0)?, hash, last_number: row.int(2)? })
    }
}

/// A writing transaction, in which one or several commands run one after another.
pub(crate) struct Batch {
    shared: Arc<Shared>,
    loan: Loan,
    tenant: TenantId,
    /// Several commands, each in a savepoint.
    is_shared: bool,
    /// As the commands have left it; `None` until the first flight.
    head: Option<Head>,
    /// As it was found.
    found: Option<Head>,
    /// Whether an event may have changed who is signed in or what they may do.
    touches_identity: bool,
    /// What the only command left to be sent with the commit.
    rest: Vec<(Cow<'static, str>, Vec<Value>)>,
    /// Why nothing can come of it any more.
    lost: Option<StoreError>,
}

/// Why a batch was not committed.
pub(crate) enum Uncommitted {
    /// The only command's own statements failed.
    ByCommand(StoreError),
    /// Nothing of any command was kept, or nobody knows.
    All(StoreError),
}

impl Batch {
    pub(crate) fn new(shared: Arc<Shared>, loan: Loan, tenant: TenantId, is_shared: bool) -> Self {
        Self {
            shared,
            loan,
            tenant,
            is_shared,
            head: None,
            found: None,
            touches_identity: false,
            rest: Vec::new(),
            lost: None,
        }
    }

    /// Why nothing can come of it any more, if so.
    pub(crate) fn lost(&self) -> Option<&StoreError> {
        self.lost.as_ref()
    }

    /// The `seq` of the newest event that the commands have appended.
    pub(crate) fn seq(&self) -> i64 {
        self.head.map_or(0, |head| head.seq)
    }

    /// Begins a command's part.
    pub(crate) fn begin(&mut self) -> WriteTx<'_> {
        WriteTx {
            now: self.shared.clock.now(),
            before: self.head,
            batch: self,
            puts: Vec::new(),
            drafts: Vec::new(),
            ahead: Ahead::default(),
            failed: None,
            has_savepoint: false,
        }
    }

    /// What must be sent before a command's first statement.
    fn prelude<'s>(&self) -> Vec<Step<'s>> {
        if self.loan.is_open {
            return Vec::new();
        }
        let lock = Step::Asked(Cow::Borrowed(LOCK_HEAD), Cow::Borrowed(&[]));
        vec![Step::Plain(BEGIN_WRITING), tenant_step(&self.shared, self.tenant), lock]
    }

    async fn fly(&mut self, steps: &[Step<'_>], each: Each<'_>) -> Result<Vec<Answer>, Lost> {
        let flown = fly(&mut self.loan, steps, each).await;
        if let Err(lost) = &flown
            && self.loan.link().is_err()
        {
            self.lost = Some(lost.why.clone());
        }
        flown
    }

    /// Makes what the commands have done last.
    pub(crate) async fn commit(&mut self) -> Result<(), Uncommitted> {
        if !self.loan.is_open {
            return Ok(());
        }
        let rest = std::mem::take(&mut self.rest);
        let mut steps: Vec<Step<'_>> =
            rest.into_iter().map(|(sql, values)| Step::Asked(sql, Cow::Owned(values))).collect();
        let of_command = steps.len();
        if let Some(head) = self.head.filter(|head| Some(*head) != self.found) {
            let values = vec![head.seq.into(), head.hash.to_vec().into(), head.last_number.into()];
            steps.push(Step::Asked(Cow::Borrowed(SET_HEAD), Cow::Owned(values)));
            if self.found.is_none_or(|found| found.seq != head.seq) {
                let values = vec![self.tenant.0.into(), head.seq.into(), self.touches_identity.into()];
                steps.push(Step::Asked(Cow::Borrowed(SET_LEDGER), Cow::Owned(values)));
            }
        }
        steps.push(Step::Plain(COMMIT));
        match self.fly(&steps, None).await {
            Ok(_) => {
                self.loan.is_open = false;
                Ok(())
            }
            Err(Lost { at, why, is_certain: true }) => {
                // The commit was sent as well, and has undone what had failed before it.
                self.loan.end_unheard("ROLLBACK");
                if at < of_command {
                    return Err(Uncommitted::ByCommand(why));
                }
                let said = text(why);
                Err(Uncommitted::All(StoreError::Unavailable(format!(
                    "the commit failed, nothing was changed: {said}"
                ))))
            }
            Err(Lost { why, is_certain: false, .. }) => {
                let said = text(why);
                Err(Uncommitted::All(StoreError::Unavailable(format!(
                    "the connection broke at the commit, and it is not known whether it was made: {said}"
                ))))
            }
        }
    }
}

fn text(why: StoreError) -> String {
    match why {
        StoreError::Unavailable(text) | StoreError::Failed(text) => text,
    }
}

/// One command's part of a batch.
pub(crate) struct WriteTx<'b> {
    batch: &'b mut Batch,
    now: Timestamp,
    /// The head as the command found it.
    before: Option<Head>,
    /// What travels with the next statement that is waited for.
    puts: Vec<(Cow<'static, str>, Vec<Value>)>,
    drafts: Vec<(EventId, EventDraft)>,
    ahead: Ahead,
    /// The first error of a statement. The database takes nothing more of the command after it.
    failed: Option<StoreError>,
    has_savepoint: bool,
}

impl WriteTx<'_> {
    /// Sends what has gathered, and with it a last statement if there is one.
    async fn ask(&mut self, last: Option<(&str, &[Value])>, each: Each<'_>) -> Result<Answer, StoreError> {
        if let Some(why) = &self.failed {
            return Err(why.clone());
        }
        let puts = std::mem::take(&mut self.puts);
        let flown = self.fly(&puts, last, each).await;
        if let Err(why) = &flown {
            self.failed = Some(why.clone());
        }
        flown
    }

    async fn fly(
        &mut self,
        puts: &[(Cow<'static, str>, Vec<Value>)],
        last: Option<(&str, &[Value])>,
        each: Each<'_>,
    ) -> Result<Answer, StoreError> {
        let mut steps = self.batch.prelude();
        let prelude = steps.len();
        if self.batch.is_shared && !self.has_savepoint {
            steps.push(Step::Plain(SAVEPOINT));
            self.has_savepoint = true;
        }
        steps.extend(puts.iter().map(|(sql, values)| Step::Asked(sql.as_ref().into(), values.into())));
        let before_ahead = steps.len();
        steps.extend(self.ahead.steps());
        let before_last = steps.len();
        steps.extend(last.map(|(sql, values)| Step::Asked(sql.into(), values.into())));
        if steps.is_empty() {
            return Ok(Answer::default());
        }
        let mut answers = match self.batch.fly(&steps, each).await {
            Ok(answers) => answers,
            Err(Lost { at, why, .. }) => {
                if at < prelude {
                    self.batch.lost = Some(why.clone());
                }
                return Err(why);
            }
        };
        let answer = if last.is_some() { answers.pop().unwrap_or_default() } else { Answer::default() };
        if prelude > 0 {
            self.batch.take_head(answers.get(prelude - 1))?;
        }
        answers.truncate(before_last);
        self.ahead.fill(answers.into_iter().skip(before_ahead));
        Ok(answer)
    }

    /// Ends a command that succeeded: its events get their places in the chain, and what it left to be
    /// sent is sent, with the commit if it is the only one.
    pub(crate) async fn finish(mut self) -> Result<Vec<StoredEvent>, (Self, StoreError)> {
        match self.seal().await {
            Ok(events) => Ok(events),
            Err(why) => Err((self, why)),
        }
    }

    async fn seal(&mut self) -> Result<Vec<StoredEvent>, StoreError> {
        if let Some(why) = &self.failed {
            return Err(why.clone());
        }
        let drafts = std::mem::take(&mut self.drafts);
        if self.batch.head.is_none() && (!drafts.is_empty() || !self.puts.is_empty()) {
            self.ask(None, None).await?;
        }
        let mut events = Vec::with_capacity(drafts.len());
        for (id, draft) in drafts {
            let Some(head) = &mut self.batch.head else { return Err(no_head()) };
            let event = StoredEvent::seal(draft, id, head.seq + 1, self.now, head.hash);
            (head.seq, head.hash) = (event.seq, event.hash);
            self.batch.touches_identity |= event.touches_identity();
            self.puts.push((Cow::Borrowed(APPEND), event_values(&event).into()));
            events.push(event);
        }
        if self.batch.is_shared {
            if self.has_savepoint || !self.puts.is_empty() {
                self.ask(None, None).await?;
                self.batch.fly(&[Step::Plain(RELEASE)], None).await.map_err(|lost| lost.why)?;
            }
        } else {
            self.batch.rest = std::mem::take(&mut self.puts);
        }
        Ok(events)
    }

    /// Undoes a command that failed. The batch goes on without it, unless it is lost.
    pub(crate) async fn undo(self) {
        let Self { batch, before, has_savepoint, .. } = self;
        batch.rest.clear();
        if !batch.is_shared {
            batch.loan.end_unheard("ROLLBACK");
            return;
        }
        // The first command may have ended before it took in what the first flight brought.
        batch.head = before.or(batch.found);
        if batch.lost.is_none() && batch.loan.is_open {
            let undone = if has_savepoint {
                batch.fly(&[Step::Plain(ROLLBACK_TO), Step::Plain(RELEASE)], None).await
            } else {
                Ok(Vec::new())
            };
            batch.lost = match undone {
                Err(lost) => Some(lost.why),
                Ok(_) if batch.found.is_none() => Some(no_head()),
                Ok(_) => None,
            };
        }
    }
}

fn no_head() -> StoreError {
    StoreError::Unavailable("the tenant is not there".to_owned())
}

impl Batch {
    fn take_head(&mut self, answer: Option<&Answer>) -> Result<(), StoreError> {
        let row = answer.and_then(|answer| answer.rows.first());
        let head = match row.map(Head::from_row) {
            Some(head) => head?,
            None => {
                self.lost = Some(no_head());
                return Err(no_head());
            }
        };
        (self.head, self.found) = (Some(head), Some(head));
        Ok(())
    }
}

impl TenantRead for WriteTx<'_> {
    fn tenant(&self) -> TenantId {
        self.batch.tenant
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn search(&self) -> &'static SearchDialect {
        &SEARCH
    }

    fn ask_ahead(&mut self, sql: &'static str, params: &[Value]) {
        self.ahead.note(sql, params);
    }

    async fn query<T, F>(&mut self, sql: &str, params: &[Value], mut map: F) -> Result<Vec<T>, StoreError>
    where
        T: Send,
        F: FnMut(&dyn Row) -> Result<T, StoreError> + Send,
    {
        if let Some(rows) = self.ahead.take(sql, params) {
            return map_kept(&rows, map);
        }
        let mut mapped = Vec::new();
        let mut each = |row: &tokio_postgres::Row| {
            mapped.push(map(&RowInPlace(row))?);
            Ok(())
        };
        self.ask(Some((sql, params)), Some(&mut each)).await?;
        Ok(mapped)
    }
}

impl TenantTx for WriteTx<'_> {
    fn new_id(&mut self) -> Uuid {
        self.batch.shared.new_id(self.now)
    }

    fn random(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.batch.shared.randomness.fill(&mut bytes);
        bytes
    }

    async fn take_number(&mut self) -> Result<i64, StoreError> {
        if self.batch.head.is_none() {
            self.ask(None, None).await?;
        }
        let head = self.batch.head.as_mut().ok_or_else(no_head)?;
        head.last_number += 1;
        Ok(head.last_number)
    }

    async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        Ok(self.ask(Some((sql, params)), None).await?.touched)
    }

    fn put(&mut self, sql: &'static str, params: Vec<Value>) {
        self.puts.push((Cow::Borrowed(sql), params));
    }

    fn append(&mut self, draft: EventDraft) -> EventId {
        let id = EventId(self.new_id());
        self.drafts.push((id, draft));
        id
    }
}
