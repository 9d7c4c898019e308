//! Which macros a person has.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Macro, read, select_macro, template};
use crate::{
    error::{Error, Result},
    id::TicketId,
    policy::{self, Deed, Subject},
    principal::Principal,
    ticket::load,
    tx::{Query, TenantRead},
};

/// A macro of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MacroItem {
    /// The macro.
    #[serde(flatten)]
    pub found: Macro,
    /// With `ticketId`: its answer for that ticket, the placeholders filled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// All macros that a person may use, by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MacroList {
    /// They.
    pub items: Vec<MacroItem>,
}

/// Lists the macros that a person may use: the shared ones and their own.
#[derive(Debug)]
pub struct ListMacros {
    /// Who asks.
    pub principal: Principal,
    /// For which ticket their answers are wanted.
    pub ticket: Option<TicketId>,
}

impl Query for ListMacros {
    type Output = MacroList;

    async fn run(self, tx: &mut impl TenantRead) -> Result<MacroList> {
        const SQL: &str = select_macro!(" WHERE owner_id IS NULL OR owner_id = $1 ORDER BY name, id");
        let Self { principal, ticket } = self;
        policy::require(&principal, Deed::UseMacros, Subject::Company)?;
        let params = [principal.user.into()];
        tx.ask_ahead(SQL, &params);
        let ticket = match ticket {
            Some(id) => Some(load(tx, id).await?.ok_or(Error::NotFound)?),
            None => None,
        };
        let found = tx.query(SQL, &params, read).await?;
        let items = found
            .into_iter()
            .map(|found| MacroItem {
                text: ticket.as_ref().map(|ticket| template::render(&found.body, ticket, &principal)),
                found,
            })
            .collect();
        Ok(MacroList { items })
    }
}
