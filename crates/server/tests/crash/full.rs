//! A disk that is full: said clearly, nothing acknowledged is lost, nothing refused is there, and the
//! server goes on by itself when there is room.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use crate::harness::{
    Person, Server,
    beside::{Beside, assert_sound, assert_whole, tenant_file},
    gate::Gate,
    socket::Socket,
};

/// What writers try while there is no room, each.
const TRIES: usize = 20;

async fn create(admin: &Person, title: String, status: u16) -> String {
    let answer = admin.post("/api/tickets", &json!({ "title": title })).await;
    assert_eq!(answer.status, status, "{answer:?}");
    if status == 503 {
        answer.expect_problem(503, "unavailable");
        assert!(answer.header("retry-after").is_some(), "{answer:?}");
    }
    title
}

/// Several at once, so that commits are shared too.
async fn create_many(admin: &Person, name: &str, status: u16) -> HashSet<String> {
    let tries = (0..TRIES).map(|n| create(admin, format!("{name} {n}"), status));
    futures_util::future::join_all(tries).await.into_iter().collect()
}

fn titles(tickets: &[Json]) -> HashSet<String> {
    tickets.iter().map(|ticket| ticket["title"].as_str().expect("a title").to_owned()).collect()
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let mut server = Server::new();
    server.create_company("full");
    let gate = Gate::before(&mut server);
    server.start().await;
    let mut admin = server.web().sign_in("admin@full.example").await;
    let mut acknowledged = create_many(&admin, "With room", 201).await;
    let socket = Socket::open(&server.web(), &admin.token).await;

    gate.fill();
    create_many(&admin, "Without room", 503).await;
    // What is there can be read.
    assert_eq!(titles(&admin.all("/api/tickets").await), acknowledged);
    // Killed and started while there is no room: still there, still said clearly.
    gate.make_room();
    acknowledged.extend(create_many(&admin, "With room again", 201).await);
    // Nobody was shown what was refused.
    let feed = admin.get(&format!("/api/events?after={}&limit=500", socket.from)).await.expect(200);
    let last = feed["lastSeq"].as_i64().expect("where the ledger ends");
    let heard = socket.events(last).await;
    assert_eq!(heard.iter().filter(|event| event["action"] == "ticket.created").count(), TRIES, "{heard:?}");
    drop(socket);
    gate.fill();
    create_many(&admin, "Nor now", 503).await;
    server.kill();
    server.start().await;
    admin.web = server.web();
    create_many(&admin, "Nor after a start", 503).await;

    gate.make_room();
    acknowledged.extend(create_many(&admin, "At last", 201).await);
    assert_eq!(titles(&admin.all("/api/tickets").await), acknowledged);

    let beside = Beside::open(&server).await;
    let tenant = beside.tenant("full").await;
    let events = beside.ledger(tenant).await;
    beside.store.close().await;
    assert_whole(&events);
    server.kill();
    assert_sound(&tenant_file(&server.data(), tenant));
}
