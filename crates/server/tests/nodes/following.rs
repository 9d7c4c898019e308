//! Each node tells its sockets what any node commits: once, in order, within a second, whatever becomes of the
//! connection by which it is notified.

use serde_json::{Value as Json, json};

use crate::{
    harness::{Person, Server, socket::Socket},
    nodes::{A_SECOND, LISTENING, Nodes, took},
};

/// The same person at another node.
fn at(server: &Server, person: &Person) -> Person {
    Person { web: server.web(), ..person.clone() }
}

async fn create(person: &Person, title: &str) -> Json {
    person.post("/api/tickets", &json!({ "title": title })).await.expect(201)
}

async fn last_seq(person: &Person) -> i64 {
    person.get("/api/events?after=0&limit=500").await.expect(200)["lastSeq"].as_i64().expect("a number")
}

/// What a socket heard is the ledger after its greeting: nothing twice, nothing left out, in order.
fn assert_whole(heard: &[Json], from: i64, to: i64, whose: usize) {
    let seqs: Vec<i64> = heard.iter().filter_map(|event| event["seq"].as_i64()).collect();
    assert_eq!(seqs, (from + 1..=to).collect::<Vec<_>>(), "the socket at node {whose}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_created_on_any_node_is_heard_on_each_once_and_in_order() {
    let nodes = Nodes::start(3, &["alpha", "beta"], |_| {}).await;
    let ada = nodes.servers[0].web().sign_in("admin@alpha.example").await;
    let other = nodes.servers[1].web().sign_in("admin@beta.example").await;
    let everywhere: Vec<Person> = nodes.servers.iter().map(|server| at(server, &ada)).collect();
    let mut sockets = Vec::new();
    for person in &everywhere {
        sockets.push(Socket::open(&person.web, &person.token).await);
    }
    // What is created on one node is at once in the lists of the others, also in those that they had kept.
    for (n, person) in everywhere.iter().enumerate() {
        let title = format!("From node {n}");
        create(person, &title).await;
        for reader in &everywhere {
            let list = reader.get("/api/tickets?limit=50").await;
            assert!(list.text().contains(&title), "{list:?}");
        }
    }
    // All at once, and another company beside them.
    let mut creating = tokio::task::JoinSet::new();
    for n in 0..60 {
        let (person, other) = (everywhere[n % 3].clone(), other.clone());
        creating.spawn(async move {
            create(&person, &format!("Ticket {n}")).await;
            create(&other, "Of another company").await;
        });
    }
    while let Some(created) = creating.join_next().await {
        created.unwrap();
    }
    let end = last_seq(&ada).await;
    for (n, socket) in sockets.iter().enumerate() {
        let heard = socket.events(end).await;
        assert_whole(&heard, socket.from, end, n);
        assert!(heard.iter().all(|event| event["customerId"] == ada.company.as_str()));
    }
}

/// How long it takes until a socket at one node has heard of a ticket that was created at another.
async fn hear(nodes: &Nodes, ada: &Person, socket: &Socket, title: &str) -> std::time::Duration {
    create(&at(&nodes.servers[0], ada), title).await;
    took("it is heard", async || socket.heard().iter().any(|event| event["data"]["title"] == title)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_notification_costs_less_than_a_second() {
    let nodes = Nodes::start(2, &["alpha"], |server| server.set("FLOWBIT_DATABASE_DIRECT_URL", "off")).await;
    let ada = nodes.servers[1].web().sign_in("admin@alpha.example").await;
    let socket = Socket::open(&ada.web, &ada.token).await;
    for n in 0..6 {
        let late = hear(&nodes, &ada, &socket, &format!("Unannounced {n}")).await;
        assert!(late < A_SECOND, "{late:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_listening_connection_breaks_misses_nothing_and_listens_again() {
    let nodes = Nodes::start(2, &["alpha"], |_| {}).await;
    let ada = nodes.servers[1].web().sign_in("admin@alpha.example").await;
    let socket = Socket::open(&ada.web, &ada.token).await;
    let listening = format!("SELECT count(*) {LISTENING}");
    let leading = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    for round in 0..3 {
        took("both listen", async || nodes.count(&listening).await == 2).await;
        took("one leads", async || nodes.count(leading).await == 1).await;
        let cut = format!("SELECT count(pg_terminate_backend(pid)) {LISTENING}");
        assert_eq!(nodes.count(&cut).await, 2);
        let late = hear(&nodes, &ada, &socket, &format!("Round {round}")).await;
        assert!(late < A_SECOND, "{late:?}");
    }
    took("both listen again", async || nodes.count(&listening).await == 2).await;
    let end = last_seq(&ada).await;
    assert_whole(&socket.events(end).await, socket.from, end, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_notifications_it_does_not_take_as_long_as_looking_would() {
    let nodes = Nodes::start(2, &["alpha"], |_| {}).await;
    let ada = nodes.servers[1].web().sign_in("admin@alpha.example").await;
    let socket = Socket::open(&ada.web, &ada.token).await;
    took("both listen", async || nodes.count(&format!("SELECT count(*) {LISTENING}")).await == 2).await;
    let mut times = Vec::new();
    for n in 0..15 {
        times.push(hear(&nodes, &ada, &socket, &format!("Announced {n}")).await);
    }
    times.sort();
    println!("heard after {times:?}");
    // Looking alone takes 200 ms on average, and 400 at most.
    assert!(times[times.len() / 2] < std::time::Duration::from_millis(100), "{times:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_at_a_ticket_is_heard_at_each_node() {
    let nodes = Nodes::start(2, &["alpha"], |_| {}).await;
    let ada = nodes.servers[0].web().sign_in("admin@alpha.example").await;
    let there = at(&nodes.servers[1], &ada);
    took("both listen", async || nodes.count(&format!("SELECT count(*) {LISTENING}")).await == 2).await;
    let ticket = create(&ada, "Looked at").await;
    let path = format!("/api/tickets/{}/presence", ticket["id"].as_str().unwrap());
    let sockets = [Socket::open(&ada.web, &ada.token).await, Socket::open(&there.web, &there.token).await];
    let tab = "0198c0de-5678-7abc-8def-000000000001";
    let people = |activity: &str| json!([{ "userId": ada.id, "activity": activity }]);
    // Said at one node and at the other, by one window: wherever its requests go.
    for (count, (node, activity)) in [(&ada, "viewing"), (&there, "writing")].into_iter().enumerate() {
        let said = json!({ "activity": activity, "tab": tab, "count": count });
        let there_now = node.put(&path, &said).await.expect(200);
        assert_eq!(there_now["people"], people(activity));
        for (n, socket) in sockets.iter().enumerate() {
            let heard = socket.presences_until(&there_now).await;
            assert_eq!(heard.len(), count + 1, "at node {n}");
        }
    }
}

/// A transaction that began before another one and commits after it is not passed over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_took_longer_than_a_later_one_is_heard_of() {
    let nodes =
        Nodes::start(1, &["alpha", "beta"], |server| server.set("FLOWBIT_DATABASE_DIRECT_URL", "off")).await;
    let ada = nodes.servers[0].web().sign_in("admin@alpha.example").await;
    let other = nodes.servers[0].web().sign_in("admin@beta.example").await;
    // As a node does that is slow.
    let mut slow = nodes.database.connect("postgres").await.unwrap();
    let slow = slow.transaction().await.unwrap();
    let number = "SELECT pg_current_xact_id()::text";
    let first: String = slow.query_one(number, &[]).await.unwrap().get(0);
    create(&other, "Later and sooner").await;
    let moved =
        "SELECT moved::text FROM flowbit_control.ledgers l JOIN flowbit_control.tenants t ON t.id = l.tenant
        WHERE t.slug = 'beta'";
    let sql = format!("SELECT (({moved})::bigint > {first}::bigint)::int::bigint");
    assert_eq!(nodes.count(&sql).await, 1, "it was later");
    nodes.until_looked().await;
    assert_eq!(ada.get("/api/me").await.status, 200);
    slow.batch_execute(
        "UPDATE flowbit.users SET active = false WHERE email = 'admin@alpha.example';
         UPDATE flowbit_control.ledgers l SET seq = seq + 1, identity_seq = seq + 1, moved = pg_current_xact_id()
         FROM flowbit_control.tenants t WHERE t.id = l.tenant AND t.slug = 'alpha'",
    )
    .await
    .unwrap();
    slow.commit().await.unwrap();
    let late = took("it is heard of", async || ada.get("/api/me").await.status == 401).await;
    assert!(late < A_SECOND, "{late:?}");
}
