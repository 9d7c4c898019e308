//! The open files: connections to tenants' files, bounded in number, lent to the threads one at a time.
//!
//! Whoever needs a connection takes an idle one of that tenant or opens one. The least recently used
//! are closed by a thread of its own ([`Files::keep_house`]), so that nobody's answer waits for it as
//! long as there is some room; it also copies write-ahead logs back into their files.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use flowbit_domain::{StoreError, id::TenantId, time::Clock};

use super::{
    connection::{Link, Purpose, TenantOpening},
    folder::Folder,
};
use crate::counters::count;

/// How many files are closed at a time when the store closes.
const CLOSING_THREADS: usize = 8;

pub(crate) struct Files {
    folder: Folder,
    opening: TenantOpening,
    clock: Arc<dyn Clock>,
    /// The most connections there may be, and how many of those are kept free for the next to come.
    limit: usize,
    slack: usize,
    state: Mutex<State>,
    /// There may be room for a connection, or a tenant may be out of use.
    room: Condvar,
    /// There may be something for [`Files::keep_house`].
    chores: Condvar,
}

#[derive(Default)]
struct State {
    /// Connections idle, lent, or just being opened or closed.
    open: usize,
    /// Idle connections; the lowest key was returned first.
    idle: BTreeMap<u64, Idle>,
    /// Which of them are a tenant's, the last returned last.
    of_tenant: HashMap<(TenantId, Purpose), Vec<u64>>,
    returned: u64,
    /// How many of a tenant's are lent.
    lent: HashMap<TenantId, usize>,
    /// Tenants that are being erased.
    barred: HashSet<TenantId>,
    /// Tenants whose logs have grown.
    logs: VecDeque<TenantId>,
    /// Tenants whose faults have been logged.
    reported: HashSet<TenantId>,
    closing: bool,
}

struct Idle {
    tenant: TenantId,
    purpose: Purpose,
    link: Link,
}

impl State {
    fn take_idle(&mut self, tenant: TenantId, purpose: Purpose) -> Option<Link> {
        let keys = self.of_tenant.get_mut(&(tenant, purpose))?;
        let key = keys.pop()?;
        if keys.is_empty() {
            self.of_tenant.remove(&(tenant, purpose));
        }
        self.idle.remove(&key).map(|idle| idle.link)
    }

    fn take_oldest(&mut self) -> Option<Idle> {
        let (key, idle) = self.idle.pop_first()?;
        if let Some(keys) = self.of_tenant.get_mut(&(idle.tenant, idle.purpose)) {
            keys.retain(|k| *k != key);
            if keys.is_empty() {
                self.of_tenant.remove(&(idle.tenant, idle.purpose));
            }
        }
        Some(idle)
    }

    fn put_idle(&mut self, tenant: TenantId, purpose: Purpose, link: Link) {
        let key = self.returned;
        self.returned += 1;
        self.of_tenant.entry((tenant, purpose)).or_default().push(key);
        self.idle.insert(key, Idle { tenant, purpose, link });
    }

    fn unlend(&mut self, tenant: TenantId) {
        if let Some(lent) = self.lent.get_mut(&tenant) {
            *lent -= 1;
            if *lent == 0 {
                self.lent.remove(&tenant);
            }
        }
    }
}

/// A connection on loan; it goes back when this is dropped.
pub(crate) struct Loan<'f> {
    files: &'f Files,
    tenant: TenantId,
    purpose: Purpose,
    link: Option<Link>,
    /// It was opened for this loan.
    pub(crate) fresh: bool,
}

impl Loan<'_> {
    /// The connection; `None` once it has been discarded.
    pub(crate) fn link(&mut self) -> Option<&mut Link> {
        self.link.as_mut()
    }

    /// Closes the connection rather than giving it back, because its state is not to be relied on or
    /// it will not be wanted again soon.
    pub(crate) fn discard(mut self) {
        self.close();
    }

    fn close(&mut self) {
        if let Some(link) = self.link.take()
            && let Some(fault) = &link.fault
        {
            self.files.report(self.tenant, fault);
        }
        let mut state = self.files.lock();
        state.open -= 1;
        state.unlend(self.tenant);
        drop(state);
        self.files.room.notify_all();
    }
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let Some(link) = self.link.take() else { return };
        if std::thread::panicking() || !link.is_idle() || link.fault.is_some() {
            self.link = Some(link);
            self.close();
            return;
        }
        let mut state = self.files.lock();
        state.put_idle(self.tenant, self.purpose, link);
        state.unlend(self.tenant);
        let crowded = state.open + self.files.slack > self.files.limit;
        let barred = !state.barred.is_empty();
        drop(state);
        if crowded {
            self.files.chores.notify_one();
        }
        if crowded || barred {
            self.files.room.notify_all();
        }
    }
}

