//! Tickets.

use std::str::FromStr;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use flowbit_domain::{
    cursor::Page,
    id::{TicketId, UserId},
    text::Checks,
    ticket::{
        AssigneeFilter, BulkChange, BulkResults, ChangeTickets, CountTickets, CreateTicket, DeleteTicket,
        Expression, GetTicket, ListTickets, NewSplit, NewTicket, Priority, RestoreTicket, SplitTicket,
        Status, Ticket, TicketCounts, TicketFilter, TicketPatch, TicketSort, UpdateTicket, WhichTeam,
        WorkflowState, WriteTickets,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cache,
    extract::{Json, Path, no_content, parse_parameter, parse_query},
    idempotency::{Repeatable, respond},
    page_limit,
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_tickets, create_ticket))
        .routes(routes!(count_tickets))
        .routes(routes!(change_tickets))
        .routes(routes!(restore_ticket))
        .routes(routes!(split_ticket))
        .routes(routes!(get_ticket, update_ticket, delete_ticket))
}

/// Which tickets, in which order, and how many.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TicketsQuery {
    /// One status or several, separated by commas.
    #[param(example = "open,in_progress")]
    status: Option<String>,
    /// This priority.
    priority: Option<Priority>,
    /// A person's id, `me`, or `none`.
    assignee_id: Option<String>,
    /// A team's id, `mine` (any that you belong to), or `none`.
    team_id: Option<String>,
    /// A person's id, or `me`.
    requester_id: Option<String>,
    /// This tag.
    #[param(max_length = 40)]
    tag: Option<String>,
    /// This state of the workflow.
    workflow: Option<WorkflowState>,
    /// Words in title, description or the messages that you may read; for agents and admins also beginnings of words of
    /// the requester's name, and of their address before the `@`.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Conditions in groups, as JSON (see `Expression`); beside the other parameters it narrows further.
    #[param(example = r#"{"any":[{"assignee":{"is":["me"]}},{"priority":{"is":["urgent"]}}]}"#)]
    filter: Option<String>,
    /// The order.
    #[serde(default)]
    #[param(inline)]
    sort: Option<TicketSort>,
    /// At most how many, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl TicketsQuery {
    fn filter(&self, me: UserId) -> Result<TicketFilter, Problem> {
        let expression = match &self.filter {
            None => None,
            Some(json) => {
                let expression: Expression = parse_parameter("filter", json)?;
                expression.check("filter")?;
                Some(expression)
            }
        };
        let mut checks = Checks::default();
        let mut status = Vec::new();
        for name in self.status.iter().flat_map(|list| list.split(',')).map(str::trim) {
            match Status::parse(name) {
                Some(one) if status.contains(&one) => {}
                Some(one) => status.push(one),
                None => checks.fail("status", "must be of open, in_progress, waiting, resolved, closed"),
            }
        }
        let assignee = match self.assignee_id.as_deref() {
            None => None,
            Some("none") => Some(AssigneeFilter::Nobody),
            Some("me") => Some(AssigneeFilter::Is(me)),
            Some(id) => match id.parse() {
                Ok(id) => Some(AssigneeFilter::Is(id)),
                Err(_) => {
                    checks.fail("assigneeId", "must be a person's id, `me` or `none`");
                    None
                }
            },
        };
        let team = match self.team_id.as_deref().map(WhichTeam::from_str).transpose() {
            Ok(team) => team,
            Err(wrong) => {
                checks.fail("teamId", wrong);
                None
            }
        };
        let requester = match self.requester_id.as_deref() {
            None => None,
            Some("me") => Some(me),
            Some(id) => {
                let id = id.parse().ok();
                if id.is_none() {
                    checks.fail("requesterId", "must be a person's id or `me`");
                }
                id
            }
        };
        if self.q.as_deref().is_some_and(|q| q.chars().count() > 200) {
            checks.fail("q", "must be at most 200 characters");
        }
        checks.finish()?;
        Ok(TicketFilter {
            status,
            priority: self.priority,
            assignee,
            team,
            requester,
            tag: self.tag.clone(),
            workflow: self.workflow,
            text: self.q.clone(),
            expression,
        })
    }
}

/// Lists the tickets that you may see.
#[utoipa::path(get, path = "/api/tickets", operation_id = "list_tickets", tag = "tickets", params(TicketsQuery),
    responses((status = 200, description = "A page of tickets", body = Page<Ticket>)))]
async fn list_tickets(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let ask = || {
        let query: TicketsQuery = parse_query(uri.query().unwrap_or_default())?;
        let list = ListTickets {
            principal: caller.principal(),
            filter: query.filter(caller.principal.user)?,
            sort: query.sort.unwrap_or_default(),
            limit: page_limit(query.limit)?,
            cursor: query.cursor,
        };
        Ok::<_, Problem>(WriteTickets { list, cards: app.cards.clone() })
    };
    // What was resolved in the last days is another list tomorrow, also when nothing has happened.
    if uri.query().is_some_and(|query| query.contains("filter=") || query.contains('%')) {
        let asked = ask()?;
        if asked.list.filter.expression.as_ref().is_some_and(Expression::follows_time) {
            return cache::serve_fresh(&app, &caller, asked).await;
        }
    }
    cache::serve(&app, &caller, &uri, &headers, ask).await
}

