//! Changing a ticket's fields: the decision is a pure function, the rest saves and records it.

use serde_json::{Map, Value as Json, json};

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::UserId,
    ledger,
    principal::Origin,
    ticket::{Person, Priority, Status, Ticket, create::INSERT_TAG},
    time::Timestamp,
    tx::TenantTx,
};

/// New values, already checked; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// A new title.
    pub title: Option<String>,
    /// A new description.
    pub description: Option<String>,
    /// A new status.
    pub status: Option<Status>,
    /// A new priority.
    pub priority: Option<Priority>,
    /// A new assignee, or none.
    pub assignee: Option<Option<Person>>,
    /// New tags, sorted.
    pub tags: Option<Vec<String>>,
}

/// The ticket after `changes` at `now`, and what really differs: `{field: {from, to}}`.
fn decide(before: &Ticket, changes: Changes, now: Timestamp) -> (Ticket, Map<String, Json>) {
    let mut after = before.clone();
    let mut differs = Map::new();
    let mut note = |field: &str, from: Json, to: Json| {
        differs.insert(field.to_owned(), json!({ "from": from, "to": to }));
    };
    if let Some(title) = changes.title.filter(|v| *v != before.title) {
        note("title", json!(before.title), json!(title));
        after.title = title;
    }
    if let Some(description) = changes.description.filter(|v| *v != before.description) {
        note("description", json!(before.description), json!(description));
        after.description = description;
    }
    if let Some(status) = changes.status.filter(|v| *v != before.status) {
        note("status", json!(before.status), json!(status));
        after.status = status;
        after.resolved_at = if status.is_live() { None } else { before.resolved_at.or(Some(now)) };
    }
    if let Some(priority) = changes.priority.filter(|v| *v != before.priority) {
        note("priority", json!(before.priority), json!(priority));
        after.priority = priority;
    }
    let assignee_id = |person: &Option<Person>| person.as_ref().map(|p| p.id);
    if let Some(assignee) = changes.assignee.filter(|v| assignee_id(v) != assignee_id(&before.assignee)) {
        note("assignee", json!(before.assignee), json!(assignee));
        after.assignee = assignee;
    }
    if let Some(tags) = changes.tags.filter(|v| *v != before.tags) {
        note("tags", json!(before.tags), json!(tags));
        after.tags = tags;
    }
    if !differs.is_empty() {
        after.version += 1;
        after.updated_at = now;
    }
    (after, differs)
}

const UPDATE: &str = "UPDATE tickets SET title = $2, description = $3, status = $4, priority = $5,
    assignee_id = $6, tags = $7, version = $8, updated_at = $9, resolved_at = $10 WHERE id = $1";
const DELETE_TAGS: &str = "DELETE FROM ticket_tags WHERE ticket_id = $1";

/// Changes a ticket and records what differs; without a difference nothing happens. Whoever calls
/// it has asked the policy.
///
/// # Errors
/// When the store fails.
pub async fn change(
    tx: &mut impl TenantTx,
    origin: Origin,
    before: &Ticket,
    changes: Changes,
) -> Result<Ticket> {
    let (after, differs) = decide(before, changes, tx.now());
    if differs.is_empty() {
        return Ok(after);
    }
    let tags = serde_json::to_string(&after.tags).map_err(|e| crate::Error::Internal(e.to_string()))?;
    let assignee: Option<UserId> = after.assignee.as_ref().map(|p| p.id);
    tx.put(
        UPDATE,
        vec![
            after.id.into(),
            after.title.as_str().into(),
            after.description.as_str().into(),
            after.status.as_str().into(),
            after.priority.code().into(),
            assignee.into(),
            tags.into(),
            after.version.into(),
            after.updated_at.into(),
            after.resolved_at.into(),
        ],
    );
    if differs.contains_key("tags") {
        tx.put(DELETE_TAGS, vec![after.id.into()]);
        for tag in &after.tags {
            tx.put(INSERT_TAG, vec![tag.as_str().into(), after.id.into()]);
        }
    }
    if differs.contains_key("title") || differs.contains_key("description") {
        let search = tx.search();
        tx.put(search.remove, vec![after.number.into(), 0_i64.into()]);
        let text = (search.document)(&format!("{}\n{}", after.title, after.description));
        let nothing = None::<&str>;
        tx.put(
            search.add,
            vec![after.number.into(), 0_i64.into(), text.into(), nothing.into(), nothing.into()],
        );
    }
    let data = json!({
        "number": after.number,
        "title": after.title,
        "version": after.version,
        "changes": differs,
    });
    let draft = EventDraft {
        action: Action::TicketUpdated,
        audience: Audience::Requester,
        origin,
        ticket: Some(after.id),
        requester: Some(after.requester.id),
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(after)
}
