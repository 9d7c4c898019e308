//! Where documents go: to the store, or, on the embedded engine beside a running server, through its door
//! to the server, which alone may write there. One step is one transaction.

use std::path::PathBuf;

use flowbit_domain::{
    control::{Tenant, TenantState},
    import::{
        AdoptCompany, Belonging, FindBelonging, FinishImport, ImportBatch, Incoming, Outcome as Fate, Rules,
        Tally,
    },
    text::fold_email,
    user::EMAIL_MAX,
};
use flowbit_store::{Mode, NewTenant, OpenError, Store};
use serde::{Deserialize, Serialize};

use crate::{
    cli::{
        Failure, Outcome, context,
        door::{self, knock},
        errand::Errand,
        find_tenant, operator, try_open_store,
    },
    config::Config,
};

/// The colour of companies that are made; no source has one.
pub(super) const ACCENT_COLOR: &str = "#3b5bdb";

/// Something to be done.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) enum Step {
    /// How a company belongs to a source, if it is there.
    Look { slug: String, source: String, customer: String },
    /// Make a company, which nobody can sign in to yet, unless it is there.
    Make { slug: String, name: String, locale: String, source: String, customer: String },
    /// Take documents.
    Take { slug: String, rules: Rules, documents: Incoming },
    /// Note that an import has come to its end; let people in, if it has kept them out.
    Finish { slug: String, source: String, customer: String, tally: Tally, open: bool },
}

/// What came of it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::cli) enum Answer {
    /// How it belongs.
    Looked(Option<Belonging>),
    /// What became of the documents.
    Taken(Vec<Fate>),
    /// Nothing to say.
    Done,
}

impl Step {
    /// Does it.
    pub(in crate::cli) async fn run(self, store: &Store) -> Outcome<Answer> {
        match self {
            Self::Look { slug, source, customer } => {
                Ok(Answer::Looked(look(store, &slug, source, customer).await?))
            }
            Self::Make { slug, name, locale, source, customer } => {
                let new = NewTenant { slug, name, locale, accent_color: ACCENT_COLOR.to_owned() };
                make(store, new, source, customer).await?;
                Ok(Answer::Done)
            }
            Self::Take { slug, rules, documents } => {
                let tenant = find_tenant(store, &slug).await?;
                Ok(Answer::Taken(take(store, &tenant, rules, documents).await?))
            }
            Self::Finish { slug, source, customer, tally, open } => {
                let tenant = find_tenant(store, &slug).await?;
                let finish = FinishImport { origin: operator(), source, customer, tally };
                store.write(&context(&tenant), finish).await?;
                if open {
                    store.control().set_tenant_state(tenant.id, TenantState::Active).await?;
                }
                Ok(Answer::Done)
            }
        }
    }
}

/// How a company belongs to a source, if it is there.
async fn look(store: &Store, slug: &str, source: String, customer: String) -> Outcome<Option<Belonging>> {
    match store.control().tenant_by_slug(slug).await? {
        Some(tenant) => Ok(Some(store.read(&context(&tenant), FindBelonging { source, customer }).await?)),
        None => Ok(None),
    }
}

async fn make(store: &Store, new: NewTenant, source: String, customer: String) -> Outcome {
    let (slug, name) = (new.slug.clone(), new.name.clone());
    let tenant = match store.control().tenant_by_slug(&slug).await? {
        Some(tenant) => tenant,
        None => store.control().create_tenant(new).await?,
    };
    let ctx = context(&tenant);
    let find = FindBelonging { source: source.clone(), customer: customer.clone() };
    let belongs = store.read(&ctx, find).await?;
    if !matches!(belongs, Belonging::Empty | Belonging::Unfinished) {
        // Somebody else was quicker than the import, after it had looked.
        return Err(Failure::new(format!("the company {slug} has been used by now")));
    }
    // Until the end nobody sees the half of it.
    store.control().set_tenant_state(tenant.id, TenantState::Suspended).await?;
    if belongs == Belonging::Empty {
        store.write(&ctx, AdoptCompany { origin: operator(), source, customer, slug, name }).await?;
    }
    Ok(())
}

async fn take(store: &Store, tenant: &Tenant, rules: Rules, documents: Incoming) -> Outcome<Vec<Fate>> {
    if let Incoming::People(people) = &documents {
        let emails = people.iter().map(|person| fold_email(&person.email));
        let emails = emails.filter(|email| email.len() <= EMAIL_MAX && email.contains('@')).collect();
        // Before the commit: a hint that leads nowhere is harmless, a person who can't be found is not.
        store.control().add_emails(emails, tenant.id).await?;
    }
    Ok(store.write(&context(tenant), ImportBatch { origin: operator(), rules, documents }).await?)
}

/// The way to it.
pub(super) enum Desk {
    /// The data is ours.
    Here(Store),
    /// A server has it.
    Beside(PathBuf),
}

impl Desk {
    /// Opens the data, or finds the door of the server that has it.
    ///
    /// # Errors
    /// When neither can be done.
    pub(super) async fn open(config: &Config, mode: Mode) -> Outcome<Self> {
        match try_open_store(config, mode).await {
            Ok(store) => Ok(Self::Here(store)),
            Err(in_use @ OpenError::InUse { .. }) => {
                let path = door::path(&config.data);
                if path.exists() { Ok(Self::Beside(path)) } else { Err(in_use.into()) }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The store, if it is ours.
    pub(super) fn store(&self) -> Option<&Store> {
        match self {
            Self::Here(store) => Some(store),
            Self::Beside(_) => None,
        }
    }

    /// Does a step.
    ///
    /// # Errors
    /// Why it was not done, or could not be asked for.
    pub(super) async fn perform(&self, step: Step) -> Outcome<Answer> {
        match self {
            Self::Here(store) => step.run(store).await,
            Self::Beside(path) => {
                let lines = knock(path, &Errand::Import(Box::new(step))).await?;
                let line = lines.first().map(String::as_str).unwrap_or_default();
                serde_json::from_str(line)
                    .map_err(|e| Failure::new(format!("the server answers what it should not: {e}")))
            }
        }
    }

    /// Closes it.
    pub(super) async fn close(self) {
        if let Self::Here(store) = self {
            store.close().await;
        }
    }
}
