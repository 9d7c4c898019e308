//! Raising a ticket of its own from one message of another.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{MessageId, TicketId},
    idempotency::{self, Answered, IdempotencyKey},
    ledger, notice,
    policy::{self, Deed, Subject},
    principal::{Origin, Principal},
    text::Checks,
    ticket::{
        Priority, TITLE_MAX, Ticket,
        create::{Checked, Files, insert},
        load,
    },
    tx::{Command, TenantTx},
    user::is_nowhere,
};

/// Which message becomes a ticket of its own.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSplit {
    /// A public message of the ticket's requester: its text is the new ticket's description.
    pub message_id: MessageId,
    /// What the new ticket is about: one line, 1 to 200 characters.
    #[schema(max_length = 200, min_length = 1)]
    pub title: String,
}

/// Raises a ticket from what a ticket's requester has written there. The message stays where it is. Nobody else's
/// message: the new ticket is the requester's, and what they wrote goes when they are erased.
#[derive(Debug, Clone)]
pub struct SplitTicket {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// Whose message.
    pub ticket: TicketId,
    /// Which one, and the title.
    pub input: NewSplit,
    /// The client's key, if the request may be repeated.
    pub idempotency: Option<IdempotencyKey>,
}

const MESSAGE: &str = "SELECT m.body, u.email FROM messages m JOIN users u ON u.id = m.author_id
    WHERE m.ticket_id = $1 AND m.id = $2 AND NOT m.internal AND m.author_kind = 'user' AND m.author_id = $3";

impl Command for SplitTicket {
    type Output = Answered<Ticket>;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Answered<Ticket>> {
        const OPERATION: &str = "splitTicket";
        let Self { principal, origin, ticket, input, idempotency } = self;
        let source = load(tx, ticket).await?.ok_or(Error::NotFound)?;
        policy::require(&principal, Deed::UpdateTicket, Subject::TicketOf(source.requester.id))?;
        if let Some(before) = idempotency::replay(tx, principal.user, OPERATION, idempotency.as_ref()).await?
        {
            return Ok(before);
        }
        source.require_unmerged()?;
        let mut checks = Checks::default();
        let title = checks.line("title", &input.title, TITLE_MAX);
        let read = tx
            .query_one(
                MESSAGE,
                &[source.id.into(), input.message_id.into(), source.requester.id.into()],
                |row| Ok((row.text(0)?.to_owned(), is_nowhere(row.text(1)?))),
            )
            .await?;
        let description = match read {
            Some((body, false)) => body,
            Some((_, true)) => {
                // Nobody could erase them from a new ticket.
                checks.fail("messageId", "must not be of somebody who has been erased");
                String::new()
            }
            None => {
                checks.fail("messageId", "must be a message of this ticket that its requester has written");
                String::new()
            }
        };
        checks.finish()?;
        let fields = serde_json::from_str::<Map<String, Json>>(source.custom_fields.get())
            .map_err(|e| Error::Internal(e.to_string()))?;
        let new = Checked {
            title,
            description,
            priority: Priority::Normal,
            tags: Vec::new(),
            // What is asked of every new ticket was answered for the first one.
            custom_fields: fields,
            files: Files::Of(source.id, input.message_id),
        };
        let raised = insert(tx, source.requester.clone(), origin.clone(), new, (None, None, None)).await?;
        let at = |ticket: &Ticket| json!({ "id": ticket.id, "number": ticket.number });
        for (about, data) in [
            (&source, json!({ "number": source.number, "messageId": input.message_id, "into": at(&raised) })),
            (&raised, json!({ "number": raised.number, "from": at(&source) })),
        ] {
            let draft = EventDraft {
                action: Action::TicketSplit,
                audience: Audience::Requester,
                origin: origin.clone(),
                ticket: Some(about.id),
                requester: Some(source.requester.id),
                data: data.to_string(),
            };
            ledger::record(tx, draft).await?;
        }
        // Who has split it off hears of the answer, as nobody works on it yet.
        notice::watch(tx, raised.id, principal.user);
        idempotency::remember(tx, principal.user, OPERATION, idempotency, &raised)?;
        Ok(Answered::now(raised))
    }
}