impl Files {
    pub(crate) fn new(folder: Folder, opening: TenantOpening, clock: Arc<dyn Clock>, limit: usize) -> Self {
        Self {
            folder,
            opening,
            clock,
            limit,
            slack: (limit / 8).clamp(1, 8),
            state: Mutex::default(),
            room: Condvar::new(),
            chores: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing that can panic is done while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many connections there are, and how many there may be.
    pub(crate) fn usage(&self) -> (usize, usize) {
        (self.lock().open, self.limit)
    }

    /// A connection to a tenant's file. Waits only while as many as allowed are open and none is idle.
    pub(crate) fn borrow(&self, tenant: TenantId, purpose: Purpose) -> Result<Loan<'_>, StoreError> {
        let mut state = self.lock();
        loop {
            if let Some(loan) = self.lend(state, tenant, purpose)? {
                return Ok(loan);
            }
            state = self.lock();
            while state.open >= self.limit && !state.of_tenant.contains_key(&(tenant, purpose)) {
                self.chores.notify_one();
                state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// The same without waiting: `None` when there is no room.
    fn lend<'f>(
        &'f self,
        mut state: MutexGuard<'f, State>,
        tenant: TenantId,
        purpose: Purpose,
    ) -> Result<Option<Loan<'f>>, StoreError> {
        if state.barred.contains(&tenant) {
            return Err(StoreError::Unavailable("the tenant is being erased".to_owned()));
        }
        let link = state.take_idle(tenant, purpose);
        if link.is_none() && state.open >= self.limit {
            return Ok(None);
        }
        *state.lent.entry(tenant).or_default() += 1;
        if link.is_some() {
            return Ok(Some(Loan { files: self, tenant, purpose, link, fresh: false }));
        }
        state.open += 1;
        let crowded = state.open + self.slack > self.limit;
        drop(state);
        if crowded {
            self.chores.notify_one();
        }
        // From here on, closing the loan puts the counts right.
        let mut loan = Loan { files: self, tenant, purpose, link: None, fresh: true };
        match self.opening.open(&self.folder.tenant(tenant), purpose, self.clock.now()) {
            Ok(link) => {
                loan.link = Some(link);
                Ok(Some(loan))
            }
            Err(StoreError::Unavailable(why) | StoreError::Failed(why)) => {
                loan.close();
                self.report(tenant, &why);
                Err(StoreError::Unavailable(format!("tenant {tenant} can't be opened: {why}")))
            }
        }
    }

    /// Logs what is wrong with a tenant's file, the first time.
    pub(crate) fn report(&self, tenant: TenantId, fault: &str) {
        if self.lock().reported.insert(tenant) {
            tracing::error!(customerId = %tenant, fault, "a tenant's file can't be used; the others are not affected");
        }
    }

    /// Lends no more of this tenant, waits until nothing of it is lent and closes the rest.
    pub(crate) fn bar(&self, tenant: TenantId) {
        let mut state = self.lock();
        state.barred.insert(tenant);
        loop {
            let idle = [Purpose::Read, Purpose::Write].into_iter().find_map(|p| state.take_idle(tenant, p));
            if let Some(link) = idle {
                drop(state);
                drop(link);
                state = self.lock();
                state.open -= 1;
                self.room.notify_all();
            } else if state.lent.contains_key(&tenant) {
                state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
            } else {
                return;
            }
        }
    }

    /// Lends of this tenant again: it is there anew.
    pub(crate) fn unbar(&self, tenant: TenantId) {
        self.lock().barred.remove(&tenant);
    }

    /// Has a tenant's log copied back into its file, soon.
    pub(crate) fn want_checkpoint(&self, tenant: TenantId) {
        let mut state = self.lock();
        if !state.logs.contains(&tenant) {
            state.logs.push_back(tenant);
            self.chores.notify_one();
        }
    }

    /// Closes connections and copies logs as needed, until the store closes.
    pub(crate) fn keep_house(&self) {
        let mut state = self.lock();
        loop {
            if state.open + self.slack > self.limit
                && let Some(oldest) = state.take_oldest()
            {
                drop(state);
                count(&self.opening.counters.evicted);
                drop(oldest);
                state = self.lock();
                state.open -= 1;
                self.room.notify_all();
            } else if let Some(tenant) = state.logs.pop_front() {
                // Through a connection of a reader, so that the writer goes on meanwhile. It never waits
                // for room, which only this thread makes; a log that gets long the writer copies itself.
                if let Ok(Some(mut loan)) = self.lend(state, tenant, Purpose::Read)
                    && let Some(Err(e)) = loan.link().map(|link| link.checkpoint())
                {
                    tracing::warn!(customerId = %tenant, error = %e, "a write-ahead log could not be copied back");
                }
                state = self.lock();
            } else if state.closing {
                return;
            } else {
                state = self.chores.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Ends [`Files::keep_house`] once it has done what there is to do.
    pub(crate) fn stop_keeping_house(&self) {
        self.lock().closing = true;
        self.chores.notify_all();
    }

    /// Closes what is idle. The last connection to a file copies its log back and removes it, which
    /// waits for the disk, so several files are closed at a time; but one file's connections one after
    /// the other: of two that close at once each takes the other for the last, and the log stays.
    pub(crate) fn close_idle(&self) {
        let idle = {
            let mut state = self.lock();
            state.of_tenant.clear();
            std::mem::take(&mut state.idle)
        };
        let mut files: HashMap<TenantId, Vec<Link>> = HashMap::new();
        for Idle { tenant, link, .. } in idle.into_values() {
            files.entry(tenant).or_default().push(link);
        }
        let files = Mutex::new(files.into_values());
        let next = || files.lock().unwrap_or_else(PoisonError::into_inner).next();
        std::thread::scope(|scope| {
            for _ in 0..CLOSING_THREADS {
                scope.spawn(|| {
                    while let Some(links) = next() {
                        let closed = links.len();
                        drop(links);
                        self.lock().open -= closed;
                    }
                });
            }
        });
    }
}
