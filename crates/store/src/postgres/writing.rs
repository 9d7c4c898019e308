//! One command's part of a writing transaction.

use std::borrow::Cow;

use flowbit_domain::{
    StoreError, TenantRead, TenantTx, Value,
    event::{EventDraft, StoredEvent},
    id::{EventId, TenantId},
    time::Timestamp,
    tx::{Row, SearchDialect},
};
use uuid::Uuid;

use super::{
    ahead::{self, Ahead, Asking},
    connection::{Answer, Each, Lost, Step},
    search::SEARCH,
    transaction::{Batch, Head, Puts, Sharing, no_head},
};
use crate::ledger::APPEND;

const SAVEPOINT: &str = "SAVEPOINT command";
const ROLLBACK_TO: &str = "ROLLBACK TO SAVEPOINT command";
const RELEASE: &str = "RELEASE SAVEPOINT command";

/// One command's part of a batch.
pub(crate) struct WriteTx<'b> {
    batch: &'b mut Batch,
    now: Timestamp,
    /// The head as the command found it.
    before: Option<Head>,
    /// What travels with the next statement that is waited for.
    puts: Puts,
    drafts: Vec<(EventId, EventDraft)>,
    /// To which trace the command belongs.
    pub(super) trace_parent: Option<String>,
    ahead: Ahead,
    /// The first error of a statement. The database takes nothing more of the command after it.
    failed: Option<StoreError>,
    has_savepoint: bool,
    /// Something was sent that may have changed something.
    has_written: bool,
}

impl<'b> WriteTx<'b> {
    /// Begins a command's part.
    pub(crate) fn begin(batch: &'b mut Batch) -> Self {
        Self {
            now: batch.shared.clock.now(),
            before: batch.head,
            batch,
            puts: Vec::new(),
            drafts: Vec::new(),
            trace_parent: None,
            ahead: Ahead::default(),
            failed: None,
            has_savepoint: false,
            has_written: false,
        }
    }

    /// Whether the command may have to run again.
    pub(super) fn may_be_repeated(&self) -> bool {
        self.batch.sharing == Sharing::Together
    }

    /// After a statement that is waited for: what was asked ahead travelled before it.
    fn note_written(&mut self, sql: &str) {
        self.batch.settings.note_written(sql, &SEARCH);
    }

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
        match self.batch.sharing {
            Sharing::Alone => {}
            Sharing::Together => {
                self.has_written |=
                    !puts.is_empty() || last.is_some_and(|(sql, _)| !sql.starts_with("SELECT"));
                let earlier = std::mem::take(&mut self.batch.rest).into_iter();
                steps.extend(earlier.map(|(sql, values)| Step::Asked(sql, Cow::Owned(values))));
            }
            Sharing::Apart if self.has_savepoint => {}
            Sharing::Apart => {
                steps.push(Step::Plain(SAVEPOINT.into()));
                self.has_savepoint = true;
            }
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
                // Whosever statement it was, the database takes nothing more in this transaction.
                self.batch.is_spoilt = self.batch.sharing == Sharing::Together;
                return Err(why);
            }
        };
        let answer = if last.is_some() { answers.pop().unwrap_or_default() } else { Answer::default() };
        if prelude > 0 {
            self.batch.take_head(answers.get(prelude - 1))?;
        }
        answers.truncate(before_last);
        self.ahead.fill(answers.into_iter().skip(before_ahead), Some(&mut self.batch.settings));
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
            self.puts.push((Cow::Borrowed(APPEND), event.values().into()));
            events.push(event);
        }
        match self.batch.sharing {
            Sharing::Alone | Sharing::Together => self.batch.rest.append(&mut self.puts),
            Sharing::Apart if self.has_savepoint || !self.puts.is_empty() => {
                self.ask(None, None).await?;
                self.batch.fly(&[Step::Plain(RELEASE.into())], None).await.map_err(|lost| lost.why)?;
            }
            Sharing::Apart => {}
        }
        Ok(events)
    }

    /// Undoes a command that failed. The batch goes on without it, unless it is lost.
    pub(crate) async fn undo(self) {
        let Self { batch, before, has_savepoint, has_written, .. } = self;
        // It may have learned what it had itself changed.
        batch.settings.clear();
        match batch.sharing {
            Sharing::Alone => {
                batch.rest.clear();
                batch.loan.end_unheard("ROLLBACK");
                return;
            }
            Sharing::Together => {
                batch.is_spoilt |= has_written;
                batch.head = before.or(batch.found);
                return;
            }
            Sharing::Apart => {}
        }
        // The first command may have ended before it took in what the first flight brought.
        batch.head = before.or(batch.found);
        if batch.lost.is_none() && batch.loan.is_open {
            let undone = if has_savepoint {
                batch.fly(&[Step::Plain(ROLLBACK_TO.into()), Step::Plain(RELEASE.into())], None).await
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

impl Asking for WriteTx<'_> {
    fn ahead(&mut self) -> &mut Ahead {
        &mut self.ahead
    }

    async fn ask_rows(&mut self, sql: &str, params: &[Value], each: Each<'_>) -> Result<(), StoreError> {
        let asked = self.ask(Some((sql, params)), each).await.map(drop);
        self.note_written(sql);
        asked
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

    fn ask_setting_ahead(&mut self, sql: &'static str, params: &[Value]) {
        self.ahead.note_setting(sql, params, &self.batch.settings);
    }

    async fn query<T, F>(&mut self, sql: &str, params: &[Value], map: F) -> Result<Vec<T>, StoreError>
    where
        T: Send,
        F: FnMut(&dyn Row) -> Result<T, StoreError> + Send,
    {
        if self.ahead.is_unsent_setting(sql, params) {
            // With the others that wait, and to be known to the commands that follow.
            self.ask(None, None).await?;
        }
        ahead::query(self, sql, params, map).await
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

    async fn skip_numbers(&mut self, up_to: i64) -> Result<(), StoreError> {
        if self.batch.head.is_none() {
            self.ask(None, None).await?;
        }
        let head = self.batch.head.as_mut().ok_or_else(no_head)?;
        head.last_number = head.last_number.max(up_to);
        Ok(())
    }

    async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let asked = self.ask(Some((sql, params)), None).await;
        self.note_written(sql);
        Ok(asked?.touched)
    }

    fn put(&mut self, sql: &'static str, params: Vec<Value>) {
        self.note_written(sql);
        self.puts.push((Cow::Borrowed(sql), params));
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
