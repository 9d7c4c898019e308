//! What the process tells those who run it: logs, metrics, traces.

pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod traces;

use tracing_subscriber::{Registry, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Config;
use traces::Exporting;

/// Begins to log, and to trace if the operator named a collector. The answer ends with the program.
///
/// # Errors
/// One line when there can be no exporter of traces.
pub(crate) fn init(config: &Config) -> Result<Option<Exporting>, String> {
    let logs = logs::layer(&config.log, config.log_format);
    let Some(collector) = &config.traces else {
        let _ = Registry::default().with(logs).try_init();
        return Ok(None);
    };
    let (traces, exporting) = traces::open(collector)?;
    let _ = Registry::default().with(logs).with(traces).try_init();
    Ok(Some(exporting))
}
