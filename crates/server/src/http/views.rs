//! Saved views, and how many tickets are in each.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::Response,
};
use flowbit_domain::{
    id::ViewId,
    view::{
        CountViews, CreateView, DeleteView, ListViews, NewView, UpdateView, View, ViewCounts, ViewPatch,
        Views,
    },
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
        .routes(routes!(list_views, create_view))
        .routes(routes!(count_views))
        .routes(routes!(update_view, delete_view))
}

/// Lists the saved views that you have: your own and the shared ones.
#[utoipa::path(get, path = "/api/views", operation_id = "list_views", tag = "tickets",
    responses((status = 200, description = "The views", body = Views)))]
async fn list_views(
    State(app): State<App>,
    caller: Caller,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cache::serve(&app, &caller, &uri, &headers, || {
        super::no_query(&uri)?;
        Ok(ListViews { principal: caller.principal() })
    })
    .await
}

/// Counts the tickets in each of your views, the built-in ones included, up to a thousand each.
#[utoipa::path(get, path = "/api/views/counts", operation_id = "count_views", tag = "tickets",
    responses((status = 200, description = "The counts", body = ViewCounts)))]
async fn count_views(State(app): State<App>, caller: Caller, uri: Uri) -> Result<Response, Problem> {
    super::no_query(&uri)?;
    // Some of them change as time goes by.
    cache::serve_fresh(&app, &caller, CountViews { principal: caller.principal() }).await
}

/// Saves a view: your own, or one that all who work on tickets share.
#[utoipa::path(post, path = "/api/views", operation_id = "create_view", tag = "tickets",
    request_body = NewView, responses((status = 201, description = "Saved", body = View)))]
async fn create_view(
    State(app): State<App>,
    caller: Caller,
    Json(input): Json<NewView>,
) -> Result<(StatusCode, Json<View>), Problem> {
    let create = CreateView { principal: caller.principal(), origin: caller.origin(), input };
    Ok((StatusCode::CREATED, Json(app.store.write(&caller.ctx, create).await?)))
}

/// Changes a view.
#[utoipa::path(patch, path = "/api/views/{id}", operation_id = "update_view", tag = "tickets",
    params(("id" = ViewId, Path, description = "The view")), request_body = ViewPatch,
    responses((status = 200, description = "Changed", body = View)))]
async fn update_view(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ViewId>,
    Json(patch): Json<ViewPatch>,
) -> Result<Json<View>, Problem> {
    let update = UpdateView { principal: caller.principal(), origin: caller.origin(), id, patch };
    Ok(Json(app.store.write(&caller.ctx, update).await?))
}

/// Removes a view; its tickets stay.
#[utoipa::path(delete, path = "/api/views/{id}", operation_id = "delete_view", tag = "tickets",
    params(("id" = ViewId, Path, description = "The view")),
    responses((status = 204, description = "Removed")))]
async fn delete_view(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<ViewId>,
) -> Result<Response, Problem> {
    let delete = DeleteView { principal: caller.principal(), origin: caller.origin(), id };
    app.store.write(&caller.ctx, delete).await?;
    Ok(no_content())
}
