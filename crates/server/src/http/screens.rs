//! Screens: a person's own, and their administration.

use axum::extract::State;
use flowbit_domain::{
    control::Tenant,
    screens::{
        DeclaredScreen, ListMyScreens, ListScreenSettings, MyScreens, ScreenSettings, ScreensChange,
        UpdateScreens,
    },
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{extract::Json, problem::Problem};
use crate::{
    app::App,
    identity::caller::{Admin, Caller},
};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_my_screens))
        .routes(routes!(list_screen_settings, update_screens))
}

/// What the registry declares for the caller's company.
async fn declared(app: &App, caller: &Caller) -> Result<Arc<[DeclaredScreen]>, Problem> {
    let tenant =
        app.store.control().tenant(caller.principal.tenant).await.map_err(flowbit_domain::Error::from)?;
    let slug = tenant.as_deref().map_or("", |tenant: &Tenant| &tenant.slug);
    Ok(app.registry.current().screens_of(slug))
}

/// The screens that you have, in the order of the navigation.
#[utoipa::path(
    get,
    path = "/api/me/screens",
    operation_id = "list_my_screens",
    tag = "session",
    responses(
        (status = 200, description = "The screens", body = MyScreens),
    )
)]
async fn list_my_screens(State(app): State<App>, caller: Caller) -> Result<Json<MyScreens>, Problem> {
    let query = ListMyScreens { principal: caller.principal(), declared: declared(&app, &caller).await? };
    Ok(Json(app.store.read(&caller.ctx, query).await?))
}

/// All screens of your company, switched off ones too.
#[utoipa::path(
    get,
    path = "/api/admin/screens",
    operation_id = "list_screen_settings",
    tag = "administration",
    responses(
        (status = 200, description = "The screens", body = ScreenSettings),
    )
)]
async fn list_screen_settings(
    State(app): State<App>,
    Admin(caller): Admin,
) -> Result<Json<ScreenSettings>, Problem> {
    let query =
        ListScreenSettings { principal: caller.principal(), declared: declared(&app, &caller).await? };
    Ok(Json(app.store.read(&caller.ctx, query).await?))
}

/// Switches screens on and off, orders them and narrows who has them.
///
/// The screens stand in the wanted order; those left out keep their place after the ones named. The
/// screen by which screens are administered stays switched on for admins (409 `screen_required`).
#[utoipa::path(
    patch,
    path = "/api/admin/screens",
    operation_id = "update_screens",
    tag = "administration",
    request_body = ScreensChange,
    responses(
        (status = 200, description = "The screens", body = ScreenSettings),
    )
)]
async fn update_screens(
    State(app): State<App>,
    Admin(caller): Admin,
    Json(change): Json<ScreensChange>,
) -> Result<Json<ScreenSettings>, Problem> {
    let command = UpdateScreens {
        principal: caller.principal(),
        origin: caller.origin(),
        declared: declared(&app, &caller).await?,
        change,
    };
    Ok(Json(app.store.write(&caller.ctx, command).await?))
}
