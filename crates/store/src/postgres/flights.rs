//! The ledger's `seq`, which must never be out of date although other nodes write: it is asked each time,
//! but all who ask for the same tenant before a question is sent share its answer. An answer is only
//! for those who came before its question was sent.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use flowbit_domain::{Error, Result, id::TenantId};
use tokio::{sync::oneshot, task::yield_now};

/// How often others go first, at most, before a question is sent.
const TURNS: usize = 8;
/// So many questions of one tenant are on their way at most. With one alone, all who are answered come again at the
/// same time, and wait together while nobody has anything to do.
const AT_ONCE: usize = 2;

type Answer = std::result::Result<i64, String>;

/// Who waits for the next question about a tenant, and how many see to it that questions are sent.
#[derive(Default)]
struct Asked {
    next: Vec<oneshot::Sender<Answer>>,
    flying: usize,
}

/// Each tenant that is being asked about.
#[derive(Default)]
pub(crate) struct Flights {
    asked: Mutex<HashMap<TenantId, Asked>>,
}

impl Flights {
    fn with<T>(&self, f: impl FnOnce(&mut HashMap<TenantId, Asked>) -> T) -> T {
        f(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Joins the next question: where its answer will come, and whether the caller must see to it that
    /// questions are sent ([`Self::fly`]).
    pub(crate) fn join(&self, tenant: TenantId) -> (oneshot::Receiver<Answer>, bool) {
        let (sender, answer) = oneshot::channel();
        let begins = self.with(|all| {
            let asked = all.entry(tenant).or_default();
            // Whoever waits already has somebody who gathers, or comes back for them.
            let begins = asked.next.is_empty() && asked.flying < AT_ONCE;
            asked.flying += usize::from(begins);
            asked.next.push(sender);
            begins
        });
        (answer, begins)
    }

    /// Lets whoever is ready to run go first, for as long as more join, but not for ever: on a busy node a question
    /// is then for many, on an idle one nothing is waited for.
    async fn gather(&self, tenant: TenantId) {
        let mut joined = 0;
        for _ in 0..TURNS {
            yield_now().await;
            let now = self.with(|all| all.get(&tenant).map_or(0, |asked| asked.next.len()));
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
            let waiting = self.with(|all| {
                let waiting = all.get_mut(&tenant).map(|asked| std::mem::take(&mut asked.next));
                let waiting = waiting.unwrap_or_default();
                if waiting.is_empty() {
                    // With the same hold of the lock, so that nobody joins one who is about to go.
                    leave(all, tenant);
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

fn leave(all: &mut HashMap<TenantId, Asked>, tenant: TenantId) {
    if let Some(asked) = all.get_mut(&tenant) {
        asked.flying -= 1;
        if asked.flying == 0 {
            all.remove(&tenant);
        }
    }
}

/// Should the asking end early and nobody else ask, whoever waits learns it and the next one begins anew.
struct End<'f> {
    flights: &'f Flights,
    tenant: TenantId,
    is_early: bool,
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        if self.is_early {
            self.flights.with(|all| leave(all, self.tenant));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use tokio::sync::Notify;
    use uuid::Uuid;

    /// Often enough that nobody who could join is waited for any more.
    fn poll_long(flying: std::pin::Pin<&mut impl Future<Output = ()>>) -> bool {
        let mut flying = flying;
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        (0..10).any(|_| flying.as_mut().poll(&mut cx).is_ready())
    }

    #[tokio::test]
    async fn an_answer_is_for_those_who_came_before_its_question() {
        let (flights, tenant) = (Flights::default(), TenantId(Uuid::nil()));
        let (asked, go) = (AtomicI64::new(0), [Notify::new(), Notify::new(), Notify::new()]);
        let ask = || async {
            let number = asked.fetch_add(1, Ordering::Relaxed) + 1;
            go[usize::try_from(number).unwrap() - 1].notified().await;
            Ok(number)
        };
        let (first, begins) = flights.join(tenant);
        assert!(begins);
        let mut one = std::pin::pin!(flights.fly(tenant, ask));
        assert!(!poll_long(one.as_mut()));
        // Another question may go while the first is on its way, for those who came since.
        let (second, begins) = flights.join(tenant);
        assert!(begins);
        let (with_second, begins) = flights.join(tenant);
        assert!(!begins, "somebody gathers already");
        let mut another = std::pin::pin!(flights.fly(tenant, ask));
        assert!(!poll_long(another.as_mut()));
        // No third one: they wait for whichever comes back.
        let late: Vec<_> = (0..3).map(|_| flights.join(tenant)).collect();
        assert!(late.iter().all(|(_, begins)| !begins));
        go[1].notify_one();
        assert!(!poll_long(another.as_mut()), "it has gone again, for those who waited");
        for answer in [second, with_second] {
            assert_eq!(answer.await.unwrap(), Ok(2));
        }
        go[0].notify_one();
        assert!(poll_long(one.as_mut()));
        assert_eq!(first.await.unwrap(), Ok(1));
        go[2].notify_one();
        assert!(poll_long(another.as_mut()));
        for (answer, _) in late {
            assert_eq!(answer.await.unwrap(), Ok(3));
        }
        assert!(flights.with(|all| all.is_empty()));
        assert!(flights.join(tenant).1, "the next begins anew");
    }

    #[tokio::test]
    async fn should_the_asking_end_whoever_waits_learns_it() {
        let (flights, tenant) = (Flights::default(), TenantId(Uuid::nil()));
        let (first, _) = flights.join(tenant);
        {
            let flying = flights.fly(tenant, std::future::pending);
            assert!(!poll_long(std::pin::pin!(flying)));
            assert!(flights.join(tenant).1);
        }
        first.await.unwrap_err();
        // The second one of whom asking was begun, and never came to it.
        drop(End { flights: &flights, tenant, is_early: true });
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
