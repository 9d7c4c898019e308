//! Bodies made wrong by the OpenAPI document: each operation that takes one gets every field in every
//! wrong type, unknown fields, text that cannot be, and no JSON at all.

use serde_json::{Value as Json, json};

use super::{Desk, MISSING};
use crate::harness::{Answer, client::Request, document::Operation};

/// One wrong body, and where it is wrong.
struct Wrong {
    body: Vec<u8>,
    /// 400 when it is no JSON, 422 when it says something wrong; either when it is both.
    statuses: &'static [u16],
    path: Option<String>,
}

fn wrong(body: &Json, path: &str) -> Wrong {
    Wrong { body: body.to_string().into_bytes(), statuses: &[422], path: Some(path.to_owned()) }
}

/// Values of every type, to be refused where theirs is not allowed.
fn samples() -> [(&'static str, Json); 7] {
    [
        ("string", json!("text")),
        ("integer", json!(7)),
        ("number", json!(1.5)),
        ("boolean", json!(true)),
        ("array", json!([])),
        ("object", json!({})),
        ("null", json!(null)),
    ]
}

/// Text that people must fill in: characters that nobody sees do not count.
const FILLED: [(&str, &str); 8] = [
    ("create_ticket", "title"),
    ("update_ticket", "title"),
    ("create_message", "body"),
    ("split_ticket", "title"),
    ("create_view", "name"),
    ("update_view", "name"),
    ("create_user", "name"),
    ("update_user", "name"),
];

fn not_json() -> Vec<Wrong> {
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(50_000), close.repeat(50_000)).into_bytes();
    let refused = |statuses| move |body| Wrong { body, statuses, path: None };
    let broken: [&[u8]; 8] = [
        b"",
        b"{",
        b"nope",
        b"{} {}",
        b"{'a': 1}",
        b"{\"a\nb\": 1}",
        b"{\"\xff\xfe\": 1}",
        b"\xef\xbb\xbf{}",
    ];
    let mut all: Vec<Wrong> = broken.map(<[u8]>::to_vec).into_iter().map(refused(&[400])).collect();
    all.extend([deep("[", "]"), deep("{\"a\":", "}")].into_iter().map(refused(&[400, 422])));
    all
}

/// Every way in which the body of an operation can be wrong.
fn wrongs(desk: &Desk, operation: &Operation, good: &Json) -> Vec<Wrong> {
    let mut all = not_json();
    for (_, value) in samples().into_iter().filter(|(kind, _)| *kind != "object") {
        all.push(Wrong { body: value.to_string().into_bytes(), statuses: &[422], path: None });
    }
    // The values without their names are not the object that they would make.
    let values: Json = good.as_object().into_iter().flatten().map(|(_, value)| value.clone()).collect();
    all.push(Wrong { body: values.to_string().into_bytes(), statuses: &[422], path: None });
    let with = |name: &str, value: Json| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    all.push(wrong(&with("bogus", json!(1)), "bogus"));
    all.push(wrong(&with("__proto__", json!({})), "__proto__"));
    for (name, schema) in desk.document.properties(operation) {
        let kinds = desk.document.kinds(&schema);
        for (kind, value) in samples() {
            let fits = kinds.contains(&kind) || (kind == "integer" && kinds.contains(&"number"));
            // What an object or list of no declared shape holds is anybody's; an id is no other text.
            if !fits && !kinds.is_empty() {
                all.push(wrong(&with(&name, value), &name));
            }
        }
        if kinds.contains(&"string") {
            all.push(wrong(&with(&name, json!("a\u{0}b")), &name));
        }
        if kinds.contains(&"array") {
            all.push(wrong(&with(&name, json!([[]])), &name));
        }
        if let Some(most) = desk.document.max_length(&schema) {
            all.push(wrong(&with(&name, json!("x".repeat(most + 1))), &name));
            all.push(wrong(&with(&name, json!("ß".repeat(most + 1))), &name));
        }
        if FILLED.contains(&(operation.id.as_str(), &name)) {
            for empty in
                ["", " ", "\t\n", "\u{200b}\u{200b}", "\u{feff}", "\u{2060}\u{ad}", "\u{3164}", "\u{202e}"]
            {
                all.push(wrong(&with(&name, json!(empty)), &name));
            }
        }
    }
    all
}

