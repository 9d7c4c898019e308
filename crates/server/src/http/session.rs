//! Signing in and out, renewing a session, accepting an invitation, and the public keys.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flowbit_domain::{
    Actor, Error, TenantCtx,
    control::Customer,
    session::{EndSession, RefreshSession, Refreshed, Started},
    user::{AcceptInvitation, Profile, check_password},
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
    identity::{
        active_tenant, authenticate,
        caller::{Anonymous, bearer},
        cookies,
        keys::Purpose,
        signin::{Credentials, SignedIn, issue, read_refresh, sign_in},
        tokens::{ACCESS_MS, DEVICE_MS, InvitationClaims},
    },
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh_session))
        .routes(routes!(logout))
        .routes(routes!(accept_invitation))
        .routes(routes!(get_signing_keys))
}

/// Address and password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LoginRequest {
    /// The address.
    #[schema(example = "ada@example.com")]
    email: String,
    /// The password.
    #[schema(format = Password)]
    password: String,
    /// The company's `slug`; needed only after a 409 `tenant_required`.
    #[serde(default)]
    tenant: Option<String>,
}

/// A session as its owner gets it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionBody {
    /// To be sent as `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// For how many seconds the token is good.
    expires_in: i64,
    /// Who signed in.
    user: Profile,
    /// Their company.
    customer: Customer,
}

/// An invitation's token and the chosen password.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AcceptRequest {
    /// What stands after `#` in the link.
    token: String,
    /// The chosen password: at least 12 characters, at most 256 bytes.
    #[schema(format = Password, min_length = 12)]
    password: String,
}

/// Signs in by address and password.
///
/// Sets the refresh token as a cookie that no script can read. A wrong address and a wrong password
/// are one answer.
#[utoipa::path(post, path = "/api/auth/login", operation_id = "login", tag = "session", security(()),
    request_body = LoginRequest, responses((status = 200, description = "Signed in", body = SessionBody)))]
async fn login(
    State(app): State<App>,
    Anonymous(request): Anonymous,
    headers: HeaderMap,
    Json(body): Json<LoginRequest>,
) -> Result<Response, Problem> {
    refuse_cross_site(&headers)?;
    let credentials = Credentials {
        email: body.email,
        password: body.password,
        tenant: body.tenant,
        device: cookies::read(&headers, cookies::DEVICE).map(str::to_owned),
        user_agent: user_agent(&headers),
    };
    let (signed_in, device) = sign_in(&app, &request, credentials).await?;
    let device = cookies::set(&app.config, cookies::DEVICE, &device, DEVICE_MS);
    answer(&app, signed_in, Some(device))
}

/// Renews the session by the refresh cookie, which is replaced.
///
/// A refresh token that was used before ends its session.
#[utoipa::path(post, path = "/api/auth/refresh", operation_id = "refresh_session", tag = "session", security(()),
    responses((status = 200, description = "Renewed", body = SessionBody)))]
async fn refresh_session(
    State(app): State<App>,
    Anonymous(request): Anonymous,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    refuse_cross_site(&headers)?;
    app.limits.check_tokens(request.ip)?;
    let signed_out = || (cookies::clear(&app.config, cookies::REFRESH), Problem::unauthenticated());
    let Some(token) = cookies::read(&headers, cookies::REFRESH) else {
        return Err(Problem::unauthenticated());
    };
    let Some((tenant, session, refresh_id)) = read_refresh(&app, token).await else {
        return Ok(with_cookie(signed_out()));
    };
    let Some(tenant) = active_tenant(&app, tenant).await? else {
        return Ok(with_cookie(signed_out()));
    };
    #[expect(clippy::disallowed_methods, reason = "the tenant stands in a refresh token that was verified")]
    let ctx = TenantCtx::for_delivery(tenant.id);
    let refresh = RefreshSession { origin: request.origin(Actor::system()), session, refresh_id };
    match app.store.write(&ctx, refresh).await? {
        Refreshed::Renewed(started) => answer(&app, SignedIn { started, tenant }, None),
        Refreshed::Reused => {
            tracing::warn!(customerId = %tenant.id, %session, "a refresh token was used twice: its session was ended");
            Ok(with_cookie(signed_out()))
        }
        Refreshed::Over => Ok(with_cookie(signed_out())),
    }
}

/// Signs out: ends the session of the refresh cookie and that of the access token, if any is sent.
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "logout", tag = "session", security((), ("bearer" = [])),
    responses((status = 204, description = "Signed out")))]
