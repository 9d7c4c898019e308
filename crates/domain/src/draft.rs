//! Drafts: what a person is writing at a ticket and has not sent. Nobody else ever sees one, and so they are in no
//! event: who writes what is nobody's business until it is sent.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    id::{TicketId, UserId},
    json::JsonQuery,
    patch,
    policy::{self, Deed, Subject},
    principal::Principal,
    rich::RichText,
    text::{Checks, is_blank},
    ticket::{TEXT_MAX, load},
    time::Timestamp,
    tx::{Command, Query, TenantRead, TenantTx},
};

/// What is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum DraftKind {
    /// A public message.
    Reply,
    /// An internal note (staff only).
    Note,
}

impl DraftKind {
    fn of(internal: bool) -> Self {
        if internal { Self::Note } else { Self::Reply }
    }

    fn is_internal(self) -> bool {
        self == Self::Note
    }
}

/// What a person is writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Draft {
    /// As what.
    pub kind: DraftKind,
    /// The text so far.
    pub body: String,
    /// The same with its formatting, as sanitised HTML; null when it has none.
    #[schema(required)]
    pub html: Option<String>,
    /// When it was kept last.
    pub updated_at: Timestamp,
}

/// What a person is writing at a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Drafts {
    /// At most a reply and a note.
    pub items: Vec<Draft>,
}

/// A draft to keep.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDraft {
    /// As what.
    pub kind: DraftKind,
    /// The text so far, at most 20,000 characters; a blank one throws the draft away.
    #[schema(max_length = 20000)]
    pub body: String,
    /// The same with its formatting, as in a new message.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<String>, max_length = 60000)]
    pub html: Option<RichText>,
}

/// Asks the policy. Answers whether the person may write notes there.
async fn require(
    tx: &mut impl TenantRead,
    principal: &Principal,
    ticket: TicketId,
    kind: DraftKind,
) -> Result<bool> {
    let ticket = load(tx, ticket).await?.ok_or(Error::NotFound)?;
    let subject = Subject::TicketOf(ticket.requester.id);
    policy::require(principal, Deed::WriteMessage, subject)?;
    if kind.is_internal() {
        policy::require(principal, Deed::UseInternalNotes, subject)?;
    }
    Ok(policy::may(principal, Deed::UseInternalNotes, subject) == policy::Verdict::Allowed)
}

/// Lists one's own drafts at a ticket.
#[derive(Debug)]
pub struct ListDrafts {
    /// Who asks.
    pub principal: Principal,
    /// At which ticket.
    pub ticket: TicketId,
}

impl JsonQuery for ListDrafts {}

impl Query for ListDrafts {
    type Output = Drafts;

    async fn run(self, tx: &mut impl TenantRead) -> Result<Drafts> {
        let notes = require(tx, &self.principal, self.ticket, DraftKind::Reply).await?;
        read(tx, self.principal.user, self.ticket, notes).await
    }
}

/// Also of who may write notes no more: then without those that they wrote when they could.
async fn read(tx: &mut impl TenantRead, user: UserId, ticket: TicketId, notes: bool) -> Result<Drafts> {
    const LIST: &str = "SELECT internal, body, updated_at, html FROM drafts
        WHERE user_id = $1 AND ticket_id = $2 AND (NOT internal OR $3) ORDER BY internal";
    let items = tx
        .query(LIST, &[user.into(), ticket.into(), notes.into()], |row| {
            let kind = DraftKind::of(row.bool(0)?);
            let html = row.opt_text(3)?.map(str::to_owned);
            Ok(Draft { kind, body: row.text(1)?.to_owned(), html, updated_at: row.time(2)? })
        })
        .await?;
    Ok(Drafts { items })
}

/// Keeps a draft in place of the one before, or throws it away when nothing is left of it. Answers all that the person
/// is writing at the ticket.
#[derive(Debug, Clone)]
pub struct SaveDraft {
    /// Who writes.
    pub principal: Principal,
    /// At which ticket.
    pub ticket: TicketId,
    /// As what, and the text.
    pub input: NewDraft,
}

impl Command for SaveDraft {
    type Output = Drafts;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Drafts> {
        const SAVE: &str =
            "INSERT INTO drafts (user_id, ticket_id, internal, body, updated_at, html) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (user_id, ticket_id, internal) DO UPDATE SET body = excluded.body,
            updated_at = excluded.updated_at, html = excluded.html";
        let Self { principal, ticket, input: NewDraft { kind, body, html } } = self;
        let notes = require(tx, &principal, ticket, kind).await?;
        let mut checks = Checks::default();
        checks.body("body", &body, TEXT_MAX);
        // Formatting of nothing is none.
        let html = html.filter(|rich| !is_blank(rich.plain()));
        if let Some(rich) = &html {
            checks.body("html", rich.plain(), TEXT_MAX);
        }
        checks.finish()?;
        if is_blank(&body) {
            forget(tx, principal.user, ticket, kind.is_internal());
        } else {
            // As it was typed: whoever goes on finds the space where they left it.
            let (user, internal, now) = (principal.user.into(), kind.is_internal().into(), tx.now());
            tx.put(
                SAVE,
                vec![
                    user,
                    ticket.into(),
                    internal,
                    body.into(),
                    now.into(),
                    html.as_ref().map(RichText::html).into(),
                ],
            );
        }
        read(tx, principal.user, ticket, notes).await
    }
}

/// What was sent is no draft any more.
pub(crate) fn forget(tx: &mut impl TenantTx, user: UserId, ticket: TicketId, internal: bool) {
    const FORGET: &str = "DELETE FROM drafts WHERE user_id = $1 AND ticket_id = $2 AND internal = $3";
    tx.put(FORGET, vec![user.into(), ticket.into(), internal.into()]);
}
