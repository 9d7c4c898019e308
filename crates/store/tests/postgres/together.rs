//! Short queries that wait for a connection travel together, each tenant's apart.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flowbit_cluster::Database;
use flowbit_domain::{
    Error, Principal, Query, Result, Role, TenantRead,
    ticket::{GetTicket, Ticket},
};
use flowbit_store::Store;
use futures_util::future::join_all;
use tokio::{
    sync::{Notify, oneshot},
    task::{JoinHandle, yield_now},
};

use crate::{
    proxy::Proxy,
    support::{APP, Company, database, found, open_at},
};

/// Keeps its connection from when it has said so until it is told to let go.
struct Hold {
    has: oneshot::Sender<()>,
    release: Arc<Notify>,
}

impl Query for Hold {
    type Output = ();

    async fn run(self, tx: &mut impl TenantRead) -> Result<()> {
        tx.query_one(FINE, &[], |row| row.int(0)).await?;
        self.has.send(()).unwrap();
        self.release.notified().await;
        Ok(())
    }
}

/// A query's only statement, which answers one number.
struct Number(&'static str);

impl Query for Number {
    type Output = i64;

    async fn run(self, tx: &mut impl TenantRead) -> Result<i64> {
        tx.ask_only();
        Ok(tx.query_one(self.0, &[], |row| row.int(0)).await?.unwrap())
    }
}

const FINE: &str = "SELECT count(*) FROM tickets";
const BROKEN: &str = "SELECT 1 / (count(*) - count(*)) FROM tickets";

/// A store with one connection, on which all that is asked here is prepared.
struct Queue {
    _database: Database,
    proxy: Proxy,
    store: Store,
    a: (Company, Ticket),
    b: (Company, Ticket),
    release: Arc<Notify>,
}

impl Queue {
    async fn new() -> Self {
        Self::open(Duration::from_secs(60)).await
    }

    /// With so much patience for a connection.
    async fn open(wait: Duration) -> Self {
        let database = database().await;
        let proxy = Proxy::before(&database).await;
        let store =
            open_at(&proxy.address(APP, &database), |o| (o.connections, o.connection_wait) = (1, wait))
                .await
                .unwrap();
        let (a, b) = (found(&store, "alpha").await, found(&store, "beta").await);
        let queue = Self { _database: database, proxy, store, a, b, release: Arc::default() };
        queue.get(&queue.a).await.unwrap().unwrap();
        for sql in [FINE, BROKEN] {
            drop(queue.store.read(&queue.a.0.ctx, Number(sql)).await);
        }
        queue
    }

    /// The connection is taken from when this returns.
    async fn hold(&self) {
        let ((has, held), release) = (oneshot::channel(), Arc::clone(&self.release));
        let (store, ctx) = (self.store.clone(), self.b.0.ctx.clone());
        tokio::spawn(async move { store.read(&ctx, Hold { has, release }).await });
        held.await.unwrap();
    }

    /// Its title.
    fn get(&self, (company, ticket): &(Company, Ticket)) -> JoinHandle<Result<String>> {
        let get = GetTicket { principal: company.admin.clone(), id: ticket.id };
        let (store, ctx) = (self.store.clone(), company.ctx.clone());
        tokio::spawn(async move { store.read(&ctx, get).await.map(|ticket| ticket.title) })
    }

    fn ask<Q: Query>(&self, company: &Company, query: Q) -> JoinHandle<Result<Q::Output>> {
        let (store, ctx) = (self.store.clone(), company.ctx.clone());
        tokio::spawn(async move { store.read(&ctx, query).await })
    }

    /// Until so many wait.
    async fn wait_for(&self, waiting: u64) {
        while self.store.stats().queries_waiting != waiting {
            yield_now().await;
        }
    }

    /// Lets the connection go, and counts the journeys until all have been answered.
    async fn answer<T>(&self, asked: Vec<JoinHandle<T>>) -> (Vec<T>, usize) {
        let answered = async {
            self.release.notify_one();
            join_all(asked).await.into_iter().map(|done| done.unwrap()).collect()
        };
        self.proxy.count(answered).await
    }
}

#[tokio::test]
async fn those_who_wait_for_one_tenant_are_one_journey() {
    let queue = Queue::new().await;
    queue.hold().await;
    let mine = (0..6).map(|_| queue.get(&queue.a));
    let theirs = (0..2).map(|_| queue.get(&queue.b));
    let asked: Vec<_> = mine.chain(theirs).collect();
    queue.wait_for(8).await;
    let (answers, journeys) = queue.answer(asked).await;
    assert_eq!(journeys, 2, "one for each tenant");
    for (place, answer) in answers.into_iter().enumerate() {
        let (_, ticket) = if place < 6 { &queue.a } else { &queue.b };
        assert_eq!(answer.unwrap(), ticket.title);
    }
}

#[tokio::test]
async fn what_takes_more_than_a_statement_travels_alone() {
    let queue = Queue::new().await;
    // Of a requester the company's fields are asked as well.
    let get = || {
        let (company, ticket) = &queue.a;
        let principal = Principal { role: Role::User, ..company.admin.clone() };
        queue.ask(company, GetTicket { principal, id: ticket.id })
    };
    let alone = get().await.unwrap().unwrap();
    queue.hold().await;
    let asked = vec![get(), get()];
    queue.wait_for(2).await;
    let (answers, journeys) = queue.answer(asked).await;
    assert_eq!(journeys, 2);
    assert!(answers.into_iter().all(|answer| answer.unwrap().title == alone.title));
}

#[tokio::test]
async fn more_than_travel_together_take_more_journeys() {
    let queue = Queue::new().await;
    queue.hold().await;
    let asked: Vec<_> = (0..19).map(|_| queue.get(&queue.a)).collect();
    queue.wait_for(19).await;
    let (answers, journeys) = queue.answer(asked).await;
    assert_eq!(journeys, 3, "eight at a time");
    assert!(answers.into_iter().all(|answer| answer.unwrap() == queue.a.1.title));
}

#[tokio::test]
async fn one_that_fails_costs_the_others_a_journey_and_nothing_else() {
    let queue = Queue::new().await;
    queue.hold().await;
    let statements = [FINE, BROKEN, FINE];
    let asked = statements.map(|sql| queue.ask(&queue.a.0, Number(sql)));
    queue.wait_for(3).await;
    let (answers, _) = queue.answer(Vec::from(asked)).await;
    for (sql, answer) in statements.into_iter().zip(answers) {
        match sql {
            FINE => assert_eq!(answer.unwrap(), 1),
            _ => assert!(matches!(answer, Err(Error::Internal(why)) if why.contains("division by zero"))),
        }
    }
    assert_eq!(queue.store.stats().connections_evicted, 0);
}

#[tokio::test]
async fn whoever_goes_away_while_waiting_takes_nothing_from_the_others() {
    let queue = Queue::new().await;
    queue.hold().await;
    let first = queue.get(&queue.a);
    queue.wait_for(1).await;
    let asked = vec![queue.get(&queue.a), queue.get(&queue.a)];
    queue.wait_for(3).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let (answers, journeys) = queue.answer(asked).await;
    assert_eq!(journeys, 1);
    assert!(answers.into_iter().all(|answer| answer.unwrap() == queue.a.1.title));

    // All of them: nothing is asked, and the next begins anew.
    queue.hold().await;
    let gone = queue.get(&queue.a);
    queue.wait_for(1).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    queue.release.notify_one();
    assert_eq!(queue.get(&queue.b).await.unwrap().unwrap(), queue.b.1.title);
    queue.hold().await;
    let asked = vec![queue.get(&queue.a)];
    queue.wait_for(1).await;
    let (answers, journeys) = queue.answer(asked).await;
    assert_eq!((answers.into_iter().next().unwrap().unwrap(), journeys), (queue.a.1.title.clone(), 1));
}

#[tokio::test]
async fn a_link_that_breaks_beneath_them_is_told_to_each() {
    let queue = Queue::new().await;
    queue.hold().await;
    let asked = vec![queue.get(&queue.a), queue.get(&queue.a)];
    queue.wait_for(2).await;
    let answered = async {
        queue.release.notify_one();
        join_all(asked).await
    };
    for answer in queue.proxy.lose_answer(1, answered).await {
        assert!(matches!(answer.unwrap(), Err(Error::Unavailable(_))));
    }
}

#[tokio::test]
async fn where_no_connection_is_to_be_had_all_learn_it_at_once() {
    const WAIT: Duration = Duration::from_secs(3);
    let queue = Queue::open(WAIT).await;
    queue.hold().await;
    let begun = Instant::now();
    let asked: Vec<_> = (0..19).map(|_| queue.get(&queue.a)).collect();
    queue.wait_for(19).await;
    let mut answers = join_all(asked).await.into_iter();
    assert!(answers.all(|answer| matches!(answer.unwrap(), Err(Error::Unavailable(_)))));
    // In one wait, not in one for each eight; and each of them is counted.
    assert!(begun.elapsed() < 2 * WAIT);
    assert_eq!(queue.store.stats().refused, 19);
    // Nobody waits in their place.
    queue.release.notify_one();
    assert_eq!(queue.get(&queue.b).await.unwrap().unwrap(), queue.b.1.title);
}
