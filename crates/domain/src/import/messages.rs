//! Taking messages: those in their ticket's document, and those that have one of their own.

use std::collections::BTreeMap;

use serde_json::json;
use uuid::Uuid;

use crate::{
    error::Result,
    event::{Action, Audience, EventDraft},
    id::{MessageId, TicketId},
    import::{
        Author, Facts, IncomingMessage, Kind, LooseMessage, Outcome, Remark, Rules,
        facts::{FoundRow, Wanted},
        people::{check_source_id, remember},
        text::{fit_line, split_text},
        tickets::past,
    },
    ledger,
    principal::{Actor, ActorKind, Origin},
    text::is_blank,
    time::Timestamp,
    tx::{TenantTx, Value},
    user::NAME_MAX,
};

/// A message to be written.
pub(super) struct NewMessage {
    pub(super) author: Actor,
    pub(super) body: String,
    pub(super) internal: bool,
    pub(super) created_at: Timestamp,
}

/// Messages to be written from a document of their own.
pub(super) struct New {
    source_id: String,
    ticket: Uuid,
    messages: Vec<NewMessage>,
}

/// Who it was: a person of the company, or a name.
pub(super) fn find_author(facts: &Facts, field: &str, author: Author, remarks: &mut Vec<Remark>) -> Actor {
    if let Some(found) = author.person.as_ref().and_then(|person| facts.find(person)) {
        return Actor::user(found.id, &found.name);
    }
    let named = author.name.filter(|name| !is_blank(name));
    let named = named.map(|name| fit_line(field, name, NAME_MAX, remarks).0);
    let name = match (named, author.person) {
        (Some(name), Some(person)) => {
            let reason = format!("{person} is no person of this company: only the name {name:?} is kept");
            remarks.push(Remark::left_out(field, reason));
            name
        }
        (Some(name), None) => name,
        (None, Some(person)) => {
            remarks.push(Remark::left_out(field, format!("{person} is no person of this company")));
            "?".to_owned()
        }
        (None, None) => {
            remarks.push(Remark::left_out(field, "nobody is named"));
            "?".to_owned()
        }
    };
    Actor { kind: ActorKind::User, id: None, name }
}

/// A message, in as many pieces as its text needs; none if there is nothing to read.
pub(super) fn fit_message(
    facts: &Facts,
    field: &str,
    message: IncomingMessage,
    otherwise_at: Timestamp,
    now: Timestamp,
    remarks: &mut Vec<Remark>,
) -> Vec<NewMessage> {
    if is_blank(&message.body) {
        remarks.push(Remark::left_out(field, "it has no text"));
        return Vec::new();
    }
    let author = find_author(facts, &format!("{field}.author"), message.author, remarks);
    let created_at = past(message.created_at, now, &format!("{field}.createdAt"), remarks);
    let created_at = created_at.unwrap_or(otherwise_at);
    split_text(&format!("{field}.body"), message.body, remarks)
        .into_iter()
        .map(|body| NewMessage { author: author.clone(), body, internal: message.internal, created_at })
        .collect()
}

pub(super) fn wanted(documents: &[LooseMessage]) -> Wanted {
    let mut wanted = Wanted::default();
    for document in documents {
        wanted.documents.push((Kind::Message, document.source_id.clone()));
        wanted.tickets.insert(document.ticket.clone());
        wanted.person(document.message.author.person.as_ref());
    }
    wanted
}

pub(super) fn decide(facts: &mut Facts, document: LooseMessage, now: Timestamp) -> (Outcome, Option<New>) {
    let LooseMessage { source_id, ticket, message } = document;
    if facts.known.contains(&(Kind::Message, source_id.clone())) {
        return (Outcome::known(), None);
    }
    let mut remarks = Vec::new();
    let refuse = |remarks, why| (Outcome::refused(remarks, why), None);
    if let Some(why) = check_source_id(&source_id) {
        return refuse(remarks, why);
    }
    let Some(found) = facts.tickets.get(&ticket) else {
        return refuse(remarks, Remark::refused("ticket", format!("{ticket} is no ticket of this company")));
    };
    let ticket = found.id;
    if found.row.is_none() {
        return refuse(remarks, Remark::refused("ticket", "it has been deleted here"));
    }
    let messages = fit_message(facts, "message", message, now, now, &mut remarks);
    if messages.is_empty() {
        return refuse(Vec::new(), Remark::refused("body", "it has no text"));
    }
    facts.known.insert((Kind::Message, source_id.clone()));
    let outcome = Outcome::taken(&messages, remarks);
    (outcome, Some(New { source_id, ticket, messages }))
}

