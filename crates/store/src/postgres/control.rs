//! Control on PostgreSQL. Tenants are kept in memory, since who they are is asked with each request: what one
//! node changes the others notice by the revision, which goes up with it and says which tenant it was, and one
//! that is not known yet is asked for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use flowbit_domain::{
    Error, StoreError, Value,
    control::{Tenant, TenantState},
    id::TenantId,
    time::Timestamp,
    tx::Row,
};

use super::{
    NOBODY, Shared,
    connection::{Answer as Told, Lost, Step},
    statement::RowInPlace,
    transaction::begin,
};
use crate::{
    control::{Answer, ControlError, NewTenant},
    counters::add,
    tenants::Tenants,
};

/// How often the revision is looked at.
const REFRESH: Duration = Duration::from_millis(500);

const SELECT_TENANTS: &str = "SELECT id, slug, name, locale, accent_color, state, created_at \
    FROM flowbit_control.tenants WHERE state IN ('active', 'suspended')";
/// Its row is held until the commit: who sees a number sees what all before it have changed. It is rare enough to
/// notify the other nodes itself.
const REVISE: &str = "UPDATE flowbit_control.revision SET number = number + 1 RETURNING number, pg_notify('flowbit_commits', '')::text";
const NOTE_CHANGE: &str = "INSERT INTO flowbit_control.changes (number, tenant) SELECT r.number, $1 FROM flowbit_control.revision r";
/// Who is further behind reads all.
const FORGET_CHANGES: &str = "DELETE FROM flowbit_control.changes c USING flowbit_control.revision r \
    WHERE c.number <= r.number - $1";
/// So many are kept.
const CHANGES_KEPT: i64 = 1_000;
const REVISION: &str = "SELECT number FROM flowbit_control.revision";
/// What was changed since a revision, and what has become of it, if it is still there.
const CHANGES: &str = "SELECT c.number, c.tenant, t.slug, t.name, t.locale, t.accent_color, t.state, t.created_at \
    FROM flowbit_control.changes c LEFT JOIN flowbit_control.tenants t \
    ON t.id = c.tenant AND t.state IN ('active', 'suspended') WHERE c.number > $1 ORDER BY c.number";

pub(crate) struct PostgresControl {
    shared: Arc<Shared>,
    tenants: Tenants,
    /// The revision that the tenants in memory are of.
    revision: AtomicI64,
    /// One at a time reads them all, so that an older state never follows a newer one.
    refreshing: tokio::sync::Mutex<()>,
}

pub(super) type Bound<'s> = (&'s str, Vec<Value>);

