//! Collectors that are away, hang or answer what nobody understands: they cost no request anything, and the log says
//! that spans are lost.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::harness::{Server, server::free_port};

/// A request takes a small part of that, and whoever waited for a collector would take several times as long.
const SOON: Duration = Duration::from_secs(3);
/// The end of a server that has nothing left to do but to give up its collector.
const END: Duration = Duration::from_secs(15);
/// More than are kept for a collector that does not take them: each request makes three spans.
const REQUESTS: usize = 1_000;

/// A server whose traces go to this address does what it should, and says that they are lost.
async fn serves_as_ever(endpoint: &str) {
    let mut server = Server::new();
    server.set("FLOWBIT_OTLP_ENDPOINT", endpoint);
    server.create_company("acme");
    server.start().await;
    let admin = server.web().sign_in("admin@acme.example").await;
    let mut slowest = Duration::ZERO;
    for n in 0..REQUESTS {
        let begun = Instant::now();
        admin.post("/api/tickets", &json!({ "title": format!("A pallet is late, {n}") })).await.expect(201);
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest < SOON, "a request took {slowest:?}");
    let begun = Instant::now();
    server.terminate().await;
    assert!(begun.elapsed() < END, "it took {:?} to end", begun.elapsed());
    let log = server.log();
    assert!(log.contains("telemetry data will be lost") || log.contains("could not be sent"), "{log}");
}

/// A collector that answers each connection in its own way.
async fn answered_by<F: Future<Output = ()> + Send + 'static>(answer: fn(TcpStream) -> F) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    url
}

#[tokio::test]
async fn one_that_is_away() {
    serves_as_ever(&format!("http://127.0.0.1:{}", free_port())).await;
}

#[tokio::test]
async fn one_that_hangs() {
    let url = answered_by(|mut stream| async move {
        let mut taken = Vec::new();
        // Until the other side goes.
        let _ = stream.read_to_end(&mut taken).await;
    });
    serves_as_ever(&url.await).await;
}

#[tokio::test]
async fn one_that_speaks_something_else() {
    let url = answered_by(|mut stream| async move {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n\0\xff\xfe").await;
        let _ = stream.shutdown().await;
    });
    serves_as_ever(&url.await).await;
}

#[tokio::test]
async fn one_that_refuses_and_never_ends() {
    let url = answered_by(|mut stream| async move {
        let head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-protobuf\r\n\r\n";
        let mut written = stream.write_all(head.as_bytes()).await;
        // As long as anybody reads it.
        while written.is_ok() {
            written = stream.write_all(&[0xff; 1 << 16]).await;
        }
    });
    serves_as_ever(&url.await).await;
}
