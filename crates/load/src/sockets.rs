//! Open sockets: a light Socket.IO client (Engine.IO 4, WebSocket only) that reads and answers pings.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use anyhow::{Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What all sockets together have seen.
#[derive(Default)]
pub(crate) struct Ears {
    pub(crate) open: AtomicUsize,
    pub(crate) events: AtomicU64,
    /// Why sockets were closed, in the server's last words to each.
    pub(crate) last_words: Mutex<Vec<String>>,
}

async fn expect(socket: &mut Socket, prefix: &str) -> Result<()> {
    while let Some(message) = socket.next().await {
        let text = message?.into_text()?;
        if text.starts_with(prefix) {
            return Ok(());
        }
        if text.as_str() == "2" {
            // The first ping comes at once, and whoever leaves it unanswered is closed 20 seconds later.
            socket.send(Message::text("3")).await?;
        }
        if text.starts_with("44") {
            bail!("refused: {text}");
        }
    }
    bail!("closed before {prefix}")
}

/// Opens a socket and listens on it until the server or this program ends.
pub(crate) async fn listen(address: SocketAddr, token: &str, ears: Arc<Ears>) -> Result<()> {
    let url = format!("ws://{address}/socket.io/?EIO=4&transport=websocket");
    let (mut socket, _) = connect_async(url).await?;
    expect(&mut socket, "0").await?;
    socket.send(Message::text(format!("40{}", json!({ "token": token })))).await?;
    expect(&mut socket, "40").await?;
    ears.open.fetch_add(1, Ordering::Relaxed);
    tokio::spawn(async move {
        let mut last = "nothing".to_owned();
        while let Some(message) = socket.next().await {
            last = format!("{message:.200?}");
            let Ok(Ok(text)) = message.map(Message::into_text) else { break };
            if text.starts_with("42[\"event\"") {
                ears.events.fetch_add(1, Ordering::Relaxed);
            } else if text.as_str() == "2" && socket.send(Message::text("3")).await.is_err() {
                break;
            }
        }
        ears.open.fetch_sub(1, Ordering::Relaxed);
        ears.last_words.lock().unwrap_or_else(PoisonError::into_inner).push(last);
    });
    Ok(())
}
