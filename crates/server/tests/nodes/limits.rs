//! Limits of requests, where what is kept is answered only once the database has said how far the ledger is.

use std::time::Duration;

use reqwest::Method;
use tokio::{task::JoinSet, time::timeout};

use crate::nodes::Nodes;

/// The database gives a statement 15 seconds; who need not wait for it is answered long before.
const SOON: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_too_often_is_told_so_though_the_database_answers_nobody() {
    let nodes = Nodes::start(1, &["alpha"], |server| {
        server.set("FLOWBIT_RATE_LIMITS", "on");
        server.set("FLOWBIT_LIMIT_TOKEN", "1/10");
    })
    .await;
    let web = nodes.servers[0].web();
    let ada = web.sign_in("admin@alpha.example").await;
    while ada.get("/api/tickets").await.status == 200 {}
    let client = nodes.database.connect("postgres").await.expect("the superuser is let in");
    client.batch_execute("BEGIN; LOCK TABLE flowbit_control.ledgers").await.expect("a lock");
    let mut asking = JoinSet::new();
    // One or two may be let meanwhile, and wait.
    for _ in 0..5 {
        let (web, request) = (nodes.servers[0].web(), ada.request(Method::GET, "/api/tickets"));
        asking.spawn(async move { web.send(&request).await });
    }
    let first = timeout(SOON, asking.join_next()).await.expect("an answer, soon");
    first.expect("five ask").expect("no panic").expect_problem(429, "rate_limited");
}
