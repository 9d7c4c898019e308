//! What surrounds every request: its id, limits, the deadline, panics, headers, the log line.

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use flowbit_domain::session::RecordDenial;
use futures_util::FutureExt;
use tower_http::compression::{CompressionLayer, Predicate, predicate::{NotForContentType, SizeAbove}};
use tracing::Instrument;

use super::{
    context::{Peer, RequestInfo, client_ip},
    problem::{self, Problem},
};
use crate::{app::App, identity::caller::Caller};

/// How long a handler may take to begin its answer.
const DEADLINE: Duration = Duration::from_secs(30);
/// Smaller answers are not compressed.
const COMPRESSED_FROM: u64 = 1024;

/// Compresses larger answers of the API.
pub(super) fn compress(router: Router<App>) -> Router<App> {
    let large = SizeAbove::new(COMPRESSED_FROM).and(NotForContentType::new("image/")).and(NotForContentType::SSE);
    router.layer(CompressionLayer::new().no_br().no_deflate().no_zstd().gzip(true).compress_when(large))
}

/// Puts everything else around `router`. Must come last.
pub(super) fn surround(router: Router<App>, app: &App) -> Router<App> {
    router.layer(from_fn_with_state(app.clone(), handle))
}

async fn handle(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let peer = request.extensions().get::<Peer>().map_or_else(|| std::net::Ipv4Addr::UNSPECIFIED.into(), |p| p.0);
    let info = Arc::new(RequestInfo {
        id: app.request_ids.choose(request.headers()),
        ip: client_ip(peer, request.headers(), &app.config.trusted_proxies),
        caller: OnceLock::new(),
    });
    request.extensions_mut().insert(info.clone());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("-", MatchedPath::as_str);

    // Reads are many and mostly uninteresting: their spans cost only when debugging.
    let span = if method == Method::GET {
        tracing::debug_span!("request", request_id = info.id(), %method, route)
    } else {
        tracing::info_span!("request", request_id = info.id(), %method, route)
    };
    let mut response = run(&app, &info, request, next).instrument(span).await;
    if response.status() == StatusCode::FORBIDDEN {
        record_denial(&app, &info, &method, route).await;
    }
    problem::render(&mut response, info.id());
    set_headers(&app, &mut response, &info);
    log(&info, &method, route, response.status(), began.elapsed());
    response
}

async fn run(app: &App, info: &RequestInfo, request: Request, next: Next) -> Response {
    if let Err(problem) = app.limits.check_address(info.ip) {
        return problem.into_response();
    }
    // An upgraded connection is answered at once and lives on outside of this.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(DEADLINE, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Problem::internal(format!("panic: {text}")).into_response()
        }
        Err(_) => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout").with_retry_after(5).into_response()
        }
    }
}

/// Someone signed in asked for what their role does not allow: that belongs in the ledger.
async fn record_denial(app: &App, info: &Arc<RequestInfo>, method: &Method, route: &str) {
    let Some(principal) = info.caller.get() else { return };
    if !app.limits.records_denial(principal.user) {
        return;
    }
    let caller = Caller::of_verified(principal.clone(), info.clone());
    let denial = RecordDenial {
        principal: caller.principal(),
        origin: caller.origin(),
        method: method.to_string(),
        route: route.to_owned(),
    };
    if let Err(error) = app.store.write(&caller.ctx, denial).await {
        tracing::error!(request_id = info.id(), %error, "a refused request could not be recorded");
    }
}

/// Headers of every answer. What a handler has set stays.
fn set_headers(app: &App, response: &mut Response, info: &RequestInfo) {
    const FIXED: [(HeaderName, &str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-request-id"), info.id.clone());
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if app.config.is_https() {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

fn log(info: &RequestInfo, method: &Method, route: &str, status: StatusCode, took: Duration) {
    let seconds = took.as_secs_f64();
    metrics::histogram!("flowbit_http_request_duration_seconds", "method" => method_label(method), "route" => route.to_owned(),
        "status" => status.as_str().to_owned())
    .record(seconds);
    let principal = info.caller.get();
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                $level,
                request_id = info.id(),
                %method,
                route,
                status = status.as_u16(),
                ms = seconds * 1000.0,
                ip = %info.ip,
                user = principal.map(|p| tracing::field::display(p.user)),
                tenant = principal.map(|p| tracing::field::display(p.tenant)),
                "answered"
            )
        };
    }
    if *method == Method::GET && !status.is_client_error() && !status.is_server_error() {
        line!(tracing::Level::DEBUG);
    } else {
        line!(tracing::Level::INFO);
    }
}

/// Methods are the client's text: only known ones become labels.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
