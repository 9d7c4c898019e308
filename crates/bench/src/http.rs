//! The load generator: kept-alive HTTP/1.1 connections that ask as soon as they are answered.

use std::{
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request,
    client::conn::http1::{SendRequest, handshake},
    header::{HOST, HeaderValue},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

/// One kept-alive connection.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender.
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string().parse()? })
    }

    pub(crate) async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Answer> {
        request.headers_mut().insert(HOST, self.host.clone());
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status().as_u16();
        Ok(Answer { status, body: response.into_body().collect().await?.to_bytes() })
    }

    pub(crate) async fn get(&mut self, path: &str, headers: &[(&str, String)]) -> Result<Answer> {
        self.send(get(path, headers)?).await
    }

    pub(crate) async fn post(&mut self, path: &str, token: Option<&str>, body: String) -> Result<Answer> {
        self.send(post(path, token, body)?).await
    }
}

/// A request that reads.
pub(crate) fn get(path: &str, headers: &[(&str, String)]) -> Result<Request<Full<Bytes>>> {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    Ok(request.body(Full::default())?)
}

/// A request that sends JSON.
pub(crate) fn post(path: &str, token: Option<&str>, body: String) -> Result<Request<Full<Bytes>>> {
    let mut request = Request::post(path).header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    Ok(request.body(Full::new(body.into()))?)
}

/// What a load gave.
pub(crate) struct Load {
    /// Answers a second.
    pub(crate) per_second: f64,
    /// The 99th percentile, in milliseconds.
    pub(crate) p99_ms: f64,
}

/// Asks over `connections` connections for `seconds`; `path` may differ from request to request.
pub(crate) async fn load(
    address: SocketAddr,
    connections: usize,
    seconds: u64,
    headers: Vec<(&'static str, String)>,
    path: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Result<Load> {
    load_with(&[address], connections, seconds, move |i| get(&path(i), &headers)).await
}

/// The same with any request, over connections that go round the addresses. The number that `request` is given
/// is another one each time; they go round the connections as well.
pub(crate) async fn load_with(
    addresses: &[SocketAddr],
    connections: usize,
    seconds: u64,
    request: impl Fn(usize) -> Result<Request<Full<Bytes>>> + Send + Sync + 'static,
) -> Result<Load> {
    let request = Arc::new(request);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for (n, &address) in (0..connections).zip(addresses.iter().cycle()) {
        let request = Arc::clone(&request);
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut times = Histogram::<u64>::new(3)?;
            let mut i = n;
            loop {
                let asked = Instant::now();
                if asked >= end {
                    return anyhow::Ok(times);
                }
                let answer = connection.send(request(i)?).await?;
                ensure!(matches!(answer.status, 200 | 201), "answered {}", answer.status);
                times.record(u64::try_from(asked.elapsed().as_micros())?.max(1))?;
                i += connections;
            }
        }));
    }
    let began = Instant::now();
    let mut all = Histogram::<u64>::new(3)?;
    for task in tasks {
        all.add(task.await??)?;
    }
    Ok(summary(&all, began.elapsed()))
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn summary(times: &Histogram<u64>, took: Duration) -> Load {
    Load {
        per_second: times.len() as f64 / took.as_secs_f64(),
        p99_ms: times.value_at_quantile(0.99) as f64 / 1000.0,
    }
}

/// The middle one by answers a second.
pub(crate) fn median(mut loads: Vec<Load>) -> Result<Load> {
    loads.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    let middle = loads.len() / 2;
    loads.into_iter().nth(middle).context("nothing was measured")
}

/// Answers every request with one body.
pub(crate) async fn serve_constant(body: &Path, listen: SocketAddr) -> Result<()> {
    use axum::{Router, http::header, routing::get, serve::ListenerExt};
    let body: Bytes = std::fs::read(body).with_context(|| format!("reading {}", body.display()))?.into();
    let answer = move || {
        let body = body.clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], body) }
    };
    let listener = tokio::net::TcpListener::bind(listen).await?.tap_io(|stream| {
        // Without it small answers wait for the client's acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, Router::new().fallback(get(answer))).await?;
    Ok(())
}
