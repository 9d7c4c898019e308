//! Seeing which files there are, and opening one.

use super::{Attachment, columns, find, from_row, sees_notes};
use crate::{
    cursor::{self, Page},
    error::{Error, Result},
    id::{AttachmentId, ContentId, MessageId, TicketId},
    json::JsonQuery,
    policy,
    principal::Principal,
    ticket::load_as,
    tx::{Query, TenantRead},
};

/// Lists the files of a ticket that one may see, those of the description first, then by their messages.
#[derive(Debug)]
pub struct ListAttachments {
    /// Who asks.
    pub principal: Principal,
    /// Which ticket.
    pub ticket: TicketId,
    /// At most how many (1 to 100).
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

impl JsonQuery for ListAttachments {}

impl Query for ListAttachments {
    type Output = Page<Attachment>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Page<Attachment>> {
        const LIST: &str = concat!(
            "SELECT ",
            columns!("a."),
            ", m.id, a.ordinal FROM attachments a
            LEFT JOIN messages m ON m.ticket_id = a.ticket_id AND m.ordinal = a.ordinal
            WHERE a.ticket_id = $1 AND (a.ordinal, a.id) > ($2, $3) AND (NOT a.internal OR $4)
            ORDER BY a.ordinal, a.id LIMIT $5"
        );
        let after: (i64, AttachmentId) = match &self.cursor {
            Some(cursor) => cursor::decode(cursor)?,
            None => (-1, AttachmentId(uuid::Uuid::nil())),
        };
        let scope = policy::ticket_scope(&self.principal);
        let ticket = load_as(tx, self.ticket, scope).await?.ok_or(Error::NotFound)?;
        let notes = sees_notes(&self.principal, ticket.requester.id);
        let fetched = i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1);
        let params = [self.ticket.into(), after.0.into(), after.1.into(), notes.into(), fetched.into()];
        let rows = tx
            .query(LIST, &params, |row| Ok((from_row(row, row.opt_uuid(8)?.map(MessageId))?, row.int(9)?)))
            .await?;
        let page = Page::from_rows(rows, self.limit, |(file, ordinal)| (*ordinal, file.id));
        Ok(Page {
            items: page.items.into_iter().map(|(file, _)| file).collect(),
            next_cursor: page.next_cursor,
        })
    }
}

/// Finds where the bytes of a file are that one may have.
#[derive(Debug)]
pub struct OpenAttachment {
    /// Who asks.
    pub principal: Principal,
    /// Which file.
    pub id: AttachmentId,
}

/// A file that may be read.
#[derive(Debug)]
pub struct Opened {
    /// What it is called, and how large it is.
    pub attachment: Attachment,
    /// Under which id its bytes are.
    pub content: ContentId,
}

impl Query for OpenAttachment {
    type Output = Opened;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Opened> {
        let found = find(tx, &self.principal, self.id).await?;
        Ok(Opened { attachment: found.attachment, content: found.content })
    }
}
