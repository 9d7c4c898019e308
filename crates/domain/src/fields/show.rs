//! What of a ticket's custom fields a requester sees.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, value::RawValue};

use super::Definitions;
use crate::{
    ticket::{Ticket, damaged},
    tx::{StoreError, TenantRead},
};

/// Of fields that are switched off as well: their values are still there.
const HIDDEN: &str = "SELECT key FROM fields WHERE NOT shown_to_requesters";

/// The keys whose values no requester may see.
#[derive(Debug, Default)]
pub(crate) struct Hidden(BTreeSet<String>);

/// Says that [`load_hidden`] will be called.
pub(crate) fn ask_hidden_ahead(tx: &mut impl TenantRead) {
    tx.ask_ahead(HIDDEN, &[]);
}

/// Reads which values requesters may not see.
pub(crate) async fn load_hidden(tx: &mut impl TenantRead) -> Result<Hidden, StoreError> {
    Ok(Hidden(tx.query(HIDDEN, &[], |row| Ok(row.text(0)?.to_owned())).await?.into_iter().collect()))
}

impl Hidden {
    /// Those of these fields.
    pub(crate) fn of(fields: &Definitions) -> Self {
        Self(
            fields
                .0
                .iter()
                .filter(|field| !field.shown_to_requesters)
                .map(|field| field.key.clone())
                .collect(),
        )
    }

    /// Whether there is nothing to hide.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ticket without them.
    ///
    /// # Errors
    /// When what is stored is no JSON object.
    pub(crate) fn take_from(&self, ticket: &mut Ticket) -> Result<(), StoreError> {
        if self.is_empty() || ticket.custom_fields.get() == "{}" {
            return Ok(());
        }
        let mut values: Map<String, Json> =
            serde_json::from_str(ticket.custom_fields.get()).map_err(|_| damaged("custom field"))?;
        let before = values.len();
        values.retain(|key, _| !self.0.contains(key));
        if values.len() < before {
            let shown = Json::Object(values).to_string();
            ticket.custom_fields = RawValue::from_string(shown).map_err(|_| damaged("custom field"))?;
        }
        Ok(())
    }
}
