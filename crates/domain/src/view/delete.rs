//! Removing a saved view.

use serde_json::{Map, json};

use crate::{
    error::Result,
    event::Action,
    id::ViewId,
    principal::{Origin, Principal},
    tx::{Command, TenantTx},
    view::{load, record},
};

/// Removes a view. Its tickets stay as they are.
#[derive(Debug, Clone)]
pub struct DeleteView {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which view.
    pub id: ViewId,
}

impl Command for DeleteView {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const DELETE: &str = "DELETE FROM views WHERE id = $1";
        let Self { principal, origin, id } = self;
        let view = load(tx, &principal, id).await?;
        tx.put(DELETE, vec![id.into()]);
        let mut data = Map::new();
        data.insert("filter".into(), json!(view.filter));
        record(tx, origin, Action::ViewDeleted, view.owner, data, &view).await
    }
}
