//! Who hears what happens to a ticket.

use axum::{extract::State, response::Response};
use flowbit_domain::{
    id::TicketId,
    watch::{ListWatchers, WatchTicket, Watchers},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path, no_content},
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_watchers)).routes(routes!(watch_ticket, unwatch_ticket))
}

/// Lists who watches a ticket (agents and admins).
#[utoipa::path(get, path = "/api/tickets/{id}/watchers", operation_id = "list_watchers", tag = "notices",
    params(("id" = TicketId, Path, description = "The ticket")),
    responses((status = 200, description = "Who watches it", body = Watchers)))]
async fn list_watchers(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
) -> Result<Json<Watchers>, Problem> {
    let list = ListWatchers { principal: caller.principal(), ticket };
    Ok(Json(app.store.read(&caller.ctx, list).await?))
}

/// Watches a ticket from now on (agents and admins).
#[utoipa::path(put, path = "/api/tickets/{id}/watch", operation_id = "watch_ticket", tag = "notices",
    params(("id" = TicketId, Path, description = "The ticket")),
    responses((status = 204, description = "You watch it")))]
async fn watch_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
) -> Result<Response, Problem> {
    set(&app, &caller, ticket, true).await
}

/// No longer watches a ticket. Whoever works on it hears of it all the same.
#[utoipa::path(delete, path = "/api/tickets/{id}/watch", operation_id = "unwatch_ticket", tag = "notices",
    params(("id" = TicketId, Path, description = "The ticket")),
    responses((status = 204, description = "You do not watch it")))]
async fn unwatch_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
) -> Result<Response, Problem> {
    set(&app, &caller, ticket, false).await
}

async fn set(app: &App, caller: &Caller, ticket: TicketId, watches: bool) -> Result<Response, Problem> {
    let watch = WatchTicket { principal: caller.principal(), origin: caller.origin(), ticket, watches };
    app.store.write(&caller.ctx, watch).await?;
    Ok(no_content())
}
