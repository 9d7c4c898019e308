//! The metrics of the process: which there are, what they mean, and their beginning at zero.
//!
//! No label names a company, a person or anything else that a client chooses: there are as many series as this
//! list and the table of routes make, however many companies there are. Which company does what is in the log.

use metrics::{Counter as Count, counter};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Where durations are counted, in seconds.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The same for what may wait for hours.
const LAG: [f64; 14] =
    [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0, 86_400.0];
const COMMANDS: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Grows from the start of the process.
    Counter,
    /// How something stands.
    Gauge,
    /// How often something took how long, or was how large.
    Histogram,
}

/// One metric.
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The values of its one label, where they are few and known: each begins at zero.
    begins: Option<(&'static str, &'static [&'static str])>,
    pub(crate) what: &'static str,
}

const fn metric(kind: Kind, name: &'static str, what: &'static str) -> Metric {
    Metric { name, kind, begins: None, what }
}

const fn labelled(
    name: &'static str,
    label: &'static str,
    values: &'static [&'static str],
    what: &'static str,
) -> Metric {
    Metric { name, kind: Kind::Counter, begins: Some((label, values)), what }
}

use Kind::{Counter, Gauge, Histogram};

/// All of them.
pub(crate) const ALL: [Metric; 49] = [
    metric(
        Histogram,
        "flowbit_http_request_duration_seconds",
        "Time to answer, by method, route template and class of status",
    ),
    metric(Gauge, "flowbit_http_connections", "Connections of clients open now, sockets among them"),
    metric(Gauge, "flowbit_http_connections_max", "How many may be open"),
    labelled(
        "flowbit_http_answers_total",
        "from",
        &["memory", "unchanged", "store"],
        "Answers to reads that can be kept: from memory, as 304, or read from the store",
    ),
    labelled(
        "flowbit_session_checks_total",
        "from",
        &["memory", "store"],
        "Sessions checked, from memory or in the store",
    ),
    metric(
        Counter,
        "flowbit_passwords_total",
        "Passwords hashed or verified, those of unknown addresses too; each takes a core for some time",
    ),
    labelled(
        "flowbit_requests_limited_total",
        "limit",
        &["address", "company", "person", "token", "sign_in", "renewal"],
        "Requests answered with 429, by the limit that they met",
    ),
    metric(Gauge, "flowbit_sockets", "Sockets connected now"),
    metric(Gauge, "flowbit_socket_companies", "Companies with a socket connected now"),
    metric(Counter, "flowbit_socket_deliveries_total", "Events handed to sockets"),
    metric(Histogram, "flowbit_socket_lag_seconds", "From an event's record to its handing to the sockets"),
    labelled(
        "flowbit_sockets_cut_total",
        "reason",
        &["expired", "revoked", "lagging", "shutdown"],
        "Sockets cut off",
    ),
    metric(Histogram, "flowbit_store_read_duration_seconds", "A query, from its asking to its answer"),
    metric(Histogram, "flowbit_store_write_duration_seconds", "A command, from its asking to its answer"),
    metric(Histogram, "flowbit_store_wait_duration_seconds", "A command's wait for its turn"),
    metric(Histogram, "flowbit_store_commit_duration_seconds", "A commit"),
    metric(Histogram, "flowbit_store_batch_commands", "Commands that shared a commit"),
    metric(Gauge, "flowbit_store_largest_batch", "Most commands that have shared a commit"),
    metric(Counter, "flowbit_store_commits_total", "Commits that wrote something, one fsync each"),
    metric(Counter, "flowbit_store_commands_total", "Commands run, whatever came of them"),
    metric(Counter, "flowbit_store_abandoned_total", "Commands not begun because nobody waited any more"),
    metric(Counter, "flowbit_store_queries_total", "Queries run"),
    metric(Counter, "flowbit_store_refused_total", "Commands and queries refused because too many waited"),
    metric(Counter, "flowbit_store_batches_lost_total", "Batches that could not be committed"),
    metric(Counter, "flowbit_store_batches_repeated_total", "Batches run again because a command was undone"),
    metric(Gauge, "flowbit_store_commands_waiting", "Commands waiting now"),
    metric(Gauge, "flowbit_store_queries_waiting", "Queries waiting now"),
    metric(Gauge, "flowbit_store_connections", "Connections to files or to the database open now"),
    metric(Gauge, "flowbit_store_connections_max", "How many may be open"),
    metric(Counter, "flowbit_store_connections_opened_total", "Connections opened"),
    metric(Counter, "flowbit_store_connections_evicted_total", "Connections closed to make room for others"),
    metric(Counter, "flowbit_store_prepared_total", "Statements prepared on a connection for the first time"),
    metric(Counter, "flowbit_store_reprepared_total", "Statements prepared again although they were cached"),
    metric(Counter, "flowbit_store_checkpoints_total", "Write-ahead logs copied back into their files"),
    metric(Counter, "flowbit_store_tenants_read_total", "Companies read anew because some were changed"),
    metric(Gauge, "flowbit_store_current", "1 while what other nodes commit is known within a second"),
    metric(Gauge, "flowbit_leader", "1 while this node sees to what no other is at work on"),
    metric(Gauge, "flowbit_tenants", "Companies, suspended ones too"),
    labelled(
        "flowbit_delivery_attempts_total",
        "result",
        &["delivered", "refused", "failed"],
        "Attempts: answered with 2xx, with anything else, or not at all",
    ),
    metric(Histogram, "flowbit_delivery_attempt_duration_seconds", "An attempt, until its answer"),
    metric(Histogram, "flowbit_delivery_lag_seconds", "From an event to the first attempt to deliver it"),
    labelled(
        "flowbit_deliveries_ended_total",
        "state",
        &["delivered", "dead"],
        "Deliveries that came to their end",
    ),
    metric(Gauge, "flowbit_deliveries_in_flight", "Attempts under way now"),
    metric(Gauge, "flowbit_delivery_companies_in_line", "Companies whose due deliveries wait for their turn"),
    metric(Gauge, "flowbit_delivery_companies_planned", "Companies with deliveries due later"),
    labelled("flowbit_callbacks_total", "outcome", &["applied", "repeated"], "Callbacks of workflows"),
    labelled(
        "flowbit_callbacks_refused_total",
        "company",
        &["recorded", "unknown"],
        "Callbacks refused: recorded with the company they named, or of nobody known",
    ),
    labelled(
        "flowbit_mails_total",
        "result",
        &["sent", "refused", "failed"],
        "E-mails: taken by the mail server, refused for good, or to be tried again",
    ),
    metric(Gauge, "flowbit_build_info", "1; its label is the version"),
];

