//! HTTP: routes, what surrounds every request, and how bad input is answered.
//!
//! Each module has `pub(crate) fn routes() -> OpenApiRouter<App>`; they are joined here.

use axum::{Router, http::StatusCode, http::Uri};
use flowbit_domain::Error;
use socketioxide::layer::SocketIoLayer;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;
use problem::Problem;

mod assets;
mod assignees;
pub(crate) mod attachments;
mod audit;
pub(crate) mod cache;
mod callback;
pub(crate) mod context;
mod deliveries;
mod documented;
mod drafts;
mod endpoints;
mod events;
mod export;
pub(crate) mod extract;
mod fields;
mod idempotency;
pub(crate) mod listen;
mod macros;
mod matches;
mod me;
mod messages;
mod notices;
mod openapi;
pub(crate) mod operation;
mod presence;
pub(crate) mod problem;
mod relations;
mod screens;
mod session;
mod settings;
pub(crate) mod shortcut;
pub(crate) mod surround;
mod tags;
mod teams;
mod tickets;
mod unsubscribe;
pub(crate) mod uploads;
mod users;
mod views;
mod watchers;

pub(crate) use openapi::openapi;

/// All documented routes.
fn api() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(me::routes())
        .merge(tickets::routes())
        .merge(matches::routes())
        .merge(relations::routes())
        .merge(drafts::routes())
        .merge(views::routes())
        .merge(messages::routes())
        .merge(attachments::routes())
        .merge(assignees::routes())
        .merge(watchers::routes())
        .merge(presence::routes())
        .merge(notices::routes())
        .merge(unsubscribe::routes())
        .merge(macros::routes())
        .merge(fields::routes())
        .merge(tags::routes())
        .merge(teams::routes())
        .merge(events::routes())
        .merge(screens::routes())
        .merge(settings::routes())
        .merge(users::routes())
        .merge(audit::routes())
        .merge(endpoints::routes())
        .merge(deliveries::routes())
        .merge(callback::routes())
        .merge(operation::routes())
        .merge(openapi::routes())
}

/// The whole server as one router: the API, the sockets, the web.
pub(crate) fn router(app: &App, sockets: SocketIoLayer) -> Router {
    let (api, _) = api().split_for_parts();
    let inner = surround::compress(api)
        .fallback(assets::serve_web)
        .method_not_allowed_fallback(async || {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
        })
        .layer(sockets);
    surround::surround(inner, app).with_state(app.clone())
}

/// The `limit` of a list: 1 to 100, 25 when absent.
fn page_limit(limit: Option<u32>) -> Result<usize, Error> {
    limit_within(limit, 25, 100)
}

fn limit_within(limit: Option<u32>, usual: u32, most: u32) -> Result<usize, Error> {
    match limit.unwrap_or(usual) {
        n if (1..=most).contains(&n) => Ok(usize::try_from(n).unwrap_or(1)),
        _ => Err(Error::invalid("limit", format!("must be from 1 to {most}"))),
    }
}

/// Refuses parameters where there are none.
fn no_query(uri: &Uri) -> Result<(), Problem> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    let Nothing {} = extract::parse_query(uri.query().unwrap_or_default())?;
    Ok(())
}
