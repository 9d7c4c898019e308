//! Founding a company: the first event of its ledger.

use serde_json::json;

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    ledger,
    principal::Origin,
    tx::{Command, TenantTx},
};

/// Records that the operator made the company. Event: `tenant.created`.
#[derive(Debug, Clone)]
pub struct RecordFounding {
    /// Who made it.
    pub origin: Origin,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

impl Command for RecordFounding {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let draft = EventDraft {
            action: Action::TenantCreated,
            audience: Audience::Admins,
            origin: self.origin,
            ticket: None,
            requester: None,
            data: json!({ "slug": self.slug, "name": self.name }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(())
    }
}
