//! The keys, where their values stand, and how each kind of value is read.

use std::{collections::BTreeMap, net::IpAddr, path::Path, str::FromStr};

use ipnet::IpNet;
use url::Url;

use super::ConfigError;

/// Every key, for the file, and what it is; in the environment it is upper case after `FLOWBIT_`.
const KEYS: [(&str, &str); 31] = [
    ("callback_url", "the address by which workflows reach it, when it is another than the public one"),
    ("config", "settings as a TOML file"),
    ("data", "the data folder [default: data]"),
    ("database_connections", "how many connections to PostgreSQL at most [default: 16]"),
    ("database_direct_url", "the database's own address where a pooler stands before it, or off"),
    ("database_prepares", "off behind a pooler that can't follow prepared statements"),
    ("database_url", "PostgreSQL instead of the data folder"),
    ("demo", "on: make the demo companies if they are absent"),
    ("file_max", "the largest file that can be attached, in MiB [default: 25]"),
    (
        "files",
        "where attached files are: a folder, or s3://bucket/prefix [default: contents in the data folder]",
    ),
    ("files_quota", "how much of them one company may keep, in MiB [default: 10240]"),
    ("limit_address", "requests of a client address: a second/at once [default: 1000/10000]"),
    ("limit_company", "the same for a company [default: 1000/10000]"),
    ("limit_token", "the same for a session [default: 500/5000]"),
    ("listen", "where to listen [default: 127.0.0.1:3000]"),
    ("log", "what is logged, such as info or flowbit_server=debug,info"),
    ("log_format", "json, text or auto (text on a terminal)"),
    ("mail_delay", "seconds that a notice waits for being read before it is mailed [default: 60]"),
    ("mail_from", "from whom e-mails come, such as Flowbit <desk@example.com>"),
    ("max_connections", "how many connections of clients are open at most"),
    ("metrics_listen", "where /metrics is, or off [default: 127.0.0.1:9464]"),
    ("otlp_endpoint", "where traces are sent, such as http://127.0.0.1:4318"),
    ("public_url", "the address by which people reach it; cookies and links are made from it"),
    ("rate_limits", "off for measurements only"),
    ("registry", "the registry of screens [default: one that is built in]"),
    ("shutdown_delay", "seconds that it goes on serving after SIGTERM [default: 0]"),
    ("smtp_url", "the server that e-mails go through, such as smtps://user:password@mail.example.com"),
    ("trace_ratio", "how much of what begins here is traced, 0 to 1 [default: 1]"),
    ("trusted_proxies", "proxies whose X-Forwarded-For is believed"),
    ("tunnel_api", "the API of an ngrok agent, whose tunnel workflows then call back through"),
    ("webhook_allow", "private networks that deliveries may reach, such as 127.0.0.0/8"),
];

/// Every key.
pub fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.into_iter().map(|(key, _)| key)
}

/// All of them as variables, a line each, as `--help` shows them.
pub(crate) fn describe() -> String {
    let lines = KEYS.iter().map(|(key, meaning)| {
        let variable = format!("FLOWBIT_{}", key.to_uppercase());
        format!("  {variable:<29}{meaning}\n")
    });
    lines.collect()
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
                    keys().filter(|key| *key != "config").collect::<Vec<_>>().join(", ")
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
