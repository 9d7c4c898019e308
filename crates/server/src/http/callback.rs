//! The callback of workflows.
//!
//! Nobody is signed in here. Who calls is proven by two things that must agree: the endpoint's shared
//! secret in the header, and the token that the delivery carried. Whatever is wrong with either, the
//! answer is the same, and the ledger of the company that the good one names tells its admins.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use flowbit_domain::{
    Actor, ActorKind, TenantCtx,
    callback::{Answer, ApplyCallback, CallbackOutcome, RecordRefusedCallback, Refusal},
    control::{SecretHash, SecretOwner, TenantState},
    endpoint::hash_secret,
    error::Error,
    id::{DeliveryId, EndpointId, TenantId},
};
use serde::Serialize;
use tracing::Instrument;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    context::RequestInfo,
    extract::{JSON_LIMIT, Json, parse_json, read_body, require_json},
    problem::Problem,
};
use crate::{
    app::App,
    automation::{
        SECRET_HEADER,
        token::{self, CallbackClaims},
    },
    identity::caller::Anonymous,
    telemetry::traces,
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(apply_callback))
}

/// What became of a callback.
#[derive(Serialize, ToSchema)]
struct CallbackApplied {
    /// `false`: the same had been applied before, and nothing was done again.
    applied: bool,
}

/// A workflow's answer: a message for the requester, a new status, or just that it is done.
///
/// The same answer to the same delivery takes effect once. The status is set only if nobody has set
/// another one since the delivery. 401 `invalid_callback` when secret or token are not good, or not
/// both of this endpoint and ticket.
#[utoipa::path(post, path = "/webhook/ticket-done", operation_id = "apply_callback", tag = "workflows",
    security(()),
    params(("X-Webhook-Secret" = String, Header, description = "The endpoint's `sharedSecret`")),
    request_body = Answer,
    responses((status = 200, description = "Done", body = CallbackApplied)))]
async fn apply_callback(
    State(app): State<App>,
    Anonymous(info): Anonymous,
    request: Request,
) -> Result<Json<CallbackApplied>, Problem> {
    let secret = secret_of(request.headers());
    let answer = read_answer(request).await;
    let owner = find_owner(&app, secret).await?;
    let (Some(secret), Some(owner)) = (secret, owner) else {
        // Only a token that is good can say whom this concerns.
        let claims = match &answer {
            Ok(answer) => token::verify(&app, &answer.callback_token).await,
            Err(_) => None,
        };
        let named = claims.map(|c| Named {
            tenant: c.customer_id,
            endpoint: c.endpoint_id,
            delivery: Some(c.delivery_id),
        });
        return Err(refuse(&app, &info, Refusal::WrongSecret, named).await);
    };
    let answer = answer?;
    let named = Named { tenant: owner.tenant, endpoint: owner.endpoint, delivery: None };
    let Some(claims) = token::verify(&app, &answer.callback_token).await else {
        return Err(refuse(&app, &info, Refusal::WrongToken, Some(named)).await);
    };
    if !agree(&claims, owner, &answer) {
        return Err(refuse(&app, &info, Refusal::Mismatch, Some(named)).await);
    }
    if !is_active(&app, owner.tenant).await? {
        return Err(refuse(&app, &info, Refusal::WrongSecret, None).await);
    }
    let apply = ApplyCallback {
        origin: info.origin(stranger()),
        claim: claims.claim(),
        secret,
        status: answer.status,
        message: answer.message,
        custom_fields: answer.custom_fields,
        data: answer.data,
    };
    let trace = traces::callback(claims.trace_parent.as_deref());
    match app.store.write(&ctx(owner.tenant), apply).instrument(trace).await? {
        CallbackOutcome::Applied(applied) => {
            let outcome = if applied { "applied" } else { "repeated" };
            metrics::counter!("flowbit_callbacks_total", "outcome" => outcome).increment(1);
            Ok(Json(CallbackApplied { applied }))
        }
        CallbackOutcome::Refused => {
            count(&app, &info, "recorded")?;
            Err(invalid_callback())
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "named by a secret that Flowbit made or a token that it signed"
)]
fn ctx(tenant: TenantId) -> TenantCtx {
    TenantCtx::for_delivery(tenant)
}

/// Whoever calls, until the endpoint is known.
fn stranger() -> Actor {
    Actor { kind: ActorKind::Workflow, id: None, name: "Unknown caller".into() }
}

fn secret_of(headers: &HeaderMap) -> Option<SecretHash> {
    headers.get(SECRET_HEADER).and_then(|value| value.to_str().ok()).map(hash_secret)
}

async fn read_answer(request: Request) -> Result<Answer, Problem> {
    require_json(request.headers())?;
    parse_json(&read_body(request, JSON_LIMIT).await?)
}

async fn find_owner(app: &App, secret: Option<SecretHash>) -> Result<Option<SecretOwner>, Problem> {
    match secret {
        Some(secret) => Ok(app.store.control().find_secret(secret).await.map_err(Error::from)?),
        None => Ok(None),
    }
}

async fn is_active(app: &App, tenant: TenantId) -> Result<bool, Problem> {
    let tenant = app.store.control().tenant(tenant).await.map_err(Error::from)?;
    Ok(tenant.is_some_and(|tenant| tenant.state == TenantState::Active))
}

fn agree(claims: &CallbackClaims, owner: SecretOwner, answer: &Answer) -> bool {
    claims.customer_id == owner.tenant
        && claims.endpoint_id == owner.endpoint
        && claims.ticket_id == answer.ticket_id
}

/// What the good part of a refused callback names.
struct Named {
    tenant: TenantId,
    endpoint: EndpointId,
    delivery: Option<DeliveryId>,
}

fn invalid_callback() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "invalid_callback")
}

/// Counts a refusal. Too many from one address are answered with 429 and not recorded any more: nobody
/// can fill a company's ledger with them.
fn count(app: &App, info: &RequestInfo, known: &'static str) -> Result<(), Problem> {
    metrics::counter!("flowbit_callbacks_refused_total", "company" => known).increment(1);
    app.limits.check_tokens(info.ip)
}

/// Refuses, and records it with whom it concerns.
async fn refuse(app: &App, info: &Arc<RequestInfo>, refusal: Refusal, named: Option<Named>) -> Problem {
    let known = if named.is_some() { "recorded" } else { "unknown" };
    if let Err(too_often) = count(app, info, known) {
        return too_often;
    }
    let Some(Named { tenant, endpoint, delivery }) = named else {
        tracing::warn!(requestId = info.id(), ip = %info.ip, reason = refusal.as_str(), "refused a callback of nobody known");
        return invalid_callback();
    };
    tracing::warn!(requestId = info.id(), ip = %info.ip, customerId = %tenant, reason = refusal.as_str(), "refused a callback");
    let record = RecordRefusedCallback { origin: info.origin(stranger()), refusal, endpoint, delivery };
    if let Err(error) = app.store.write(&ctx(tenant), record).await {
        tracing::error!(requestId = info.id(), customerId = %tenant, %error, "a refused callback could not be recorded");
    }
    invalid_callback()
}
