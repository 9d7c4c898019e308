//! Bringing a tenant in: its file is made aside, and becomes the tenant's when it is whole.

use std::{path::PathBuf, sync::Arc};

use flowbit_domain::{
    StoreError, Value,
    archive::Statement,
    control::Tenant,
    tx::{Row, SearchDialect},
};

use super::{
    Embedded, Shared,
    connection::{Link, close_import, open_import},
    folder::{Folder, remove_database},
    search::SEARCH,
    statement::{self, Kind, failure},
};
use crate::{
    control::{Answer, check_new},
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
        check_new(&(&tenant).into())?;
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

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| StoreError::Failed(e.to_string()))?
}
