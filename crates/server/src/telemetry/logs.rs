//! Logs of the process, to standard output.

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry::LookupSpan};

use crate::config::LogFormat;

/// Libraries that would write tokens or bodies into the log when asked for everything.
const TALKATIVE: [&str; 4] = ["socketioxide", "engineioxide", "hyper", "reqwest"];
/// Spans that are made for traces: in the log they would stand in the place of the request's.
const TRACES: &str = flowbit_store::TRACE_TARGET;

/// What writes the log: JSON unless a person reads it on a terminal.
///
/// `filter` is in the syntax of `EnvFilter`, already checked.
pub(super) fn layer<S>(filter: &str, format: LogFormat) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
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
    layer.with_filter(effective_filter(filter))
}

/// What the operator asks for, except that no library may tell secrets.
fn effective_filter(asked: &str) -> EnvFilter {
    // More specific directives win, so those about these libraries are taken out as well.
    let bounded = |directive: &str| TALKATIVE.iter().chain([&TRACES]).any(|name| directive.starts_with(name));
    let kept = asked.split(',').map(str::trim).filter(|directive| !bounded(directive));
    let bounds = TALKATIVE.iter().map(|name| format!("{name}=warn")).chain([format!("{TRACES}=off")]);
    let all: Vec<String> = kept.map(str::to_owned).chain(bounds).collect();
    EnvFilter::new(all.join(","))
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
