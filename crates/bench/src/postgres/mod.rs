//! The same on PostgreSQL: a private cluster, Flowbit's role, one node or three. Where it says something, the
//! embedded engine is measured beside it in the same run.

mod creates;
mod fill;
mod growth;
mod lists;
mod nodes;
mod place;
mod search;
mod sockets;
mod start;

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use crate::{moving, report::Report, server::Site};

/// How large what is filled is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scale {
    /// To see that it works
    Quick,
    /// In some minutes
    Usual,
    /// Up to ten thousand companies, and a million tickets in one
    Full,
}

impl Scale {
    /// How many companies there are, a hundred tickets in each.
    fn tenants(self) -> &'static [usize] {
        const ALL: [usize; 5] = [1, 10, 100, 1_000, 10_000];
        match self {
            Self::Quick => &ALL[..3],
            Self::Usual => &ALL[..4],
            Self::Full => &ALL,
        }
    }

    /// How many tickets there are in one company.
    fn tickets(self) -> &'static [usize] {
        const ALL: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
        match self {
            Self::Quick => &ALL[..2],
            Self::Usual => &ALL[..3],
            Self::Full => &ALL,
        }
    }

    /// How many companies a node starts with.
    fn start(self) -> &'static [usize] {
        const ALL: [usize; 4] = [1, 1_000, 10_000, 100_000];
        match self {
            Self::Quick => &ALL[..2],
            Self::Usual => &ALL[..3],
            Self::Full => &ALL,
        }
    }
}

/// What is measured how.
pub(crate) struct Plan<'a> {
    pub(crate) flowbit: &'a Path,
    pub(crate) scale: Scale,
    /// Tickets in the company whose list is read, and documents that are searched.
    pub(crate) tickets: usize,
    /// For each load.
    pub(crate) seconds: u64,
}

/// One load of durable creates alone, for a profiler: those who share a transaction, and one each.
pub(crate) async fn creates_alone(tenants: usize, callers: usize, seconds: u64) -> Result<()> {
    let cluster = place::start()?;
    for batch in [crate::creates::SHARED, 1] {
        creates::alone(&cluster, tenants, callers, batch, seconds).await?;
    }
    Ok(())
}

/// Measures what is wanted.
pub(crate) async fn measure(
    report: &mut Report,
    plan: &Plan<'_>,
    wanted: impl Fn(&str) -> bool,
) -> Result<()> {
    let cluster = place::start()?;
    let place = place::Place::make(&cluster).await?;
    let version: String = place.admin().await?.query_one("SELECT version()", &[]).await?.get(0);
    place.remove().await?;
    report.note(&format!("{version}, by its socket, with {}.", place::SETTINGS.join(", ")));
    if wanted("creates") {
        creates::measure(report, &cluster, plan.seconds).await?;
    }
    if wanted("lists") {
        lists::measure(report, &cluster, plan).await?;
    }
    if wanted("search") {
        search::measure(report, &cluster, plan.tickets).await?;
    }
    if wanted("growth") {
        growth::measure(report, &cluster, plan.scale).await?;
    }
    if wanted("nodes") {
        nodes::measure(report, &cluster, plan).await?;
    }
    if wanted("sockets") {
        sockets::measure(report, &cluster, plan.flowbit).await?;
    }
    if wanted("start") {
        start::measure(report, &cluster, plan).await?;
    }
    if wanted("moving") {
        let (place, folder) = (place::Place::make(&cluster).await?, tempfile::tempdir()?);
        let site = Site::database(place.address(), folder.path().join("beside"));
        moving::measure(report, plan.flowbit, &site, plan.tickets).await?;
        place.remove().await?;
    }
    Ok(())
}
