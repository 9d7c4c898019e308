//! Doing one thing to many tickets: each ticket is changed as a whole or left as it is, and answers for itself.
//!
//! Every ticket goes the way of a single change, through the same policy and the same decision, and has an event of
//! its own. All are one transaction: either the answer is known and everything in it has happened, or nothing has.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    id::{TeamId, TicketId, UserId},
    idempotency::{self, Answered, IdempotencyKey},
    patch,
    policy::{self, Deed, Subject, TicketScope},
    principal::{Origin, Principal},
    text::Checks,
    ticket::{
        Changes, NewSnooze, Priority, Snooze, Status, TAGS_MAX, Ticket, TicketRow, change, change::Ownership,
        check_tags, delete::delete, select_ticket,
    },
    time::Timestamp,
    tx::{Command, TenantTx, Value},
};

/// How many tickets one request may name.
pub const BULK_MAX: usize = 500;
/// How many are read at once.
const READ_AT_ONCE: usize = 50;

/// What is to be done to which tickets: fields to change, or `delete` alone.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BulkChange {
    /// The tickets, 1 to 500, each once.
    #[schema(min_items = 1, max_items = 500)]
    pub ids: Vec<TicketId>,
    /// Where they stand now.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Status, required = false)]
    pub status: Option<Status>,
    /// How much they hurry.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = Priority, required = false)]
    pub priority: Option<Priority>,
    /// Who works on them; null for nobody.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<UserId>)]
    pub assignee_id: Option<Option<UserId>>,
    /// Which team's they are; null for none. Without `assigneeId` the team's rule gives each to somebody.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<TeamId>)]
    pub team_id: Option<Option<TeamId>>,
    /// Tags that each gets besides those it has.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<String>>)]
    pub add_tags: Vec<String>,
    /// Tags that each loses if it has them.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<String>>)]
    pub remove_tags: Vec<String>,
    /// Puts them aside until a time or until the requester of each replies; null takes them up again.
    #[serde(default, deserialize_with = "patch::nullable_object")]
    #[schema(value_type = Option<NewSnooze>)]
    pub snooze: Option<Option<NewSnooze>>,
    /// Whether they are deleted.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<bool>)]
    pub delete: bool,
}

/// What became of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum BulkOutcome {
    /// It was changed.
    Changed,
    /// It was so already.
    Unchanged,
    /// It was deleted.
    Deleted,
    /// Nothing was done to it; `code` says why.
    Refused,
}

/// What became of one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    /// The ticket.
    pub id: TicketId,
    /// What became of it.
    pub outcome: BulkOutcome,
    /// Its version now; null when it is deleted or was refused.
    #[schema(required)]
    pub version: Option<i64>,
    /// Why it was refused, as the `code` of a problem: `not_found`, `forbidden`, `validation_failed`, `merged`.
    #[schema(required)]
    pub code: Option<String>,
}

/// What became of each ticket, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkResults {
    /// One for each id.
    pub results: Vec<BulkResult>,
}

/// Changes or deletes many tickets.
#[derive(Debug, Clone)]
pub struct ChangeTickets {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// What is to be done.
    pub input: BulkChange,
    /// Makes sending it again harmless.
    pub idempotency: Option<IdempotencyKey>,
}

/// What is to be done, checked.
struct Checked {
    delete: bool,
    status: Option<Status>,
    priority: Option<Priority>,
    ownership: Ownership,
    add_tags: Vec<String>,
    remove_tags: Vec<String>,
    snooze: Option<Option<Snooze>>,
}

fn check(input: &BulkChange, now: Timestamp) -> Result<Checked> {
    let mut checks = Checks::default();
    let count = input.ids.len();
    if count == 0 || count > BULK_MAX {
        checks.fail("ids", format!("must be 1 to {BULK_MAX} tickets, are {count}"));
    }
    let mut seen = HashSet::with_capacity(count);
    if let Some(at) = input.ids.iter().position(|id| !seen.insert(*id)) {
        checks.fail(format!("ids[{at}]"), "was named before");
    }
    let add_tags = check_tags(&mut checks, "addTags", &input.add_tags);
    let remove_tags = check_tags(&mut checks, "removeTags", &input.remove_tags);
    if let Some(tag) = add_tags.iter().find(|tag| remove_tags.contains(tag)) {
        checks.fail("removeTags", format!("{tag:?} is added as well"));
    }
    let snooze = input.snooze.clone().map(|snooze| NewSnooze::check(snooze, &mut checks, now));
    if let Some(status) = input.status {
        Snooze::check_status(&mut checks, snooze, status);
    }
    let changes = input.status.is_some()
        || input.priority.is_some()
        || input.assignee_id.is_some()
        || input.team_id.is_some()
        || input.snooze.is_some()
        || !add_tags.is_empty()
        || !remove_tags.is_empty();
    if changes == input.delete {
        checks.fail(".", "must say what is to change, or `delete` alone");
    }
    checks.finish()?;
    let (status, priority, delete) = (input.status, input.priority, input.delete);
    let ownership = Ownership::default();
    Ok(Checked { delete, status, priority, ownership, add_tags, remove_tags, snooze })
}

