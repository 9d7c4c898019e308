//! Bringing a tenant in: its rows are there under its id, but there is no such tenant until the last step.
//!
//! Each piece proves by a token that the import is still the one that was begun last for this tenant: one that was
//! begun anew, because the first seemed to be dead, shuts the first out.

use std::sync::Arc;

use flowbit_domain::{
    StoreError, Value,
    archive::Statement,
    control::{Tenant, TenantState},
    event::GENESIS,
    id::TenantId,
    time::Timestamp,
    tx::{Row, SearchDialect},
};
use uuid::Uuid;

use super::{
    Postgres,
    connection::Lost,
    control::{Bound, PostgresControl, revise},
    search::SEARCH,
    statement::RowInPlace,
};
use crate::{
    control::{Answer, ControlError, NewTenant},
    import::Hints,
};

/// Fails (by dividing by nothing) unless the import is still ours, and keeps it so until the commit.
const STILL_OURS: &str = "SELECT 1 / count(*) FROM \
    (SELECT FROM flowbit_control.imports WHERE tenant = $1 AND token = $2 FOR UPDATE) AS ours";
/// Hints written with one statement.
const HINTS_AT_ONCE: usize = 500;

/// Rows of a tenant that is not there yet.
pub(crate) struct PostgresImport {
    engine: Arc<Postgres>,
    tenant: Tenant,
    token: Uuid,
}

impl PostgresImport {
    pub(crate) async fn begin(engine: Arc<Postgres>, tenant: Tenant) -> Answer<Self> {
        const TAKEN: &str =
            "SELECT id, slug FROM flowbit_control.tenants WHERE id = $1 OR slug = $2 ORDER BY id = $1 DESC";
        const BEGIN: &str = "INSERT INTO flowbit_control.imports (tenant, token, slug, begun_at) \
            VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT imports_pkey \
            DO UPDATE SET token = excluded.token, slug = excluded.slug, begun_at = excluded.begun_at";
        const HEAD: &str = "INSERT INTO head (seq, hash, last_number) VALUES (0, $1, 0)";
        NewTenant::from(&tenant).check()?;
        let control = engine.control();
        let values = vec![tenant.id.0.into(), tenant.slug.as_str().into()];
        let taken = control.rows(TAKEN, values, |row| row.uuid(0)).await?;
        match taken.first() {
            Some(id) if *id == tenant.id.0 => return Err(ControlError::IdTaken(tenant.id)),
            Some(_) => return Err(ControlError::SlugTaken(tenant.slug)),
            None => {}
        }
        let now = control.shared().clock.now();
        let token = control.shared().new_id(now);
        let values = vec![tenant.id.0.into(), token.into(), tenant.slug.as_str().into(), now.into()];
        control.change(BEGIN, values).await?;
        let import = Self { engine, tenant, token };
        import.clear().await?;
        import.run(vec![(HEAD, vec![GENESIS.to_vec().into()])]).await?;
        Ok(import)
    }

    fn control(&self) -> &PostgresControl {
        self.engine.control()
    }

