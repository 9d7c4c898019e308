//! Connections: accepting, bounding, serving and closing them.
//!
//! Not `axum::serve`, which knows no time-out for headers and leaves Nagle's algorithm on.

use std::{
    convert::Infallible,
    io::{self, IoSlice},
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, http::Request, response::Response};
use futures_util::future::{Either, ready};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

use super::context::Peer;

/// A client has so long to send its headers, and as long between two requests.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// A client that takes nothing of its answer for so long is cut off.
const READS_WITHIN: Duration = Duration::from_secs(60);
const HEADERS_MOST: usize = 100;
const HEADERS_BYTES: usize = 32 * 1024;
/// What is buffered of a connection at most; bodies are handed on in pieces.
const BUFFER_BYTES: usize = 64 * 1024;
/// Pause after accepting failed, as it does when descriptors run out.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop`, then gives requests under way until `deadline`. What `shortcut` can answer
/// is not routed.
pub(crate) async fn serve<S: Shortcut>(
    listener: TcpListener,
    router: Router,
    shortcut: S,
    most: usize,
    stop: CancellationToken,
    deadline: Duration,
) {
    let places = Arc::new(Semaphore::new(most));
    let connections = TaskTracker::new();
    #[expect(clippy::cast_precision_loss, reason = "a bound far below 2^52")]
    metrics::gauge!("flowbit_http_connections_max").set(most as f64);
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
        let stream = Held { stream, patience: None, _place: place, _open: Open::new() };
        let (router, shortcut, stop) = (router.clone(), shortcut.clone(), stop.clone());
        connections.spawn(serve_connection(stream, Peer(peer.ip()), router, shortcut, stop));
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(deadline, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections did not end in time and are dropped");
    }
}

async fn next_place(places: &Arc<Semaphore>, stop: &CancellationToken) -> Option<OwnedSemaphorePermit> {
    // Clients beyond the bound wait in the system's queue.
    stop.run_until_cancelled(places.clone().acquire_owned()).await?.ok()
}

/// A connection with its place, which is given up when the connection closes: also one that has
/// become a socket and is no longer HTTP's. It closes when the client takes nothing for too long: it
/// would else keep its place, and what is to be sent to it, for ever.
struct Held {
    stream: TcpStream,
    /// Since the client takes nothing: until when it may.
    patience: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
    _open: Open,
}

/// Counted as open until it is dropped.
struct Open;

impl Open {
    fn new() -> Self {
        metrics::gauge!("flowbit_http_connections").increment(1.0);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("flowbit_http_connections").decrement(1.0);
    }
}

