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
    host: String,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender.
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status().as_u16();
        Ok(Answer { status, body: response.into_body().collect().await?.to_bytes() })
    }

    pub(crate) async fn get(&mut self, path: &str, headers: &[(&str, String)]) -> Result<Answer> {
        let mut request = Request::get(path).header("host", &self.host);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.send(request.body(Full::default())?).await
    }

    pub(crate) async fn post(&mut self, path: &str, token: Option<&str>, body: String) -> Result<Answer> {
        let mut request =
            Request::post(path).header("host", &self.host).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.send(request.body(Full::new(body.into()))?).await
    }
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
    let path = Arc::new(path);
    let headers = Arc::new(headers);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut tasks = Vec::new();
    for n in 0..connections {
        let (path, headers) = (Arc::clone(&path), Arc::clone(&headers));
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut times = Histogram::<u64>::new(3)?;
            let mut i = n;
            loop {
                let asked = Instant::now();
                if asked >= end {
                    return anyhow::Ok(times);
                }
                let answer = connection.get(&path(i), &headers).await?;
                ensure!(answer.status == 200, "answered {}", answer.status);
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
