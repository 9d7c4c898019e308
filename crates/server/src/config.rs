//! Configuration: a file, then `FLOWBIT_*` variables, then flags, each winning over the one before.
//!
//! A wrong value is refused at start with its key, the value (unless it is a secret) and what is
//! allowed. An unknown key in the file is refused; an unknown `FLOWBIT_*` variable is only warned
//! about, since other programs may share the prefix.

mod files;
mod limit;
mod mail;
mod settings;
mod watching;

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use flowbit_domain::time::{Clock, Randomness};
use flowbit_store::{CommitListener, DatabaseOptions, StoreOptions};
use ipnet::IpNet;
use url::Url;

pub use crate::telemetry::traces::Collector;
pub use files::Files;
pub use limit::{Limit, Limits};
pub use mail::Mail;
pub(crate) use mail::{Smtp, Tls};
pub(crate) use settings::describe;
pub use settings::keys;

use settings::{Setting, Settings, known, networks, parsed, public_url, switch};

/// What the server was told.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The address under which people and workflows reach it, without a slash at the end of its path.
    pub public_url: Url,
    /// Where workflows reach it, when that is not the public address.
    pub callback_url: Option<Url>,
    /// The API of an ngrok agent whose tunnel workflows call back through.
    pub tunnel_api: Option<Url>,
    /// The folder of the embedded engine.
    pub data: PathBuf,
    /// Where attached files are kept, and how many.
    pub files: Files,
    /// PostgreSQL, when it is not the embedded engine. Its address carries a password, which it shows nowhere.
    pub database: Option<DatabaseOptions>,
    /// The registry of screens.
    pub registry: Option<PathBuf>,
    /// Where `/metrics` is served.
    pub metrics: MetricsListener,
    /// Private networks that deliveries may reach all the same.
    pub webhook_allow: Vec<IpNet>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether request limits are on.
    pub rate_limits: bool,
    /// How often requests may come.
    pub limits: Limits,
    /// How e-mails are sent; `None`: none are.
    pub mail: Option<Mail>,
    /// Where traces are sent; `None`: nowhere.
    pub traces: Option<Collector>,
    /// What is logged, in the syntax of `tracing`'s `EnvFilter`.
    pub log: String,
    /// How it is logged.
    pub log_format: LogFormat,
    /// Whether the demo companies are made.
    pub demo: bool,
    /// How many connections are open at most.
    pub max_connections: usize,
    /// How long it goes on serving after it was told to stop, while `/readyz` already says so: time for a proxy
    /// to send requests elsewhere.
    pub shutdown_delay: Duration,
    /// `FLOWBIT_*` variables that mean nothing to this version, to be warned about.
    pub unknown: Vec<String>,
}

/// Where `/metrics` is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsListener {
    /// At [`MetricsListener::USUAL`]; when that is taken, a warning and no metrics.
    Usual,
    /// Here; when that is taken, no start.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl MetricsListener {
    /// Only for this machine, at the port that exporters of metrics use by custom.
    pub const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);
}

/// How is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// One JSON object a line.
    Json,
    /// Text for people.
    Text,
}

/// Why a configuration is refused: one line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// The database, if it is told. What is wrong with its address is said without showing it.
fn read_database(all: &Settings) -> Result<Option<DatabaseOptions>, ConfigError> {
    let connections = all.take("database_connections", "a number from 1 to 1000", None, |t| {
        parsed(t).filter(|n| (1..=1000).contains(n)).map(Some)
    })?;
    let prepares = all.take("database_prepares", "on or off", true, switch)?;
    let Some(Setting { value, source }) = all.0.get("database_url") else { return Ok(None) };
    let address = value.trim().parse().map_err(|e| ConfigError(format!("{source}: the value {e}")))?;
    let mut database = DatabaseOptions::new(address);
    if let Some(Setting { value, source }) = all.0.get("database_direct_url") {
        database.direct = match value.trim() {
            "off" => None,
            address => {
                let address = address.parse();
                Some(address.map_err(|e| ConfigError(format!("{source}: the value {e}, or off")))?)
            }
        };
    }
    database.connections = connections.unwrap_or(database.connections);
    database.prepares = prepares;
    Ok(Some(database))
}

