//! Logs and metrics of the process.

use std::io::IsTerminal;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Where durations are counted, in seconds.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Libraries that would write tokens or bodies into the log when asked for everything.
const TALKATIVE: [&str; 4] = ["socketioxide", "engineioxide", "hyper", "reqwest"];

/// Begins to log, to standard output: JSON unless a person reads it on a terminal.
///
/// `filter` is in the syntax of `EnvFilter`, already checked. A second call does nothing.
pub(crate) fn init_logs(filter: &str, format: LogFormat) {
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !std::io::stdout().is_terminal(),
    };
    let layer = if json {
        let events = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false);
        events.boxed()
    } else {
        let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        fmt::layer().compact().with_ansi(colours).with_target(false).boxed()
    };
    let _ = Registry::default().with(layer.with_filter(effective_filter(filter))).try_init();
}

/// What the operator asks for, except that no library may tell secrets.
fn effective_filter(asked: &str) -> EnvFilter {
    // More specific directives win, so those about these libraries are taken out as well.
    let kept = asked.split(',').map(str::trim).filter(|d| !TALKATIVE.iter().any(|name| d.starts_with(name)));
    let bounds = TALKATIVE.iter().map(|name| format!("{name}=warn"));
    let all: Vec<String> = kept.map(str::to_owned).chain(bounds).collect();
    EnvFilter::new(all.join(","))
}

/// Begins to count. `None`, with a line in the log, when this process counts already.
pub(crate) fn init_metrics() -> Option<PrometheusHandle> {
    let built = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .and_then(PrometheusBuilder::install_recorder);
    match built {
        Ok(handle) => {
            describe();
            Some(handle)
        }
        Err(error) => {
            tracing::warn!(%error, "no metrics");
            None
        }
    }
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_histogram!(
        "flowbit_http_request_duration_seconds",
        "Time to answer, by route template and status"
    );
    describe_gauge!("flowbit_sockets", "Sockets connected now");
    describe_counter!("flowbit_socket_deliveries_total", "Events handed to sockets");
    describe_counter!("flowbit_sockets_cut_total", "Sockets cut off, by reason");
    describe_gauge!("flowbit_store_commits", "Commits since the start, one fsync each");
    describe_gauge!("flowbit_store_commands", "Commands run since the start");
    describe_gauge!("flowbit_store_largest_batch", "Most commands that have shared a commit");
    describe_gauge!("flowbit_store_commands_waiting", "Commands waiting now");
    describe_gauge!("flowbit_store_queries", "Queries run since the start");
    describe_gauge!("flowbit_store_queries_waiting", "Queries waiting now");
    describe_gauge!("flowbit_store_refused", "Commands and queries refused because too many waited");
    describe_gauge!("flowbit_store_batches_lost", "Batches that could not be committed");
    describe_gauge!("flowbit_store_connections_open", "Connections to tenants' files open now");
    describe_gauge!("flowbit_store_connections_evicted", "Connections closed to make room for others");
    describe_gauge!("flowbit_store_reprepared", "Statements prepared again although they were cached");
    describe_gauge!("flowbit_tenants", "Tenants, suspended ones too");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_filter_makes_a_library_tell_tokens() {
        for asked in ["trace", "socketioxide=trace,info", "info, socketioxide::client=debug"] {
            let shown = effective_filter(asked).to_string();
            let about: Vec<&str> = shown.split(',').filter(|d| d.starts_with("socketioxide")).collect();
            assert_eq!(about, ["socketioxide=warn"], "{asked} became {shown}");
        }
    }
}
