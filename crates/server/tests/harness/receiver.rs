//! The other side of a company's workflow: a web server that hands every delivery to the test.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
};
use serde_json::Value as Json;
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
};

/// A delivery that arrived and waits for its answer.
pub(crate) struct Delivered {
    /// The path it was sent to.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The status to answer with. Dropped unanswered, it is a 500.
    pub(crate) answer: oneshot::Sender<u16>,
}

impl Delivered {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_slice(&self.body).expect("deliveries are JSON")
    }
}

/// The address of a receiver; it listens until its runtime ends.
pub(crate) struct Receiver {
    url: String,
}

impl Receiver {
    /// Listens. Deliveries come out of the channel in the order of their arrival.
    pub(crate) async fn start() -> (Self, mpsc::UnboundedReceiver<Delivered>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, deliveries) = mpsc::unbounded_channel();
        let router = Router::new().fallback(accept).with_state(Arc::new(sender));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (Self { url }, deliveries)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}

async fn accept(
    State(sender): State<Arc<mpsc::UnboundedSender<Delivered>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let (answer, status) = oneshot::channel();
    let delivered = Delivered { path: uri.path().to_owned(), headers, body, answer };
    // When the test is over nobody listens any more.
    let _ = sender.send(delivered);
    let status = status.await.ok().and_then(|code| StatusCode::from_u16(code).ok());
    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
