//! Sockets on three nodes: an event of one node at the others, and fan-out to all.

use std::{path::Path, sync::Arc};

use anyhow::Result;
use flowbit_cluster::Cluster;

use super::{
    nodes::{NODES, start},
    place::Place,
};
use crate::{
    report::Report,
    server::{ADMIN, Server, Site, sign_in},
    sockets::{CLIENTS, FAN_COLUMNS, burst, fan_out, fan_row, fan_title, one_by_one},
};

pub(super) async fn measure(report: &mut Report, cluster: &Arc<Cluster>, flowbit: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let place = Place::make(cluster).await?;
    let site = Site::database(place.address(), folder.path().join("beside"));
    site.run(flowbit, &["demo"]).await?;
    let servers = start(flowbit, &site).await?;
    let token = sign_in(servers[0].address, ADMIN).await?;

    report.head("From a POST answered by node A to the event in a client of another node, unloaded");
    report.table(&["the client is at", "times", "p50 ms", "p99 ms"]);
    let mut worst = 0.0_f64;
    for (name, listened) in ["A", "B", "C"].iter().zip(&servers) {
        let latency = one_by_one(&servers[0], listened, &token, 300).await?;
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let at = |q: f64| latency.value_at_quantile(q) as f64 / 1000.0;
        report.row(&[
            (*name).to_owned(),
            latency.len().to_string(),
            format!("{:.2}", at(0.5)),
            format!("{:.2}", at(0.99)),
        ]);
        worst = worst.max(at(0.99));
    }
    report.hold("Event in a client of another node, p99", worst, " ms", None, Some(100.0));

    let memory: f64 = servers.iter().map(Server::memory).sum::<Result<f64>>()?;
    report.head(&fan_title());
    report.note(&format!("{NODES} nodes take {:.0} MB before the clients connect.", memory / 1e6));
    let all: Vec<&Server> = servers.iter().collect();
    let addresses: Vec<_> = servers.iter().map(|server| server.address).collect();
    report.table(&FAN_COLUMNS);
    let mut grown = Vec::new();
    for (name, nodes) in [("one node", 1), ("three nodes", NODES)] {
        let fan = fan_out(&all[..nodes], &token, async || burst(&addresses[..nodes], &token).await).await?;
        report.row(&fan_row(name, &fan));
        grown.push(fan.grown);
    }
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let each = grown[0] / CLIENTS as f64 / 1e3;
    report.note(&format!("\nA connected client takes {each:.1} kB of a node's memory."));
    for server in servers {
        server.stop().await?;
    }
    place.remove().await
}
