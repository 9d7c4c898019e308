//! A database that is slow, gone, or back again, and more work than there are connections.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use flowbit_cluster::{Cluster, Database, Durability};
use flowbit_domain::{
    Command, Error, Query, Result, TenantRead, TenantTx,
    audit::ReadLedger,
    event::ChainVerifier,
    idempotency::IdempotencyKey,
    ticket::{CountTickets, CreateTicket},
};
use flowbit_store::Store;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    proxy::{Link, Proxy},
    support::{APP, Bench, Company, database, found, open_at},
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
#[derive(Clone)]
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
async fn a_database_that_is_away_is_unavailable_at_once_and_back_by_itself() {
    let database = database().await;
    let proxy = Proxy::before(&database).await;
    let store = open_at(&proxy.address(APP, &database), |_| {}).await.unwrap();
    let (a, _) = found(&store, "alpha").await;
    store.check().await.unwrap();
    proxy.set(Link::Cut);
    // Many at once: all are told, none waits for a connection that can't be.
    let begun = Instant::now();
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
    let ticket = store.write(&a.ctx, a.raise("It is back")).await.unwrap().answer;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_lost_is_found_by_its_key_or_nothing_was_done() {
    let database = database().await;
    let proxy = Proxy::before(&database).await;
    let store = open_at(&proxy.address(APP, &database), |o| o.connections = 1).await.unwrap();
    let (a, _) = found(&store, "alpha").await;
    let admin = database.connect("postgres").await.unwrap();
    let count = async |title: &str| -> i64 {
        let sql = "SELECT count(*) FROM flowbit.tickets WHERE title = $1";
        admin.query_one(sql, &[&title]).await.unwrap().get(0)
    };
    let create = |title: &str| CreateTicket {
        idempotency: Some(IdempotencyKey::new(title, [7; 32]).unwrap()),
        ..a.raise(title)
    };
    // A create is two journeys, and the second is the commit. What is sent ahead may be answered before the rest is
    // under way, so which answer is which is not known: both must be lost once, and whichever it was, the key tells.
    let mut were_done = BTreeSet::new();
    for n in 0..50 {
        store.write(&a.ctx, create(&format!("before-{n}"))).await.unwrap();
        let title = format!("lost-{n}");
        let lost = proxy.lose_answer(1 + n % 2, store.write(&a.ctx, create(&title))).await;
        assert!(matches!(&lost, Err(Error::Unavailable(_))), "{lost:?}");
        // The database may still be at it.
        let busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'flowbit'";
        while admin.query_one(busy, &[]).await.unwrap().get::<_, i64>(0) > 0 {
            tokio::task::yield_now().await;
        }
        were_done.insert(count(&title).await);
        proxy.set(Link::Whole);
        while store.check().await.is_err() {
            tokio::task::yield_now().await;
        }
        let ticket = store.write(&a.ctx, create(&title)).await.unwrap().answer;
        assert_eq!((ticket.title.as_str(), count(&title).await), (title.as_str(), 1));
        if were_done.len() == 2 {
            break;
        }
    }
    assert_eq!(were_done, BTreeSet::from([0, 1]));
}

/// What callers were told.
#[derive(Default)]
struct Book {
    /// Titles, with the ticket's number.
    acknowledged: Mutex<Vec<(String, i64)>>,
    asked_again: AtomicU64,
    stopped: AtomicBool,
}

/// Writes until it is told to stop; what fails is asked again, with the same key, until it is answered.
async fn keep_writing(store: Store, company: Company, caller: usize, book: Arc<Book>) {
    for n in 0.. {
        if book.stopped.load(Ordering::SeqCst) {
            return;
        }
        let title = format!("{caller}-{n}");
        let number = loop {
            let create = CreateTicket {
                idempotency: Some(IdempotencyKey::new(&title, [7; 32]).unwrap()),
                ..company.raise(&title)
            };
            match store.write(&company.ctx, create).await {
                Ok(created) => break created.answer.number,
                Err(Error::Unavailable(_)) => {
                    book.asked_again.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(other) => panic!("{other}"),
            }
        };
        book.acknowledged.lock().unwrap().push((title, number));
    }
}

/// So many writes as are waited for are answered within this time, whatever has just befallen.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many faults; 1000 for a long run.
const FAULTS: &str = "FLOWBIT_TEST_FAULTS";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_befalls_the_database_or_the_link_no_write_is_lost_or_doubled() {
    let faults = std::env::var(FAULTS).map_or(30, |text| text.parse().unwrap());
    let cluster = Arc::new(Cluster::start(Durability::Full).unwrap());
    let database = Database::make(Arc::clone(&cluster), &flowbit_store::script(APP).unwrap()).await.unwrap();
    let proxy = Proxy::before(&database).await;
    let address = proxy.address(APP, &database);
    let store = open_at(&address, |o| o.statement_timeout = Some(Duration::from_millis(500))).await.unwrap();
    let book = Arc::new(Book::default());
    let (a, _) = found(&store, "alpha").await;
    let (b, _) = found(&store, "beta").await;
    let mut callers = JoinSet::new();
    for caller in 0..8 {
        let company = if caller % 2 == 0 { &a } else { &b };
        callers.spawn(keep_writing(store.clone(), company.clone(), caller, Arc::clone(&book)));
    }
    let more = async |wanted: usize| {
        let made = || book.acknowledged.lock().unwrap().len();
        let (before, begun) = (made(), Instant::now());
        while made() < before + wanted {
            let so_far = made() - before;
            assert!(begun.elapsed() < PATIENCE, "{so_far} of {wanted} writes were answered in {PATIENCE:?}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let mut crashes = 0;
    for fault in 0..faults {
        more(40).await;
        match fault % 10 {
            0 | 5 => proxy.set(Link::Cut),
            1 | 6 => proxy.set(Link::Reset),
            2 | 7 => {
                crashes += 1;
                let cluster = Arc::clone(&cluster);
                tokio::task::spawn_blocking(move || cluster.restart()).await.unwrap().unwrap();
            }
            3 | 8 => {
                proxy.set(Link::Slow(Duration::from_millis(5)));
                more(4).await;
            }
            // Seldom: until that is noticed all wait, and nothing is tried.
            4 if fault % 30 == 4 => proxy.set(Link::HalfOpen),
            _ => proxy.set(Link::Silent),
        }
        // Long enough for somebody to be in the middle of it.
        tokio::time::sleep(Duration::from_millis(30)).await;
        proxy.set(Link::Whole);
    }
    more(40).await;
    book.stopped.store(true, Ordering::SeqCst);
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    let admin = database.connect("postgres").await.unwrap();
    let sql = "SELECT title, number, tenant_id FROM flowbit.tickets WHERE title NOT LIKE 'Secret%'";
    let rows = admin.query(sql, &[]).await.unwrap();
    let mut there: HashMap<String, Vec<i64>> = HashMap::new();
    for row in &rows {
        there.entry(row.get(0)).or_default().push(row.get(1));
    }
    let acknowledged = book.acknowledged.lock().unwrap().clone();
    let lost = acknowledged.iter().filter(|(title, _)| !there.contains_key(title)).count();
    let doubled = there.values().filter(|numbers| numbers.len() > 1).count();
    let asked_again = book.asked_again.load(Ordering::SeqCst);
    println!(
        "{faults} faults, {crashes} of them crashes: {} writes acknowledged, {lost} lost, {doubled} doubled; \
         {asked_again} asked again",
        acknowledged.len()
    );
    assert_eq!((lost, doubled), (0, 0));
    assert_eq!(rows.len(), acknowledged.len(), "everything was answered in the end");
    assert!(acknowledged.iter().all(|(title, number)| there[title] == [*number]));
    assert!(asked_again > 0, "nobody noticed anything");
    for company in [&a, &b] {
        let mut verifier = ChainVerifier::default();
        let mut created = 0;
        let mut after = 0;
        loop {
            let events = store.read(&company.ctx, ReadLedger { after, limit: 1_000 }).await.unwrap();
            let Some(last) = events.last() else { break };
            after = last.seq;
            for event in &events {
                verifier.check(event).unwrap();
                created += usize::from(event.action == "ticket.created");
            }
        }
        let own = rows.iter().filter(|row| row.get::<_, Uuid>(2) == company.ctx.tenant().0).count();
        // And the one that was there from the beginning.
        assert_eq!(created, own + 1);
    }
}
