//! How many journeys to the database things take: counted, not timed.

use flowbit_domain::{
    feed::ListEvents,
    idempotency::IdempotencyKey,
    message::{CreateMessage, ListMessages, NewMessage},
    session::{CheckSession, FindLogin},
    ticket::{CountTickets, CreateTicket, GetTicket, ListTickets, NewTicket, TicketFilter, TicketSort},
};

use crate::{
    proxy::Proxy,
    support::{APP, database, found, open_at},
};

/// How many journeys each of the usual requests takes, once its statements have been prepared.
async fn count_all(prepares: bool) -> Vec<(&'static str, usize)> {
    let database = database().await;
    let proxy = Proxy::before(&database).await;
    let address = proxy.address(APP, &database);
    let store = open_at(&address, |o| (o.connections, o.prepares) = (1, prepares)).await.unwrap();
    let (a, ticket) = found(&store, "alpha").await;
    let principal = || a.admin.clone();
    let create = |key: Option<&str>, assigned: bool| CreateTicket {
        input: NewTicket {
            tags: vec!["one".into(), "two".into()],
            assignee_id: assigned.then_some(a.admin.user),
            ..a.raise("Pallet 7 is late").input
        },
        idempotency: key.map(|key| IdempotencyKey::new(key, [7; 32]).unwrap()),
        ..a.raise("")
    };
    let mut counted = Vec::new();
    for round in 0..2 {
        counted.clear();
        macro_rules! count {
            ($name:literal, $call:expr) => {
                let (answer, journeys) = proxy.count($call).await;
                answer.unwrap();
                counted.push(($name, journeys));
            };
        }
        let list = ListTickets {
            principal: principal(),
            filter: TicketFilter { text: Some("pallet".into()), ..TicketFilter::default() },
            sort: TicketSort::UpdatedDesc,
            limit: 25,
            cursor: None,
        };
        count!("list", store.read(&a.ctx, list));
        count!("get", store.read(&a.ctx, GetTicket { principal: principal(), id: ticket.id }));
        count!("count", store.read(&a.ctx, CountTickets { principal: principal() }));
        let events = ListEvents { principal: principal(), after: 0, limit: 10, ticket: None };
        count!("events", store.read(&a.ctx, events));
        let messages = ListMessages { principal: principal(), ticket: ticket.id, limit: 10, cursor: None };
        count!("messages", store.read(&a.ctx, messages));
        let check = CheckSession { session: a.admin.session, user: a.admin.user };
        count!("session", store.read(&a.ctx, check));
        count!("login", store.read(&a.ctx, FindLogin { email: "admin@alpha.example".into() }));
        count!("seq", store.ledger_seq(&a.ctx));
        count!("create", store.write(&a.ctx, create(None, false)));
        let keys = [format!("plain-{round}"), format!("assigned-{round}")];
        count!("create by key", store.write(&a.ctx, create(Some(&keys[0]), false)));
        count!("create by key, assigned", store.write(&a.ctx, create(Some(&keys[1]), true)));
        count!("create again", store.write(&a.ctx, create(Some(&keys[0]), false)));
        let message = CreateMessage {
            principal: principal(),
            origin: a.origin(),
            ticket: ticket.id,
            input: NewMessage { body: "on its way".into(), internal: false, ..NewMessage::default() },
            idempotency: Some(IdempotencyKey::new(&format!("m-{round}"), [7; 32]).unwrap()),
        };
        count!("message", store.write(&a.ctx, message));
    }
    counted
}

const EXPECTED: [(&str, usize); 13] = [
    ("list", 1),
    ("get", 1),
    ("count", 1),
    ("events", 1),
    ("messages", 1),
    ("session", 1),
    ("login", 1),
    ("seq", 1),
    ("create", 2),
    ("create by key", 2),
    ("create by key, assigned", 2),
    ("create again", 2),
    ("message", 3),
];

#[tokio::test]
async fn a_read_is_one_journey_and_a_create_two() {
    assert_eq!(Box::pin(count_all(true)).await, EXPECTED);
}

#[tokio::test]
async fn it_is_the_same_without_prepared_statements() {
    assert_eq!(Box::pin(count_all(false)).await, EXPECTED);
}
