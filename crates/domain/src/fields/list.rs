//! Which fields a company has.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Definitions, Field};
use crate::{
    error::Result,
    json::JsonQuery,
    principal::Principal,
    tx::{Query, TenantRead},
};

/// The fields of a company, in their order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldList {
    /// They.
    pub items: Vec<Field>,
}

/// Lists the fields that a person sees: for who raises tickets those that are in use and shown to them, for who
/// works on them all.
#[derive(Debug)]
pub struct ListFields {
    /// Who asks.
    pub principal: Principal,
}

impl JsonQuery for ListFields {}

impl Query for ListFields {
    type Output = FieldList;

    async fn run(self, tx: &mut impl TenantRead) -> Result<FieldList> {
        let all = Definitions::load(tx).await?;
        let role = self.principal.role;
        let items = if role.is_staff() { all.0 } else { all.visible_to(role).cloned().collect() };
        Ok(FieldList { items })
    }
}
