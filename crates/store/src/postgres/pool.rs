//! The connections: bounded in number, lent to one transaction at a time, in turns round the tenants.
//!
//! A pool of our own, because what matters here is what a general one leaves open. Turns go round tenants,
//! so that a flood from one delays each other by one transaction at most; how many may wait is bounded for
//! each tenant; while the database can't be reached nobody waits for it; and a connection on which a
//! transaction may be open never goes to the next borrower: it is rolled back by whoever still holds it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use flowbit_domain::{StoreError, id::TenantId};
use tokio::sync::{Notify, oneshot};

use super::connection::{Connector, Link};
use crate::{
    counters::{Counters, count},
    turns::{Refusal, Turns},
};

/// After a connection could not be made, the next attempt is made no sooner.
const PAUSE: Duration = Duration::from_millis(250);
/// How long a rollback may take before the connection is closed instead.
const ROLLBACK: Duration = Duration::from_secs(5);
/// A connection this old is replaced: the server's side of it has grown, and names may mean other machines.
const AGE_MAX: Duration = Duration::from_secs(30 * 60);

pub(crate) struct Pool {
    connector: Connector,
    limit: usize,
    /// How long a connection is waited for.
    wait: Duration,
    counters: Arc<Counters>,
    state: Mutex<State>,
    waiting: Turns<oneshot::Sender<Seat>>,
    /// Nothing may be lent any more.
    returned: Notify,
}

struct State {
    idle: Vec<Link>,
    lent: usize,
    /// Until when nobody tries to connect, and why.
    down: Option<(Instant, String)>,
    closed: bool,
}

/// The right to hold one connection; it goes to the next when this is dropped.
struct Seat {
    pool: Option<Arc<Pool>>,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.take() {
            pool.pass_on();
        }
    }
}

/// A connection on loan.
pub(crate) struct Loan {
    pool: Arc<Pool>,
    /// Until it has been given back.
    held: Option<(Seat, Link)>,
    /// Whether a transaction may be under way on it: set before its beginning is sent, and cleared when
    /// its end has been sent, since what is sent later is done later.
    pub(crate) is_open: bool,
}

impl Loan {
    /// The connection.
    ///
    /// # Errors
    /// When it was found to be of no use.
    pub(crate) fn link(&mut self) -> Result<&mut Link, StoreError> {
        match &mut self.held {
            Some((_, link)) if link.is_good() => Ok(link),
            _ => Err(StoreError::Unavailable("the connection to the database broke".to_owned())),
        }
    }

    /// Ends a transaction in which nothing was changed, without waiting for it.
    pub(crate) fn end_unheard(&mut self, sql: &'static str) {
        if let Some((_, link)) = &self.held
            && self.is_open
        {
            link.send_unheard(sql);
            self.is_open = false;
        }
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        let Some((seat, link)) = self.held.take() else { return };
        if !self.is_open {
            self.pool.take_back(link);
        } else if link.is_good()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            // Whoever asked has gone in the middle of a transaction. The seat is held until that has
            // ended; should even this task be dropped, the connection is closed.
            let pool = Arc::clone(&self.pool);
            runtime.spawn(async move {
                if tokio::time::timeout(ROLLBACK, link.roll_back()).await.is_ok_and(|done| done.is_ok()) {
                    pool.take_back(link);
                }
                drop(seat);
            });
        }
    }
}

