//! Attachments: files of messages and of descriptions.
//!
//! A file is uploaded first, and is its uploader's alone until a message or a new ticket takes it along. What it holds
//! is kept once for each company, by its hash ([`content`]); the bytes stand outside of the store, under the content's
//! id.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    id::{AttachmentId, ContentId, MessageId, TicketId, UserId},
    policy::{self, Deed, Subject, Verdict},
    principal::Principal,
    ticket::Person,
    time::Timestamp,
    tx::{Row, StoreError, TenantRead},
};

pub mod content;
mod list;
mod remove;
mod send;
mod upload;

pub use list::{ListAttachments, OpenAttachment, Opened};
pub use remove::DeleteAttachment;
pub(crate) use remove::{erase_identity, erase_texts, forget_deleted};
pub(crate) use send::{Target, check_count, copy_to, send};
pub use upload::{CheckUpload, KeepUpload, NewUpload, ReserveContent, Reserved, check_name};

/// How many files a message, or a new ticket, may take along.
pub(crate) const SENT_MAX: usize = 20;

/// A file that was attached, or waits to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// Its name, as its uploader had it.
    pub name: String,
    /// What it is, found from its content and never from its name, such as `image/png`.
    pub media_type: String,
    /// How large it is, in bytes.
    pub size: i64,
    /// Who has uploaded it.
    pub uploader: Person,
    /// At which ticket it is; null: it was not sent yet, and is its uploader's alone.
    #[schema(required)]
    pub ticket_id: Option<TicketId>,
    /// Of which message it is; null: of the ticket's description, or not sent yet.
    #[schema(required)]
    pub message_id: Option<MessageId>,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

impl Attachment {
    /// What events say of it.
    pub(crate) fn in_event(&self) -> Json {
        json!({ "id": self.id, "name": self.name, "size": self.size })
    }
}

/// What is selected of `attachments` for an [`Attachment`], without its message, each after a prefix such as `a.`.
macro_rules! columns {
    ($a:literal) => {
        concat!(
            $a,
            "id, ",
            $a,
            "name, ",
            $a,
            "media_type, ",
            $a,
            "size, ",
            $a,
            "uploader_id, ",
            $a,
            "uploader_name, ",
            $a,
            "ticket_id, ",
            $a,
            "created_at"
        )
    };
}
pub(crate) use columns;

/// The names of the files of a message, or (0) of a description, by which it is found, in a statement.
macro_rules! file_names {
    ($ticket:literal, $ordinal:literal) => {
        concat!(
            "COALESCE((SELECT string_agg(a.name, ' ') FROM attachments a WHERE a.ticket_id = ",
            $ticket,
            " AND a.ordinal = ",
            $ordinal,
            "), '')"
        )
    };
}
pub(crate) use file_names;

/// Reads what [`columns!`] selects.
pub(crate) fn from_row(row: &dyn Row, message_id: Option<MessageId>) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        id: AttachmentId(row.uuid(0)?),
        name: row.text(1)?.to_owned(),
        media_type: row.text(2)?.to_owned(),
        size: row.int(3)?,
        uploader: Person { id: UserId(row.uuid(4)?), name: row.text(5)?.to_owned() },
        ticket_id: row.opt_uuid(6)?.map(TicketId),
        message_id,
        created_at: row.time(7)?,
    })
}

/// Where a file is, for the question who may have it.
struct Found {
    attachment: Attachment,
    content: ContentId,
    internal: bool,
    /// The ticket's requester; `None`: it was not sent, or its ticket is gone.
    requester: Option<UserId>,
    /// The ticket's number and where in it the file is: 0 the description, 1… its messages.
    place: Option<(i64, i64)>,
}

/// Finds a file that this person may have.
async fn find(tx: &mut impl TenantRead, principal: &Principal, id: AttachmentId) -> Result<Found> {
    const FIND: &str = concat!(
        "SELECT ",
        columns!("a."),
        ", a.content_id, a.internal, t.requester_id, t.number, a.ordinal, m.id
        FROM attachments a LEFT JOIN tickets t ON t.id = a.ticket_id
        LEFT JOIN messages m ON m.ticket_id = a.ticket_id AND m.ordinal = a.ordinal WHERE a.id = $1"
    );
    let found = tx
        .query_one(FIND, &[id.into()], |row| {
            Ok(Found {
                attachment: from_row(row, row.opt_uuid(13)?.map(MessageId))?,
                content: ContentId(row.uuid(8)?),
                internal: row.bool(9)?,
                requester: row.opt_uuid(10)?.map(UserId),
                place: row.opt_int(11)?.zip(row.opt_int(12)?),
            })
        })
        .await?
        .ok_or(Error::NotFound)?;
    if found.attachment.ticket_id.is_none() {
        let subject = Subject::UploadOf(found.attachment.uploader.id);
        policy::require(principal, Deed::UseUpload, subject)?;
        return Ok(found);
    }
    // Of a deleted ticket it is nobody's.
    let requester = found.requester.ok_or(Error::NotFound)?;
    policy::require(principal, Deed::ReadTicket, Subject::TicketOf(requester))?;
    if found.internal && !sees_notes(principal, requester) {
        return Err(Error::NotFound);
    }
    Ok(found)
}

fn sees_notes(principal: &Principal, requester: UserId) -> bool {
    policy::may(principal, Deed::UseInternalNotes, Subject::TicketOf(requester)) == Verdict::Allowed
}

/// The names of the files of a message, or (0) of a description, as they are found by.
pub(crate) async fn names(tx: &mut impl TenantRead, ticket: TicketId, ordinal: i64) -> Result<String> {
    const NAMES: &str = "SELECT name FROM attachments WHERE ticket_id = $1 AND ordinal = $2 ORDER BY id";
    let names = tx.query(NAMES, &[ticket.into(), ordinal.into()], |row| Ok(row.text(0)?.to_owned())).await?;
    Ok(names.join("\n"))
}
