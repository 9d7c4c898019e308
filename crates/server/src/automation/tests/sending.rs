//! One attempt: what is sent where, and what is made of the answer.

use axum::{http::StatusCode, response::IntoResponse};
use flowbit_domain::delivery::Outcome;
use tokio::net::TcpListener;

use super::{Desk, receiver};

#[tokio::test]
async fn forbidden_networks_are_not_even_knocked_at() {
    let desk = Desk::open().await;
    let (url, mut arrivals) = receiver().await;
    let by_name = url.replace("127.0.0.1", "localhost");
    for url in [url, by_name] {
        let claimed = desk.claimed_for(&url).await;
        let sent = desk.sender(&[]).send(desk.admin.tenant, &claimed).await;
        let Outcome::Failed { error, unreachable } = sent.outcome else { panic!("it was sent to {url}") };
        assert_eq!(error, "the address is in a network that deliveries may not reach");
        assert!(!unreachable);
    }
    assert!(arrivals.try_recv().is_err());
}

#[tokio::test]
async fn redirects_are_failures_and_not_followed() {
    let desk = Desk::open().await;
    let (url, mut arrivals) = receiver().await;
    let claimed = desk.claimed_for(&url).await;
    let elsewhere = format!("{url}/elsewhere");
    let sender = desk.sender(&["127.0.0.0/8"]);
    let answering = tokio::spawn(async move {
        let arrived = arrivals.recv().await.unwrap();
        let redirect = (StatusCode::TEMPORARY_REDIRECT, [("location", elsewhere)]).into_response();
        arrived.answer.send(redirect).unwrap();
        arrivals
    });
    let sent = sender.send(desk.admin.tenant, &claimed).await;
    assert!(matches!(sent.outcome, Outcome::Answered { status: 307, .. }));
    assert!(answering.await.unwrap().try_recv().is_err());
}

#[tokio::test]
async fn what_is_answered_is_kept_within_bounds_and_without_secrets() {
    let desk = Desk::open().await;
    let (url, mut arrivals) = receiver().await;
    let claimed = desk.claimed_for(&url).await;
    tokio::spawn(async move {
        let arrived = arrivals.recv().await.unwrap();
        let echo =
            format!("{} {}", arrived.header("x-webhook-secret"), String::from_utf8_lossy(&arrived.body));
        let long = format!("{echo}{}", "x".repeat(1024 * 1024));
        let answer = (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7")], long).into_response();
        arrived.answer.send(answer).unwrap();
    });
    let sent = desk.sender(&["127.0.0.0/8"]).send(desk.admin.tenant, &claimed).await;
    let Outcome::Answered { status, body, retry_after_ms } = sent.outcome else {
        panic!("there was an answer")
    };
    assert_eq!((status, retry_after_ms), (429, Some(7_000)));
    assert!(body.len() <= 16 * 1024);
    assert!(body.starts_with("[redacted] "));
    assert!(!body.contains("token-of-") && !body.contains(&claimed.secrets.shared));
}

#[tokio::test]
async fn nobody_listening_is_told_from_a_bad_answer() {
    let desk = Desk::open().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-path", listener.local_addr().unwrap());
    drop(listener);
    let claimed = desk.claimed_for(&url).await;
    let sent = desk.sender(&["127.0.0.0/8"]).send(desk.admin.tenant, &claimed).await;
    let Outcome::Failed { error, unreachable } = sent.outcome else { panic!("nobody is there") };
    assert!(unreachable);
    assert!(error.starts_with("no connection") && !error.contains("secret-path"), "{error}");
}
