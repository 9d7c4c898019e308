//! Many companies with little to do: each is asked now and then, most of them not at all.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;
use goose::prelude::*;

use crate::{
    Plan,
    asked::{self, WORLD, play as play_goose, sum_up, world},
    server::Server,
    verdict::Verdict,
    world::World,
};

/// Slower than this nobody should meet, in milliseconds.
const BOUND_MS: f64 = 250.0;

pub(crate) async fn play(plan: &Plan<'_>) -> Result<Verdict> {
    let companies = plan.options.companies.unwrap_or(10_000);
    let users = plan.options.users.unwrap_or(20);
    let verdict = Verdict::new(&format!(
        "Many: {companies} companies with little to do, {users} users, {} s",
        plan.options.seconds
    ));
    let folder = tempfile::tempdir()?;
    let begun = Instant::now();
    // Each has three tickets, but for the first few.
    let made =
        Arc::new(World::make(plan.flowbit, folder.path(), companies, plan.options.largest.min(100)).await?);
    let filled = begun.elapsed();
    let begun = Instant::now();
    let server = Server::start(plan.flowbit, folder.path()).await?;
    verdict.note(&format!(
        "made in {:.0} s; the server is ready after {:.2} s with {:.0} MB",
        filled.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
        server.memory().await?
    ));
    let _ = WORLD.set((made, server.url.clone()));
    let scenario = Scenario::new("a desk")
        .set_wait_time(Duration::from_millis(50), Duration::from_millis(250))
        .map_err(|e| anyhow::anyhow!("{e}"))?
        .register_transaction(transaction!(work).set_name("work"));
    let metrics = play_goose(plan, users, scenario).await?;
    let found = sum_up(&metrics);
    verdict.note(&format!(
        "{} requests of {} people who signed in; p99 {:.1} ms; {:.0} files opened, {:.0} closed for others; memory {:.0} MB",
        found.asked,
        server.metric("flowbit_http_request_duration_seconds_count", "/api/auth/login").await?,
        found.p99_ms,
        server.metric("flowbit_store_connections_opened_total", "").await?,
        server.metric("flowbit_store_connections_evicted_total", "").await?,
        server.memory().await?
    ));
    verdict.must_answer(&[(found.asked, found.failed)]);
    verdict
        .must(format!("p99 of all requests but sign-ins is at most {BOUND_MS} ms"), found.p99_ms <= BOUND_MS);
    verdict.must("nobody meets a limit", server.metric("flowbit_requests_limited_total", "").await? < 0.5);
    server.stop().await?;
    Ok(verdict)
}

async fn work(user: &mut GooseUser) -> TransactionResult {
    asked::work(user, world().0.any()).await
}
