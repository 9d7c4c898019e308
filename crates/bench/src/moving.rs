//! Moving in: a MongoDB dump of one customer, rehearsed, taken, and taken again.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use bson::{DateTime, Document, doc, oid::ObjectId};

use crate::{report::Report, server::Site};

const PEOPLE: u32 = 2_000;
const WORDS: [&str; 19] = [
    "printer",
    "network",
    "pallet",
    "invoice",
    "delivery",
    "missing",
    "broken",
    "label",
    "scanner",
    "warehouse",
    "truck",
    "refund",
    "customer",
    "urgent",
    "damaged",
    "route",
    "order",
    "stock",
    "gate",
];

fn oid(kind: u8, n: usize) -> ObjectId {
    let mut bytes = [0; 12];
    bytes[..4].copy_from_slice(&1_700_000_000_u32.to_be_bytes());
    bytes[4] = kind;
    bytes[8..].copy_from_slice(&u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes());
    ObjectId::from_bytes(bytes)
}

fn at(n: usize) -> DateTime {
    DateTime::from_millis(1_700_000_000_000 + i64::try_from(n).unwrap_or(0) * 60_000)
}

fn text(seed: usize, words: usize) -> String {
    (0..words).map(|i| WORDS[(seed * 7 + i * i * 3 + i) % WORDS.len()]).collect::<Vec<_>>().join(" ")
}

fn user(n: usize) -> Document {
    let role = ["admin", "agent", "user"][n.min(50) / 25];
    doc! {
        "_id": oid(1, n), "customerId": "LogisticsCo", "email": format!("p{n}@logistics.example"),
        "name": format!("Person {n}"), "role": role, "createdAt": at(0),
        "password": "$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
    }
}

fn ticket(n: usize) -> Document {
    let comment = |i: usize| {
        doc! { "user": oid(1, (n * i) % 2_000), "text": text(n + i, 30), "isInternal": i == 2, "createdAt": at(n) }
    };
    let status = ["open", "in-progress", "resolved", "closed"][n % 4];
    let priority = ["low", "medium", "high", "urgent"][n % 4];
    doc! {
        "_id": oid(2, n), "customerId": "LogisticsCo", "ticketNumber": i64::try_from(n).unwrap_or(0) + 1,
        "title": text(n, 6), "description": text(n, 80),
        "status": status, "priority": priority,
        "userId": oid(1, 50 + n % 1_900), "assignedTo": oid(1, 25 + n % 20), "tags": [format!("t{}", n % 20)],
        "comments": (0..3).map(comment).collect::<Vec<_>>(), "createdAt": at(n), "updatedAt": at(n + 1),
    }
}

fn entry(n: usize) -> Document {
    doc! {
        "_id": oid(3, n), "customerId": "LogisticsCo", "action": "TICKET_UPDATED", "userId": oid(1, 25 + n % 20),
        "ticketId": oid(2, n), "timestamp": at(n), "details": { "from": "open", "to": "closed" },
    }
}

fn write(path: &Path, documents: impl Iterator<Item = Document>) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for document in documents {
        file.write_all(&document.to_vec()?)?;
    }
    Ok(file.flush()?)
}

/// Runs a command to its end; answers how long it took, in seconds, and the most memory that it had, in MB.
async fn run(site: &Site, flowbit: &Path, args: &[&str]) -> Result<(f64, f64)> {
    let began = Instant::now();
    let mut child = site.command(flowbit, args).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
    let mut peak = 0.0;
    let status = loop {
        if let Ok(status) = tokio::time::timeout(Duration::from_millis(50), child.wait()).await {
            break status?;
        }
        let path = format!("/proc/{}/status", child.id().unwrap_or_default());
        let told = std::fs::read_to_string(path).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok());
        peak = kilobytes.map_or(peak, |kb: f64| kb / 1e3);
    };
    if !status.success() {
        bail!("flowbit {args:?}: {status}");
    }
    Ok((began.elapsed().as_secs_f64(), peak))
}

pub(crate) async fn measure(report: &mut Report, flowbit: &Path, site: &Site, tickets: usize) -> Result<()> {
    report.head(&format!(
        "Moving in: a dump of {tickets} tickets with three messages each, as many entries of history"
    ));
    let folder = tempfile::tempdir()?;
    let dump = folder.path().join("dump");
    std::fs::create_dir(&dump)?;
    write(&dump.join("users.bson"), (0..PEOPLE as usize).map(user))?;
    write(&dump.join("tickets.bson"), (0..tickets).map(ticket))?;
    write(&dump.join("auditlogs.bson"), (0..tickets).map(entry))?;
    let dump = dump.display().to_string();
    // Whose data there is: without any there is nothing to read beside.
    site.make_company(flowbit, "before", "admin@before.example").await?;
    report.table(&["what", "s", "tickets/s", "memory at most, MB"]);
    for (what, more) in [("rehearsed", &["--dry-run"][..]), ("taken", &[]), ("again", &[])] {
        let told = folder.path().join(format!("{what}.ndjson")).display().to_string();
        let (took, peak) =
            run(site, flowbit, &[&["import", "mongodump", &dump, "--report", &told], more].concat()).await?;
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let rate = tickets as f64 / took;
        report.row(&[what.to_owned(), format!("{took:.1}"), format!("{rate:.0}"), format!("{peak:.0}")]);
    }
    Ok(())
}
