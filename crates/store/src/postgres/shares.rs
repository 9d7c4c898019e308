//! Short queries that wait: where no connection is free, those of one tenant wait together, and when it is their turn
//! they travel together, in one transaction. Its beginning and its end cost the database about a quarter of what a page
//! of tickets does, and each message between here and there costs both sides.
//!
//! All of them came before the transaction began, so what they see is not older than what each may see. All wait for
//! the slowest of them, so only statements that take no time to speak of come here; should one fail, each of the others
//! is asked once more, by itself.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
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
use crate::counters::{add, count};

/// So many travel together at most: the last one waits for all others.
const TOGETHER: usize = 8;

/// A query's only statement, and where its rows will come.
struct Asked {
    sql: Box<str>,
    params: Box<[Value]>,
    /// Since when it waits.
    since: Instant,
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

    /// Since when the first one waits.
    fn first(&self, tenant: TenantId) -> Option<Instant> {
        self.with(|all| all.get(&tenant)?.first().map(|asked| asked.since))
    }

    /// Those who go, in the order in which they came, and whether others must wait on.
    fn take(&self, tenant: TenantId, mut goes: impl FnMut(&Asked) -> bool) -> (Vec<Asked>, bool) {
        self.with(|all| {
            let Some(waiting) = all.get_mut(&tenant) else { return (Vec::new(), false) };
            waiting.retain(|asked| !asked.rows.is_closed());
            let taken = waiting.extract_if(.., |asked| goes(asked)).collect();
            let others_wait = !waiting.is_empty();
            if !others_wait {
                all.remove(&tenant);
            }
            (taken, others_wait)
        })
    }

    /// Those who travel together.
    fn take_some(&self, tenant: TenantId) -> (Vec<Asked>, bool) {
        let mut places = TOGETHER;
        self.take(tenant, |_| places.checked_sub(1).inspect(|left| places = *left).is_some())
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
    let asked = Asked { sql: sql.into(), params: params.into(), since: Instant::now(), rows };
    let is_first = shared.shares.push(tenant, asked).inspect_err(|_| count(&shared.counters.refused))?;
    if is_first {
        lead(Arc::clone(shared), tenant);
    }
    answer.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the store is closed".to_owned())))
}

/// Waits for a connection, for as long as the first of them may, and asks for those who wait by then. In a task of its
/// own: should the first caller go away, the others still get their answer.
fn lead(shared: Arc<Shared>, tenant: TenantId) {
    tokio::spawn(async move {
        let Shared { pool, shares, counters, .. } = &*shared;
        let Some(since) = shares.first(tenant) else { return };
        let until = since + pool.wait();
        let loan = pool.borrow_until(tenant, until).await;
        let (asked, others_wait) = match &loan {
            Ok(_) => shares.take_some(tenant),
            // Whoever came later may wait on.
            Err(_) if Instant::now() >= until => {
                let now = Instant::now();
                shares.take(tenant, |asked| asked.since + pool.wait() <= now)
            }
            // It is not for want of time, and holds for all.
            Err(_) => shares.take(tenant, |_| true),
        };
        if others_wait {
            lead(Arc::clone(&shared), tenant);
        }
        match loan {
            Ok(loan) => fly(&shared, loan, tenant, asked).await,
            Err(why) => {
                // The pool has counted one.
                add(&counters.refused, asked.len().saturating_sub(1));
                asked.into_iter().for_each(|asked| asked.answer(Err(why.clone())));
            }
        }
    });
}

/// Asks for all of them; if one fails, for each of the others alone.
async fn fly(shared: &Arc<Shared>, mut loan: Loan, tenant: TenantId, mut asked: Vec<Asked>) {
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
    // None of them waits for another one any more.
    for one in asked {
        tokio::spawn(fly_alone(Arc::clone(shared), tenant, one));
    }
}

async fn fly_alone(shared: Arc<Shared>, tenant: TenantId, asked: Asked) {
    let mut alone = vec![asked];
    let flown = match shared.pool.borrow(tenant).await {
        Ok(_) if alone.iter().all(|asked| asked.rows.is_closed()) => None,
        Ok(mut loan) => fly_together(&shared, &mut loan, tenant, &mut alone).await.map(|lost| lost.why),
        Err(why) => Some(why),
    };
    if let Some(why) = flown {
        alone.into_iter().for_each(|asked| asked.answer(Err(why.clone())));
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

    fn asked(since: Instant) -> (Asked, oneshot::Receiver<Result<Vec<Row>, StoreError>>) {
        let (rows, answer) = oneshot::channel();
        (Asked { sql: "SELECT 1".into(), params: Box::default(), since, rows }, answer)
    }

    #[test]
    fn so_many_of_one_tenant_wait_and_no_more() {
        let (shares, [one, another]) = (Shares::new(2), [1, 2].map(|n| TenantId(Uuid::from_u128(n))));
        let mut answers = Vec::new();
        let mut push = |tenant| {
            let (asked, answer) = asked(Instant::now());
            answers.push(answer);
            shares.push(tenant, asked)
        };
        assert!(push(one).unwrap(), "the first sees to it");
        assert!(!push(one).unwrap());
        assert!(matches!(push(one), Err(StoreError::Unavailable(why)) if why.contains("this tenant")));
        assert!(push(another).unwrap(), "which costs nobody else");
        assert_eq!(shares.waiting(), 1);
        let (taken, others_wait) = shares.take_some(one);
        assert_eq!((taken.len(), others_wait), (2, false));
        assert!(push(one).unwrap(), "the next begins anew");
    }

    #[test]
    fn those_who_came_first_go_first_and_who_has_gone_takes_no_place() {
        let (shares, tenant) = (Shares::new(100), TenantId(Uuid::from_u128(1)));
        let mut answers = Vec::new();
        let begun = Instant::now();
        let since: Vec<_> = (0..11).map(|second| begun + std::time::Duration::from_secs(second)).collect();
        for at in &since {
            let (asked, answer) = asked(*at);
            shares.push(tenant, asked).unwrap();
            answers.push(answer);
        }
        assert_eq!(shares.first(tenant), Some(since[0]));
        drop(answers.remove(1));
        let (taken, others_wait) = shares.take_some(tenant);
        let went: Vec<_> = taken.iter().map(|asked| asked.since).collect();
        assert_eq!((&went[..2], went.len(), others_wait), (&[since[0], since[2]][..], TOGETHER, true));
        // Of the last two the one has waited long enough.
        let (taken, others_wait) = shares.take(tenant, |asked| asked.since <= since[9]);
        assert_eq!((taken.len(), others_wait), (1, true));
        drop(answers);
        assert!(!shares.take_some(tenant).1);
        assert_eq!(shares.first(tenant), None);
    }
}
