//! Taking the history of another program: as its word, in the data of an event that says so. The ledger
//! did not see any of it.

use serde_json::json;

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::{TicketId, UserId},
    import::{
        Facts, IncomingEntry, Kind, Outcome, PersonRef, Remark, Rules,
        facts::Wanted,
        is_source_id,
        people::{check_source_id, remember},
        text::fit_line,
    },
    ledger,
    principal::Origin,
    text::is_blank,
    tx::TenantTx,
    user::NAME_MAX,
};

/// The most that an entry's details hold, in bytes of JSON.
const DETAILS_MAX: usize = 64 * 1024;
/// The longest name of what happened, in characters.
const ACTION_MAX: usize = 200;

/// An entry to be written.
pub(super) struct New {
    entry: IncomingEntry,
    user: Option<UserId>,
    user_name: Option<String>,
    ticket: Option<(TicketId, Option<UserId>)>,
}

pub(super) fn wanted(documents: &[IncomingEntry]) -> Wanted {
    let mut wanted = Wanted::default();
    for document in documents {
        wanted.documents.push((Kind::Entry, document.source_id.clone()));
        wanted.tickets.extend(document.ticket.clone());
        wanted.person(document.actor.person.as_ref());
    }
    wanted
}

pub(super) fn decide(facts: &mut Facts, mut entry: IncomingEntry) -> (Outcome, Option<New>) {
    if facts.known.contains(&(Kind::Entry, entry.source_id.clone())) {
        return (Outcome::known(), None);
    }
    let mut remarks = Vec::new();
    if let Some(why) = check_source_id(&entry.source_id) {
        return (Outcome::refused(remarks, why), None);
    }
    if is_blank(&entry.action) {
        let why = Remark::refused("action", "it does not say what happened");
        return (Outcome::refused(remarks, why), None);
    }
    let (action, whole) = fit_line("action", entry.action, ACTION_MAX, &mut remarks);
    if whole.is_some() {
        remarks.push(Remark::left_out("action", format!("what is beyond {ACTION_MAX} characters")));
    }
    entry.action = action;
    entry.actor.name = entry.actor.name.map(|name| {
        let (name, whole) = fit_line("actor", name, NAME_MAX, &mut remarks);
        if whole.is_some() {
            remarks.push(Remark::left_out("actor", format!("what is beyond {NAME_MAX} characters")));
        }
        name
    });
    // No id of anything: nothing is lost but its letters.
    let is_id = |person: &PersonRef| is_source_id(&person.to_string());
    if entry.actor.person.as_ref().is_some_and(|person| !is_id(person)) {
        remarks.push(Remark::left_out("actor", "what names them is no id"));
        entry.actor.person = None;
    }
    if entry.ticket.as_ref().is_some_and(|ticket| !is_source_id(ticket)) {
        remarks.push(Remark::left_out("ticket", "what names it is no id"));
        entry.ticket = None;
    }
    let size = serde_json::Value::Object(entry.details.clone()).to_string().len();
    if size > DETAILS_MAX {
        let reason = format!("they take {size} bytes; at most {DETAILS_MAX} are kept");
        remarks.push(Remark::left_out("details", reason));
        entry.details.clear();
    }
    let found = entry.actor.person.as_ref().and_then(|person| facts.find(person));
    let (user, user_name) = (found.map(|found| found.id), found.map(|found| found.name.clone()));
    let ticket = match &entry.ticket {
        None => None,
        Some(source_id) => match facts.tickets.get(source_id) {
            Some(found) => Some((TicketId(found.id), found.row.as_ref().map(|row| row.requester))),
            None => {
                let reason = format!("{source_id} is no ticket of this company: the entry stands by itself");
                remarks.push(Remark::changed("ticket", reason));
                None
            }
        },
    };
    facts.known.insert((Kind::Entry, entry.source_id.clone()));
    (Outcome::taken(&[], remarks), Some(New { entry, user, user_name, ticket }))
}

pub(super) async fn write(tx: &mut impl TenantTx, origin: &Origin, rules: &Rules, new: New) -> Result<()> {
    let New { entry, user, user_name, ticket } = new;
    let data = json!({
        "source": rules.source,
        "sourceId": entry.source_id,
        "action": entry.action,
        "at": entry.at,
        "actor": {
            "userId": user,
            "name": entry.actor.name.or(user_name),
            "sourceId": entry.actor.person.map(|person| person.to_string()),
        },
        "sourceTicketId": entry.ticket,
        "details": entry.details,
    });
    let draft = EventDraft {
        action: Action::HistoryImported,
        // What it is about the source alone knows. A ticket's is the staff's, who see all tickets.
        audience: if ticket.is_some() { Audience::Staff } else { Audience::Admins },
        origin: origin.clone(),
        ticket: ticket.map(|(ticket, _)| ticket),
        requester: ticket.and_then(|(_, requester)| requester),
        data: data.to_string(),
    };
    let event = ledger::record(tx, draft).await?;
    remember(tx, &rules.source, Kind::Entry, &entry.source_id, event.0);
    Ok(())
}