    pub(crate) fn search(&self) -> &'static SearchDialect {
        &SEARCH
    }

    fn still_ours(&self) -> Bound<'static> {
        (STILL_OURS, vec![self.tenant.id.0.into(), self.token.into()])
    }

    async fn run(&self, statements: Vec<Bound<'_>>) -> Result<(), StoreError> {
        let statements = [vec![self.still_ours()], statements].concat();
        self.control()
            .run(Some(self.tenant.id), &statements)
            .await
            .map(drop)
            .map_err(|lost| self.explain(lost))
    }

    fn explain(&self, lost: Lost) -> StoreError {
        match lost.why {
            StoreError::Failed(text) if lost.at == 0 && text.contains("(22012)") => StoreError::Failed(
                format!("another import of {} was begun meanwhile; this one is over", self.tenant.slug),
            ),
            why => why,
        }
    }

    pub(crate) async fn load(&mut self, statements: Vec<Statement>) -> Result<(), StoreError> {
        self.run(statements.iter().map(|(sql, values)| (sql.as_str(), values.clone())).collect()).await
    }

    pub(crate) async fn query<T>(
        &self,
        sql: &str,
        params: Vec<Value>,
        mut map: impl FnMut(&dyn Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let statements = [self.still_ours(), (sql, params)];
        let told = self.control().run(Some(self.tenant.id), &statements).await;
        let told = told.map_err(|lost| self.explain(lost))?;
        told.iter().skip(1).flat_map(|told| &told.rows).map(|row| map(&RowInPlace(row))).collect()
    }

    pub(crate) async fn finish(self, hints: Hints) -> Answer<Arc<Tenant>> {
        const INSERT: &str = "INSERT INTO flowbit_control.tenants \
            (id, slug, name, locale, accent_color, state, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        const LEDGER: &str = "INSERT INTO flowbit_control.ledgers (tenant, seq, identity_seq, moved) \
            SELECT $1, h.seq, h.seq, pg_current_xact_id() FROM head h WHERE h.seq > 0";
        const OVER: &str = "DELETE FROM flowbit_control.imports WHERE tenant = $1";
        let finished = async {
            self.write_hints(&hints).await?;
            let t = &self.tenant;
            let state = match t.state {
                TenantState::Active => "active",
                TenantState::Suspended => "suspended",
            };
            let values: Vec<Value> = vec![
                t.id.0.into(),
                t.slug.as_str().into(),
                t.name.as_str().into(),
                t.locale.as_str().into(),
                t.accent_color.as_str().into(),
                state.into(),
                t.created_at.into(),
            ];
            let ours = vec![t.id.0.into()];
            let mut statements =
                vec![self.still_ours(), (INSERT, values), (LEDGER, ours.clone()), (OVER, ours)];
            statements.extend(revise(t.id));
            self.control().run(Some(t.id), &statements).await.map_err(|lost| match &lost.why {
                StoreError::Failed(text) if lost.at == 1 && text.contains("(23505)") => {
                    ControlError::SlugTaken(t.slug.clone())
                }
                _ => self.explain(lost).into(),
            })?;
            self.control().refresh().await
        };
        match finished.await {
            Ok(()) => {
                let found = self.control().tenants().by_id(self.tenant.id);
                Ok(found.unwrap_or_else(|| Arc::new(self.tenant)))
            }
            Err(e) => {
                self.abandon().await?;
                Err(e)
            }
        }
    }

    /// Hints may be there before what they lead to.
    async fn write_hints(&self, hints: &Hints) -> Answer<()> {
        let places = |rows: usize, columns: usize| {
            let row = |row: usize| {
                let places: Vec<_> =
                    (1..=columns).map(|place| format!("${}", row * columns + place)).collect();
                format!("({})", places.join(", "))
            };
            (0..rows).map(row).collect::<Vec<_>>().join(", ")
        };
        let tenant: Value = self.tenant.id.0.into();
        for emails in hints.emails.chunks(HINTS_AT_ONCE) {
            let sql = format!(
                "INSERT INTO flowbit_control.directory (email, tenant) VALUES {} ON CONFLICT DO NOTHING",
                places(emails.len(), 2)
            );
            let values = emails.iter().flat_map(|email| [email.as_str().into(), tenant.clone()]).collect();
            self.run(vec![(&sql, values)]).await?;
        }
        for secrets in hints.secrets.chunks(HINTS_AT_ONCE) {
            let sql = format!(
                "INSERT INTO flowbit_control.secrets (hash, tenant, endpoint) VALUES {} ON CONFLICT DO NOTHING",
                places(secrets.len(), 3)
            );
            let values = secrets
                .iter()
                .flat_map(|(hash, endpoint)| [hash.to_vec().into(), tenant.clone(), endpoint.0.into()]);
            self.run(vec![(&sql, values.collect())]).await?;
        }
        Ok(())
    }

    /// What an earlier try has left.
    async fn clear(&self) -> Answer<()> {
        self.run(vec![("DELETE FROM head", vec![])]).await?;
        self.control().erase_rows(self.tenant.id).await
    }

    pub(crate) async fn abandon(self) -> Answer<()> {
        // Not if it is another's by now.
        self.run(vec![]).await?;
        self.control().discard_import(self.tenant.id).await
    }
}

impl PostgresControl {
    pub(crate) async fn unfinished_imports(&self) -> Answer<Vec<(TenantId, String, Timestamp)>> {
        let sql = "SELECT tenant, slug, begun_at FROM flowbit_control.imports ORDER BY begun_at, tenant";
        let read = |row: &dyn Row| Ok((TenantId(row.uuid(0)?), row.text(1)?.to_owned(), row.time(2)?));
        self.rows(sql, vec![], read).await
    }

    pub(crate) async fn discard_import(&self, id: TenantId) -> Answer<()> {
        const SHUT_OUT: &str = "UPDATE flowbit_control.imports SET token = $2 WHERE tenant = $1";
        let token = self.shared().new_id(self.shared().clock.now());
        if self.change(SHUT_OUT, vec![id.0.into(), token.into()]).await? == 0 {
            return Ok(());
        }
        self.run(Some(id), &[("DELETE FROM head", vec![])]).await.map_err(|lost| lost.why)?;
        self.erase_rows(id).await?;
        let over: [Bound<'_>; 3] = [
            ("DELETE FROM flowbit_control.directory WHERE tenant = $1", vec![id.0.into()]),
            ("DELETE FROM flowbit_control.secrets WHERE tenant = $1", vec![id.0.into()]),
            (
                "DELETE FROM flowbit_control.imports WHERE tenant = $1 AND token = $2",
                vec![id.0.into(), token.into()],
            ),
        ];
        self.run(None, &over).await.map(drop).map_err(|lost| lost.why.into())
    }
}
