//! Moving in from elsewhere: people, tickets with their conversations, and the history of another
//! program's desk, as its export has them.
//!
//! - *Nothing twice.* Each document is remembered by its id in its source (table `imported`), in the
//!   transaction that takes it. What is remembered is passed over, so an import that broke off is run again.
//! - *Nothing by half.* A document is one transaction's, with all that stands in it.
//! - *Nothing guessed.* What a document says and the desk can't keep is a [`Remark`], or the document is
//!   refused with one.
//! - *Nothing forged.* Tickets and messages keep their times. The ledger records that they were brought
//!   along, now and by whom; what another program's history says stands in an event's data, as its word.
//!   Nobody can subscribe to these events, so no workflow is told of an old ticket as of a new one.
//! - *One decision.* A rehearsal decides by the same functions as the real thing, on what it would have
//!   written as well ([`Facts`]), so that it reports the same.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::{principal::Role, ticket::Priority, ticket::Status, time::Timestamp};

mod batch;
mod company;
mod entries;
mod facts;
mod messages;
mod people;
mod text;
mod tickets;

use messages::NewMessage;

pub use batch::{ImportBatch, RehearseBatch};
pub use company::{AdoptCompany, Belonging, FindBelonging, FinishImport, Tally};
pub use facts::Facts;

/// The longest id of a document in its source, in bytes.
pub const SOURCE_ID_MAX: usize = 200;
/// A ticket's number in its source is kept up to this one: the next one that is raised here goes on from it.
pub const NUMBER_MAX: i64 = 999_999_999;

/// The name of a source: what the ids of its documents are remembered under. 1 to 40 of `a-z0-9._-`.
#[must_use]
pub fn is_source_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    (1..=40).contains(&name.len()) && name.chars().all(plain)
}

/// Whether a document can be remembered by this id: 1 to [`SOURCE_ID_MAX`] bytes without control characters.
#[must_use]
pub fn is_source_id(id: &str) -> bool {
    (1..=SOURCE_ID_MAX).contains(&id.len()) && !id.chars().any(char::is_control)
}

/// What is remembered by its id in its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Company,
    Person,
    Ticket,
    Message,
    Entry,
    End,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Person => "person",
            Self::Ticket => "ticket",
            Self::Message => "message",
            Self::Entry => "entry",
            Self::End => "end",
        }
    }
}

/// How a document names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PersonRef {
    /// By their id in the source.
    Id(String),
    /// By their address.
    Email(String),
}

impl std::fmt::Display for PersonRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Id(text) | Self::Email(text)) = self;
        f.write_str(text)
    }
}

/// A person, as the source has them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IncomingPerson {
    /// Their id there.
    pub source_id: String,
    /// The address by which they will sign in.
    pub email: String,
    /// Their name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
    /// The bcrypt hash of their password; without one they have to be invited.
    pub password_hash: Option<String>,
    /// Since when they are known; the moment of the import if that is not said.
    pub created_at: Option<Timestamp>,
}

/// A ticket with what stands in its document, as the source has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IncomingTicket {
    /// Its id there.
    pub source_id: String,
    /// Its number there, as written.
    pub number: Option<String>,
    /// What it is about.
    pub title: String,
    /// The whole of it.
    pub description: String,
    /// Where it stands.
    pub status: Status,
    /// How much it hurries.
    pub priority: Priority,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Values of the company's own fields.
    pub custom_fields: Map<String, Json>,
    /// Who raised it.
    pub requester: Option<PersonRef>,
    /// Who works on it.
    pub assignee: Option<PersonRef>,
    /// When it was raised.
    pub created_at: Option<Timestamp>,
    /// When anything last happened to it.
    pub updated_at: Option<Timestamp>,
    /// When it was resolved or closed.
    pub resolved_at: Option<Timestamp>,
    /// Its conversation, as far as it stands in the same document.
    pub messages: Vec<IncomingMessage>,
}

/// A message that stands in its ticket's document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IncomingMessage {
    /// Who wrote it.
    pub author: Author,
    /// Its text.
    pub body: String,
    /// Whether it is a note that the requester never sees.
    pub internal: bool,
    /// When it was written; when the ticket was raised if that is not said.
    pub created_at: Option<Timestamp>,
}

/// A message in a document of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LooseMessage {
    /// Its id there.
    pub source_id: String,
    /// The id of its ticket there.
    pub ticket: String,
    /// It itself.
    pub message: IncomingMessage,
}

/// Who wrote or did something.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Author {
    /// The person, if one is named.
    pub person: Option<PersonRef>,
    /// A name, if one is given.
    pub name: Option<String>,
}

/// An entry of the source's history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IncomingEntry {
    /// Its id there.
    pub source_id: String,
    /// What happened, in its words.
    pub action: String,
    /// When, as it says.
    pub at: Option<Timestamp>,
    /// Who, as it says.
    pub actor: Author,
    /// The id there of the ticket that it is about.
    pub ticket: Option<String>,
    /// What else it says: a JSON object.
    pub details: Map<String, Json>,
}

/// Documents of one kind, some of one company.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Incoming {
    /// People.
    People(Vec<IncomingPerson>),
    /// Tickets.
    Tickets(Vec<IncomingTicket>),
    /// Messages of tickets that came before.
    Messages(Vec<LooseMessage>),
    /// Entries of the history.
    Entries(Vec<IncomingEntry>),
}

/// What applies to all documents of an import.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// The name of the source.
    pub source: String,
    /// Take a second person of an address for the first one, rather than refuse them.
    pub merge_people: bool,
    /// The address of whom a ticket is raised by whose requester is not known.
    pub fallback_requester: Option<String>,
    /// The highest number that any ticket of the source has: new ones come after it.
    pub highest_number: i64,
}

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Whether it was taken.
    pub fate: Fate,
    /// How many messages came with it.
    pub messages: u64,
    /// How many of those are internal notes.
    pub internal: u64,
    /// What there is to say of it.
    pub remarks: Vec<Remark>,
}

/// Whether a document was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fate {
    /// It was taken.
    Taken,
    /// It had been taken before.
    Known,
    /// It was not; the last remark says why.
    Refused,
}

/// Something to say of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// How much it weighs.
    pub weight: Weight,
    /// Which field of the document it is about.
    pub field: String,
    /// What is to say.
    pub reason: String,
}

/// How much a remark weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Weight {
    /// All of it is there, in another way than the document has it.
    Changed,
    /// The document was taken without this.
    LeftOut,
    /// The document was not taken.
    Refused,
}

impl Remark {
    /// All of it is there, in another way.
    pub fn changed(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { weight: Weight::Changed, field: field.into(), reason: reason.into() }
    }

    /// The document was taken without this.
    pub fn left_out(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { weight: Weight::LeftOut, field: field.into(), reason: reason.into() }
    }

    /// The document is not taken.
    pub fn refused(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { weight: Weight::Refused, field: field.into(), reason: reason.into() }
    }
}

impl Outcome {
    fn known() -> Self {
        Self { fate: Fate::Known, messages: 0, internal: 0, remarks: Vec::new() }
    }

    fn refused(mut remarks: Vec<Remark>, why: Remark) -> Self {
        remarks.push(why);
        Self { fate: Fate::Refused, messages: 0, internal: 0, remarks }
    }

    fn taken(messages: &[NewMessage], remarks: Vec<Remark>) -> Self {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let internal = messages.iter().filter(|message| message.internal).count();
        Self { fate: Fate::Taken, messages: count(messages.len()), internal: count(internal), remarks }
    }
}
