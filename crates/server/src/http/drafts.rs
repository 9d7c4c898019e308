//! What a person is writing at a ticket: their own alone.

use axum::{extract::State, response::Response};
use flowbit_domain::{
    draft::{Drafts, ListDrafts, NewDraft, SaveDraft},
    id::TicketId,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cache,
    extract::{Json, Path},
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_drafts, save_draft))
}

/// Lists your own drafts at a ticket. Nobody else sees them, and they are in no event.
#[utoipa::path(get, path = "/api/tickets/{id}/drafts", operation_id = "list_drafts", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")),
    responses((status = 200, description = "Your drafts", body = Drafts)))]
async fn list_drafts(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
) -> Result<Response, Problem> {
    // They change without an event.
    cache::serve_fresh(&app, &caller, ListDrafts { principal: caller.principal(), ticket }).await
}

/// Keeps a draft of yours in place of the one before; a blank one throws it away. Sending a message does that as well.
#[utoipa::path(put, path = "/api/tickets/{id}/drafts", operation_id = "save_draft", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")), request_body = NewDraft,
    responses((status = 200, description = "Your drafts now", body = Drafts)))]
async fn save_draft(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    Json(input): Json<NewDraft>,
) -> Result<Json<Drafts>, Problem> {
    let save = SaveDraft { principal: caller.principal(), ticket, input };
    Ok(Json(app.store.write(&caller.ctx, save).await?))
}
