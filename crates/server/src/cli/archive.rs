//! `flowbit tenant export`: everything of a company in one file, for taking it along.
//!
//! The file is NDJSON. Its first line names the format and the company, its last counts the records
//! and carries a signed checkpoint of the ledger, so that a file that was cut off is known as such.

use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use flowbit_domain::{
    archive::{ReadArchive, Record},
    control::Customer,
    time::Clock,
};
use flowbit_store::{Mode, Store};
use serde_json::json;

use super::{
    Failure, Outcome,
    audit::{Checkpoint, create_file, finish_file},
    context, find_tenant, open_store, say,
};
use crate::{ambient::SystemClock, config::Config};

/// The format's version: raised when a reader of the one before would be misled.
const VERSION: u32 = 1;

pub(super) async fn export(config: &Config, slug: &str, out: &Path) -> Outcome {
    let store = open_store(config, Mode::ReadOnly).await?;
    let outcome = write_archive(&store, slug, out).await;
    store.close().await;
    outcome
}

async fn write_archive(store: &Store, slug: &str, out: &Path) -> Outcome {
    let tenant = find_tenant(store, slug).await?;
    let mut file = create_file(out)?;
    let failed = |e: std::io::Error| Failure::new(format!("{}: {e}", out.display()));
    let header = json!({
        "kind": "archive",
        "data": {
            "format": "flowbit-tenant-archive",
            "version": VERSION,
            "exportedAt": SystemClock.now(),
            "customer": Customer::from(&*tenant),
        },
    });
    writeln!(file, "{header}").map_err(failed)?;

    // The records are written on the thread that reads them, inside of one reading transaction.
    let shared = Arc::new(Mutex::new((file, BTreeMap::<&'static str, u64>::new())));
    let sink = {
        let shared = Arc::clone(&shared);
        let path: PathBuf = out.to_owned();
        move |record: Record| {
            let (file, counts) = &mut *shared.lock().unwrap_or_else(PoisonError::into_inner);
            let told = |e: std::io::Error| format!("{}: {e}", path.display());
            serde_json::to_writer(&mut *file, &record).map_err(|e| told(e.into()))?;
            file.write_all(b"\n").map_err(told)?;
            *counts.entry(record.kind).or_default() += 1;
            Ok(())
        }
    };
    let head = store.read(&context(&tenant), ReadArchive { sink: Box::new(sink) }).await?;
    let shared = Arc::into_inner(shared).ok_or_else(|| Failure::new("the archive is still being written"))?;
    let (mut file, counts) = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    let checkpoint = Checkpoint::sign(store, tenant.id, head).await?;
    let end = json!({ "kind": "end", "data": { "counts": counts, "checkpoint": checkpoint } });
    writeln!(file, "{end}").map_err(failed)?;
    finish_file(out, file)?;
    let records: u64 = counts.values().sum();
    say(format!("{records} records of {slug} in {}", out.display()))
}
