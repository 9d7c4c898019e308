//! Handing e-mails to the operator's mail server, and what its answers mean.
//!
//! The commands are sent one by one, since what they are answered with means different things: who sends may be
//! refused, which concerns all e-mails, or one recipient, which concerns only this one.

use std::{fmt::Display, time::Duration};

use lettre::{
    Address, Message,
    transport::smtp::{
        Error,
        authentication::DEFAULT_MECHANISMS,
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
        response::Response,
    },
};
use url::Url;

use crate::config::{Smtp, Tls};

/// A connection must be there after this.
const CONNECT: Duration = Duration::from_secs(10);
/// A command must be answered after this.
const ANSWER: Duration = Duration::from_secs(30);
/// The e-mail itself after this: some look into it first, and who does not wait sends it twice (RFC 5321, 4.5.3.2.6).
const TAKEN: Duration = Duration::from_secs(10 * 60);
/// What an e-mail that got no answer is tried again for: "service not available" (RFC 5321).
const UNANSWERED: u16 = 421;

/// Why an e-mail was not taken.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The server is not there, or takes none of ours: why.
    Away(String),
    /// Not this one now: its answer.
    Later(u16),
    /// Never this one: its answer.
    Refused(u16),
}

/// The server that e-mails go through.
pub(crate) struct Relay {
    smtp: Smtp,
    tls: Option<TlsParameters>,
    hello: ClientId,
}

impl Relay {
    /// # Errors
    /// When there can be no TLS although it is needed.
    pub(crate) fn new(smtp: Smtp, public_url: &Url) -> Result<Self, String> {
        let tls = match smtp.tls {
            Tls::Off => None,
            Tls::Implicit | Tls::Required => {
                let parameters = TlsParameters::new(smtp.host.clone());
                Some(parameters.map_err(|e| format!("e-mails can't be sent: {e}"))?)
            }
        };
        let hello = match public_url.domain() {
            Some(domain) => ClientId::Domain(domain.to_owned()),
            None => ClientId::default(),
        };
        Ok(Self { smtp, tls, hello })
    }

    /// Connects, with TLS and signed in as the operator wants it.
    ///
    /// # Errors
    /// [`Trouble::Away`].
    pub(crate) async fn open(&self) -> Result<Session, Trouble> {
        let opening = tokio::time::timeout(CONNECT * 2, Box::pin(self.connect()));
        match opening.await {
            Ok(Ok(connection)) => Ok(Session(connection)),
            Ok(Err(error)) => Err(Trouble::Away(error.to_string())),
            Err(_) => Err(Trouble::Away("it does not answer in time".to_owned())),
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let address = (self.smtp.host.as_str(), self.smtp.port);
        let implicit = self.tls.clone().filter(|_| self.smtp.tls == Tls::Implicit);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &self.hello, implicit, None).await?;
        if let (Tls::Required, Some(tls)) = (self.smtp.tls, &self.tls) {
            connection.starttls(tls.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.smtp.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

/// A connection to the server.
pub(crate) struct Session(AsyncSmtpConnection);

/// A command that was answered with a refusal.
enum Answer {
    Away(String),
    No(u16),
}

impl Answer {
    /// What it means when the command was about one e-mail. Also that nothing was said: it may be this one that a
    /// server breaks off at, and the others must not wait for it.
    fn of_one(self) -> Trouble {
        match self {
            Self::Away(_) => Trouble::Later(UNANSWERED),
            Self::No(code) if code < 500 => Trouble::Later(code),
            Self::No(code) => Trouble::Refused(code),
        }
    }

    /// What it means when the command was about who sends.
    fn of_us(self) -> Trouble {
        match self {
            Self::Away(why) => Trouble::Away(why),
            Self::No(code) => Trouble::Away(format!("it refuses who sends ({code})")),
        }
    }
}

async fn answered(
    answer: impl Future<Output = Result<Response, Error>>,
    within: Duration,
) -> Result<(), Answer> {
    match tokio::time::timeout(within, answer).await {
        Err(_) => Err(Answer::Away("it does not answer in time".to_owned())),
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(match error.status().map(u16::from) {
            Some(code) => Answer::No(code),
            None => Answer::Away(error.to_string()),
        }),
    }
}

impl Session {
    async fn say(&mut self, command: impl Display) -> Result<(), Answer> {
        answered(self.0.command(command), ANSWER).await
    }

    /// Hands over an e-mail to one recipient. When it returns, the server has taken it.
    ///
    /// # Errors
    /// After any the session is to be left.
    pub(crate) async fn send(&mut self, mail: &Message) -> Result<(), Trouble> {
        /// "The address can't be expressed" (RFC 6531): what a server without `SMTPUTF8` would answer.
        const NOT_EXPRESSIBLE: u16 = 553;
        let envelope = mail.envelope();
        let mut parameters = Vec::new();
        let is_plain = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
        if !envelope.to().iter().chain(envelope.from()).all(is_plain) {
            if !self.0.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Trouble::Refused(NOT_EXPRESSIBLE));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        self.say(Mail::new(envelope.from().cloned(), parameters)).await.map_err(Answer::of_us)?;
        for address in envelope.to() {
            self.say(Rcpt::new(address.clone(), Vec::new())).await.map_err(Answer::of_one)?;
        }
        self.say(Data).await.map_err(Answer::of_one)?;
        answered(self.0.message(&mail.formatted()), TAKEN).await.map_err(Answer::of_one)
    }

    /// Takes leave.
    pub(crate) async fn close(mut self) {
        // All that was to be said has been answered: how it takes our leave is no matter.
        let _ = tokio::time::timeout(CONNECT, self.0.abort()).await;
    }
}
