//! E-mail: tells people of notices that they have not read.
//!
//! One worker for the process; the node that leads does the work. It hears of commits, knows when each company's next
//! e-mail is due, and asks the store what is in it only then. What a mail server has taken is marked in the store
//! afterwards: a crash in between sends an e-mail twice, with the same `Message-ID`, and none is lost.

mod backoff;
mod letter;
mod page;
mod smtp;
mod words;
mod worker;

use std::sync::Arc;

use flowbit_domain::{
    event::{Action, StoredEvent},
    id::{TenantId, UserId},
};
use flowbit_store::CommitListener;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

pub(crate) use page::{Page, show};
pub(crate) use smtp::{Relay, Trouble};
pub(crate) use words::Language;

use crate::{
    app::App,
    identity::{
        keys::{KeyError, Purpose},
        tokens::{UNSUBSCRIBE_MS, UnsubscribeClaims},
    },
};

/// The path by which one is rid of e-mails.
pub(crate) const UNSUBSCRIBE_PATH: &str = "/unsubscribe";

/// Hears of commits after which something may be to be mailed.
struct Listener(UnboundedSender<TenantId>);

impl Listener {
    fn tell(&self, tenant: TenantId) {
        // Nobody listens any more only when the server stops.
        let _ = self.0.send(tenant);
    }
}

impl CommitListener for Listener {
    fn committed(&self, tenant: TenantId, _last_seq: i64, events: &[StoredEvent]) {
        let concerns = |event: &StoredEvent| {
            // An action that this version does not know may be one that makes notices.
            Action::parse(&event.action).is_none_or(|action| {
                matches!(
                    action,
                    Action::TicketCreated
                        | Action::TicketUpdated
                        | Action::MessageCreated
                        | Action::NoticesSet
                )
            })
        };
        if events.iter().any(concerns) {
            self.tell(tenant);
        }
    }

    fn moved(&self, tenant: TenantId, _last_seq: i64, _touches_identity: bool) {
        self.tell(tenant);
    }
}

/// Starts the worker, if the operator has said how e-mails are sent.
///
/// # Errors
/// When there can be no TLS although it is needed: one line for the operator.
pub(crate) fn start(app: &App) -> Result<(), String> {
    let Some(mail) = app.config.mail.clone() else { return Ok(()) };
    let relay = Relay::new(mail.smtp, &app.config.public_url)?;
    let (told, heard) = unbounded_channel();
    app.hooks.join(Arc::new(Listener(told)));
    let worker = worker::Worker::new(app.clone(), relay, mail.from, mail.delay_ms, heard);
    app.tasks.spawn(worker.run());
    Ok(())
}

/// The address by which one person is rid of e-mails.
fn unsubscribe_url(app: &App, tenant: TenantId, user: UserId) -> Result<String, KeyError> {
    let claims = UnsubscribeClaims { customer_id: tenant, user_id: user };
    let token = app.keys.sign(Purpose::Unsubscribe, UNSUBSCRIBE_MS, &claims)?;
    Ok(format!("{}{UNSUBSCRIBE_PATH}?token={token}", app.config.origin()))
}
