//! The transaction that use-cases run in. Two engines implement it; nothing here is theirs alone.
//!
//! SQL is written once, in the dialect that both engines share: parameters are `$1…$n` bound by
//! number, ids are UUID values, times are 64-bit milliseconds, JSON is text. No statement names a
//! tenant: the transaction is inside one tenant's store and can reach no other.

use std::future::Future;

use uuid::Uuid;

use crate::{
    event::EventDraft,
    id::{EventId, TenantId},
    time::Timestamp,
};

/// A value bound to a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL, of whatever type the statement wants.
    Null,
    /// A truth value.
    Bool(bool),
    /// A 64-bit integer; times are milliseconds.
    Int(i64),
    /// Text, also JSON.
    Text(String),
    /// A UUID (16 bytes on SQLite, `uuid` on PostgreSQL).
    Uuid(Uuid),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}
impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}
impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Bool(v)
    }
}
impl From<Uuid> for Value {
    fn from(v: Uuid) -> Self {
        Self::Uuid(v)
    }
}
impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Self::Bytes(v)
    }
}
impl<T: Into<Self>> From<Option<T>> for Value
where
    T: PlainValue,
{
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

/// The plain types whose `Option` is a value as well.
pub trait PlainValue {}
impl PlainValue for &str {}
impl PlainValue for String {}
impl PlainValue for i64 {}
impl PlainValue for bool {}
impl PlainValue for Vec<u8> {}
impl PlainValue for Uuid {}

/// One row of an answer, read in place. Columns count from 0. A column of another type, or one out
/// of range, is a [`StoreError::Failed`] that names the column.
pub trait Row {
    /// Text, not NULL.
    fn text(&self, column: usize) -> Result<&str, StoreError>;
    /// Text or NULL.
    fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError>;
    /// Integer, not NULL.
    fn int(&self, column: usize) -> Result<i64, StoreError>;
    /// Integer or NULL.
    fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError>;
    /// Truth value, not NULL.
    fn bool(&self, column: usize) -> Result<bool, StoreError>;
    /// UUID, not NULL.
    fn uuid(&self, column: usize) -> Result<Uuid, StoreError>;
    /// UUID or NULL.
    fn opt_uuid(&self, column: usize) -> Result<Option<Uuid>, StoreError>;
    /// Bytes, not NULL.
    fn bytes(&self, column: usize) -> Result<&[u8], StoreError>;

    /// A time, not NULL.
    fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp)
    }
    /// A time or NULL.
    fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }
}

/// What can go wrong below a use-case.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The store can't serve it now (full disk, closed, damaged file); trying later may help.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// A fault of the program or the file.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// How an engine searches text, and in JSON. The rest of a statement is shared.
///
/// A document is one ticket's own text or one message. `rowid`s are the engine's own business.
pub struct SearchDialect {
    /// A predicate over `t` (a row of `tickets`) that is true when the query bound at `$Q` matches, or the ticket's
    /// number is one of what stands for `$ALSO`: nothing, or `UNION ALL` and a query of numbers.
    pub matches: &'static str,
    /// A predicate over `t` (a row of `tickets`) that is true when the custom field whose key is bound at `$K`
    /// holds the JSON value bound at `$V` as text, or several values of which it is one.
    pub custom_field: &'static str,
    /// Statement that adds a document: `$1` ticket number, `$2` part (0 the ticket, 1… its messages
    /// by their ordinal), `$3` ticket text or NULL, `$4` public text or NULL, `$5` internal text or NULL.
    pub add: &'static str,
    /// Statement that removes one document: `$1` ticket number, `$2` part.
    pub remove: &'static str,
    /// Statement that removes all documents of a ticket: `$1` ticket number.
    pub remove_all: &'static str,
    /// Turns a text into what is bound to [`Self::add`] for it.
    pub document: fn(&str) -> String,
    /// Turns what a person typed (never empty of words) into the engine's query; `true`: internal
    /// notes may be searched. `None` when nothing searchable is left of it.
    pub query: fn(&str, bool) -> Option<String>,
}

/// The tables that every ticket writes to. No answer to [`TenantRead::ask_setting_ahead`] comes from them.
pub const DAILY: [&str; 8] = [
    "tickets",
    "ticket_tags",
    "ticket_watchers",
    "messages",
    "message_mentions",
    "notices",
    "deliveries",
    "idempotency",
];

