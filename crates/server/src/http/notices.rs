//! What one is told, and what one wants to be told.

use axum::{extract::State, http::Uri};
use flowbit_domain::notice::{
    GetNoticeSettings, ListNotices, NoticePage, NoticeSettings, NoticeSettingsPatch, ReadNotices,
    ReadOutcome, UpdateNoticeSettings, WhichNotices,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Json, parse_query},
    page_limit,
    problem::Problem,
};
use crate::{app::App, identity::caller::Caller};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_notices))
        .routes(routes!(read_notices))
        .routes(routes!(get_notice_settings, update_notice_settings))
}

/// A page of notices.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NoticesQuery {
    /// Only those not read yet.
    #[param(default = false)]
    unread: Option<bool>,
    /// At most how many, 1 to 100.
    #[param(minimum = 1, maximum = 100, default = 25)]
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// Lists your own notices, newest first, with the number of unread ones.
#[utoipa::path(get, path = "/api/notices", operation_id = "list_notices", tag = "notices", params(NoticesQuery),
    responses((status = 200, description = "A page of notices", body = NoticePage)))]
async fn list_notices(State(app): State<App>, caller: Caller, uri: Uri) -> Result<Json<NoticePage>, Problem> {
    let query: NoticesQuery = parse_query(uri.query().unwrap_or_default())?;
    let list = ListNotices {
        principal: caller.principal(),
        unread: query.unread.unwrap_or(false),
        limit: page_limit(query.limit)?,
        cursor: query.cursor,
    };
    Ok(Json(app.store.read(&caller.ctx, list).await?))
}

/// Marks notices of your own as read: some, one and all before it, or all of one ticket.
#[utoipa::path(post, path = "/api/notices/read", operation_id = "read_notices", tag = "notices",
    request_body = WhichNotices,
    responses((status = 200, description = "Marked", body = ReadOutcome)))]
async fn read_notices(
    State(app): State<App>,
    caller: Caller,
    Json(which): Json<WhichNotices>,
) -> Result<Json<ReadOutcome>, Problem> {
    let read = ReadNotices { principal: caller.principal(), origin: caller.origin(), which };
    Ok(Json(app.store.write(&caller.ctx, read).await?))
}

/// What a person wants to be told, and by what this server can.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct NoticeSettingsHere {
    #[serde(flatten)]
    settings: NoticeSettings,
    /// Whether the operator has set up e-mail: without it `email` is remembered and nothing is sent.
    sends_email: bool,
}

impl NoticeSettingsHere {
    fn new(app: &App, settings: NoticeSettings) -> Json<Self> {
        Json(Self { settings, sends_email: app.config.mail.is_some() })
    }
}

/// What you want to be told.
#[utoipa::path(get, path = "/api/me/notices", operation_id = "get_notice_settings", tag = "notices",
    responses((status = 200, description = "The settings", body = NoticeSettingsHere)))]
async fn get_notice_settings(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<NoticeSettingsHere>, Problem> {
    let get = GetNoticeSettings { principal: caller.principal() };
    let settings = app.store.read(&caller.ctx, get).await?;
    Ok(NoticeSettingsHere::new(&app, settings))
}

/// Changes what you want to be told.
#[utoipa::path(patch, path = "/api/me/notices", operation_id = "update_notice_settings", tag = "notices",
    request_body = NoticeSettingsPatch,
    responses((status = 200, description = "Changed", body = NoticeSettingsHere)))]
async fn update_notice_settings(
    State(app): State<App>,
    caller: Caller,
    Json(patch): Json<NoticeSettingsPatch>,
) -> Result<Json<NoticeSettingsHere>, Problem> {
    let update = UpdateNoticeSettings { principal: caller.principal(), origin: caller.origin(), patch };
    let settings = app.store.write(&caller.ctx, update).await?;
    Ok(NoticeSettingsHere::new(&app, settings))
}
