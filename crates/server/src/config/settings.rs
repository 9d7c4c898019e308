//! The keys, where their values stand, and how each kind of value is read.

use std::{collections::BTreeMap, net::IpAddr, path::Path, str::FromStr};

use ipnet::IpNet;
use url::Url;

use super::ConfigError;

/// Every key, for the file; in the environment it is upper case after `FLOWBIT_`.
const KEYS: [&str; 25] = [
    "callback_url",
    "config",
    "data",
    "database_connections",
    "database_direct_url",
    "database_prepares",
    "database_url",
    "demo",
    "limit_address",
    "limit_company",
    "limit_token",
    "listen",
    "log",
    "log_format",
    "max_connections",
    "metrics_listen",
    "otlp_endpoint",
    "public_url",
    "rate_limits",
    "registry",
    "shutdown_delay",
    "trace_ratio",
    "trusted_proxies",
    "tunnel_api",
    "webhook_allow",
];

/// Every key.
pub fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter()
}

pub(super) fn known(key: &str) -> bool {
    keys().any(|known| known == key)
}

/// One value and where it was found.
pub(super) struct Setting {
    pub(super) value: String,
    pub(super) source: String,
}

/// All values, by key.
#[derive(Default)]
pub(super) struct Settings(pub(super) BTreeMap<String, Setting>);

impl Settings {
    pub(super) fn set(&mut self, key: &str, value: String, source: String) {
        self.0.insert(key.to_owned(), Setting { value, source });
    }

    pub(super) fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|e| ConfigError(format!("the configuration file {shown} can't be read: {e}")))?;
        let table: toml::Table = text
            .parse()
            .map_err(|e: toml::de::Error| ConfigError(format!("{shown} is not TOML: {}", e.message())))?;
        for (key, value) in table {
            if !known(&key) || key == "config" {
                return Err(ConfigError(format!(
                    "{shown}: `{key}` is not a key; known are {}",
                    KEYS.iter().filter(|k| **k != "config").copied().collect::<Vec<_>>().join(", ")
                )));
            }
            let Some(text) = as_text(&value) else {
                return Err(ConfigError(format!(
                    "{shown}: `{key}` must be text, a number, true/false or a list of texts"
                )));
            };
            self.set(&key, text, format!("`{key}` in {shown}"));
        }
        Ok(())
    }

    /// The value of `key`, read by `read`, or `absent`.
    pub(super) fn take<T>(
        &self,
        key: &str,
        allowed: &str,
        absent: T,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let Some(Setting { value, source }) = self.0.get(key) else { return Ok(absent) };
        read(value.trim())
            .ok_or_else(|| ConfigError(format!("{source}: {value:?} is not allowed; it must be {allowed}")))
    }
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(s) => Some(s.clone()),
        toml::Value::Integer(n) => Some(n.to_string()),
        toml::Value::Boolean(b) => Some(b.to_string()),
        toml::Value::Array(items) => {
            items.iter().map(|i| i.as_str()).collect::<Option<Vec<_>>>().map(|texts| texts.join(","))
        }
        _ => None,
    }
}

pub(super) fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

pub(super) fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "on" | "true" | "1" | "yes" => Some(true),
        "off" | "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

pub(super) fn networks(text: &str) -> Option<Vec<IpNet>> {
    let one = |t: &str| parsed::<IpNet>(t).or_else(|| parsed::<IpAddr>(t).map(IpNet::from));
    text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(one).collect()
}

pub(super) fn public_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        // Cookies, the socket and the screens live at the root.
        && url.path() == "/";
    plain.then_some(url)
}