/// The public address when none is configured: that of the listener, as a browser on it says it.
fn usual_url(listen: SocketAddr) -> Result<Url, ConfigError> {
    let text = if listen.ip().is_unspecified() {
        format!("http://localhost:{}", listen.port())
    } else {
        format!("http://{listen}")
    };
    Url::parse(&text).map_err(|e| ConfigError(format!("{text} is not a public address: {e}")))
}

impl Config {
    /// Reads the configuration of this process. `flags` are keys and values from the command line.
    ///
    /// # Errors
    /// One line for the operator.
    pub fn load(flags: &[(&str, String)]) -> Result<Self, ConfigError> {
        Self::read(std::env::vars(), flags)
    }

    /// Reads it from these variables and flags.
    ///
    /// # Errors
    /// One line for the operator.
    pub fn read(
        variables: impl IntoIterator<Item = (String, String)>,
        flags: &[(&str, String)],
    ) -> Result<Self, ConfigError> {
        let mut outer = Settings::default();
        let mut unknown = Vec::new();
        for (name, value) in variables {
            let Some(key) = name.strip_prefix("FLOWBIT_").map(str::to_ascii_lowercase) else { continue };
            if !known(&key) {
                unknown.push(name);
            } else if !value.trim().is_empty() {
                outer.set(&key, value, name);
            }
        }
        for (key, value) in flags {
            outer.set(key, value.clone(), format!("--{}", key.replace('_', "-")));
        }
        let mut all = Settings::default();
        if let Some(Setting { value, .. }) = outer.0.get("config") {
            all.read_file(Path::new(value))?;
        }
        all.0.append(&mut outer.0);
        Self::from_settings(&all, unknown)
    }

    fn from_settings(all: &Settings, unknown: Vec<String>) -> Result<Self, ConfigError> {
        let cidrs = "networks or addresses such as 10.0.0.0/8,127.0.0.1, separated by commas";
        let on_off = "on or off";
        let demo = all.take("demo", on_off, false, switch)?;
        let listen = all.take(
            "listen",
            "an address and port such as 127.0.0.1:3000",
            SocketAddr::from(([127, 0, 0, 1], 3000)),
            parsed,
        )?;
        let data = all.take("data", "a folder", PathBuf::from("data"), |t| Some(t.into()))?;
        let public = all.take(
            "public_url",
            "an http or https address without path, such as https://desk.example.com",
            None,
            |t| public_url(t).map(Some),
        )?;
        Ok(Self {
            listen,
            public_url: match public {
                Some(url) => url,
                None => usual_url(listen)?,
            },
            callback_url: all.take(
                "callback_url",
                "an http or https address without path, such as http://flowbit:3000",
                None,
                |t| public_url(t).map(Some),
            )?,
            tunnel_api: all.take(
                "tunnel_api",
                "the address of an ngrok agent's API, such as http://ngrok:4040",
                None,
                |t| public_url(t).map(Some),
            )?,
            files: files::read(all, &data)?,
            data,
            database: read_database(all)?,
            registry: all.take("registry", "a file", None, |t| Some(Some(t.into())))?,
            metrics: all.take(
                "metrics_listen",
                "an address and port such as 127.0.0.1:9464, or off",
                MetricsListener::Usual,
                |t| if t == "off" { Some(MetricsListener::Off) } else { parsed(t).map(MetricsListener::At) },
            )?,
            webhook_allow: all.take("webhook_allow", cidrs, Vec::new(), networks)?,
            trusted_proxies: all.take("trusted_proxies", cidrs, Vec::new(), networks)?,
            rate_limits: all.take("rate_limits", on_off, true, switch)?,
            limits: watching::read_limits(all)?,
            mail: mail::read(all, demo)?,
            traces: watching::read_collector(all)?,
            log: all.take(
                "log",
                "a filter such as info or flowbit_server=debug,info",
                "info".into(),
                |t| parsed::<tracing_subscriber::EnvFilter>(t).map(|_| t.to_owned()),
            )?,
            log_format: all.take("log_format", "auto, json or text", LogFormat::Auto, |t| match t {
                "auto" => Some(LogFormat::Auto),
                "json" => Some(LogFormat::Json),
                "text" => Some(LogFormat::Text),
                _ => None,
            })?,
            demo,
            max_connections: all.take("max_connections", "a number from 16 to 1000000", 20_000, |t| {
                parsed(t).filter(|n| (16..=1_000_000).contains(n))
            })?,
            shutdown_delay: all.take(
                "shutdown_delay",
                "a number of seconds from 0 to 300",
                Duration::ZERO,
                |t| parsed(t).filter(|n| *n <= 300).map(Duration::from_secs),
            )?,
            unknown,
        })
    }

