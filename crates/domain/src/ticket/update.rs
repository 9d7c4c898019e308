//! Changing a ticket by hand.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    id::{TeamId, TicketId, UserId},
    patch,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    ticket::{
        Changes, NewSnooze, Priority, Snooze, Status, TEXT_MAX, TITLE_MAX, Ticket, change, change::Ownership,
        check_tags, load,
    },
    tx::{Command, TenantTx},
};

/// What is to change; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TicketPatch {
    /// One line, 1 to 200 characters.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 200, min_length = 1)]
    pub title: Option<String>,
    /// At most 20,000 characters.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 20000)]
    pub description: Option<String>,
    /// Where it stands now.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Status, required = false)]
    pub status: Option<Status>,
    /// How much it hurries.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Priority, required = false)]
    pub priority: Option<Priority>,
    /// Who works on it; null for nobody.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<UserId>)]
    pub assignee_id: Option<Option<UserId>>,
    /// Which team's it is; null for none. Without `assigneeId` the team's rule gives it to somebody.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<TeamId>)]
    pub team_id: Option<Option<TeamId>>,
    /// All its tags.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Vec<String>, required = false)]
    pub tags: Option<Vec<String>>,
    /// New values of the company's own fields, by their keys; null takes one away, the others stay.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Object, required = false)]
    pub custom_fields: Option<serde_json::Map<String, serde_json::Value>>,
    /// Puts it aside until a time or until the requester replies; null takes it up again.
    #[serde(default, deserialize_with = "patch::nullable_object")]
    #[schema(value_type = Option<NewSnooze>)]
    pub snooze: Option<Option<NewSnooze>>,
    /// The version that the change was made from: another one now is a 409.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = i64, required = false)]
    pub version: Option<i64>,
}

/// Changes a ticket.
#[derive(Debug, Clone)]
pub struct UpdateTicket {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which ticket.
    pub id: TicketId,
    /// What is to change.
    pub patch: TicketPatch,
}

impl Command for UpdateTicket {
    type Output = Ticket;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Ticket> {
        let Self { principal, origin, id, patch } = self;
        let ticket = load(tx, id).await?.ok_or(Error::NotFound)?;
        policy::require(&principal, Deed::UpdateTicket, Subject::TicketOf(ticket.requester.id))?;
        ticket.require_unmerged()?;
        let mut checks = Checks::default();
        let snooze = patch.snooze.map(|snooze| NewSnooze::check(snooze, &mut checks, tx.now()));
        Snooze::check_status(&mut checks, snooze, patch.status.unwrap_or(ticket.status));
        let mut changes = Changes {
            title: patch.title.map(|t| checks.line("title", &t, TITLE_MAX)),
            description: patch.description.map(|d| checks.body("description", &d, TEXT_MAX)),
            status: patch.status,
            priority: patch.priority,
            tags: patch.tags.map(|tags| check_tags(&mut checks, "tags", &tags)),
            custom_fields: patch.custom_fields,
            snooze,
            ..Changes::default()
        };
        checks.finish()?;
        if patch.version.is_some_and(|v| v != ticket.version) {
            return Err(Error::stale(ticket.version));
        }
        let mut wanted = Ownership::find(tx, patch.assignee_id, patch.team_id).await?;
        wanted.apply(tx, &ticket, &mut changes);
        change(tx, origin, &ticket, changes).await
    }
}