impl PostgresControl {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            tenants: Tenants::default(),
            revision: AtomicI64::new(-1),
            refreshing: Default::default(),
        }
    }

    /// Runs statements, in one transaction if they are several or a tenant's, and answers what came of each.
    pub(super) async fn run(
        &self,
        tenant: Option<TenantId>,
        statements: &[Bound<'_>],
    ) -> Result<Vec<Told>, Lost> {
        let gone = |why| Lost { at: 0, why, is_certain: true };
        let mut loan = self.shared.pool.borrow(NOBODY).await.map_err(gone)?;
        let asked = |(sql, values): &Bound<'_>| Step::Asked((*sql).to_owned().into(), values.clone().into());
        let mut steps: Vec<Step<'_>> = Vec::new();
        if tenant.is_some() || statements.len() > 1 {
            steps.push(match tenant {
                Some(tenant) => begin("BEGIN", &self.shared, tenant),
                None => Step::Plain("BEGIN".into()),
            });
            loan.is_open = true;
        }
        let prelude = steps.len();
        steps.extend(statements.iter().map(asked));
        if prelude > 0 {
            steps.push(Step::Plain("COMMIT".into()));
        }
        let told = loan.link().map_err(gone)?.fly(&steps, None).await;
        if told.is_ok() {
            loan.is_open = false;
        }
        let mut told = told.map_err(|lost| Lost { at: lost.at.saturating_sub(prelude), ..lost })?;
        told.drain(..prelude);
        told.truncate(statements.len());
        Ok(told)
    }

    pub(super) async fn rows<T>(
        &self,
        sql: &str,
        values: Vec<Value>,
        read: impl Fn(&dyn Row) -> Result<T, StoreError>,
    ) -> Answer<Vec<T>> {
        let told = self.run(None, &[(sql, values)]).await.map_err(|lost| lost.why)?;
        let rows = told.iter().flat_map(|told| &told.rows);
        Ok(rows.map(|row| read(&RowInPlace(row))).collect::<Result<_, _>>()?)
    }

    pub(super) async fn change(&self, sql: &str, values: Vec<Value>) -> Answer<u64> {
        let told = self.run(None, &[(sql, values)]).await.map_err(|lost| lost.why)?;
        Ok(told.first().map_or(0, |told| told.touched))
    }

    /// Takes in the tenants as they are, if anything changed.
    pub(crate) async fn refresh(&self) -> Answer<()> {
        let _one = self.refreshing.lock().await;
        let number = self.rows(REVISION, vec![], |row| row.int(0)).await?.first().copied().unwrap_or(0);
        if number == self.revision.load(Ordering::Acquire) {
            return Ok(());
        }
        let known = self.revision.load(Ordering::Acquire);
        let reached = match self.take_in_changes(known, number).await? {
            Some(reached) => reached,
            None => {
                // Read after the number: what is taken in is never older than it says.
                let tenants = self.rows(SELECT_TENANTS, vec![], |row| read_tenant(row, 0)).await?;
                add(&self.shared.counters.tenants_read, tenants.len());
                self.tenants.replace(tenants);
                number
            }
        };
        self.revision.store(reached, Ordering::Release);
        Ok(())
    }

    /// Takes in what was changed since the revision `known`, at least up to `number`: answers up to which, or `None`
    /// when it is not known of each what it changed.
    async fn take_in_changes(&self, known: i64, number: i64) -> Answer<Option<i64>> {
        if known < 0 || !(1..=CHANGES_KEPT).contains(&number.saturating_sub(known)) {
            return Ok(None);
        }
        let changes = self.rows(CHANGES, vec![known.into()], |row| {
            // Gone: there are no columns of it.
            let tenant = row.opt_text(2)?.map(|_| read_tenant(row, 1)).transpose()?;
            Ok((row.int(0)?, TenantId(row.uuid(1)?), tenant))
        });
        let changes = changes.await?;
        let is_whole = (known + 1..).zip(&changes).all(|(expected, (found, ..))| expected == *found);
        let reached = changes.last().map_or(known, |(number, ..)| *number);
        if !is_whole || reached < number {
            return Ok(None);
        }
        add(&self.shared.counters.tenants_read, changes.len());
        for (_, id, tenant) in changes {
            match tenant {
                Some(tenant) => {
                    let tenant = self.tenants.put(tenant);
                    if tenant.state == TenantState::Active {
                        // Something may have waited for it.
                        self.shared.listener.moved(id, 0, false);
                    }
                }
                None => self.tenants.remove(id),
            }
        }
        Ok(Some(reached))
    }

    /// The same, when it is known of which revision they are.
    pub(crate) async fn take_in(&self, revision: i64) -> Result<(), StoreError> {
        if revision == self.revision.load(Ordering::Acquire) {
            return Ok(());
        }
        self.refresh().await.map_err(|e| match e {
            ControlError::Store(why) => why,
            other => StoreError::Failed(other.to_string()),
        })
    }

    /// Refreshes for as long as the engine is there.
    pub(crate) async fn follow(control: std::sync::Weak<Self>) {
        loop {
            tokio::time::sleep(REFRESH).await;
            let Some(control) = control.upgrade() else { return };
            if let Err(error) = control.refresh().await {
                // The pool says so when the database can't be reached; what is known stays known.
                tracing::debug!(%error, "the tenants could not be looked at");
            }
        }
    }

    pub(crate) async fn tenant(&self, id: TenantId) -> Answer<Option<Arc<Tenant>>> {
        match self.tenants.by_id(id) {
            Some(tenant) => Ok(Some(tenant)),
            None => {
                self.refresh().await?;
                Ok(self.tenants.by_id(id))
            }
        }
    }

    pub(crate) async fn tenant_by_slug(&self, slug: &str) -> Answer<Option<Arc<Tenant>>> {
        match self.tenants.by_slug(slug) {
            Some(tenant) => Ok(Some(tenant)),
            None => {
                self.refresh().await?;
                Ok(self.tenants.by_slug(slug))
            }
        }
    }

    pub(crate) async fn tenants_page(&self, after: Option<&str>, limit: usize) -> Answer<Vec<Arc<Tenant>>> {
        self.refresh().await?;
        Ok(self.tenants.page(after, limit))
    }

    pub(crate) async fn create_tenant(&self, new: NewTenant) -> Answer<Arc<Tenant>> {
        const INSERT: &str = "INSERT INTO flowbit_control.tenants \
            (id, slug, name, locale, accent_color, state, created_at) VALUES ($1, $2, $3, $4, $5, 'active', $6)";
        const FOUND: &str = "INSERT INTO head (seq, hash, last_number) VALUES (0, $1, 0)";
        new.check()?;
        let now = self.shared.clock.now();
        let id = TenantId(self.shared.new_id(now));
        let NewTenant { slug, name, locale, accent_color } = new;
        let tenant =
            Tenant { id, slug, name, locale, accent_color, state: TenantState::Active, created_at: now };
        let t = &tenant;
        let values: [Value; 6] = [
            t.id.0.into(),
            t.slug.as_str().into(),
            t.name.as_str().into(),
            t.locale.as_str().into(),
            t.accent_color.as_str().into(),
            t.created_at.into(),
        ];
        let statements =
            [(INSERT, values.into()), (FOUND, vec![flowbit_domain::event::GENESIS.to_vec().into()])];
        let statements = [&statements[..], &revise(id)].concat();
        match self.run(Some(id), &statements).await {
            Ok(told) => {
                let number = told.get(2).and_then(|told| told.rows.first());
                let number = number.map(|row| RowInPlace(row).int(0)).transpose()?.unwrap_or(i64::MAX);
                let _one = self.refreshing.lock().await;
                // What has been read since may be newer: another node was quick to change it.
                if self.revision.load(Ordering::Acquire) < number {
                    return Ok(self.tenants.put(tenant));
                }
                Ok(self.tenants.by_id(id).unwrap_or_else(|| Arc::new(tenant)))
            }
            Err(Lost { at: 0, why: StoreError::Failed(text), .. }) if text.contains("(23505)") => {
                Err(ControlError::SlugTaken(tenant.slug))
            }
            Err(lost) => Err(lost.why.into()),
        }
    }

    async fn set_state(&self, id: TenantId, state: &str) -> Answer<()> {
        self.set_state_and(id, state, &[]).await
    }

    /// With what is to be written down in the same transaction.
    pub(super) async fn set_state_and(&self, id: TenantId, state: &str, noted: &[Bound<'_>]) -> Answer<()> {
        const SET: &str =
            "UPDATE flowbit_control.tenants SET state = $2 WHERE id = $1 AND state <> 'erasing'";
        let statements = [&[(SET, vec![id.0.into(), state.into()])][..], noted, &revise(id)].concat();
        let told = self.run(None, &statements).await.map_err(|lost| lost.why)?;
        match told.first() {
            Some(told) if told.touched == 1 => Ok(()),
            _ => Err(ControlError::UnknownTenant),
        }
    }

    pub(crate) async fn set_tenant_state(&self, id: TenantId, state: TenantState) -> Answer<()> {
        let name = match state {
            TenantState::Active => "active",
            TenantState::Suspended => "suspended",
        };
        self.set_state(id, name).await?;
        self.refresh().await
    }

    /// What time it is there.
    pub(crate) async fn time(&self) -> Answer<Option<Timestamp>> {
        let sql = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::int8";
        Ok(self.rows(sql, vec![], |row| row.time(0)).await?.first().copied())
    }

    pub(super) fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }
}

/// The end of each transaction that changes a tenant.
pub(super) fn revise(tenant: TenantId) -> [Bound<'static>; 3] {
    [(REVISE, vec![]), (NOTE_CHANGE, vec![tenant.0.into()]), (FORGET_CHANGES, vec![CHANGES_KEPT.into()])]
}

/// A tenant whose columns begin with this one.
fn read_tenant(row: &dyn Row, first: usize) -> Result<Tenant, StoreError> {
    let is_suspended = row.text(first + 5)? == "suspended";
    Ok(Tenant {
        id: TenantId(row.uuid(first)?),
        slug: row.text(first + 1)?.to_owned(),
        name: row.text(first + 2)?.to_owned(),
        locale: row.text(first + 3)?.to_owned(),
        accent_color: row.text(first + 4)?.to_owned(),
        state: if is_suspended { TenantState::Suspended } else { TenantState::Active },
        created_at: Timestamp(row.int(first + 6)?),
    })
}

/// What is asked about a tenant that is not there.
pub(crate) fn absent(id: TenantId) -> Error {
    Error::Unavailable(format!("there is no tenant {id}"))
}
