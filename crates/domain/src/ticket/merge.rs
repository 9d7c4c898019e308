//! Merging a ticket into another of the same requester, and undoing it.
//!
//! Both conversations stay where they are, so that nothing is lost and undoing is exact: the one that is merged is
//! closed and leads to the other, which shows it. Of one requester: they see both, and nobody else's words.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{TicketId, UserId},
    ledger, notice,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    team::find_team,
    ticket::{Snooze, Status, Ticket, damaged, load},
    tx::{Command, TenantTx},
};

/// Into which ticket another was merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MergedInto {
    /// That ticket's id. It may have been deleted since.
    pub id: TicketId,
    /// Its number.
    pub number: i64,
}

/// Into which ticket another is to be merged.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMerge {
    /// Another ticket of the same requester, that was not merged itself.
    pub into_id: TicketId,
}

impl Ticket {
    /// Refuses what is to be said or done at a ticket that was merged: it belongs to the other one.
    ///
    /// # Errors
    /// `merged`, with the number of the other one.
    pub(crate) fn require_unmerged(&self) -> Result<()> {
        match self.merged_into {
            None => Ok(()),
            Some(into) => Err(Error::Conflict {
                code: "merged",
                detail: format!("it was merged into #{}: go on there, or undo that first", into.number),
            }),
        }
    }
}

/// Merges a ticket into another. Answers the one that was merged.
#[derive(Debug, Clone)]
pub struct MergeTicket {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which ticket.
    pub ticket: TicketId,
    /// Into which.
    pub input: NewMerge,
}

impl Command for MergeTicket {
    type Output = Ticket;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Ticket> {
        const MERGE: &str = "UPDATE tickets SET status = 'closed', merged_into_id = $2, merged_into_number = $3,
            merged_status = $4, snoozed_at = NULL, snoozed_until = NULL, version = version + 1, updated_at = $5,
            resolved_at = $6 WHERE id = $1";
        const WATCHERS: &str =
            "SELECT user_id FROM ticket_watchers WHERE ticket_id = $1 ORDER BY since, user_id LIMIT 50";
        let Self { principal, origin, ticket, input } = self;
        let source = find(tx, &principal, ticket).await?;
        source.require_unmerged()?;
        let target = load(tx, input.into_id).await?.filter(|target| {
            let subject = Subject::TicketOf(target.requester.id);
            policy::may(&principal, Deed::UpdateTicket, subject) == policy::Verdict::Allowed
        });
        let refuse = |why: &str| Err(Error::invalid("intoId", why));
        let target = match target {
            None => return refuse("is no ticket of your company"),
            Some(target) if target.id == source.id => return refuse("is this ticket itself"),
            Some(target) if target.requester.id != source.requester.id => {
                return refuse("has another requester, who may not read this one: link them instead");
            }
            Some(target) => match target.merged_into {
                Some(into) => return refuse(&format!("was itself merged into #{}", into.number)),
                None => target,
            },
        };
        let now = tx.now();
        tx.put(
            MERGE,
            vec![
                source.id.into(),
                target.id.into(),
                target.number.into(),
                source.status.as_str().into(),
                now.into(),
                source.resolved_at.unwrap_or(now).into(),
            ],
        );
        if let Some(snooze) = source.snooze {
            record_woken(tx, origin.clone(), &source, snooze).await?;
        }
        // Whoever hears of the one hears of the other from now on.
        let watchers = tx.query(WATCHERS, &[source.id.into()], |row| Ok(UserId(row.uuid(0)?))).await?;
        for user in watchers {
            notice::watch(tx, target.id, user);
        }
        let into = json!({ "id": target.id, "number": target.number });
        let told = Told { action: Action::TicketMerged, into, to: Status::Closed };
        record(tx, origin, &source, Some(&target), told).await?;
        load(tx, source.id).await?.ok_or(Error::NotFound)
    }
}

/// Lets a ticket that was merged stand for itself again, with the status that it had.
#[derive(Debug, Clone)]
pub struct UnmergeTicket {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which ticket.
    pub ticket: TicketId,
}

