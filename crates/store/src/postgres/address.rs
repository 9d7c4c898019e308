//! Where the database is, and how far it is trusted on the way. The address carries a password, so it is
//! shown nowhere as it was given.

use std::{path::PathBuf, str::FromStr, time::Duration};

use tokio_postgres::{
    Config,
    config::{Host, SslMode},
};

/// How long a connection may take to be made, unless the address says otherwise.
const CONNECT: Duration = Duration::from_secs(3);
/// How long what was sent may stay unconfirmed by the other side's TCP before the link counts as dead.
const UNCONFIRMED: Duration = Duration::from_secs(10);

/// How the way to the database is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: `sslmode=disable`, and what is usual on this machine itself.
    Off,
    /// Nobody can listen, but who answers is not asked for a name: `sslmode=require`.
    Encrypted,
    /// The certificate must be good for the host's name: `sslmode=verify-full`, and what is usual.
    Verified,
}

/// Why an address can't be used. Says nothing of its value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It can't be read.
    #[error("is not an address such as postgresql://user:password@host/database?sslmode=verify-full")]
    Unreadable,
    /// It lacks who connects.
    #[error("names no user: postgresql://USER:password@host/database")]
    NoUser,
    /// It lacks where.
    #[error("names no database: postgresql://user:password@host/DATABASE")]
    NoDatabase,
    /// A protection that is none, or none that is known.
    #[error(
        "has an sslmode that is not one of disable, require, verify-full: what is tried and given up unnoticed protects nobody"
    )]
    SslMode,
}

/// The address of a PostgreSQL database, with all that it takes to connect.
#[derive(Clone)]
pub struct DatabaseAddress {
    config: Config,
    user: String,
    database: String,
    tls: Tls,
    authorities: Option<PathBuf>,
}

impl DatabaseAddress {
    /// Who connects.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The database's name.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// How the way to it is protected.
    #[must_use]
    pub fn tls(&self) -> Tls {
        self.tls
    }

    /// A file of certificate authorities to believe instead of the system's (`sslrootcert`).
    pub(crate) fn authorities(&self) -> Option<&PathBuf> {
        self.authorities.as_ref()
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The same way in, to another database.
    #[must_use]
    pub fn with_database(&self, database: &str) -> Self {
        let mut other = self.clone();
        other.config.dbname(database);
        database.clone_into(&mut other.database);
        other
    }

    /// Whether it does not leave this machine.
    #[must_use]
    pub fn is_local(&self) -> bool {
        let is_local = |host: &Host| match host {
            #[cfg(unix)]
            Host::Unix(_) => true,
            Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
            }
        };
        let addresses = self.config.get_hostaddrs();
        if addresses.is_empty() {
            self.config.get_hosts().iter().all(is_local)
        } else {
            addresses.iter().all(std::net::IpAddr::is_loopback)
        }
    }
}

impl FromStr for DatabaseAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if !(text.starts_with("postgres://") || text.starts_with("postgresql://")) {
            return Err(AddressError::Unreadable);
        }
        let (base, query) = text.split_once('?').unwrap_or((text, ""));
        let mut rest = Vec::new();
        let (mut mode, mut authorities) = (None, None);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let value =
                || form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
            match pair.split('=').next() {
                Some("sslmode") => mode = value(),
                Some("sslrootcert") => authorities = value().map(PathBuf::from),
                _ => rest.push(pair),
            }
        }
        // The parser's own words may quote a part of the password.
        let mut config: Config =
            format!("{base}?{}", rest.join("&")).parse().map_err(|_| AddressError::Unreadable)?;
        let named =
            |name: Option<&str>, missing| name.map(str::to_owned).filter(|n| !n.is_empty()).ok_or(missing);
        let user = named(config.get_user(), AddressError::NoUser)?;
        let database = named(config.get_dbname(), AddressError::NoDatabase)?;
        if config.get_hosts().is_empty() {
            config.host("localhost");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNCONFIRMED);
        }
        if config.get_application_name().is_none() {
            config.application_name("flowbit");
        }
        config.keepalives_idle(Duration::from_secs(30)).keepalives_interval(Duration::from_secs(10));
        let mut address = Self { config, user, database, tls: Tls::Off, authorities };
        address.tls = match mode.as_deref() {
            None if address.is_local() => Tls::Off,
            None | Some("verify-full") => Tls::Verified,
            Some("require") => Tls::Encrypted,
            Some("disable") => Tls::Off,
            Some(_) => return Err(AddressError::SslMode),
        };
        let ssl_mode = if address.tls == Tls::Off { SslMode::Disable } else { SslMode::Require };
        address.config.ssl_mode(ssl_mode);
        Ok(address)
    }
}

