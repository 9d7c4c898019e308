//! The control file: one thread writes it, one reads it, and the tenants are kept in memory.

use std::sync::{Arc, OnceLock};

use flowbit_domain::{
    StoreError,
    control::{SecretHash, SecretOwner, SigningKey, Tenant, TenantState},
    id::{EndpointId, TenantId},
    time::Timestamp,
};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    Shared,
    connection::{inspect, make_template},
    erasures,
    folder::{Folder, remove_database},
    reader::guard,
    statement::failure,
};
use crate::call::unanswered;
use crate::control::{Answer, ControlError, NewTenant};
use crate::ids::IdSource;
use crate::tenants::Tenants;
use crate::turns::{Refusal, Turns};

type Task = Box<dyn FnOnce(&mut Connection) + Send>;

const ADD_EMAIL: &str = "INSERT INTO directory (email, tenant_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

/// How many operations may wait for either thread.
const WAITING: usize = 1024;

/// Where a thread takes its work from, and its connection.
pub(crate) struct Desk {
    tasks: Arc<Turns<Task>>,
    conn: Connection,
}

impl Desk {
    /// Works until the queue is closed and empty.
    pub(crate) fn work(mut self) {
        while let Some((_, task)) = self.tasks.next() {
            guard("the control file's thread", || task(&mut self.conn));
        }
    }
}

/// Control's work stands in its queues as if it were one tenant's.
const CONTROL: TenantId = TenantId(Uuid::nil());

/// Asks the two threads.
pub(crate) struct EmbeddedControl {
    reader: Arc<Turns<Task>>,
    /// Or why there is none.
    writer: Result<Arc<Turns<Task>>, StoreError>,
    pub(super) tenants: Arc<Tenants>,
    pub(super) shared: Arc<Shared>,
    pub(super) template: Arc<OnceLock<Vec<u8>>>,
}

impl EmbeddedControl {
    /// The door, and the desks to be worked at by a thread each. `writer` is its connection, or why
    /// there is none.
    pub(crate) fn new(
        reader: Connection,
        writer: Result<Connection, StoreError>,
        shared: Arc<Shared>,
    ) -> rusqlite::Result<(Self, Vec<Desk>)> {
        let tenants = Arc::new(Tenants::default());
        load_tenants(&reader, &tenants)?;
        let mut desks = Vec::new();
        let mut desk = |conn| {
            let tasks = Arc::new(Turns::new(WAITING));
            desks.push(Desk { tasks: Arc::clone(&tasks), conn });
            tasks
        };
        let reader = desk(reader);
        let writer = writer.map(&mut desk);
        Ok((Self { reader, writer, tenants, shared, template: Arc::default() }, desks))
    }

    pub(crate) fn tenants(&self) -> &Tenants {
        &self.tenants
    }

    async fn ask<T: Send + 'static>(
        desk: &Turns<Task>,
        task: impl FnOnce(&mut Connection) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let (caller, answer) = oneshot::channel();
        let task: Task = Box::new(move |conn| {
            // The caller may have gone; what was done stays done.
            let _ = caller.send(task(conn));
        });
        let unavailable = |why: &str| ControlError::Store(StoreError::Unavailable(why.to_owned()));
        desk.push(CONTROL, task).map_err(|refusal| match refusal {
            Refusal::Full => unavailable("too much is waiting for the control file"),
            Refusal::Closed => unavailable("the store is closed"),
        })?;
        answer.await.unwrap_or_else(|_| Err(unavailable(&unanswered().to_string())))
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<T> {
        Self::ask(&self.reader, |conn| task(conn).map_err(engine)).await
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        task: impl FnOnce(&mut Connection) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let writer = self.writer.as_ref().map_err(Clone::clone)?;
        Self::ask(writer, task).await
    }

    /// Takes no more work; what waits is still done.
    pub(crate) fn close(&self) {
        self.reader.close();
        if let Ok(writer) = &self.writer {
            writer.close();
        }
    }

    pub(crate) async fn inspect(&self) -> Answer<Vec<String>> {
        self.read(inspect).await
    }

