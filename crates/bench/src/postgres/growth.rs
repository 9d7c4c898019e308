//! What an operation costs as there are more companies, and as one company has more tickets.

use std::{sync::Arc, time::Instant};

use anyhow::{Result, ensure};
use flowbit_cluster::Cluster;
use flowbit_store::Store;

use super::{
    Scale,
    fill::{self, Filled, rare},
    place::Place,
    search::middle,
};
use crate::report::Report;

/// Tickets of each company where there are many.
const TICKETS: usize = 100;
/// The sizes are measured in turns, so often; the medians of the rounds' medians count.
const ROUNDS: usize = 7;
/// Operations of a kind in a round.
const OPERATIONS: usize = 200;
/// How much more an operation may cost than with the smallest size.
const BOUND: f64 = 1.3;
/// Before the first round: statements are prepared and their plans are chosen.
const WARM_UP: usize = 40;

#[derive(Clone, Copy)]
enum Operation {
    List,
    Get,
    Create,
    Search,
}

impl Operation {
    const ALL: [(Self, &'static str); 4] =
        [(Self::List, "list"), (Self::Get, "get"), (Self::Create, "create"), (Self::Search, "search")];

    async fn run(self, store: &Store, of: &Filled, n: usize) -> Result<()> {
        let ticket = n % of.tickets.len();
        match self {
            Self::List => {
                let page = of.desk.list(store, None).await?;
                ensure!(page.len() == 25, "the page has {} tickets", page.len());
            }
            Self::Get => of.desk.get(store, of.tickets[ticket]).await?,
            Self::Create => of.desk.create(store, n).await?,
            Self::Search => {
                let found = of.desk.list(store, Some(rare(ticket + 1))).await?;
                ensure!(found.len() == 1, "{} found", found.len());
            }
        }
        Ok(())
    }
}

/// A database of one size.
struct Grown {
    size: usize,
    place: Place,
    store: Store,
    filled: Vec<Filled>,
    /// Goes on from round to round, so that the same is not asked again.
    step: usize,
}

impl Grown {
    async fn make(cluster: &Arc<Cluster>, size: usize, tenants: usize, tickets: usize) -> Result<Self> {
        let place = Place::make(cluster).await?;
        let filled = fill::fill(&place.admin().await?, tenants, tickets).await?;
        let store = place.open().await?;
        for filled in filled.iter().take(3) {
            fill::check(&store, filled).await?;
        }
        Ok(Self { size, place, store, filled, step: 0 })
    }

    /// So many operations one after another, each of another company and ticket; the median in microseconds.
    async fn run(&mut self, operation: Operation, times: usize) -> Result<f64> {
        let mut took = Vec::with_capacity(times);
        for _ in 0..times {
            // A large prime: all over what there is, out of order.
            self.step = self.step.wrapping_add(15_485_863);
            let of = &self.filled[self.step % self.filled.len()];
            let began = Instant::now();
            operation.run(&self.store, of, self.step / self.filled.len()).await?;
            took.push(began.elapsed().as_secs_f64() * 1e6);
        }
        Ok(middle(took))
    }
}

async fn compare(report: &mut Report, what: &str, mut all: Vec<Grown>) -> Result<()> {
    for grown in &mut all {
        for (operation, _) in Operation::ALL {
            grown.run(operation, WARM_UP).await?;
        }
    }
    let mut found = vec![[const { Vec::new() }; 4]; all.len()];
    for _ in 0..ROUNDS {
        for (at, (operation, _)) in Operation::ALL.into_iter().enumerate() {
            for (grown, found) in all.iter_mut().zip(&mut found) {
                found[at].push(grown.run(operation, OPERATIONS).await?);
            }
        }
    }
    let mut columns = vec![what];
    columns.extend(Operation::ALL.iter().map(|(_, name)| *name));
    columns.push("on disk, MB");
    report.table(&columns);
    let medians: Vec<[f64; 4]> = found.into_iter().map(|rounds| rounds.map(middle)).collect();
    let mut worst = [1.0_f64; 4];
    for (grown, medians_here) in all.iter().zip(&medians) {
        let mut cells = vec![grown.size.to_string()];
        for (at, took) in medians_here.iter().enumerate() {
            let ratio = took / medians[0][at];
            worst[at] = worst[at].max(ratio);
            cells.push(format!("{took:.0} µs ({ratio:.2})"));
        }
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        cells.push(format!("{:.0}", grown.place.size().await? as f64 / 1e6));
        report.row(&cells);
    }
    for (at, (_, name)) in Operation::ALL.iter().enumerate() {
        let name = format!("Cost of a {name} by {what}, the worst of the smallest");
        report.hold(&name, worst[at], "×", None, Some(BOUND));
    }
    for grown in all {
        grown.store.close().await;
        grown.place.remove().await?;
    }
    Ok(())
}

pub(super) async fn measure(report: &mut Report, cluster: &Arc<Cluster>, scale: Scale) -> Result<()> {
    report.head(&format!("Cost of an operation with more companies, {TICKETS} tickets in each"));
    report.note("One caller, the median of a call of the store; companies and tickets in no order.");
    let mut all = Vec::new();
    for &tenants in scale.tenants() {
        all.push(Grown::make(cluster, tenants, tenants, TICKETS).await?);
    }
    compare(report, "companies", all).await?;

    report.head("Cost of an operation with more tickets in one company");
    let mut all = Vec::new();
    for &tickets in scale.tickets() {
        all.push(Grown::make(cluster, tickets, 1, tickets).await?);
    }
    if let Some(grown) = all.last_mut() {
        weigh(report, grown).await?;
    }
    compare(report, "tickets", all).await
}

/// What a ticket is made of: rows, bytes on disk, and bytes of the write-ahead log that a create costs.
async fn weigh(report: &mut Report, grown: &mut Grown) -> Result<()> {
    const CREATES: usize = 2_000;
    let admin = grown.place.admin().await?;
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (size, tickets) = (grown.place.size().await? as f64, grown.size as f64);
    grown.run(Operation::Create, WARM_UP).await?;
    // The first change of a page after a checkpoint writes the page as a whole.
    let mut wal = Vec::new();
    for checkpoint in ["CHECKPOINT", ""] {
        admin.batch_execute(checkpoint).await?;
        let before: String = admin.query_one("SELECT pg_current_wal_insert_lsn()::text", &[]).await?.get(0);
        grown.run(Operation::Create, CREATES).await?;
        let sql = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::text::pg_lsn)::float8";
        let written: f64 = admin.query_one(sql, &[&before]).await?.get(0);
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        wal.push(written / CREATES as f64);
    }
    report.note(&format!(
        "\nA ticket takes {:.0} bytes on disk, indexes and ledger included ({tickets:.0} tickets). A create by one caller \
         writes {:.0} bytes of write-ahead log after a checkpoint, {:.0} later.",
        size / tickets,
        wal[0],
        wal[1]
    ));
    Ok(())
}
