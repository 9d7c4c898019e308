//! Short queries that wait: where no connection is free, those of one tenant wait together, and when it is their turn
//! they travel together, in one transaction. Its beginning and its end cost the database about a quarter of what a page
//! of tickets does, and each message between here and there costs both sides.
//!
//! All of them came before the transaction began, so what they see is not older than what each may see. One that fails
//! costs the others a second journey, and nothing else.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use flowbit_domain::{StoreError, Value, id::TenantId};
use tokio::sync::oneshot;
use tokio_postgres::Row;

use super::{
    Shared,
    connection::{Answer, Lost, Step},
    pool::Loan,
    reading::BEGIN_READING,
    transaction::{begin, fly_and_end},
};
use crate::counters::count;

/// So many travel together at most: the last one waits for all others.
const TOGETHER: usize = 8;

/// A query's only statement, and where its rows will come.
struct Asked {
    sql: Box<str>,
    params: Box<[Value]>,
    rows: oneshot::Sender<Result<Vec<Row>, StoreError>>,
}

impl Asked {
    fn answer(self, rows: Result<Vec<Row>, StoreError>) {
        // Whoever asked may have gone.
        let _ = self.rows.send(rows);
    }
}

/// Who waits, of each tenant of whom anybody does.
pub(super) struct Shares {
    waiting: Mutex<HashMap<TenantId, Vec<Asked>>>,
    per_tenant: usize,
}

impl Shares {
    pub(super) fn new(per_tenant: usize) -> Self {
        Self { waiting: Mutex::default(), per_tenant }
    }

    fn with<T>(&self, f: impl FnOnce(&mut HashMap<TenantId, Vec<Asked>>) -> T) -> T {
        // Nothing panics while it is held.
        f(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How many wait, besides those who wait in the pool in their name.
    pub(super) fn waiting(&self) -> usize {
        self.with(|all| all.values().map(|asked| asked.len().saturating_sub(1)).sum())
    }

    /// Lets one wait. Answers whether nobody waits for a connection yet.
    fn push(&self, tenant: TenantId, asked: Asked) -> Result<bool, StoreError> {
        self.with(|all| {
            let waiting = all.entry(tenant).or_default();
            if waiting.len() >= self.per_tenant {
                return Err(StoreError::Unavailable("too much of this tenant is waiting already".to_owned()));
            }
            waiting.push(asked);
            Ok(waiting.len() == 1)
        })
    }

    /// Those whose turn it is, so many at most, and whether others must wait on.
    fn take(&self, tenant: TenantId, most: usize) -> (Vec<Asked>, bool) {
        self.with(|all| {
            let Some(waiting) = all.get_mut(&tenant) else { return (Vec::new(), false) };
            waiting.retain(|asked| !asked.rows.is_closed());
            if waiting.len() <= most {
                return (all.remove(&tenant).unwrap_or_default(), false);
            }
            (waiting.drain(..most).collect(), true)
        })
    }
}

/// Asks a query's only statement, when it is the tenant's turn.
pub(super) async fn ask(
    shared: &Arc<Shared>,
    tenant: TenantId,
    sql: &str,
    params: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let (rows, answer) = oneshot::channel();
    let asked = Asked { sql: sql.into(), params: params.into(), rows };
    let is_first = shared.shares.push(tenant, asked).inspect_err(|_| count(&shared.counters.refused))?;
    if is_first {
        lead(Arc::clone(shared), tenant);
    }
    answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the store is closed".to_owned())))
}

/// Waits for a connection, and asks for those who wait by then. In a task of its own: should the first caller go away,
/// the others still get their answer.
fn lead(shared: Arc<Shared>, tenant: TenantId) {
    tokio::spawn(async move {
        let loan = shared.pool.borrow(tenant).await;
        // Where none is to be had, nobody is kept waiting for the same answer.
        let most = if loan.is_ok() { TOGETHER } else { usize::MAX };
        let (asked, others_wait) = shared.shares.take(tenant, most);
        if others_wait {
            lead(Arc::clone(&shared), tenant);
        }
        match loan {
            Ok(loan) => fly(&shared, loan, tenant, asked).await,
            Err(why) => asked.into_iter().for_each(|asked| asked.answer(Err(why.clone()))),
        }
    });
}

/// Asks for all of them; if one fails, for each of the others alone.
async fn fly(shared: &Shared, mut loan: Loan, tenant: TenantId, mut asked: Vec<Asked>) {
    let Some(Lost { at, why, .. }) = fly_together(shared, &mut loan, tenant, &mut asked).await else {
        return;
    };
    // The first step is the beginning.
    let failed = at.checked_sub(1).filter(|at| *at < asked.len());
    let is_broken = loan.link().is_err();
    match failed {
        Some(at) if !is_broken => asked.remove(at).answer(Err(why)),
        _ => return asked.into_iter().for_each(|asked| asked.answer(Err(why.clone()))),
    }
    drop(loan);
    for one in asked {
        let mut alone = vec![one];
        let flown = match shared.pool.borrow(tenant).await {
            Ok(mut loan) => fly_together(shared, &mut loan, tenant, &mut alone).await.map(|lost| lost.why),
            Err(why) => Some(why),
        };
        if let Some(why) = flown {
            alone.into_iter().for_each(|asked| asked.answer(Err(why.clone())));
        }
    }
}

/// Asks for all of them in one transaction and answers them, unless something fails.
async fn fly_together(
    shared: &Shared,
    loan: &mut Loan,
    tenant: TenantId,
    asked: &mut Vec<Asked>,
) -> Option<Lost> {
    if asked.is_empty() {
        return None;
    }
    let mut steps = Vec::with_capacity(asked.len() + 1);
    steps.push(begin(BEGIN_READING, shared, tenant));
    for Asked { sql, params, .. } in asked.iter() {
        steps.push(Step::Asked(Cow::Borrowed(sql), Cow::Borrowed(params)));
    }
    let answers = match fly_and_end(loan, &steps, None, Some("COMMIT")).await {
        Ok(answers) => answers,
        Err(lost) => return Some(lost),
    };
    drop(steps);
    for (asked, Answer { rows, .. }) in asked.drain(..).zip(answers.into_iter().skip(1)) {
        asked.answer(Ok(rows));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn asked() -> (Asked, oneshot::Receiver<Result<Vec<Row>, StoreError>>) {
        let (rows, answer) = oneshot::channel();
        (Asked { sql: "SELECT 1".into(), params: Box::default(), rows }, answer)
    }

    #[test]
    fn so_many_of_one_tenant_wait_and_no_more() {
        let (shares, [one, another]) = (Shares::new(2), [1, 2].map(|n| TenantId(Uuid::from_u128(n))));
        let mut answers = Vec::new();
        let mut push = |tenant| {
            let (asked, answer) = asked();
            answers.push(answer);
            shares.push(tenant, asked)
        };
        assert!(push(one).unwrap(), "the first sees to it");
        assert!(!push(one).unwrap());
        assert!(matches!(push(one), Err(StoreError::Unavailable(why)) if why.contains("this tenant")));
        assert!(push(another).unwrap(), "which costs nobody else");
        assert_eq!(shares.waiting(), 1);
        let (taken, others_wait) = shares.take(one, TOGETHER);
        assert_eq!((taken.len(), others_wait), (2, false));
        assert!(push(one).unwrap(), "the next begins anew");
    }
}
