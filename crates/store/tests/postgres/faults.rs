//! A database that is slow, gone, or back again, and more work than there are connections.

use std::{sync::Arc, time::Duration};

use flowbit_cluster::{Cluster, Database, Durability};
use flowbit_domain::{Command, Error, Query, Result, TenantRead, TenantTx, ticket::CountTickets};
use tokio::task::JoinSet;

use crate::{
    proxy::{Link, Proxy},
    support::{APP, Bench, database, found, open_at},
};

/// Waits in the database for so many seconds.
struct Sleep(i64);

impl Query for Sleep {
    type Output = ();
    async fn run(self, tx: &mut impl TenantRead) -> Result<()> {
        tx.query("SELECT 1 FROM pg_sleep($1::bigint)", &[self.0.into()], |row| row.int(0)).await?;
        Ok(())
    }
}

/// The same in a command.
struct Hold(i64);

impl Command for Hold {
    type Output = ();
    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        tx.execute("SELECT 1 FROM pg_sleep($1::bigint)", &[self.0.into()]).await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    let bench = Bench::new(|o| o.statement_timeout = Some(Duration::from_millis(300))).await;
    let ended = bench.store.read(&bench.a.ctx, Sleep(60)).await;
    assert!(matches!(&ended, Err(Error::Unavailable(why)) if why.contains("statement timeout")), "{ended:?}");
    let ended = bench.store.write(&bench.a.ctx, Hold(60)).await;
    assert!(matches!(&ended, Err(Error::Unavailable(why)) if why.contains("statement timeout")), "{ended:?}");
    bench.store.write(&bench.a.ctx, bench.a.raise("After that")).await.unwrap();
}

#[tokio::test]
async fn beyond_its_bounds_the_queue_refuses_and_one_tenants_flood_leaves_others_their_turns() {
    let bench = Bench::new(|o| {
        (o.connections, o.connection_wait) = (1, Duration::from_millis(400));
    })
    .await;
    let (store, a, b) = (bench.store.clone(), bench.a.clone(), bench.b.clone());
    let holder = {
        let (store, a) = (store.clone(), a.clone());
        tokio::spawn(async move { store.read(&a.ctx, Sleep(1)).await })
    };
    while store.stats().queries < 1 || store.stats().connections_open < 1 {
        tokio::task::yield_now().await;
    }
    let refused = store.read(&b.ctx, CountTickets { principal: b.admin.clone() }).await;
    assert!(matches!(&refused, Err(Error::Unavailable(why)) if why.contains("too busy")), "{refused:?}");
    assert_eq!(store.stats().refused, 1);
    holder.await.unwrap().unwrap();
    store.read(&b.ctx, CountTickets { principal: b.admin.clone() }).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_crashes_is_unavailable_at_once_and_back_by_itself() {
    let database = database().await;
    let proxy = Proxy::before(&database).await;
    let store = open_at(&proxy.address(APP, &database), |_| {}).await.unwrap();
    let (a, _) = found(&store, "alpha").await;
    store.check().await.unwrap();
    proxy.set(Link::Cut);
    // Many at once: all are told, none waits for a connection that can't be.
    let begun = std::time::Instant::now();
    let mut asking = JoinSet::new();
    for n in 0..200 {
        let (store, a) = (store.clone(), a.clone());
        asking.spawn(async move {
            match n % 3 {
                0 => store.write(&a.ctx, a.raise("While it is gone")).await.map(|_| ()),
                1 => store.read(&a.ctx, CountTickets { principal: a.admin.clone() }).await.map(|_| ()),
                _ => store.ledger_seq(&a.ctx).await.map(|_| ()),
            }
        });
    }
    while let Some(answer) = asking.join_next().await {
        let answer = answer.unwrap();
        assert!(matches!(&answer, Err(Error::Unavailable(_))), "{answer:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(store.check().await.is_err());
    proxy.set(Link::Whole);
    while store.check().await.is_err() {
        tokio::task::yield_now().await;
    }
    let ticket = store.write(&a.ctx, a.raise("It is back")).await.unwrap().ticket;
    assert_eq!(ticket.number, 2, "nothing was made in between");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_crash_of_the_database() {
    let cluster = Cluster::start(Durability::Full).unwrap();
    let cluster = Arc::new(cluster);
    let database = Database::make(Arc::clone(&cluster), &flowbit_store::script(APP).unwrap()).await.unwrap();
    let store = open_at(&database.address(APP), |_| {}).await.unwrap();
    let (a, _) = found(&store, "alpha").await;
    let mut acknowledged = 1;
    for _ in 0..20 {
        store.write(&a.ctx, a.raise("Kept")).await.unwrap();
        acknowledged += 1;
    }
    cluster.restart().unwrap();
    while store.check().await.is_err() {
        tokio::task::yield_now().await;
    }
    let counts = store.read(&a.ctx, CountTickets { principal: a.admin.clone() }).await.unwrap();
    assert_eq!(counts.all, acknowledged);
    store.write(&a.ctx, a.raise("And on")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_falls_silent_is_given_up() {
    let database = database().await;
    let proxy = Proxy::before(&database).await;
    let address = proxy.address(APP, &database);
    let store = open_at(&address, |o| o.statement_timeout = Some(Duration::from_millis(100))).await.unwrap();
    let (a, _) = found(&store, "alpha").await;
    proxy.set(Link::Silent);
    let lost = store.read(&a.ctx, CountTickets { principal: a.admin.clone() }).await;
    assert!(matches!(&lost, Err(Error::Unavailable(why)) if why.contains("does not answer")), "{lost:?}");
    proxy.set(Link::Whole);
    store.read(&a.ctx, CountTickets { principal: a.admin.clone() }).await.unwrap();
}
