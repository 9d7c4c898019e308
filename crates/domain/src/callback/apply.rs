//! Applying a callback.

use serde_json::{Map, json};

use super::{
    CallbackClaim, Checked, Refusal, check, digest,
    refuse::{self, Known},
    same_secret,
};
use crate::{
    control::SecretHash,
    delivery::workflow::{self, Step},
    endpoint::{hash_secret, read_aging},
    error::Result,
    event::Action,
    message,
    principal::{Actor, ActorKind, Origin},
    ticket::{self, Changes, Status, Ticket},
    tx::{Command, TenantTx},
};

/// Does what a workflow asks for. The caller has verified the token's signature; that the secret is
/// the endpoint's is checked here, where it cannot have changed meanwhile.
#[derive(Clone)]
pub struct ApplyCallback {
    /// From where; the actor is the workflow.
    pub origin: Origin,
    /// What the token says.
    pub claim: CallbackClaim,
    /// SHA-256 of the secret in the header.
    pub secret: SecretHash,
    /// The ticket's new status.
    pub status: Option<Status>,
    /// A public message.
    pub message: Option<String>,
    /// New values of custom fields.
    pub custom_fields: Option<super::Values>,
    /// For the audit trail.
    pub data: Option<serde_json::Value>,
}

/// What became of a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackOutcome {
    /// It took effect, or (`false`) had done so before.
    Applied(bool),
    /// It was not believed; that is in the ledger.
    Refused,
}

struct Expected {
    status: Option<Status>,
    called_back: bool,
    description: String,
}

impl Command for ApplyCallback {
    type Output = CallbackOutcome;

    async fn run(self, tx: &mut impl TenantTx) -> Result<CallbackOutcome> {
        const REMEMBER: &str = "INSERT INTO callbacks (delivery_id, digest, applied_at) VALUES ($1, $2, $3)
            ON CONFLICT (delivery_id, digest) DO NOTHING";
        let Self { mut origin, claim, secret, status, message, custom_fields, data } = self;
        let expected = match verify(tx, claim, &secret).await? {
            Ok(expected) => expected,
            Err(refusal) => return refused(tx, origin, claim, refusal).await,
        };
        let Some(ticket) = ticket::load(tx, claim.ticket).await? else {
            return refused(tx, origin, claim, Refusal::TicketGone).await;
        };
        let Checked { status, message, data } = check(status, message.as_deref(), data)?;
        let name = if expected.description.is_empty() { "Workflow" } else { &expected.description };
        origin.actor = Actor { kind: ActorKind::Workflow, id: Some(claim.endpoint.0), name: name.to_owned() };
        let now = tx.now();
        let digest = digest(status, message.as_deref(), custom_fields.as_ref());
        let is_new =
            tx.execute(REMEMBER, &[claim.delivery.into(), digest.to_vec().into(), now.into()]).await? > 0;
        if !is_new && expected.called_back {
            return Ok(CallbackOutcome::Applied(false));
        }
        let mut event = Map::new();
        event.insert("deliveryId".into(), json!(claim.delivery));
        event.insert("state".into(), json!("done"));
        event.insert("applied".into(), json!(is_new));
        if is_new {
            let effects = Effects { status, message, custom_fields };
            let applied = apply(tx, &origin, &ticket, claim, expected.status, effects).await?;
            event.extend(applied);
            event.extend(data.map(|data| ("data".to_owned(), data)));
        }
        // A delivery that was made again by hand: its workflow gives the same answer, which has had its
        // effect, but it has answered.
        put_called_back(tx, claim);
        // The ticket may have been changed just now; its brief must say so.
        let brief = workflow::brief(tx, claim.ticket).await?;
        if let Some(brief) = &brief {
            workflow::put_step(tx, brief, claim.delivery, Step::CalledBack);
        }
        workflow::record(tx, Action::WorkflowCallback, origin, brief.as_ref(), event).await?;
        Ok(CallbackOutcome::Applied(is_new))
    }
}

async fn refused(
    tx: &mut impl TenantTx,
    origin: Origin,
    claim: CallbackClaim,
    refusal: Refusal,
) -> Result<CallbackOutcome> {
    let known =
        Known { endpoint: Some(claim.endpoint), delivery: Some(claim.delivery), ticket: Some(claim.ticket) };
    refuse::record(tx, origin, refusal, known).await?;
    Ok(CallbackOutcome::Refused)
}

