//! Taking tickets, each with the conversation that stands in its document.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{MessageId, TicketId, UserId},
    import::{
        Facts, IncomingTicket, Kind, NUMBER_MAX, Outcome, PersonRef, Remark, Rules, SOURCE_ID_MAX,
        facts::{Found, FoundRow, FoundTicket, Wanted},
        is_source_id,
        messages::{NewMessage, fit_message, record_messages},
        people::{check_source_id, remember},
        text::{fit_title, split_text},
    },
    ledger,
    principal::{Actor, Origin},
    text::{Checks, fold_email},
    ticket::{Person, Priority, Status, check_tags},
    time::Timestamp,
    tx::{TenantTx, Value},
};

/// The most that custom fields hold, in bytes of JSON.
const CUSTOM_FIELDS_MAX: usize = 16 * 1024;
/// So many tags, of so many characters.
const TAGS_MAX: usize = 20;
const TAG_MAX: usize = 40;

/// A ticket to be written.
pub(super) struct New {
    id: TicketId,
    source_id: String,
    /// Its number; none: the next one.
    number: Option<i64>,
    source_number: Option<String>,
    title: String,
    description: String,
    status: Status,
    priority: Priority,
    tags: Vec<String>,
    custom_fields: String,
    requester: UserId,
    assignee: Option<Person>,
    created_at: Timestamp,
    updated_at: Timestamp,
    resolved_at: Option<Timestamp>,
    messages: Vec<NewMessage>,
}

pub(super) fn wanted(documents: &[IncomingTicket], rules: &Rules) -> Wanted {
    let mut wanted = Wanted::default();
    for document in documents {
        wanted.tickets.insert(document.source_id.clone());
        wanted.person(document.requester.as_ref());
        wanted.person(document.assignee.as_ref());
        for message in &document.messages {
            wanted.person(message.author.person.as_ref());
        }
        wanted.numbers.extend(document.number.as_deref().and_then(plain_number));
    }
    wanted.emails.extend(rules.fallback_requester.as_deref().map(fold_email));
    wanted
}

/// A number that a ticket can have here.
fn plain_number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|n| digits && (1..=NUMBER_MAX).contains(n))
}

pub(super) fn decide(
    facts: &mut Facts,
    rules: &Rules,
    mut ticket: IncomingTicket,
    id: Uuid,
    now: Timestamp,
) -> (Outcome, Option<Box<New>>) {
    if facts.tickets.contains_key(&ticket.source_id) {
        return (Outcome::known(), None);
    }
    let mut remarks = Vec::new();
    if let Some(why) = check_source_id(&ticket.source_id) {
        return (Outcome::refused(remarks, why), None);
    }
    let requester = match find_requester(facts, rules, ticket.requester.as_ref(), &mut remarks) {
        Ok(requester) => requester,
        Err(why) => return (Outcome::refused(remarks, why), None),
    };
    let Some((title, whole_title)) = fit_title(ticket.title, &ticket.description, &mut remarks) else {
        let why = Remark::refused("title", "there is neither a title nor a text");
        return (Outcome::refused(remarks, why), None);
    };
    let assignee = find_assignee(facts, ticket.assignee.as_ref(), &mut remarks);
    let number = choose_number(facts, &mut ticket.number, &mut remarks);
    let created_at = past(ticket.created_at, now, "createdAt", &mut remarks).unwrap_or(now);
    let mut texts = split_text("description", ticket.description, &mut remarks).into_iter();
    let description = texts.next().unwrap_or_default();
    let mut messages: Vec<NewMessage> = texts
        .map(|body| NewMessage {
            author: Actor::user(requester.id, &requester.name),
            body,
            internal: false,
            created_at,
        })
        .collect();
    for (place, message) in ticket.messages.into_iter().enumerate() {
        let field = format!("messages[{place}]");
        messages.extend(fit_message(facts, &field, message, created_at, now, &mut remarks));
    }
    // Oldest first; what is of one moment stays in its order.
    messages.sort_by_key(|message| message.created_at);
    let last = messages.iter().map(|message| message.created_at).max();
    let updated_at = past(ticket.updated_at, now, "updatedAt", &mut remarks).or(last).unwrap_or(created_at);
    let updated_at = updated_at.max(created_at);
    let resolved_at = past(ticket.resolved_at, now, "resolvedAt", &mut remarks);
    let resolved_at = if ticket.status.is_live() { None } else { Some(resolved_at.unwrap_or(updated_at)) };
    let mut fields = fit_values(facts, ticket.custom_fields, &mut remarks);
    let lost_number = if number.is_none() { ticket.number.clone() } else { None };
    fields.extend(whole_title.map(|whole| ("sourceTitle".to_owned(), Json::from(whole))));
    fields.extend(lost_number.map(|number| ("sourceNumber".to_owned(), Json::from(number))));
    let custom_fields = fit_fields(fields, &mut remarks);
    let tags = fit_tags(ticket.tags, &mut remarks);
    let row = FoundRow {
        number: number.unwrap_or(0),
        title: title.clone(),
        requester: requester.id,
        messages: 0,
        public: 0,
        updated_at: updated_at.0,
    };
    facts.tickets.insert(ticket.source_id.clone(), FoundTicket { id, row: Some(row) });
    let outcome = Outcome::taken(&messages, remarks);
    let new = New {
        id: TicketId(id),
        source_id: ticket.source_id,
        number,
        source_number: ticket.number,
        title,
        description,
        status: ticket.status,
        priority: ticket.priority,
        tags,
        custom_fields,
        requester: requester.id,
        assignee,
        created_at,
        updated_at,
        resolved_at,
        messages,
    };
    (outcome, Some(Box::new(new)))
}

