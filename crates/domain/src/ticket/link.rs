//! Tickets that have to do with each other: a link has no direction, and is the staff's alone, since the other ticket
//! may be somebody else's.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::TicketId,
    json::JsonQuery,
    ledger,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    ticket::{Status, Ticket, damaged, load},
    time::Timestamp,
    tx::{Command, Query, TenantRead, TenantTx, Value},
};

/// At most so many tickets are linked with one.
pub const LINKS_MAX: i64 = 50;

/// A ticket that another is linked with.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LinkedTicket {
    /// Its id.
    pub id: TicketId,
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub title: String,
    /// Where it stands.
    pub status: Status,
}

/// That a ticket is linked with another.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketLink {
    /// The other one.
    pub ticket: LinkedTicket,
    /// Since when.
    pub linked_at: Timestamp,
}

/// What a ticket is linked with, the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TicketLinks {
    /// They, at most 50.
    pub items: Vec<TicketLink>,
}

/// Lists what a ticket is linked with.
#[derive(Debug)]
pub struct ListLinks {
    /// Who asks.
    pub principal: Principal,
    /// Which ticket.
    pub ticket: TicketId,
}

impl JsonQuery for ListLinks {}

impl Query for ListLinks {
    type Output = TicketLinks;

    async fn run(self, tx: &mut impl TenantRead) -> Result<TicketLinks> {
        // A ticket that was deleted is not shown, and is linked still should it come back.
        const LIST: &str = "SELECT t.id, t.number, t.title, t.status, l.linked_at FROM
            (SELECT other_id AS id, linked_at FROM ticket_links WHERE one_id = $1
             UNION ALL SELECT one_id AS id, linked_at FROM ticket_links WHERE other_id = $1) l
            JOIN tickets t ON t.id = l.id ORDER BY l.linked_at DESC, t.number DESC LIMIT 50";
        let ticket = load(tx, self.ticket).await?.ok_or(Error::NotFound)?;
        policy::require(&self.principal, Deed::LinkTickets, Subject::TicketOf(ticket.requester.id))?;
        let items = tx
            .query(LIST, &[ticket.id.into()], |row| {
                Ok(TicketLink {
                    ticket: LinkedTicket {
                        id: TicketId(row.uuid(0)?),
                        number: row.int(1)?,
                        title: row.text(2)?.to_owned(),
                        status: Status::parse(row.text(3)?).ok_or_else(|| damaged("status"))?,
                    },
                    linked_at: row.time(4)?,
                })
            })
            .await?;
        Ok(TicketLinks { items })
    }
}

/// With which ticket another is to be linked, or no longer.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewLink {
    /// The other one.
    pub ticket_id: TicketId,
    /// Whether they are linked from now on; left out, they are.
    #[serde(default)]
    #[schema(default = true)]
    pub linked: Option<bool>,
}

/// Links two tickets, or ends that. What is so already stays, and is no event.
#[derive(Debug, Clone)]
pub struct LinkTickets {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// One ticket.
    pub ticket: TicketId,
    /// The other one, and whether they are linked from now on.
    pub input: NewLink,
}

impl Command for LinkTickets {
    type Output = ();

    async fn run(self, tx: &mut impl TenantTx) -> Result<()> {
        const IS: &str = "SELECT linked_at FROM ticket_links WHERE one_id = $1 AND other_id = $2";
        const LINK: &str = "INSERT INTO ticket_links (one_id, other_id, linked_at) VALUES ($1, $2, $3)";
        const UNLINK: &str = "DELETE FROM ticket_links WHERE one_id = $1 AND other_id = $2";
        let Self { principal, origin, ticket, input } = self;
        let linked = input.linked.unwrap_or(true);
        let ticket = load(tx, ticket).await?.ok_or(Error::NotFound)?;
        policy::require(&principal, Deed::LinkTickets, Subject::TicketOf(ticket.requester.id))?;
        let other = find_other(tx, &principal, &ticket, input.ticket_id).await?;
        let pair: [Value; 2] = [ticket.id.min(other.id).into(), ticket.id.max(other.id).into()];
        let is_linked = tx.query_one(IS, &pair, |row| row.int(0)).await?.is_some();
        if is_linked == linked {
            return Ok(());
        }
        if linked {
            for one in [&ticket, &other] {
                require_room(tx, one).await?;
            }
            let [one, another] = pair;
            let now = tx.now();
            tx.put(LINK, vec![one, another, now.into()]);
        } else {
            tx.put(UNLINK, pair.into());
        }
        let action = if linked { Action::TicketLinked } else { Action::TicketUnlinked };
        for (about, with) in [(&ticket, &other), (&other, &ticket)] {
            let with = json!({ "id": with.id, "number": with.number });
            let draft = EventDraft {
                action,
                audience: Audience::Staff,
                origin: origin.clone(),
                ticket: Some(about.id),
                requester: Some(about.requester.id),
                data: json!({ "number": about.number, "title": about.title, "with": with }).to_string(),
            };
            ledger::record(tx, draft).await?;
        }
        Ok(())
    }
}

async fn find_other(
    tx: &mut impl TenantTx,
    principal: &Principal,
    ticket: &Ticket,
    other: TicketId,
) -> Result<Ticket> {
    if other == ticket.id {
        return Err(Error::invalid("ticketId", "is this ticket itself"));
    }
    let found = load(tx, other).await?.filter(|other| {
        let subject = Subject::TicketOf(other.requester.id);
        policy::may(principal, Deed::LinkTickets, subject) == policy::Verdict::Allowed
    });
    found.ok_or_else(|| Error::invalid("ticketId", "is no ticket of your company"))
}

async fn require_room(tx: &mut impl TenantTx, ticket: &Ticket) -> Result<()> {
    const COUNT: &str = "SELECT count(*) FROM (SELECT other_id AS id FROM ticket_links WHERE one_id = $1
        UNION ALL SELECT one_id AS id FROM ticket_links WHERE other_id = $1) l JOIN tickets t ON t.id = l.id";
    let count = tx.query_one(COUNT, &[ticket.id.into()], |row| row.int(0)).await?.unwrap_or(0);
    if count < LINKS_MAX {
        return Ok(());
    }
    let detail = format!("#{} is linked with {LINKS_MAX} tickets, and can be with no more", ticket.number);
    Err(Error::Conflict { code: "too_many_links", detail })
}
