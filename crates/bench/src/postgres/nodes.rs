//! One, two and three nodes on one database: writes to many companies, and lists. The client goes round them.

use std::{net::SocketAddr, sync::Arc};

use anyhow::{Result, ensure};
use flowbit_cluster::Cluster;

use super::{Plan, place::Place};
use crate::{
    http::{self, Load, get, load_with, median, post},
    lists::unread,
    report::Report,
    server::{Server, Site, sign_in},
};

pub(super) const NODES: usize = 3;
const COMPANIES: usize = 24;
const CONNECTIONS: usize = 48;
const ROUNDS: usize = 3;
const LIST: &str = "/api/tickets?limit=25";

/// Starts nodes on one database.
pub(super) async fn start(flowbit: &std::path::Path, site: &Site) -> Result<Vec<Server>> {
    let mut servers = Vec::new();
    for _ in 0..NODES {
        servers.push(Server::flowbit(flowbit, site, false).await?);
    }
    Ok(servers)
}

#[derive(Clone, Copy)]
enum Work {
    Write,
    Read,
    Kept,
}

async fn load(work: Work, addresses: &[SocketAddr], tokens: &Arc<Vec<String>>, seconds: u64) -> Result<Load> {
    let tokens = Arc::clone(tokens);
    let request = move |i: usize| {
        // As many companies as there are connections to a node, or each node would have companies of its own.
        let token = &tokens[(i / CONNECTIONS + i) % tokens.len()];
        let authorization = ("authorization", format!("Bearer {token}"));
        match work {
            Work::Write => {
                let body = serde_json::json!({ "title": format!("Pallet {i} is late"), "tags": ["delay"] });
                post("/api/tickets", Some(token), body.to_string())
            }
            Work::Read => get(&unread(), &[authorization]),
            Work::Kept => get(LIST, &[authorization]),
        }
    };
    load_with(addresses, CONNECTIONS, seconds, request).await
}

pub(super) async fn measure(report: &mut Report, cluster: &Arc<Cluster>, plan: &Plan<'_>) -> Result<()> {
    report.head(&format!("One, two and three nodes: {COMPANIES} companies, {CONNECTIONS} connections"));
    let folder = tempfile::tempdir()?;
    let place = Place::make(cluster).await?;
    let site = Site::database(place.address(), folder.path().join("beside"));
    for n in 0..COMPANIES {
        site.make_company(plan.flowbit, &format!("company-{n}"), &format!("admin{n}@bench.example")).await?;
    }
    let servers = start(plan.flowbit, &site).await?;
    let addresses: Vec<SocketAddr> = servers.iter().map(|server| server.address).collect();
    let mut tokens = Vec::new();
    for n in 0..COMPANIES {
        tokens.push(sign_in(addresses[n % NODES], &format!("admin{n}@bench.example")).await?);
    }
    let tokens = Arc::new(tokens);
    // Something to list, everywhere.
    let mut connection = http::Connection::open(addresses[0]).await?;
    for token in tokens.iter() {
        for n in 0..30 {
            let body = serde_json::json!({ "title": format!("Pallet {n} is late") }).to_string();
            let answer = connection.post("/api/tickets", Some(token), body).await?;
            ensure!(answer.status == 201, "answered {}", answer.status);
        }
    }
    let works = [
        ("creates", Work::Write),
        ("lists that must be read", Work::Read),
        ("lists when nothing changed", Work::Kept),
    ];
    let mut found: [[Vec<Load>; NODES]; 3] = Default::default();
    for _ in 0..ROUNDS {
        for ((_, work), found) in works.iter().zip(&mut found) {
            for (nodes, found) in (1..=NODES).zip(found) {
                found.push(load(*work, &addresses[..nodes], &tokens, plan.seconds).await?);
            }
        }
    }
    report.table(&["what", "1 node /s (p99 ms)", "2 nodes", "3 nodes", "3 against 1"]);
    let mut ratios = Vec::new();
    for ((what, _), found) in works.iter().zip(found) {
        let mut loads = Vec::new();
        for load in found {
            loads.push(median(load)?);
        }
        let ratio = loads[NODES - 1].per_second / loads[0].per_second;
        let mut cells = vec![(*what).to_owned()];
        cells.extend(loads.iter().map(|load| format!("{:.0} ({:.1})", load.per_second, load.p99_ms)));
        cells.push(format!("{ratio:.2}"));
        report.row(&cells);
        ratios.push((*what, ratio));
    }
    for (what, ratio) in ratios {
        report.hold(&format!("Three nodes against one, {what}"), ratio, "", Some(0.7), None);
    }
    for server in servers {
        server.stop().await?;
    }
    place.remove().await
}