fn find_requester(
    facts: &Facts,
    rules: &Rules,
    named: Option<&PersonRef>,
    remarks: &mut Vec<Remark>,
) -> Result<Found, Remark> {
    if let Some(found) = named.and_then(|named| facts.find(named)) {
        return Ok(found.clone());
    }
    let reason = match named {
        Some(named) => format!("{named} is no person of this company"),
        None => "nobody is named".to_owned(),
    };
    let fallback = rules.fallback_requester.clone().map(PersonRef::Email);
    match fallback.and_then(|person| facts.find(&person).cloned()) {
        Some(found) => {
            remarks.push(Remark::changed("requester", format!("{reason}: it is {}'s", found.name)));
            Ok(found)
        }
        None => Err(Remark::refused("requester", reason)),
    }
}

fn find_assignee(facts: &Facts, named: Option<&PersonRef>, remarks: &mut Vec<Remark>) -> Option<Person> {
    let named = named?;
    match facts.find(named) {
        Some(found) if found.role.is_staff() => Some(Person { id: found.id, name: found.name.clone() }),
        Some(found) => {
            let reason = format!("{} is neither agent nor admin", found.name);
            remarks.push(Remark::left_out("assignee", reason));
            None
        }
        None => {
            remarks.push(Remark::left_out("assignee", format!("{named} is no person of this company")));
            None
        }
    }
}

/// Its number, if it can have that; one that is no number's length is not kept at all.
fn choose_number(facts: &mut Facts, number: &mut Option<String>, remarks: &mut Vec<Remark>) -> Option<i64> {
    if number.as_ref().is_some_and(|text| !is_source_id(text)) {
        *number = None;
        let reason = format!("it must be 1 to {SOURCE_ID_MAX} bytes without control characters");
        remarks.push(Remark::left_out("number", reason));
    }
    let text = number.as_deref()?;
    let reason = match plain_number(text) {
        Some(number) if facts.numbers.insert(number) => return Some(number),
        Some(_) => format!("{text} is another ticket's"),
        None => format!("{text:?} is no whole number from 1 to {NUMBER_MAX}"),
    };
    let reason = format!("{reason}: it gets a new one, and its own is the custom field sourceNumber");
    remarks.push(Remark::changed("number", reason));
    None
}

/// A moment that has been. One that has not is no time at which something happened.
pub(super) fn past(
    at: Option<Timestamp>,
    now: Timestamp,
    field: &str,
    remarks: &mut Vec<Remark>,
) -> Option<Timestamp> {
    let at = at?;
    if at <= now {
        return Some(at);
    }
    remarks.push(Remark::left_out(field, format!("{at} is in the future")));
    None
}

/// Only values that the company's own fields take. What is missing is no fault of what has long been.
fn fit_values(
    facts: &Facts,
    given: serde_json::Map<String, Json>,
    remarks: &mut Vec<Remark>,
) -> serde_json::Map<String, Json> {
    let mut kept = serde_json::Map::new();
    for (key, value) in given {
        match facts.fields.fit(&key, &value) {
            Ok(value) => drop(kept.insert(key, value)),
            Err(why) => remarks.push(Remark::left_out(format!("customFields.{key}"), why)),
        }
    }
    kept
}

