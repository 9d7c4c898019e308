//! A slow workflow: deliveries wait for it, the desk does not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use axum::{Router, http::StatusCode};
use goose::prelude::*;
use serde_json::json;
use tokio::net::TcpListener;

use crate::{
    Plan,
    asked::{self, WORLD, play as play_goose, sum_up, world},
    server::Server,
    verdict::Verdict,
    watched::watch,
    world::World,
};

/// The company that is watched.
const WATCHED: usize = 1;
/// So much slower a desk may become, beyond what nobody notices (milliseconds).
const TIMES_SLOWER: f64 = 2.0;
const UNNOTICED_MS: f64 = 10.0;

/// After how many milliseconds the workflow answers, and how many deliveries have come.
static DELAY_MS: AtomicU64 = AtomicU64::new(0);
static ARRIVED: AtomicUsize = AtomicUsize::new(0);

async fn receive() -> StatusCode {
    ARRIVED.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(DELAY_MS.load(Ordering::Relaxed))).await;
    StatusCode::OK
}

pub(crate) async fn play(plan: &Plan<'_>, delay: u64) -> Result<Verdict> {
    let companies = plan.options.companies.unwrap_or(20);
    let users = plan.options.users.unwrap_or(20);
    let verdict = Verdict::new(&format!(
        "Slow n8n: {companies} companies whose workflows answer after {delay} s, {users} users, {} s",
        plan.options.seconds
    ));
    let folder = tempfile::tempdir()?;
    let made =
        Arc::new(World::make(plan.flowbit, folder.path(), companies.max(2), plan.options.largest).await?);
    let server = Server::start(plan.flowbit, folder.path()).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let receiver = format!("http://{}/", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(receive)).await });
    for company in &made.companies {
        connect(&server.url, company, &receiver).await?;
    }
    let _ = WORLD.set((Arc::clone(&made), server.url.clone()));
    let lasting = Duration::from_secs(plan.options.seconds);
    let quick = watch(&made, &server.url, WATCHED, lasting).await?;
    verdict.note(&format!("workflows answer at once:  {quick}"));

    DELAY_MS.store(delay * 1000, Ordering::Relaxed);
    let watching = tokio::spawn({
        let (made, url) = (Arc::clone(&made), server.url.clone());
        async move { watch(&made, &url, WATCHED, lasting).await }
    });
    let scenario = Scenario::new("a desk")
        .set_wait_time(Duration::from_millis(100), Duration::from_millis(500))
        .map_err(|e| anyhow::anyhow!("{e}"))?
        .register_transaction(transaction!(work).set_name("work"));
    let metrics = play_goose(plan, users, scenario).await?;
    let slow = watching.await??;
    verdict.note(&format!("workflows answer late:     {slow}"));
    let found = sum_up(&metrics);
    let under_way = server.metric("flowbit_deliveries_in_flight", "").await?;
    let tried = server.metric("flowbit_delivery_attempts_total", "").await?;
    verdict.note(&format!(
        "{} requests of others, p99 {:.1} ms; {} deliveries arrived, {under_way} under way, {tried} ended",
        found.asked,
        found.p99_ms,
        ARRIVED.load(Ordering::Relaxed)
    ));
    verdict.must_answer(&[
        (found.asked, found.failed),
        (quick.asked, quick.failed),
        (slow.asked, slow.failed),
    ]);
    verdict.must("deliveries are under way and wait for their workflow", under_way > 0.5);
    verdict.must(
        format!("the desk's p99 is at most {TIMES_SLOWER} times that before, or {UNNOTICED_MS} ms"),
        slow.p99_ms <= (TIMES_SLOWER * quick.p99_ms).max(UNNOTICED_MS),
    );
    server.stop().await?;
    Ok(verdict)
}

/// Lets a company's new tickets be told to the receiver.
async fn connect(url: &str, company: &crate::world::Company, receiver: &str) -> Result<()> {
    let (token, _) = company.token(url).await?;
    let answer = reqwest::Client::new()
        .post(format!("{url}/api/admin/endpoints"))
        .bearer_auth(token)
        .header("x-forwarded-for", company.address())
        .header("content-type", "application/json")
        .body(json!({ "url": receiver, "events": ["ticket.created"] }).to_string())
        .send()
        .await
        .context("an endpoint")?;
    ensure!(answer.status().as_u16() == 201, "an endpoint was answered with {}", answer.status());
    Ok(())
}

async fn work(user: &mut GooseUser) -> TransactionResult {
    asked::work(user, world().0.by_size()).await
}