impl Pool {
    /// `first` is a connection that was made to see whether the database is there.
    pub(crate) fn new(
        connector: Connector,
        first: Link,
        limit: usize,
        wait: Duration,
        queue_per_tenant: usize,
        counters: Arc<Counters>,
    ) -> Arc<Self> {
        count(&counters.opened);
        let state = State { idle: vec![first], lent: 0, down: None, closed: false };
        Arc::new(Self {
            connector,
            limit,
            wait,
            counters,
            state: Mutex::new(state),
            waiting: Turns::new(queue_per_tenant),
            returned: Notify::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic is done while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections there are, how many there may be, how many wait for one.
    pub(crate) fn usage(&self) -> (usize, usize, usize) {
        let state = self.lock();
        (state.lent + state.idle.len(), self.limit, self.waiting.waiting())
    }

    /// How long a connection is waited for.
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }

    /// A connection, when it is this tenant's turn.
    pub(crate) async fn borrow(self: &Arc<Self>, tenant: TenantId) -> Result<Loan, StoreError> {
        self.borrow_until(tenant, Instant::now() + self.wait).await
    }

    /// The same, if that comes before this moment.
    pub(crate) async fn borrow_until(
        self: &Arc<Self>,
        tenant: TenantId,
        until: Instant,
    ) -> Result<Loan, StoreError> {
        let seat = match self.take_seat(tenant)? {
            Ok(seat) => seat,
            Err(waiting) => match tokio::time::timeout_at(until.into(), waiting).await {
                Ok(Ok(seat)) => seat,
                Ok(Err(_)) => return Err(closed()),
                Err(_) => {
                    count(&self.counters.refused);
                    return Err(StoreError::Unavailable("the database is too busy".to_owned()));
                }
            },
        };
        self.lend(seat).await
    }

    /// A connection, if one can be had without waiting for others.
    pub(crate) async fn borrow_now(self: &Arc<Self>) -> Result<Option<Loan>, StoreError> {
        let seat = self.take_free(&mut self.lock())?;
        match seat {
            Some(seat) => self.lend(seat).await.map(Some),
            None => Ok(None),
        }
    }

    async fn lend(self: &Arc<Self>, seat: Seat) -> Result<Loan, StoreError> {
        let link = match self.take_idle() {
            Some(link) => link,
            // Rare and large: what is read every day need not carry it about.
            None => Box::pin(self.connect()).await?,
        };
        Ok(Loan { pool: Arc::clone(self), held: Some((seat, link)), is_open: false })
    }

    /// A seat that is free. While somebody waits, none is: it is passed on.
    fn take_free(self: &Arc<Self>, state: &mut State) -> Result<Option<Seat>, StoreError> {
        if state.closed {
            return Err(closed());
        }
        if state.lent == self.limit {
            return Ok(None);
        }
        state.lent += 1;
        Ok(Some(Seat { pool: Some(Arc::clone(self)) }))
    }

    /// A seat that is free, or where one will come.
    fn take_seat(
        self: &Arc<Self>,
        tenant: TenantId,
    ) -> Result<Result<Seat, oneshot::Receiver<Seat>>, StoreError> {
        let mut state = self.lock();
        if let Some(seat) = self.take_free(&mut state)? {
            return Ok(Ok(seat));
        }
        let (sender, waiting) = oneshot::channel();
        // While the lock is held, so that whoever returns a seat sees who waits.
        match self.waiting.push(tenant, sender) {
            Ok(()) => Ok(Err(waiting)),
            Err(Refusal::Full) => {
                count(&self.counters.refused);
                Err(StoreError::Unavailable("too much of this tenant is waiting already".to_owned()))
            }
            Err(Refusal::Closed) => Err(closed()),
        }
    }

    /// A seat is free: gives it to the next whose turn it is.
    fn pass_on(self: &Arc<Self>) {
        loop {
            let next = {
                let mut state = self.lock();
                let next = self.waiting.try_next();
                if next.is_none() {
                    state.lent -= 1;
                }
                next
            };
            let Some((_, waiting)) = next else {
                self.returned.notify_waiters();
                return;
            };
            match waiting.send(Seat { pool: Some(Arc::clone(self)) }) {
                Ok(()) => return,
                // Nobody waits there any more; the next one gets it, from here.
                Err(mut seat) => drop(seat.pool.take()),
            }
        }
    }

    fn take_idle(&self) -> Option<Link> {
        let mut state = self.lock();
        // The last used first: what is not needed gets old and is closed.
        while let Some(link) = state.idle.pop() {
            if link.is_good() {
                return Some(link);
            }
        }
        None
    }

    async fn connect(&self) -> Result<Link, StoreError> {
        if let Some((until, why)) = &self.lock().down
            && Instant::now() < *until
        {
            return Err(StoreError::Unavailable(why.clone()));
        }
        match self.connector.connect().await {
            Ok(link) => {
                count(&self.counters.opened);
                if self.lock().down.take().is_some() {
                    tracing::info!("the database can be reached again");
                }
                Ok(link)
            }
            Err(why) => {
                let mut state = self.lock();
                let is_news = state.down.is_none();
                state.down = Some((Instant::now() + PAUSE, reason(&why)));
                drop(state);
                if is_news {
                    tracing::error!(error = %why, "the database can't be reached");
                }
                Err(why)
            }
        }
    }

    fn take_back(&self, link: Link) {
        if link.is_good() && link.since.elapsed() < AGE_MAX {
            let mut state = self.lock();
            if !state.closed {
                state.idle.push(link);
            }
        } else {
            count(&self.counters.evicted);
            if link.broken {
                // What is wrong with it may be wrong with all that were made before.
                self.lock().idle.retain(|idle| idle.since > link.since && idle.is_good());
            }
        }
    }

    /// Lends no more, waits until what is lent is back, for a while, and closes all.
    pub(crate) async fn close(&self, patience: Duration) {
        self.waiting.close();
        self.lock().closed = true;
        while self.waiting.try_next().is_some() {}
        let all_back = async {
            loop {
                let returned = self.returned.notified();
                if self.lock().lent == 0 {
                    return;
                }
                returned.await;
            }
        };
        if tokio::time::timeout(patience, all_back).await.is_err() {
            tracing::warn!("some transactions did not end in time");
        }
        self.lock().idle.clear();
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

fn reason(why: &StoreError) -> String {
    match why {
        StoreError::Unavailable(why) | StoreError::Failed(why) => why.clone(),
    }
}
