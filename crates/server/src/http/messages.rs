//! The conversation of a ticket.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use flowbit_domain::{
    cursor::Page,
    id::TicketId,
    message::{CreateMessage, ListMessages, Message, NewMessage},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cache,
    extract::{Path, parse_query},
    idempotency::{Repeatable, respond},
    page_limit,
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_messages, create_message))
}

/// A page of a conversation.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    /// At most how many, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Lists a ticket's conversation, oldest first. Internal notes are among it for agents and admins.
#[utoipa::path(get, path = "/api/tickets/{id}/messages", operation_id = "list_messages", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket"), MessagesQuery),
    responses((status = 200, description = "A page of messages", body = Page<Message>)))]
async fn list_messages(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        let query: MessagesQuery = parse_query(uri.query().unwrap_or_default())?;
        let list = ListMessages {
            principal: caller.principal(),
            ticket,
            limit: page_limit(query.limit)?,
            cursor: query.cursor,
        };
        Ok(list)
    })
    .await
}

/// Adds a message, or an internal note, to a ticket's conversation.
#[utoipa::path(post, path = "/api/tickets/{id}/messages", operation_id = "create_message", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless, for a day")),
    request_body = NewMessage,
    responses((status = 201, description = "Added", body = Message)))]
async fn create_message(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    Repeatable { body, key }: Repeatable<NewMessage>,
) -> Result<Response, Problem> {
    let create = CreateMessage {
        principal: caller.principal(),
        origin: caller.origin(),
        ticket,
        input: body,
        idempotency: key,
    };
    Ok(respond(StatusCode::CREATED, app.store.write(&caller.ctx, create).await?))
}
