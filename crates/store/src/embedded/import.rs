//! Bringing a tenant in: its file is made aside, and becomes the tenant's when it is whole.

use std::{path::PathBuf, sync::Arc};

use flowbit_domain::{
    StoreError, Value,
    archive::Statement,
    control::Tenant,
    tx::{Row, SearchDialect},
};

use rusqlite::{Connection, params};

use super::{
    Embedded, Shared,
    connection::{Link, close_import, open_import},
    control::{
        EmbeddedControl, blob, content, engine, insert_tenant, remove_leftover, state_name, tell, unmade,
    },
    folder::{Folder, remove_database},
    search::SEARCH,
    statement::{self, Kind, failure},
};
use crate::{
    control::{Answer, ControlError, NewTenant},
    import::Hints,
};

/// A file in the making. It goes with this, unless it is finished.
pub(crate) struct EmbeddedImport {
    engine: Arc<Embedded>,
    tenant: Tenant,
    /// `None` while a thread has it, and when one was lost.
    link: Option<Link>,
    file: Aside,
}

/// Removes a file that is not wanted any more.
struct Aside(PathBuf);

impl Drop for Aside {
    fn drop(&mut self) {
        if let Err(error) = remove_database(&self.0) {
            tracing::warn!(%error, path = %self.0.display(), "a file was left behind; it goes at the next start");
        }
    }
}

fn made(shared: &Shared, content: &[u8], path: &PathBuf) -> Result<Link, StoreError> {
    let failed =
        |e: &dyn std::fmt::Display| StoreError::Unavailable(format!("the tenant's file can't be made: {e}"));
    remove_database(path).map_err(|e| failed(&e))?;
    Folder::touch(path).map_err(|e| failed(&e))?;
    std::fs::write(path, content).map_err(|e| failed(&e))?;
    open_import(path, Arc::clone(&shared.counters)).map_err(|e| failure(&e))
}

impl EmbeddedImport {
    pub(crate) async fn begin(engine: Arc<Embedded>, tenant: Tenant) -> Answer<Self> {
        NewTenant::from(&tenant).check()?;
        let content = engine.control().content_for_import(&tenant).await?;
        let shared = Arc::clone(&engine.shared);
        let file = Aside(shared.folder.import(tenant.id));
        let path = file.0.clone();
        let link = blocking(move || made(&shared, &content, &path)).await?;
        Ok(Self { engine, tenant, link: Some(link), file })
    }

    pub(crate) fn search(&self) -> &'static SearchDialect {
        &SEARCH
    }

    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Link) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let lost = || StoreError::Failed("the import has failed before".to_owned());
        let mut link = self.link.take().ok_or_else(lost)?;
        let (done, link) = blocking(move || Ok((work(&mut link)?, link))).await?;
        self.link = Some(link);
        Ok(done)
    }

    pub(crate) async fn load(&mut self, statements: Vec<Statement>) -> Result<(), StoreError> {
        self.with(move |link| {
            link.run("BEGIN")?;
            for (sql, values) in &statements {
                statement::execute(link, sql, values)?;
            }
            link.run("COMMIT")
        })
        .await
    }

    pub(crate) async fn query<T: Send + 'static>(
        &mut self,
        sql: &'static str,
        params: Vec<Value>,
        map: impl FnMut(&dyn Row) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        self.with(move |link| statement::query(link, sql, &params, Kind::ReadOnly, map)).await
    }

    pub(crate) async fn finish(mut self, hints: Hints) -> Answer<Arc<Tenant>> {
        let link = self.link.take().ok_or_else(|| StoreError::Failed("the import has failed".to_owned()))?;
        blocking(move || close_import(link)).await?;
        let adopted = self.engine.control().adopt_tenant(self.tenant, hints).await;
        // There is nothing aside any more, or nothing that is wanted.
        drop(self.file);
        adopted
    }

    pub(crate) async fn abandon(self) -> Answer<()> {
        drop(self.link);
        drop(self.file);
        Ok(())
    }
}

impl EmbeddedControl {
    /// What a new tenant's file has in it, if such a tenant can come.
    pub(crate) async fn content_for_import(&self, tenant: &Tenant) -> Answer<Vec<u8>> {
        let (shared, tenants, template) =
            (Arc::clone(&self.shared), Arc::clone(&self.tenants), Arc::clone(&self.template));
        let (id, slug) = (tenant.id, tenant.slug.clone());
        self.write(move |_| {
            if tenants.by_id(id).is_some() {
                return Err(ControlError::IdTaken(id));
            }
            if tenants.by_slug(&slug).is_some() {
                return Err(ControlError::SlugTaken(slug));
            }
            content(&template, &shared.folder, shared.clock.now()).map(<[u8]>::to_vec)
        })
        .await
    }

    /// Makes a tenant of a file that was brought in.
    pub(crate) async fn adopt_tenant(&self, tenant: Tenant, hints: Hints) -> Answer<Arc<Tenant>> {
        let (shared, tenants) = (Arc::clone(&self.shared), Arc::clone(&self.tenants));
        self.write(move |conn| {
            let id = tenant.id;
            if tenants.by_id(id).is_some() {
                return Err(ControlError::IdTaken(id));
            }
            // As when one is made: a crash from here to the last step leaves what the next start removes.
            insert_tenant(conn, &tenant)?;
            let made = shared.folder.adopt_tenant(id).map_err(unmade);
            let made = made.and_then(|()| activate(conn, &tenant, &hints).map_err(engine));
            if let Err(e) = made {
                // If this fails as well, the next start does it.
                let _ = remove_leftover(conn, &shared, id);
                return Err(e);
            }
            // It may be one that was here before.
            shared.seqs.forget(id);
            shared.files.unbar(id);
            let tenant = tenants.put(tenant);
            tell(&shared, id, tenant.state);
            Ok(tenant)
        })
        .await
    }
}

/// Lets a tenant's people and workflows in, and the tenant be seen.
fn activate(conn: &mut Connection, tenant: &Tenant, hints: &Hints) -> rusqlite::Result<()> {
    let id = blob(&tenant.id.0);
    let tx = conn.transaction()?;
    {
        let mut email =
            tx.prepare("INSERT INTO directory (email, tenant_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
        for address in &hints.emails {
            email.execute(params![address, id])?;
        }
        let sql =
            "INSERT INTO secrets (hash, tenant_id, endpoint_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let mut secret = tx.prepare(sql)?;
        for (hash, endpoint) in &hints.secrets {
            secret.execute(params![hash, id, blob(&endpoint.0)])?;
        }
        tx.execute("UPDATE tenants SET state = ?2 WHERE id = ?1", params![id, state_name(tenant.state)])?;
    }
    tx.commit()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| StoreError::Failed(e.to_string()))?
}
