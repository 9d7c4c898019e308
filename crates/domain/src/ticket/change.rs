//! Changing a ticket's fields: the decision is a pure function, the rest saves and records it.

use serde_json::{Map, Value as Json, json, value::RawValue};

use crate::{
    attachment,
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    fields::{Definitions, Required},
    id::{TeamId, TicketId, UserId},
    ledger,
    principal::{Origin, Role},
    team::{Giving, Rota, TeamName, find_team},
    text::Checks,
    ticket::{Person, Priority, Snooze, Status, Ticket, create::INSERT_TAG, find_assignee},
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
    /// Another team, or none.
    pub team: Option<Option<TeamName>>,
    /// To whom the team's rule has given it.
    pub(crate) given: Option<Giving>,
    /// New tags, sorted.
    pub tags: Option<Vec<String>>,
    /// New values of custom fields, not yet checked; null takes one away.
    pub custom_fields: Option<Map<String, Json>>,
    /// Until when it is put aside, or that it no longer is.
    pub snooze: Option<Option<Snooze>>,
}

/// What a request says of whose a ticket is to be: looked up once for all tickets that it names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ownership {
    assignee: Option<Option<Person>>,
    team: Option<Option<TeamName>>,
    /// Of the team, when it says nothing of a person.
    rota: Option<Rota>,
}

impl Ownership {
    /// Looks up whom and which team a request names.
    ///
    /// # Errors
    /// [`Error::Validation`] when there is no such person or team; else when the store fails.
    pub(crate) async fn find(
        tx: &mut impl TenantTx,
        assignee: Option<Option<UserId>>,
        team: Option<Option<TeamId>>,
    ) -> Result<Self> {
        let assignee = match assignee {
            Some(Some(id)) => Some(Some(find_assignee(tx, id).await?)),
            Some(None) => Some(None),
            None => None,
        };
        let rota = match team {
            Some(Some(id)) => Some(Rota::load(tx, id).await?),
            Some(None) | None => None,
        };
        let team = team.map(|_| rota.as_ref().map(|rota| rota.team.clone()));
        let rota = rota.filter(|_| assignee.is_none());
        Ok(Self { assignee, team, rota })
    }

    /// Says it of one ticket. Whoever calls it saves the changes, since somebody may have had their turn.
    pub(crate) fn apply(&mut self, tx: &mut impl TenantTx, ticket: &Ticket, changes: &mut Changes) {
        changes.assignee.clone_from(&self.assignee);
        changes.team.clone_from(&self.team);
        changes.given = self.rota.as_mut().and_then(|rota| rota.give_again(tx, ticket, changes.status));
        if let Some(given) = &changes.given {
            changes.assignee = Some(given.to.clone());
        }
    }

    /// Says it of a ticket that is being raised.
    pub(crate) fn of_new(
        mut self,
        tx: &mut impl TenantTx,
    ) -> (Option<Person>, Option<TeamName>, Option<Giving>) {
        let given = self.rota.as_mut().and_then(|rota| rota.give(tx));
        let assignee = self.assignee.flatten().or_else(|| given.as_ref().and_then(|given| given.to.clone()));
        (assignee, self.team.flatten(), given)
    }
}

/// What the company's fields let be changed of a ticket: the values afterwards, if any of them differs.
async fn decide_fields(
    tx: &mut impl TenantTx,
    before: &Ticket,
    changes: &Changes,
) -> Result<(Definitions, Option<Map<String, Json>>)> {
    let solves = before.status.is_live() && changes.status.is_some_and(|status| !status.is_live());
    if changes.custom_fields.is_none() && !solves {
        return Ok((Definitions::default(), None));
    }
    let fields = Definitions::load(tx).await?;
    let old: Map<String, Json> =
        serde_json::from_str(before.custom_fields.get()).map_err(|e| Error::Internal(e.to_string()))?;
    let mut checks = Checks::default();
    // Who may change a ticket works for the company; a workflow and Flowbit itself do as well.
    let new = match &changes.custom_fields {
        Some(given) => fields.merge(&mut checks, Role::Agent, &old, given),
        None => old.clone(),
    };
    if solves {
        fields.demand(&mut checks, Required::Solve, Role::Agent, &new);
    }
    checks.finish()?;
    let differs = new != old;
    Ok((fields, differs.then_some(new)))
}

/// What really differs: `{field: {from, to}}`, apart by who may know of it.
#[derive(Default)]
struct Differs {
    /// What the requester sees as well.
    shown: Map<String, Json>,
    /// Its team, that it is put aside, and values of fields that requesters do not see.
    hidden: Map<String, Json>,
}

