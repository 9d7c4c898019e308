//! Webhook endpoints, for a company's admins.

use axum::{extract::State, http::StatusCode, response::Response};
use flowbit_domain::{
    control::SecretOwner,
    cursor::Page,
    endpoint::{
        CreateEndpoint, DeleteEndpoint, Endpoint, EndpointPatch, EndpointWithSecrets, GetEndpoint,
        ListEndpoints, NewEndpoint, RotateSecret, Secrets, TestEndpoint, TestStarted, UpdateEndpoint,
    },
    error::Error,
    id::EndpointId,
};
use serde::Deserialize;
use url::Url;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path, Query, no_content},
    page_limit,
    problem::Problem,
};
use crate::{
    app::App,
    automation,
    identity::caller::{Admin, Caller},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_endpoints, create_endpoint))
        .routes(routes!(update_endpoint, delete_endpoint))
        .routes(routes!(rotate_secret))
        .routes(routes!(test_endpoint))
}

/// A page of endpoints.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EndpointsQuery {
    /// At most how many, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Refuses an address that this server's deliveries may not reach. What is no URL at all is left to
/// the use-case, which says what is wrong with it.
async fn check_reachable(app: &App, url: &str) -> Result<(), Problem> {
    let Ok(url) = Url::parse(url.trim()) else { return Ok(()) };
    let refused = automation::networks(app).check_url(&url).await;
    Ok(refused.map_err(|forbidden| {
        Error::invalid("url", format!("{forbidden}; the operator can allow it (FLOWBIT_WEBHOOK_ALLOW)"))
    })?)
}

/// Makes secrets and tells the directory whose they are, before they are anybody's: what a crash
/// leaves there is a hint at a secret that no endpoint has.
async fn make_secrets(app: &App, caller: &Caller, endpoint: EndpointId) -> Result<Secrets, Problem> {
    let secrets = Secrets::generate(&*app.randomness);
    let owner = SecretOwner { tenant: caller.principal.tenant, endpoint };
    app.store.control().add_secret(secrets.shared_hash(), owner).await.map_err(Error::from)?;
    Ok(secrets)
}

/// Lists the endpoints, oldest first.
#[utoipa::path(get, path = "/api/admin/endpoints", operation_id = "list_endpoints", tag = "admin",
    params(EndpointsQuery),
    responses((status = 200, description = "A page of endpoints", body = Page<Endpoint>)))]
async fn list_endpoints(
    State(app): State<App>,
    Admin(caller): Admin,
    Query(query): Query<EndpointsQuery>,
) -> Result<Json<Page<Endpoint>>, Problem> {
    let list = ListEndpoints {
        principal: caller.principal(),
        limit: page_limit(query.limit)?,
        cursor: query.cursor,
    };
    Ok(Json(app.store.read(&caller.ctx, list).await?))
}

/// Adds an endpoint. The answer holds its two secrets, which are never shown again.
///
/// Deliveries are signed by `secret` (Standard Webhooks 1.0) and carry `sharedSecret` in the header
/// `X-Webhook-Secret`; callbacks must carry it as well.
#[utoipa::path(post, path = "/api/admin/endpoints", operation_id = "create_endpoint", tag = "admin",
    request_body = NewEndpoint,
    responses((status = 201, description = "Added", body = EndpointWithSecrets)))]
async fn create_endpoint(
    State(app): State<App>,
    Admin(caller): Admin,
    Json(input): Json<NewEndpoint>,
) -> Result<(StatusCode, Json<EndpointWithSecrets>), Problem> {
    let input = input.check()?;
    check_reachable(&app, &input.url).await?;
    let id = EndpointId::generate(&*app.clock, &*app.randomness);
    let secrets = make_secrets(&app, &caller, id).await?;
    let create =
        CreateEndpoint { principal: caller.principal(), origin: caller.origin(), id, secrets, input };
    Ok((StatusCode::CREATED, Json(app.store.write(&caller.ctx, create).await?)))
}

/// Changes an endpoint. What waits for it goes to its new address; while it is switched off, it waits.
#[utoipa::path(patch, path = "/api/admin/endpoints/{id}", operation_id = "update_endpoint", tag = "admin",
    params(("id" = EndpointId, Path, description = "The endpoint")), request_body = EndpointPatch,
    responses((status = 200, description = "Changed", body = Endpoint)))]
async fn update_endpoint(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<EndpointId>,
    Json(patch): Json<EndpointPatch>,
) -> Result<Json<Endpoint>, Problem> {
    if let Some(url) = &patch.url {
        app.store.read(&caller.ctx, GetEndpoint { principal: caller.principal(), id }).await?;
        check_reachable(&app, url).await?;
    }
    let update = UpdateEndpoint { principal: caller.principal(), origin: caller.origin(), id, patch };
    Ok(Json(app.store.write(&caller.ctx, update).await?))
}

/// Removes an endpoint. What waits for it is given up, its secrets are erased.
#[utoipa::path(delete, path = "/api/admin/endpoints/{id}", operation_id = "delete_endpoint", tag = "admin",
    params(("id" = EndpointId, Path, description = "The endpoint")),
    responses((status = 204, description = "Removed")))]
async fn delete_endpoint(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<EndpointId>,
) -> Result<Response, Problem> {
    let delete = DeleteEndpoint { principal: caller.principal(), origin: caller.origin(), id };
    app.store.write(&caller.ctx, delete).await?;
    if let Err(error) = app.store.control().remove_secrets(id).await {
        // They open nothing any more: the endpoint itself has lost them.
        tracing::warn!(%error, endpoint = %id, "hints at an endpoint's secrets were left behind");
    }
    Ok(no_content())
}

/// Makes both secrets anew. The old ones stay good for a day: deliveries are signed by all that are
/// good, and callbacks may carry any. More than 10 times a day is 429.
#[utoipa::path(post, path = "/api/admin/endpoints/{id}/rotate-secret", operation_id = "rotate_secret", tag = "admin",
    params(("id" = EndpointId, Path, description = "The endpoint")),
    responses((status = 200, description = "The endpoint with its new secrets", body = EndpointWithSecrets)))]
async fn rotate_secret(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<EndpointId>,
) -> Result<Json<EndpointWithSecrets>, Problem> {
    app.store.read(&caller.ctx, GetEndpoint { principal: caller.principal(), id }).await?;
    let secrets = make_secrets(&app, &caller, id).await?;
    let rotate = RotateSecret { principal: caller.principal(), origin: caller.origin(), id, secrets };
    Ok(Json(app.store.write(&caller.ctx, rotate).await?))
}

/// Sends a delivery of type `endpoint.test`. When it is answered, all that waits goes out as well.
#[utoipa::path(post, path = "/api/admin/endpoints/{id}/test", operation_id = "test_endpoint", tag = "admin",
    params(("id" = EndpointId, Path, description = "The endpoint")),
    responses((status = 202, description = "On its way", body = TestStarted)))]
async fn test_endpoint(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<EndpointId>,
) -> Result<(StatusCode, Json<TestStarted>), Problem> {
    let test = TestEndpoint { principal: caller.principal(), origin: caller.origin(), id };
    Ok((StatusCode::ACCEPTED, Json(app.store.write(&caller.ctx, test).await?)))
}
