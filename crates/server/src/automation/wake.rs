//! Being told that a tenant may have something to do.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

use flowbit_domain::{
    event::{Action, StoredEvent},
    id::TenantId,
};
use flowbit_store::CommitListener;
use tokio::sync::Notify;

/// Tenants of which something was heard since the worker last looked.
#[derive(Default)]
pub(super) struct Waker {
    heard: Mutex<Heard>,
    notify: Notify,
}

/// What was heard.
#[derive(Default)]
pub(super) struct Heard {
    /// Tenants for which something was committed here.
    pub(super) here: HashSet<TenantId>,
    /// Those for which another node has committed something, and may be at work on it.
    pub(super) elsewhere: HashSet<TenantId>,
}

impl Waker {
    /// Notes a tenant for which something was committed here.
    pub(super) fn wake(&self, tenant: TenantId) {
        self.note(|heard| heard.here.insert(tenant));
    }

    fn note(&self, change: impl FnOnce(&mut Heard) -> bool) {
        let is_new = change(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner));
        if is_new {
            self.notify.notify_one();
        }
    }

    /// Waits until something was heard.
    pub(super) async fn heard(&self) {
        self.notify.notified().await;
    }

    /// What was heard since the last time.
    pub(super) fn take(&self) -> Heard {
        std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whether a delivery may be due after this event. Most events of a busy desk are none of those; what
/// the worker itself records is not either, it goes on by itself.
fn concerns(event: &StoredEvent) -> bool {
    // An action that this version does not know may be one that makes something due.
    Action::parse(&event.action).is_none_or(|action| {
        matches!(
            action,
            Action::TicketCreated
                | Action::TicketUpdated
                | Action::TicketDeleted
                | Action::TicketRestored
                | Action::MessageCreated
                | Action::EndpointCreated
                | Action::EndpointUpdated
                | Action::EndpointTested
                | Action::DeliveryReplayed
        )
    })
}

impl CommitListener for Waker {
    fn committed(&self, tenant: TenantId, _last_seq: i64, events: &[StoredEvent]) {
        if events.iter().any(concerns) {
            self.wake(tenant);
        }
    }

    fn moved(&self, tenant: TenantId, _last_seq: i64, _: bool) {
        self.note(|heard| heard.elsewhere.insert(tenant));
    }
}
