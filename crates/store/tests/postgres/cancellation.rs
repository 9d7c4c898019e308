//! A request that is dropped at any point leaves nothing behind: no transaction, no other company's rows for
//! whoever gets the connection next.

use std::{
    cell::Cell,
    collections::BTreeMap,
    pin::pin,
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
use flowbit_store::Store;

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

/// What a company sees is its own, whoever had the connection before.
async fn sees_its_own(store: &Store, company: &Known, what: &str) {
    let list = ListTickets {
        principal: company.admin.clone(),
        filter: TicketFilter::default(),
        sort: TicketSort::NumberAsc,
        limit: 100,
        cursor: None,
    };
    let page = store.read(&company.ctx, list).await.unwrap();
    assert!(!page.items.is_empty(), "{what}: {} sees nothing", company.slug);
    for ticket in page.items {
        assert!(ticket.title.ends_with(&company.slug), "{what}: {} sees {:?}", company.slug, ticket.title);
    }
}

#[tokio::test]
async fn a_request_dropped_at_any_point_leaves_nothing_to_the_next() {
    for prepares in [true, false] {
        let bench = Furnished::new(|o| (o.connections, o.prepares) = (1, prepares)).await;
        let Furnished { store, a, b, .. } = &bench;
        let mut dropped: BTreeMap<&str, usize> = BTreeMap::new();
        let round = Cell::new(0);
        macro_rules! drop_it {
            ($name:ident, $work:expr) => {
                let name = stringify!($name);
                // At each point, until it comes to its end.
                for polls in 0.. {
                    round.set(round.get() + 1);
                    let done = drop_after(polls, Box::pin($work)).await;
                    Box::pin(sees_its_own(store, b, name)).await;
                    Box::pin(sees_its_own(store, a, name)).await;
                    if done {
                        break;
                    }
                    *dropped.entry(name).or_default() += 1;
                }
            };
        }
        macro_rules! ask {
            ($name:ident, $query:expr) => {
                drop_it!($name, store.read(&a.ctx, $query));
            };
        }
        macro_rules! command {
            ($name:ident, $command:expr) => {
                drop_it!($name, store.write(&a.ctx, $command));
            };
        }
        every_query!(a, a, ask);
        drop_it!(ledger_seq, store.ledger_seq(&a.ctx));
        every_command!(a, a, round.get(), command);
        // Once before it was polled at all, and at least once on its way.
        assert!(dropped.len() > 55 && dropped.values().all(|times| *times >= 2), "{dropped:?}");
        for company in [a, b] {
            let mut verifier = ChainVerifier::default();
            for event in store.read(&company.ctx, ReadLedger { after: 0, limit: 10_000 }).await.unwrap() {
                verifier.check(&event).unwrap();
            }
        }
        // The one connection is whole, and no transaction is open on it.
        let admin = bench.database.connect("postgres").await.unwrap();
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND usename = 'flowbit' AND state LIKE 'idle in transaction%'";
        assert_eq!(admin.query_one(sql, &[]).await.unwrap().get::<_, i64>(0), 0);
        assert_eq!(store.stats().connections_open, 1);
    }
}

#[tokio::test]
async fn a_delete_dropped_in_the_middle_is_done_or_not_but_not_half() {
    let bench = Bench::new(|o| o.connections = 1).await;
    let (store, a) = (&bench.store, &bench.a);
    for polls in 0.. {
        let ticket = store.write(&a.ctx, a.raise("Short of alpha")).await.unwrap().ticket;
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