fn fit_fields(mut fields: serde_json::Map<String, Json>, remarks: &mut Vec<Remark>) -> String {
    let mut text = Json::Object(fields.clone()).to_string();
    if text.contains("\\u0000") {
        fields.retain(|name, value| {
            let sound = !json!({ name: value }).to_string().contains("\\u0000");
            if !sound {
                remarks.push(Remark::left_out("customFields", format!("{name:?} has U+0000 in it")));
            }
            sound
        });
        text = Json::Object(fields).to_string();
    }
    if text.len() > CUSTOM_FIELDS_MAX {
        let reason = format!("they take {} bytes; at most {CUSTOM_FIELDS_MAX} are kept", text.len());
        remarks.push(Remark::left_out("customFields", reason));
        return "{}".to_owned();
    }
    text
}

fn fit_tags(tags: Vec<String>, remarks: &mut Vec<Remark>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for tag in tags {
        let mut checks = Checks::default();
        let line = checks.line("tags", &tag, TAG_MAX);
        if checks.finish().is_ok() {
            kept.push(line);
        } else {
            let reason = format!("{tag:?} is not one line of 1 to {TAG_MAX} characters");
            remarks.push(Remark::left_out("tags", reason));
        }
    }
    let mut kept = check_tags(&mut Checks::default(), "tags", &kept);
    if kept.len() > TAGS_MAX {
        let rest = kept.split_off(TAGS_MAX);
        remarks.push(Remark::left_out("tags", format!("more than {TAGS_MAX}: {}", rest.join(", "))));
    }
    kept
}

pub(super) async fn write(tx: &mut impl TenantTx, origin: &Origin, rules: &Rules, new: New) -> Result<()> {
    const INSERT: &str = "INSERT INTO tickets (number, id, title, description, status, priority, tags,
        custom_fields, requester_id, assignee_id, message_count, public_count, version, created_at, updated_at,
        resolved_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15)";
    const INSERT_TAG: &str = "INSERT INTO ticket_tags (tag, ticket_id) VALUES ($1, $2)";
    let number = match new.number {
        Some(number) => number,
        None => tx.take_number().await?,
    };
    let count = |public: bool| {
        let counted = new.messages.iter().filter(|message| !(public && message.internal)).count();
        i64::try_from(counted).unwrap_or(i64::MAX)
    };
    let (all, public) = (count(false), count(true));
    let tags = serde_json::to_string(&new.tags).map_err(|e| Error::Internal(e.to_string()))?;
    let data = json!({
        "number": number,
        "title": new.title,
        "status": new.status,
        "priority": new.priority,
        "tags": new.tags,
        "assignee": new.assignee,
        "version": 1,
        "source": rules.source,
        "sourceId": new.source_id,
        "sourceNumber": new.source_number,
        "createdAt": new.created_at,
        "updatedAt": new.updated_at,
    });
    let search = tx.search();
    let searched = (search.document)(&format!("{}\n{}", new.title, new.description));
    tx.put(
        INSERT,
        vec![
            number.into(),
            new.id.into(),
            new.title.as_str().into(),
            new.description.into(),
            new.status.as_str().into(),
            new.priority.code().into(),
            tags.into(),
            new.custom_fields.into(),
            new.requester.into(),
            new.assignee.map(|a| a.id).into(),
            all.into(),
            public.into(),
            new.created_at.into(),
            new.updated_at.into(),
            new.resolved_at.into(),
        ],
    );
    for tag in new.tags {
        tx.put(INSERT_TAG, vec![tag.into(), new.id.into()]);
    }
    tx.put(search.add, vec![number.into(), 0_i64.into(), searched.into(), Value::Null, Value::Null]);
    remember(tx, &rules.source, Kind::Ticket, &new.source_id, new.id.0);
    let draft = EventDraft {
        action: Action::TicketImported,
        audience: Audience::Requester,
        origin: origin.clone(),
        ticket: Some(new.id),
        requester: Some(new.requester),
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    let row = FoundRow {
        number,
        title: new.title,
        requester: new.requester,
        messages: 0,
        public: 0,
        updated_at: new.updated_at.0,
    };
    for (ordinal, message) in (1_i64..).zip(&new.messages) {
        let id = MessageId(tx.new_id());
        super::messages::put_message(tx, new.id, number, ordinal, id, message);
    }
    record_messages(tx, origin, rules, new.id, &row, &new.messages).await
}