/// Counts the tickets that you may see.
#[utoipa::path(get, path = "/api/tickets/counts", operation_id = "count_tickets", tag = "tickets",
    responses((status = 200, description = "The counts", body = TicketCounts)))]
async fn count_tickets(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        super::no_query(&uri)?;
        Ok(CountTickets { principal: caller.principal() })
    })
    .await
}

/// Raises a ticket.
///
/// Sent twice with one `Idempotency-Key` it is raised once.
#[utoipa::path(post, path = "/api/tickets", operation_id = "create_ticket", tag = "tickets",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless, for a day")),
    request_body = NewTicket,
    responses((status = 201, description = "Raised", body = Ticket,
        headers(("Location" = String, description = "Where the ticket is")))))]
async fn create_ticket(
    State(app): State<App>,
    caller: Caller,
    Repeatable { body, key }: Repeatable<NewTicket>,
) -> Result<Response, Problem> {
    let create = CreateTicket {
        principal: caller.principal(),
        origin: caller.origin(),
        input: body,
        idempotency: key,
    };
    let created = app.store.write(&caller.ctx, create).await?;
    let location = format!("/api/tickets/{}", created.answer.id);
    Ok(([(header::LOCATION, location)], respond(StatusCode::CREATED, created)).into_response())
}

/// One ticket.
#[utoipa::path(get, path = "/api/tickets/{id}", operation_id = "get_ticket", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")),
    responses((status = 200, description = "The ticket", body = Ticket)))]
async fn get_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TicketId>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        super::no_query(&uri)?;
        Ok(GetTicket { principal: caller.principal(), id })
    })
    .await
}

/// Changes fields of a ticket. With `version` it is 409 `conflict` if someone was faster.
#[utoipa::path(patch, path = "/api/tickets/{id}", operation_id = "update_ticket", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")), request_body = TicketPatch,
    responses((status = 200, description = "Changed", body = Ticket)))]
async fn update_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TicketId>,
    Json(patch): Json<TicketPatch>,
) -> Result<Json<Ticket>, Problem> {
    let update = UpdateTicket { principal: caller.principal(), origin: caller.origin(), id, patch };
    Ok(Json(app.store.write(&caller.ctx, update).await?))
}

/// Changes or deletes many tickets in one go.
///
/// Each ticket is changed as a whole or left as it is, and has a result of its own; one that you may not see has
/// that of one that does not exist. Sent twice with one `Idempotency-Key` it happens once.
#[utoipa::path(post, path = "/api/tickets/bulk", operation_id = "change_tickets", tag = "tickets",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless, for a day")),
    request_body = BulkChange, responses((status = 200, description = "What became of each", body = BulkResults)))]
async fn change_tickets(
    State(app): State<App>,
    caller: Caller,
    Repeatable { body, key }: Repeatable<BulkChange>,
) -> Result<Response, Problem> {
    let change = ChangeTickets {
        principal: caller.principal(),
        origin: caller.origin(),
        input: body,
        idempotency: key,
    };
    Ok(respond(StatusCode::OK, app.store.write(&caller.ctx, change).await?))
}

/// Brings back a ticket that was deleted within the last day, with its conversation.
#[utoipa::path(post, path = "/api/tickets/{id}/restore", operation_id = "restore_ticket", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")),
    responses((status = 200, description = "It is back", body = Ticket)))]
async fn restore_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TicketId>,
) -> Result<Json<Ticket>, Problem> {
    let restore = RestoreTicket { principal: caller.principal(), origin: caller.origin(), id };
    Ok(Json(app.store.write(&caller.ctx, restore).await?))
}

/// Deletes a ticket with its conversation; what happened to it stays in the audit trail. It can be restored for a
/// day.
#[utoipa::path(delete, path = "/api/tickets/{id}", operation_id = "delete_ticket", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")),
    responses((status = 204, description = "Deleted")))]
async fn delete_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TicketId>,
) -> Result<Response, Problem> {
    let delete = DeleteTicket { principal: caller.principal(), origin: caller.origin(), id };
    app.store.write(&caller.ctx, delete).await?;
    Ok(no_content())
}

/// Raises a ticket from a public message that the requester of another has written there, in their name.
///
/// The message stays where it is. Sent twice with one `Idempotency-Key` it is raised once.
#[utoipa::path(post, path = "/api/tickets/{id}/split", operation_id = "split_ticket", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket that the message is in"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes sending it again harmless, for a day")),
    request_body = NewSplit,
    responses((status = 201, description = "Raised", body = Ticket,
        headers(("Location" = String, description = "Where the new ticket is")))))]
async fn split_ticket(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    Repeatable { body, key }: Repeatable<NewSplit>,
) -> Result<Response, Problem> {
    let split = SplitTicket {
        principal: caller.principal(),
        origin: caller.origin(),
        ticket,
        input: body,
        idempotency: key,
    };
    let raised = app.store.write(&caller.ctx, split).await?;
    let location = format!("/api/tickets/{}", raised.answer.id);
    Ok(([(header::LOCATION, location)], respond(StatusCode::CREATED, raised)).into_response())
}
