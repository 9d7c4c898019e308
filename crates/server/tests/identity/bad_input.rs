use reqwest::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::Desk;

/// Sends bytes over a connection of their own and reads until it is closed.
async fn raw(desk: &Desk, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(desk.running.address()).await.unwrap();
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn what_is_not_there() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    desk.get("/api/nothing", &ada.token).await.problem(404, "not_found");
    desk.get("/api/nothing", "").await.problem(404, "not_found");
    desk.get("/api/tickets/not-an-id", &ada.token).await.problem(404, "not_found");
    desk.get("/api/tickets/00000000-0000-7000-8000-000000000000", &ada.token).await.problem(404, "not_found");
    let answer = desk.json(Method::PUT, "/api/tickets", &ada.token, json!({})).await;
    assert!(answer.headers["allow"].to_str().unwrap().contains("POST"));
    answer.problem(405, "method_not_allowed");
}

#[tokio::test]
async fn bodies() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let post = |body: &str, kind: &str| {
        let request = desk.request(Method::POST, "/api/tickets", &ada.token).header("content-type", kind);
        desk.send(request.body(body.to_owned()))
    };
    let json = "application/json; charset=utf-8";
    post("{", json).await.problem(400, "malformed_json");
    post("", json).await.problem(400, "malformed_json");
    post("{} {}", json).await.problem(400, "malformed_json");
    post(&"[".repeat(100_000), json).await.problem(400, "malformed_json");
    post("title=x", "application/x-www-form-urlencoded").await.problem(415, "unsupported_media_type");
    for (body, path) in [
        ("{}", "title"),
        (r#"{"title": 1}"#, "title"),
        (r#"{"title": "x", "tags": ["a", 2]}"#, "tags[1]"),
        (r#"{"title": "x", "status": "open"}"#, "status"),
        (r#"{"title": "x", "priority": "asap"}"#, "priority"),
        (r#"{"title": "\u200b\u200b"}"#, "title"),
        (r#"{"title": "a\u0000b"}"#, "title"),
        (r#"{"title": "x", "customFields": {"a": ["\u0000"]}}"#, "customFields.a[0]"),
    ] {
        let problem = post(body, json).await.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["path"], path, "{body}: {problem}");
    }
    let large = format!("{{\"title\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
    post(&large, json).await.problem(413, "payload_too_large");
}

#[tokio::test]
async fn null_is_nothing_in_something_new_and_no_value_in_a_change() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let new = json!({
        "title": "x", "description": null, "priority": null, "tags": null, "assigneeId": null, "customFields": null,
    });
    let ticket = desk.json(Method::POST, "/api/tickets", &ada.token, new).await.expect(201).json();
    assert_eq!((&ticket["description"], &ticket["priority"]), (&json!(""), &json!("normal")));
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    let said = json!({ "body": "x", "internal": null });
    let said =
        desk.json(Method::POST, &format!("{path}/messages"), &ada.token, said).await.expect(201).json();
    assert_eq!(said["internal"], false);

    for field in ["title", "description", "status", "priority", "tags", "version"] {
        let change = desk.json(Method::PATCH, &path, &ada.token, json!({ field: null })).await;
        let problem = change.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["path"], field, "{problem}");
    }
    let change = desk.json(Method::PATCH, &path, &ada.token, json!({ "assigneeId": null })).await;
    assert_eq!(change.expect(200).json()["assignee"], json!(null));
}

#[tokio::test]
async fn a_body_without_announced_length_is_bounded_too() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    let mut stream = TcpStream::connect(desk.running.address()).await.unwrap();
    let head = format!(
        "POST /api/tickets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n",
        ada.token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    for _ in 0..40 {
        if stream.write_all(piece.as_bytes()).await.is_err() {
            break;
        }
    }
    let mut answer = vec![0; 64];
    let n = stream.read(&mut answer).await.unwrap_or(0);
    let answer = String::from_utf8_lossy(&answer[..n]).into_owned();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn queries() {
    let (desk, _) = Desk::with_people().await;
    let ada = desk.login("ada@example.com").await;
    for (query, path) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("lmit=10", "lmit"),
        ("limit=1&limit=2", "limit"),
        ("status=open,nonsense", "status"),
        ("priority=asap", "priority"),
        ("assigneeId=nobody", "assigneeId"),
        ("sort=title", "sort"),
        ("cursor=nonsense", "cursor"),
        ("q=%00", "q"),
    ] {
        let problem = desk.get(&format!("/api/tickets?{query}"), &ada.token).await;
        let problem = problem.problem(422, "validation_failed");
        assert_eq!(problem["errors"][0]["path"], path, "{query}: {problem}");
    }
    desk.get("/api/tickets/counts?x=1", &ada.token).await.problem(422, "validation_failed");
}

#[tokio::test]
async fn headers_are_bounded() {
    let (desk, _) = Desk::with_people().await;
    let huge = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "x".repeat(500_000));
    assert!(raw(&desk, huge.as_bytes()).await.starts_with("HTTP/1.1 431"), "one huge header");
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let many = format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n");
    assert!(raw(&desk, many.as_bytes()).await.starts_with("HTTP/1.1 431"), "many headers");
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(100_000));
    assert!(raw(&desk, long.as_bytes()).await.starts_with("HTTP/1.1 4"), "a long address");
}

#[tokio::test]
async fn two_lengths_are_none() {
    let (desk, _) = Desk::with_people().await;
    let smuggled = "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n\
        0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    let answer = raw(&desk, smuggled.as_bytes()).await;
    assert!(!answer.contains("200 OK"), "the second request must not be served: {answer}");
    let twice =
        "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello";
    assert!(raw(&desk, twice.as_bytes()).await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn answers_carry_their_headers() {
    let (desk, _) = Desk::with_people().await;
    let answer = desk.get("/api/me", "").await;
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.headers[name], value);
    }
    assert!(!answer.headers.contains_key("server"));
    let ada = desk.login("ada@example.com").await;
    for path in ["/api/me", "/api/me/screens", "/api/events", "/api/admin/users", "/api/admin/audit"] {
        let answer = desk.get(path, &ada.token).await.expect(200);
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
    }
    // A sane id of the client's is kept, others are not.
    let with_id = |id: &str| desk.client.get(desk.url("/api/me")).header("x-request-id", id);
    let answer = desk.send(with_id("trace-1234567890")).await;
    assert_eq!(answer.headers["x-request-id"], "trace-1234567890");
    let answer = desk.send(with_id("a b<script>")).await;
    assert_ne!(answer.headers["x-request-id"], "a b<script>");
}
