//! Watching tickets: hearing what happens to one without working on it.

use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{TicketId, UserId},
    ledger, notice,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    ticket::{Person, Ticket, load},
    tx::{Command, Query, TenantRead, TenantTx},
};

/// At most so many watch one ticket.
pub const WATCHERS_MAX: i64 = 50;

/// Who watches a ticket, longest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Watchers {
    /// They, at most 50.
    pub items: Vec<Person>,
}

/// Lists who watches a ticket.
#[derive(Debug)]
pub struct ListWatchers {
    /// Who asks.
    pub principal: Principal,
    /// Which ticket.
    pub ticket: TicketId,
}

impl Query for ListWatchers {
    type Output = Watchers;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Watchers> {
        const LIST: &str = "SELECT u.id, u.name FROM ticket_watchers w JOIN users u ON u.id = w.user_id
            WHERE w.ticket_id = $1 AND u.active AND u.role IN ('agent', 'admin') ORDER BY w.since, u.id LIMIT 50";
        find(tx, &self.principal, self.ticket).await?;
        let items = tx
            .query(LIST, &[self.ticket.into()], |row| {
                Ok(Person { id: UserId(row.uuid(0)?), name: row.text(1)?.to_owned() })
            })
            .await?;
        Ok(Watchers { items })
    }
}

async fn find(tx: &mut impl TenantRead, principal: &Principal, id: TicketId) -> Result<Ticket> {
    let ticket = load(tx, id).await?.ok_or(Error::NotFound)?;
    policy::require(principal, Deed::WatchTicket, Subject::TicketOf(ticket.requester.id))?;
    Ok(ticket)
}

/// Begins or ends watching a ticket oneself. What is so already stays, and is no event.
#[derive(Debug, Clone)]
pub struct WatchTicket {
    /// Who asks, and watches.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which ticket.
    pub ticket: TicketId,
    /// Whether they watch it from now on.
    pub watches: bool,
}

impl Command for WatchTicket {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const COUNT: &str = "SELECT count(*), coalesce(max(CASE WHEN w.user_id = $2 THEN 1 ELSE 0 END), 0)
            FROM ticket_watchers w JOIN users u ON u.id = w.user_id
            WHERE w.ticket_id = $1 AND u.active AND u.role IN ('agent', 'admin')";
        const END: &str = "DELETE FROM ticket_watchers WHERE ticket_id = $1 AND user_id = $2";
        let Self { principal, origin, ticket, watches } = self;
        let ticket = find(tx, &principal, ticket).await?;
        let pair = [ticket.id.into(), principal.user.into()];
        let counted = tx.query_one(COUNT, &pair, |row| Ok((row.int(0)?, row.int(1)? == 1))).await?;
        let (count, is_watching) = counted.unwrap_or((0, false));
        if is_watching == watches {
            return Ok(());
        }
        if watches {
            if count >= WATCHERS_MAX {
                let detail = format!("at most {WATCHERS_MAX} people can watch a ticket");
                return Err(Error::Conflict { code: "too_many_watchers", detail });
            }
            notice::watch(tx, ticket.id, principal.user);
        } else {
            tx.execute(END, &pair).await?;
        }
        let draft = EventDraft {
            action: if watches { Action::TicketWatched } else { Action::TicketUnwatched },
            audience: Audience::Staff,
            origin,
            ticket: Some(ticket.id),
            requester: Some(ticket.requester.id),
            data: json!({ "number": ticket.number, "title": ticket.title }).to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(())
    }
}