/// Who connects to which database, where, and how it is protected: what an operator may see in a log.
impl std::fmt::Display for DatabaseAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the database {:?} at ", self.database)?;
        for (place, host) in self.config.get_hosts().iter().enumerate() {
            let between = if place == 0 { "" } else { "," };
            match host {
                Host::Tcp(name) => write!(f, "{between}{name}")?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{between}{}", path.display())?,
            }
        }
        write!(f, " as {:?}", self.user)
    }
}

impl std::fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DatabaseAddress({self}, {:?})", self.tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DatabaseAddress, AddressError> {
        text.parse()
    }

    #[test]
    fn what_leaves_the_machine_is_verified_unless_told_otherwise() {
        for (text, tls) in [
            ("postgresql://flowbit@localhost/desk", Tls::Off),
            ("postgresql://flowbit@127.0.0.1:6432/desk", Tls::Off),
            ("postgresql://flowbit@%2Fvar%2Frun%2Fpostgresql/desk", Tls::Off),
            ("postgresql:///desk?host=/run/postgresql&user=flowbit", Tls::Off),
            ("postgresql://flowbit@localhost/desk?sslmode=verify-full", Tls::Verified),
            ("postgresql://flowbit@db.example/desk", Tls::Verified),
            ("postgresql://flowbit@10.0.0.7/desk", Tls::Verified),
            ("postgresql://flowbit@localhost,db.example/desk", Tls::Verified),
            ("postgres://flowbit@db.example/desk?sslmode=require", Tls::Encrypted),
            ("postgres://flowbit@db.example/desk?sslmode=disable&application_name=x", Tls::Off),
        ] {
            assert_eq!(read(text).unwrap().tls(), tls, "{text}");
        }
        for weak in ["prefer", "allow", "verify-ca", ""] {
            let text = format!("postgresql://flowbit@db.example/desk?sslmode={weak}");
            assert_eq!(read(&text).unwrap_err(), AddressError::SslMode, "{weak}");
        }
        let address = read("postgresql://f@db.example/desk?sslrootcert=%2Fetc%2Fca.pem").unwrap();
        assert_eq!(address.authorities(), Some(&PathBuf::from("/etc/ca.pem")));
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(read("postgresql://localhost/desk").unwrap_err(), AddressError::NoUser);
        assert_eq!(read("postgresql://flowbit@localhost").unwrap_err(), AddressError::NoDatabase);
        assert_eq!(read("mysql://root@db/desk").unwrap_err(), AddressError::Unreadable);
    }

    #[test]
    fn no_text_of_it_has_the_password() {
        let address = read("postgresql://flowbit:hunter2@db.example/desk").unwrap();
        let shown = format!("{address} {address:?} {:#?} {:?}", address, address.with_database("other"));
        assert!(!shown.contains("hunter2") && shown.contains("db.example"), "{shown}");
        // With a ? in it that should have been written as %3F.
        let address = read("postgresql://flowbit:hunt?er2=hunter2@db.example/desk").unwrap();
        assert!(!format!("{address} {address:?}").contains("unter2"));
        for odd in [
            "postgresql://flowbit:hunter2@db.example:hunter2/desk",
            "postgresql://flowbit:hunter2@db.example/desk?hunter2=1",
            "postgresql://flowbit@db.example/desk?sslmode=hunter2",
        ] {
            let refused = read(odd).unwrap_err();
            assert!(!format!("{refused} {refused:?}").contains("unter2"), "{odd}: {refused}");
        }
    }
}
