//! The tenants in memory: who they are is asked with each request.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::{Arc, PoisonError, RwLock},
};

use flowbit_domain::{control::Tenant, id::TenantId};

/// All tenants that can be opened, active or suspended.
#[derive(Default)]
pub(crate) struct Tenants {
    all: RwLock<All>,
}

#[derive(Default)]
struct All {
    by_id: HashMap<TenantId, Arc<Tenant>>,
    by_slug: BTreeMap<String, Arc<Tenant>>,
}

impl Tenants {
    fn read<T>(&self, f: impl FnOnce(&All) -> T) -> T {
        f(&self.all.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn by_id(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.read(|all| all.by_id.get(&id).cloned())
    }

    pub(crate) fn by_slug(&self, slug: &str) -> Option<Arc<Tenant>> {
        self.read(|all| all.by_slug.get(slug).cloned())
    }

    pub(crate) fn page(&self, after: Option<&str>, limit: usize) -> Vec<Arc<Tenant>> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.read(|all| {
            let rest = all.by_slug.range::<str, _>((after, Bound::Unbounded));
            rest.take(limit).map(|(_, tenant)| Arc::clone(tenant)).collect()
        })
    }

    /// Adds a tenant, or puts what is known now in place of what was.
    pub(crate) fn put(&self, tenant: Tenant) -> Arc<Tenant> {
        let tenant = Arc::new(tenant);
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.by_slug.insert(tenant.slug.clone(), Arc::clone(&tenant));
        all.by_id.insert(tenant.id, Arc::clone(&tenant));
        tenant
    }

    /// Puts what is known now in place of all that was.
    pub(crate) fn replace(&self, tenants: Vec<Tenant>) {
        let mut known = All::default();
        for tenant in tenants.into_iter().map(Arc::new) {
            known.by_slug.insert(tenant.slug.clone(), Arc::clone(&tenant));
            known.by_id.insert(tenant.id, tenant);
        }
        *self.all.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    pub(crate) fn remove(&self, id: TenantId) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(tenant) = all.by_id.remove(&id) {
            all.by_slug.remove(&tenant.slug);
        }
    }
}
