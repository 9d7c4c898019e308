//! `GET /api/tickets`, 25 of many, against a constant response of the same bytes.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Result, ensure};
use tokio::{process::Command, time::MissedTickBehavior};

use crate::{
    http::{self, Connection, Load},
    report::Report,
    server::{ADMIN, Server, Site, free_address, sign_in},
};

const CONNECTIONS: usize = 32;
/// Each case is measured so often, in turns; the median counts.
const ROUNDS: usize = 3;
const LIST: &str = "/api/tickets?limit=25&sort=-updatedAt";

/// The address of the first page, each time written in another way (RFC 3986 lets each letter stand for itself or
/// be encoded), so that no kept answer fits and the list must be read.
pub(crate) fn unread() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut path = String::from("/api/tickets?");
    let mut bit = 0;
    for letter in "limit=25&sort=-updatedAt".chars() {
        if matches!(letter, '=' | '&') {
            path.push(letter);
        } else {
            match count >> bit & 1 {
                0 => path.push(letter),
                _ => path.push_str(&format!("%{:02X}", u32::from(letter))),
            }
            bit += 1;
        }
    }
    path
}

/// What one server gave.
pub(crate) struct Lists {
    /// Nothing had changed since the last answer.
    pub(crate) kept: Load,
    /// The first page, while others raise tickets: read anew after each, once for all who ask.
    pub(crate) changing: Load,
    /// The first page, read anew.
    pub(crate) read: Load,
    /// Pages from all over the list, read anew.
    pub(crate) scattered: Load,
}

