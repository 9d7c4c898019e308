//! What an operation costs as there are more companies, and as one company has more tickets.

use std::{collections::HashMap, sync::Arc, time::Instant};

use anyhow::{Context, Result, ensure};
use flowbit_cluster::Cluster;
use flowbit_store::Store;
use tokio_postgres::Client;

use super::{
    Scale,
    fill::{self, Filled, rare},
    place::Place,
    search::middle,
};
use crate::report::Report;

/// Tickets of each company where there are many.
const TICKETS: usize = 100;
/// The sizes are measured in turns, so often; the medians of the rounds count.
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
    admin: Client,
    store: Store,
    filled: Vec<Filled>,
    /// Goes on from round to round, so that the same is not asked again.
    step: usize,
}

impl Grown {
    async fn make(cluster: &Arc<Cluster>, size: usize, tenants: usize, tickets: usize) -> Result<Self> {
        let place = Place::make(cluster).await?;
        let admin = place.admin().await?;
        let filled = fill::fill(&admin, tenants, tickets).await?;
        warm(&admin).await?;
        let store = place.open().await?;
        for filled in filled.iter().take(3) {
            fill::check(&store, filled).await?;
        }
        Ok(Self { size, place, admin, store, filled, step: 0 })
    }

    /// So many operations one after another, each of another company and ticket.
    async fn run(&mut self, operation: Operation, times: usize) -> Result<Cost> {
        let mut took = Vec::with_capacity(times);
        let before = self.cpu().await?;
        for _ in 0..times {
            // A large prime: all over what there is, out of order.
            self.step = self.step.wrapping_add(15_485_863);
            let of = &self.filled[self.step % self.filled.len()];
            let began = Instant::now();
            operation.run(&self.store, of, self.step / self.filled.len()).await?;
            took.push(began.elapsed().as_secs_f64() * 1e6);
        }
        let after = self.cpu().await?;
        let spent: u64 =
            after.iter().map(|(pid, cpu)| cpu.saturating_sub(before.get(pid).copied().unwrap_or(0))).sum();
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let cpu = spent as f64 / 1e3 / times as f64;
        Ok(Cost { took: middle(took), cpu })
    }

    /// How long this process and the database's that serve it have been on a core, in nanoseconds.
    async fn cpu(&self) -> Result<HashMap<i32, u64>> {
        let sql =
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'flowbit'";
        let mut pids: Vec<i32> = self.admin.query(sql, &[]).await?.iter().map(|row| row.get(0)).collect();
        pids.push(i32::try_from(std::process::id())?);
        pids.into_iter().map(|pid| Ok((pid, on_core(pid)?))).collect()
    }
}

/// Takes what has been filled in into the database's memory, as it is where people work: what is measured is what an
/// operation does, not how cold its company's pages were left by COPY. None of them has been changed since the
/// checkpoint, so the first change of each is logged whole all the same.
async fn warm(admin: &Client) -> Result<()> {
    const WARM: &str = "CREATE EXTENSION IF NOT EXISTS pg_prewarm;
        SELECT pg_prewarm(c.oid) FROM pg_class c WHERE c.relkind IN ('r', 'i') AND c.relnamespace IN
            ('flowbit'::regnamespace, 'flowbit_control'::regnamespace)";
    Ok(admin.batch_execute(WARM).await?)
}

/// All threads of a process; those that have ended are not counted.
fn on_core(pid: i32) -> Result<u64> {
    let mut sum = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        if let Ok(stat) = std::fs::read_to_string(thread?.path().join("schedstat")) {
            sum += stat.split(' ').next().context("no time")?.parse::<u64>()?;
        }
    }
    Ok(sum)
}

/// What an operation took, in microseconds.
struct Cost {
    /// The median, from the call to its answer.
    took: f64,
    /// On a core, here and in the database, on average: it does not depend on who else wants the cores.
    cpu: f64,
}

async fn compare(report: &mut Report, what: &str, mut all: Vec<Grown>) -> Result<()> {
    for grown in &mut all {
        for (operation, _) in Operation::ALL {
            grown.run(operation, WARM_UP).await?;
        }
    }
    let mut found: Vec<[(Vec<f64>, Vec<f64>); 4]> = all.iter().map(|_| Default::default()).collect();
    for _ in 0..ROUNDS {
        for (at, (operation, _)) in Operation::ALL.into_iter().enumerate() {
            for (grown, found) in all.iter_mut().zip(&mut found) {
                let cost = grown.run(operation, OPERATIONS).await?;
                found[at].0.push(cost.cpu);
                found[at].1.push(cost.took);
            }
        }
    }
    let mut columns = vec![what];
    columns.extend(Operation::ALL.iter().map(|(_, name)| *name));
    columns.push("on disk, MB");
    report.table(&columns);
    let medians: Vec<[(f64, f64); 4]> =
        found.into_iter().map(|rounds| rounds.map(|(cpu, took)| (middle(cpu), middle(took)))).collect();
    let mut worst = [1.0_f64; 4];
    for (grown, medians_here) in all.iter().zip(&medians) {
        let mut cells = vec![grown.size.to_string()];
        for (at, (cpu, took)) in medians_here.iter().enumerate() {
            let ratio = cpu / medians[0][at].0;
            worst[at] = worst[at].max(ratio);
            cells.push(format!("{cpu:.0} ({ratio:.2}), {took:.0}"));
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
        drop(grown.admin);
        grown.place.remove().await?;
    }
    Ok(())
}

pub(super) async fn measure(report: &mut Report, cluster: &Arc<Cluster>, scale: Scale) -> Result<()> {
    report.head(&format!("Cost of an operation with more companies, {TICKETS} tickets in each"));
    report.note(
        "One caller; companies and tickets in no order. Microseconds on a core, in this process and the database's \
         (how many times the first), and from the call to its answer.",
    );
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
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let (size, tickets) = (grown.place.size().await? as f64, grown.size as f64);
    grown.run(Operation::Create, WARM_UP).await?;
    // The first change of a page after a checkpoint writes the page as a whole.
    let mut wal = Vec::new();
    for checkpoint in ["CHECKPOINT", ""] {
        grown.admin.batch_execute(checkpoint).await?;
        let before: String =
            grown.admin.query_one("SELECT pg_current_wal_insert_lsn()::text", &[]).await?.get(0);
        grown.run(Operation::Create, CREATES).await?;
        let sql = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::text::pg_lsn)::float8";
        let written: f64 = grown.admin.query_one(sql, &[&before]).await?.get(0);
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
