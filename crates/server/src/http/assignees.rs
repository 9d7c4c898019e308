//! Who tickets can be assigned to.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use flowbit_domain::assignee::{Assignees, ListAssignees};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{cache, problem::Problem};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_assignees))
}

/// Lists the active agents and admins.
#[utoipa::path(get, path = "/api/assignees", operation_id = "list_assignees", tag = "tickets",
    responses((status = 200, description = "They", body = Assignees)))]
async fn list_assignees(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        super::no_query(&uri)?;
        Ok(ListAssignees { principal: caller.principal() })
    })
    .await
}
