//! Kept answers are never stale and never another's.

use flowbit_domain::{Role, control::TenantState};
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Desk, Session};

async fn raise(desk: &Desk, session: &Session, title: &str) -> Value {
    let body = json!({ "title": title, "description": "x".repeat(2000) });
    desk.json(Method::POST, "/api/tickets", &session.token, body).await.expect(201).json()
}

fn etag(answer: &Answer) -> String {
    answer.headers["etag"].to_str().unwrap().to_owned()
}

async fn ask(desk: &Desk, session: &Session, path: &str, etag: &str) -> Answer {
    desk.send(desk.request(Method::GET, path, &session.token).header("if-none-match", etag)).await
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let (desk, _) = Desk::with_people().await;
    let bob = desk.login("bob@example.com").await;
    raise(&desk, &bob, "one").await;
    let path = "/api/tickets";
    let first = desk.get(path, &bob.token).await.expect(200);
    assert_eq!(first.headers["cache-control"], "private, no-cache");
    assert!(first.headers["vary"].to_str().unwrap().contains("authorization"));
    let again = desk.get(path, &bob.token).await.expect(200);
    assert_eq!((&first.text, etag(&first)), (&again.text, etag(&again)));
    let unchanged = ask(&desk, &bob, path, &etag(&first)).await.expect(304);
    assert_eq!(unchanged.text, "");

    raise(&desk, &bob, "two").await;
    let changed = ask(&desk, &bob, path, &etag(&first)).await.expect(200);
    assert_eq!(changed.json()["items"].as_array().unwrap().len(), 2);
    assert_ne!(etag(&changed), etag(&first));
}

#[tokio::test]
async fn many_who_ask_the_same_at_once_cost_one_read() {
    const CHANGES: u64 = 20;
    /// What the server reads by itself meanwhile: deliveries that are due, after each change and at its start.
    const OTHERS: u64 = CHANGES + 8;
    let (desk, _) = Desk::with_people().await;
    let bob = desk.login("bob@example.com").await;
    let queries = || desk.running.store().stats().queries;
    let before = queries();
    for change in 0..CHANGES {
        let title = format!("number {change}");
        raise(&desk, &bob, &title).await;
        let asked = (0..32).map(|_| desk.get("/api/tickets", &bob.token));
        let answers = futures_util::future::join_all(asked).await;
        let texts: Vec<String> = answers.into_iter().map(|answer| answer.expect(200).text).collect();
        assert!(texts[0].contains(&title));
        assert!(texts.iter().all(|text| *text == texts[0]));
    }
    let read = queries() - before;
    assert!((CHANGES..=CHANGES + OTHERS).contains(&read), "{read} reads for {CHANGES} changes");
}

#[tokio::test]
async fn an_answer_too_large_to_be_kept_is_shared_by_those_who_wait_for_it() {
    let (desk, _) = Desk::with_people().await;
    let bob = desk.login("bob@example.com").await;
    for n in 0..70 {
        let body = json!({ "title": format!("number {n}"), "description": "x".repeat(20_000) });
        desk.json(Method::POST, "/api/tickets", &bob.token, body).await.expect(201);
    }
    let queries = || desk.running.store().stats().queries;
    let before = queries();
    let asked = (0..32).map(|_| desk.get("/api/tickets?limit=100", &bob.token));
    for answer in futures_util::future::join_all(asked).await {
        assert!(answer.expect(200).text.len() > 1 << 20);
    }
    let read = queries() - before;
    assert!(read <= 16, "{read} reads for 32 who asked at once");
}

