//! The audit trail: reading, verifying, checkpoints. Exports are in [`super::export`].

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use flowbit_domain::{
    Error, Timestamp,
    audit::{AuditEvent, AuditFilter, GetHead, Head, ListAudit, ReadLedger},
    cursor::Page,
    event::{Action, ChainVerifier, checkpoint_bytes},
    id::{TenantId, TicketId, UserId},
    text::Checks,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    export::{self, Shape},
    extract::{Json, Query},
    page_limit,
    problem::Problem,
};
use crate::{app::App, identity::caller::Admin};

/// How many events are verified between two looks at the store.
const PIECE: usize = 1_000;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_audit))
        .routes(routes!(verify_audit))
        .routes(routes!(get_checkpoint))
}

/// Which events, and in which form.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// This action.
    #[param(example = "ticket.created")]
    action: Option<String>,
    /// By this person.
    user_id: Option<UserId>,
    /// About this ticket.
    ticket_id: Option<TicketId>,
    /// Not before.
    from: Option<Timestamp>,
    /// Before.
    to: Option<Timestamp>,
    /// At most how many, 1 to 100. Not for exports, which hold everything that matches.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `nextCursor` of the page before. Not for exports.
    cursor: Option<String>,
    /// `json` is a page, newest first; `ndjson` and `csv` are exports, oldest first.
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    Json,
    Ndjson,
    Csv,
}

/// Lists or exports the audit trail.
///
/// An export is itself recorded. As NDJSON and without a filter it can be verified offline by
/// `flowbit audit verify`.
#[utoipa::path(get, path = "/api/admin/audit", operation_id = "list_audit", tag = "admin", params(AuditQuery),
    responses((status = 200, description = "Events", content(
        (Page<AuditEvent> = "application/json"), (String = "application/x-ndjson"), (String = "text/csv")))))]
async fn list_audit(
    State(app): State<App>,
    Admin(caller): Admin,
    Query(query): Query<AuditQuery>,
) -> Result<Response, Problem> {
    let action = match query.action.as_deref() {
        None => None,
        Some(name) => {
            Some(Action::parse(name).ok_or_else(|| Error::invalid("action", "is not a known action"))?)
        }
    };
    let filter =
        AuditFilter { action, user: query.user_id, ticket: query.ticket_id, from: query.from, to: query.to };
    let shape = match query.format.unwrap_or(Format::Json) {
        Format::Json => {
            let list = ListAudit {
                principal: caller.principal(),
                filter,
                limit: page_limit(query.limit)?,
                cursor: query.cursor,
            };
            return Ok(Json(app.store.read(&caller.ctx, list).await?).into_response());
        }
        Format::Ndjson => Shape::Ndjson,
        Format::Csv => Shape::Csv,
    };
    let mut checks = Checks::default();
    for (name, is_there) in [("cursor", query.cursor.is_some()), ("limit", query.limit.is_some())] {
        if is_there {
            checks.fail(name, "is not for exports, which have no pages");
        }
    }
    checks.finish()?;
    export::stream(&app, &caller, filter, shape).await
}

/// What verifying found.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verification {
    /// Whether the chain holds from the first event to the last.
    ok: bool,
    /// How many events there are.
    size: i64,
    /// The hash of the last, in hex.
    head: String,
    /// The first `seq` that is wrong or missing.
    #[schema(required)]
    first_bad: Option<i64>,
}

/// Verifies the whole chain.
#[utoipa::path(get, path = "/api/admin/audit/verify", operation_id = "verify_audit", tag = "admin",
    responses((status = 200, description = "What was found", body = Verification)))]
async fn verify_audit(State(app): State<App>, Admin(caller): Admin) -> Result<Json<Verification>, Problem> {
    let head = app.store.read(&caller.ctx, GetHead).await?;
    let mut chain = ChainVerifier::default();
    let mut first_bad = None;
    'reading: while chain.size < head.size {
        let after = chain.size;
        let missing = usize::try_from(head.size - after).unwrap_or(PIECE);
        let events = app.store.read(&caller.ctx, ReadLedger { after, limit: missing.min(PIECE) }).await?;
        if events.is_empty() {
            // The head says that there were more.
            first_bad = Some(after + 1);
            break;
        }
        for event in &events {
            if let Err(fault) = chain.check(event) {
                first_bad = Some(fault.seq);
                break 'reading;
            }
        }
        // Hashing a thousand events takes some milliseconds: let others have their turn.
        tokio::task::yield_now().await;
    }
    if first_bad.is_none() && chain.head != head.hash {
        first_bad = Some(head.size.max(1));
    }
    if first_bad.is_none() {
        first_bad = chain.finish().err().map(|fault| fault.seq);
    }
    Ok(Json(Verification {
        ok: first_bad.is_none(),
        size: head.size,
        head: hex::encode(head.hash),
        first_bad,
    }))
}

/// A signed statement of how long the ledger was and how it ended, at one moment. Kept elsewhere it
/// shows later if the tail was cut off or everything was written anew.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Checkpoint {
    /// Whose ledger.
    customer_id: TenantId,
    /// How many events there were.
    size: i64,
    /// The hash of the last, in hex.
    head: String,
    /// When.
    timestamp: Timestamp,
    /// The key, as in the JWK set.
    key_id: String,
    /// The public key (Ed25519), in hex.
    public_key: String,
    /// The signature, in hex, over `flowbit-checkpoint-v1`, the company's id, size, head and time.
    signature: String,
}

/// Makes a checkpoint.
#[utoipa::path(get, path = "/api/admin/audit/checkpoint", operation_id = "get_checkpoint", tag = "admin",
    responses((status = 200, description = "The checkpoint", body = Checkpoint)))]
async fn get_checkpoint(State(app): State<App>, Admin(caller): Admin) -> Result<Json<Checkpoint>, Problem> {
    let Head { size, hash } = app.store.read(&caller.ctx, GetHead).await?;
    let customer_id = caller.principal.tenant;
    let timestamp = app.clock.now();
    let signed = app.keys.sign_bytes(&checkpoint_bytes(customer_id, size, &hash, timestamp));
    Ok(Json(Checkpoint {
        customer_id,
        size,
        head: hex::encode(hash),
        timestamp,
        key_id: signed.kid,
        public_key: hex::encode(signed.public_key),
        signature: hex::encode(signed.signature),
    }))
}
