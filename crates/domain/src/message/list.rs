//! Reading a conversation: its messages, whom they name and what came with them, in one journey.

use super::{MENTIONS_MAX, Message};
use crate::{
    attachment::{self, Attachment},
    cursor::{self, Page},
    error::{Error, Result},
    id::{MessageId, TicketId, UserId},
    json::JsonQuery,
    policy::{self, Deed, Subject, TicketScope},
    principal::{Actor, ActorKind, Principal},
    ticket::{Person, damaged, load_as},
    tx::{Query, TenantRead},
};

/// Lists a ticket's conversation, oldest first.
#[derive(Debug)]
pub struct ListMessages {
    /// Who asks.
    pub principal: Principal,
    /// Which ticket.
    pub ticket: TicketId,
    /// At most how many (1 to 100).
    pub limit: usize,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

const LIST_ALL: &str =
    "SELECT id, author_kind, author_id, author_name, body, internal, created_at, ordinal, html
    FROM messages WHERE ticket_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3";
const LIST_PUBLIC: &str =
    "SELECT id, author_kind, author_id, author_name, body, internal, created_at, ordinal, html
    FROM messages WHERE ticket_id = $1 AND ordinal > $2 AND NOT internal ORDER BY ordinal LIMIT $3";

const MENTIONS_ALL: &str = "SELECT ordinal, user_id, name FROM message_mentions
    WHERE ticket_id = $1 AND ordinal > $2 ORDER BY ordinal, user_id LIMIT $3";
const MENTIONS_PUBLIC: &str = "SELECT ordinal, user_id, name FROM message_mentions
    WHERE ticket_id = $1 AND ordinal > $2 AND NOT internal ORDER BY ordinal, user_id LIMIT $3";

macro_rules! files {
    ($which:literal) => {
        concat!(
            "SELECT ",
            attachment::columns!("a."),
            ", a.ordinal FROM attachments a WHERE a.ticket_id = $1 AND a.ordinal > $2",
            $which,
            " ORDER BY a.ordinal, a.id LIMIT $3"
        )
    };
}
const FILES_ALL: &str = files!("");
const FILES_PUBLIC: &str = files!(" AND NOT a.internal");

impl JsonQuery for ListMessages {}

impl Query for ListMessages {
    type Output = Page<Message>;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Page<Message>> {
        let scope = policy::ticket_scope(&self.principal);
        let after: i64 = match &self.cursor {
            Some(cursor) => cursor::decode(cursor)?,
            None => 0,
        };
        let fetched = i64::try_from(self.limit).unwrap_or(i64::MAX).saturating_add(1);
        let params = [self.ticket.into(), after.into(), fetched.into()];
        // Only the scope of all has notes in it; whether this person may see them is asked below.
        let (list, mentions, files) = match scope {
            TicketScope::All => (LIST_ALL, MENTIONS_ALL, FILES_ALL),
            TicketScope::RaisedBy(_) => (LIST_PUBLIC, MENTIONS_PUBLIC, FILES_PUBLIC),
        };
        // So many as the page's messages can have, and no more.
        let most = |each: usize| fetched.saturating_mul(i64::try_from(each).unwrap_or(i64::MAX));
        let mention_params = [self.ticket.into(), after.into(), most(MENTIONS_MAX).into()];
        let file_params = [self.ticket.into(), after.into(), most(attachment::SENT_MAX).into()];
        tx.ask_ahead(list, &params);
        tx.ask_ahead(mentions, &mention_params);
        tx.ask_ahead(files, &file_params);
        tx.ask_last();
        let ticket = load_as(tx, self.ticket, scope).await?.ok_or(Error::NotFound)?;
        let subject = Subject::TicketOf(ticket.requester.id);
        let internal =
            policy::may(&self.principal, Deed::UseInternalNotes, subject) == policy::Verdict::Allowed;
        let (sql, mentions, files) = if internal {
            (LIST_ALL, MENTIONS_ALL, FILES_ALL)
        } else {
            (LIST_PUBLIC, MENTIONS_PUBLIC, FILES_PUBLIC)
        };
        let rows = tx
            .query(sql, &params, |row| {
                let author = Actor {
                    kind: ActorKind::parse(row.text(1)?).ok_or_else(|| damaged("author"))?,
                    id: row.opt_uuid(2)?,
                    name: row.text(3)?.to_owned(),
                };
                let message = Message {
                    id: MessageId(row.uuid(0)?),
                    ticket_id: self.ticket,
                    author,
                    body: row.text(4)?.to_owned(),
                    html: row.opt_text(8)?.map(str::to_owned),
                    internal: row.bool(5)?,
                    mentions: Vec::new(),
                    attachments: Vec::new(),
                    created_at: row.time(6)?,
                };
                Ok((message, row.int(7)?))
            })
            .await?;
        let named = tx
            .query(mentions, &mention_params, |row| {
                Ok((row.int(0)?, Person { id: UserId(row.uuid(1)?), name: row.text(2)?.to_owned() }))
            })
            .await?;
        let attached =
            tx.query(files, &file_params, |row| Ok((row.int(8)?, attachment::from_row(row, None)?))).await?;
        let mut named = named.into_iter().peekable();
        let mut attached = attached.into_iter().peekable();
        let mut rows = rows;
        for (message, ordinal) in &mut rows {
            while let Some((_, person)) = named.next_if(|(at, _)| at <= ordinal) {
                message.mentions.push(person);
            }
            while let Some((_, file)) = attached.next_if(|(at, _)| at <= ordinal) {
                message.attachments.push(Attachment { message_id: Some(message.id), ..file });
            }
        }
        let page = Page::from_rows(rows, self.limit, |(_, ordinal)| *ordinal);
        Ok(Page {
            items: page.items.into_iter().map(|(message, _)| message).collect(),
            next_cursor: page.next_cursor,
        })
    }
}
