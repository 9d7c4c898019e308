//! The ledger's `seq`, which must never be out of date although other nodes write: it is asked each time,
//! but all who ask for the same tenant while an answer is on its way share the next one. An answer is only
//! for those who came before its question was sent.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use flowbit_domain::{Error, Result, id::TenantId};
use tokio::{sync::oneshot, task::yield_now};

/// How often others go first, at most, before a question is sent.
const TURNS: usize = 8;

type Answer = std::result::Result<i64, String>;

/// Who waits for the next question about each tenant that is being asked about.
#[derive(Default)]
pub(crate) struct Flights {
    next: Mutex<HashMap<TenantId, Vec<oneshot::Sender<Answer>>>>,
}

impl Flights {
    fn with<T>(&self, f: impl FnOnce(&mut HashMap<TenantId, Vec<oneshot::Sender<Answer>>>) -> T) -> T {
        f(&mut self.next.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Joins the next question: where its answer will come, and whether the caller must see to it that
    /// questions are sent ([`Self::fly`]).
    pub(crate) fn join(&self, tenant: TenantId) -> (oneshot::Receiver<Answer>, bool) {
        let (sender, answer) = oneshot::channel();
        let is_first = self.with(|next| {
            let is_first = !next.contains_key(&tenant);
            next.entry(tenant).or_default().push(sender);
            is_first
        });
        (answer, is_first)
    }

    /// Lets whoever is ready to run go first, for as long as more join, but not for ever: on a busy node a question
    /// is then for many, on an idle one nothing is waited for.
    async fn gather(&self, tenant: TenantId) {
        let mut joined = 0;
        for _ in 0..TURNS {
            yield_now().await;
            let now = self.with(|next| next.get(&tenant).map_or(0, Vec::len));
            if now == joined {
                return;
            }
            joined = now;
        }
    }

    /// Sends questions for as long as somebody waits.
    pub(crate) async fn fly<F>(&self, tenant: TenantId, ask: impl Fn() -> F)
    where
        F: Future<Output = Result<i64>>,
    {
        let mut end = End { flights: self, tenant, is_early: true };
        loop {
            self.gather(tenant).await;
            // Those who come from here on wait for the next one.
            let waiting = self.with(|next| {
                let waiting = next.get_mut(&tenant).map(std::mem::take).unwrap_or_default();
                if waiting.is_empty() {
                    next.remove(&tenant);
                }
                waiting
            });
            if waiting.is_empty() {
                end.is_early = false;
                return;
            }
            let answer = ask().await.map_err(|e| match e {
                Error::Unavailable(why) => why,
                other => other.to_string(),
            });
            for caller in waiting {
                // It may have gone.
                let _ = caller.send(answer.clone());
            }
        }
    }
}

/// Should the asking end early, whoever waits learns it and the next one begins anew.
struct End<'f> {
    flights: &'f Flights,
    tenant: TenantId,
    is_early: bool,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        if self.is_early {
            self.flights.with(|next| next.remove(&self.tenant));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use tokio::sync::Notify;
    use uuid::Uuid;

    #[tokio::test]
    async fn who_comes_while_one_is_asked_waits_for_the_next() {
        let (flights, tenant) = (Flights::default(), TenantId(Uuid::nil()));
        let (asked, go) = (AtomicI64::new(0), Notify::new());
        let (first, begins) = flights.join(tenant);
        assert!(begins);
        let mut late = Vec::new();
        let flying = flights.fly(tenant, || async {
            let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
            go.notified().await;
            Ok(number)
        });
        let mut flying = std::pin::pin!(flying);
        // Often enough that nobody who could join is waited for any more.
        let mut poll = || {
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            (0..10).any(|_| flying.as_mut().poll(&mut cx).is_ready())
        };
        assert!(!poll());
        for _ in 0..3 {
            let (answer, begins) = flights.join(tenant);
            assert!(!begins);
            late.push(answer);
        }
        go.notify_one();
        assert!(!poll());
        assert_eq!(first.await.unwrap(), Ok(1));
        go.notify_one();
        assert!(poll());
        for answer in late {
            assert_eq!(answer.await.unwrap(), Ok(2));
        }
        assert!(flights.join(tenant).1, "the next begins anew");
    }

    #[tokio::test]
    async fn those_who_keep_coming_do_not_hold_up_the_question() {
        let (flights, tenant) = (Flights::default(), TenantId(Uuid::nil()));
        let (first, begins) = flights.join(tenant);
        assert!(begins);
        let asked = AtomicI64::new(0);
        let mut late = vec![first];
        let flying = flights.fly(tenant, || async {
            asked.fetch_add(1, Ordering::Relaxed);
            std::future::pending().await
        });
        let mut flying = std::pin::pin!(flying);
        for _ in 0..=TURNS {
            let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(flying.as_mut().poll(&mut cx).is_pending());
            late.push(flights.join(tenant).0);
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1, "somebody joined at each turn");
    }
}