impl Command for UnmergeTicket {
    type Output = Ticket;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Ticket> {
        const BEFORE: &str = "SELECT merged_status FROM tickets WHERE id = $1";
        const UNMERGE: &str =
            "UPDATE tickets SET status = $2, merged_into_id = NULL, merged_into_number = NULL,
            merged_status = NULL, version = version + 1, updated_at = $3, resolved_at = $4, team_id = $5
            WHERE id = $1";
        let Self { principal, origin, ticket } = self;
        let source = find(tx, &principal, ticket).await?;
        let Some(into) = source.merged_into else {
            return Err(Error::Conflict {
                code: "not_merged",
                detail: "it was merged into no other ticket".to_owned(),
            });
        };
        let status = tx
            .query_one(BEFORE, &[source.id.into()], |row| Ok(row.opt_text(0)?.and_then(Status::parse)))
            .await?;
        let status = status.flatten().ok_or_else(|| damaged("status"))?;
        let team = match &source.team {
            // It may have been removed while this ticket was closed.
            Some(team) => find_team(tx, team.id).await?.map(|_| team.id),
            None => None,
        };
        let now = tx.now();
        let resolved_at = source.resolved_at.filter(|_| !status.is_live());
        tx.put(
            UNMERGE,
            vec![source.id.into(), status.as_str().into(), now.into(), resolved_at.into(), team.into()],
        );
        let target = load(tx, into.id).await?;
        let into = json!({ "id": into.id, "number": into.number });
        let told = Told { action: Action::TicketUnmerged, into, to: status };
        record(tx, origin, &source, target.as_ref(), told).await?;
        load(tx, source.id).await?.ok_or(Error::NotFound)
    }
}

async fn find(tx: &mut impl TenantTx, principal: &Principal, id: TicketId) -> Result<Ticket> {
    let ticket = load(tx, id).await?.ok_or(Error::NotFound)?;
    policy::require(principal, Deed::UpdateTicket, Subject::TicketOf(ticket.requester.id))?;
    Ok(ticket)
}

/// That it is put aside no more is the staff's to know.
async fn record_woken(tx: &mut impl TenantTx, origin: Origin, source: &Ticket, snooze: Snooze) -> Result<()> {
    let data = json!({
        "number": source.number,
        "title": source.title,
        "version": source.version + 1,
        "changes": { "snooze": { "from": snooze, "to": null } },
    });
    let draft = EventDraft {
        action: Action::TicketUpdated,
        audience: Audience::Staff,
        origin,
        ticket: Some(source.id),
        requester: Some(source.requester.id),
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}

/// What both tickets are told.
struct Told {
    action: Action,
    /// The other one, as the merged one names it.
    into: serde_json::Value,
    /// Where the merged one stands now.
    to: Status,
}

/// Records it at the one that was or is merged, and at the other one, if that is still there.
async fn record(
    tx: &mut impl TenantTx,
    origin: Origin,
    source: &Ticket,
    target: Option<&Ticket>,
    Told { action, into, to }: Told,
) -> Result<()> {
    const TOUCH: &str = "UPDATE tickets SET updated_at = $2 WHERE id = $1";
    let mut data = json!({
        "number": source.number,
        "title": source.title,
        "version": source.version + 1,
        "into": into,
    });
    if source.status != to {
        data["changes"] = json!({ "status": { "from": source.status, "to": to } });
    }
    let from = json!({ "id": source.id, "number": source.number });
    let mut told = vec![(source, data)];
    if let Some(target) = target {
        let now = tx.now();
        tx.put(TOUCH, vec![target.id.into(), now.into()]);
        told.push((target, json!({ "number": target.number, "title": target.title, "from": from })));
    }
    for (about, data) in told {
        let draft = EventDraft {
            action,
            audience: Audience::Requester,
            origin: origin.clone(),
            ticket: Some(about.id),
            requester: Some(about.requester.id),
            data: data.to_string(),
        };
        ledger::record(tx, draft).await?;
    }
    Ok(())
}
