//! Custom fields: which a company has, and their administration.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use flowbit_domain::{
    fields::{CreateField, Field, FieldList, FieldPatch, ListFields, NewField, UpdateField},
    id::FieldId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cache,
    extract::{Json, Path},
    problem::Problem,
};
use crate::{
    app::App,
    identity::caller::{Admin, Caller},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_fields))
        .routes(routes!(create_field))
        .routes(routes!(update_field))
}

/// Lists your company's custom fields in their order: those that you may see and set, or, if you work on tickets,
/// all, those that are switched off too.
#[utoipa::path(get, path = "/api/fields", operation_id = "list_fields", tag = "tickets",
    responses((status = 200, description = "The fields", body = FieldList)))]
async fn list_fields(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        super::no_query(&uri)?;
        Ok(ListFields { principal: caller.principal() })
    })
    .await
}

/// Defines a custom field. Values that are set from now on are checked; those that tickets have stay.
#[utoipa::path(post, path = "/api/admin/fields", operation_id = "create_field", tag = "admin",
    request_body = NewField, responses((status = 201, description = "Defined", body = Field)))]
async fn create_field(
    State(app): State<App>,
    Admin(caller): Admin,
    Json(input): Json<NewField>,
) -> Result<(StatusCode, Json<Field>), Problem> {
    let create = CreateField { principal: caller.principal(), origin: caller.origin(), input };
    Ok((StatusCode::CREATED, Json(app.store.write(&caller.ctx, create).await?)))
}

/// Changes a custom field. Its key and kind stay as they are; it is not deleted but switched off (`active`), so
/// that the values that tickets have stay. With `version` it is 409 `conflict` if someone was faster.
#[utoipa::path(patch, path = "/api/admin/fields/{id}", operation_id = "update_field", tag = "admin",
    params(("id" = FieldId, Path, description = "The field")), request_body = FieldPatch,
    responses((status = 200, description = "Changed", body = Field)))]
async fn update_field(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<FieldId>,
    Json(patch): Json<FieldPatch>,
) -> Result<Json<Field>, Problem> {
    let update = UpdateField { principal: caller.principal(), origin: caller.origin(), id, patch };
    Ok(Json(app.store.write(&caller.ctx, update).await?))
}
