//! The conversation of a ticket: public messages and internal notes.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    attachment::{self, Attachment},
    draft,
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{AttachmentId, MessageId, TicketId, UserId},
    idempotency::{self, Answered, IdempotencyKey},
    ledger, patch,
    policy::{self, Deed, Subject, TicketScope},
    principal::{Actor, Origin, Principal, Role},
    rich::RichText,
    text::Checks,
    ticket::{Changes, Person, Status, TEXT_MAX, Ticket, change, damaged, load},
    time::Timestamp,
    tx::{Command, TenantTx, Value},
};

mod list;

pub use list::ListMessages;

/// How many people a message may name.
const MENTIONS_MAX: usize = 20;

/// A message in a ticket's conversation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Where it stands.
    pub ticket_id: TicketId,
    /// Who wrote it.
    pub author: Actor,
    /// Its text.
    pub body: String,
    /// The same with its formatting, as sanitised HTML; null when it has none.
    #[serde(default)]
    #[schema(required)]
    pub html: Option<String>,
    /// Whether it is a note that the requester never sees.
    pub internal: bool,
    /// Whom it names, as `@` and the name stand in its text.
    #[serde(default)]
    pub mentions: Vec<Person>,
    /// The files that came with it.
    #[serde(default)]
    #[schema(required)]
    pub attachments: Vec<Attachment>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// What a new message says.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewMessage {
    /// Its text, 1 to 20,000 characters, or else `html`.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<String>, max_length = 20000, min_length = 1)]
    pub body: String,
    /// Its text with formatting, instead of `body`: HTML of at most 60,000 bytes and 3,000 tags, of which `p`, `br`,
    /// `strong`, `em`, `s`, `u`, `code`, `pre`, `blockquote`, `ul`, `ol`, `li` and `a` stay; `body` is made from it.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<String>, max_length = 60000)]
    pub html: Option<RichText>,
    /// Whether it is a note that the requester never sees (staff only).
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<bool>)]
    pub internal: bool,
    /// Whom it names, at most 20 (staff only): people who can read it, and are told of it.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<UserId>>, max_items = 20)]
    pub mentions: Vec<UserId>,
    /// Files that go with it, at most 20: your own uploads that were not sent yet.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<AttachmentId>>, max_items = 20)]
    pub attachments: Vec<AttachmentId>,
    /// The newest message that its writer had read, null when there was none. When another person has written since,
    /// it is a 409 `conversation_moved`. Left out, nothing is compared.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<MessageId>)]
    pub last_message_id: Option<Option<MessageId>>,
}

/// Adds a message to a ticket's conversation.
#[derive(Debug, Clone)]
pub struct CreateMessage {
    /// Who asks; becomes the author.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Which ticket.
    pub ticket: TicketId,
    /// What it says.
    pub input: NewMessage,
    /// The client's key, if the request may be repeated.
    pub idempotency: Option<IdempotencyKey>,
}

impl Command for CreateMessage {
    type Output = Answered<Message>;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Answered<Message>> {
        const OPERATION: &str = "createMessage";
        let Self { principal, origin, ticket, input, idempotency } = self;
        idempotency::ask_ahead(tx, principal.user, OPERATION, idempotency.as_ref());
        ledger::ask_ahead(tx, Action::MessageCreated);
        let ticket = load(tx, ticket).await?.ok_or(Error::NotFound)?;
        let subject = Subject::TicketOf(ticket.requester.id);
        policy::require(&principal, Deed::WriteMessage, subject)?;
        if input.internal {
            policy::require(&principal, Deed::UseInternalNotes, subject)?;
        }
        let mut checks = Checks::default();
        let (body, html) = check_said(&mut checks, &input.body, input.html);
        check_mentions(&mut checks, &input.mentions);
        attachment::check_count(&mut checks, &input.attachments);
        checks.finish()?;
        if let Some(before) = idempotency::replay(tx, principal.user, OPERATION, idempotency.as_ref()).await?
        {
            return Ok(before);
        }
        ticket.require_unmerged()?;
        let is_requester = policy::ticket_scope(&principal) != TicketScope::All;
        if is_requester {
            ticket.require_reopenable(tx.now())?;
        }
        if let Some(last) = input.last_message_id {
            require_read(tx, &principal, &ticket, last).await?;
        }
        let author = Actor::from(&principal);
        let mentions = find_mentioned(tx, &principal, &ticket, input.internal, &input.mentions).await?;
        draft::forget(tx, principal.user, ticket.id, input.internal);
        let new =
            New { author, body, html, internal: input.internal, mentions, attachments: input.attachments };
        let message = add(tx, origin.clone(), &ticket, new).await?;
        // An answer of the one who asked means that it is not settled, and wakes what waited for it; also of one of
        // the staff who has asked.
        let asks_again =
            is_requester && matches!(ticket.status, Status::Waiting | Status::Resolved | Status::Closed);
        let is_awaited = ticket.snooze.is_some() && !input.internal && principal.user == ticket.requester.id;
        if asks_again || is_awaited {
            let changes = Changes {
                status: asks_again.then_some(Status::Open),
                snooze: is_awaited.then_some(None),
                ..Changes::default()
            };
            change(tx, origin, &ticket, changes).await?;
        }
        idempotency::remember(tx, principal.user, OPERATION, idempotency, &message)?;
        Ok(Answered::now(message))
    }
}

