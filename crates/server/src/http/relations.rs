//! Tickets beside each other: merged, and linked.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use flowbit_domain::{
    id::TicketId,
    ticket::{LinkTickets, ListLinks, MergeTicket, NewLink, NewMerge, Ticket, TicketLinks, UnmergeTicket},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cache,
    extract::{Json, Path, no_content},
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(merge_ticket, unmerge_ticket))
        .routes(routes!(list_links, link_tickets))
}

/// Merges a ticket into another one of the same requester (agents and admins).
///
/// It is closed and leads to the other one; both conversations are kept where they are. What is said or done at it
/// from now on is 409 `merged`.
#[utoipa::path(post, path = "/api/tickets/{id}/merge", operation_id = "merge_ticket", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket that is merged")), request_body = NewMerge,
    responses((status = 200, description = "The ticket that was merged", body = Ticket)))]
async fn merge_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    Json(input): Json<NewMerge>,
) -> Result<Json<Ticket>, Problem> {
    let merge = MergeTicket { principal: caller.principal(), origin: caller.origin(), ticket, input };
    Ok(Json(app.store.write(&caller.ctx, merge).await?))
}

/// Undoes a merge: the ticket stands for itself again, with the status that it had.
#[utoipa::path(delete, path = "/api/tickets/{id}/merge", operation_id = "unmerge_ticket", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket that was merged")),
    responses((status = 200, description = "The ticket as it is now", body = Ticket)))]
async fn unmerge_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
) -> Result<Json<Ticket>, Problem> {
    let unmerge = UnmergeTicket { principal: caller.principal(), origin: caller.origin(), ticket };
    Ok(Json(app.store.write(&caller.ctx, unmerge).await?))
}

/// Lists what a ticket is linked with (agents and admins), the newest first.
#[utoipa::path(get, path = "/api/tickets/{id}/links", operation_id = "list_links", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")),
    responses((status = 200, description = "What it is linked with", body = TicketLinks)))]
async fn list_links(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        super::no_query(&uri)?;
        Ok(ListLinks { principal: caller.principal(), ticket })
    })
    .await
}

/// Links a ticket with another, or ends that (agents and admins). A link has no direction.
#[utoipa::path(put, path = "/api/tickets/{id}/links", operation_id = "link_tickets", tag = "tickets",
    params(("id" = TicketId, Path, description = "One of them")), request_body = NewLink,
    responses((status = 204, description = "It is so")))]
async fn link_tickets(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    Json(input): Json<NewLink>,
) -> Result<Response, Problem> {
    let link = LinkTickets { principal: caller.principal(), origin: caller.origin(), ticket, input };
    app.store.write(&caller.ctx, link).await?;
    Ok(no_content())
}
