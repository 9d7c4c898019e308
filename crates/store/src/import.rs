//! Bringing a tenant in with all that it had elsewhere: piece by piece, and seen by nobody before it is whole.

use flowbit_domain::{
    Result, StoreError, Value,
    archive::Statement,
    control::{SecretHash, Tenant},
    id::EndpointId,
    tx::{Row, SearchDialect},
};

use crate::{control::ControlError, embedded::EmbeddedImport, postgres::PostgresImport};

/// What control knows of a tenant's people and endpoints.
#[derive(Debug, Default)]
pub struct Hints {
    /// The addresses that may sign in.
    pub emails: Vec<String>,
    /// The shared secrets' hashes, with whose they are.
    pub secrets: Vec<(SecretHash, EndpointId)>,
}

/// A tenant that is being brought in. If this goes before it is finished, so does what was brought.
pub struct Import {
    engine: Engine,
}

enum Engine {
    Embedded(Box<EmbeddedImport>),
    Postgres(Box<PostgresImport>),
}

impl Import {
    pub(crate) fn embedded(import: EmbeddedImport) -> Self {
        Self { engine: Engine::Embedded(Box::new(import)) }
    }

    pub(crate) fn postgres(import: PostgresImport) -> Self {
        Self { engine: Engine::Postgres(Box::new(import)) }
    }

    /// How this engine searches text.
    #[must_use]
    pub fn search(&self) -> &'static SearchDialect {
        match &self.engine {
            Engine::Embedded(import) => import.search(),
            Engine::Postgres(import) => import.search(),
        }
    }

    /// Runs statements, together.
    ///
    /// # Errors
    /// The first that fails; the import is then good for nothing but [`Import::abandon`].
    pub async fn load(&mut self, statements: Vec<Statement>) -> Result<(), StoreError> {
        match &mut self.engine {
            Engine::Embedded(import) => import.load(statements).await,
            Engine::Postgres(import) => import.load(statements).await,
        }
    }

    /// Reads of what was brought.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn query<T: Send + 'static>(
        &mut self,
        sql: &'static str,
        params: Vec<Value>,
        map: impl FnMut(&dyn Row) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        match &mut self.engine {
            Engine::Embedded(import) => import.query(sql, params, map).await,
            Engine::Postgres(import) => import.query(sql, params, map).await,
        }
    }

    /// Makes the tenant one like any other, at once and for good.
    ///
    /// # Errors
    /// When another of its slug or id has come meanwhile, or that of the store; then nothing is left of it.
    pub async fn finish(self, hints: Hints) -> Result<std::sync::Arc<Tenant>, ControlError> {
        match self.engine {
            Engine::Embedded(import) => import.finish(hints).await,
            Engine::Postgres(import) => import.finish(hints).await,
        }
    }

    /// Removes what was brought.
    ///
    /// # Errors
    /// That of the store: then it goes when the import is begun anew, or when the tenant is erased.
    pub async fn abandon(self) -> Result<(), ControlError> {
        match self.engine {
            Engine::Embedded(import) => import.abandon().await,
            Engine::Postgres(import) => import.abandon().await,
        }
    }
}

impl std::fmt::Debug for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Import").finish_non_exhaustive()
    }
}
