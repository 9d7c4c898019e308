//! What stands in front of the nodes, as a reverse proxy does: it asks each again and again whether it is
//! ready, sends each request to one that is, and to another when there is no connection to be had.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinSet;

use crate::harness::{
    Answer, Web,
    client::{Request, a_moment},
};

/// How often each is asked.
const CHECK: Duration = Duration::from_millis(100);

struct Backend {
    web: Web,
    is_ready: AtomicBool,
}

pub(crate) struct Gateway {
    backends: Arc<Vec<Backend>>,
    turn: AtomicUsize,
    _checking: JoinSet<()>,
}

/// What came of a request that has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It was not sent: no node took it.
    NotSent,
    /// It was sent, and the connection broke: it may have been done.
    Broken,
}

impl Gateway {
    pub(crate) fn before(webs: Vec<Web>) -> Self {
        let backends = webs.into_iter().map(|web| Backend { web, is_ready: AtomicBool::new(true) });
        let backends: Arc<Vec<Backend>> = Arc::new(backends.collect());
        let mut checking = JoinSet::new();
        for n in 0..backends.len() {
            let backends = Arc::clone(&backends);
            checking.spawn(async move {
                loop {
                    let web = &backends[n].web;
                    let answer = web.try_send(&web.get_request("/readyz")).await;
                    backends[n].is_ready.store(answer.is_ok_and(|a| a.status == 200), Ordering::SeqCst);
                    tokio::time::sleep(CHECK).await;
                }
            });
        }
        Self { backends, turn: AtomicUsize::new(0), _checking: checking }
    }

    /// Sends it to one of those that are ready, or else to any.
    pub(crate) async fn send(&self, request: &Request) -> Result<Answer, Failure> {
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        let in_turn = || (0..self.backends.len()).map(|n| &self.backends[(first + n) % self.backends.len()]);
        let ready = in_turn().filter(|backend| backend.is_ready.load(Ordering::SeqCst));
        for backend in ready.chain(in_turn()) {
            match backend.web.try_send(request).await {
                Ok(answer) => return Ok(answer),
                Err(error) if error.is_connect() => {}
                Err(_) => return Err(Failure::Broken),
            }
        }
        Err(Failure::NotSent)
    }

    /// As a client sends it that keeps asking while it is told to: until there is an answer other than 503.
    /// `noticed` counts what such a client should not see: broken connections, and no answer at all.
    pub(crate) async fn send_patiently(&self, request: &Request, noticed: &AtomicUsize) -> Answer {
        loop {
            match self.send(request).await {
                Ok(answer) if answer.status == 503 => {
                    assert!(answer.header("retry-after").is_some(), "{answer:?}");
                }
                Ok(answer) => return answer,
                Err(_) => {
                    noticed.fetch_add(1, Ordering::SeqCst);
                }
            }
            a_moment().await;
        }
    }
}
