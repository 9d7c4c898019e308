//! What is not even a request: slow clients, noise, heads that contradict themselves.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::harness::Server;

/// No head takes longer; the server's own limit is 10 seconds.
const CUT_OFF_WITHIN: Duration = Duration::from_secs(20);

async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(("127.0.0.1", server.port())).await.unwrap()
}

/// Sends bytes and reads all that comes back until the server ends the connection.
async fn talk(mut stream: TcpStream, bytes: &[u8]) -> String {
    let (mut reading, mut writing) = stream.split();
    let write = async {
        // The server may have heard enough before all is sent.
        let _ = writing.write_all(bytes).await;
    };
    let mut answer = Vec::new();
    let read = async {
        let _ = tokio::time::timeout(CUT_OFF_WITHIN, reading.read_to_end(&mut answer)).await;
    };
    tokio::join!(write, read);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a head one byte after another, and says when the server had enough.
async fn dribble(mut stream: TcpStream) -> Duration {
    let begun = Instant::now();
    let _ = stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: slow\r\nx-slow: ").await;
    let mut pace = tokio::time::interval(Duration::from_millis(100));
    let mut answer = [0; 512];
    loop {
        tokio::select! {
            read = stream.read(&mut answer) => match read {
                Ok(0) | Err(_) => return begun.elapsed(),
                Ok(_) => {}
            },
            _ = pace.tick() => {
                let _ = stream.write_all(b"x").await;
            }
        }
        assert!(begun.elapsed() < CUT_OFF_WITHIN, "a slow client may go on for ever");
    }
}

#[tokio::test]
async fn slow_clients_are_cut_off_and_keep_nobody_waiting() {
    let server = Server::with_companies(&["ours", "theirs"]).await;
    let mut slow = JoinSet::new();
    for _ in 0..300 {
        slow.spawn(dribble(connect(&server).await));
    }
    // While they all dribble, others are served.
    let web = server.web();
    let admins = [web.sign_in("admin@ours.example").await, web.sign_in("admin@theirs.example").await];
    let mut served = 0;
    while let Some(ended) = tokio::select! {
        ended = slow.join_next() => ended,
        answer = admins[served % 2].get("/api/tickets") => {
            answer.expect(200);
            served += 1;
            tokio::task::yield_now().await;
            Some(Ok(Duration::ZERO))
        }
    } {
        ended.unwrap();
        if slow.is_empty() {
            break;
        }
    }
    assert!(served > 50, "only {served} requests were served meanwhile");
}

#[tokio::test]
async fn noise_and_contradictions_are_refused_and_nothing_is_smuggled() {
    let server = Server::with_companies(&["ours"]).await;
    let inner = "GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: smuggled-request\r\n\r\n";
    let post = |head: &str, rest: &str| {
        format!(
            "POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{head}\r\n\r\n{rest}"
        )
    };
    let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "x".repeat(500_000));
    let many: String = (0..1_000).map(|n| format!("x-{n}: y\r\n")).collect();
    let talks = [
        huge,
        format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n"),
        format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "x".repeat(200_000)),
        post("content-length: 4\r\ntransfer-encoding: chunked", &format!("0\r\n\r\n{inner}")),
        post("transfer-encoding: chunked\r\ncontent-length: 4", &format!("0\r\n\r\n{inner}")),
        post("content-length: 4\r\ncontent-length: 40", inner),
        post("content-length: -4", inner),
        post("content-length: +4", inner),
        post("content-length: 4, 4x", inner),
        post("content-length: 18446744073709551616", inner),
        post("transfer-encoding: xchunked", inner),
        post("transfer-encoding: chunked, identity", &format!("0\r\n\r\n{inner}")),
        post("transfer-encoding: chunked", &format!("zz\r\n{inner}")),
        post("transfer-encoding: chunked", &format!("ffffffffffffffffff\r\n{inner}")),
        post(" folded: x", inner),
        post("na me: x", inner),
        post("x: \0", inner),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "GET /healthz HTTP/9.9\r\nhost: x\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}".to_owned(),
        "\0".repeat(100_000),
        "hello\r\n\r\n".to_owned(),
    ];
    let mut talking = JoinSet::new();
    for sent in talks {
        let stream = connect(&server).await;
        talking.spawn(async move {
            let answer = talk(stream, sent.as_bytes()).await;
            (sent.chars().take(160).collect::<String>(), answer)
        });
    }
    while let Some(talked) = talking.join_next().await {
        let (shown, answer) = talked.unwrap();
        assert!(!answer.contains("smuggled-request"), "{shown:?} smuggled a request: {answer}");
        let refused =
            answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.0 4");
        assert!(refused, "{shown:?}: {answer}");
    }
    server.web().get("/readyz").await.expect(200);
}