const TAKE_ORDINAL: &str = "UPDATE tickets SET message_count = message_count + 1,
    public_count = public_count + $2, updated_at = $3 WHERE id = $1 RETURNING message_count";
const INSERT: &str = "INSERT INTO messages
    (ticket_id, ordinal, id, author_kind, author_id, author_name, body, internal, created_at, html)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const INSERT_MENTION: &str =
    "INSERT INTO message_mentions (ticket_id, ordinal, user_id, name, internal) VALUES ($1, $2, $3, $4, $5)";

/// What other people have said after a message of the conversation, or at all, as far as this person may read it. What
/// workflows say is no answer that crosses another.
const NEWER: &str = "SELECT m.author_name FROM messages m
    WHERE m.ticket_id = $1 AND m.author_kind = 'user' AND (m.author_id IS NULL OR m.author_id <> $3) AND (NOT m.internal OR $4)
        AND m.ordinal > COALESCE((SELECT s.ordinal FROM messages s
            WHERE s.ticket_id = $1 AND s.id = $2 AND (NOT s.internal OR $4)), 0)
    ORDER BY m.ordinal LIMIT 1";

/// Nobody answers past somebody else: whoever writes has read all that others had said. `last` is the newest message
/// that they know, none when they know of none.
///
/// # Errors
/// `conversation_moved` when somebody else has written since, or the store's.
pub(crate) async fn require_read(
    tx: &mut impl TenantTx,
    principal: &Principal,
    ticket: &Ticket,
    last: Option<MessageId>,
) -> Result<()> {
    let internal = policy::may(principal, Deed::UseInternalNotes, Subject::TicketOf(ticket.requester.id))
        == policy::Verdict::Allowed;
    let params = [ticket.id.into(), last.into(), principal.user.into(), internal.into()];
    match tx.query_one(NEWER, &params, |row| Ok(row.text(0)?.to_owned())).await? {
        None => Ok(()),
        Some(name) => Err(Error::Conflict {
            code: "conversation_moved",
            detail: format!("{name} has written meanwhile: read it first, and send what still holds"),
        }),
    }
}

fn audience_of(internal: bool) -> Audience {
    if internal { Audience::Staff } else { Audience::Requester }
}

/// What is said: its text, and the same with formatting where it has some.
pub(crate) fn check_said(
    checks: &mut Checks,
    body: &str,
    html: Option<RichText>,
) -> (String, Option<String>) {
    let Some(rich) = html else { return (checks.filled_body("body", body, TEXT_MAX), None) };
    if !body.is_empty() {
        checks.fail("html", "must not be given beside body");
    }
    let (html, plain) = rich.into_parts();
    (checks.filled_body("html", &plain, TEXT_MAX), Some(html))
}

/// Whom a message names, before the store is asked.
pub(crate) fn check_mentions(checks: &mut Checks, named: &[UserId]) {
    if named.len() > MENTIONS_MAX {
        checks.fail("mentions", format!("must be at most {MENTIONS_MAX}, are {}", named.len()));
    }
}