pub(super) fn put_message(
    tx: &mut impl TenantTx,
    ticket: TicketId,
    number: i64,
    ordinal: i64,
    id: MessageId,
    message: &NewMessage,
) {
    const INSERT: &str = "INSERT INTO messages
        (ticket_id, ordinal, id, author_kind, author_id, author_name, body, internal, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.put(
        INSERT,
        vec![
            ticket.into(),
            ordinal.into(),
            id.into(),
            message.author.kind.as_str().into(),
            message.author.id.into(),
            message.author.name.as_str().into(),
            message.body.as_str().into(),
            message.internal.into(),
            message.created_at.into(),
        ],
    );
    let search = tx.search();
    let searched = (search.document)(&message.body);
    let (public, note) = if message.internal { (None, Some(searched)) } else { (Some(searched), None) };
    tx.put(search.add, vec![number.into(), ordinal.into(), Value::Null, public.into(), note.into()]);
}

/// Records that messages of a ticket were brought along: what the requester may read, and apart from it
/// what they must not know of.
pub(super) async fn record_messages(
    tx: &mut impl TenantTx,
    origin: &Origin,
    rules: &Rules,
    ticket: TicketId,
    row: &FoundRow,
    messages: &[NewMessage],
) -> Result<()> {
    for internal in [false, true] {
        let some: Vec<&NewMessage> = messages.iter().filter(|m| m.internal == internal).collect();
        let (Some(first), Some(last)) = (some.first(), some.last()) else { continue };
        let data = json!({
            "number": row.number,
            "title": row.title,
            "internal": internal,
            "messages": some.len(),
            "firstAt": first.created_at,
            "lastAt": last.created_at,
            "source": rules.source,
        });
        let draft = EventDraft {
            action: Action::MessageImported,
            audience: if internal { Audience::Staff } else { Audience::Requester },
            origin: origin.clone(),
            ticket: Some(ticket),
            requester: Some(row.requester),
            data: data.to_string(),
        };
        ledger::record(tx, draft).await?;
    }
    Ok(())
}

/// Writes messages that have documents of their own, ticket by ticket.
pub(super) async fn write(
    tx: &mut impl TenantTx,
    origin: &Origin,
    rules: &Rules,
    facts: &Facts,
    all: Vec<New>,
) -> Result<()> {
    const COUNT: &str =
        "UPDATE tickets SET message_count = $2, public_count = $3, updated_at = $4 WHERE id = $1";
    let rows: BTreeMap<Uuid, &FoundRow> =
        facts.tickets.values().filter_map(|found| Some((found.id, found.row.as_ref()?))).collect();
    let mut by_ticket: BTreeMap<Uuid, Vec<NewMessage>> = BTreeMap::new();
    for New { source_id, ticket, messages } in all {
        remember(tx, &rules.source, Kind::Message, &source_id, ticket);
        by_ticket.entry(ticket).or_default().extend(messages);
    }
    for (ticket, mut messages) in by_ticket {
        let Some(row) = rows.get(&ticket) else { continue };
        messages.sort_by_key(|message| message.created_at);
        let (mut all, mut public, mut updated_at) = (row.messages, row.public, row.updated_at);
        let ticket = TicketId(ticket);
        for message in &messages {
            all += 1;
            public += i64::from(!message.internal);
            updated_at = updated_at.max(message.created_at.0);
            let id = MessageId(tx.new_id());
            put_message(tx, ticket, row.number, all, id, message);
        }
        tx.put(COUNT, vec![ticket.into(), all.into(), public.into(), updated_at.into()]);
        record_messages(tx, origin, rules, ticket, row, &messages).await?;
    }
    Ok(())
}