#[tokio::test]
async fn answers_are_shared_only_among_those_for_whom_they_are_the_same() {
    let (desk, tenant) = Desk::with_people().await;
    let dan = desk.person(tenant, "dan@example.com", Role::Agent).await;
    let other = desk.company("other").await;
    desk.person(other, "zoe@example.com", Role::Admin).await;
    let mut people = Vec::new();
    for name in ["ada", "bob", "cid", "dan", "zoe"] {
        people.push(desk.login(&format!("{name}@example.com")).await);
    }
    let [ada, bob, cid, dan_session, zoe] = &people[..] else { panic!() };
    let ticket = raise(&desk, cid, "cid's").await;
    let assigned = raise(&desk, bob, "dan's").await;
    let path = format!("/api/tickets/{}", assigned["id"].as_str().unwrap());
    desk.json(Method::PATCH, &path, &bob.token, json!({ "assigneeId": dan })).await.expect(200);

    let count = async |session: &Session, path: &str| {
        desk.get(path, &session.token).await.expect(200).json()["items"].as_array().unwrap().len()
    };
    // Each twice: the second time the answer is a kept one.
    for _ in 0..2 {
        for (session, wanted) in [(ada, 2), (bob, 2), (cid, 1), (dan_session, 2), (zoe, 0)] {
            assert_eq!(count(session, "/api/tickets").await, wanted);
        }
        for (session, wanted) in [(bob, 0), (dan_session, 1)] {
            assert_eq!(count(session, "/api/tickets?assigneeId=me").await, wanted);
            assert_eq!(count(session, "/api/tickets?assigneeId=%6De").await, wanted);
            let counts = desk.get("/api/tickets/counts", &session.token).await.expect(200).json();
            assert_eq!(counts["mine"], wanted);
        }
        let own = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
        for session in [ada, bob, cid] {
            desk.get(&own, &session.token).await.expect(200);
        }
        desk.get(&own, &zoe.token).await.problem(404, "not_found");
        desk.get(&path, &cid.token).await.problem(404, "not_found");
        desk.get("/api/assignees", &bob.token).await.expect(200);
        desk.get("/api/assignees", &cid.token).await.problem(403, "forbidden");
    }
    // A tag of one is nothing to another.
    let tag = etag(&desk.get("/api/tickets", &bob.token).await);
    for session in [ada, cid, zoe] {
        ask(&desk, session, "/api/tickets", &tag).await.expect(200);
    }
    ask(&desk, bob, "/api/tickets?limit=5", &tag).await.expect(200);
    ask(&desk, dan_session, "/api/tickets", &tag).await.expect(304);
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_want_it() {
    let (desk, _) = Desk::with_people().await;
    let bob = desk.login("bob@example.com").await;
    raise(&desk, &bob, "one").await;
    let plain = desk.get("/api/tickets", &bob.token).await.expect(200);
    assert!(!plain.headers.contains_key("content-encoding"));
    for _ in 0..2 {
        let request =
            desk.request(Method::GET, "/api/tickets", &bob.token).header("accept-encoding", "br, gzip");
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-encoding"], "gzip");
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.len() < plain.text.len() / 4);
        let mut text = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut text).unwrap();
        assert_eq!(text, plain.text);
    }
}

#[tokio::test]
async fn a_create_sent_twice_takes_effect_once() {
    let (desk, _) = Desk::with_people().await;
    let bob = desk.login("bob@example.com").await;
    let send = |title: &'static str| {
        let request =
            desk.request(Method::POST, "/api/tickets", &bob.token).header("idempotency-key", "key-1");
        let request = request.header("content-type", "application/json");
        desk.send(request.body(json!({ "title": title }).to_string()))
    };
    let (one, two) = tokio::join!(send("once"), send("once"));
    assert_eq!(one.expect(201).json()["id"], two.expect(201).json()["id"]);
    let third = send("once").await.expect(201);
    assert_eq!(third.headers["idempotency-replayed"], "true");
    assert!(third.headers["location"].to_str().unwrap().starts_with("/api/tickets/"));
    send("another").await.problem(422, "validation_failed");
    let list = desk.get("/api/tickets", &bob.token).await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_kept_is_only_for_who_may_ask_now() {
    let (desk, tenant) = Desk::with_people().await;
    let bob = desk.login("bob@example.com").await;
    raise(&desk, &bob, "one").await;
    let hot = async |session: &Session| desk.get("/api/tickets", &session.token).await;
    let warm = async |session: &Session| {
        for _ in 0..2 {
            hot(session).await.expect(200);
        }
    };
    warm(&bob).await;
    let control = desk.running.store().control().clone();
    control.set_tenant_state(tenant, TenantState::Suspended).await.unwrap();
    hot(&bob).await.problem(401, "unauthenticated");
    control.set_tenant_state(tenant, TenantState::Active).await.unwrap();

    warm(&bob).await;
    desk.post("/api/auth/logout", &format!("flowbit_refresh={}", bob.refresh), None).await.expect(204);
    hot(&bob).await.problem(401, "unauthenticated");

    let bob = desk.login("bob@example.com").await;
    warm(&bob).await;
    desk.pass(15 * 60 * 1000);
    hot(&bob).await.problem(401, "unauthenticated");

    let bob = desk.login("bob@example.com").await;
    warm(&bob).await;
    let asked = stream::iter((0..5_200).map(|_| hot(&bob))).buffer_unordered(16).collect::<Vec<_>>().await;
    assert!(asked.iter().any(|answer| answer.status == 429), "limits count here too");
}
