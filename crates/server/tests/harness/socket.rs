//! A client of the socket that knows as little as can be: Engine.IO by polling, Socket.IO's packets as
//! text. The official client is tried elsewhere.

use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::task::JoinHandle;

use super::{
    Web,
    client::{Request, until},
};

const SEPARATOR: char = '\u{1e}';

/// Opens a connection and shows a token. Answers its address and what the server said to it: `40…` that
/// the token is good, `44…` that it is not.
async fn connect(web: &Web, token: &str) -> (String, Vec<String>) {
    let base = "/socket.io/?EIO=4&transport=polling";
    let opened = web.get(base).await;
    let opened: Json =
        serde_json::from_str(opened.text().strip_prefix('0').expect("an open packet")).unwrap();
    let path = format!("{base}&sid={}", opened["sid"].as_str().expect("an id"));
    let mut show = Request::new(Method::POST, &path);
    show.body = Some(format!("40{}", json!({ "token": token })).into_bytes());
    assert_eq!(web.send(&show).await.status, 200);
    let mut said: Vec<String> = Vec::new();
    while !said.iter().any(|packet| packet.starts_with("40") || packet.starts_with("44")) {
        said.extend(poll(web, &path).await.expect("the server answers"));
    }
    (path, said)
}

/// The packets that have come, or nothing when the connection is over.
async fn poll(web: &Web, path: &str) -> Option<Vec<String>> {
    let answer = web.try_send(&web.get_request(path)).await.ok().filter(|answer| answer.status == 200)?;
    let packets: Vec<String> = answer.text().split(SEPARATOR).map(str::to_owned).collect();
    if packets.iter().any(|packet| packet == "2") {
        let mut pong = Request::new(Method::POST, path);
        pong.body = Some(b"3".to_vec());
        web.try_send(&pong).await.ok()?;
    }
    Some(packets)
}

/// Why a token is refused; `None`: it is not.
pub(crate) async fn refusal(web: &Web, token: &str) -> Option<String> {
    let (_, said) = connect(web, token).await;
    said.into_iter().find(|packet| packet.starts_with("44"))
}

/// Somebody's socket, read all the time.
pub(crate) struct Socket {
    heard: Arc<Mutex<Vec<Json>>>,
    present: Arc<Mutex<Vec<Json>>>,
    /// Why the server has cut it, once it has.
    farewell: Arc<Mutex<Option<String>>>,
    /// The `seq` that it was greeted with.
    pub(crate) from: i64,
    reading: JoinHandle<()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// What an `event` packet holds, or a packet of another name.
fn content(packet: &str, name: &str) -> Option<Json> {
    let packet: Json = serde_json::from_str(packet.strip_prefix("42")?).ok()?;
    (packet[0] == name).then(|| packet[1].clone())
}

impl Socket {
    pub(crate) async fn open(web: &Web, token: &str) -> Self {
        let (path, mut said) = connect(web, token).await;
        let mut greeting = None;
        while greeting.is_none() {
            greeting = said.iter().find_map(|packet| content(packet, "hello"));
            if greeting.is_none() {
                said.extend(poll(web, &path).await.expect("the server greets"));
            }
        }
        let events =
            |packets: &[String]| packets.iter().filter_map(|p| content(p, "event")).collect::<Vec<_>>();
        let heard = Arc::new(Mutex::new(events(&said)));
        let presences =
            |packets: &[String]| packets.iter().filter_map(|p| content(p, "presence")).collect::<Vec<_>>();
        let present = Arc::new(Mutex::new(presences(&said)));
        let farewell = Arc::new(Mutex::new(None));
        let (web, noted, there, cut) = (web.clone(), heard.clone(), present.clone(), farewell.clone());
        let reading = tokio::spawn(async move {
            while let Some(packets) = poll(&web, &path).await {
                noted.lock().unwrap().extend(events(&packets));
                there.lock().unwrap().extend(presences(&packets));
                if let Some(goodbye) = packets.iter().find_map(|packet| content(packet, "goodbye")) {
                    *cut.lock().unwrap() = Some(goodbye["reason"].as_str().unwrap_or_default().to_owned());
                }
            }
        });
        let from =
            greeting.and_then(|hello| hello["lastSeq"].as_i64()).expect("a greeting says where it begins");
        Self { heard, present, farewell, from, reading }
    }

    /// All that it has heard so far.
    pub(crate) fn heard(&self) -> Vec<Json> {
        self.heard.lock().unwrap().clone()
    }

    /// What it has heard so far of who is at tickets.
    pub(crate) fn presences(&self) -> Vec<Json> {
        self.present.lock().unwrap().clone()
    }

    /// The same, once the last of it is this.
    pub(crate) async fn presences_until(&self, last: &Json) -> Vec<Json> {
        until("presence", async || Some(self.presences()).filter(|heard| heard.last() == Some(last))).await
    }

    /// Why the server has cut it, once it has.
    pub(crate) fn farewell(&self) -> Option<String> {
        self.farewell.lock().unwrap().clone()
    }

    /// All that it has heard, once it has heard of `seq`.
    pub(crate) async fn events(&self, seq: i64) -> Vec<Json> {
        until("an event", async || {
            let heard = self.heard.lock().unwrap();
            let there = self.from >= seq || heard.iter().any(|event| event["seq"].as_i64() >= Some(seq));
            there.then(|| heard.clone())
        })
        .await
    }
}
