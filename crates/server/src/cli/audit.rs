//! `flowbit audit …`: exports of a ledger, and verifying them offline.

use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use flowbit_domain::{
    TenantId, Timestamp,
    archive::LedgerLine,
    audit::{GetHead, Head, ReadLedger},
    event::{ChainVerifier, Hash, checkpoint_bytes},
    time::Clock,
};
use flowbit_store::{Mode, Store};
use serde::{Deserialize, Serialize};

use super::{Failure, Outcome, context, find_tenant, open_store, say};
use crate::{ambient::SystemClock, config::Config, identity::keys::thumbprint};

/// Events read at once.
const PIECE: usize = 1_000;
/// The longest line that is read: a ticket's longest text and then some, all of it escaped.
const MAX_LINE: u64 = 1 << 20;

/// A signed statement of how long a ledger was and how it ended; the same as
/// `GET /api/admin/audit/checkpoint` answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checkpoint {
    customer_id: TenantId,
    size: i64,
    head: String,
    timestamp: Timestamp,
    key_id: String,
    public_key: String,
    signature: String,
}

impl Checkpoint {
    /// Signs a head with the newest key.
    pub(super) async fn sign(store: &Store, tenant: TenantId, head: Head) -> Outcome<Self> {
        let keys = store.control().signing_keys().await?;
        let key =
            keys.first().ok_or_else(|| Failure::new("there is no signing key yet: start the server once"))?;
        let pair =
            Ed25519KeyPair::from_pkcs8(&key.pkcs8).map_err(|e| Failure::new(format!("signing key: {e}")))?;
        let timestamp = SystemClock.now();
        let signature = pair.sign(&checkpoint_bytes(tenant, head.size, &head.hash, timestamp));
        Ok(Self {
            customer_id: tenant,
            size: head.size,
            head: hex::encode(head.hash),
            timestamp,
            key_id: key.kid.clone(),
            public_key: hex::encode(&key.public),
            signature: hex::encode(signature),
        })
    }

    fn read(path: &Path) -> Outcome<Self> {
        let text = std::fs::read_to_string(path).map_err(|e| unusable(path, e))?;
        serde_json::from_str(&text).map_err(|e| unusable(path, format!("it is no checkpoint: {e}")))
    }

    /// Whether its key is the one that it names. A key's name is its thumbprint, so that whoever
    /// compares names has compared keys.
    fn names_its_key(&self) -> bool {
        hex::decode(&self.public_key).is_ok_and(|key| thumbprint(&key) == self.key_id)
    }

    /// Whether its key has signed what it says.
    fn is_signed(&self) -> bool {
        let Some(head) = decode::<32>(&self.head) else { return false };
        let (Ok(key), Ok(signature)) = (hex::decode(&self.public_key), hex::decode(&self.signature)) else {
            return false;
        };
        let bytes = checkpoint_bytes(self.customer_id, self.size, &head, self.timestamp);
        UnparsedPublicKey::new(&ED25519, key).verify(&bytes, &signature).is_ok()
    }
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    hex::decode(text).ok()?.try_into().ok()
}

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
    let checkpoint = Checkpoint::sign(store, tenant.id, head).await?;
    serde_json::to_writer_pretty(&mut file, &checkpoint).map_err(Failure::new)?;
    file.write_all(b"\n").map_err(Failure::new)?;
    finish_file(&beside, file)?;
    say(format!("{} events in {}, checkpoint in {}", head.size, out.display(), beside.display()))
}

pub(super) fn verify(file: &Path, checkpoint: Option<&Path>) -> Outcome {
    let checkpoint = checkpoint.map(Checkpoint::read).transpose()?;
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

fn broken(seq: i64, why: &str) -> Failure {
    Failure::new(format!("broken at seq {seq}: {why}"))
}

fn verify_lines(
    file: &Path,
    mut lines: impl BufRead,
    checkpoint: Option<&Checkpoint>,
) -> Outcome<ChainVerifier> {
    if checkpoint.is_some_and(|c| !c.is_signed()) {
        return Err(Failure::new("the checkpoint's signature is not of what it says"));
    }
    if checkpoint.is_some_and(|c| !c.names_its_key()) {
        return Err(Failure::new("the checkpoint's key is not the one that it names"));
    }
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
            && decode::<32>(&checkpoint.head) != Some::<Hash>(chain.head)
        {
            return Err(broken(chain.size, "the checkpoint names another hash: it was written anew"));
        }
    }
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
