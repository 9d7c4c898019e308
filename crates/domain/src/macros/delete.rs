//! Removing a macro. What it has said and done stays.

use serde_json::json;

use super::{describe, find, record, require_keeper};
use crate::{
    error::{Error, Result},
    event::Action,
    id::MacroId,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
};

/// Removes a macro. Event: `macro.deleted`.
#[derive(Debug, Clone)]
pub struct DeleteMacro {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which one.
    pub id: MacroId,
}

impl Command for DeleteMacro {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        let Self { principal, origin, id } = self;
        policy::require(&principal, Deed::UseMacros, Subject::Company)?;
        let gone = find(tx, &principal, id).await?.ok_or(Error::NotFound)?;
        require_keeper(&principal, gone.shared)?;
        tx.put("DELETE FROM macros WHERE id = $1", vec![id.into()]);
        let mut data = serde_json::Map::from_iter([("macroId".to_owned(), json!(id))]);
        if gone.shared {
            data.extend(describe(&gone));
        }
        record(tx, Action::MacroDeleted, origin, (!gone.shared).then_some(principal.user), data).await
    }
}
