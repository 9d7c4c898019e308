//! `GET /api/tickets`, 25 of many, against a constant response of the same bytes.

use std::{path::Path, sync::Arc};

use anyhow::{Result, ensure};
use tokio::process::Command;

use crate::{
    http::{self, Connection, Load},
    report::Report,
    server::{ADMIN, Server, free_address, sign_in},
};

const CONNECTIONS: usize = 32;
/// Each case is measured so often, in turns; the median counts.
const ROUNDS: usize = 3;
const LIST: &str = "/api/tickets?limit=25";

pub(crate) async fn measure(report: &mut Report, flowbit: &Path, tickets: usize, seconds: u64) -> Result<()> {
    report.head(&format!("Lists: 25 of {tickets} tickets over HTTP, {CONNECTIONS} connections"));
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    for args in
        [vec!["demo".to_owned()], vec!["demo".to_owned(), "--tickets".to_owned(), tickets.to_string()]]
    {
        let made = Command::new(flowbit).args(&args).env("FLOWBIT_DATA", &data).output().await?;
        ensure!(made.status.success(), "flowbit {args:?}: {}", String::from_utf8_lossy(&made.stderr));
    }
    let server = Server::flowbit(flowbit, &data, false).await?;
    let token = sign_in(server.address, ADMIN).await?;
    let authorization = ("authorization", format!("Bearer {token}"));
    let anew = ("cache-control", "no-cache".to_owned());

    let mut connection = Connection::open(server.address).await?;
    let first = connection.get(LIST, std::slice::from_ref(&authorization)).await?;
    ensure!(first.status == 200, "the list answered {}", first.status);
    let body = folder.path().join("body.json");
    std::fs::write(&body, &first.body)?;
    // Pages from all over the list.
    let mut paths = vec![LIST.to_owned()];
    let mut next = first.body.clone();
    for _ in 0..400 {
        let page: serde_json::Value = serde_json::from_slice(&next)?;
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        let path = format!("/api/tickets?limit=25&cursor={cursor}");
        next = connection.get(&path, std::slice::from_ref(&authorization)).await?.body;
        paths.push(path);
    }
    let paths = Arc::new(paths);

    let address = free_address().await?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("constant").arg("--body").arg(&body).arg("--listen").arg(address.to_string());
    let constant = Server::start(command, address, "/").await?;

    let mut found: [Vec<Load>; 4] = Default::default();
    for _ in 0..ROUNDS {
        let list = |_: usize| LIST.to_owned();
        let both = || vec![authorization.clone(), anew.clone()];
        let scattered = Arc::clone(&paths);
        found[0].push(
            http::load(constant.address, CONNECTIONS, seconds, vec![authorization.clone()], list).await?,
        );
        found[1]
            .push(http::load(server.address, CONNECTIONS, seconds, vec![authorization.clone()], list).await?);
        found[2].push(http::load(server.address, CONNECTIONS, seconds, both(), list).await?);
        // A step that is prime to the number of pages visits all of them out of order.
        let page = move |i: usize| scattered[i.wrapping_mul(151) % scattered.len()].clone();
        found[3].push(http::load(server.address, CONNECTIONS, seconds, both(), page).await?);
    }
    let [constant_load, kept, read, scattered] = found.map(http::median);
    let (constant_load, kept, read, scattered) = (constant_load?, kept?, read?, scattered?);
    report.note(&format!("An answer is {} bytes.", first.body.len()));
    report.table(&["what", "answers/s", "p99 ms", "of the constant response"]);
    for (what, load) in [
        ("constant response", &constant_load),
        ("nothing changed since the last answer", &kept),
        ("must be read, first page", &read),
        ("must be read, pages all over", &scattered),
    ] {
        let ratio = load.per_second / constant_load.per_second;
        report.row(&[
            what.to_owned(),
            format!("{:.0}", load.per_second),
            format!("{:.2}", load.p99_ms),
            format!("{ratio:.2}"),
        ]);
    }
    report.hold(
        "List when nothing changed, of the constant response",
        kept.per_second / constant_load.per_second,
        "",
        Some(0.7),
        None,
    );
    report.hold(
        "List that must be read, of the constant response",
        read.per_second / constant_load.per_second,
        "",
        Some(0.35),
        None,
    );
    constant.stop().await?;
    server.stop().await
}
