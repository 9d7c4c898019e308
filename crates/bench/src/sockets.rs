//! Socket.IO: fan-out to many clients against the official Node server, the time from an answered POST
//! to the event in another client, and memory.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt, future::try_join_all};
use hdrhistogram::Histogram;
use tokio::{net::TcpStream, process::Command, sync::mpsc};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

use crate::{
    http::Connection,
    report::Report,
    server::{ADMIN, Server, Site, free_address, sign_in},
};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) const CLIENTS: usize = 1000;
const BURST: usize = 200;

/// A light Socket.IO client (Engine.IO 4, WebSocket only).
async fn connect(address: SocketAddr, token: &str) -> Result<Socket> {
    let (mut socket, _) =
        connect_async(format!("ws://{address}/socket.io/?EIO=4&transport=websocket")).await?;
    expect(&mut socket, "0").await?;
    let auth = serde_json::json!({ "token": token });
    socket.send(Message::text(format!("40{auth}"))).await?;
    expect(&mut socket, "40").await?;
    Ok(socket)
}

async fn expect(socket: &mut Socket, prefix: &str) -> Result<String> {
    while let Some(message) = socket.next().await {
        let text = message?.into_text()?.to_string();
        if text.starts_with(prefix) {
            return Ok(text);
        }
        if text == "2" {
            // The first ping comes at once, and whoever leaves it unanswered is closed later.
            socket.send(Message::text("3")).await?;
        }
        if text.starts_with("44") {
            bail!("refused: {text}");
        }
    }
    bail!("closed before {prefix}")
}

/// Reads on for ever: counts events, answers pings, notes when each came.
fn listen(
    mut socket: Socket,
    heard: Arc<AtomicU64>,
    stamps: Option<mpsc::UnboundedSender<(String, Instant)>>,
) {
    tokio::spawn(async move {
        while let Some(Ok(message)) = socket.next().await {
            let Ok(text) = message.into_text() else { continue };
            if text.starts_with("42[\"event\"") {
                heard.fetch_add(1, Ordering::Relaxed);
                if let Some(stamps) = &stamps {
                    let _ = stamps.send((text.to_string(), Instant::now()));
                }
            } else if text.as_str() == "2" && socket.send(Message::text("3")).await.is_err() {
                return;
            }
        }
    });
}

/// What a fan-out gave.
pub(crate) struct Fan {
    pub(crate) per_second: f64,
    pub(crate) p99_ms: f64,
    /// Of the servers, for each delivery.
    pub(crate) cpu_us: f64,
    /// Of the servers together, with all clients connected, and how much more that is than without.
    pub(crate) memory: f64,
    pub(crate) grown: f64,
}

fn sum(servers: &[&Server], figure: impl Fn(&Server) -> Result<f64>) -> Result<f64> {
    servers.iter().map(|server| figure(server)).sum()
}

