//! A steady mix: companies of skewed size, people who look and write, their browsers' sockets open.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};

use anyhow::Result;
use goose::prelude::*;

use crate::{
    Plan,
    asked::{self, WORLD, play as play_goose, sum_up, world},
    server::Server,
    sockets::{Ears, listen},
    verdict::Verdict,
    world::World,
};

/// Slower than this nobody should meet, in milliseconds.
const BOUND_MS: f64 = 250.0;

pub(crate) async fn play(plan: &Plan<'_>, sockets: usize) -> Result<Verdict> {
    let companies = plan.options.companies.unwrap_or(200);
    let users = plan.options.users.unwrap_or(100);
    let verdict = Verdict::new(&format!(
        "Steady: {companies} companies of skewed size, {users} users, {sockets} sockets, {} s",
        plan.options.seconds
    ));
    let folder = tempfile::tempdir()?;
    let made = Arc::new(World::make(plan.flowbit, folder.path(), companies, plan.options.largest).await?);
    let server = Server::start(plan.flowbit, folder.path()).await?;
    let _ = WORLD.set((made, server.url.clone()));
    let ears = Arc::new(Ears::default());
    for _ in 0..sockets {
        let company = world().0.by_size();
        let (token, _) = company.token(&server.url).await?;
        listen(server.address, &token, Arc::clone(&ears)).await?;
    }
    let scenario = Scenario::new("a desk")
        .set_wait_time(Duration::from_millis(100), Duration::from_millis(500))
        .map_err(|e| anyhow::anyhow!("{e}"))?
        .register_transaction(transaction!(work).set_name("work"));
    let metrics = play_goose(plan, users, scenario).await?;
    let found = sum_up(&metrics);
    let open = ears.open.load(Ordering::Relaxed);
    let limited = server.metric("flowbit_requests_limited_total", "").await?;
    verdict.note(&format!(
        "{} requests, {} a second; p99 {:.1} ms; {} events to sockets; memory {:.0} MB; {:.1} commands a commit",
        found.asked,
        found.asked / usize::try_from(plan.options.seconds)?.max(1),
        found.p99_ms,
        ears.events.load(Ordering::Relaxed),
        server.memory().await?,
        server.metric("flowbit_store_batch_commands_sum", "").await?
            / server.metric("flowbit_store_batch_commands_count", "").await?,
    ));
    verdict.must_answer(&[(found.asked, found.failed)]);
    verdict.must(format!("p99 of all requests is at most {BOUND_MS} ms"), found.p99_ms <= BOUND_MS);
    verdict.must(format!("all {sockets} sockets stay open ({open})"), open == sockets);
    let last_words = ears.last_words.lock().unwrap_or_else(PoisonError::into_inner).clone();
    last_words
        .iter()
        .take(3)
        .for_each(|words| verdict.note(&format!("the last that a closed socket heard: {words}")));
    verdict.must("sockets hear what happens", sockets == 0 || ears.events.load(Ordering::Relaxed) > 0);
    verdict.must("nobody meets a limit", limited < 0.5);
    server.stop().await?;
    Ok(verdict)
}

async fn work(user: &mut GooseUser) -> TransactionResult {
    asked::work(user, world().0.by_size()).await
}
