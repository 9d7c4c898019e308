//! Being rid of e-mails by the link that stands in each, without signing in (RFC 8058).
//!
//! The token names one person of one company, and can do nothing but this. Programs that look through mail follow
//! links: so the page only asks, and what it sends, or a mail program by itself, takes effect.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use flowbit_domain::{Actor, TenantCtx, control::Tenant, id::UserId, notice::StopMail};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{extract::parse_query, problem::Problem};
use crate::{
    app::App,
    identity::{active_tenant, caller::Anonymous, keys::Purpose, tokens::UnsubscribeClaims},
    mail::{Language, Page, UNSUBSCRIBE_PATH, show},
};

pub(super) const PATH: &str = UNSUBSCRIBE_PATH;

/// The page has a form that is sent to where it is shown, and nothing else.
const POLICY: &str = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show_unsubscribe, unsubscribe))
}

/// Who wants no more e-mails.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UnsubscribeQuery {
    /// As it stands in the e-mail; good for 90 days.
    token: Option<String>,
}

/// Asks whether one wants no more e-mails. Changes nothing.
#[utoipa::path(get, path = "/unsubscribe", operation_id = "show_unsubscribe", tag = "notices", security(()),
    params(UnsubscribeQuery),
    responses((status = 200, description = "A page with the question", content_type = "text/html", body = String),
        (status = 404, description = "A page: the token is not good, or not any more", content_type = "text/html",
            body = String)))]
async fn show_unsubscribe(
    State(app): State<App>,
    Anonymous(request): Anonymous,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.limits.check_tokens(request.ip)?;
    Ok(match verify(&app, &uri).await? {
        Some((company, _)) => page(StatusCode::OK, Language::of(&company.locale), &Page::Asks(&company.name)),
        None => no_longer_good(&headers),
    })
}

/// Sees to it that one gets no more e-mails. Mail programs send it by themselves (RFC 8058); what stands in its body
/// is no matter. Doing it again changes nothing.
#[utoipa::path(post, path = "/unsubscribe", operation_id = "unsubscribe", tag = "notices", security(()),
    params(UnsubscribeQuery),
    responses((status = 200, description = "A page that says so", content_type = "text/html", body = String),
        (status = 404, description = "A page: the token is not good, or not any more", content_type = "text/html",
            body = String)))]
async fn unsubscribe(
    State(app): State<App>,
    Anonymous(request): Anonymous,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.limits.check_tokens(request.ip)?;
    let Some((company, user)) = verify(&app, &uri).await? else { return Ok(no_longer_good(&headers)) };
    #[expect(clippy::disallowed_methods, reason = "the tenant stands in a token that was verified")]
    let ctx = TenantCtx::for_delivery(company.id);
    let stop = StopMail { origin: request.origin(Actor::system()), user };
    Ok(if app.store.write(&ctx, stop).await? {
        page(StatusCode::OK, Language::of(&company.locale), &Page::Stopped(&company.name))
    } else {
        no_longer_good(&headers)
    })
}

/// Of whom the address's token is, if it is good.
async fn verify(app: &App, uri: &Uri) -> Result<Option<(Arc<Tenant>, UserId)>, Problem> {
    let query: UnsubscribeQuery = parse_query(uri.query().unwrap_or_default())?;
    let Some(token) = query.token else { return Ok(None) };
    let Some(verified) = app.keys.verify::<UnsubscribeClaims>(Purpose::Unsubscribe, &token).await else {
        return Ok(None);
    };
    let UnsubscribeClaims { customer_id, user_id } = verified.claims;
    Ok(active_tenant(app, customer_id).await?.map(|company| (company, user_id)))
}

fn no_longer_good(headers: &HeaderMap) -> Response {
    let preferred = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    page(StatusCode::NOT_FOUND, Language::of(preferred.unwrap_or_default()), &Page::NoLongerGood)
}

fn page(status: StatusCode, language: Language, page: &Page<'_>) -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (status, headers, show(language, page)).into_response()
}