    /// The readiness of both threads.
    pub(crate) async fn check(&self) -> Answer<()> {
        self.read(|conn| conn.query_row("SELECT count(*) FROM migrations", [], |_| Ok(()))).await?;
        if self.writer.is_err() {
            return Ok(());
        }
        // Takes the lock for writing, which a full or read-only disk refuses, and lets it go.
        self.write(|conn| conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK").map_err(engine)).await
    }

    pub(crate) async fn create_tenant(&self, new: NewTenant) -> Answer<Arc<Tenant>> {
        new.check()?;
        let (shared, tenants, template) =
            (Arc::clone(&self.shared), Arc::clone(&self.tenants), Arc::clone(&self.template));
        self.write(move |conn| {
            let now = shared.clock.now();
            let id = TenantId(IdSource::default().next(now, shared.randomness.as_ref()));
            let NewTenant { slug, name, locale, accent_color } = new;
            let tenant =
                Tenant { id, slug, name, locale, accent_color, state: TenantState::Active, created_at: now };
            insert_tenant(conn, &tenant)?;
            // From here to the last step a crash leaves a tenant that is creating: removed at the next
            // start, since nobody was told of it.
            let made = content(&template, &shared.folder, now)
                .and_then(|content| shared.folder.create_tenant(id, content).map_err(unmade));
            let made = made.and_then(|()| set_state(conn, id, "active"));
            if let Err(e) = made {
                // If this fails as well, the next start does it.
                let _ = remove_leftover(conn, &shared, id);
                return Err(e);
            }
            Ok(tenants.put(tenant))
        })
        .await
    }

    pub(crate) async fn set_tenant_state(&self, id: TenantId, state: TenantState) -> Answer<()> {
        let (shared, tenants) = (Arc::clone(&self.shared), Arc::clone(&self.tenants));
        self.write(move |conn| {
            let tenant = tenants.by_id(id).ok_or(ControlError::UnknownTenant)?;
            set_state(conn, id, state_name(state))?;
            tenants.put(Tenant { state, ..Tenant::clone(&tenant) });
            tell(&shared, id, state);
            Ok(())
        })
        .await
    }

    pub(crate) async fn tenants_of_email(&self, email: String) -> Answer<Vec<TenantId>> {
        self.read(move |conn| {
            let mut statement =
                conn.prepare_cached("SELECT tenant_id FROM directory WHERE email = ?1 ORDER BY 1")?;
            statement.query_map([email], |row| row_id(row, 0).map(TenantId))?.collect()
        })
        .await
    }

    pub(crate) async fn emails_of_tenant(&self, tenant: TenantId) -> Answer<Vec<String>> {
        self.read(move |conn| {
            let mut statement =
                conn.prepare_cached("SELECT email FROM directory WHERE tenant_id = ?1 ORDER BY 1")?;
            statement.query_map([blob(&tenant.0)], |row| row.get(0))?.collect()
        })
        .await
    }

    pub(crate) async fn add_email(&self, email: String, tenant: TenantId) -> Answer<()> {
        self.write(move |conn| run(conn, ADD_EMAIL, params![email, blob(&tenant.0)])).await
    }

    pub(crate) async fn add_emails(&self, emails: Vec<String>, tenant: TenantId) -> Answer<()> {
        self.write(move |conn| {
            let tx = conn.transaction().map_err(engine)?;
            for email in &emails {
                run(&tx, ADD_EMAIL, params![email, blob(&tenant.0)])?;
            }
            tx.commit().map_err(engine)
        })
        .await
    }

    pub(crate) async fn remove_email(&self, email: String, tenant: TenantId) -> Answer<()> {
        self.write(move |conn| {
            run(
                conn,
                "DELETE FROM directory WHERE email = ?1 AND tenant_id = ?2",
                params![email, blob(&tenant.0)],
            )
        })
        .await
    }

    pub(crate) async fn add_secret(&self, secret: SecretHash, owner: SecretOwner) -> Answer<()> {
        self.write(move |conn| {
            let sql = "INSERT INTO secrets (hash, tenant_id, endpoint_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            run(conn, sql, params![secret, blob(&owner.tenant.0), blob(&owner.endpoint.0)])
        })
        .await
    }

    pub(crate) async fn find_secret(&self, secret: SecretHash) -> Answer<Option<SecretOwner>> {
        self.read(move |conn| {
            conn.prepare_cached("SELECT tenant_id, endpoint_id FROM secrets WHERE hash = ?1")?
                .query_row([secret], |row| {
                    Ok(SecretOwner {
                        tenant: TenantId(row_id(row, 0)?),
                        endpoint: EndpointId(row_id(row, 1)?),
                    })
                })
                .optional()
        })
        .await
    }

    pub(crate) async fn remove_secrets(&self, endpoint: EndpointId) -> Answer<()> {
        self.write(move |conn| {
            run(conn, "DELETE FROM secrets WHERE endpoint_id = ?1", params![blob(&endpoint.0)])
        })
        .await
    }

    pub(crate) async fn signing_keys(&self) -> Answer<Vec<SigningKey>> {
        self.read(|conn| {
            let sql =
                "SELECT kid, pkcs8, public, created_at FROM signing_keys ORDER BY created_at DESC, kid DESC";
            let mut statement = conn.prepare_cached(sql)?;
            let keys = statement.query_map([], |row| {
                Ok(SigningKey {
                    kid: row.get(0)?,
                    pkcs8: row.get(1)?,
                    public: row.get(2)?,
                    created_at: Timestamp(row.get(3)?),
                })
            })?;
            keys.collect()
        })
        .await
    }

    pub(crate) async fn add_signing_key(&self, key: SigningKey, unless_since: Timestamp) -> Answer<bool> {
        self.write(move |conn| {
            let sql = "INSERT INTO signing_keys (kid, pkcs8, public, created_at) SELECT ?1, ?2, ?3, ?4 \
                WHERE NOT EXISTS (SELECT 1 FROM signing_keys WHERE created_at >= ?5)";
            let values = params![key.kid, key.pkcs8, key.public, key.created_at.0, unless_since.0];
            Ok(conn.execute(sql, values).map_err(engine)? > 0)
        })
        .await
    }
}

/// Says that something may have waited for a tenant.
pub(super) fn tell(shared: &Shared, id: TenantId, state: TenantState) {
    if state == TenantState::Active {
        shared.listener.moved(id, 0, false);
    }
}

/// Finishes what a crash left half done: tenants that were being made or erased are removed.
pub(crate) fn finish_leftovers(conn: &mut Connection, folder: &Folder, now: Timestamp) -> Answer<()> {
    let leftovers: Vec<Uuid> = conn
        .prepare("SELECT id FROM tenants WHERE state IN ('creating', 'erasing')")
        .and_then(|mut s| s.query_map([], |row| row_id(row, 0))?.collect())
        .map_err(engine)?;
    for id in leftovers {
        tracing::info!(customerId = %id, "removing a tenant that was being made or erased when Flowbit was stopped");
        remove_rest(conn, folder, TenantId(id), now)?;
    }
    Ok(())
}

pub(super) fn remove_leftover(conn: &mut Connection, shared: &Shared, id: TenantId) -> Answer<()> {
    remove_rest(conn, &shared.folder, id, shared.clock.now())
}

/// The file first: while the row is there, the next start knows what to remove.
fn remove_rest(conn: &mut Connection, folder: &Folder, id: TenantId, now: Timestamp) -> Answer<()> {
    erasures::keep_head(conn, folder, id).map_err(engine)?;
    folder.remove_tenant(id).map_err(|e| {
        ControlError::Store(StoreError::Unavailable(format!("the tenant's file can't be removed: {e}")))
    })?;
    let tx = conn.transaction().map_err(engine)?;
    for sql in [
        "DELETE FROM directory WHERE tenant_id = ?1",
        "DELETE FROM secrets WHERE tenant_id = ?1",
        "DELETE FROM tenants WHERE id = ?1",
    ] {
        tx.execute(sql, [blob(&id.0)]).map_err(engine)?;
    }
    erasures::finish(&tx, id, now).map_err(engine)?;
    tx.commit().map_err(engine)
}

fn load_tenants(conn: &Connection, tenants: &Tenants) -> rusqlite::Result<()> {
    let sql = "SELECT id, slug, name, locale, accent_color, state, created_at FROM tenants
               WHERE state IN ('active', 'suspended')";
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let suspended = row.get_ref(5)?.as_str()? == state_name(TenantState::Suspended);
        tenants.put(Tenant {
            id: TenantId(row_id(row, 0)?),
            slug: row.get(1)?,
            name: row.get(2)?,
            locale: row.get(3)?,
            accent_color: row.get(4)?,
            state: if suspended { TenantState::Suspended } else { TenantState::Active },
            created_at: Timestamp(row.get(6)?),
        });
    }
    Ok(())
}