/// A server with what it is to be asked.
struct Asked {
    server: Server,
    authorization: (&'static str, String),
    /// Of pages all over the list.
    cursors: Arc<Vec<String>>,
    loads: [Vec<Load>; 4],
}

/// Makes the demo companies there and so many tickets in one of them.
pub(crate) async fn fill(flowbit: &Path, site: &Site, tickets: usize) -> Result<()> {
    site.run(flowbit, &["demo"]).await?;
    site.run(flowbit, &["demo", "--tickets", &tickets.to_string()]).await
}

/// One load of first pages, each read anew unless all are `unchanged`.
#[expect(clippy::print_stdout, reason = "it is what a person typed it for")]
pub(crate) async fn alone(address: SocketAddr, seconds: u64, unchanged: bool) -> Result<()> {
    let token = sign_in(address, ADMIN).await?;
    let headers = vec![("authorization", format!("Bearer {token}"))];
    let path = move |_| if unchanged { LIST.to_owned() } else { unread() };
    let load = http::load(address, CONNECTIONS, seconds, headers, path).await?;
    println!("{:.0} answers/s, p99 {:.2} ms", load.per_second, load.p99_ms);
    Ok(())
}

/// Measures servers in turns, and before them a constant response with the bytes of the first one's page.
/// Answers the constant response, what each gave, and the bytes of a page.
pub(crate) async fn compare(
    flowbit: &Path,
    sites: &[&Site],
    seconds: u64,
) -> Result<(Load, Vec<Lists>, usize)> {
    let mut asked = Vec::new();
    let mut body = None;
    for site in sites {
        let server = Server::flowbit(flowbit, site, false).await?;
        let token = sign_in(server.address, ADMIN).await?;
        let authorization = ("authorization", format!("Bearer {token}"));
        let mut connection = Connection::open(server.address).await?;
        let first = connection.get(LIST, std::slice::from_ref(&authorization)).await?;
        ensure!(first.status == 200, "the list answered {}", first.status);
        // Pages from all over the list.
        let mut cursors = vec![String::new()];
        let mut next = first.body.clone();
        for _ in 0..400 {
            let page: serde_json::Value = serde_json::from_slice(&next)?;
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            let path = format!("{LIST}&cursor={cursor}");
            next = connection.get(&path, std::slice::from_ref(&authorization)).await?.body;
            cursors.push(format!("&cursor={cursor}"));
        }
        body.get_or_insert(first.body);
        asked.push(Asked { server, authorization, cursors: Arc::new(cursors), loads: Default::default() });
    }
    let body = body.unwrap_or_default();
    let file = tempfile::NamedTempFile::new()?;
    std::fs::write(file.path(), &body)?;
    let address = free_address().await?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("constant").arg("--body").arg(file.path()).arg("--listen").arg(address.to_string());
    let constant = Server::start(command, address, "/").await?;

    let mut constants = Vec::new();
    for _ in 0..ROUNDS {
        let list = |_: usize| LIST.to_owned();
        let like = vec![asked[0].authorization.clone()];
        constants.push(http::load(address, CONNECTIONS, seconds, like, list).await?);
        for Asked { server, authorization, cursors, loads } in &mut asked {
            let headers = || vec![authorization.clone()];
            let (address, scattered) = (server.address, Arc::clone(cursors));
            // A step that is prime to the number of pages visits all of them out of order.
            let page =
                move |i: usize| format!("{}{}", unread(), scattered[i.wrapping_mul(151) % scattered.len()]);
            loads[0].push(http::load(address, CONNECTIONS, seconds, headers(), list).await?);
            loads[1].push(http::load(address, CONNECTIONS, seconds, headers(), |_| unread()).await?);
            loads[2].push(http::load(address, CONNECTIONS, seconds, headers(), page).await?);
            let changing = http::load(address, CONNECTIONS, seconds, headers(), list);
            loads[3].push(while_raising(address, &authorization.1, changing).await?);
        }
    }
    constant.stop().await?;
    let mut found = Vec::new();
    for Asked { server, loads, .. } in asked {
        server.stop().await?;
        let [kept, read, scattered, changing] = loads.map(http::median);
        found.push(Lists { kept: kept?, changing: changing?, read: read?, scattered: scattered? });
    }
    Ok((http::median(constants)?, found, body.len()))
}

/// Measures while a hundred tickets a second are raised.
async fn while_raising(
    address: SocketAddr,
    authorization: &str,
    load: impl Future<Output = Result<Load>>,
) -> Result<Load> {
    let token = authorization.trim_start_matches("Bearer ");
    let mut connection = Connection::open(address).await?;
    let raising = async {
        let mut turn = tokio::time::interval(Duration::from_millis(10));
        turn.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            turn.tick().await;
            let answer =
                connection.post("/api/tickets", Some(token), r#"{"title":"One more"}"#.to_owned()).await?;
            ensure!(answer.status == 201, "raising a ticket answered {}", answer.status);
        }
    };
    tokio::select! {
        load = load => load,
        raised = raising => raised,
    }
}

/// Rows of a table: what, answers a second, p99, and how much of the constant response that is.
pub(crate) fn show(report: &mut Report, engine: &str, lists: &Lists, constant: &Load) {
    for (what, load) in [
        ("nothing changed since the last answer", &lists.kept),
        ("100 tickets raised a second meanwhile", &lists.changing),
        ("must be read, first page", &lists.read),
        ("must be read, pages all over", &lists.scattered),
    ] {
        show_row(report, &format!("{engine}{what}"), load, constant);
    }
}

/// One such row.
pub(crate) fn show_row(report: &mut Report, what: &str, load: &Load, constant: &Load) {
    let ratio = load.per_second / constant.per_second;
    report.row(&[
        what.to_owned(),
        format!("{:.0}", load.per_second),
        format!("{:.2}", load.p99_ms),
        format!("{ratio:.2}"),
    ]);
}

pub(crate) const COLUMNS: [&str; 4] = ["what", "answers/s", "p99 ms", "of the constant response"];

pub(crate) fn head(report: &mut Report, tickets: usize) {
    report.head(&format!("Lists: 25 of {tickets} tickets over HTTP, {CONNECTIONS} connections"));
}

pub(crate) async fn measure(report: &mut Report, flowbit: &Path, tickets: usize, seconds: u64) -> Result<()> {
    head(report, tickets);
    let folder = tempfile::tempdir()?;
    let site = Site::folder(folder.path().join("data"));
    fill(flowbit, &site, tickets).await?;
    let (constant, found, bytes) = compare(flowbit, &[&site], seconds).await?;
    report.note(&format!("An answer is {bytes} bytes."));
    report.table(&COLUMNS);
    show_row(report, "constant response", &constant, &constant);
    for lists in &found {
        show(report, "", lists, &constant);
        report.hold(
            "List when nothing changed, of the constant response",
            lists.kept.per_second / constant.per_second,
            "",
            Some(0.7),
            None,
        );
        report.hold(
            "List that must be read, of the constant response",
            lists.read.per_second / constant.per_second,
            "",
            Some(0.35),
            None,
        );
    }
    Ok(())
}
