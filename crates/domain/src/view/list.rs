//! The saved views that a person has.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::Result,
    json::JsonQuery,
    policy::{self, Deed, Subject},
    principal::Principal,
    tx::{Query, TenantRead},
    view::{View, load_all},
};

/// Saved views.
#[derive(Debug, Serialize, ToSchema)]
pub struct Views {
    /// One's own and the shared ones, by position.
    pub items: Vec<View>,
}

/// Lists the views that the person has.
#[derive(Debug)]
pub struct ListViews {
    /// Who asks.
    pub principal: Principal,
}

impl JsonQuery for ListViews {}

impl Query for ListViews {
    type Output = Views;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Views> {
        policy::require(&self.principal, Deed::UseViews, Subject::Company)?;
        Ok(Views { items: load_all(tx, &self.principal).await? })
    }
}
