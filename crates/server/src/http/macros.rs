//! Macros: answers that are written once and used often.

use axum::{
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use flowbit_domain::{
    id::{MacroId, TicketId},
    macros::{
        ApplyMacro, CreateMacro, DeleteMacro, ListMacros, Macro, MacroList, MacroOutcome, MacroPatch,
        MacroUse, NewMacro, UpdateMacro,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path, no_content, parse_query},
    idempotency::{Repeatable, respond},
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_macros, create_macro))
        .routes(routes!(update_macro, delete_macro))
        .routes(routes!(apply_macro))
}

/// For what they are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MacrosQuery {
    /// Also answers each macro's `text` for this ticket, with the placeholders filled in.
    ticket_id: Option<TicketId>,
}

/// Lists the macros that you may use, by name: those that all share and your own.
#[utoipa::path(get, path = "/api/macros", operation_id = "list_macros", tag = "macros", params(MacrosQuery),
    responses((status = 200, description = "The macros", body = MacroList)))]
async fn list_macros(State(app): State<App>, caller: Caller, uri: Uri) -> Result<Json<MacroList>, Problem> {
    let query: MacrosQuery = parse_query(uri.query().unwrap_or_default())?;
    let list = ListMacros { principal: caller.principal(), ticket: query.ticket_id };
    Ok(Json(app.store.read(&caller.ctx, list).await?))
}

/// Makes a macro: one of your own, or (admins) one that all share.
///
/// Placeholders in `body` are `{{requester.name}}`, `{{requester.firstName}}`, `{{ticket.number}}`,
/// `{{ticket.title}}`, `{{agent.name}}` and `{{agent.firstName}}`; others are refused by their name.
#[utoipa::path(post, path = "/api/macros", operation_id = "create_macro", tag = "macros", request_body = NewMacro,
    responses((status = 201, description = "Made", body = Macro)))]
async fn create_macro(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<NewMacro>,
) -> Result<(StatusCode, Json<Macro>), Problem> {
    let create = CreateMacro { principal: caller.principal(), origin: caller.origin(), input };
    Ok((StatusCode::CREATED, Json(app.store.write(&caller.ctx, create).await?)))
}

/// Changes a macro of your own, or (admins) one that all share. With `version` it is 409 `conflict` if someone was
/// faster.
#[utoipa::path(patch, path = "/api/macros/{id}", operation_id = "update_macro", tag = "macros",
    params(("id" = MacroId, Path, description = "The macro")), request_body = MacroPatch,
    responses((status = 200, description = "Changed", body = Macro)))]
async fn update_macro(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<MacroId>,
    Json(patch): Json<MacroPatch>,
) -> Result<Json<Macro>, Problem> {
    let update = UpdateMacro { principal: caller.principal(), origin: caller.origin(), id, patch };
    Ok(Json(app.store.write(&caller.ctx, update).await?))
}

/// Removes a macro of your own, or (admins) one that all share. What it has said and done stays.
#[utoipa::path(delete, path = "/api/macros/{id}", operation_id = "delete_macro", tag = "macros",
    params(("id" = MacroId, Path, description = "The macro")),
    responses((status = 204, description = "Removed")))]
async fn delete_macro(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<MacroId>,
) -> Result<Response, Problem> {
    let delete = DeleteMacro { principal: caller.principal(), origin: caller.origin(), id };
    app.store.write(&caller.ctx, delete).await?;
    Ok(no_content())
}

/// Applies a macro to a ticket: its answer and its changes at once, or nothing of it.
///
/// With `version` it is 409 `conflict` if someone was faster. Sent twice with one `Idempotency-Key` it is applied
/// once.
#[utoipa::path(post, path = "/api/tickets/{id}/macros", operation_id = "apply_macro", tag = "macros",
    params(("id" = TicketId, Path, description = "The ticket"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless, for a day")),
    request_body = MacroUse,
    responses((status = 200, description = "Applied", body = MacroOutcome)))]
async fn apply_macro(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    Repeatable { body, key }: Repeatable<MacroUse>,
) -> Result<Response, Problem> {
    let apply = ApplyMacro {
        principal: caller.principal(),
        origin: caller.origin(),
        ticket,
        input: body,
        idempotency: key,
    };
    Ok(respond(StatusCode::OK, app.store.write(&caller.ctx, apply).await?))
}
