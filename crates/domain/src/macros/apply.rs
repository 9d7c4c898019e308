//! Applying a macro to a ticket: its answer and its changes at once, or nothing of it.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{AssigneeRule, Macro, at_actions, find, template};
use crate::{
    attachment, draft,
    error::{Error, Result},
    event::{Action, Audience, EventDraft},
    id::{AttachmentId, MacroId, MessageId, TicketId, UserId},
    idempotency::{self, Answered, IdempotencyKey},
    ledger,
    message::{self, Message},
    patch,
    policy::{self, Deed, Subject},
    principal::{Actor, Origin, Principal},
    rich::RichText,
    text::Checks,
    ticket::{Changes, Ownership, TEXT_MAX, Ticket, change, check_tags, load},
    tx::{Command, TenantTx},
};

/// Which macro, and what of it was changed by hand.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MacroUse {
    /// The macro.
    pub macro_id: MacroId,
    /// What is said instead of the macro's answer, after somebody has gone over it; empty says nothing. It is sent
    /// as it stands: placeholders in it stay.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = String, required = false, max_length = 20000)]
    pub body: Option<String>,
    /// The same with formatting, instead of `body`, as in a new message.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<String>, max_length = 60000)]
    pub html: Option<RichText>,
    /// Whom the text names, at most 20: people who can read it, and are told of it.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<UserId>>, max_items = 20)]
    pub mentions: Vec<UserId>,
    /// Files that go with what is said, at most 20: your own uploads that were not sent yet.
    #[serde(default, deserialize_with = "patch::usual")]
    #[schema(value_type = Option<Vec<AttachmentId>>, max_items = 20)]
    pub attachments: Vec<AttachmentId>,
    /// The ticket's version that the person saw: another one now is a 409.
    #[serde(default, deserialize_with = "patch::present")]
    #[schema(value_type = i64, required = false)]
    pub version: Option<i64>,
    /// The newest message that the person had read, null when there was none: what somebody else has written since is
    /// a 409 `conversation_moved` when the macro answers the requester. Left out, nothing is compared.
    #[serde(default, deserialize_with = "patch::nullable")]
    #[schema(value_type = Option<MessageId>)]
    pub last_message_id: Option<Option<MessageId>>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MacroOutcome {
    /// The ticket as it is now.
    pub ticket: Ticket,
    /// What was said; null when the macro only changes the ticket.
    #[schema(required)]
    pub message: Option<Message>,
}

/// Applies a macro. Events: `message.created`, `ticket.updated` and `macro.applied`.
#[derive(Debug, Clone)]
pub struct ApplyMacro {
    /// Who asks; becomes the author.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
    /// To which ticket.
    pub ticket: TicketId,
    /// Which macro.
    pub input: MacroUse,
    /// The client's key, if the request may be repeated.
    pub idempotency: Option<IdempotencyKey>,
}

impl Command for ApplyMacro {
    type Output = Answered<MacroOutcome>;

