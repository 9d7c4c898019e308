//! Deliveries, for a company's admins: what was sent where, and what came of it.

use axum::{extract::State, http::StatusCode};
use flowbit_domain::{
    cursor::Page,
    delivery::{
        Delivery, DeliveryDetail, DeliveryFilter, DeliveryState, GetDelivery, ListDeliveries, ReplayDelivery,
    },
    id::{DeliveryId, EndpointId, TicketId},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path, Query},
    page_limit,
    problem::Problem,
};
use crate::{app::App, identity::caller::Admin};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_deliveries))
        .routes(routes!(get_delivery))
        .routes(routes!(replay_delivery))
}

/// A page of deliveries.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeliveriesQuery {
    /// Only those in this state.
    state: Option<DeliveryState>,
    /// Only those to this endpoint.
    endpoint_id: Option<EndpointId>,
    /// Only those about this ticket.
    ticket_id: Option<TicketId>,
    /// At most how many, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Lists deliveries, newest first.
#[utoipa::path(get, path = "/api/admin/deliveries", operation_id = "list_deliveries", tag = "admin",
    params(DeliveriesQuery),
    responses((status = 200, description = "A page of deliveries", body = Page<Delivery>)))]
async fn list_deliveries(
    State(app): State<App>,
    Admin(caller): Admin,
    Query(query): Query<DeliveriesQuery>,
) -> Result<Json<Page<Delivery>>, Problem> {
    let list = ListDeliveries {
        principal: caller.principal(),
        filter: DeliveryFilter { state: query.state, endpoint: query.endpoint_id, ticket: query.ticket_id },
        limit: page_limit(query.limit)?,
        cursor: query.cursor,
    };
    Ok(Json(app.store.read(&caller.ctx, list).await?))
}

/// Shows a delivery with its request and every attempt.
#[utoipa::path(get, path = "/api/admin/deliveries/{id}", operation_id = "get_delivery", tag = "admin",
    params(("id" = DeliveryId, Path, description = "The delivery")),
    responses((status = 200, description = "The delivery", body = DeliveryDetail)))]
async fn get_delivery(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<DeliveryId>,
) -> Result<Json<DeliveryDetail>, Problem> {
    let get = GetDelivery { principal: caller.principal(), id, callback_url: app.callback.current() };
    Ok(Json(app.store.read(&caller.ctx, get).await?))
}

/// Makes a delivery again that was accepted or given up, at once and with the same id.
///
/// 409 `delivery_under_way` while it is still on its way, `endpoint_inactive` when its endpoint is
/// switched off or gone.
#[utoipa::path(post, path = "/api/admin/deliveries/{id}/replay", operation_id = "replay_delivery", tag = "admin",
    params(("id" = DeliveryId, Path, description = "The delivery")),
    responses((status = 202, description = "On its way", body = Delivery)))]
async fn replay_delivery(
    State(app): State<App>,
    Admin(caller): Admin,
    Path(id): Path<DeliveryId>,
) -> Result<(StatusCode, Json<Delivery>), Problem> {
    let replay = ReplayDelivery { principal: caller.principal(), origin: caller.origin(), id };
    Ok((StatusCode::ACCEPTED, Json(app.store.write(&caller.ctx, replay).await?)))
}
