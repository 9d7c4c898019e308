//! A socket's end with its token, by a clock that the test sets. The client speaks the wire's own words
//! (Engine.IO 4 over polling), so that nothing of a client library comes in between.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use flowbit_domain::time::{Clock, Randomness, Timestamp};
use flowbit_server::{config::Config, start_with};
use serde_json::{Value, json};

use crate::program::{PASSWORD, Place};

struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

struct Random;

impl Randomness for Random {
    fn fill(&self, bytes: &mut [u8]) {
        aws_lc_rs::rand::fill(bytes).unwrap();
    }
}

/// A polling client.
pub(crate) struct Poller {
    client: reqwest::Client,
    url: String,
}

impl Poller {
    pub(crate) async fn connect(origin: &str, token: &str) -> Self {
        let client = reqwest::Client::new();
        let base = format!("{origin}/socket.io/?EIO=4&transport=polling");
        let open = client.get(&base).send().await.unwrap().text().await.unwrap();
        let open: Value = serde_json::from_str(open.strip_prefix('0').unwrap()).unwrap();
        let poller = Self { client, url: format!("{base}&sid={}", open["sid"].as_str().unwrap()) };
        let connect = format!("40{}", json!({ "token": token }));
        poller.client.post(&poller.url).body(connect).send().await.unwrap();
        poller
    }

    /// Reads packets until one begins with `start`; answers all that were read.
    pub(crate) async fn read_until(&self, start: &str) -> Vec<String> {
        let mut packets: Vec<String> = Vec::new();
        while !packets.iter().any(|packet| packet.starts_with(start)) {
            let response = self.client.get(&self.url).send().await.unwrap();
            assert!(response.status().is_success(), "{packets:?}");
            packets.extend(response.text().await.unwrap().split('\u{1e}').map(str::to_owned));
        }
        packets
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_ends_with_its_token() {
    let place = Place::new();
    place.found("acme");
    let clock = Arc::new(HandClock(AtomicI64::new(1_769_846_400_000)));
    let data = place.path("data").display().to_string();
    let variables = [("FLOWBIT_DATA", data.as_str()), ("FLOWBIT_LISTEN", "127.0.0.1:0")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let database = place.address().map(|address| ("FLOWBIT_DATABASE_URL".to_owned(), address));
    let running = start_with(
        Config::read(variables.into_iter().chain(database), &[]).unwrap(),
        clock.clone(),
        Arc::new(Random),
    )
    .await
    .unwrap();
    let origin = format!("http://{}", running.address());

    let credentials = json!({ "email": "admin@acme.example", "password": PASSWORD });
    let client = reqwest::Client::new();
    let login = client
        .post(format!("{origin}/api/auth/login"))
        .header("content-type", "application/json")
        .body(credentials.to_string());
    let body: Value = serde_json::from_str(&login.send().await.unwrap().text().await.unwrap()).unwrap();
    let token = body["accessToken"].as_str().unwrap();
    let lifetime = body["expiresIn"].as_i64().unwrap() * 1000;

    let poller = Poller::connect(&origin, token).await;
    poller.read_until("42[\"hello\"").await;
    clock.0.fetch_add(lifetime - 1, Ordering::SeqCst);
    // Still good: what happens now is told.
    let create = client
        .post(format!("{origin}/api/tickets"))
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(json!({ "title": "At the last moment" }).to_string());
    assert_eq!(create.send().await.unwrap().status(), 201);
    poller.read_until("42[\"event\"").await;

    clock.0.fetch_add(1, Ordering::SeqCst);
    let last = poller.read_until("41").await;
    assert!(last.contains(&r#"42["goodbye",{"reason":"expired"}]"#.to_owned()), "{last:?}");
    let refused = Poller::connect(&origin, token).await.read_until("44").await;
    // Beside it there may be a ping.
    assert!(refused.contains(&r#"44{"message":"unauthenticated"}"#.to_owned()), "{refused:?}");
    running.stop().await;
}