impl Held {
    fn bound<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.patience = None;
            return written;
        }
        let patience = self.patience.get_or_insert_with(|| Box::pin(tokio::time::sleep(READS_WITHIN)));
        patience.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Held {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.bound(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.bound(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Answers before the router, or leaves a request to it.
pub(crate) trait Shortcut: Clone + Send + Sync + 'static {
    /// Whether [`Self::ask`] may find what [`Self::answer`] does not.
    fn asks(&self) -> bool;

    /// Answers at once.
    fn answer(&self, peer: IpAddr, request: &Request<Incoming>) -> Option<Response>;

    /// Answers once something has been asked, and may note what it was told on the request.
    fn ask(
        &self,
        peer: IpAddr,
        request: &mut Request<Incoming>,
    ) -> impl Future<Output = Option<Response>> + Send;
}

/// Leaves all to the router.
#[derive(Clone)]
pub(crate) struct NoShortcut;

impl Shortcut for NoShortcut {
    fn asks(&self) -> bool {
        false
    }

    fn answer(&self, _: IpAddr, _: &Request<Incoming>) -> Option<Response> {
        None
    }

    async fn ask(&self, _: IpAddr, _: &mut Request<Incoming>) -> Option<Response> {
        None
    }
}

async fn serve_connection<S: Shortcut>(
    stream: Held,
    peer: Peer,
    router: Router,
    shortcut: S,
    stop: CancellationToken,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(response) = shortcut.answer(peer.0, &request) {
            return Either::Left(ready(Ok::<_, Infallible>(response)));
        }
        let mut router = router.clone();
        let mut route = move |mut request: Request<Incoming>| {
            // Here, so that what is answered before does without extensions.
            request.extensions_mut().insert(peer);
            router.call(request.map(Body::new))
        };
        if !shortcut.asks() {
            return Either::Right(Either::Left(route(request)));
        }
        let shortcut = shortcut.clone();
        Either::Right(Either::Right(Box::pin(async move {
            match shortcut.ask(peer.0, &mut request).await {
                Some(response) => Ok(response),
                None => route(request).await,
            }
        })))
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_headers(HEADERS_MOST)
        .max_header_size(HEADERS_BYTES)
        .max_buf_size(BUFFER_BYTES);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());
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

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::Notify,
    };

    use super::*;

    struct Server {
        address: std::net::SocketAddr,
        stop: CancellationToken,
        ended: tokio::task::JoinHandle<()>,
    }

    async fn start(router: Router, most: usize) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let ended =
            tokio::spawn(serve(listener, router, NoShortcut, most, stop.clone(), Duration::from_secs(5)));
        Server { address, stop, ended }
    }

    async fn read_all(stream: &mut TcpStream) -> String {
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    // Time stands still until nobody has anything to do, and then jumps to the next deadline.
    #[tokio::test(start_paused = true)]
    async fn a_slow_client_is_cut_off() {
        let server = start(Router::new().route("/", get(async || "here")), 10).await;
        let began = tokio::time::Instant::now();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await.unwrap();
        let answer = read_all(&mut stream).await;
        assert!(!answer.contains("200 OK"), "{answer}");
        assert!(began.elapsed() >= HEADERS_WITHIN && began.elapsed() < HEADERS_WITHIN * 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_its_answer_is_cut_off() {
        // More than the system buffers on both sides.
        let large = "x".repeat(64 << 20);
        let router = Router::new().route("/", get(async || "here")).route("/large", get(async || large));
        let server = start(router, 1).await;
        let began = tokio::time::Instant::now();
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        idle.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut some = [0; 12];
        idle.read_exact(&mut some).await.unwrap();
        assert_eq!(&some, b"HTTP/1.1 200");
        // Its place is the only one.
        let mut next = TcpStream::connect(server.address).await.unwrap();
        next.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let answer = tokio::time::timeout(READS_WITHIN * 2, read_all(&mut next)).await;
        assert!(answer.expect("it is kept for ever").starts_with("HTTP/1.1 200"));
        assert!(began.elapsed() >= READS_WITHIN);
    }

    #[tokio::test]
    async fn beyond_the_bound_clients_wait() {
        let server = start(Router::new().route("/", get(async || "here")), 1).await;
        let mut first = TcpStream::connect(server.address).await.unwrap();
        first.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut some = [0; 12];
        first.read_exact(&mut some).await.unwrap();
        assert_eq!(&some, b"HTTP/1.1 200");
        let mut second = TcpStream::connect(server.address).await.unwrap();
        second.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        drop(first);
        assert!(read_all(&mut second).await.starts_with("HTTP/1.1 200"), "served when there is room");
    }

    #[tokio::test]
    async fn requests_under_way_are_finished() {
        let begun = Arc::new(Notify::new());
        let go_on = Arc::new(Notify::new());
        let (telling, waiting) = (begun.clone(), go_on.clone());
        let handler = async move || {
            telling.notify_one();
            waiting.notified().await;
            "done"
        };
        let server = start(Router::new().route("/", get(handler)), 10).await;
        let mut idle = TcpStream::connect(server.address).await.unwrap();
        let mut busy = TcpStream::connect(server.address).await.unwrap();
        busy.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        begun.notified().await;
        server.stop.cancel();
        assert_eq!(read_all(&mut idle).await, "", "who has asked nothing is let go");
        assert!(TcpStream::connect(server.address).await.is_err(), "nobody new is let in");
        go_on.notify_one();
        assert!(read_all(&mut busy).await.ends_with("done"));
        server.ended.await.unwrap();
    }
}
