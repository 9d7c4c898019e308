//! The transaction that commands share. What needs no answer travels with what does: it begins with its first
//! statement, and the last changes go with its commit.

use std::{borrow::Cow, sync::Arc};

use flowbit_domain::{StoreError, Value, event::Hash, id::TenantId, tx::Row};

use super::{
    Shared,
    ahead::Settings,
    connection::{Answer, Each, Lost, Step},
    pool::Loan,
    statement::RowInPlace,
};

/// A command sees all that was committed before it got hold of the head. What commands ask is found by keys alone: a
/// plan made once is as good for all values, and making one anew for each statement costs as much as running it.
const BEGIN_WRITING: &str =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL plan_cache_mode = force_generic_plan";
/// The head makes a tenant's commands wait for each other, on all nodes.
const LOCK_HEAD: &str = "SELECT seq, hash, last_number FROM head FOR NO KEY UPDATE";
const SET_HEAD: &str = "UPDATE head SET seq = $1, hash = $2, last_number = $3";
/// Where other nodes look which ledgers have moved.
const SET_LEDGER: &str = "INSERT INTO flowbit_control.ledgers AS known (tenant, seq, identity_seq, moved) \
    VALUES ($1, $2::int8, CASE WHEN $3 THEN $2 ELSE 0 END, pg_current_xact_id()) \
    ON CONFLICT ON CONSTRAINT ledgers_pkey DO UPDATE SET seq = excluded.seq, \
    identity_seq = greatest(known.identity_seq, excluded.identity_seq), moved = excluded.moved";
const COMMIT: &str = "COMMIT";

/// Begins a transaction, and says whose it is until its end: in one message, which costs the database and this side
/// less than several.
pub(super) fn begin<'s>(how: &str, shared: &Shared, tenant: TenantId) -> Step<'s> {
    // Neither can hold anything but digits and hyphens.
    let (TenantId(tenant), timeout) = (tenant, shared.statement_timeout);
    Step::Plain(
        format!("{how}; SET LOCAL app.tenant = '{tenant}'; SET LOCAL statement_timeout = {timeout}").into(),
    )
}

/// Flies with a transaction under way, or beginning.
async fn fly(loan: &mut Loan, steps: &[Step<'_>], each: Each<'_>) -> Result<Vec<Answer>, Lost> {
    fly_and_end(loan, steps, each, None).await
}

/// The same; with an `end` that is all of the transaction.
pub(super) async fn fly_and_end(
    loan: &mut Loan,
    steps: &[Step<'_>],
    each: Each<'_>,
    end: Option<&'static str>,
) -> Result<Vec<Answer>, Lost> {
    let gone = |why| Lost { at: 0, why, is_certain: true };
    loan.link().map_err(gone)?;
    // From here on one may be under way, wherever this is left.
    loan.is_open = true;
    let flown = loan.link().map_err(gone)?.fly_and_end(steps, each, end).await;
    loan.is_open = end.is_none() || flown.is_err();
    flown
}

/// The end of a tenant's ledger, and the last number of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) seq: i64,
    pub(super) hash: Hash,
    pub(super) last_number: i64,
}

impl Head {
    fn from_row(row: &tokio_postgres::Row) -> Result<Self, StoreError> {
        let row = RowInPlace(row);
        let hash = row.bytes(1)?.try_into();
        let hash = hash.map_err(|_| StoreError::Failed("the head's hash can't be read".to_owned()))?;
        Ok(Self { seq: row.int(0)?, hash, last_number: row.int(2)? })
    }
}

/// Who runs in a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// One command.
    Alone,
    /// Several, in the hope that none of them must be undone: what one leaves to be sent travels with the next
    /// one's statements. If one must be, none is kept, and all run again, [`Self::Apart`].
    Together,
    /// Several, each in a savepoint.
    Apart,
}

/// A writing transaction, in which one or several commands run one after another.
pub(crate) struct Batch {
    pub(super) shared: Arc<Shared>,
    pub(super) loan: Loan,
    pub(super) tenant: TenantId,
    pub(super) sharing: Sharing,
    /// As the commands have left it; `None` until the first flight.
    pub(super) head: Option<Head>,
    /// As it was found.
    pub(super) found: Option<Head>,
    /// Whether an event may have changed who is signed in or what they may do.
    pub(super) touches_identity: bool,
    /// What the commands have learned of the company's settings.
    pub(super) settings: Settings,
    /// What commands have left to be sent with the next one's statements, or with the commit.
    pub(super) rest: Puts,
    /// One of those who run together must be undone.
    pub(super) is_spoilt: bool,
    /// Why nothing can come of it any more.
    pub(super) lost: Option<StoreError>,
}

/// Statements whose outcome need not be known before the commit, with their values.
pub(super) type Puts = Vec<(Cow<'static, str>, Vec<Value>)>;

/// Why a batch was not committed.
pub(crate) enum Uncommitted {
    /// One of those who ran together must be undone: all are, and can run again.
    ByOne,
    /// The only command's own statements failed.
    ByCommand(StoreError),
    /// Nothing of any command was kept, or nobody knows.
    All(StoreError),
}

impl Batch {
    pub(crate) fn new(shared: Arc<Shared>, loan: Loan, tenant: TenantId, sharing: Sharing) -> Self {
        Self {
            shared,
            loan,
            tenant,
            sharing,
            head: None,
            found: None,
            touches_identity: false,
            settings: Settings::default(),
            rest: Vec::new(),
            is_spoilt: false,
            lost: None,
        }
    }

    /// Undoes all that those who ran together did, for them to run again, each in a savepoint.
    pub(crate) fn begin_apart(&mut self) {
        self.loan.end_unheard("ROLLBACK");
        (self.head, self.found, self.touches_identity) = (None, None, false);
        self.rest.clear();
        self.settings.clear();
        self.is_spoilt = false;
        self.sharing = Sharing::Apart;
    }

    /// Why nothing can come of it any more, if so.
    pub(crate) fn lost(&self) -> Option<&StoreError> {
        self.lost.as_ref()
    }

    /// The `seq` of the newest event that the commands have appended.
    pub(crate) fn seq(&self) -> i64 {
        self.head.map_or(0, |head| head.seq)
    }

    /// What must be sent before a command's first statement.
    pub(super) fn prelude<'s>(&self) -> Vec<Step<'s>> {
        if self.loan.is_open {
            return Vec::new();
        }
        let lock = Step::Asked(Cow::Borrowed(LOCK_HEAD), Cow::Borrowed(&[]));
        vec![begin(BEGIN_WRITING, &self.shared, self.tenant), lock]
    }

    pub(super) async fn fly(&mut self, steps: &[Step<'_>], each: Each<'_>) -> Result<Vec<Answer>, Lost> {
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
        steps.push(Step::Plain(COMMIT.into()));
        match self.fly(&steps, None).await {
            Ok(_) => {
                self.loan.is_open = false;
                Ok(())
            }
            Err(Lost { at, why, is_certain: true }) => {
                // The commit was sent as well, and has undone what had failed before it.
                self.loan.end_unheard("ROLLBACK");
                if at < of_command {
                    return Err(match self.sharing {
                        Sharing::Together => Uncommitted::ByOne,
                        Sharing::Alone | Sharing::Apart => Uncommitted::ByCommand(why),
                    });
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

pub(super) fn no_head() -> StoreError {
    StoreError::Unavailable("the tenant is not there".to_owned())
}

impl Batch {
    pub(super) fn take_head(&mut self, answer: Option<&Answer>) -> Result<(), StoreError> {
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
