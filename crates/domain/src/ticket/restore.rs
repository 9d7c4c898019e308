//! Bringing back a ticket that was deleted by mistake, within a day.
//!
//! A deleted ticket is in no table that anything else reads, so that nothing has to remember to leave it out: its
//! rows stand aside as the lines that an archive has of them, and come back as an import would bring them.

use std::collections::BTreeMap;

use serde_json::{json, value::RawValue};

use crate::{
    archive::{TABLES, Table, index_anew, insert_rows, table::OF_TICKET},
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{TeamId, TicketId, UserId},
    ledger,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    tags,
    team::find_team,
    ticket::{Ticket, change::put_tags, load},
    tx::{Command, StoreError, TenantTx, Value},
};

/// How long a deleted ticket can be brought back, in milliseconds: a day.
pub(crate) const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// What may be kept of one, in bytes: an archive has it in one line, and those that read archives bound theirs.
const KEPT_BYTES: usize = 8 << 20;

/// Brings back a deleted ticket with its conversation.
#[derive(Debug, Clone)]
pub struct RestoreTicket {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which ticket.
    pub id: TicketId,
}

/// The lines of each table.
type Lines = BTreeMap<String, Vec<Box<RawValue>>>;

fn table(name: &str) -> Result<&'static Table> {
    TABLES.iter().find(|table| table.name == name).ok_or_else(|| Error::Internal(format!("no table {name}")))
}

/// Puts aside what a ticket consists of, before it is deleted; its files stay where they are. One that is larger than
/// [`KEPT_BYTES`] is not kept: `false`.
pub(super) async fn keep(tx: &mut impl TenantTx, ticket: &Ticket) -> Result<bool> {
    const KEEP: &str =
        "INSERT INTO deleted_tickets (id, requester_id, lines, deleted_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET lines = excluded.lines, deleted_at = excluded.deleted_at";
    let mut lines = Lines::new();
    for (name, column) in
        [("tickets", "id")].into_iter().chain(OF_TICKET.iter().map(|name| (*name, "ticket_id")))
    {
        let table = table(name)?;
        let rows =
            tx.query(&table.select_where(column), &[ticket.id.into()], |row| table.line_of(row)).await?;
        lines.insert(name.to_owned(), rows);
    }
    let lines = serde_json::to_string(&lines).map_err(|e| Error::Internal(e.to_string()))?;
    if lines.len() > KEPT_BYTES {
        return Ok(false);
    }
    let now = tx.now();
    tx.put(KEEP, vec![ticket.id.into(), ticket.requester.id.into(), lines.into(), now.into()]);
    Ok(true)
}

impl Command for RestoreTicket {
    type Output = Ticket;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Ticket> {
        const FIND: &str =
            "SELECT requester_id, lines FROM deleted_tickets WHERE id = $1 AND deleted_at > $2";
        const FORGET: &str = "DELETE FROM deleted_tickets WHERE id = $1";
        const RENEW: &str = "UPDATE tickets SET version = version + 1, updated_at = $2 WHERE id = $1";
        let Self { principal, origin, id } = self;
        // First: who may not delete learns nothing of what was.
        policy::require(&principal, Deed::DeleteTicket, Subject::Company)?;
        let oldest = tx.now().plus_ms(-KEPT_MS);
        let found = tx
            .query_one(FIND, &[id.into(), oldest.into()], |row| {
                Ok((UserId(row.uuid(0)?), row.text(1)?.to_owned()))
            })
            .await?;
        let (requester, lines) = found.ok_or(Error::NotFound)?;
        policy::require(&principal, Deed::DeleteTicket, Subject::TicketOf(requester))?;
        let damaged = |why: String| StoreError::Failed(format!("a deleted ticket can't be read: {why}"));
        let mut lines: Lines = serde_json::from_str(&lines).map_err(|e| damaged(e.to_string()))?;
        for name in ["tickets"].into_iter().chain(OF_TICKET.iter().copied()) {
            let table = table(name)?;
            let mut rows = Vec::new();
            for line in lines.remove(name).unwrap_or_default() {
                rows.push(table.values_of(line.get().as_bytes()).map_err(|e| damaged(e.to_string()))?);
            }
            if name == "tickets" {
                leave_team(tx, table, &mut rows).await?;
            }
            for (sql, values) in insert_rows(table, rows) {
                tx.execute(&sql, &values).await?;
            }
        }
        let there = load(tx, id).await?.ok_or(Error::NotFound)?;
        let tags = tags::tags_of_today(tx, id, there.tags.clone()).await?;
        if tags != there.tags {
            retag(tx, id, &tags)?;
        }
        let now = tx.now();
        tx.execute(RENEW, &[id.into(), now.into()]).await?;
        tx.put(FORGET, vec![id.into()]);
        index_anew(tx, id, None).await?;
        let ticket = load(tx, id).await?.ok_or(Error::NotFound)?;
        let data = json!({ "number": ticket.number, "title": ticket.title, "version": ticket.version });
        let draft = EventDraft {
            action: Action::TicketRestored,
            audience: Audience::Requester,
            origin,
            ticket: Some(id),
            requester: Some(requester),
            data: data.to_string(),
        };
        ledger::record(tx, draft).await?;
        Ok(ticket)
    }
}

/// It comes back to no team that was removed meanwhile.
async fn leave_team(tx: &mut impl TenantTx, table: &Table, rows: &mut [Vec<Value>]) -> Result<()> {
    let Some(at) = table.columns.iter().position(|column| column.name == "team_id") else { return Ok(()) };
    for team in rows.iter_mut().filter_map(|row| row.get_mut(at)) {
        if let Value::Uuid(id) = team
            && find_team(tx, TeamId(*id)).await?.is_none()
        {
            *team = Value::Null;
        }
    }
    Ok(())
}

/// Gives it the tags that its own have become meanwhile.
fn retag(tx: &mut impl TenantTx, id: TicketId, tags: &[String]) -> Result<()> {
    const UPDATE: &str = "UPDATE tickets SET tags = $2 WHERE id = $1";
    let kept = serde_json::to_string(tags).map_err(|e| Error::Internal(e.to_string()))?;
    tx.put(UPDATE, vec![id.into(), kept.into()]);
    put_tags(tx, id, tags);
    Ok(())
}