/// The ticket after `changes` at `now`, and what differs; `values` are those of the custom fields, if any of them does.
fn decide(
    before: &Ticket,
    changes: Changes,
    (fields, values): (&Definitions, Option<Map<String, Json>>),
    now: Timestamp,
) -> Result<(Ticket, Differs)> {
    let mut after = before.clone();
    let mut differs = Differs::default();
    if let Some(values) = values {
        let broken = |e: serde_json::Error| Error::Internal(e.to_string());
        let old: Map<String, Json> = serde_json::from_str(before.custom_fields.get()).map_err(broken)?;
        for key in old.keys().chain(values.keys()).filter(|key| old.get(*key) != values.get(*key)) {
            let side = if fields.hides(key) { &mut differs.hidden } else { &mut differs.shown };
            side.insert(
                format!("customFields.{key}"),
                json!({ "from": old.get(key), "to": values.get(key) }),
            );
        }
        after.custom_fields = RawValue::from_string(Json::Object(values).to_string()).map_err(broken)?;
    }
    if let Some(team) = changes.team.filter(|team| *team != before.team) {
        differs.hidden.insert("team".to_owned(), json!({ "from": before.team, "to": team }));
        after.team = team;
    }
    let mut note = |field: &str, from: Json, to: Json| {
        differs.shown.insert(field.to_owned(), json!({ "from": from, "to": to }));
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
        after.reopen_until = after.resolved_at.and_then(|at| after.reopen_window.until(at));
    }
    // What is solved waits for nothing.
    let snooze = if after.status.is_live() { changes.snooze } else { Some(None) };
    let until = |snooze: &Option<Snooze>| snooze.as_ref().map(|snooze| snooze.until);
    if let Some(snooze) = snooze.filter(|v| until(v) != until(&before.snooze)) {
        differs.hidden.insert("snooze".to_owned(), json!({ "from": before.snooze, "to": snooze }));
        after.snooze = snooze;
    }
    let mut note = |field: &str, from: Json, to: Json| {
        differs.shown.insert(field.to_owned(), json!({ "from": from, "to": to }));
    };
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
    if !(differs.shown.is_empty() && differs.hidden.is_empty()) {
        after.version += 1;
        after.updated_at = now;
    }
    Ok((after, differs))
}

const UPDATE: &str = "UPDATE tickets SET title = $2, description = $3, status = $4, priority = $5,
    assignee_id = $6, tags = $7, version = $8, updated_at = $9, resolved_at = $10, custom_fields = $11,
    team_id = $12, snoozed_at = $13, snoozed_until = $14 WHERE id = $1";
const DELETE_TAGS: &str = "DELETE FROM ticket_tags WHERE ticket_id = $1";

/// Changes a ticket and records what differs; without a difference nothing happens. Whoever calls
/// it has asked the policy. The company's fields are asked here, for all who change tickets: whether new values are
/// sound, and whether a ticket that is to be solved has those that it must have.
///
/// # Errors
/// [`Error::Validation`] with the fields that are wrong or missing; else when the store fails.
pub async fn change(
    tx: &mut impl TenantTx,
    origin: Origin,
    before: &Ticket,
    changes: Changes,
) -> Result<Ticket> {
    let (fields, values) = decide_fields(tx, before, &changes).await?;
    let given = changes.given.clone();
    let opens = !before.status.is_live() && changes.status.is_some_and(Status::is_live);
    let mut changes = changes;
    if opens
        && changes.team.is_none()
        && let Some(team) = &before.team
        && find_team(tx, team.id).await?.is_none()
    {
        // It was solved when its team was removed.
        changes.team = Some(None);
    }
    let (after, Differs { shown: differs, hidden }) = decide(before, changes, (&fields, values), tx.now())?;
    if differs.is_empty() && hidden.is_empty() {
        return Ok(after);
    }
    let tags = serde_json::to_string(&after.tags).map_err(|e| Error::Internal(e.to_string()))?;
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
            after.custom_fields.get().into(),
            after.team.as_ref().map(|team| team.id).into(),
            after.snooze.map(|snooze| snooze.since).into(),
            after.snooze.and_then(|snooze| snooze.until).into(),
        ],
    );
    if differs.contains_key("tags") {
        put_tags(tx, after.id, &after.tags);
    }
    if differs.contains_key("title") || differs.contains_key("description") {
        let search = tx.search();
        tx.put(search.remove, vec![after.number.into(), 0_i64.into()]);
        let files = attachment::names(tx, after.id, 0).await?;
        let text = (search.document)(&format!("{}\n{}\n{files}", after.title, after.description));
        let nothing = None::<&str>;
        tx.put(
            search.add,
            vec![after.number.into(), 0_i64.into(), text.into(), nothing.into(), nothing.into()],
        );
    }
    // That a rule has chosen is the staff's to know, also where the team stays.
    let given = given.filter(|_| !hidden.is_empty() || differs.contains_key("assignee"));
    if !differs.is_empty() {
        record(tx, origin.clone(), &after, Audience::Requester, differs, None).await?;
    }
    if !hidden.is_empty() || given.is_some() {
        record(tx, origin, &after, Audience::Staff, hidden, given).await?;
    }
    Ok(after)
}

/// Records of a ticket that was raised for a team what its requester does not learn.
pub(super) async fn record_team(
    tx: &mut impl TenantTx,
    origin: Origin,
    ticket: &Ticket,
    given: Option<Giving>,
) -> Result<()> {
    let Some(team) = &ticket.team else { return Ok(()) };
    let change = json!({ "from": null, "to": team });
    let changes = Map::from_iter([("team".to_owned(), change)]);
    record(tx, origin, ticket, Audience::Staff, changes, given).await
}

/// Makes these the tags by which a ticket is found.
pub(super) fn put_tags(tx: &mut impl TenantTx, id: TicketId, tags: &[String]) {
    tx.put(DELETE_TAGS, vec![id.into()]);
    for tag in tags {
        tx.put(INSERT_TAG, vec![tag.as_str().into(), id.into()]);
    }
}

async fn record(
    tx: &mut impl TenantTx,
    origin: Origin,
    after: &Ticket,
    audience: Audience,
    changes: Map<String, Json>,
    given: Option<Giving>,
) -> Result<()> {
    let mut data = json!({
        "number": after.number,
        "title": after.title,
        "version": after.version,
        "changes": changes,
    });
    if let Some(Giving { rule, to }) = given {
        data["given"] = json!({ "rule": rule, "assignee": to });
    }
    let draft = EventDraft {
        action: Action::TicketUpdated,
        audience,
        origin,
        ticket: Some(after.id),
        requester: Some(after.requester.id),
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