/// Whether the secret is the endpoint's and the delivery is of that endpoint and about that ticket.
async fn verify(
    tx: &mut impl TenantTx,
    claim: CallbackClaim,
    secret: &SecretHash,
) -> Result<Result<Expected, Refusal>> {
    const ENDPOINT: &str = "SELECT shared_secret, old_shared_secret, old_secrets_until, description
        FROM endpoints WHERE id = $1 AND deleted_at IS NULL";
    const DELIVERY: &str = "SELECT expected_status, callback_at FROM deliveries
        WHERE id = $1 AND endpoint_id = $2 AND ticket_id = $3";
    let now = tx.now();
    let endpoint = tx
        .query_one(ENDPOINT, &[claim.endpoint.into()], |row| {
            let current = same_secret(&hash_secret(row.text(0)?), secret);
            let aging = read_aging(row.opt_text(1)?, row.opt_time(2)?, now)?;
            let old = aging.iter().any(|aging| same_secret(&hash_secret(&aging.secret), secret));
            Ok((current || old, row.text(3)?.to_owned()))
        })
        .await?;
    let Some((true, description)) = endpoint else { return Ok(Err(Refusal::WrongSecret)) };
    let delivery = tx
        .query_one(DELIVERY, &[claim.delivery.into(), claim.endpoint.into(), claim.ticket.into()], |row| {
            Ok((row.opt_text(0)?.and_then(Status::parse), row.opt_time(1)?.is_some()))
        })
        .await?;
    Ok(match delivery {
        Some((status, called_back)) => Ok(Expected { status, called_back, description }),
        None => Err(Refusal::WrongToken),
    })
}

/// What a callback would do.
struct Effects {
    status: Option<Status>,
    message: Option<String>,
    custom_fields: Option<super::Values>,
}

/// Writes the message and the fields, sets the status if it is still what the delivery said, and tells what was done.
async fn apply(
    tx: &mut impl TenantTx,
    origin: &Origin,
    ticket: &Ticket,
    claim: CallbackClaim,
    expected: Option<Status>,
    effects: Effects,
) -> Result<Map<String, serde_json::Value>> {
    const EXPECT: &str = "UPDATE deliveries SET expected_status = $2 WHERE id = $1";
    let Effects { status, message, custom_fields } = effects;
    let mut event = Map::new();
    if let Some(body) = message {
        let new = message::New {
            author: origin.actor.clone(),
            body,
            html: None,
            internal: false,
            mentions: Vec::new(),
            attachments: Vec::new(),
        };
        let message = message::add(tx, origin.clone(), ticket, new).await?;
        event.insert("messageId".into(), json!(message.id));
    }
    // One that was merged meanwhile stays closed, whatever the workflow makes of it.
    let unchanged = expected == Some(ticket.status) && ticket.merged_into.is_none();
    let changes = Changes { status: status.filter(|_| unchanged), custom_fields, ..Changes::default() };
    ticket::change(tx, origin.clone(), ticket, changes).await?;
    if let Some(status) = status {
        if unchanged {
            tx.put(EXPECT, vec![claim.delivery.into(), status.as_str().into()]);
        }
        event.insert("status".into(), json!(status));
        event.insert("statusApplied".into(), json!(unchanged));
        if !unchanged {
            event.insert("statusFound".into(), json!(ticket.status));
        }
    }
    Ok(event)
}

fn put_called_back(tx: &mut impl TenantTx, claim: CallbackClaim) {
    // While it is being sent, `updated_at` is when that began.
    const SQL: &str = "UPDATE deliveries SET callback_at = $2,
        updated_at = CASE WHEN state = 'sending' THEN updated_at ELSE $2 END WHERE id = $1";
    // The answer is there before all attempts are used up: no need to make more.
    const STOP: &str =
        "UPDATE deliveries SET state = 'delivered', due_at = NULL WHERE id = $1 AND state = 'pending'";
    let now = tx.now();
    tx.put(SQL, vec![claim.delivery.into(), now.into()]);
    tx.put(STOP, vec![claim.delivery.into()]);
}
