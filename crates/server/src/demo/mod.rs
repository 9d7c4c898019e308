//! The demo companies: LogisticsCo and RetailGmbH, with people, tickets and conversations of the past
//! weeks. Made only when asked for (`flowbit serve --demo`, `flowbit demo`), and all of it through the
//! use-cases, so that the ledger is whole.
//!
//! The store is opened with a clock that is set to the moment of each deed, before anybody is served.
//! A file in the data folder says that a company is being made; if one is found at the next start,
//! that company was interrupted, is erased and made anew. A company that is there without such a file
//! is left as it is.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use flowbit_domain::{
    TenantCtx,
    control::Tenant,
    time::{Clock, Timestamp},
};
use flowbit_store::{NewTenant, OpenError, Store, Unheard};

use crate::{
    ambient::{SystemClock, SystemRandomness},
    config::Config,
    identity::password::Passwords,
};

mod bulk;
mod play;
mod script;

#[cfg(test)]
mod tests;

pub(crate) use bulk::Made;

/// The password of all people of the demo companies.
pub(crate) const PASSWORD: &str = "StrongDemo@2025!";

/// How long the companies have existed when they are made.
const COMPANY_AGE: Duration = Duration::from_secs(60 * 24 * 3600);

/// Why a demo company could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// The store does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A use-case refused.
    #[error("making the demo data: {0}")]
    Refused(#[from] flowbit_domain::Error),
    /// The tenant can't be made or erased.
    #[error("making the demo company: {0}")]
    Control(#[from] flowbit_store::ControlError),
    /// The note in the data folder can't be written.
    #[error("{path}: {cause}")]
    Note {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// The texts are not what they should be.
    #[error("the demo's texts: {0}")]
    Script(String),
    /// Not a company that may be filled.
    #[error("{0}")]
    NotDemo(String),
}

/// A company that was made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Company {
    /// Its slug.
    pub(crate) slug: String,
    /// How many tickets it got.
    pub(crate) tickets: usize,
}

/// A clock that shows what it is told.
struct StagedClock(AtomicI64);

impl Clock for StagedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

impl StagedClock {
    fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::Relaxed);
    }
}

/// The stage on which demo data is made: an open store and its clock.
struct Stage {
    store: Store,
    clock: Arc<StagedClock>,
    passwords: Passwords,
    data: PathBuf,
    /// The present, to which all is relative.
    now: Timestamp,
}

impl Stage {
    async fn open(config: &Config) -> Result<Self, DemoError> {
        let now = SystemClock.now();
        let clock = Arc::new(StagedClock(AtomicI64::new(now.0)));
        let randomness = Arc::new(SystemRandomness::default());
        let options = config.store_options(clock.clone(), randomness.clone(), Arc::new(Unheard));
        let store = Store::open(options).await?;
        let data = config.data.clone();
        // With a database there may be none yet; the notes of what is unfinished stand there all the same.
        std::fs::create_dir_all(&data).map_err(|cause| DemoError::Note { path: data.clone(), cause })?;
        Ok(Self { store, clock, passwords: Passwords::new(randomness), data, now })
    }

    fn unfinished(&self, slug: &str) -> PathBuf {
        self.data.join(format!("demo-{slug}.unfinished"))
    }

    /// Makes a company and everything of it, unless it is there.
    async fn make(&self, script: &script::Script) -> Result<Option<Company>, DemoError> {
        let slug = &script.company.slug;
        let control = self.store.control();
        let note = self.unfinished(slug);
        let noted = |cause| DemoError::Note { path: note.clone(), cause };
        match control.tenant_by_slug(slug).await? {
            Some(_) if !note.exists() => return Ok(None),
            Some(tenant) => {
                tracing::info!(slug, "an interrupted demo company is made anew");
                control.discard_tenant(tenant.id).await?;
            }
            None => {}
        }
        let file = std::fs::File::create(&note).map_err(noted)?;
        file.sync_all().map_err(noted)?;
        let age = i64::try_from(COMPANY_AGE.as_millis()).unwrap_or(i64::MAX);
        self.clock.set(self.now.plus_ms(-age));
        let tenant = control.create_tenant(script.company.to_tenant()).await?;
        play::perform(self, &context(&tenant), script).await?;
        std::fs::remove_file(&note).map_err(noted)?;
        Ok(Some(Company { slug: slug.clone(), tickets: script.tickets.len() }))
    }
}

fn context(tenant: &Tenant) -> TenantCtx {
    #[expect(clippy::disallowed_methods, reason = "the operator asked for demo data of this company")]
    TenantCtx::for_operator(tenant.id)
}

/// Makes the demo companies that are absent. Answers those that were made.
pub(crate) async fn make_companies(config: &Config) -> Result<Vec<Company>, DemoError> {
    let stage = Stage::open(config).await?;
    let made = async {
        let mut made = Vec::new();
        for script in script::all()? {
            made.extend(stage.make(&script).await?);
        }
        Ok(made)
    }
    .await;
    stage.store.close().await;
    made
}

/// Makes many tickets in a demo company, which is made first if it is absent.
///
/// The company is one of the two, or one of its own whose slug begins with `demo-`.
pub(crate) async fn make_many(config: &Config, slug: &str, tickets: usize) -> Result<Made, DemoError> {
    let script = script::for_slug(slug)?;
    let stage = Stage::open(config).await?;
    let made = async {
        stage.make(&script).await?;
        let tenant = stage.store.control().tenant_by_slug(slug).await?;
        let tenant = tenant.ok_or_else(|| DemoError::NotDemo(format!("there is no tenant {slug:?}")))?;
        bulk::make(&stage, &context(&tenant), &script, tickets).await
    }
    .await;
    stage.store.close().await;
    made
}

impl script::CompanyText {
    fn to_tenant(&self) -> NewTenant {
        NewTenant {
            slug: self.slug.clone(),
            name: self.name.clone(),
            locale: self.locale.clone(),
            accent_color: self.accent_color.clone(),
        }
    }
}
