//! Each commit notes how far its tenant's ledger is, since that is where other nodes look, and this one for the
//! version of all that the tenant has.

use flowbit_domain::{Query, Result, TenantRead, audit::ReadLedger, tx::Row};
use tokio::task::JoinSet;
use tokio_postgres::Client;

use crate::{
    support::{Bench, Furnished},
    use_cases::{Known, every_command},
};

const NOTED: &str = "SELECT seq, identity_seq FROM flowbit_control.ledgers WHERE tenant = $1";

/// The newest event that is there.
struct Newest;

impl Query for Newest {
    type Output = i64;
    async fn run(self, tx: &mut impl TenantRead) -> Result<i64> {
        let newest = tx.query_one("SELECT max(e.seq) FROM events e", &[], |row: &dyn Row| row.int(0)).await?;
        Ok(newest.unwrap_or(0))
    }
}

/// What is noted is what is there, after `deed`. Answers the newest event's `seq`.
async fn assert_noted(
    store: &flowbit_store::Store,
    ctx: &flowbit_domain::TenantCtx,
    admin: &Client,
    deed: &str,
) -> i64 {
    let newest = store.read(ctx, Newest).await.unwrap();
    let noted = admin.query_one(NOTED, &[&ctx.tenant().0]).await.unwrap();
    let (seq, identity_seq): (i64, i64) = (noted.get(0), noted.get(1));
    assert_eq!(seq, newest, "noted after {deed}");
    assert_eq!(store.ledger_seq(ctx).await.unwrap(), newest, "told after {deed}");
    let events = store.read(ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap();
    let touching = events.iter().filter(|event| event.touches_identity()).map(|event| event.seq).max();
    assert!(identity_seq >= touching.unwrap_or(0), "of identity after {deed}: {identity_seq}, {touching:?}");
    newest
}

#[tokio::test]
async fn every_command_that_makes_an_event_notes_it() {
    let bench = Furnished::new(|_| {}).await;
    let admin = bench.database.connect("postgres").await.unwrap();
    let (store, me): (_, &Known) = (&bench.store, &bench.a);
    let elsewhere = assert_noted(store, &bench.b.ctx, &admin, "all that furnishes it").await;
    let mut last = assert_noted(store, &me.ctx, &admin, "all that furnishes it").await;
    let mut making = std::collections::BTreeSet::new();
    for round in 0..2 {
        macro_rules! command {
            ($name:ident, $command:expr) => {
                // A second time some are refused, and then note nothing.
                let _ = store.write(&me.ctx, $command).await;
                let newest = assert_noted(store, &me.ctx, &admin, stringify!($name)).await;
                if newest > last {
                    making.insert(stringify!($name));
                }
                last = newest;
            };
        }
        every_command!(me, me, round, command);
    }
    // Of each kind: by people, by callbacks, by the worker that delivers.
    for name in ["CreateTicket", "ApplyCallback", "FinishAttempt", "ReplayDelivery", "StartSession"] {
        assert!(making.contains(name), "{name} has made no event: {making:?}");
    }
    assert_eq!(assert_noted(store, &bench.b.ctx, &admin, "what others did").await, elsewhere);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_that_share_a_transaction_note_the_last_event_of_all() {
    let bench = Bench::new(|o| o.connections = 1).await;
    let admin = bench.database.connect("postgres").await.unwrap();
    for round in 0..5 {
        let mut writing = JoinSet::new();
        for n in 0..20 {
            let (store, a) = (bench.store.clone(), bench.a.clone());
            writing.spawn(async move { store.write(&a.ctx, a.raise(&format!("{round}-{n}"))).await });
        }
        while let Some(done) = writing.join_next().await {
            done.unwrap().unwrap();
        }
        assert_noted(&bench.store, &bench.a.ctx, &admin, "a batch").await;
    }
    assert!(bench.store.stats().largest_batch > 1, "none was shared");
}
