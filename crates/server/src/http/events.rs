//! The event feed, by which clients of the socket fill gaps.

use axum::extract::State;
use flowbit_domain::{
    feed::{EventPage, ListEvents},
    id::TicketId,
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Query},
    limit_within,
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

/// The most events of one answer.
const MOST: u32 = 500;

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_events))
}

/// From where on.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// The last `seq` already known.
    #[param(minimum = 0, default = 0)]
    after: Option<u64>,
    /// At most how many, 1 to 500.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u32>,
    /// Only those about this ticket.
    ticket_id: Option<TicketId>,
}

/// Lists what happened and you may see, oldest first.
#[utoipa::path(get, path = "/api/events", operation_id = "list_events", tag = "events", params(EventsQuery),
    responses((status = 200, description = "Events", body = EventPage)))]
async fn list_events(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<EventsQuery>,
) -> Result<Json<EventPage>, Problem> {
    let list = ListEvents {
        principal: caller.principal(),
        after: i64::try_from(query.after.unwrap_or(0)).unwrap_or(i64::MAX),
        limit: limit_within(query.limit, 100, MOST)?,
        ticket: query.ticket_id,
    };
    Ok(Json(app.store.read(&caller.ctx, list).await?))
}
