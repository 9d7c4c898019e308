//! What the operator says of e-mails. The server's address carries a password, which is shown nowhere.

use std::net::IpAddr;

use lettre::{message::Mailbox, transport::smtp::authentication::Credentials};
use url::Url;

use super::{ConfigError, Setting, Settings, parsed};

/// What the address of an SMTP server looks like.
const ALLOWED: &str = "such as smtps://user:password@mail.example.com or \
    smtp://user:password@mail.example.com:587?tls=required";

/// How e-mails are sent.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The server that they go through.
    pub(crate) smtp: Smtp,
    /// From whom they come.
    pub(crate) from: Mailbox,
    /// How long a notice waits for being read, in milliseconds.
    pub(crate) delay_ms: i64,
}

/// An SMTP server (RFC 5321, RFC 6409).
#[derive(Clone)]
pub(crate) struct Smtp {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: Tls,
    pub(crate) credentials: Option<Credentials>,
}

/// Whether what is said to it is encrypted. Something that is tried and given up unnoticed protects nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    /// No.
    Off,
    /// From the beginning (RFC 8314).
    Implicit,
    /// After `STARTTLS` (RFC 3207), or nothing is said.
    Required,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, tls, .. } = self;
        f.debug_struct("Smtp")
            .field("host", host)
            .field("port", port)
            .field("tls", tls)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Display for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// How e-mails are sent, if they are. With the demo companies (`demo`) only on this machine.
pub(super) fn read(all: &Settings, demo: bool) -> Result<Option<Mail>, ConfigError> {
    let delay_ms = all.take("mail_delay", "a number of seconds from 0 to 3600", 60_000, |t| {
        parsed::<i64>(t).filter(|n| (0..=3600).contains(n)).map(|n| n * 1000)
    })?;
    let from = all.take("mail_from", "an address such as Flowbit <desk@example.com>", None, |t| {
        parsed::<Mailbox>(t).map(Some)
    })?;
    let Some(Setting { value, source }) = all.0.get("smtp_url") else { return Ok(None) };
    let smtp = read_url(value.trim()).map_err(|why| ConfigError(format!("{source}: the value {why}")))?;
    if demo && !is_loopback(&smtp.host) {
        return Err(ConfigError(format!(
            "{source}: the demo companies' addresses are made up and may be somebody's: with them the mail server must \
             be on this machine"
        )));
    }
    let missing = || ConfigError(format!("{source}: FLOWBIT_MAIL_FROM must say from whom e-mails come"));
    Ok(Some(Mail { smtp, from: from.ok_or_else(missing)?, delay_ms }))
}

/// Reads an address, and says what is wrong with it without showing it.
fn read_url(text: &str) -> Result<Smtp, String> {
    let url = Url::parse(text).map_err(|e| format!("is no address ({e}); it must be one {ALLOWED}"))?;
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("names no host")?;
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(format!("has a path; it must be {ALLOWED}"));
    }
    let mut asked = None;
    for (key, value) in url.query_pairs() {
        match (&*key, &*value) {
            ("tls", "required" | "off") => asked = Some(value == "required"),
            _ => return Err("has a parameter other than tls=required and tls=off".to_owned()),
        }
    }
    let (tls, usual) = match (url.scheme(), asked) {
        ("smtps", None | Some(true)) => (Tls::Implicit, 465),
        ("smtp", Some(true)) => (Tls::Required, 587),
        ("smtp", Some(false)) => (Tls::Off, 25),
        ("smtp", None) if is_loopback(host) => (Tls::Off, 25),
        ("smtp", None) => {
            return Err(
                "leaves the machine: it must say tls=required, or tls=off to send in the clear".into()
            );
        }
        _ => return Err(format!("must begin with smtp:// or smtps://, {ALLOWED}")),
    };
    let credentials = match (url.username(), url.password()) {
        ("", None) => None,
        (user, Some(password)) if !user.is_empty() => {
            Some(Credentials::new(decoded(user)?, decoded(password)?))
        }
        _ => return Err("has a user without a password, or a password without a user".to_owned()),
    };
    // As a certificate names it.
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok(Smtp { host, port: url.port().unwrap_or(usual), tls, credentials })
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn decoded(text: &str) -> Result<String, String> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8();
    decoded
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| "has a user or password that is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_mail_servers() {
        let read =
            |text: &str| read_url(text).map(|smtp| (smtp.to_string(), smtp.tls, smtp.credentials.is_some()));
        let found = |at: &str, tls, signs_in| Ok((at.to_owned(), tls, signs_in));
        assert_eq!(read("smtp://127.0.0.1:2525"), found("127.0.0.1:2525", Tls::Off, false));
        assert_eq!(read("smtp://[::1]"), found("::1:25", Tls::Off, false));
        assert_eq!(read("smtp://relay?tls=off"), found("relay:25", Tls::Off, false));
        assert_eq!(read("smtp://a:b@relay?tls=required"), found("relay:587", Tls::Required, true));
        assert_eq!(read("smtps://a%40b.example:p%2Fw@relay"), found("relay:465", Tls::Implicit, true));
        for wrong in [
            "relay",
            "http://relay",
            "smtp://relay",
            "smtp://relay?tls=maybe",
            "smtps://relay?tls=off",
            "smtp://127.0.0.1/inbox",
            "smtps://user@relay",
            "smtps://:hunter2@relay",
            "smtp://user:hunter2@relay",
        ] {
            let refused = read(wrong).unwrap_err();
            assert!(!refused.contains("hunter2"), "{wrong}: {refused}");
        }
        let smtp = read_url("smtps://user:hunter2@relay").unwrap();
        assert!(!format!("{smtp:?} {smtp}").contains("hunter2"));
    }
}
