//! The OpenAPI document, generated from the routes and their types.

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use utoipa::{
    OpenApi,
    openapi::{
        Components, OpenApi as Document,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{documented, problem::ProblemBody};
use crate::app::App;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Flowbit",
        description = "A multi-tenant support desk. Times are RFC 3339 in UTC with milliseconds, ids are UUIDs; \
            unknown fields and parameters are refused. What you may not see answers as what does not exist.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This server")),
    security(("bearer" = [])),
    components(schemas(ProblemBody<'static>)),
    tags(
        (name = "session", description = "Signing in and who one is"),
        (name = "tickets", description = "Tickets and their conversations"),
        (name = "notices", description = "What one is told, and of which tickets"),
        (name = "macros", description = "Answers that are written once and used often"),
        (name = "events", description = "What happened, for clients that follow"),
        (name = "admin", description = "For admins of a company"),
        (name = "workflow", description = "What workflows call"),
        (name = "operation", description = "For operators"),
    ),
)]
struct Base;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_openapi))
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", operation_id = "get_openapi", tag = "operation", security(()),
    responses((status = 200, description = "The document", content_type = "application/json", body = Object)))]
async fn get_openapi(State(app): State<App>) -> Response {
    let document: &Bytes = app.openapi.get_or_init(|| openapi().to_json().unwrap_or_default().into());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, document.clone()).into_response()
}

/// The document.
pub(crate) fn openapi() -> Document {
    let mut document = Base::openapi();
    document.merge(super::api().into_openapi());
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("The `accessToken` of signing in"))
        .build();
    document
        .components
        .get_or_insert_with(Components::new)
        .add_security_scheme("bearer", SecurityScheme::Http(scheme));
    documented::complete(&mut document);
    document
}
