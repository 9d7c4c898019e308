//! The other side: takes deliveries, counts them, and calls back until it is heard, however often the
//! server is killed meanwhile.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, watch};

use crate::harness::{
    Dice,
    client::{Request, Web},
    receiver::Delivered,
};

/// What has been seen of one delivery.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    pub(crate) ticket: String,
    /// How often it arrived.
    pub(crate) arrivals: usize,
    /// How often a callback was answered, and how often with `applied: true`.
    pub(crate) answered: usize,
    pub(crate) applied: usize,
}

/// All that has been seen, by `webhook-id`.
#[derive(Default)]
pub(crate) struct Log {
    seen: Mutex<HashMap<String, Seen>>,
    arrivals: watch::Sender<usize>,
    /// Whether what arrives is lost.
    lossy: AtomicBool,
}

impl Log {
    fn note(&self, id: &str, change: impl FnOnce(&mut Seen)) {
        change(self.seen.lock().unwrap().entry(id.to_owned()).or_default());
    }

    /// From now on what arrives is lost, as by a workflow that dies together with the server: not
    /// answered, not called back about. It has to arrive again.
    pub(crate) fn lose(&self, lossy: bool) {
        self.lossy.store(lossy, Ordering::SeqCst);
    }

    /// Waits until so many more deliveries have arrived.
    pub(crate) async fn arrived(&self, more: usize) {
        let mut arrivals = self.arrivals.subscribe();
        let wanted = *arrivals.borrow() + more;
        arrivals.wait_for(|now| *now >= wanted).await.expect("the log is there");
    }

    pub(crate) fn all(&self) -> HashMap<String, Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many deliveries have been called back about.
    pub(crate) fn answered(&self) -> usize {
        self.seen.lock().unwrap().values().filter(|seen| seen.answered > 0).count()
    }
}

/// Works until the test ends. `up` counts the server's starts.
pub(crate) async fn work(
    server: String,
    mut deliveries: mpsc::UnboundedReceiver<Delivered>,
    up: watch::Receiver<u64>,
    log: Arc<Log>,
    mut dice: Dice,
) {
    while let Some(delivered) = deliveries.recv().await {
        let callback_first = dice.one_in(2);
        tokio::spawn(take(server.clone(), delivered, up.clone(), log.clone(), callback_first));
    }
}

async fn take(
    server: String,
    delivered: Delivered,
    mut up: watch::Receiver<u64>,
    log: Arc<Log>,
    callback_first: bool,
) {
    let lost = log.lossy.load(Ordering::SeqCst);
    up.mark_unchanged();
    let id = delivered.header("webhook-id").to_owned();
    let secret = delivered.header("x-webhook-secret").to_owned();
    let data = delivered.json()["data"].clone();
    let ticket = data["ticketId"].as_str().expect("a ticket").to_owned();
    log.note(&id, |seen| {
        assert!(seen.arrivals == 0 || seen.ticket == ticket, "one delivery about two tickets");
        seen.ticket = ticket;
        seen.arrivals += 1;
    });
    log.arrivals.send_modify(|n| *n += 1);
    if lost {
        // Not answered as long as that server lives.
        let _ = up.changed().await;
        return;
    }
    if callback_first {
        call_back(&server, &id, &secret, &data, up, &log).await;
        // The server may be gone, and with it whoever waited.
        let _ = delivered.answer.send(200);
    } else {
        let _ = delivered.answer.send(200);
        call_back(&server, &id, &secret, &data, up, &log).await;
    }
}

/// Calls back until there is an answer.
async fn call_back(
    server: &str,
    id: &str,
    secret: &str,
    data: &Json,
    mut up: watch::Receiver<u64>,
    log: &Log,
) {
    let body = json!({
        "ticketId": data["ticketId"],
        "callbackToken": data["callbackToken"],
        "status": "in_progress",
        "message": "The workflow has run.",
    });
    let request = Request::new(Method::POST, "/webhook/ticket-done").json(&body);
    let request = request.header("x-webhook-secret", secret);
    loop {
        let start = *up.borrow_and_update();
        // A connection of its own: one kept from before a crash would be dead.
        match Web::new(server).try_send(&request).await {
            Ok(answer) if answer.status == 200 => {
                let applied = answer.json()["applied"] == true;
                return log.note(id, |seen| {
                    seen.answered += 1;
                    seen.applied += usize::from(applied);
                });
            }
            Ok(answer) => assert_eq!(answer.status, 503, "a good callback was refused: {answer:?}"),
            Err(_) => {
                // Killed: there is no point in trying before it is back.
                if up.wait_for(|now| *now > start).await.is_err() {
                    return;
                }
            }
        }
    }
}