/// Opens the clients, spread over the servers, lets `burst` cause [`BURST`] events at once, and waits until all
/// have all.
pub(crate) async fn fan_out(
    servers: &[&Server],
    token: &str,
    burst: impl AsyncFnOnce() -> Result<()>,
) -> Result<Fan> {
    let heard = Arc::new(AtomicU64::new(0));
    let (stamps, mut stamped) = mpsc::unbounded_channel();
    let before = sum(servers, Server::memory)?;
    for chunk in 0..CLIENTS / 50 {
        let connecting = (0..50).map(|n| connect(servers[n % servers.len()].address, token));
        let sockets = try_join_all(connecting).await?;
        for (n, socket) in sockets.into_iter().enumerate() {
            // One in fifty notes its times: enough for a percentile, cheap enough not to be the limit.
            listen(socket, Arc::clone(&heard), (n == chunk % 50).then(|| stamps.clone()));
        }
    }
    let memory = sum(servers, Server::memory)?;
    let cpu_before = sum(servers, Server::cpu)?;
    let began = Instant::now();
    burst().await?;
    let all = u64::try_from(CLIENTS * BURST)?;
    let end = Instant::now() + Duration::from_secs(120);
    while heard.load(Ordering::Relaxed) < all {
        if Instant::now() > end {
            bail!("only {} of {all} events came", heard.load(Ordering::Relaxed));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let took = began.elapsed().as_secs_f64();
    let cpu = sum(servers, Server::cpu)? - cpu_before;
    let mut times = Histogram::<u64>::new(3)?;
    while let Ok((_, at)) = stamped.try_recv() {
        times.record(u64::try_from((at - began).as_micros())?.max(1))?;
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (all, p99) = (all as f64, times.value_at_quantile(0.99) as f64 / 1000.0);
    let grown = memory - before;
    Ok(Fan { per_second: all / took, p99_ms: p99, cpu_us: cpu / all * 1e6, memory, grown })
}

/// Makes [`BURST`] tickets by many callers at once, who go round the servers; what is fanned out is each
/// ticket's event.
pub(crate) async fn burst(addresses: &[SocketAddr], token: &str) -> Result<()> {
    let mut tasks = Vec::new();
    for (caller, &address) in (0..20_usize).zip(addresses.iter().cycle()) {
        let token = token.to_owned();
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            for n in 0..BURST / 20 {
                let body = serde_json::json!({ "title": format!("Burst {caller} {n}") }).to_string();
                let answer = connection.post("/api/tickets", Some(&token), body).await?;
                anyhow::ensure!(answer.status == 201, "answered {}", answer.status);
            }
            anyhow::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

pub(crate) const FAN_COLUMNS: [&str; 5] =
    ["server", "deliveries/s", "p99 ms", "CPU µs a delivery", "memory at 1,000 clients, MB"];

/// A row of that table.
pub(crate) fn fan_row(name: &str, fan: &Fan) -> [String; 5] {
    [
        name.to_owned(),
        format!("{:.0}", fan.per_second),
        format!("{:.0}", fan.p99_ms),
        format!("{:.2}", fan.cpu_us),
        format!("{:.0}", fan.memory / 1e6),
    ]
}

/// What a fan-out is called in the report.
pub(crate) fn fan_title() -> String {
    format!("Fan-out: {BURST} events at once to {CLIENTS} clients in one room")
}

pub(crate) async fn measure(report: &mut Report, flowbit: &Path, node_server: Option<&Path>) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let site = Site::folder(folder.path().join("data"));
    let server = Server::flowbit(flowbit, &site, true).await?;
    let token = sign_in(server.address, ADMIN).await?;
    report.head("Memory and the way to another client");
    let idle = server.memory()?;

    let latency = one_by_one(&server, &server, &token, 500).await?;
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let at = |q: f64| latency.value_at_quantile(q) as f64 / 1000.0;
    report.note(&format!(
        "From a POST answered to the event in another client, {} times, unloaded: p50 {:.2} ms, p99 {:.2} ms.",
        latency.len(),
        at(0.5),
        at(0.99)
    ));
    report.hold("Event in another client, p99", at(0.99), " ms", None, Some(20.0));
    report.hold("Memory idle, two demo companies", idle / 1e6, " MB", None, Some(60.0));

    report.head(&fan_title());
    let ours = fan_out(&[&server], &token, async || burst(&[server.address], &token).await).await?;
    server.stop().await?;
    report.table(&FAN_COLUMNS);
    report.row(&fan_row("Flowbit, each event a durable ticket", &ours));
    let Some(script) = node_server else {
        report.note("\nThe official Node server was not measured: its program was not given.");
        return Ok(());
    };
    let address = free_address().await?;
    let mut command = Command::new("node");
    command.arg(script).arg(address.port().to_string()).arg(BURST.to_string());
    let node = Server::start(command, address, "/ready").await?;
    let theirs = fan_out(&[&node], "none", async || {
        let answer = Connection::open(address).await?.get("/burst", &[]).await?;
        anyhow::ensure!(answer.status == 200, "answered {}", answer.status);
        Ok(())
    })
    .await?;
    node.stop().await?;
    report.row(&fan_row("socket.io on Node, the same bytes from memory", &theirs));
    report.hold(
        "Fan-out against the official server",
        ours.per_second / theirs.per_second,
        "×",
        Some(4.0),
        None,
    );
    Ok(())
}

/// From each POST's answer by one server to its event in a client of somebody else at another, in microseconds.
pub(crate) async fn one_by_one(
    asked: &Server,
    listened: &Server,
    token: &str,
    times_max: usize,
) -> Result<Histogram<u64>> {
    let (stamps, mut stamped) = mpsc::unbounded_channel();
    listen(connect(listened.address, token).await?, Arc::default(), Some(stamps));
    let mut connection = Connection::open(asked.address).await?;
    let mut times = Histogram::<u64>::new(3)?;
    for n in 0..times_max {
        let title = format!("One by one {n}");
        let body = serde_json::json!({ "title": title }).to_string();
        let answer = connection.post("/api/tickets", Some(token), body).await?;
        let answered = Instant::now();
        anyhow::ensure!(answer.status == 201, "answered {}", answer.status);
        loop {
            let (text, at) = stamped.recv().await.context("the socket closed")?;
            if text.contains(&title) {
                // It may even be there before the answer is.
                times.record(u64::try_from(at.saturating_duration_since(answered).as_micros())?.max(1))?;
                break;
            }
        }
    }
    Ok(times)
}
