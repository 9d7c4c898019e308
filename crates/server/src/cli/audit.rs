//! `flowbit audit …`: exports of a ledger, and verifying them offline.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use flowbit_domain::{
    archive::LedgerLine,
    audit::{GetHead, ReadLedger},
    event::ChainVerifier,
};
use flowbit_store::{Mode, Store};

use super::{Failure, Outcome, context, find_tenant, open_store, say};
use crate::{checkpoint::Checkpoint, config::Config};

/// Events read at once.
const PIECE: usize = 1_000;
/// The longest line that is read: a ticket's longest text and then some, all of it escaped.
const MAX_LINE: u64 = 1 << 20;

fn unusable(path: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::usage(format!("{}: {why}", path.display()))
}

/// Makes a file that is not there yet.
pub(super) fn create_file(path: &Path) -> Outcome<BufWriter<File>> {
    let file = File::create_new(path).map_err(|e| Failure::new(format!("{}: {e}", path.display())))?;
    Ok(BufWriter::new(file))
}

/// Sees to it that a file is on the disk and not only on its way there.
pub(super) fn finish_file(path: &Path, file: BufWriter<File>) -> Outcome {
    let finished = file.into_inner().map_err(|e| e.into_error()).and_then(|file| file.sync_all());
    finished.map_err(|e| Failure::new(format!("{}: {e}", path.display())))
}

fn checkpoint_path(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".checkpoint.json");
    name.into()
}

pub(super) async fn export(config: &Config, slug: &str, out: &Path) -> Outcome {
    let store = open_store(config, Mode::ReadOnly).await?;
    let outcome = write_export(&store, slug, out).await;
    store.close().await;
    outcome
}

async fn write_export(store: &Store, slug: &str, out: &Path) -> Outcome {
    let tenant = find_tenant(store, slug).await?;
    let ctx = context(&tenant);
    let mut file = create_file(out)?;
    let failed = |e: std::io::Error| Failure::new(format!("{}: {e}", out.display()));
    let head = store.read(&ctx, GetHead).await?;
    let mut written = 0;
    while written < head.size {
        let left = usize::try_from(head.size - written).unwrap_or(PIECE);
        let events = store.read(&ctx, ReadLedger { after: written, limit: left.min(PIECE) }).await?;
        let Some(last) = events.last() else {
            return Err(Failure::new(format!(
                "the ledger of {slug} ends after seq {written}, not {}",
                head.size
            )));
        };
        written = last.seq;
        for event in &events {
            serde_json::to_writer(&mut file, &LedgerLine::new(event, tenant.id))
                .map_err(|e| failed(e.into()))?;
            file.write_all(b"\n").map_err(failed)?;
        }
    }
    finish_file(out, file)?;
    let beside = checkpoint_path(out);
    let mut file = create_file(&beside)?;
    let checkpoint = Checkpoint::sign(store, tenant.id, head).await.map_err(Failure::new)?;
    serde_json::to_writer_pretty(&mut file, &checkpoint).map_err(Failure::new)?;
    file.write_all(b"\n").map_err(Failure::new)?;
    finish_file(&beside, file)?;
    say(format!("{} events in {}, checkpoint in {}", head.size, out.display(), beside.display()))
}

pub(super) fn verify(file: &Path, checkpoint: Option<&Path>) -> Outcome {
    let checkpoint = checkpoint.map(read_checkpoint).transpose()?;
    let opened = File::open(file).map_err(|e| unusable(file, e))?;
    let chain = verify_lines(file, BufReader::new(opened), checkpoint.as_ref())?;
    let head = hex::encode(chain.head);
    match checkpoint {
        Some(Checkpoint { size, timestamp, key_id, .. }) => say(format!(
            "whole: {} events, head {head}; as signed at {timestamp} by key {key_id} for the first {size}",
            chain.size
        )),
        None => say(format!(
            "whole: {} events, head {head}; without a checkpoint it does not show whether the end was cut off",
            chain.size
        )),
    }
}

fn read_checkpoint(path: &Path) -> Outcome<Checkpoint> {
    let text = std::fs::read_to_string(path).map_err(|e| unusable(path, e))?;
    serde_json::from_str(&text).map_err(|e| unusable(path, format!("it is no checkpoint: {e}")))
}

fn broken(seq: i64, why: &str) -> Failure {
    Failure::new(format!("broken at seq {seq}: {why}"))
}

fn verify_lines(
    file: &Path,
    mut lines: impl BufRead,
    checkpoint: Option<&Checkpoint>,
) -> Outcome<ChainVerifier> {
    checkpoint.map_or(Ok(()), Checkpoint::verify).map_err(Failure::new)?;
    let mut chain = ChainVerifier::default();
    let mut tenant = checkpoint.map(|c| c.customer_id);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = std::io::Read::take(&mut lines, MAX_LINE).read_until(b'\n', &mut line);
        if read.map_err(|e| unusable(file, e))? == 0 {
            break;
        }
        let seq = chain.size + 1;
        let parsed = serde_json::from_slice::<LedgerLine>(&line).map_err(|e| e.to_string());
        let parsed = match parsed {
            Ok(parsed) => parsed,
            Err(why) if seq == 1 => {
                return Err(unusable(file, format!("it is no export of a ledger: {why}")));
            }
            Err(why) => return Err(broken(seq, &format!("its line can't be read: {why}"))),
        };
        // A field renamed, left out or written otherwise would escape the hashes.
        let written = serde_json::to_vec(&parsed).map_err(Failure::new)?;
        if line.strip_suffix(b"\n").unwrap_or(&line) != written {
            return Err(broken(seq, "its line is not as it was written"));
        }
        if *tenant.get_or_insert(parsed.tenant()) != parsed.tenant() {
            return Err(broken(seq, "it is of another company"));
        }
        let event = parsed.into_event().ok_or_else(|| broken(seq, "it contradicts itself"))?;
        chain.check(&event).map_err(|fault| broken(fault.seq, fault.reason))?;
        if let Some(checkpoint) = checkpoint
            && checkpoint.size == chain.size
            && checkpoint.head().map(|head| head.hash) != Some(chain.head)
        {
            return Err(broken(chain.size, "the checkpoint names another hash: it was written anew"));
        }
    }
    let chain = chain.finish().map_err(|fault| broken(fault.seq, fault.reason))?;
    match checkpoint {
        Some(checkpoint) if checkpoint.size > chain.size => Err(broken(
            chain.size + 1,
            &format!("the end was cut off: the checkpoint has {} events", checkpoint.size),
        )),
        // A ledger begins with its company: an empty file is what is left of an export.
        _ if chain.size == 0 => Err(unusable(file, "it is no export of a ledger: it is empty")),
        _ => Ok(chain),
    }
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
