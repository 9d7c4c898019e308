//! Follows one company's ledger while any of its people is connected.
//!
//! Commits only wake it; what is sent is read from the ledger, so that several wakes are one reading,
//! nothing is skipped, and another process's commits are told as well as our own.

use std::{sync::Arc, time::Duration};

use flowbit_domain::feed::TailEvents;
use socketioxide::SocketIo;

use super::{
    gate,
    hub::{Desk, Farewell, Hub},
};
use crate::app::App;

/// Events read at once.
const BATCH: usize = 256;

/// Pause after the store could not be read.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves a desk until it is closed or the server stops.
pub(super) async fn follow(app: App, io: SocketIo, hub: Arc<Hub>, desk: Arc<Desk>) {
    while app.stop.run_until_cancelled(desk.wake.notified()).await.is_some() && !desk.is_closed() {
        while let Err(error) = catch_up(&app, &io, &hub, &desk).await {
            tracing::error!(customerId = %desk.ctx.tenant(), %error, "the ledger can't be read for its sockets");
            if app.stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
                return;
            }
        }
    }
}

/// Sends what stands in the ledger after the desk's position.
async fn catch_up(app: &App, io: &SocketIo, hub: &Hub, desk: &Desk) -> flowbit_domain::Result<()> {
    while let Some(after) = desk.position() {
        let events = app.store.read(&desk.ctx, TailEvents { after, limit: BATCH }).await?;
        // First, so that whoever was shut out hears nothing of what came after.
        gate::look_again(app, hub, desk, desk.suspects_of(&events)).await;
        hub.cut(desk.deliver(io, &events, app.clock.now()), Farewell::Lagging);
        if events.len() < BATCH {
            break;
        }
    }
    Ok(())
}
