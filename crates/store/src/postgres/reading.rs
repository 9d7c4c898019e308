//! The transaction that a query runs in: it begins with its first statement and changes nothing.

use std::borrow::Cow;

use flowbit_domain::{
    StoreError, TenantRead, Value,
    id::TenantId,
    time::Timestamp,
    tx::{Row, SearchDialect},
};

use super::{
    Shared,
    ahead::{self, Ahead, Asking},
    connection::{Each, Step},
    pool::Loan,
    search::SEARCH,
    transaction::{begin, fly_and_end},
};

/// Every statement of a query sees one state.
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A reading transaction.
pub(crate) struct ReadTx<'a> {
    shared: &'a Shared,
    loan: &'a mut Loan,
    tenant: TenantId,
    now: Timestamp,
    ahead: Ahead,
    /// The next statement is the last one.
    is_last: bool,
    /// That one was asked.
    is_over: bool,
}

impl<'a> ReadTx<'a> {
    pub(crate) fn new(shared: &'a Shared, loan: &'a mut Loan, tenant: TenantId) -> Self {
        Self {
            shared,
            loan,
            tenant,
            now: shared.clock.now(),
            ahead: Ahead::default(),
            is_last: false,
            is_over: false,
        }
    }
}

impl Asking for ReadTx<'_> {
    fn ahead(&mut self) -> &mut Ahead {
        &mut self.ahead
    }

    async fn ask_rows(&mut self, sql: &str, params: &[Value], each: Each<'_>) -> Result<(), StoreError> {
        let mut steps = Vec::new();
        if !self.loan.is_open {
            steps.push(begin(BEGIN_READING, self.shared, self.tenant));
        }
        let prelude = steps.len();
        steps.extend(self.ahead.steps());
        steps.push(Step::Asked(Cow::Borrowed(sql), Cow::Borrowed(params)));
        // Should it be, it is in a transaction of its own.
        debug_assert!(!self.is_over, "asked after what was said to be the last statement: {sql}");
        self.is_over = self.is_last;
        let end = std::mem::take(&mut self.is_last).then_some("COMMIT");
        let flown = fly_and_end(self.loan, &steps, each, end).await;
        self.ahead.fill(flown.map_err(|lost| lost.why)?.into_iter().skip(prelude), None);
        Ok(())
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

    fn ask_last(&mut self) {
        self.is_last = true;
    }

    fn ask_ahead(&mut self, sql: &'static str, params: &[Value]) {
        self.ahead.note(sql, params);
    }

    async fn query<T, F>(&mut self, sql: &str, params: &[Value], map: F) -> Result<Vec<T>, StoreError>
    where
        T: Send,
        F: FnMut(&dyn Row) -> Result<T, StoreError> + Send,
    {
        ahead::query(self, sql, params, map).await
    }
}
