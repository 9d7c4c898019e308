//! A request that is dropped at any point leaves nothing behind: no transaction, no other company's rows for
//! whoever gets the connection next.

use std::{
    cell::Cell,
    collections::BTreeMap,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use flowbit_domain::{
    Error, Result,
    audit::ReadLedger,
    event::ChainVerifier,
    ticket::{DeleteTicket, GetTicket, ListTickets, TicketFilter, TicketSort},
};
use tokio_postgres::Client;

use crate::{
    support::{Bench, Furnished},
    use_cases::{Known, every_command, every_query},
};

/// Remembers that it was called.
#[derive(Default)]
struct Called(AtomicBool);

impl Wake for Called {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Polls work at most so many times, each time only once it has been woken, and drops it. `true`: it had
/// come to its end.
async fn drop_after<T>(polls: usize, work: impl Future<Output = Result<T>>) -> bool {
    let mut work = pin!(work);
    let called = Arc::new(Called::default());
    let waker = Waker::from(Arc::clone(&called));
    for _ in 0..polls {
        called.0.store(false, Ordering::SeqCst);
        if let Poll::Ready(outcome) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
            // What a round before has taken away may be missed.
            if let Err(error @ (Error::Unavailable(_) | Error::Internal(_))) = outcome {
                panic!("{error}");
            }
            return true;
        }
        while !called.0.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }
    false
}

type Work<'w> = Pin<Box<dyn Future<Output = Result<()>> + 'w>>;

/// Drops requests of one company, and looks after each at what the next borrower of the connection sees.
struct Dropping<'b> {
    bench: &'b Furnished,
    admin: &'b Client,
    /// How often each was dropped, by its name.
    dropped: BTreeMap<&'static str, usize>,
    round: &'b Cell<usize>,
}

impl Dropping<'_> {
    /// Drops the same request at each point, until it comes to its end.
    async fn at_each_point<'w>(&mut self, name: &'static str, begin: &dyn Fn() -> Work<'w>) {
        for polls in 0.. {
            self.round.set(self.round.get() + 1);
            let done = drop_after(polls, begin()).await;
            self.sees_what_is_new(&self.bench.b, name).await;
            self.sees_its_own(&self.bench.b, name).await;
            self.sees_its_own(&self.bench.a, name).await;
            if done {
                return;
            }
            *self.dropped.entry(name).or_default() += 1;
        }
    }

    /// Another connection of the database's has changed this since: a transaction that was still open would
    /// not see it.
    async fn sees_what_is_new(&self, company: &Known, what: &str) {
        let title = format!("{} of {}", self.round.get(), company.slug);
        let sql = "UPDATE flowbit.tickets SET title = $1 WHERE id = $2";
        assert_eq!(self.admin.execute(sql, &[&title, &company.ticket.0]).await.unwrap(), 1);
        let get = GetTicket { principal: company.admin.clone(), id: company.ticket };
        assert_eq!(self.bench.store.read(&company.ctx, get).await.unwrap().title, title, "{what}");
    }

    async fn sees_its_own(&self, company: &Known, what: &str) {
        let list = ListTickets {
            principal: company.admin.clone(),
            filter: TicketFilter::default(),
            sort: TicketSort::NumberAsc,
            limit: 100,
            cursor: None,
        };
        let page = self.bench.store.read(&company.ctx, list).await.unwrap();
        assert!(!page.items.is_empty(), "{what}: {} sees nothing", company.slug);
        for ticket in &page.items {
            assert!(
                ticket.title.ends_with(&company.slug),
                "{what}: {} sees {:?}",
                company.slug,
                ticket.title
            );
        }
    }
}

#[tokio::test]
async fn a_request_dropped_at_any_point_leaves_nothing_to_the_next() {
    for prepares in [true, false] {
        let bench = Furnished::new(|o| (o.connections, o.prepares) = (1, prepares)).await;
        let admin = bench.database.connect("postgres").await.unwrap();
        let Furnished { store, a, b, .. } = &bench;
        let round = Cell::new(0);
        let mut dropping = Dropping { bench: &bench, admin: &admin, dropped: BTreeMap::new(), round: &round };
        macro_rules! ask {
            ($name:ident, $query:expr) => {
                let begin = || -> Work<'_> { Box::pin(async { store.read(&a.ctx, $query).await.map(drop) }) };
                dropping.at_each_point(stringify!($name), &begin).await;
            };
        }
        macro_rules! command {
            ($name:ident, $command:expr) => {
                let begin =
                    || -> Work<'_> { Box::pin(async { store.write(&a.ctx, $command).await.map(drop) }) };
                dropping.at_each_point(stringify!($name), &begin).await;
            };
        }
        every_query!(a, a, ask);
        every_command!(a, a, round.get(), command);
        let begin = || -> Work<'_> { Box::pin(async { store.ledger_seq(&a.ctx).await.map(drop) }) };
        dropping.at_each_point("ledger_seq", &begin).await;
        // Once before it was polled at all, and at least once on its way.
        let dropped = dropping.dropped;
        assert!(dropped.len() > 55 && dropped.values().all(|times| *times >= 2), "{dropped:?}");
        for company in [a, b] {
            let mut verifier = ChainVerifier::default();
            for event in store.read(&company.ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap() {
                verifier.check(&event).unwrap();
            }
        }
        // It is the same connection, and no transaction is open on it: what was sent before has been done.
        store.check().await.unwrap();
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND usename = 'flowbit' AND state LIKE 'idle in transaction%'";
        assert_eq!(admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
        assert_eq!((store.stats().connections_open, store.stats().connections_opened), (1, 1));
    }
}

#[tokio::test]
async fn a_delete_dropped_in_the_middle_is_done_or_not_but_not_half() {
    let bench = Bench::new(|o| o.connections = 1).await;
    let (store, a) = (&bench.store, &bench.a);
    for polls in 0.. {
        let ticket = store.write(&a.ctx, a.raise("Short of alpha")).await.unwrap().answer;
        let delete = DeleteTicket { principal: a.admin.clone(), origin: a.origin(), id: ticket.id };
        let done = drop_after(polls, store.write(&a.ctx, delete)).await;
        // The next command stands behind it: once this has come through, that has come to its end.
        store.write(&a.ctx, a.raise("Next of alpha")).await.unwrap();
        let found = store.read(&a.ctx, GetTicket { principal: a.admin.clone(), id: ticket.id }).await;
        let ledger = store.read(&a.ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap();
        let told = ledger.iter().any(|e| e.action == "ticket.deleted" && e.ticket == Some(ticket.id));
        assert_eq!(found.is_err(), told);
        assert!(!done || told);
        if done {
            break;
        }
    }
}
