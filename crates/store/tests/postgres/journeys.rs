//! How many journeys to the database things take: counted, not timed.

use std::sync::Arc;

use flowbit_domain::{
    feed::ListEvents,
    idempotency::IdempotencyKey,
    json::AsJson,
    message::{CreateMessage, ListMessages, NewMessage},
    session::{CheckSession, FindLogin},
    ticket::{
        Cards, CountTickets, CreateTicket, GetTicket, ListTickets, NewTicket, Ticket, TicketFilter,
        TicketPatch, TicketSort, UpdateTicket, WriteTickets,
    },
};
use flowbit_store::Store;

use crate::{
    proxy::Proxy,
    support::{APP, Company, database, found, open_at},
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

fn newest(company: &Company) -> ListTickets {
    ListTickets {
        principal: company.admin.clone(),
        filter: TicketFilter::default(),
        sort: TicketSort::UpdatedDesc,
        limit: 25,
        cursor: None,
    }
}

/// A page written from cards, in as many journeys as `expected`; it is what is read anew.
async fn written(
    (proxy, store): (&Proxy, &Store),
    company: &Company,
    cards: &Arc<Cards>,
    expected: usize,
    what: &str,
) -> String {
    let list = newest(company);
    let write = WriteTickets { list: list.clone(), cards: Arc::clone(cards) };
    let (json, journeys) = proxy.count(store.read(&company.ctx, AsJson::new(write))).await;
    let json = String::from_utf8(json.unwrap()).unwrap();
    assert_eq!(journeys, expected, "{what}");
    let page = store.read(&company.ctx, list).await.unwrap();
    assert_eq!(json, serde_json::to_string(&page).unwrap(), "{what}");
    json
}

#[tokio::test]
async fn a_page_is_one_journey_unless_it_shows_what_is_not_remembered() {
    let database = database().await;
    let proxy = Proxy::before(&database).await;
    let store = open_at(&proxy.address(APP, &database), |o| o.connections = 1).await.unwrap();
    let (a, ticket) = found(&store, "alpha").await;
    let (b, only) = found(&store, "beta").await;
    let raise = async |title: &str| store.write(&a.ctx, a.raise(title)).await.unwrap();
    for n in 0..5 {
        raise(&format!("Pallet {n}")).await;
    }
    let change = async |of: &Company, ticket: &Ticket, title: &str| {
        let patch = TicketPatch { title: Some(title.into()), ..TicketPatch::default() };
        let (principal, origin) = (of.admin.clone(), of.origin());
        store.write(&of.ctx, UpdateTicket { principal, origin, id: ticket.id, patch }).await.unwrap();
    };
    let desk = (&proxy, &store);
    // All statements are prepared: the page as a whole, and what of it has changed.
    let before = Arc::default();
    for _ in 0..3 {
        let write = WriteTickets { list: newest(&a), cards: Arc::clone(&before) };
        store.read(&a.ctx, AsJson::new(write)).await.unwrap();
    }
    let cards = Arc::default();
    let first = written(desk, &a, &cards, 1, "the first time").await;
    assert_eq!(written(desk, &a, &cards, 1, "nothing has changed").await, first);
    change(&a, &ticket, "Pallet 7 is here").await;
    let changed = written(desk, &a, &cards, 1, "one has changed").await;
    assert!(changed.starts_with(r#"{"items":[{"id":""#) && changed.contains("Pallet 7 is here"), "{changed}");
    raise("One more").await;
    written(desk, &a, &cards, 1, "there is a new one").await;
    // Another company's names, changes and tickets are nothing to it.
    written(desk, &b, &cards, 1, "another company").await;
    written(desk, &b, &cards, 1, "another company once more").await;

    // Whoever is renamed is in each row, and so in none that is kept.
    let owner = database.connect("postgres").await.unwrap();
    let rename = async |who: &Company, name: &str| {
        let rename = format!("UPDATE flowbit.users SET name = '{name}' WHERE id = '{}'", who.admin.user.0);
        owner.batch_execute(&rename).await.unwrap();
    };
    rename(&a, "Ada").await;
    let renamed = written(desk, &a, &cards, 2, "somebody has another name").await;
    assert!(renamed.contains("Ada") && !renamed.contains("Admin of alpha"), "{renamed}");
    written(desk, &b, &cards, 1, "which is nothing to another company").await;
    written(desk, &a, &cards, 1, "it is read whole").await;
    written(desk, &a, &cards, 1, "and is remembered").await;
    // Nor is the old name given to what has changed since.
    rename(&b, "Bob").await;
    change(&b, &only, "It is here as well").await;
    assert!(written(desk, &b, &cards, 2, "somebody else has another name").await.contains("Bob"));
    // A step of a workflow moves only its own time.
    let step = "UPDATE flowbit.tickets SET workflow_state = 'running', workflow_at = updated_at + 1000000";
    written(desk, &a, &cards, 1, "the first time anew").await;
    owner.batch_execute(step).await.unwrap();
    assert!(written(desk, &a, &cards, 1, "a workflow began").await.contains("running"));
    written(desk, &a, &cards, 1, "which is remembered").await;
    // What was changed without its time is not shown as it was.
    owner.batch_execute("UPDATE flowbit.tickets SET version = version + 1, title = 'Behind'").await.unwrap();
    assert!(written(desk, &a, &cards, 2, "changed by another program").await.contains("Behind"));
    // What is too large to be kept is read with the rest, each time in one journey.
    let large =
        "UPDATE flowbit.tickets SET description = repeat('x', 17000), updated_at = updated_at + 1000000";
    owner.batch_execute(large).await.unwrap();
    for _ in 0..4 {
        assert!(written(desk, &b, &cards, 1, "large tickets").await.len() > 17000);
    }
}
