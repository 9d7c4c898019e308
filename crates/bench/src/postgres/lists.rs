//! Lists over HTTP from a node on PostgreSQL, against the constant response, with the embedded engine beside it.

use std::sync::Arc;

use anyhow::Result;
use flowbit_cluster::Cluster;

use super::{Plan, place::Place};
use crate::{
    lists::{COLUMNS, compare, fill, head, show, show_row},
    report::Report,
    server::Site,
};

pub(super) async fn measure(report: &mut Report, cluster: &Arc<Cluster>, plan: &Plan<'_>) -> Result<()> {
    head(report, plan.tickets);
    let folder = tempfile::tempdir()?;
    let place = Place::make(cluster).await?;
    let sites = [
        Site::database(place.address(), folder.path().join("beside")),
        Site::folder(folder.path().join("data")),
    ];
    for site in &sites {
        fill(plan.flowbit, site, plan.tickets).await?;
    }
    // What autovacuum does within the hour.
    place.admin().await?.batch_execute("VACUUM (ANALYZE)").await?;
    let (constant, found, bytes) = compare(plan.flowbit, &[&sites[0], &sites[1]], plan.seconds).await?;
    report.note(&format!("An answer is {bytes} bytes."));
    report.table(&COLUMNS);
    show_row(report, "constant response", &constant, &constant);
    for (engine, lists) in ["PostgreSQL: ", "embedded: "].iter().zip(&found) {
        show(report, engine, lists, &constant);
    }
    if let Some(lists) = found.first() {
        let of_constant = |per_second: f64| per_second / constant.per_second;
        let (kept, read) = (of_constant(lists.kept.per_second), of_constant(lists.read.per_second));
        report.hold("List when nothing changed, of the constant response", kept, "", Some(0.6), None);
        report.hold("List that must be read, of the constant response", read, "", Some(0.09), None);
    }
    place.remove().await
}
