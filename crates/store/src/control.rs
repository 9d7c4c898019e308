//! What belongs to no tenant: the tenants themselves, where an address may sign in, whose a shared
//! secret is, and the signing keys.
//!
//! The directories of addresses and secrets are hints: they are written before the tenant's own
//! commit, so a crash between leaves a harmless hint, and the tenant's own data decides.

use std::sync::Arc;

use flowbit_domain::{
    Error, FieldError, StoreError,
    control::{SecretHash, SecretOwner, SigningKey, Tenant, TenantState},
    id::{EndpointId, TenantId},
    time::Timestamp,
};

use crate::{embedded::Embedded, erasure::Erasure, postgres::Postgres};

/// A tenant to be.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its name in addresses: 1 to 63 lower-case letters, digits and inner hyphens.
    pub slug: String,
    /// Its name, 1 to 200 characters.
    pub name: String,
    /// `en` or `de`.
    pub locale: String,
    /// `#rrggbb`.
    pub accent_color: String,
}

impl NewTenant {
    /// Refuses one that can't be.
    ///
    /// # Errors
    /// [`ControlError::Invalid`].
    pub fn check(&self) -> Result<(), ControlError> {
        let refuse = |field, message: &str| Err(ControlError::Invalid { field, message: message.to_owned() });
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let Self { slug, name, locale, accent_color } = self;
        if !(1..=63).contains(&slug.len())
            || !slug.chars().all(inner)
            || slug.starts_with('-')
            || slug.ends_with('-')
        {
            return refuse("slug", "must be 1 to 63 lower-case letters, digits and inner hyphens");
        }
        if name.trim().is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
            return refuse("name", "must be 1 to 200 characters");
        }
        if !matches!(locale.as_str(), "en" | "de") {
            return refuse("locale", "must be en or de");
        }
        let hex = accent_color.strip_prefix('#').unwrap_or_default();
        if hex.len() != 6 || !hex.chars().all(|c| c.is_ascii_hexdigit()) {
            return refuse("accentColor", "must be a colour such as #1f6feb");
        }
        Ok(())
    }
}

impl From<&Tenant> for NewTenant {
    fn from(t: &Tenant) -> Self {
        let Tenant { slug, name, locale, accent_color, .. } = t.clone();
        Self { slug, name, locale, accent_color }
    }
}

/// Why control did not do what was asked. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ControlError {
    /// There is a tenant of that slug.
    #[error("there is already a tenant {0:?}")]
    SlugTaken(String),
    /// There is a tenant of that id.
    #[error("the tenant {0} is here already")]
    IdTaken(TenantId),
    /// A value that can't be.
    #[error("{field}: {message}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What would be right.
        message: String,
    },
    /// There is no such tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// The store can't.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ControlError> for Error {
    fn from(e: ControlError) -> Self {
        match e {
            ControlError::SlugTaken(_) | ControlError::IdTaken(_) => {
                Self::Conflict { code: "slug_taken", detail: e.to_string() }
            }
            ControlError::Invalid { field, message } => {
                Self::Validation(vec![FieldError { path: field.to_owned(), message }])
            }
            ControlError::UnknownTenant => Self::NotFound,
            ControlError::Store(e) => e.into(),
        }
    }
}

/// The door to it. Tenants are kept in memory; everything else is a short query.
#[derive(Clone)]
pub struct Control {
    engine: Engine,
}

#[derive(Clone)]
enum Engine {
    Embedded(Arc<Embedded>),
    Postgres(Arc<Postgres>),
}

/// What control's operations answer.
pub(crate) type Answer<T> = Result<T, ControlError>;

impl Control {
    pub(crate) fn embedded(engine: Arc<Embedded>) -> Self {
        Self { engine: Engine::Embedded(engine) }
    }

    pub(crate) fn postgres(engine: Arc<Postgres>) -> Self {
        Self { engine: Engine::Postgres(engine) }
    }

    /// Makes a tenant, active and empty.
    ///
    /// # Errors
    /// [`ControlError::SlugTaken`], [`ControlError::Invalid`], or that of the store.
    pub async fn create_tenant(&self, new: NewTenant) -> Answer<Arc<Tenant>> {
        match &self.engine {
            Engine::Embedded(e) => e.control().create_tenant(new).await,
            Engine::Postgres(e) => Box::pin(e.control().create_tenant(new)).await,
        }
    }

    /// All tenants by slug, suspended ones too.
    ///
    /// # Errors
    /// That of the store.
    pub async fn tenants(&self) -> Answer<Vec<Arc<Tenant>>> {
        self.tenants_page(None, usize::MAX).await
    }

