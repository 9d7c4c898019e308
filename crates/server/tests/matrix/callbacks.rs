//! A callback takes effect only when the secret, the token and the ticket are of one and the same
//! delivery: every other combination, also of two companies' good ones, is one and the same refusal.

use serde_json::{Value as Json, json};

use super::{MISSING, essence};
use crate::harness::{
    Answer, Person, Server, Web,
    beside::{Beside, digest, now},
    client::Request,
    receiver::Receiver,
    tokens::{Forge, claims_of, with},
};
use reqwest::Method;

/// What a delivery gave the workflow of a company.
struct Known {
    secret: String,
    token: String,
    ticket: String,
}

async fn connect(admin: &Person, url: &str) {
    let endpoint = json!({ "url": url, "events": ["ticket.created"] });
    admin.post("/api/admin/endpoints", &endpoint).await.expect(201);
}

fn call(secret: Option<&str>, token: &str, ticket: &str) -> Request {
    let body =
        json!({ "ticketId": ticket, "callbackToken": token, "status": "in_progress", "message": "Done" });
    let request = Request::new(Method::POST, "/webhook/ticket-done").json(&body);
    let request = request.header("x-request-id", "the-same-for-all");
    match secret {
        Some(secret) => request.header("x-webhook-secret", secret),
        None => request,
    }
}

async fn send(web: &Web, secret: Option<&str>, token: &str, ticket: &str) -> Answer {
    web.send(&call(secret, token, ticket)).await
}

#[tokio::test]
async fn a_callback_needs_secret_token_and_ticket_of_one_delivery() {
    let (receiver, mut deliveries) = Receiver::start().await;
    let server = Server::with_companies(&["ours", "theirs"]).await;
    let web = server.web();
    let ours = web.sign_in("admin@ours.example").await;
    let theirs = web.sign_in("admin@theirs.example").await;
    for (admin, path) in [(&ours, "/ours/1"), (&ours, "/ours/2"), (&theirs, "/theirs")] {
        connect(admin, &receiver.url(path)).await;
    }
    for admin in [&ours, &ours, &theirs] {
        admin.post("/api/tickets", &json!({ "title": "Printer on fire" })).await.expect(201);
    }
    // Two tickets of ours to two endpoints, one of theirs to one.
    let mut known = Vec::new();
    while known.len() < 5 {
        let delivered = deliveries.recv().await.expect("deliveries arrive");
        let data = delivered.json()["data"].clone();
        let text = |value: &Json| value.as_str().expect("text").to_owned();
        known.push(Known {
            secret: delivered.header("x-webhook-secret").to_owned(),
            token: text(&data["callbackToken"]),
            ticket: text(&data["ticketId"]),
        });
        delivered.answer.send(200).expect("the server waits");
    }
    let beside = Beside::open(&server).await;
    let tenants = [beside.tenant("ours").await, beside.tenant("theirs").await];
    let state = async || [digest(&server, tenants[0]).await, digest(&server, tenants[1]).await];

    let mut secrets: Vec<Option<&str>> = vec![None, Some(""), Some("wrong")];
    for one in &known {
        if !secrets.contains(&Some(&one.secret)) {
            secrets.push(Some(&one.secret));
        }
    }
    assert_eq!(secrets.len(), 6, "each endpoint has a secret of its own");
    let tokens = bad_tokens(&server, &known[0], &ours).await;
    let mut tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    tokens.extend(known.iter().map(|one| one.token.as_str()));
    let mut tickets: Vec<&str> = known.iter().map(|one| one.ticket.as_str()).collect();
    tickets.push(MISSING);

    let before = state().await;
    let refusal = send(&web, None, "wrong", MISSING).await;
    refusal.expect_problem(401, "invalid_callback");
    for secret in &secrets {
        for token in &tokens {
            for ticket in &tickets {
                let good = |one: &Known| {
                    (*secret, *token, *ticket)
                        == (Some(one.secret.as_str()), one.token.as_str(), one.ticket.as_str())
                };
                if !known.iter().any(good) {
                    let answer = send(&web, *secret, token, ticket).await;
                    assert_eq!(essence(&answer, ""), essence(&refusal, ""), "{secret:?} {token} {ticket}");
                }
            }
        }
    }
    assert!(before == state().await, "a refused callback changed something");
    for tenant in [&ours, &theirs] {
        let refused =
            tenant.get("/api/admin/audit?action=workflow.callbackRefused&limit=1").await.expect(200);
        assert_eq!(refused["items"][0]["actor"]["kind"], "workflow");
    }
    for one in &known {
        for applied in [true, false] {
            let answer = send(&web, Some(&one.secret), &one.token, &one.ticket).await.expect(200);
            assert_eq!(answer, json!({ "applied": applied }));
        }
    }
}

/// Tokens that say the right thing and are no good.
async fn bad_tokens(server: &Server, known: &Known, someone: &Person) -> Vec<String> {
    let forge = Forge::new(server).await;
    let claims = claims_of(&known.token);
    let seconds = now().0 / 1000;
    let over = json!({ "iat": seconds - 7200, "nbf": seconds - 7200, "exp": seconds - 60 });
    vec![
        "wrong".to_owned(),
        forge.sign(&with(&claims, &over)),
        forge.sign(&with(&claims, &json!({ "aud": "flowbit" }))),
        forge.sign_with_foreign_key(&claims),
        forge.sign_with_public_key(&claims),
        forge.unsigned(&claims),
        someone.token.clone(),
    ]
}
