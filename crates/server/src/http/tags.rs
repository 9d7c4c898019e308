//! Tags: which a company has, and their administration.

use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::Response,
};
use flowbit_domain::tags::{ColorTag, ListTags, MoveTag, STEP, TagColor, TagList, TagMove, TagMoved};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    cache,
    extract::{Json, no_content},
    problem::Problem,
};
use crate::{
    app::App,
    identity::caller::{Admin, Caller},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_tags)).routes(routes!(color_tag)).routes(routes!(move_tag))
}

/// Lists your company's tags by name, with their colours and how many tickets have each: the 1,000 that most have,
/// and those that have a colour.
#[utoipa::path(get, path = "/api/tags", operation_id = "list_tags", tag = "tickets",
    responses((status = 200, description = "The tags", body = TagList)))]
async fn list_tags(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        super::no_query(&uri)?;
        Ok(ListTags { principal: caller.principal() })
    })
    .await
}

/// Gives a tag a colour, or takes it away.
#[utoipa::path(patch, path = "/api/admin/tags", operation_id = "color_tag", tag = "admin", request_body = TagColor,
    responses((status = 204, description = "Done")))]
async fn color_tag(
    State(app): State<App>,
    Admin(caller): Admin,
    Json(input): Json<TagColor>,
) -> Result<Response, Problem> {
    let color = ColorTag { principal: caller.principal(), origin: caller.origin(), input };
    app.store.write(&caller.ctx, color).await?;
    Ok(no_content())
}

/// Renames a tag on all its tickets, merges it into another (`merge`), or deletes it (`to` is null).
///
/// Of a tag that more than 500 tickets have, the rest (`left`) follows at once in the background, also after a
/// restart of the server. The audit trail has one event of it, and one for each further 500 tickets.
#[utoipa::path(post, path = "/api/admin/tags/moves", operation_id = "move_tag", tag = "admin",
    request_body = TagMove, responses((status = 200, description = "Done, or begun", body = TagMoved)))]
async fn move_tag(
    State(app): State<App>,
    Admin(caller): Admin,
    Json(input): Json<TagMove>,
) -> Result<Json<TagMoved>, Problem> {
    let shift = MoveTag { principal: caller.principal(), origin: caller.origin(), input, limit: STEP };
    Ok(Json(app.store.write(&caller.ctx, shift).await?))
}
