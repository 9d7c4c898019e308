//! Deliveries are made once, by whichever node, and again when the node that made them was killed.

use std::{collections::HashMap, time::Duration};

use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    harness::{
        PATIENCE, Person,
        receiver::{Delivered, Receiver},
    },
    nodes::{Nodes, took},
};

/// A delivery is a node's own for so long.
const LEASE: Duration = Duration::from_secs(60);

async fn connect(ada: &Person, url: &str) {
    ada.post("/api/admin/endpoints", &json!({ "url": url, "events": ["ticket.created"] })).await.expect(201);
}

/// The next delivery.
async fn next(deliveries: &mut mpsc::UnboundedReceiver<Delivered>, within: Duration) -> Delivered {
    let delivered = tokio::time::timeout(within, deliveries.recv()).await.expect("it is delivered in time");
    delivered.expect("the receiver is there")
}

async fn states(ada: &Person) -> HashMap<String, usize> {
    let mut states = HashMap::new();
    for delivery in ada.all("/api/admin/deliveries?limit=100").await {
        *states.entry(delivery["state"].as_str().expect("a state").to_owned()).or_default() += 1;
    }
    states
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_is_made_once_though_all_nodes_hear_of_it() {
    let nodes = Nodes::start(3, &["alpha"], |_| {}).await;
    let (receiver, mut deliveries) = Receiver::start().await;
    let ada = nodes.servers[0].web().sign_in("admin@alpha.example").await;
    connect(&ada, &receiver.url("/")).await;
    let count = 60;
    for n in 0..count {
        let person = Person { web: nodes.servers[n % 3].web(), ..ada.clone() };
        person.post("/api/tickets", &json!({ "title": format!("Ticket {n}") })).await.expect(201);
    }
    let mut arrived: HashMap<String, usize> = HashMap::new();
    for _ in 0..count {
        let delivered = next(&mut deliveries, PATIENCE).await;
        *arrived.entry(delivered.header("webhook-id").to_owned()).or_default() += 1;
        delivered.answer.send(200).expect("the node waits for an answer");
    }
    took("all are delivered", async || states(&ada).await.get("delivered") == Some(&count)).await;
    assert!(deliveries.try_recv().is_err(), "one was made again");
    assert_eq!(arrived.len(), count, "{arrived:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_node_was_delivering_another_delivers_when_the_lease_is_over() {
    let mut nodes = Nodes::start(2, &["alpha"], |_| {}).await;
    let (receiver, mut deliveries) = Receiver::start().await;
    let ada = nodes.servers[0].web().sign_in("admin@alpha.example").await;
    connect(&ada, &receiver.url("/")).await;
    ada.post("/api/tickets", &json!({ "title": "Cut off" })).await.expect(201);
    let first = next(&mut deliveries, PATIENCE).await;
    let begun = std::time::Instant::now();
    // Neither answered nor refused: the node waits, and with it whoever could take it over.
    nodes.servers[0].kill();
    let again = next(&mut deliveries, LEASE * 2).await;
    let after = begun.elapsed();
    assert!(after > LEASE - Duration::from_secs(2), "delivered again while it was another's: {after:?}");
    assert!(after < LEASE + Duration::from_secs(10), "{after:?}");
    assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
    again.answer.send(200).expect("the node waits for an answer");
    let ada = Person { web: nodes.servers[1].web(), ..ada };
    took("it is delivered", async || states(&ada).await.get("delivered") == Some(&1)).await;
}
