//! Goes on with tags that are being renamed, merged or deleted on very many tickets: behind the command that began
//! it, one short transaction after another; after a start, or when the node that did it is gone, where it ended.

use std::{sync::Arc, time::Duration};

use flowbit_domain::{
    TenantCtx,
    event::{Action, StoredEvent},
    id::TenantId,
    tags::{ContinueTagMoves, HasTagMoves, STEP},
};
use flowbit_store::{CommitListener, Store};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// How often the node that leads looks for what nobody goes on with.
const LOOK_EVERY: Duration = Duration::from_secs(10 * 60);

/// Hears of moves that have begun.
struct Listener(UnboundedSender<TenantId>);

impl CommitListener for Listener {
    fn committed(&self, tenant: TenantId, _last_seq: i64, events: &[StoredEvent]) {
        const BEGIN: [Action; 3] = [Action::TagRenamed, Action::TagMerged, Action::TagDeleted];
        if events.iter().any(|event| BEGIN.iter().any(|action| action.as_str() == event.action)) {
            // Nobody listens any more only when the server stops.
            let _ = self.0.send(tenant);
        }
    }

    fn moved(&self, _tenant: TenantId, _last_seq: i64, _touches_identity: bool) {}
}

pub(super) fn start(app: &App) {
    let (begun, heard) = unbounded_channel();
    app.hooks.join(Arc::new(Listener(begun)));
    app.tasks.spawn(run(app.store.clone(), heard, app.stop.clone()));
}

async fn run(store: Store, mut heard: UnboundedReceiver<TenantId>, stop: CancellationToken) {
    let leadership = store.leadership();
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            tenant = heard.recv() => match tenant {
                Some(tenant) => go_on(&store, tenant, &stop).await,
                None => return,
            },
            _ = looks.tick() => if *leadership.borrow() {
                look(&store, &stop).await;
            },
        }
    }
}

/// Finds what was begun and not finished.
pub(super) async fn look(store: &Store, stop: &CancellationToken) {
    let found = match store.scan_tenants(|_| HasTagMoves).await {
        Ok(found) => found,
        Err(error) => return tracing::warn!(%error, "whether tags are being moved could not be found out"),
    };
    for (tenant, moving) in found {
        match moving {
            Ok(false) => {}
            Ok(true) => go_on(store, tenant.id, stop).await,
            Err(error) => tracing::warn!(customerId = %tenant.id, %error, "tags could not be looked at"),
        }
    }
}

/// One step after another, until none is left. What fails is tried again at the next look.
async fn go_on(store: &Store, tenant: TenantId, stop: &CancellationToken) {
    #[expect(clippy::disallowed_methods, reason = "the system's own work")]
    let ctx = TenantCtx::for_operator(tenant);
    while !stop.is_cancelled() {
        match store.write(&ctx, ContinueTagMoves { limit: STEP }).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                return tracing::warn!(customerId = %tenant, %error, "tags are moved no further for now");
            }
        }
    }
}