/// Those whom a message names, each once: active people who may read it. The ids are already checked.
///
/// # Errors
/// When this person may name nobody, with the place of each who can't be named, or the store's.
pub(crate) async fn find_mentioned(
    tx: &mut impl TenantTx,
    principal: &Principal,
    ticket: &Ticket,
    internal: bool,
    named: &[UserId],
) -> Result<Vec<Person>> {
    let mut ids = named.to_vec();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    policy::require(principal, Deed::MentionPeople, Subject::TicketOf(ticket.requester.id))?;
    let places: Vec<String> = (1..=ids.len()).map(|place| format!("${place}")).collect();
    let sql = format!(
        "SELECT id, name, role FROM users WHERE active AND id IN ({}) ORDER BY id",
        places.join(", ")
    );
    let values: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let found = tx
        .query(&sql, &values, |row| {
            let role = Role::parse(row.text(2)?).ok_or_else(|| damaged("role"))?;
            Ok((Person { id: UserId(row.uuid(0)?), name: row.text(1)?.to_owned() }, role))
        })
        .await?;
    let hears = |person: &Person, role| {
        policy::hears(person.id, role, audience_of(internal), Some(ticket.requester.id))
    };
    let people: Vec<Person> =
        found.into_iter().filter(|(person, role)| hears(person, *role)).map(|(person, _)| person).collect();
    let mut checks = Checks::default();
    for (place, id) in named.iter().enumerate() {
        if !people.iter().any(|person| person.id == *id) {
            checks.fail(format!("mentions[{place}]"), "is not an active person who can read this message");
        }
    }
    checks.finish()?;
    Ok(people)
}

/// A message to be added.
pub(crate) struct New {
    pub(crate) author: Actor,
    pub(crate) body: String,
    /// Sanitised.
    pub(crate) html: Option<String>,
    pub(crate) internal: bool,
    pub(crate) mentions: Vec<Person>,
    /// Uploads of its author.
    pub(crate) attachments: Vec<AttachmentId>,
}

/// Adds a message, already checked, and records it. Whoever calls it has asked the policy.
///
/// # Errors
/// When a file is not its author's or was sent already, or the store fails.
pub(crate) async fn add(
    tx: &mut impl TenantTx,
    origin: Origin,
    ticket: &Ticket,
    new: New,
) -> Result<Message> {
    let New { author, body, html, internal, mentions, attachments } = new;
    let now = tx.now();
    let ordinal = tx
        .query_one(TAKE_ORDINAL, &[ticket.id.into(), i64::from(!internal).into(), now.into()], |row| {
            row.int(0)
        })
        .await?
        .ok_or(Error::NotFound)?;
    let id = MessageId(tx.new_id());
    tx.put(
        INSERT,
        vec![
            ticket.id.into(),
            ordinal.into(),
            id.into(),
            author.kind.as_str().into(),
            author.id.into(),
            author.name.as_str().into(),
            body.as_str().into(),
            internal.into(),
            now.into(),
            html.as_deref().into(),
        ],
    );
    for person in &mentions {
        tx.put(
            INSERT_MENTION,
            vec![
                ticket.id.into(),
                ordinal.into(),
                person.id.into(),
                person.name.as_str().into(),
                internal.into(),
            ],
        );
    }
    let target = attachment::Target { ticket: ticket.id, ordinal, message: Some(id), internal };
    let attachments = match author.id.map(UserId) {
        Some(uploader) => attachment::send(tx, uploader, &target, &attachments).await?,
        None => Vec::new(),
    };
    let search = tx.search();
    let mut text = body.clone();
    for file in &attachments {
        text.push('\n');
        text.push_str(&file.name);
    }
    let searched = (search.document)(&text);
    let (public, note) = if internal { (None, Some(searched)) } else { (Some(searched), None) };
    tx.put(
        search.add,
        vec![ticket.number.into(), ordinal.into(), None::<&str>.into(), public.into(), note.into()],
    );
    let mut data = json!({
        "messageId": id,
        "internal": internal,
        "number": ticket.number,
        "title": ticket.title,
        "authorKind": author.kind,
        "authorName": author.name,
    });
    if !mentions.is_empty() {
        data["mentions"] = mentions.iter().map(|person| json!(person.id)).collect();
    }
    if !attachments.is_empty() {
        data["attachments"] = attachments.iter().map(Attachment::in_event).collect();
    }
    let draft = EventDraft {
        action: Action::MessageCreated,
        audience: audience_of(internal),
        origin,
        ticket: Some(ticket.id),
        requester: Some(ticket.requester.id),
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(Message {
        id,
        ticket_id: ticket.id,
        author,
        body,
        html,
        internal,
        mentions,
        attachments,
        created_at: now,
    })
}
