//! Realtime: the ledger, told to connected sockets (Socket.IO) as it grows.
//!
//! A socket shows an access token when it connects; from the verified principal follow its rooms
//! ([`rooms`]). Each company with connected sockets has a tail ([`tail`]) that reads its ledger after
//! every commit, on whatever node, and sends each event to the rooms that may see it ([`hub`]). There is no inbound
//! message: a client can neither join a room nor say anything. Who is at which ticket ([`crate::presence`]) is told
//! besides, to those who are there.
//!
//! A socket is cut when its token runs out, its session ends, its person's role changes or it doesn't
//! read fast enough. A client that comes back reads what it missed from `GET /api/events`.

use std::{sync::Arc, time::Duration};

use flowbit_domain::{TenantId, event::StoredEvent};
use flowbit_store::CommitListener;
use socketioxide::{SocketIo, TransportType, layer::SocketIoLayer};

use crate::{app::App, identity::active_tenant};

mod gate;
mod hub;
mod rooms;
mod tail;

use hub::{Farewell, Hub};

/// Packets that wait for one slow reader before it is cut. They are shared by all who wait for them.
const MAX_QUEUED_PACKETS: usize = 2048;

/// The largest message that a client may send. It has nothing to say but its token.
const MAX_INBOUND_BYTES: usize = 64 * 1024;

/// How long a connection may stay without having shown a token.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How often tokens' ends, suspended companies and stuck sockets are looked at.
const SWEEP: Duration = Duration::from_millis(400);

/// The sockets of this process.
pub(crate) struct Realtime {
    io: SocketIo,
    hub: Arc<Hub>,
}

/// Starts realtime. The layer answers `/socket.io/`.
pub(crate) fn start(app: &App) -> (SocketIoLayer, Realtime) {
    let (layer, io) = SocketIo::builder()
        .req_path("/socket.io")
        .transports([TransportType::Websocket, TransportType::Polling])
        .max_buffer_size(MAX_QUEUED_PACKETS)
        .max_payload(MAX_INBOUND_BYTES as u64)
        .ws_max_message_size(MAX_INBOUND_BYTES)
        .ws_max_frame_size(MAX_INBOUND_BYTES)
        .connect_timeout(CONNECT_TIMEOUT)
        .build_layer();
    let hub = Arc::new(Hub::default());
    gate::open(&io, app, &hub);
    app.hooks.join(Arc::new(Listener { hub: Arc::clone(&hub) }));
    app.tasks.spawn(sweep(app.clone(), Arc::clone(&hub)));
    app.tasks.spawn(tell_presence(app.clone(), Arc::clone(&hub)));
    (layer, Realtime { io, hub })
}

impl Realtime {
    /// Says goodbye to all and closes their connections, waiting at most so long.
    pub(crate) async fn close(self, deadline: Duration) {
        for desk in self.hub.desks() {
            self.hub.bid_farewell(&desk.close(), Farewell::Shutdown);
        }
        if tokio::time::timeout(deadline, self.io.close()).await.is_err() {
            tracing::warn!(?deadline, "some sockets did not close in time and are dropped");
        }
    }
}

/// Wakes the tails. Called on the writer's thread, so it only leaves notes.
struct Listener {
    hub: Arc<Hub>,
}

impl CommitListener for Listener {
    fn committed(&self, tenant: TenantId, last_seq: i64, _: &[StoredEvent]) {
        self.moved(tenant, last_seq, true);
    }

    fn moved(&self, tenant: TenantId, _: i64, _: bool) {
        if let Some(desk) = self.hub.desk(tenant) {
            desk.wake.notify_one();
        }
    }
}

/// Tells those who are at a ticket who else is, as soon as that changes.
async fn tell_presence(app: App, hub: Arc<Hub>) {
    while app.stop.run_until_cancelled(app.presence.news.notified()).await.is_some() {
        for (tenant, news) in app.presence.take_news() {
            if let Some(desk) = hub.desk(tenant) {
                desk.tell_presence(&news);
            }
        }
    }
}

async fn sweep(app: App, hub: Arc<Hub>) {
    let mut ticks = tokio::time::interval(SWEEP);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while app.stop.run_until_cancelled(ticks.tick()).await.is_some() {
        let now = app.clock.now();
        app.presence.expire();
        for desk in hub.desks() {
            hub.cut(desk.take_expired(now), Farewell::Expired);
            // A company that the operator has suspended or erased.
            if let Ok(None) = active_tenant(&app, desk.ctx.tenant()).await {
                hub.cut(desk.close(), Farewell::Revoked);
            }
        }
        hub.retry_leaving();
        hub.close_empty();
        #[expect(clippy::cast_precision_loss, reason = "gauges; sockets are far below 2^52")]
        {
            metrics::gauge!("flowbit_sockets").set(hub.len() as f64);
            metrics::gauge!("flowbit_socket_companies").set(hub.desks().len() as f64);
        }
    }
}