    /// At most `limit` tenants by slug, those after the slug `after`.
    ///
    /// # Errors
    /// That of the store.
    pub async fn tenants_page(&self, after: Option<&str>, limit: usize) -> Answer<Vec<Arc<Tenant>>> {
        match &self.engine {
            Engine::Embedded(e) => Ok(e.control().tenants().page(after, limit)),
            Engine::Postgres(e) => Box::pin(e.control().tenants_page(after, limit)).await,
        }
    }

    /// The tenant of that slug, suspended or not.
    ///
    /// # Errors
    /// That of the store.
    pub async fn tenant_by_slug(&self, slug: &str) -> Answer<Option<Arc<Tenant>>> {
        match &self.engine {
            Engine::Embedded(e) => Ok(e.control().tenants().by_slug(slug)),
            Engine::Postgres(e) => Box::pin(e.control().tenant_by_slug(slug)).await,
        }
    }

    /// The tenant of that id, suspended or not.
    ///
    /// # Errors
    /// That of the store.
    pub async fn tenant(&self, id: TenantId) -> Answer<Option<Arc<Tenant>>> {
        match &self.engine {
            Engine::Embedded(e) => Ok(e.control().tenants().by_id(id)),
            Engine::Postgres(e) => Box::pin(e.control().tenant(id)).await,
        }
    }

