//! What surrounds every request: its id, limits, the deadline, panics, headers, the log line.

use std::{
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use flowbit_domain::session::RecordDenial;
use futures_util::FutureExt;
use metrics::Histogram;
use quick_cache::{Equivalent, sync::Cache};
use tower_http::compression::{
    CompressionLayer, Predicate,
    predicate::{NotForContentType, SizeAbove},
};
use tracing::{Instrument, Span, field::Empty};

use super::{
    context::{Charge, KnownLedger, Peer, RequestInfo, client_ip},
    problem::{self, Problem},
};
use crate::{app::App, config::Config, identity::caller::Caller, telemetry::traces};

/// How long a handler may take to begin its answer.
const DEADLINE: Duration = Duration::from_secs(30);
/// How long taking in a file may take: its pieces have a deadline of their own.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(60 * 60);
/// Smaller answers are not compressed.
const COMPRESSED_FROM: u64 = 1024;

/// On an answer that is sent as it is: a file, most of which are packed already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Uncompressed;

/// Compresses larger answers of the API.
pub(super) fn compress(router: Router<App>) -> Router<App> {
    let may_be = |_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions| {
        extensions.get::<Uncompressed>().is_none()
    };
    let large = SizeAbove::new(COMPRESSED_FROM)
        .and(NotForContentType::new("image/"))
        .and(NotForContentType::SSE)
        .and(may_be);
    router.layer(CompressionLayer::new().no_br().no_deflate().no_zstd().gzip(true).compress_when(large))
}

/// Puts everything else around `router`. Must come last.
pub(super) fn surround(router: Router<App>, app: &App) -> Router<App> {
    router.layer(from_fn_with_state(app.clone(), handle))
}

async fn handle(State(app): State<App>, mut request: Request<Body>, next: Next) -> Response {
    let began = Instant::now();
    let peer =
        request.extensions().get::<Peer>().map_or_else(|| std::net::Ipv4Addr::UNSPECIFIED.into(), |p| p.0);
    let info = Arc::new(RequestInfo {
        id: app.request_ids.choose(request.headers()),
        ip: client_ip(peer, request.headers(), &app.config.trusted_proxies),
        route: request.extensions().get::<MatchedPath>().cloned(),
        caller: OnceLock::new(),
        ledger: request.extensions().get::<KnownLedger>().copied(),
        charge: request.extensions().get::<Charge>().cloned().unwrap_or_default(),
    });
    request.extensions_mut().insert(info.clone());
    let method = request.method().clone();
    let route = route_name(info.route.as_ref());
    let trace = follow(&app, &info, peer, &request, method_label(&method), route);

    // Reads are many and mostly uninteresting: their spans cost only when debugging.
    let span = if method == Method::GET {
        tracing::debug_span!("request", requestId = info.id(), traceId = Empty, %method, route)
    } else {
        tracing::info_span!("request", requestId = info.id(), traceId = Empty, %method, route)
    };
    if !trace.is_none() {
        span.record("traceId", traces::id(&trace));
    }
    let mut response = run(&app, &info, request, next).instrument(trace.clone()).instrument(span).await;
    if response.status() == StatusCode::FORBIDDEN {
        Box::pin(record_denial(&app, &info, &method, route)).await;
    }
    let ids = info.caller.get().map(|caller| (caller.tenant.to_string(), caller.user.to_string()));
    traces::end_request(&trace, response.status().as_u16(), ids);
    problem::render(&mut response, info.id());
    set_headers(&app, &mut response, &info);
    log(&app.durations, &info, &method, route, response.status(), began.elapsed());
    response
}

/// The request's span, if traces are followed. Its sender's trace is believed of a trusted proxy alone: anybody else
/// could make us send what they like. What a callback does is in its delivery's trace by its token.
fn follow(
    app: &App,
    info: &RequestInfo,
    peer: IpAddr,
    request: &Request<Body>,
    method: &str,
    route: &str,
) -> Span {
    if !traces::is_on() {
        return Span::none();
    }
    let peer = peer.to_canonical();
    let trusted = app.config.trusted_proxies.iter().any(|network| network.contains(&peer));
    let sent = request.headers().get(traces::TRACE_PARENT).filter(|_| trusted);
    traces::request(method, route, info.id(), sent.and_then(|value| value.to_str().ok()))
}

async fn run(app: &App, info: &RequestInfo, request: Request<Body>, next: Next) -> Response {
    let charged = match &info.charge {
        Charge::Due => app.limits.check_address(info.ip),
        Charge::Paid => Ok(()),
        Charge::Refused(problem) => Err(problem.clone()),
    };
    if let Err(problem) = charged {
        return problem.into_response();
    }
    if !names_one_host(&request) {
        return Problem::new(StatusCode::BAD_REQUEST, "bad_request")
            .with_detail("there must be one Host header")
            .into_response();
    }
    let deadline = match (request.method(), route_name(info.route.as_ref())) {
        (&Method::POST, super::attachments::PATH) => UPLOAD_DEADLINE,
        _ => DEADLINE,
    };
    // An upgraded connection is answered at once and lives on outside of this.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(deadline, answer).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Problem::internal(format!("panic: {text}")).into_response()
        }
        Err(_) => Problem::timed_out().into_response(),
    }
}

