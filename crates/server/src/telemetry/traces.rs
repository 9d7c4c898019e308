//! Traces: from a request through its transaction to the delivery that it causes and the callback that comes of
//! it, as one, sent by OTLP to the collector that the operator named.
//!
//! Spans of traces are apart from those of the log: they have a target of their own, so that neither shows in
//! the other's place. Without a collector none is ever made.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use opentelemetry::{
    Context,
    propagation::TextMapPropagator,
    trace::{Status, TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Metadata, Span, Subscriber, field::Empty, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::FilterFn, registry::LookupSpan};
use url::Url;

use flowbit_store::TRACE_TARGET as TARGET;

/// The header of W3C Trace Context.
pub(crate) const TRACE_PARENT: &str = "traceparent";

/// Whether traces are sent anywhere.
static ON: AtomicBool = AtomicBool::new(false);

/// Where traces go.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Collector {
    /// The collector's address; `/v1/traces` is added to its path.
    pub endpoint: Url,
    /// How much of what begins here is sent, from 0 to 1. What another has begun is sent if it says so.
    pub ratio: f64,
}

/// What sends them. To be ended before the program does, else the last ones are lost.
pub(crate) struct Exporting(SdkTracerProvider);

impl Exporting {
    /// Sends what is left.
    pub(crate) async fn end(self) {
        ON.store(false, Ordering::Relaxed);
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        let failure = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(error = failure, "the last traces could not be sent");
    }
}

/// The part of the subscriber that makes traces of spans, and what sends them.
pub(super) fn open<S>(collector: &Collector) -> Result<(impl Layer<S> + use<S>, Exporting), String>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let endpoint = format!("{}/v1/traces", collector.endpoint.as_str().trim_end_matches('/'));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(endpoint)
        .with_protocol(Protocol::HttpBinary)
        .build()
        .map_err(|e| format!("traces can't be sent: {e}"))?;
    let mut resource = Resource::builder();
    if std::env::var_os("OTEL_SERVICE_NAME").is_none() {
        resource = resource.with_service_name("flowbit");
    }
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(collector.ratio))))
        .with_resource(resource.with_attribute(version).build())
        .build();
    ON.store(true, Ordering::Relaxed);
    let ours = FilterFn::new(|metadata: &Metadata<'_>| metadata.is_span() && metadata.target() == TARGET)
        .with_max_level_hint(LevelFilter::DEBUG);
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("flowbit"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_level(false)
        .with_filter(ours);
    Ok((layer, Exporting(provider)))
}

/// Whether traces are sent anywhere.
pub(crate) fn is_on() -> bool {
    ON.load(Ordering::Relaxed)
}

/// Where in a trace whoever calls this is, as a `traceparent`.
pub(crate) fn current() -> Option<String> {
    if !is_on() {
        return None;
    }
    let mut carried = HashMap::new();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut carried);
    carried.remove(TRACE_PARENT)
}

/// The place in a trace that a `traceparent` names; nothing is believed that is not one.
fn place(traceparent: &str) -> Option<Context> {
    let carried = HashMap::from([(TRACE_PARENT.to_owned(), traceparent.to_owned())]);
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &carried);
    context.span().span_context().is_valid().then_some(context)
}

/// Lets a new span belong to the trace that `traceparent` names.
fn join(span: &Span, traceparent: Option<&str>) {
    if let Some(context) = traceparent.and_then(place)
        && let Err(error) = span.set_parent(context)
    {
        tracing::debug!(%error, "a span could not join its trace");
    }
}

/// The trace's id, to be found again in the log.
pub(crate) fn id(span: &Span) -> Option<String> {
    let context = span.context();
    let found = context.span().span_context().clone();
    found.is_valid().then(|| found.trace_id().to_string())
}

/// The span of a request. `traceparent`: the sender's, if it is believed.
pub(crate) fn request(method: &str, route: &str, request_id: &str, traceparent: Option<&str>) -> Span {
    if !is_on() {
        return Span::none();
    }
    let span = tracing::debug_span!(target: TARGET, "request",
        otel.name = format!("{method} {route}"), otel.kind = "server",
        http.request.method = method, http.route = route, request_id);
    join(&span, traceparent);
    span
}

/// What became of a request.
pub(crate) fn end_request(span: &Span, status: u16, ids: Option<(String, String)>) {
    if span.is_none() {
        return;
    }
    span.set_attribute("http.response.status_code", i64::from(status));
    if let Some((company, person)) = ids {
        span.set_attribute("customerId", company);
        span.set_attribute("userId", person);
    }
    if status >= 500 {
        span.set_status(Status::error(""));
    }
}

/// The span of an attempt to deliver, in the trace of what caused the delivery.
pub(crate) fn attempt(traceparent: Option<&str>, event: &str, delivery: &str, number: i64) -> Span {
    if !is_on() {
        return Span::none();
    }
    let span = tracing::debug_span!(target: TARGET, "deliver",
        otel.name = format!("deliver {event}"), otel.kind = "client",
        delivery_id = delivery, attempt = number, http.response.status_code = Empty);
    join(&span, traceparent);
    span
}

/// What became of an attempt.
pub(crate) fn end_attempt(span: &Span, status: Option<u16>, succeeded: bool) {
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    if !span.is_none() && !succeeded {
        span.set_status(Status::error("not delivered"));
    }
}

/// The span of a callback, in the trace of its delivery, which its token names. If the request came with that
/// trace it is within the request's, else it is linked with it.
pub(crate) fn callback(traceparent: Option<&str>) -> Span {
    if !is_on() {
        return Span::none();
    }
    let span = tracing::debug_span!(target: TARGET, "callback", otel.name = "apply callback");
    let Some(delivery) = traceparent.and_then(place) else { return span };
    let request = Span::current().context().span().span_context().clone();
    if request.trace_id() != delivery.span().span_context().trace_id() {
        join(&span, traceparent);
        if request.is_valid() {
            span.add_link(request);
        }
    }
    span
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_traceparent_is_a_place() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        assert_eq!(
            place(good).unwrap().span().span_context().trace_id().to_string(),
            "0af7651916cd43dd8448eb211c80319c"
        );
        for wrong in ["", "1", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "x-y-z-1"] {
            assert!(place(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn without_a_collector_there_are_no_spans() {
        assert!(request("GET", "/", "r", None).is_none());
        assert!(attempt(None, "ticket.created", "d", 1).is_none());
        assert!(callback(None).is_none() && current().is_none());
    }
}