fn check(answer: &Answer, wrong: &Wrong, what: &str) {
    let shown = String::from_utf8_lossy(&wrong.body);
    let shown: String = shown.chars().take(120).collect();
    assert!(wrong.statuses.contains(&answer.status), "{what} {shown}: {answer:?}");
    answer.expect_problem(
        answer.status,
        if answer.status == 400 { "malformed_json" } else { "validation_failed" },
    );
    if let Some(path) = &wrong.path {
        let found = answer.wrong_paths();
        let at_path = |p: &String| {
            p == path || p.starts_with(&format!("{path}[")) || p.starts_with(&format!("{path}."))
        };
        assert!(found.iter().any(at_path), "{what} {shown}: not at {path} but at {found:?}");
    }
}

#[tokio::test]
async fn every_wrong_body_is_refused_with_its_place_and_changes_nothing() {
    let desk = Desk::open().await;
    let before = desk.state().await;
    let (mut operations, mut bodies) = (0, 0);
    for (operation, row) in desk.operations() {
        // A callback is refused before anything is said of its body: the secret is missing.
        let Some(good) = row.body.as_ref().filter(|_| operation.id != "apply_callback") else { continue };
        operations += 1;
        let path = operation.path.replace("{id}", &desk.id_for(&row));
        let request = || Request::new(operation.method.clone(), &path).bearer(&desk.admin.token);
        for wrong in wrongs(&desk, &operation, good) {
            bodies += 1;
            let answer = desk.web().send(&request().raw(wrong.body.clone())).await;
            check(&answer, &wrong, &operation.id);
        }
        let good = good.to_string();
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            let answer = desk.web().send(&request().raw(good.clone()).header("content-type", kind)).await;
            answer.expect_problem(415, "unsupported_media_type");
        }
        let large = format!("{{\"title\": \"{}\"}}", "x".repeat(1 << 20));
        let answer = desk.web().send(&request().raw(large)).await;
        answer.expect_problem(413, "payload_too_large");
    }
    assert!(operations >= 10 && bodies > 400, "{operations} operations, {bodies} bodies");
    assert!(before == desk.state().await, "a refused body changed something");
}

/// What is bounded is counted in characters, and what is just within the bound is kept whole.
#[tokio::test]
async fn the_longest_text_is_kept_whole() {
    let desk = Desk::open().await;
    let title: String = "ß𝄞".repeat(100);
    let description = format!("{}\n{}", "Ünïcödé 🚚 ".repeat(1_000), "\u{202e}back\u{202c}");
    let ticket = json!({ "title": title, "description": description });
    let made = desk.admin.post("/api/tickets", &ticket).await.expect(201);
    let path = format!("/api/tickets/{}", made["id"].as_str().unwrap());
    let read = desk.admin.get(&path).await.expect(200);
    assert_eq!(read["title"], title);
    assert_eq!(read["description"], description);
}

#[tokio::test]
async fn a_key_for_two_requests_is_refused_and_one_request_is_done_once() {
    let desk = Desk::open().await;
    let admin = &desk.admin;
    let post = |path: &str, key: &str, body: Json| {
        admin.request(reqwest::Method::POST, path).json(&body).header("idempotency-key", key)
    };
    // The same request from many at once is done once and answered alike.
    let same = post("/api/tickets", "together", json!({ "title": "Together" }));
    let sent = (0..8).map(|_| {
        let (web, request) = (desk.web(), same.clone());
        tokio::spawn(async move { web.send(&request).await })
    });
    let sent: Vec<_> = sent.collect();
    let mut ids = std::collections::HashSet::new();
    for one in sent {
        ids.insert(one.await.unwrap().expect(201)["id"].to_string());
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    let before = desk.state().await;
    let other = desk.web().send(&post("/api/tickets", "together", json!({ "title": "Another" }))).await;
    other.expect_problem(422, "validation_failed");
    assert_eq!(other.wrong_paths(), ["Idempotency-Key"]);
    for key in ["", " ", "ä", "two words", &"k".repeat(256)] {
        let mut request = post("/api/tickets", "x", json!({ "title": "Key" }));
        let value = reqwest::header::HeaderValue::from_bytes(key.as_bytes()).unwrap();
        request.headers.insert("idempotency-key", value);
        let answer = desk.web().send(&request).await;
        answer.expect_problem(422, "validation_failed");
        assert_eq!(answer.wrong_paths(), ["Idempotency-Key"], "{key:?}");
    }
    let nowhere = format!("/api/tickets/{MISSING}/messages");
    let answer = desk.web().send(&post(&nowhere, "together", json!({ "body": "Hello" }))).await;
    answer.expect_problem(404, "not_found");
    assert!(before == desk.state().await, "a refused key changed something");
}
