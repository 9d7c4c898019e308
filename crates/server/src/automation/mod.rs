//! Automation: makes the deliveries that the ledger's events caused.
//!
//! One worker for the process. It hears of commits, knows when each tenant has something due, claims
//! deliveries under a lease, sends them and writes down what became of each. What it knows is only a
//! memory of what the store says: after a crash it is read anew from there.
//!
//! Of several nodes each works on what it has committed itself. One of them leads: it sees to what another
//! has not done in time. Should two do the same, the lease lets one.

pub(crate) mod agenda;
mod send;
mod sweep;
mod tags;
pub(crate) mod target;
#[cfg(test)]
mod tests;
pub(crate) mod token;
mod tunnel;
mod wake;
mod worker;

use std::sync::Arc;

pub(crate) use send::SECRET_HEADER;
pub(crate) use tunnel::CallbackAddress;

use crate::app::App;
use target::Networks;
use wake::Waker;

/// The path of the callback.
pub(crate) const CALLBACK_PATH: &str = "/webhook/ticket-done";

/// The networks that this server's deliveries may reach.
pub(crate) fn networks(app: &App) -> Networks {
    Networks::new(&app.config.webhook_allow)
}

/// Starts the worker. It ends when the server stops, having given back what it could not finish.
///
/// # Errors
/// When there can be no HTTP client (no TLS, say).
pub(crate) fn start(app: &App) -> Result<(), reqwest::Error> {
    let waker = Arc::new(Waker::default());
    app.hooks.join(Arc::<Waker>::clone(&waker));
    let callback = app.callback.clone();
    if let Some(api) = app.config.tunnel_api.clone() {
        app.tasks.spawn(callback.clone().follow(tunnel::client()?, api, app.stop.clone()));
    }
    let sender = send::Sender::new(networks(app), callback, Arc::clone(&app.clock), Box::new(app.clone()))?;
    let worker = worker::Worker::new(worker::Parts {
        store: app.store.clone(),
        clock: Arc::clone(&app.clock),
        sender: Arc::new(sender),
        waker,
        // The embedded engine admits one process, so leases found at the start are those of a dead one.
        exclusive: app.config.database.is_none(),
        drain: worker::DRAIN,
    });
    app.tasks.spawn(worker.run(app.stop.clone()));
    tags::start(app);
    app.tasks.spawn(sweep::run(
        app.store.clone(),
        app.contents.clone(),
        Arc::clone(&app.clock),
        app.stop.clone(),
    ));
    Ok(())
}
