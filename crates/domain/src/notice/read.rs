//! Having read notices.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::count_unread;
use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{EventId, TicketId},
    ledger, patch,
    policy::{self, Deed, Subject, Verdict},
    principal::{Origin, Principal},
    text::Checks,
    ticket::load,
    tx::{Command, TenantTx, Value},
};

/// At most so many by their ids.
const IDS_MAX: usize = 100;

/// Which of one's own notices: exactly one of these.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WhichNotices {
    /// These, at most 100.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Vec<EventId>, required = false, max_items = 100, min_items = 1)]
    pub ids: Option<Vec<EventId>>,
    /// This one and all before it.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = EventId, required = false)]
    pub up_to: Option<EventId>,
    /// All of this ticket.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = TicketId, required = false)]
    pub ticket_id: Option<TicketId>,
}

/// What is left.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReadOutcome {
    /// How many of one's notices are unread now, counted to 1,000.
    pub unread: i64,
}

/// Marks one's own notices as read. What is no notice of one's own is passed over.
#[derive(Debug, Clone)]
pub struct ReadNotices {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which.
    pub which: WhichNotices,
}

impl Command for ReadNotices {
    type Output = ReadOutcome;

    async fn run(self, tx: &mut impl TenantTx) -> Result<ReadOutcome> {
        const READ: &str = "UPDATE notices SET read_at = $2 WHERE user_id = $1 AND read_at IS NULL AND ";
        let Self { principal, origin, which } = self;
        let mut checks = Checks::default();
        if which.ids.as_ref().is_some_and(|ids| ids.is_empty() || ids.len() > IDS_MAX) {
            checks.fail("ids", format!("must be 1 to {IDS_MAX}"));
        }
        let mut values: Vec<Value> = vec![principal.user.into(), tx.now().into()];
        let condition = match which.clone() {
            WhichNotices { ids: Some(ids), up_to: None, ticket_id: None } => {
                let places: Vec<String> = (3..ids.len() + 3).map(|place| format!("${place}")).collect();
                values.extend(ids.into_iter().map(Value::from));
                format!("event_id IN ({})", places.join(", "))
            }
            WhichNotices { ids: None, up_to: Some(last), ticket_id: None } => {
                values.push(last.into());
                "event_id <= $3".to_owned()
            }
            WhichNotices { ids: None, up_to: None, ticket_id: Some(ticket) } => {
                values.push(ticket.into());
                "ticket_id = $3".to_owned()
            }
            _ => {
                checks.fail(".", "must have one of ids, upTo and ticketId");
                String::new()
            }
        };
        checks.finish()?;
        if let Some(ticket) = which.ticket_id {
            let there = load(tx, ticket).await?.map(|ticket| Subject::TicketOf(ticket.requester.id));
            if !there
                .is_some_and(|subject| policy::may(&principal, Deed::ReadTicket, subject) == Verdict::Allowed)
            {
                return Err(Error::invalid("ticketId", "is no ticket that you can see"));
            }
        }
        let read = tx.execute(&format!("{READ}{condition}"), &values).await?;
        if read > 0 {
            let draft = EventDraft {
                action: Action::NoticesRead,
                audience: Audience::Person,
                origin,
                ticket: None,
                requester: Some(principal.user),
                data: json!({ "count": read }).to_string(),
            };
            ledger::record(tx, draft).await?;
        }
        Ok(ReadOutcome { unread: count_unread(tx, &principal).await? })
    }
}
