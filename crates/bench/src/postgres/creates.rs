//! Durable creates on PostgreSQL: commands that wait share a transaction, against one for each.

use std::sync::Arc;

use anyhow::Result;
use flowbit_cluster::Cluster;

use super::place::Place;
use crate::{
    creates::{self, SHARED, load, open},
    http::{Load, median},
    report::Report,
};

/// What decides is measured so often, in turns; the medians count.
const ROUNDS: usize = 3;

/// For so many seconds a database is written to before it is measured.
const BEFORE: u64 = 1;

/// One load in a database that knows what its tables are like. In its first minute, until autovacuum has looked, it
/// plans for empty ones, and reads a company's whole index where one row is wanted.
async fn once(
    cluster: &Arc<Cluster>,
    tenants: usize,
    batch_max: usize,
    callers: usize,
    seconds: u64,
) -> Result<Load> {
    let place = Place::make(cluster).await?;
    let mut options = place.options()?;
    options.batch_max = batch_max;
    let (store, desks) = open(options, tenants).await?;
    load(&store, &desks, callers, BEFORE).await?;
    place.admin().await?.batch_execute("VACUUM (ANALYZE)").await?;
    let load = load(&store, &desks, callers, seconds).await?;
    store.close().await;
    place.remove().await?;
    Ok(load)
}

/// One load alone, for a profiler.
#[expect(clippy::print_stdout, reason = "it is what a person typed it for")]
pub(super) async fn alone(
    cluster: &Arc<Cluster>,
    tenants: usize,
    callers: usize,
    batch: usize,
    seconds: u64,
) -> Result<()> {
    let Load { per_second, p99_ms } = once(cluster, tenants, batch, callers, seconds).await?;
    println!("{tenants} tenants, {callers} callers, {batch} share: {per_second:.0}/s, p99 {p99_ms:.1} ms");
    Ok(())
}

pub(super) async fn measure(report: &mut Report, cluster: &Arc<Cluster>, seconds: u64) -> Result<()> {
    report.head("Durable creates: commands that share a transaction against one for each");
    report.table(&[
        "tenants",
        "callers",
        "one each /s",
        "shared /s",
        "p99 ms",
        "ratio",
        "embedded, shared /s",
    ]);
    let mut at_64 = 0.0;
    for (tenants, callers) in [(1, 1), (1, 16), (1, 64), (1, 256), (100, 64)] {
        let (mut each, mut shared, mut embedded) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..if callers == 64 { ROUNDS } else { 1 } {
            each.push(once(cluster, tenants, 1, callers, seconds).await?);
            shared.push(once(cluster, tenants, SHARED, callers, seconds).await?);
            embedded.push(creates::once(tenants, SHARED, None, callers, seconds).await?.0);
        }
        let (each, shared, embedded) = (median(each)?, median(shared)?, median(embedded)?);
        let ratio = shared.per_second / each.per_second;
        report.row(&[
            tenants.to_string(),
            callers.to_string(),
            format!("{:.0}", each.per_second),
            format!("{:.0}", shared.per_second),
            format!("{:.1}", shared.p99_ms),
            format!("{ratio:.1}"),
            format!("{:.0}", embedded.per_second),
        ]);
        if (tenants, callers) == (1, 64) {
            at_64 = ratio;
        }
    }
    report.hold("Shared transactions against one each, 64 callers", at_64, "×", Some(2.5), None);
    Ok(())
}
