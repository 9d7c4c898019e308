//! The person who is signed in.

use axum::{extract::State, response::Response};
use flowbit_domain::{
    Error,
    control::Customer,
    user::{ChangePassword, FindPassword, GetProfile, Profile, check_password},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, no_content},
    problem::Problem,
};
use crate::{
    app::App,
    identity::{active_tenant, attempts, caller::Caller, limits::account, password::Verdict},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_me)).routes(routes!(change_password))
}

/// Who is signed in, and where.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// They.
    user: Profile,
    /// Their company.
    customer: Customer,
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/me", operation_id = "get_me", tag = "session",
    responses((status = 200, description = "Who is signed in", body = Me)))]
async fn get_me(State(app): State<App>, caller: Caller) -> Result<Json<Me>, Problem> {
    let user = app.store.read(&caller.ctx, GetProfile { principal: caller.principal() }).await?;
    let tenant = active_tenant(&app, caller.principal.tenant).await?.ok_or_else(Problem::unauthenticated)?;
    Ok(Json(Me { user, customer: Customer::from(&*tenant) }))
}

/// The current password and the one to come.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PasswordRequest {
    /// The current password.
    #[schema(format = Password)]
    current_password: String,
    /// The one to come: at least 12 characters, at most 256 bytes.
    #[schema(format = Password, min_length = 12)]
    new_password: String,
}

/// Changes one's own password. All other sessions end.
#[utoipa::path(post, path = "/api/me/password", operation_id = "change_password", tag = "session",
    request_body = PasswordRequest, responses((status = 204, description = "Changed")))]
async fn change_password(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<PasswordRequest>,
) -> Result<Response, Problem> {
    check_password("newPassword", &body.new_password)?;
    // Whoever found an open browser must not be able to guess on; the session stands for a device.
    let principal = &caller.principal;
    let key = account(&principal.user.to_string());
    let attempt = attempts::begin(&app, caller.request.ip, key, Some(principal.session.0)).await?;
    let hash = app.store.read(&caller.ctx, FindPassword { user: principal.user }).await?;
    let verdict = app.passwords.verify(&body.current_password, hash.as_deref()).await?;
    let (Some(seen_hash), Verdict::Right | Verdict::RightButOld) = (hash, verdict) else {
        return Err(Error::invalid("currentPassword", "is not your password").into());
    };
    attempts::give_back(&app, &attempt).await;
    let new_hash = app.passwords.hash(&body.new_password).await?;
    let change =
        ChangePassword { principal: caller.principal(), origin: caller.origin(), seen_hash, new_hash };
    app.store.write(&caller.ctx, change).await?;
    Ok(no_content())
}