/// Whether it says which host is meant, and once (RFC 9112, 3.2).
pub(super) fn names_one_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), another) => another.is_none(),
        (None, _) => request.version() < Version::HTTP_11,
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
        tracing::error!(requestId = info.id(), %error, "a refused request could not be recorded");
    }
}

pub(super) fn route_name(route: Option<&MatchedPath>) -> &str {
    route.map_or("-", MatchedPath::as_str)
}

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers of every answer.
pub(super) fn set_headers(app: &App, response: &mut Response, info: &RequestInfo) {
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, info.id.clone());
    set_fixed_headers(&app.config, headers);
}

/// Those that depend on nothing. What a handler has set stays.
pub(super) fn set_fixed_headers(config: &Config, headers: &mut HeaderMap) {
    const FIXED: [(HeaderName, &str); 7] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // What may be kept says so itself.
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    if headers.contains_key(header::X_CONTENT_TYPE_OPTIONS) {
        // A kept answer has them all.
        return;
    }
    headers.reserve(FIXED.len() + 1);
    for (name, value) in FIXED {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if config.is_https() {
        let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}

pub(super) fn log(
    durations: &Durations,
    info: &RequestInfo,
    method: &Method,
    route: &str,
    status: StatusCode,
    took: Duration,
) {
    let seconds = took.as_secs_f64();
    durations.of(method_label(method), route, class_of(status)).record(seconds);
    let principal = info.caller.get();
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                $level,
                requestId = info.id(),
                %method,
                route,
                status = status.as_u16(),
                ms = seconds * 1000.0,
                ip = %info.ip,
                userId = principal.map(|p| tracing::field::display(p.user)),
                customerId = principal.map(|p| tracing::field::display(p.tenant)),
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

/// The histograms of durations, found without making their names anew for each request.
pub(crate) struct Durations(Cache<(&'static str, Box<str>, &'static str), Histogram>);

#[derive(Hash)]
struct DurationKey<'a>(&'static str, &'a str, &'static str);

impl Equivalent<(&'static str, Box<str>, &'static str)> for DurationKey<'_> {
    fn equivalent(&self, (method, route, class): &(&'static str, Box<str>, &'static str)) -> bool {
        self.0 == *method && *self.1 == **route && self.2 == *class
    }
}

impl Durations {
    pub(crate) fn new() -> Self {
        // Routes times classes of statuses, with room to spare.
        Self(Cache::new(1024))
    }

    fn of(&self, method: &'static str, route: &str, class: &'static str) -> Histogram {
        let key = DurationKey(method, route, class);
        self.0.get(&key).unwrap_or_else(|| {
            let histogram = metrics::histogram!("flowbit_http_request_duration_seconds",
                "method" => method, "route" => route.to_owned(), "status" => class);
            self.0.insert((method, route.into(), class), histogram.clone());
            histogram
        })
    }
}

fn class_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
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

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;
    use crate::ambient::{SystemClock, SystemRandomness};

    async fn ask(router: Router<App>, path: &str) -> (StatusCode, serde_json::Value) {
        let dir = tempfile::tempdir().unwrap();
        let data = ("FLOWBIT_DATA".to_owned(), dir.path().display().to_string());
        let config = Config::read([data], &[]).unwrap();
        let app =
            App::open(config, Arc::new(SystemClock), Arc::new(SystemRandomness::default())).await.unwrap();
        let router = surround(router, &app).with_state(app.clone());
        let response = router
            .oneshot(Request::get(path).header("host", "x").body(Body::empty()).unwrap())
            .await
            .unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        app.store.close().await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    #[expect(clippy::unreachable, reason = "the panic is the point")]
    async fn a_panic_is_a_problem_that_tells_nothing() {
        let router = Router::new().route("/", get(async || -> &'static str { unreachable!("a secret") }));
        let (status, body) = ask(router, "/").await;
        assert_eq!(status, 500);
        assert_eq!(body["code"], "internal");
        assert!(body["requestId"].is_string());
        assert!(!body.to_string().contains("secret"), "{body}");
    }

    #[tokio::test]
    async fn a_fault_is_a_problem_that_tells_nothing() {
        let router = Router::new().route("/", get(async || Problem::internal("the password is hunter2")));
        let (status, body) = ask(router, "/").await;
        assert_eq!(status, 500);
        assert!(!body.to_string().contains("hunter2"), "{body}");
    }

    #[tokio::test]
    async fn a_handler_that_hangs_is_given_up() {
        let router = Router::new().route("/", get(async || std::future::pending::<&'static str>().await));
        // The store's threads need real time to open; only then may it stand still and jump.
        let asked = tokio::spawn(ask(router, "/"));
        tokio::task::yield_now().await;
        tokio::time::pause();
        let (status, body) = asked.await.unwrap();
        assert_eq!((status.as_u16(), body["code"].as_str()), (503, Some("timeout")));
    }
}
