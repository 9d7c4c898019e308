//! The newest `seq` of each tenant, in memory, for as long as this process is the only one that writes.

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use flowbit_domain::id::TenantId;

#[derive(Default)]
pub(crate) struct Seqs {
    known: RwLock<HashMap<TenantId, AtomicI64>>,
}

impl Seqs {
    pub(crate) fn get(&self, tenant: TenantId) -> Option<i64> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&tenant).map(|seq| seq.load(Ordering::Acquire))
    }

    /// Notes that the ledger has come this far. What is read from a file while it is being written may
    /// be behind what its writer has noted, so it only ever goes up.
    pub(crate) fn raise(&self, tenant: TenantId, seq: i64) {
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = known.get(&tenant) {
                known.fetch_max(seq, Ordering::AcqRel);
                return;
            }
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(tenant).or_default().fetch_max(seq, Ordering::AcqRel);
    }

    pub(crate) fn forget(&self, tenant: TenantId) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
    }
}