/// The content of a new tenant's file, made when the first one is: so it always has the newest schema, and
/// a full disk keeps nobody from what is there.
pub(super) fn content<'a>(
    template: &'a OnceLock<Vec<u8>>,
    folder: &Folder,
    now: Timestamp,
) -> Answer<&'a [u8]> {
    if let Some(content) = template.get() {
        return Ok(content);
    }
    let path = folder.template();
    // What a try before has left.
    remove_database(&path).map_err(unmade)?;
    Folder::touch(&path).map_err(unmade)?;
    make_template(&path, now).map_err(unmade)?;
    let content = std::fs::read(&path).map_err(unmade)?;
    remove_database(&path).map_err(unmade)?;
    Ok(template.get_or_init(|| content))
}

pub(super) fn unmade(e: impl std::fmt::Display) -> ControlError {
    ControlError::Store(StoreError::Unavailable(format!("the tenant's file can't be made: {e}")))
}

pub(super) fn insert_tenant(conn: &Connection, t: &Tenant) -> Answer<()> {
    let sql = "INSERT INTO tenants (id, slug, name, locale, accent_color, state, created_at)
               VALUES (?1, ?2, ?3, ?4, ?5, 'creating', ?6)";
    let values = params![blob(&t.id.0), t.slug, t.name, t.locale, t.accent_color, t.created_at.0];
    conn.execute(sql, values).map(|_| ()).map_err(|e| match e.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => ControlError::SlugTaken(t.slug.clone()),
        _ => engine(e),
    })
}

pub(super) fn set_state(conn: &Connection, id: TenantId, state: &str) -> Answer<()> {
    run(conn, "UPDATE tenants SET state = ?2 WHERE id = ?1", params![blob(&id.0), state])
}

pub(super) fn state_name(state: TenantState) -> &'static str {
    match state {
        TenantState::Active => "active",
        TenantState::Suspended => "suspended",
    }
}

fn run(conn: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Answer<()> {
    let run = || conn.prepare_cached(sql)?.execute(values);
    run().map(|_| ()).map_err(engine)
}

pub(super) fn engine(e: rusqlite::Error) -> ControlError {
    ControlError::Store(failure(&e))
}

pub(super) fn blob(id: &Uuid) -> &[u8] {
    id.as_bytes()
}

fn row_id(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}
