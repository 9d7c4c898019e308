//! One company that is watched closely: it asks at a steady pace, however long answers take, so that none is left
//! out because another was late.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use hdrhistogram::Histogram;
use reqwest::{Client, Method};
use serde_json::json;
use tokio::task::JoinSet;

use crate::world::World;

/// Between two requests.
const PACE: Duration = Duration::from_millis(10);

/// What was seen.
pub(crate) struct Seen {
    pub(crate) asked: usize,
    /// Answers that were neither 2xx nor 304, and requests without one.
    pub(crate) failed: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { asked, failed, p50_ms, p99_ms } = self;
        write!(f, "p50 {p50_ms:.2} ms, p99 {p99_ms:.2} ms, {asked} requests, {failed} failed")
    }
}

/// Watches the company of that place for so long: of five requests one raises a ticket, so that the list after it
/// must be read anew, and one looks at a ticket.
pub(crate) async fn watch(world: &Arc<World>, url: &str, place: usize, lasting: Duration) -> Result<Seen> {
    let client = Client::builder().pool_max_idle_per_host(32).build()?;
    // Signed in, connected and with tickets known before anything counts.
    for n in 0..8 {
        ask(&client, world, url, place, n * 5 + 2).await?;
    }
    let (begun, mut asked) = (Instant::now(), JoinSet::new());
    let mut ticks = tokio::time::interval(PACE);
    let mut n = 0;
    while begun.elapsed() < lasting {
        ticks.tick().await;
        let (client, world, url) = (client.clone(), Arc::clone(world), url.to_owned());
        let due = Instant::now();
        asked.spawn(async move {
            let good = ask(&client, &world, &url, place, n).await.unwrap_or(false);
            (good, due.elapsed())
        });
        n += 1;
    }
    let mut times = Histogram::<u64>::new(3)?;
    let (mut all, mut failed) = (0, 0);
    while let Some(answered) = asked.join_next().await {
        let (good, took) = answered?;
        all += 1;
        failed += usize::from(!good);
        times.record(u64::try_from(took.as_micros())?.max(1))?;
    }
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a short run")]
    let at = |quantile: f64| times.value_at_quantile(quantile) as f64 / 1000.0;
    Ok(Seen { asked: all, failed, p50_ms: at(0.5), p99_ms: at(0.99) })
}

async fn ask(client: &Client, world: &World, url: &str, place: usize, n: usize) -> Result<bool> {
    let company = &world.companies[place];
    let (token, _) = company.token(url).await?;
    let (method, path, body) = match n % 5 {
        0 => {
            let body = json!({ "title": format!("Quiet {n}") }).to_string();
            (Method::POST, "/api/tickets".to_owned(), Some(body))
        }
        1 => match company.a_ticket() {
            Some(ticket) => (Method::GET, format!("/api/tickets/{ticket}"), None),
            None => (Method::GET, "/api/tickets".to_owned(), None),
        },
        _ => (Method::GET, "/api/tickets".to_owned(), None),
    };
    let mut request = client
        .request(method, format!("{url}{path}"))
        .bearer_auth(token)
        .header("x-forwarded-for", company.address());
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body);
    }
    let answer = request.send().await?;
    let good = answer.status().is_success();
    let body = answer.bytes().await?;
    if n % 5 > 1 {
        company.remember(&body);
    }
    Ok(good)
}
