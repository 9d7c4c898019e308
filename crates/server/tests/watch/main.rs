//! What those who run it can see: metrics, traces, and the limits that are visible in both. By the real binary.

#![cfg(test)]

mod collector;
mod files;
#[path = "../harness/mod.rs"]
mod harness;
mod limits;
mod metrics;
mod passwords;
mod traces;
mod troubled;

use harness::{
    Person, Server,
    client::Request,
    receiver::{Delivered, Receiver},
};
use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

/// An admin of `acme` whose company tells a receiver of new tickets.
async fn with_workflow(server: &Server) -> (Person, mpsc::UnboundedReceiver<Delivered>) {
    let (receiver, deliveries) = Receiver::start().await;
    let admin = server.web().sign_in("admin@acme.example").await;
    let endpoint = json!({ "url": receiver.url("/new"), "events": ["ticket.created"] });
    admin.post("/api/admin/endpoints", &endpoint).await.expect(201);
    (admin, deliveries)
}

/// A workflow's answer to a delivery.
fn callback(delivered: &Delivered) -> Request {
    let data: Json = delivered.json()["data"].clone();
    let body = json!({
        "ticketId": data["ticketId"],
        "callbackToken": data["callbackToken"],
        "message": "The workflow has run.",
    });
    let secret = delivered.header("x-webhook-secret").to_owned();
    Request::new(Method::POST, "/webhook/ticket-done").json(&body).header("x-webhook-secret", &secret)
}