async fn logout(
    State(app): State<App>,
    Anonymous(request): Anonymous,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    refuse_cross_site(&headers)?;
    app.limits.check_tokens(request.ip)?;
    let mut ended = Vec::new();
    if let Some(token) = cookies::read(&headers, cookies::REFRESH)
        && let Some((tenant, session, _)) = read_refresh(&app, token).await
    {
        ended.push((tenant, session));
    }
    if let Some(token) = bearer(&headers)
        && let Ok(identity) = authenticate(&app, token).await
    {
        ended.push((identity.principal.tenant, identity.principal.session));
    }
    ended.dedup();
    for (tenant, session) in ended {
        #[expect(clippy::disallowed_methods, reason = "the tenant stands in a token that was verified")]
        let ctx = TenantCtx::for_delivery(tenant);
        let end = EndSession { origin: request.origin(Actor::system()), session };
        app.store.write(&ctx, end).await?;
        app.presence.end(tenant, session).iter().for_each(|word| word.pass_on(&app.store));
    }
    let mut response = no_content();
    add(&mut response, cookies::clear(&app.config, cookies::REFRESH));
    Ok(response)
}

/// Accepts an invitation: sets the password and signs in. The link is good once.
#[utoipa::path(post, path = "/api/auth/accept-invitation", operation_id = "accept_invitation", tag = "session",
    security(()), request_body = AcceptRequest,
    responses((status = 200, description = "Signed in", body = SessionBody)))]
async fn accept_invitation(
    State(app): State<App>,
    Anonymous(request): Anonymous,
    headers: HeaderMap,
    Json(body): Json<AcceptRequest>,
) -> Result<Response, Problem> {
    refuse_cross_site(&headers)?;
    app.limits.check_tokens(request.ip)?;
    let refused = || Problem::from(Error::Unauthorized { code: "invalid_invitation" });
    let token = app.keys.verify::<InvitationClaims>(Purpose::Invitation, &body.token).await;
    let InvitationClaims { customer_id, user_id, jti } = token.ok_or_else(refused)?.claims;
    let tenant = active_tenant(&app, customer_id).await?.ok_or_else(refused)?;
    check_password("password", &body.password)?;
    let password_hash = app.passwords.hash(&body.password).await?;
    #[expect(clippy::disallowed_methods, reason = "the tenant stands in an invitation that was verified")]
    let ctx = TenantCtx::for_delivery(tenant.id);
    let accept = AcceptInvitation {
        origin: request.origin(Actor::system()),
        user: user_id,
        invitation: jti,
        password_hash,
        user_agent: user_agent(&headers),
    };
    let started = app.store.write(&ctx, accept).await?;
    answer(&app, SignedIn { started, tenant }, None)
}

/// The public keys by which access tokens and checkpoints are verified, as a JWK set (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", operation_id = "get_signing_keys", tag = "session", security(()),
    responses((status = 200, description = "The keys", content_type = "application/json", body = Object)))]
async fn get_signing_keys(State(app): State<App>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, app.keys.jwks()).into_response()
}

fn answer(
    app: &App,
    SignedIn { started, tenant }: SignedIn,
    cookie: Option<(HeaderName, HeaderValue)>,
) -> Result<Response, Problem> {
    let (access_token, refresh, lifetime) = issue(app, &started)?;
    let Started { profile, .. } = started;
    let body = SessionBody {
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_MS / 1000,
        user: profile,
        customer: Customer::from(&*tenant),
    };
    let mut response = (StatusCode::OK, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    add(&mut response, cookies::set(&app.config, cookies::REFRESH, &refresh, lifetime));
    if let Some(cookie) = cookie {
        add(&mut response, cookie);
    }
    Ok(response)
}

fn add(response: &mut Response, (name, value): (HeaderName, HeaderValue)) {
    response.headers_mut().append(name, value);
}

fn with_cookie((cookie, problem): ((HeaderName, HeaderValue), Problem)) -> Response {
    let mut response = problem.into_response();
    add(&mut response, cookie);
    response
}

fn user_agent(headers: &HeaderMap) -> Option<String> {
    headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).map(str::to_owned)
}

/// Other sites' pages have no business here. `SameSite` keeps the cookies from them; this also keeps
/// them from signing a browser in as somebody else (Fetch Metadata).
fn refuse_cross_site(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"cross-site") => Err(Problem::new(StatusCode::FORBIDDEN, "forbidden")
            .with_detail("requests from other sites are refused here")),
        _ => Ok(()),
    }
}
