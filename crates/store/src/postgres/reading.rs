//! The transaction that a query runs in: it begins with its first statement and changes nothing.

use std::{borrow::Cow, sync::Arc};

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
    shares,
    transaction::{begin, fly_and_end},
};

/// Every statement of a query sees one state.
pub(super) const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A reading transaction.
pub(crate) struct ReadTx<'a> {
    shared: &'a Arc<Shared>,
    /// The connection, from the first statement on.
    loan: Option<Loan>,
    tenant: TenantId,
    now: Timestamp,
    ahead: Ahead,
    /// The next statement is the only one, and takes no time to speak of.
    is_only: bool,
    /// The next statement is the last one.
    is_last: bool,
    /// That one was asked.
    is_over: bool,
}

impl<'a> ReadTx<'a> {
    pub(crate) fn new(shared: &'a Arc<Shared>, tenant: TenantId) -> Self {
        Self {
            shared,
            loan: None,
            tenant,
            now: shared.clock.now(),
            ahead: Ahead::default(),
            is_only: false,
            is_last: false,
            is_over: false,
        }
    }

    /// Ends it, without waiting for that.
    pub(crate) fn end(&mut self) {
        if let Some(loan) = &mut self.loan {
            loan.end_unheard("COMMIT");
        }
    }
}

impl Asking for ReadTx<'_> {
    fn ahead(&mut self) -> &mut Ahead {
        &mut self.ahead
    }

    async fn ask_rows(&mut self, sql: &str, params: &[Value], each: Each<'_>) -> Result<(), StoreError> {
        let loan = match &mut self.loan {
            Some(loan) => loan,
            none if self.is_only && self.ahead.is_empty() => match self.shared.pool.borrow_now().await? {
                Some(loan) => none.insert(loan),
                None => {
                    self.is_over = true;
                    let rows = shares::ask(self.shared, self.tenant, sql, params).await?;
                    return each.map_or(Ok(()), |each| rows.iter().try_for_each(each));
                }
            },
            none => none.insert(self.shared.pool.borrow(self.tenant).await?),
        };
        let mut steps = Vec::new();
        if !loan.is_open {
            steps.push(begin(BEGIN_READING, self.shared, self.tenant));
        }
        let prelude = steps.len();
        steps.extend(self.ahead.steps());
        steps.push(Step::Asked(Cow::Borrowed(sql), Cow::Borrowed(params)));
        // Should it be, it is in a transaction of its own.
        debug_assert!(!self.is_over, "asked after what was said to be the last statement: {sql}");
        self.is_over = self.is_last;
        let end = std::mem::take(&mut self.is_last).then_some("COMMIT");
        let flown = fly_and_end(loan, &steps, each, end).await;
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

    fn packs_by(&self) -> Option<&'static str> {
        Some("json_build_array")
    }

    fn ask_last(&mut self) {
        self.is_last = true;
    }

    fn ask_only(&mut self) {
        self.is_last = true;
        self.is_only = true;
    }

    fn ask_anew(&mut self) {
        self.is_over = false;
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
