//! What a company has decided for all of its desk.

use axum::extract::State;
use flowbit_domain::settings::{CompanySettings, GetSettings, SettingsPatch, UpdateSettings};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{extract::Json, problem::Problem};
use crate::{app::App, identity::caller::Admin};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_settings, update_settings))
}

/// Your company's settings.
#[utoipa::path(get, path = "/api/admin/settings", operation_id = "get_settings", tag = "administration",
    responses((status = 200, description = "The settings", body = CompanySettings)))]
async fn get_settings(
    State(app): State<App>,
    Admin(caller): Admin,
) -> Result<Json<CompanySettings>, Problem> {
    Ok(Json(app.store.read(&caller.ctx, GetSettings { principal: caller.principal() }).await?))
}

/// Changes your company's settings. With `version` it is 409 `conflict` if someone was faster.
#[utoipa::path(patch, path = "/api/admin/settings", operation_id = "update_settings", tag = "administration",
    request_body = SettingsPatch, responses((status = 200, description = "The settings", body = CompanySettings)))]
async fn update_settings(
    State(app): State<App>,
    Admin(caller): Admin,
    Json(patch): Json<SettingsPatch>,
) -> Result<Json<CompanySettings>, Problem> {
    let update = UpdateSettings { principal: caller.principal(), origin: caller.origin(), patch };
    Ok(Json(app.store.write(&caller.ctx, update).await?))
}