    async fn run(self, tx: &mut impl TenantTx) -> Result<Answered<MacroOutcome>> {
        const OPERATION: &str = "applyMacro";
        const COUNT: &str =
            "UPDATE macros SET usage_count = usage_count + 1, last_used_at = $2 WHERE id = $1";
        let Self { principal, origin, ticket: id, input, idempotency } = self;
        idempotency::ask_ahead(tx, principal.user, OPERATION, idempotency.as_ref());
        let ticket = load(tx, id).await?.ok_or(Error::NotFound)?;
        let subject = Subject::TicketOf(ticket.requester.id);
        policy::require(&principal, Deed::UseMacros, subject)?;
        policy::require(&principal, Deed::UpdateTicket, subject)?;
        if let Some(before) = idempotency::replay(tx, principal.user, OPERATION, idempotency.as_ref()).await?
        {
            return Ok(before);
        }
        ticket.require_unmerged()?;
        let mut checks = Checks::default();
        let (edited, html) = if input.html.is_some() {
            let body = input.body.unwrap_or_default();
            let (text, html) = message::check_said(&mut checks, &body, input.html);
            (Some(text), html)
        } else {
            (input.body.map(|body| checks.body("body", &body, TEXT_MAX)), None)
        };
        message::check_mentions(&mut checks, &input.mentions);
        attachment::check_count(&mut checks, &input.attachments);
        checks.finish()?;
        let found = find(tx, &principal, input.macro_id).await?;
        let found = found.ok_or_else(|| Error::invalid("macroId", "is no macro that you have"))?;
        if input.version.is_some_and(|version| version != ticket.version) {
            return Err(Error::stale(ticket.version));
        }
        let body = edited.unwrap_or_else(|| template::render(&found.body, &ticket, &principal));
        let answers = !found.internal && !body.trim().is_empty();
        if let Some(last) = input.last_message_id.filter(|_| answers) {
            message::require_read(tx, &principal, &ticket, last).await?;
        }
        let changes = decide(tx, &principal, &ticket, &found, &body).await?;
        let message = if body.trim().is_empty() {
            if !input.attachments.is_empty() {
                return Err(Error::invalid("attachments", "must be empty when nothing is said"));
            }
            None
        } else {
            let author = Actor::from(&principal);
            let body = body.trim_end().to_owned();
            let named =
                message::find_mentioned(tx, &principal, &ticket, found.internal, &input.mentions).await?;
            draft::forget(tx, principal.user, ticket.id, found.internal);
            let new = message::New {
                author,
                body,
                html,
                internal: found.internal,
                mentions: named,
                attachments: input.attachments,
            };
            Some(message::add(tx, origin.clone(), &ticket, new).await?)
        };
        change(tx, origin.clone(), &ticket, changes).await?;
        tx.put(COUNT, vec![found.id.into(), tx.now().into()]);
        record(tx, origin, &ticket, &found).await?;
        // The events may have set the workflow's state: read what stands.
        let ticket = load(tx, id).await?.ok_or(Error::NotFound)?;
        let outcome = MacroOutcome { ticket, message };
        idempotency::remember(tx, principal.user, OPERATION, idempotency, &outcome)?;
        Ok(Answered::now(outcome))
    }
}

/// What the macro changes of this ticket, or what stands against it.
async fn decide(
    tx: &mut impl TenantTx,
    principal: &Principal,
    ticket: &Ticket,
    found: &Macro,
    body: &str,
) -> Result<Changes> {
    let actions = &found.actions;
    let mut checks = Checks::default();
    checks.body("body", body, TEXT_MAX);
    let mut tags: Vec<String> =
        ticket.tags.iter().filter(|tag| !actions.remove_tags.contains(tag)).cloned().collect();
    tags.extend(actions.add_tags.iter().cloned());
    let tags = check_tags(&mut checks, "tags", &tags);
    checks.finish()?;
    let assignee = match actions.assignee_rule() {
        None | Some(AssigneeRule::Keep) => None,
        Some(AssigneeRule::Nobody) => Some(None),
        Some(AssigneeRule::Me) => Some(Some(principal.user)),
        Some(AssigneeRule::Is(id)) => Some(Some(id)),
    };
    let mut wanted = Ownership::find(tx, assignee, actions.team_id.map(Some)).await.map_err(at_actions)?;
    let mut changes = Changes {
        status: actions.status,
        priority: actions.priority,
        tags: Some(tags),
        ..Changes::default()
    };
    wanted.apply(tx, ticket, &mut changes);
    Ok(changes)
}

/// What a personal macro is called is its owner's business.
async fn record(tx: &mut impl TenantTx, origin: Origin, ticket: &Ticket, found: &Macro) -> Result<()> {
    let mut data = json!({
        "macroId": found.id,
        "shared": found.shared,
        "number": ticket.number,
        "title": ticket.title,
    });
    if found.shared {
        data["name"] = json!(found.name);
    }
    let draft = EventDraft {
        action: Action::MacroApplied,
        audience: Audience::Staff,
        origin,
        ticket: Some(ticket.id),
        requester: Some(ticket.requester.id),
        data: data.to_string(),
    };
    ledger::record(tx, draft).await?;
    Ok(())
}
