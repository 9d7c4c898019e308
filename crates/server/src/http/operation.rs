//! For those who run the server: is it alive, can it serve, what does it do.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use tokio::net::TcpListener;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    context::RequestIds,
    extract::Json,
    problem::{self, Problem},
    surround::X_REQUEST_ID,
};
use crate::{app::App, config::MetricsListener};

pub(crate) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(check_health)).routes(routes!(check_readiness))
}

/// Whether it can serve.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Readiness {
    /// Whether it can.
    ready: bool,
    /// What is missing, if it can't.
    missing: Vec<String>,
}

/// Whether the process is alive.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "check_health",
    tag = "operation",
    security(()),
    responses((status = 200, description = "It is alive.", body = String, content_type = "text/plain"))
)]
async fn check_health() -> &'static str {
    "ok\n"
}

/// Whether it can serve: the store is reachable and its schema is this program's.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "check_readiness",
    tag = "operation",
    security(()),
    responses((status = 200, body = Readiness), (status = 503, body = Readiness))
)]
async fn check_readiness(State(app): State<App>) -> Response {
    let mut missing = Vec::new();
    if app.leaving.is_cancelled() {
        missing.push("the server is stopping".to_owned());
    }
    if let Err(why) = app.store.check().await {
        missing.push(why);
    }
    show_readiness(missing)
}

fn show_readiness(missing: Vec<String>) -> Response {
    let ready = missing.is_empty();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = (status, Json(Readiness { ready, missing })).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What is answered while the server waits for its database: that it is alive and can't serve.
pub(crate) fn waiting_router(why: &str, ids: RequestIds) -> Router {
    let why = why.to_owned();
    let ids = Arc::new(ids);
    let unavailable = async move |request: Request| {
        let id = ids.choose(request.headers());
        let mut response = Problem::unavailable("the server waits for its database").into_response();
        problem::render(&mut response, id.to_str().unwrap_or_default());
        response.headers_mut().insert(X_REQUEST_ID, id);
        response
    };
    Router::new()
        .route("/healthz", get(check_health))
        .route("/readyz", get(async move || show_readiness(vec![why])))
        .fallback(unavailable)
}

/// How often what only grows inside of the recorder is tidied up.
const UPKEEP: Duration = Duration::from_secs(5);

/// Serves `/metrics` on a listener of its own until the server stops.
///
/// # Errors
/// When the operator named an address and it is taken. The usual one may be taken by another server
/// on the same machine: then this one has no metrics, and says so.
pub(crate) async fn serve_metrics(app: &App, handle: PrometheusHandle) -> std::io::Result<()> {
    let (address, required) = match app.config.metrics {
        MetricsListener::Off => return Ok(()),
        MetricsListener::Usual => (MetricsListener::USUAL, false),
        MetricsListener::At(address) => (address, true),
    };
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(error) if required => return Err(error),
        Err(error) => {
            tracing::error!(%address, %error, "no metrics: their address is taken; set FLOWBIT_METRICS_LISTEN");
            return Ok(());
        }
    };
    let shown = listener.local_addr().unwrap_or(address);
    tracing::info!(address = %shown, "metrics at /metrics");
    app.tasks.spawn(run_metrics(app.clone(), handle, listener));
    Ok(())
}

async fn run_metrics(app: App, handle: PrometheusHandle, listener: TcpListener) {
    let upkeep = handle.clone();
    let state = (app.clone(), handle);
    let router = Router::new().route("/metrics", get(show_metrics)).with_state(state);
    let stop = app.stop.clone().cancelled_owned();
    let served = axum::serve(listener, router).with_graceful_shutdown(stop);
    let mut ticks = tokio::time::interval(UPKEEP);
    let tidy = async {
        loop {
            ticks.tick().await;
            upkeep.run_upkeep();
        }
    };
    tokio::select! {
        outcome = served => if let Err(error) = outcome {
            tracing::error!(%error, "metrics are no longer served");
        },
        () = tidy => {}
    }
}

async fn show_metrics(State((app, handle)): State<(App, PrometheusHandle)>) -> Response {
    record_gauges(&app).await;
    let text = handle.render();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// What is known only when asked for.
async fn record_gauges(app: &App) {
    #[expect(clippy::cast_precision_loss, reason = "metrics are floating-point; counts are far below 2^52")]
    fn set(name: &'static str, value: u64) {
        metrics::gauge!(name).set(value as f64);
    }
    fn count(name: &'static str, value: u64) {
        metrics::counter!(name).absolute(value);
    }
    let stats = app.store.stats();
    count("flowbit_store_commits_total", stats.commits);
    count("flowbit_store_commands_total", stats.commands);
    count("flowbit_store_abandoned_total", stats.commands_abandoned);
    count("flowbit_store_queries_total", stats.queries);
    count("flowbit_store_refused_total", stats.refused);
    count("flowbit_store_batches_lost_total", stats.batches_lost);
    count("flowbit_store_batches_repeated_total", stats.batches_repeated);
    count("flowbit_store_connections_opened_total", stats.connections_opened);
    count("flowbit_store_connections_evicted_total", stats.connections_evicted);
    count("flowbit_store_prepared_total", stats.prepared);
    count("flowbit_store_reprepared_total", stats.reprepared);
    count("flowbit_store_checkpoints_total", stats.checkpoints);
    count("flowbit_store_tenants_read_total", stats.tenants_read);
    set("flowbit_store_largest_batch", stats.largest_batch);
    set("flowbit_store_commands_waiting", stats.commands_waiting);
    set("flowbit_store_queries_waiting", stats.queries_waiting);
    set("flowbit_store_connections", stats.connections_open);
    set("flowbit_store_connections_max", stats.connections_max);
    set("flowbit_store_current", app.store.is_current().into());
    set("flowbit_leader", (*app.store.leadership().borrow()).into());
    metrics_process::Collector::default().collect();
    match app.store.control().tenants().await {
        Ok(tenants) => set("flowbit_tenants", u64::try_from(tenants.len()).unwrap_or(u64::MAX)),
        Err(error) => tracing::warn!(%error, "the companies could not be counted"),
    }
}