/// Which host is meant must be said, and once (RFC 9112, 3.2): whoever stands between might read another.
#[tokio::test]
async fn a_request_names_one_host() {
    let server = Server::with_companies(&["ours"]).await;
    let admin = server.web().sign_in("admin@ours.example").await;
    let get = |version: &str, hosts: &str| {
        let token = &admin.token;
        format!(
            "GET /api/tickets HTTP/{version}\r\n{hosts}authorization: Bearer {token}\r\nconnection: close\r\n\r\n"
        )
    };
    // The second of two equal ones is answered from what is kept.
    for sent in [get("1.1", "host: a\r\n"), get("1.1", "host: a\r\n"), get("1.0", "")] {
        let answer = talk(connect(&server).await, sent.as_bytes()).await;
        assert!(answer.split(' ').nth(1) == Some("200"), "{sent:?}: {answer}");
    }
    for sent in [get("1.1", ""), get("1.1", "host: a\r\nhost: b\r\n"), get("1.0", "host: a\r\nhost: a\r\n")] {
        let answer = talk(connect(&server).await, sent.as_bytes()).await;
        assert!(answer.split(' ').nth(1) == Some("400"), "{sent:?}: {answer}");
        assert!(answer.contains(r#""code":"bad_request""#) && answer.contains("x-request-id: "), "{answer}");
    }
}

/// Who asks before sending is told before sending.
#[tokio::test]
async fn far_too_much_is_not_asked_for() {
    let server = Server::with_companies(&["ours"]).await;
    let admin = server.web().sign_in("admin@ours.example").await;
    let ask = |length: usize| {
        format!(
            "POST /api/tickets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nexpect: 100-continue\r\nconnection: close\r\n\r\n",
            admin.token
        )
    };
    let answer = talk(connect(&server).await, ask((1 << 20) + 1).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("payload_too_large"), "{answer}");
    let body = r#"{"title": "Fits"}"#;
    let answer = talk(connect(&server).await, format!("{}{body}", ask(body.len())).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 100") && answer.contains("HTTP/1.1 201"), "{answer}");
}

/// Far too much is refused so that a client which is still sending gets to know why.
#[tokio::test]
async fn ten_megabytes_are_refused() {
    let server = Server::with_companies(&["ours", "theirs"]).await;
    let admin = server.web().sign_in("admin@ours.example").await;
    let stranger = server.web().sign_in("admin@theirs.example").await;
    stranger.post("/api/tickets", &serde_json::json!({ "title": "Not concerned" })).await.expect(201);
    let before = stranger.get("/api/events").await.expect(200);
    let body = format!("{{\"title\": \"{}\"}}", "x".repeat(10 << 20));
    let head = |length: &str| {
        format!(
            "POST /api/tickets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             connection: close\r\n{length}\r\n\r\n",
            admin.token
        )
    };
    let announced = format!("{}{body}", head(&format!("content-length: {}", body.len())));
    let chunked = format!("{}{:x}\r\n{body}\r\n0\r\n\r\n", head("transfer-encoding: chunked"), body.len());
    for sent in [announced, chunked] {
        let answer = talk(connect(&server).await, sent.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("payload_too_large"), "{answer}");
    }
    server.web().get("/readyz").await.expect(200);
    assert_eq!(admin.get("/api/tickets").await.expect(200)["items"], serde_json::json!([]));
    assert_eq!(stranger.get("/api/events").await.expect(200), before, "the other company is untouched");
}

/// Clients that leave in the middle of a body or of an answer leave nothing half done.
#[tokio::test]
async fn clients_that_go_away_break_nothing() {
    let server = Server::with_companies(&["ours"]).await;
    let admin = server.web().sign_in("admin@ours.example").await;
    let body = format!("{{\"title\": \"{}\"}}", "x".repeat(100));
    for sent in 0..body.len() {
        let head = format!(
            "POST /api/tickets HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            admin.token,
            body.len()
        );
        let mut stream = connect(&server).await;
        let _ = stream.write_all(format!("{head}{}", &body[..sent]).as_bytes()).await;
    }
    let counts = admin.get("/api/tickets/counts").await.expect(200);
    assert_eq!(counts["all"], 0, "a part of a body was taken for the whole");
}
