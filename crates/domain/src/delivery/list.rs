//! Listing deliveries.

use uuid::Uuid;

use super::{Delivery, DeliveryState, delivery_from_row, select_delivery};
use crate::{
    cursor::{self, Page},
    error::Result,
    id::{EndpointId, TicketId},
    policy::{self, Deed, Subject},
    principal::Principal,
    tx::{Query, TenantRead, Value},
};

/// Which deliveries are wanted; what is absent does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those to this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Only those about this ticket.
    pub ticket: Option<TicketId>,
}

/// Lists deliveries, newest first.
#[derive(Debug)]
pub struct ListDeliveries {
    /// Who asks.
    pub principal: Principal,
    /// Which ones.
    pub filter: DeliveryFilter,
    /// At most how many (1 to 100).
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl Query for ListDeliveries {
    type Output = Page<Delivery>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Page<Delivery>> {
        policy::require(&self.principal, Deed::Administer, Subject::Company)?;
        let fetched = i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut params: Vec<Value> = vec![fetched.into()];
        let mut conditions: Vec<String> = Vec::new();
        // Conditions that are not wanted are left out rather than made true, so that each of the few
        // texts that this makes has an index of its own.
        let mut equal = |column: &str, value: Option<Value>| {
            if let Some(value) = value {
                params.push(value);
                conditions.push(format!("{column} = ${}", params.len()));
            }
        };
        equal("d.state", self.filter.state.map(|state| state.as_str().into()));
        equal("d.endpoint_id", self.filter.endpoint.map(Into::into));
        equal("d.ticket_id", self.filter.ticket.map(Into::into));
        if let Some(cursor) = &self.cursor {
            let (created_at, id): (i64, Uuid) = cursor::decode(cursor)?;
            params.extend([created_at.into(), id.into()]);
            conditions.push(format!("(d.created_at, d.id) < (${}, ${})", params.len() - 1, params.len()));
        }
        let wanted = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        let sql = format!("{}{wanted} ORDER BY d.created_at DESC, d.id DESC LIMIT $1", select_delivery!(""));
        let rows = tx.query(&sql, &params, delivery_from_row).await?;
        Ok(Page::from_rows(rows, self.limit, |last| (last.created_at.0, last.id)))
    }
}
