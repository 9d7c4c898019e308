//! Connections: accepting, bounding, serving and closing them.
//!
//! Not `axum::serve`, which knows no time-out for headers and leaves Nagle's algorithm on.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

use super::context::Peer;

/// A client has so long to send its headers, and as long between two requests.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
const HEADERS_MOST: usize = 100;
const HEADERS_BYTES: usize = 32 * 1024;
/// What is buffered of a connection at most; bodies are handed on in pieces.
const BUFFER_BYTES: usize = 64 * 1024;
/// Pause after accepting failed, as it does when descriptors run out.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop`, then gives requests under way until `deadline`.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    most: usize,
    stop: CancellationToken,
    deadline: Duration,
) {
    let places = Arc::new(Semaphore::new(most));
    let connections = TaskTracker::new();
    while let Some(place) = next_place(&places, &stop).await {
        let Some(accepted) = stop.run_until_cancelled(listener.accept()).await else { break };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // Answers are written whole: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let stop = stop.clone();
        connections.spawn(async move {
            serve_connection(TokioIo::new(stream), Peer(peer.ip()), router, stop).await;
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(deadline, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections did not end in time and are dropped");
    }
}

async fn next_place(places: &Arc<Semaphore>, stop: &CancellationToken) -> Option<tokio::sync::OwnedSemaphorePermit> {
    // Clients beyond the bound wait in the system's queue.
    stop.run_until_cancelled(places.clone().acquire_owned()).await?.ok()
}

async fn serve_connection(
    io: TokioIo<tokio::net::TcpStream>,
    peer: Peer,
    router: Router,
    stop: CancellationToken,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let mut router = router.clone();
        async move { Ok::<_, Infallible>(router.call(request.map(Body::new)).await.unwrap_or_else(|e| match e {})) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_headers(HEADERS_MOST)
        .max_header_size(HEADERS_BYTES)
        .max_buf_size(BUFFER_BYTES);
    let mut connection = std::pin::pin!(http.serve_connection(io, service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // Clients break off and send nonsense all day long.
        tracing::debug!(%error, peer = %peer.0, "a connection broke");
    }
}