/// Counters on the hottest way, found without their names being looked up.
pub(crate) struct Counts {
    pub(crate) answers_kept: Count,
    pub(crate) answers_unchanged: Count,
    pub(crate) answers_read: Count,
    pub(crate) sessions_remembered: Count,
    pub(crate) sessions_looked_up: Count,
}

impl Counts {
    /// Of no effect in a process that counts nothing.
    pub(crate) fn new() -> Self {
        let answers = |from: &'static str| counter!("flowbit_http_answers_total", "from" => from);
        let sessions = |from: &'static str| counter!("flowbit_session_checks_total", "from" => from);
        Self {
            answers_kept: answers("memory"),
            answers_unchanged: answers("unchanged"),
            answers_read: answers("store"),
            sessions_remembered: sessions("memory"),
            sessions_looked_up: sessions("store"),
        }
    }
}

/// Begins to count. `None`, with a line in the log, when this process counts already.
pub(crate) fn init() -> Option<PrometheusHandle> {
    match builder().and_then(PrometheusBuilder::install_recorder) {
        Ok(handle) => {
            begin();
            Some(handle)
        }
        Err(error) => {
            tracing::warn!(%error, "no metrics");
            None
        }
    }
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)?
        .set_buckets_for_metric(Matcher::Full("flowbit_delivery_lag_seconds".to_owned()), &LAG)?
        .set_buckets_for_metric(Matcher::Suffix("_commands".to_owned()), &COMMANDS)
}

/// Says what each is, and lets each that can begin at zero: what has never happened is 0, not absent, so that
/// an alert about it can tell.
fn begin() {
    use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
    for Metric { name, kind, begins, what } in ALL {
        match kind {
            Counter => describe_counter!(name, what),
            Gauge => describe_gauge!(name, what),
            Histogram => describe_histogram!(name, what),
        }
        match (kind, begins) {
            (Counter, Some((label, values))) => {
                values.iter().for_each(|value| counter!(name, label => *value).absolute(0));
            }
            (Counter, None) => counter!(name).absolute(0),
            (Gauge | Histogram, _) => {}
        }
    }
    gauge!("flowbit_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    metrics_process::Collector::default().describe();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_prometheus() {
        let mut names: Vec<&str> = ALL.iter().map(|metric| metric.name).collect();
        for Metric { name, kind, .. } in ALL {
            assert_eq!(name.ends_with("_total"), kind == Counter, "{name}");
            assert!(name.starts_with("flowbit_"), "{name}");
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