    /// How the store is opened.
    #[must_use]
    pub fn store_options(
        &self,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        listener: Arc<dyn CommitListener>,
    ) -> StoreOptions {
        let mut options = StoreOptions::new(&self.data, clock, randomness, listener);
        options.database = self.database.clone();
        options
    }

    /// The public address as text, without a slash at its end.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }

    /// Whether people reach it by TLS, so that cookies must not travel without.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("public_url", &self.origin())
            .field("data", &self.data)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())), &[])
    }

    #[test]
    fn defaults_need_nothing() {
        let config = read(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(config.origin(), "http://127.0.0.1:3000");
        assert!(config.rate_limits);
    }

    #[test]
    fn a_wrong_value_is_refused_with_key_value_and_what_is_allowed() {
        let e = read(&[("FLOWBIT_LISTEN", "here")]).unwrap_err().to_string();
        assert_eq!(
            e,
            "FLOWBIT_LISTEN: \"here\" is not allowed; it must be an address and port such as 127.0.0.1:3000"
        );
        let e = read(&[("FLOWBIT_DATABASE_URL", "mysql://root:hunter2@db")]).unwrap_err().to_string();
        assert!(!e.contains("hunter2"), "{e}");
        let config = read(&[("FLOWBIT_DATABASE_URL", "postgresql://flowbit:hunter2@db/desk")]).unwrap();
        let shown = format!("{config:?}");
        assert!(!shown.contains("hunter2") && shown.contains("db"), "{shown}");
        let e = read(&[("FLOWBIT_DATABASE_URL", "postgresql://flowbit:hunter2@db/desk?sslmode=prefer")]);
        let e = e.unwrap_err().to_string();
        assert!(!e.contains("hunter2") && e.contains("verify-full"), "{e}");
    }

    #[test]
    fn e_mails_need_a_server_and_a_sender() {
        let server = ("FLOWBIT_SMTP_URL", "smtps://user:hunter2@mail.example.com");
        assert!(read(&[("FLOWBIT_MAIL_FROM", "desk@example.com")]).unwrap().mail.is_none());
        let e = read(&[server]).unwrap_err().to_string();
        assert_eq!(e, "FLOWBIT_SMTP_URL: FLOWBIT_MAIL_FROM must say from whom e-mails come");
        assert!(read(&[server, ("FLOWBIT_MAIL_FROM", "nobody")]).is_err());
        let config = read(&[server, ("FLOWBIT_MAIL_FROM", "Flowbit <desk@example.com>")]).unwrap();
        let mail = config.mail.as_ref().unwrap();
        assert_eq!((mail.delay_ms, mail.from.to_string().as_str()), (60_000, "Flowbit <desk@example.com>"));
        assert!(!format!("{config:?} {mail:?}").contains("hunter2"));
        // Nobody's letterbox is to be filled because somebody tries it out.
        let (demo, from) = (("FLOWBIT_DEMO", "on"), ("FLOWBIT_MAIL_FROM", "desk@example.com"));
        let e = read(&[server, from, demo]).unwrap_err().to_string();
        assert!(e.starts_with("FLOWBIT_SMTP_URL: the demo companies' addresses are made up"), "{e}");
        assert!(read(&[("FLOWBIT_SMTP_URL", "smtp://127.0.0.1:2525"), from, demo]).unwrap().mail.is_some());
    }

    #[test]
    fn flags_win_over_variables_and_variables_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("flowbit.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\ndata = \"a\"\nwebhook_allow = [\"10.0.0.0/8\"]\n")
            .unwrap();
        let variables = [
            ("FLOWBIT_CONFIG".to_owned(), file.display().to_string()),
            ("FLOWBIT_LISTEN".to_owned(), "127.0.0.1:2".to_owned()),
            ("FLOWBIT_DATA".to_owned(), "b".to_owned()),
        ];
        let config = Config::read(variables.clone(), &[("data", "c".into())]).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.data, PathBuf::from("c"));
        assert_eq!(config.webhook_allow.len(), 1);

        std::fs::write(&file, "listne = \"127.0.0.1:1\"\n").unwrap();
        let e = Config::read(variables, &[]).unwrap_err().to_string();
        assert!(e.contains("`listne` is not a key"), "{e}");
    }
}
