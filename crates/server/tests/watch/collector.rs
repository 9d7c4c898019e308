//! A collector of traces: takes OTLP over HTTP and keeps the spans.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value},
    trace::v1::Span as Sent,
};
use prost::Message;

/// A span that arrived, ids in hex.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    /// Empty: it has none.
    pub(crate) parent: String,
    /// Linked spans' traces.
    pub(crate) links: Vec<String>,
    pub(crate) attributes: HashMap<String, String>,
    /// From when to when, in nanoseconds.
    pub(crate) time: (u64, u64),
    pub(crate) failed: bool,
    /// The attributes of whatever sent it.
    pub(crate) resource: HashMap<String, String>,
}

pub(crate) struct Collector {
    pub(crate) url: String,
    spans: Arc<Mutex<Vec<Span>>>,
}

fn text(attributes: &[KeyValue]) -> HashMap<String, String> {
    let shown = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(bool) => bool.to_string(),
        other => format!("{other:?}"),
    };
    let one = |pair: &KeyValue| {
        let value = pair.value.as_ref().and_then(|any| any.value.as_ref());
        (pair.key.clone(), value.map(shown).unwrap_or_default())
    };
    attributes.iter().map(one).collect()
}

fn taken(sent: &Sent, resource: &HashMap<String, String>) -> Span {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Span {
        name: sent.name.clone(),
        trace: hex(&sent.trace_id),
        id: hex(&sent.span_id),
        parent: hex(&sent.parent_span_id),
        links: sent.links.iter().map(|link| hex(&link.trace_id)).collect(),
        attributes: text(&sent.attributes),
        time: (sent.start_time_unix_nano, sent.end_time_unix_nano),
        failed: sent.status.as_ref().is_some_and(|status| status.code == 2),
        resource: resource.clone(),
    }
}

async fn take(State(spans): State<Arc<Mutex<Vec<Span>>>>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else { return StatusCode::BAD_REQUEST };
    let mut spans = spans.lock().unwrap();
    for group in &request.resource_spans {
        let resource = group.resource.as_ref().map(|r| text(&r.attributes)).unwrap_or_default();
        for sent in group.scope_spans.iter().flat_map(|scope| &scope.spans) {
            spans.push(taken(sent, &resource));
        }
    }
    StatusCode::OK
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let spans = Arc::default();
        let router = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&spans));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, spans }
    }

    /// All spans that have arrived.
    pub(crate) fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }
}
