//! Who is at a ticket at this moment.

use axum::extract::State;
use flowbit_domain::{
    id::TicketId,
    presence::{LookIn, NewPresence, TicketPresence},
    text::Checks,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, Path},
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller, presence::Word};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(set_presence))
}

/// Says that you look at a ticket, write, or have left (agents and admins).
///
/// It holds for forty seconds: say it again every fifteen. The sockets of those who are there hear `presence` with the
/// same body whenever somebody comes, goes, begins or stops. Nothing of it is written down.
#[utoipa::path(put, path = "/api/tickets/{id}/presence", operation_id = "set_presence", tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket")),
    request_body = NewPresence,
    responses((status = 200, description = "Who is there, you among them", body = TicketPresence)))]
async fn set_presence(
    State(app): State<App>,
    caller: Caller,
    Path(ticket): Path<TicketId>,
    Json(said): Json<NewPresence>,
) -> Result<Json<TicketPresence>, Problem> {
    let mut checks = Checks::default();
    if said.count < 0 {
        checks.fail("count", "must be 0 or more");
    }
    checks.finish()?;
    let principal = caller.principal();
    let (tenant, user, session) = (principal.tenant, principal.user, principal.session);
    app.store.read(&caller.ctx, LookIn { principal, ticket }).await?;
    let word = Word { tenant, ticket, user, session, said };
    word.pass_on(&app.store);
    Ok(Json(app.presence.hear(word)))
}
