//! A request that is dropped at any point leaves nothing behind: no transaction, no other company's rows for
//! whoever gets the connection next.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use flowbit_domain::{
    Result,
    audit::{AuditFilter, GetHead, ListAudit, ReadLedger},
    event::ChainVerifier,
    feed::ListEvents,
    message::{CreateMessage, ListMessages, NewMessage},
    session::CheckSession,
    ticket::{
        CountTickets, DeleteTicket, GetTicket, ListTickets, TicketFilter, TicketPatch, TicketSort,
        UpdateTicket,
    },
    user::ListUsers,
};
use flowbit_store::Store;

use crate::support::{Bench, Company};

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
            outcome.unwrap();
            return true;
        }
        while !called.0.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }
    false
}

fn list(company: &Company) -> ListTickets {
    ListTickets {
        principal: company.admin.clone(),
        filter: TicketFilter::default(),
        sort: TicketSort::NumberAsc,
        limit: 100,
        cursor: None,
    }
}

/// What a company sees is its own, whoever had the connection before.
async fn sees_its_own(store: &Store, company: &Company, what: &str) {
    let page = store.read(&company.ctx, list(company)).await.unwrap();
    let slug = company.admin.name.trim_start_matches("Admin of ");
    assert!(!page.items.is_empty(), "{what}: {slug} sees nothing");
    for ticket in page.items {
        assert!(ticket.title.ends_with(slug), "{what}: {slug} sees {:?}", ticket.title);
        assert_eq!(ticket.requester.id, company.admin.user, "{what}");
    }
}

/// Each way of asking and changing, by its name; `which` makes the values of each round differ.
macro_rules! every_use_case {
    ($store:ident, $who:ident, $ticket:ident, $which:ident, $run:ident) => {
        let principal = || $who.admin.clone();
        $run!("get", $store.read(&$who.ctx, GetTicket { principal: principal(), id: $ticket.id }));
        $run!("list", $store.read(&$who.ctx, list(&$who)));
        let search = TicketFilter { text: Some("secret".into()), ..TicketFilter::default() };
        $run!("search", $store.read(&$who.ctx, ListTickets { filter: search.clone(), ..list(&$who) }));
        $run!("count", $store.read(&$who.ctx, CountTickets { principal: principal() }));
        $run!(
            "events",
            $store.read(
                &$who.ctx,
                ListEvents { principal: principal(), after: 0, limit: 50, ticket: Some($ticket.id) }
            )
        );
        $run!(
            "messages",
            $store.read(
                &$who.ctx,
                ListMessages { principal: principal(), ticket: $ticket.id, limit: 5, cursor: None }
            )
        );
        $run!(
            "audit",
            $store.read(
                &$who.ctx,
                ListAudit { principal: principal(), filter: AuditFilter::default(), limit: 5, cursor: None }
            )
        );
        $run!("head", $store.read(&$who.ctx, GetHead));
        $run!(
            "users",
            $store.read(
                &$who.ctx,
                ListUsers { principal: principal(), text: Some("admin".into()), limit: 5, cursor: None }
            )
        );
        $run!(
            "session",
            $store.read(&$who.ctx, CheckSession { session: $who.admin.session, user: $who.admin.user })
        );
        $run!("seq", $store.ledger_seq(&$who.ctx));
        $run!("create", $store.write(&$who.ctx, $who.raise(&format!("Raised by {}", $who.admin.name))));
        $run!(
            "message",
            $store.write(
                &$who.ctx,
                CreateMessage {
                    principal: principal(),
                    origin: $who.origin(),
                    ticket: $ticket.id,
                    input: NewMessage { body: "hello".into(), internal: false },
                    idempotency: None,
                }
            )
        );
        $run!(
            "update",
            $store.write(
                &$who.ctx,
                UpdateTicket {
                    principal: principal(),
                    origin: $who.origin(),
                    id: $ticket.id,
                    patch: TicketPatch { tags: Some(vec![format!("t{}", $which)]), ..TicketPatch::default() },
                }
            )
        );
    };
}

#[tokio::test]
async fn a_request_dropped_at_any_point_leaves_nothing_to_the_next() {
    for prepares in [true, false] {
        let bench = Bench::new(|o| (o.connections, o.prepares) = (1, prepares)).await;
        let (store, a, b) = (&bench.store, &bench.a, &bench.b);
        let ticket = &bench.ticket_of_a;
        let mut dropped = 0;
        // Until a whole round has come to its end.
        for polls in 0.. {
            let mut all_done = true;
            macro_rules! drop_it {
                ($name:literal, $work:expr) => {
                    let done = drop_after(polls, $work).await;
                    all_done &= done;
                    dropped += usize::from(!done);
                    sees_its_own(store, b, $name).await;
                    sees_its_own(store, a, $name).await;
                };
            }
            every_use_case!(store, a, ticket, polls, drop_it);
            if all_done {
                break;
            }
        }
        assert!(dropped > 30, "hardly anything was dropped: {dropped}");
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
