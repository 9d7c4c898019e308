//! A flood: one company asks as fast as it can, and does not listen when it is told to wait, while another, quiet
//! one is watched.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use goose::prelude::*;
use rand::Rng;
use serde_json::json;

use crate::{
    Plan,
    asked::{WORLD, ask, play as play_goose, world},
    server::Server,
    verdict::Verdict,
    watched::watch,
    world::World,
};

/// The flooding company, the largest, and the quiet one.
const LOUD: usize = 0;
const QUIET: usize = 1;
/// For so long the burst that everybody has is still being used up.
const BURST: Duration = Duration::from_secs(5);
/// So much slower the quiet one may become.
const TIMES_SLOWER: f64 = 2.0;

/// Answers with 429, and those of them that did not say when to come again.
static LIMITED: AtomicUsize = AtomicUsize::new(0);
static SILENT: AtomicUsize = AtomicUsize::new(0);
static ASKED: AtomicUsize = AtomicUsize::new(0);

pub(crate) async fn play(plan: &Plan<'_>) -> Result<Verdict> {
    let users = plan.options.users.unwrap_or(32);
    let companies = plan.options.companies.unwrap_or(20);
    let verdict = Verdict::new(&format!(
        "Flood: {users} callers of one company without a pause, {} s",
        plan.options.seconds
    ));
    let folder = tempfile::tempdir()?;
    let made =
        Arc::new(World::make(plan.flowbit, folder.path(), companies.max(2), plan.options.largest).await?);
    let server = Server::start(plan.flowbit, folder.path()).await?;
    let _ = WORLD.set((Arc::clone(&made), server.url.clone()));
    let (url, lasting) = (server.url.clone(), Duration::from_secs(plan.options.seconds));
    let before = watch(&made, &url, QUIET, lasting).await?;
    verdict.note(&format!("quiet company, alone:             {before}"));

    let watching = tokio::spawn({
        let (made, url) = (Arc::clone(&made), url.clone());
        async move {
            // The callers come within a second.
            tokio::time::sleep(Duration::from_secs(1)).await;
            let first = watch(&made, &url, QUIET, BURST).await?;
            let limited = LIMITED.load(Ordering::Relaxed);
            let rest = lasting.saturating_sub(BURST + Duration::from_secs(2)).max(Duration::from_secs(2));
            let later = watch(&made, &url, QUIET, rest).await?;
            anyhow::Ok((first, later, limited))
        }
    });
    let scenario = Scenario::new("a flood").register_transaction(transaction!(flood).set_name("flood"));
    let _metrics = play_goose(plan, users, scenario).await?;
    let (first, later, limited_early) = watching.await??;
    let (asked, limited) = (ASKED.load(Ordering::Relaxed), LIMITED.load(Ordering::Relaxed));
    let counted = server.metric("flowbit_requests_limited_total", "").await?;
    let by_address = server.metric("flowbit_requests_limited_total", "address").await?;
    verdict.note(&format!("while the flood begins ({BURST:?}):     {first}"));
    verdict.note(&format!("while it goes on:                 {later}"));
    verdict.note(&format!(
        "flood: {asked} requests, {limited} answered with 429 ({limited_early} in the beginning); metrics say {counted}"
    ));
    Seen {
        slower: later.p99_ms / before.p99_ms,
        failed: first.failed + later.failed + before.failed,
        limited,
        silent: SILENT.load(Ordering::Relaxed),
        counted,
        by_address,
        users,
    }
    .judge(&verdict);
    server.stop().await?;
    Ok(verdict)
}

/// What a flood has come to.
struct Seen {
    /// The quiet company's p99 during the flood, in multiples of that without it.
    slower: f64,
    /// Requests of the quiet company that were not answered well.
    failed: usize,
    /// Answers with 429 to the flooder, and those that did not say when to come again.
    limited: usize,
    silent: usize,
    /// How many requests met a limit, by the metrics, and how many of those an address's.
    counted: f64,
    by_address: f64,
    /// How many callers there were.
    users: usize,
}

impl Seen {
    fn judge(&self, verdict: &Verdict) {
        let Self { slower, failed, limited, silent, counted, by_address, users } = *self;
        verdict.note(&format!("the quiet company's p99 is {slower:.2} times that without the flood"));
        verdict.must("the quiet company is answered well each time", failed == 0);
        verdict.must(
            format!("its p99 is at most {TIMES_SLOWER} times that without, or the flooder is told 429 with Retry-After"),
            slower <= TIMES_SLOWER || (limited > 0 && silent == 0),
        );
        #[expect(clippy::cast_precision_loss, reason = "requests of a short run")]
        let (uncounted, under_way) = (counted - limited as f64, 2.0 * users as f64);
        // Those that were under way when the callers went were counted, but nobody heard the answer.
        verdict.must("the metrics count each of them", uncounted.abs() <= under_way);
        verdict.must("it is the company's own limit that is met, not an address's", by_address < 0.5);
        verdict.must("whoever is told 429 is told when to come again", silent == 0);
    }
}

/// Raises tickets and reads lists that must be read because of them.
async fn flood(user: &mut GooseUser) -> TransactionResult {
    let company = &world().0.companies[LOUD];
    let number: u32 = rand::rng().random_range(0..5);
    let mut answered = if number == 0 {
        let body = json!({ "title": "Again and again" }).to_string();
        ask(user, company, GooseMethod::Post, "/api/tickets", "flood: raise a ticket", Some(body)).await?
    } else {
        ask(user, company, GooseMethod::Get, "/api/tickets?limit=50", "flood: list", None).await?
    };
    ASKED.fetch_add(1, Ordering::Relaxed);
    let Ok(answer) = answered.response else { return Ok(()) };
    if answer.status().as_u16() == 429 {
        LIMITED.fetch_add(1, Ordering::Relaxed);
        if !answer.headers().contains_key("retry-after") {
            SILENT.fetch_add(1, Ordering::Relaxed);
        }
        // It is the right answer.
        user.set_success(&mut answered.request)?;
    }
    // An answer that can't be read to its end is the flooder's trouble.
    let _ = answer.bytes().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flood after which all is as it must be.
    const WELL: Seen =
        Seen { slower: 1.3, failed: 0, limited: 900, silent: 0, counted: 910.0, by_address: 0.0, users: 8 };

    fn holds(seen: &Seen) -> bool {
        let verdict = Verdict::new("A flood");
        seen.judge(&verdict);
        verdict.holds()
    }

    #[test]
    fn a_quiet_company_within_twice_its_time_or_a_flooder_who_is_told_to_wait_is_well() {
        assert!(holds(&WELL));
        assert!(holds(&Seen { slower: 2.0, limited: 0, counted: 0.0, ..WELL }));
        assert!(holds(&Seen { slower: 9.0, ..WELL }));
    }

    #[test]
    fn each_thing_that_must_hold_makes_it_fail_alone() {
        for (what, seen) in [
            ("a failed answer", Seen { failed: 1, ..WELL }),
            ("slower, and nobody told to wait", Seen { slower: 2.1, limited: 0, counted: 0.0, ..WELL }),
            ("told to wait, and not how long", Seen { silent: 1, ..WELL }),
            ("refusals that the metrics miss", Seen { counted: 800.0, ..WELL }),
            ("an address's limit", Seen { by_address: 1.0, ..WELL }),
            ("nothing was measured", Seen { slower: f64::NAN, limited: 0, counted: 0.0, ..WELL }),
        ] {
            assert!(!holds(&seen), "{what}");
        }
    }
}
