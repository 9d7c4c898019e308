//! Walking a chain, and what an erasure leaves of an event: the hash of what was taken out stays, so the chain
//! still holds, and the erasure's own event says of which events it was taken.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Action, GENESIS, Hash, StoredEvent};
use crate::id::EventId;

/// What stands where something personal was taken out.
pub const ERASED: &str = "(erased)";
/// How the data of an event begins whose own data was taken out.
pub const ERASED_BY: &str = "{\"erasedBy\":\"";

/// What stands as data in an event whose own was taken out, as the event `by` says.
#[must_use]
pub fn erased_data(by: EventId) -> String {
    format!("{ERASED_BY}{by}\"}}")
}

/// Which events an erasure has taken the personal part of: how many, and a hash of their places. It stands in
/// the erasure's own event, so that nobody can take out one more, or put one back, unseen.
#[derive(Debug, Clone)]
pub struct ErasedEvents {
    first: i64,
    count: i64,
    hasher: Sha256,
}

impl Default for ErasedEvents {
    fn default() -> Self {
        Self { first: 0, count: 0, hasher: Sha256::new_with_prefix(b"flowbit-erased-v1") }
    }
}

impl ErasedEvents {
    /// Takes in the next, in the order of the ledger.
    pub fn add(&mut self, seq: i64) {
        if self.count == 0 {
            self.first = seq;
        }
        self.count += 1;
        self.hasher.update(seq.to_be_bytes());
    }

    /// As it stands in the erasure's event.
    #[must_use]
    pub fn statement(&self) -> ErasureStatement {
        ErasureStatement { count: self.count, digest: hex::encode(self.hasher.clone().finalize()) }
    }
}

/// What an erasure's event says of the events that it has taken the personal part of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureStatement {
    /// How many.
    pub count: i64,
    /// A hash of their places.
    pub digest: String,
}

/// The data of an erasure's event, as far as it must be known to verify a chain.
#[derive(Deserialize)]
struct ErasureData {
    events: ErasureStatement,
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainFault {
    /// The first `seq` that is wrong or missing.
    pub seq: i64,
    /// What is wrong with it.
    pub reason: &'static str,
}

/// Walks a chain event by event. Feed it all events in order, then compare `size` and `head` with a
/// checkpoint: the chain alone does not show that its tail was cut off.
#[derive(Debug, Clone)]
pub struct ChainVerifier {
    /// How many events have been seen.
    pub size: i64,
    /// The hash of the last.
    pub head: Hash,
    /// Events whose personal part was taken out, by the event that must say so, which is still to come.
    erased: BTreeMap<EventId, ErasedEvents>,
}

impl Default for ChainVerifier {
    fn default() -> Self {
        Self { size: 0, head: GENESIS, erased: BTreeMap::new() }
    }
}

impl ChainVerifier {
    /// Checks the next event.
    ///
    /// # Errors
    /// The first fault, with its `seq`.
    pub fn check(&mut self, event: &StoredEvent) -> Result<(), ChainFault> {
        let seq = self.size + 1;
        let fault = |reason| Err(ChainFault { seq, reason });
        if event.seq != seq {
            return fault("an event is missing or out of order");
        }
        if event.prev_hash != self.head {
            return fault("it does not follow from the event before");
        }
        if event.data_hash != event.compute_data_hash() {
            match event.erased_by() {
                Some(by) => self.erased.entry(by).or_default().add(seq),
                None => return fault("its data was changed"),
            }
        }
        if event.hash != event.compute_hash() {
            return fault("it was changed");
        }
        if event.action == Action::UserErased.as_str() {
            let found = self.erased.remove(&event.id).unwrap_or_default().statement();
            let said = serde_json::from_str::<ErasureData>(&event.data).map(|data| data.events);
            if said.ok() != Some(found) {
                return fault("it says that other events were erased than are");
            }
        }
        self.size = seq;
        self.head = event.hash;
        Ok(())
    }

    /// Ends the walk: what was taken out of events must have been said by a later one.
    ///
    /// # Errors
    /// The first event of which nobody has said so.
    pub fn finish(self) -> Result<Self, ChainFault> {
        match self.erased.values().map(|erased| erased.first).min() {
            Some(seq) => Err(ChainFault { seq, reason: "its data was taken out and no event says so" }),
            None => Ok(self),
        }
    }
}