    /// Suspends a tenant or takes it back.
    ///
    /// # Errors
    /// [`ControlError::UnknownTenant`], or that of the store.
    pub async fn set_tenant_state(&self, id: TenantId, state: TenantState) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(e) => e.control().set_tenant_state(id, state).await,
            Engine::Postgres(e) => Box::pin(e.control().set_tenant_state(id, state)).await,
        }
    }

    /// Removes a tenant with everything that it has, for good. What still waits for it is refused. What is left is
    /// the proof, in which `counts`, a JSON object, stands as it is.
    ///
    /// # Errors
    /// [`ControlError::UnknownTenant`], or that of the store; then it is finished at the next start.
    pub async fn erase_tenant(&self, id: TenantId, counts: &str) -> Answer<Erasure> {
        match &self.engine {
            Engine::Embedded(e) => e.control().erase_tenant(id, Some(counts.to_owned())).await,
            Engine::Postgres(e) => Box::pin(e.control().erase_tenant(id, Some(counts))).await,
        }
    }

    /// Removes a tenant that has just been made and that nobody has used: nothing of it is to be proved.
    ///
    /// # Errors
    /// As [`Control::erase_tenant`].
    pub async fn discard_tenant(&self, id: TenantId) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(e) => e.control().erase_tenant(id, None).await.map(drop),
            Engine::Postgres(e) => Box::pin(e.control().erase_tenant(id, None)).await.map(drop),
        }
    }

    /// Keeps a signed statement of where an erased tenant's ledger ended.
    ///
    /// # Errors
    /// That of the store.
    pub async fn attest_erasure(&self, erasure: &Erasure, checkpoint: &str) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(e) => e.control().attest_erasure(erasure, checkpoint.to_owned()).await,
            Engine::Postgres(e) => Box::pin(e.control().attest_erasure(erasure, checkpoint)).await,
        }
    }

    /// The tenants that were erased, the last one first.
    ///
    /// # Errors
    /// That of the store.
    pub async fn erasures(&self) -> Answer<Vec<Erasure>> {
        match &self.engine {
            Engine::Embedded(e) => e.control().erasures().await,
            Engine::Postgres(e) => Box::pin(e.control().erasures()).await,
        }
    }

    /// Imports that are under way or broke off: the tenant, its slug, and when it was begun.
    ///
    /// # Errors
    /// That of the store.
    pub async fn unfinished_imports(&self) -> Answer<Vec<(TenantId, String, Timestamp)>> {
        match &self.engine {
            // One that broke off is gone with the process, or at the next start.
            Engine::Embedded(_) => Ok(Vec::new()),
            Engine::Postgres(e) => Box::pin(e.control().unfinished_imports()).await,
        }
    }

    /// Removes what an import that broke off has left.
    ///
    /// # Errors
    /// That of the store.
    pub async fn discard_import(&self, id: TenantId) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(_) => Ok(()),
            Engine::Postgres(e) => Box::pin(e.control().discard_import(id)).await,
        }
    }

    /// Where an address (folded by `text::fold_email`) may be known, active or not.
    ///
    /// # Errors
    /// That of the store.
    pub async fn tenants_of_email(&self, email: &str) -> Answer<Vec<TenantId>> {
        match &self.engine {
            Engine::Embedded(e) => e.control().tenants_of_email(email.to_owned()).await,
            Engine::Postgres(e) => Box::pin(e.control().tenants_of_email(email)).await,
        }
    }

    /// The addresses that a tenant may know, in their order.
    ///
    /// # Errors
    /// That of the store.
    pub async fn emails_of_tenant(&self, tenant: TenantId) -> Answer<Vec<String>> {
        match &self.engine {
            Engine::Embedded(e) => e.control().emails_of_tenant(tenant).await,
            Engine::Postgres(e) => Box::pin(e.control().emails_of_tenant(tenant)).await,
        }
    }

    /// Notes that a tenant may know an address. Doing so again is fine.
    ///
    /// # Errors
    /// That of the store.
    pub async fn add_email(&self, email: &str, tenant: TenantId) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(e) => e.control().add_email(email.to_owned(), tenant).await,
            Engine::Postgres(e) => Box::pin(e.control().add_email(email, tenant)).await,
        }
    }

    /// Notes the same of many addresses at once.
    ///
    /// # Errors
    /// That of the store; then none of them was noted.
    pub async fn add_emails(&self, emails: Vec<String>, tenant: TenantId) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(e) => e.control().add_emails(emails, tenant).await,
            Engine::Postgres(e) => Box::pin(e.control().add_emails(&emails, tenant)).await,
        }
    }

    /// Takes that back.
    ///
    /// # Errors
    /// That of the store.
    pub async fn remove_email(&self, email: &str, tenant: TenantId) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(e) => e.control().remove_email(email.to_owned(), tenant).await,
            Engine::Postgres(e) => Box::pin(e.control().remove_email(email, tenant)).await,
        }
    }

    /// Notes whose a shared secret may be. Doing so again is fine.
    ///
    /// # Errors
    /// That of the store.
    pub async fn add_secret(&self, secret: SecretHash, owner: SecretOwner) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(e) => e.control().add_secret(secret, owner).await,
            Engine::Postgres(e) => Box::pin(e.control().add_secret(secret, owner)).await,
        }
    }

    /// Whose a shared secret may be.
    ///
    /// # Errors
    /// That of the store.
    pub async fn find_secret(&self, secret: SecretHash) -> Answer<Option<SecretOwner>> {
        match &self.engine {
            Engine::Embedded(e) => e.control().find_secret(secret).await,
            Engine::Postgres(e) => Box::pin(e.control().find_secret(secret)).await,
        }
    }

    /// Forgets all secrets of an endpoint.
    ///
    /// # Errors
    /// That of the store.
    pub async fn remove_secrets(&self, endpoint: EndpointId) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(e) => e.control().remove_secrets(endpoint).await,
            Engine::Postgres(e) => Box::pin(e.control().remove_secrets(endpoint)).await,
        }
    }

    /// The signing keys, newest first.
    ///
    /// # Errors
    /// That of the store.
    pub async fn signing_keys(&self) -> Answer<Vec<SigningKey>> {
        match &self.engine {
            Engine::Embedded(e) => e.control().signing_keys().await,
            Engine::Postgres(e) => Box::pin(e.control().signing_keys()).await,
        }
    }

    /// Adds a signing key, unless there is one made at `unless_since` or later: `false`. Of several nodes that
    /// do so at once one succeeds.
    ///
    /// # Errors
    /// That of the store, also when there is a key of that id.
    pub async fn add_signing_key(&self, key: SigningKey, unless_since: Timestamp) -> Answer<bool> {
        match &self.engine {
            Engine::Embedded(e) => e.control().add_signing_key(key, unless_since).await,
            Engine::Postgres(e) => Box::pin(e.control().add_signing_key(key, unless_since)).await,
        }
    }

    /// One more attempt, counted over all nodes; or in how many milliseconds there may be one. On the embedded
    /// engine one process counts, by itself: always allowed.
    ///
    /// # Errors
    /// That of the store.
    pub async fn take_attempt(&self, attempt: &Attempt, now: Timestamp) -> Answer<Result<(), i64>> {
        match &self.engine {
            Engine::Embedded(_) => Ok(Ok(())),
            Engine::Postgres(e) => Box::pin(e.control().take_attempt(attempt, now)).await,
        }
    }

    /// Attempts that are not to count.
    ///
    /// # Errors
    /// That of the store.
    pub async fn give_back(&self, attempts: &[Attempt]) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(_) => Ok(()),
            Engine::Postgres(e) => Box::pin(e.control().give_back(attempts)).await,
        }
    }

    /// Forgets the attempts that limit nothing any more.
    ///
    /// # Errors
    /// That of the store.
    pub async fn forget_attempts(&self, now: Timestamp) -> Answer<()> {
        match &self.engine {
            Engine::Embedded(_) => Ok(()),
            Engine::Postgres(e) => Box::pin(e.control().forget_attempts(now)).await,
        }
    }
}

/// An attempt at something that is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// A hash of what is limited.
    pub key: [u8; 32],
    /// So many at once…
    pub burst: u32,
    /// … and then one in so many milliseconds.
    pub every_ms: i64,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}
