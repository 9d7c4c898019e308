//! The proof that a tenant was erased: what it was, when, and where its ledger ended.

use flowbit_domain::{audit::Head, id::TenantId, time::Timestamp};

/// A tenant that was erased, or is being.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub tenant: TenantId,
    /// Its name in addresses.
    pub slug: String,
    /// When its erasure began.
    pub begun_at: Timestamp,
    /// When nothing was left of it. `None`: it is finished at the next start.
    pub finished_at: Option<Timestamp>,
    /// Where its ledger ended. `None`: it could not be read any more.
    pub head: Option<Head>,
    /// How many rows there were of what, a JSON object.
    pub counts: String,
    /// The signed statement of that end, a JSON object as an export of the ledger has it beside it.
    pub checkpoint: Option<String>,
}
