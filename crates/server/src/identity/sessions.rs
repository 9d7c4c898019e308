//! The memory of sessions that were good when last looked at.
//!
//! Each tenant has a generation. An event that may change who is signed in or what they may do
//! begins the next one, before whoever caused it is answered, and nothing of an older generation
//! counts. An entry bears the generation that was read *before* the store was asked, so that a look
//! that raced a revocation leaves an entry that is stale from the start. While it is not known what other
//! nodes have committed, whoever asks must not ask here.

use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use flowbit_domain::{
    Principal,
    event::StoredEvent,
    id::{SessionId, TenantId},
    time::Timestamp,
};
use flowbit_store::CommitListener;
use quick_cache::sync::Cache;

use super::tokens::Access;

struct Entry {
    principal: Arc<Principal>,
    expires_at: Timestamp,
    seen: u64,
    current: Arc<AtomicU64>,
}

/// The memory.
pub(crate) struct SessionCache {
    entries: Cache<SessionId, Arc<Entry>>,
    generations: RwLock<HashMap<TenantId, Arc<AtomicU64>>>,
}

/// A tenant's generation before the store was asked.
pub(crate) struct Generation {
    seen: u64,
    current: Arc<AtomicU64>,
}

impl SessionCache {
    pub(crate) fn new() -> Self {
        Self { entries: Cache::new(16_384), generations: RwLock::default() }
    }

    /// Whose session it is, if it was looked at and nothing has changed since.
    pub(crate) fn get(&self, access: &Access, now: Timestamp) -> Option<Arc<Principal>> {
        let entry = self.entries.get(&access.session)?;
        let fresh = entry.seen == entry.current.load(Ordering::Acquire)
            && now < entry.expires_at
            && entry.principal.tenant == access.tenant
            && entry.principal.user == access.user;
        fresh.then(|| entry.principal.clone())
    }

    /// To be called before the store is asked.
    pub(crate) fn generation(&self, tenant: TenantId) -> Generation {
        let current = self.counter(tenant);
        Generation { seen: current.load(Ordering::Acquire), current }
    }

    /// Keeps what the store answered.
    pub(crate) fn insert(&self, generation: Generation, principal: &Arc<Principal>, expires_at: Timestamp) {
        let Generation { seen, current } = generation;
        let entry = Entry { principal: principal.clone(), expires_at, seen, current };
        self.entries.insert(principal.session, Arc::new(entry));
    }

    /// Nothing that was seen of this tenant counts any more.
    pub(crate) fn forget(&self, tenant: TenantId) {
        self.counter(tenant).fetch_add(1, Ordering::AcqRel);
    }

    fn counter(&self, tenant: TenantId) -> Arc<AtomicU64> {
        let known =
            self.generations.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(&tenant).cloned();
        known.unwrap_or_else(|| {
            self.generations
                .write()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .entry(tenant)
                .or_default()
                .clone()
        })
    }
}

impl CommitListener for SessionCache {
    fn committed(&self, tenant: TenantId, _: i64, events: &[StoredEvent]) {
        if events.iter().any(StoredEvent::touches_identity) {
            self.forget(tenant);
        }
    }

    fn moved(&self, tenant: TenantId, _: i64, touches_identity: bool) {
        if touches_identity {
            self.forget(tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use flowbit_domain::{Role, id::UserId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_raced_a_revocation_does_not_count() {
        let cache = SessionCache::new();
        let tenant = TenantId(Uuid::from_u128(1));
        let principal = Arc::new(Principal {
            tenant,
            user: UserId(Uuid::from_u128(2)),
            name: "Ada".into(),
            role: Role::Agent,
            session: SessionId(Uuid::from_u128(3)),
        });
        let access =
            Access { tenant, user: principal.user, session: principal.session, expires_at: Timestamp(1000) };
        let before = cache.generation(tenant);
        cache.forget(tenant);
        cache.insert(before, &principal, Timestamp(1000));
        assert!(cache.get(&access, Timestamp(0)).is_none());

        cache.insert(cache.generation(tenant), &principal, Timestamp(1000));
        assert!(cache.get(&access, Timestamp(0)).is_some());
        assert!(cache.get(&access, Timestamp(1000)).is_none(), "it is over by then");
        let foreign = Access { tenant: TenantId(Uuid::from_u128(9)), ..access };
        assert!(cache.get(&foreign, Timestamp(0)).is_none());
        cache.forget(tenant);
        assert!(cache.get(&access, Timestamp(0)).is_none());
    }
}