impl Command for ChangeTickets {
    type Output = Answered<BulkResults>;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Answered<BulkResults>> {
        const OPERATION: &str = "changeTickets";
        let Self { principal, origin, input, idempotency } = self;
        policy::require(&principal, Deed::UpdateTicket, Subject::Company)?;
        let mut wanted = check(&input, tx.now())?;
        if let Some(before) = idempotency::replay(tx, principal.user, OPERATION, idempotency.as_ref()).await?
        {
            return Ok(before);
        }
        wanted.ownership = Ownership::find(tx, input.assignee_id, input.team_id).await?;
        let mut results = Vec::with_capacity(input.ids.len());
        for ids in input.ids.chunks(READ_AT_ONCE) {
            let mut tickets = load_many(tx, ids).await?;
            for id in ids {
                let ticket = tickets.remove(id).ok_or(Error::NotFound);
                let done = match ticket {
                    Ok(ticket) => do_one(tx, &principal, &origin, &mut wanted, &ticket).await,
                    Err(missing) => Err(missing),
                };
                results.push(answer(*id, done)?);
            }
        }
        let answer = BulkResults { results };
        idempotency::remember(tx, principal.user, OPERATION, idempotency, &answer)?;
        Ok(Answered::now(answer))
    }
}

/// One ticket's answer. What is no ticket's fault ends the whole: nothing has happened then.
fn answer(id: TicketId, done: Result<(BulkOutcome, Option<i64>)>) -> Result<BulkResult> {
    let code = match done {
        Ok((outcome, version)) => return Ok(BulkResult { id, outcome, version, code: None }),
        Err(Error::NotFound) => "not_found",
        Err(Error::Forbidden(_)) => "forbidden",
        Err(Error::Validation(_)) => "validation_failed",
        Err(Error::Conflict { code, .. }) => code,
        Err(other) => return Err(other),
    };
    Ok(BulkResult { id, outcome: BulkOutcome::Refused, version: None, code: Some(code.to_owned()) })
}

async fn load_many(tx: &mut impl TenantTx, ids: &[TicketId]) -> Result<HashMap<TicketId, Ticket>> {
    let places: Vec<String> = (1..=READ_AT_ONCE).map(|place| format!("${place}")).collect();
    let sql = format!("{} WHERE t.id IN ({})", select_ticket!(""), places.join(", "));
    // Always as many, so that it is one statement: the last again for those that are missing.
    let mut params: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    if let Some(last) = ids.last() {
        params.resize(READ_AT_ONCE, Value::from(*last));
    }
    let tenant = tx.tenant();
    let tickets =
        tx.query(&sql, &params, |row| TicketRow::read(tenant, TicketScope::All, row)?.into_ticket()).await?;
    Ok(tickets.into_iter().map(|ticket| (ticket.id, ticket)).collect())
}

/// Everything that can refuse comes before everything that changes.
async fn do_one(
    tx: &mut impl TenantTx,
    principal: &Principal,
    origin: &Origin,
    wanted: &mut Checked,
    ticket: &Ticket,
) -> Result<(BulkOutcome, Option<i64>)> {
    let subject = Subject::TicketOf(ticket.requester.id);
    if wanted.delete {
        policy::require(principal, Deed::DeleteTicket, subject)?;
        delete(tx, origin.clone(), ticket).await?;
        return Ok((BulkOutcome::Deleted, None));
    }
    policy::require(principal, Deed::UpdateTicket, subject)?;
    ticket.require_unmerged()?;
    let mut checks = Checks::default();
    Snooze::check_status(&mut checks, wanted.snooze, wanted.status.unwrap_or(ticket.status));
    checks.finish()?;
    let mut changes = Changes {
        snooze: wanted.snooze,
        status: wanted.status,
        priority: wanted.priority,
        tags: tags_after(wanted, &ticket.tags)?,
        ..Changes::default()
    };
    wanted.ownership.apply(tx, ticket, &mut changes);
    let after = change(tx, origin.clone(), ticket, changes).await?;
    let outcome = if after.version == ticket.version { BulkOutcome::Unchanged } else { BulkOutcome::Changed };
    Ok((outcome, Some(after.version)))
}

fn tags_after(wanted: &Checked, before: &[String]) -> Result<Option<Vec<String>>> {
    if wanted.add_tags.is_empty() && wanted.remove_tags.is_empty() {
        return Ok(None);
    }
    let mut tags: Vec<String> = before.iter().chain(&wanted.add_tags).cloned().collect();
    tags.sort();
    tags.dedup();
    tags.retain(|tag| !wanted.remove_tags.contains(tag));
    if tags.len() > TAGS_MAX {
        return Err(Error::invalid("addTags", format!("it would have more than {TAGS_MAX} tags")));
    }
    Ok(Some(tags))
}