/// Reading inside one tenant. All statements of one use-case see one state.
pub trait TenantRead: Send {
    /// Whose store this is; for building answers, never for statements.
    fn tenant(&self) -> TenantId;
    /// The moment of this transaction.
    fn now(&self) -> Timestamp;
    /// How this engine searches text.
    fn search(&self) -> &'static SearchDialect;
    /// `None`: the data is at hand; asking a little first, and the rest where it is wanted, costs less than all of it
    /// at once. `Some`: each statement is a journey; this engine's function that makes a JSON array of its arguments.
    fn packs_by(&self) -> Option<&'static str> {
        None
    }
    /// Runs a statement and maps each row. In a writing transaction it may be `… RETURNING`.
    fn query<T, F>(
        &mut self,
        sql: &str,
        params: &[Value],
        map: F,
    ) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send
    where
        T: Send,
        F: FnMut(&dyn Row) -> Result<T, StoreError> + Send;

    /// Says that the use-case will query this statement with these values, unless it ends before. An
    /// engine that is a journey away from its data asks it together with the next statement, so that the
    /// later query costs no journey of its own; one that has its data at hand does nothing. Nothing that
    /// the use-case does in between may change what it answers.
    fn ask_ahead(&mut self, _sql: &'static str, _params: &[Value]) {}

    /// Says that after the next statement nothing is asked but what was asked ahead: an engine that is a journey away
    /// from its data ends the transaction with it.
    fn ask_last(&mut self) {}

    /// Says that the next statement is the only one and takes no time to speak of, such as one that follows an index: an
    /// engine that is a journey away from its data sends it together with those of others who wait for the same tenant.
    fn ask_only(&mut self) {
        self.ask_last();
    }

    /// After what was said to be the last statement another one is asked: it may see a later state, so the query
    /// forgets what the ones before have answered.
    fn ask_anew(&mut self) {}

    /// As [`Self::ask_ahead`], of a company's settings: of what lies in none of the [`DAILY`] tables. Commands that
    /// share a transaction share the answer, until one of them writes to another table than those.
    fn ask_setting_ahead(&mut self, sql: &'static str, params: &[Value]) {
        self.ask_ahead(sql, params);
    }

    /// The first row, if any.
    fn query_one<T, F>(
        &mut self,
        sql: &str,
        params: &[Value],
        map: F,
    ) -> impl Future<Output = Result<Option<T>, StoreError>> + Send
    where
        T: Send,
        F: FnMut(&dyn Row) -> Result<T, StoreError> + Send,
    {
        async move { Ok(self.query(sql, params, map).await?.into_iter().next()) }
    }
}

/// Changing one tenant's store. All or nothing: an `Err` from the use-case leaves no trace.
pub trait TenantTx: TenantRead {
    /// A new UUIDv7 (RFC 9562) from the injected clock and randomness.
    fn new_id(&mut self) -> Uuid;
    /// 32 random bytes, for secrets.
    fn random(&mut self) -> [u8; 32];
    /// The next number for a ticket, from 1: taken for good when the command succeeds, else free again.
    fn take_number(&mut self) -> impl Future<Output = Result<i64, StoreError>> + Send;
    /// From now on [`Self::take_number`] gives only numbers above this one.
    fn skip_numbers(&mut self, up_to: i64) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Runs a statement and answers how many rows it touched.
    fn execute(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;
    /// Runs a statement whose outcome need not be known before the commit: it travels with the next
    /// one. Its error comes out of the next call that waits, or of the commit.
    fn put(&mut self, sql: &'static str, params: Vec<Value>);
    /// Where in a trace the command stands, as W3C Trace Context says it (`traceparent`): what it causes later
    /// belongs there as well. `None` when nobody follows it.
    fn trace_parent(&self) -> Option<&str> {
        None
    }
    /// Appends an event; it gets its `seq` and its place in the chain just before the commit. Use-cases
    /// call [`crate::ledger::record`], which also makes the deliveries that the event causes.
    fn append(&mut self, draft: EventDraft) -> EventId;
}

/// A use-case that changes one tenant: a value, so that it can be queued, batched and boxed, and run anew when a
/// neighbour has taken down the transaction that they shared.
pub trait Command: Clone + Send + 'static {
    /// What it answers.
    type Output: Send + 'static;
    /// Load, decide, save, record.
    fn run(self, tx: &mut impl TenantTx) -> impl Future<Output = crate::Result<Self::Output>> + Send;
}

/// A use-case that only reads.
pub trait Query: Send + 'static {
    /// What it answers.
    type Output: Send + 'static;
    /// Load and shape.
    fn run(self, tx: &mut impl TenantRead) -> impl Future<Output = crate::Result<Self::Output>> + Send;
}
