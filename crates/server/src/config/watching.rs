//! What the operator says of limits and traces.

use url::Url;

use super::{Collector, ConfigError, Limit, Limits, Settings, parsed};

/// How often requests may come.
pub(super) fn read_limits(all: &Settings) -> Result<Limits, ConfigError> {
    let usual = Limits::default();
    let read = |key, usual| all.take(key, Limit::ALLOWED, usual, parsed);
    Ok(Limits {
        address: read("limit_address", usual.address)?,
        token: read("limit_token", usual.token)?,
        company: read("limit_company", usual.company)?,
    })
}

/// Where traces go, if anywhere.
pub(super) fn read_collector(all: &Settings) -> Result<Option<Collector>, ConfigError> {
    let ratio = all.take("trace_ratio", "a number from 0 to 1", 1.0, |t| {
        parsed::<f64>(t).filter(|ratio| (0.0..=1.0).contains(ratio))
    })?;
    let endpoint =
        all.take("otlp_endpoint", "an http or https address such as http://127.0.0.1:4318", None, |t| {
            let url = Url::parse(t).ok()?;
            let plain = matches!(url.scheme(), "http" | "https")
                && url.host().is_some()
                && url.query().is_none()
                && url.fragment().is_none();
            plain.then_some(Some(url))
        })?;
    Ok(endpoint.map(|endpoint| Collector { endpoint, ratio }))
}
